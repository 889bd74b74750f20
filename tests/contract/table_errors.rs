//! What DynamoDB answers instead of success, and what it means for each kind of call.

use serde_json::{Value, json};
use within24::adapters::dynamodb::Table;
use within24::domain::key::Key;
use within24::domain::metrics::day;
use within24::domain::outgoing::Outgoing;
use within24::ports::{Change, Commit, CommitError, Due, FindDue, FindStore, PortError, ReadBuyer, Refusal};

use super::aws::{Aws, Reply};
use super::{buyer, now, store, store_id, thread};

async fn table(aws: &Aws) -> Table {
    Table::new(aws_sdk_dynamodb::Client::new(&aws.config().await), "t")
}

fn due(name: &str) -> Due {
    let thread = thread(name);
    Due {
        store: thread.store,
        buyer: thread.buyer,
        thread: thread.id,
        alert_at: now(),
        due_at: now(),
    }
}

/// A new item of the outbox, and a place in the day's budget.
fn changes() -> Vec<Change> {
    let item = Outgoing::reply(&thread("t"), "x".into(), "Mara".into(), false, "w", now());
    let spend = Change::Spend {
        store: store_id(),
        day: day(now()),
        limit: 5,
    };
    vec![Change::Outgoing(Box::new(item)), spend]
}

/// Every kind of call that a port makes, on a table that always replies so: each call's failure, and how often it was made.
async fn failures(reply: &Reply) -> Vec<(&'static str, PortError, usize)> {
    let mut failures = Vec::new();
    for operation in [
        "GetItem",
        "Query",
        "BatchGetItem",
        "TransactWriteItems",
        "PutItem",
        "Scan",
    ] {
        let aws = Aws::replying([reply.clone()]);
        let table = table(&aws).await;
        let failure = match operation {
            "GetItem" => table.store(&store_id()).await.map(drop),
            "Query" => table.buyer(&store_id(), &buyer()).await.map(drop),
            "BatchGetItem" => table.threads(&[due("t")]).await.map(drop),
            "TransactWriteItems" => match table.commit(changes()).await {
                Err(CommitError::Port(error)) => Err(error),
                other => panic!("{reply:?}: {other:?}"),
            },
            "PutItem" => table.put_store(&store()).await,
            _ => table.all_threads().await.map(drop),
        };
        let asked = aws.asked();
        assert!(
            asked.iter().all(|request| request.operation() == operation),
            "{operation}"
        );
        failures.push((operation, failure.unwrap_err(), asked.len()));
    }
    failures
}

/// Source: DynamoDB developer guide, "Error handling with DynamoDB".
#[tokio::test]
async fn each_answer_of_dynamodb_is_for_good_or_for_the_moment() {
    let error = Reply::json_error;
    for (reply, code, retry, attempts) in [
        (error(400, "AccessDeniedException"), "AccessDeniedException", false, 1),
        (Reply::Answer(403, Vec::new(), Vec::new()), "AccessDenied", false, 1),
        (
            error(400, "ResourceNotFoundException"),
            "ResourceNotFoundException",
            false,
            1,
        ),
        (error(400, "ValidationException"), "ValidationException", false, 1),
        (error(400, "SerializationException"), "SerializationException", false, 1),
        (
            error(400, "ItemCollectionSizeLimitExceededException"),
            "ItemCollectionSizeLimitExceededException",
            false,
            1,
        ),
        (
            error(400, "ProvisionedThroughputExceededException"),
            "ProvisionedThroughputExceededException",
            true,
            3,
        ),
        (error(400, "ThrottlingException"), "ThrottlingException", true, 3),
        (error(400, "RequestLimitExceeded"), "RequestLimitExceeded", true, 3),
        (
            error(400, "TransactionInProgressException"),
            "TransactionInProgressException",
            true,
            3,
        ),
        (error(400, "LimitExceededException"), "LimitExceededException", true, 3),
        (error(400, "ExpiredTokenException"), "ExpiredTokenException", true, 1),
        (
            error(400, "UnrecognizedClientException"),
            "UnrecognizedClientException",
            true,
            1,
        ),
        (error(500, "InternalServerError"), "InternalServerError", true, 3),
        (error(503, "ServiceUnavailable"), "ServiceUnavailable", true, 3),
        (Reply::Answer(502, Vec::new(), Vec::new()), "HTTP 502", true, 3),
        (Reply::Cut, "dispatch", true, 3),
        (Reply::Silence, "timeout", true, 1),
    ] {
        for (operation, failure, asked) in failures(&reply).await {
            assert_eq!(failure.retry(), retry, "{operation}: {failure}");
            assert!(failure.to_string().ends_with(code), "{operation}: {failure}");
            assert_eq!(asked, attempts, "{operation}: {code}");
        }
    }
}

#[tokio::test]
async fn a_call_that_succeeds_at_a_later_attempt_has_succeeded() {
    let throttled = || Reply::json_error(400, "ThrottlingException");
    let aws = Aws::replying([throttled(), Reply::Cut, Reply::ok("{}")]);
    assert_eq!(table(&aws).await.store(&store_id()).await.unwrap(), None);
    assert_eq!(aws.asked().len(), 3);
}

fn cancelled(reasons: &[&str]) -> Reply {
    let reasons: Vec<Value> = reasons.iter().map(|code| json!({"Code": code})).collect();
    Reply::json_error_with(400, "TransactionCanceledException", &json!(reasons))
}

/// What a commit of [`changes`] comes to on a table that replies so, and how often it was made.
async fn committed(replies: impl IntoIterator<Item = Reply>) -> (Result<(), CommitError>, Aws) {
    let aws = Aws::replying(replies);
    let done = Table::new(aws_sdk_dynamodb::Client::new(&aws.config().await), "t")
        .commit(changes())
        .await;
    (done, aws)
}

/// Source: DynamoDB API, TransactWriteItems, Errors: the reasons stand in the order of the items.
#[tokio::test]
async fn a_failed_condition_is_refused_as_the_change_in_its_place_says() {
    for (reasons, wanted) in [
        (["ConditionalCheckFailed", "None"], Refusal::Duplicate),
        (["None", "ConditionalCheckFailed"], Refusal::Spent),
        (["ConditionalCheckFailed", "ConditionalCheckFailed"], Refusal::Duplicate),
        (["TransactionConflict", "ConditionalCheckFailed"], Refusal::Spent),
        (["ConditionalCheckFailed", "ThrottlingError"], Refusal::Duplicate),
    ] {
        let (done, aws) = committed([cancelled(&reasons)]).await;
        assert!(
            matches!(done, Err(CommitError::Refused(refusal)) if refusal == wanted),
            "{reasons:?}: {done:?}"
        );
        assert_eq!(aws.asked().len(), 1, "{reasons:?}");
    }
}

#[tokio::test]
async fn a_transaction_cancelled_for_another_reason_is_for_good_or_for_the_moment() {
    for (reasons, code, retry) in [
        (["ThrottlingError", "None"], "ThrottlingError", true),
        (
            ["None", "ProvisionedThroughputExceeded"],
            "ProvisionedThroughputExceeded",
            true,
        ),
        (
            ["None", "ItemCollectionSizeLimitExceeded"],
            "ItemCollectionSizeLimitExceeded",
            false,
        ),
        (["ValidationError", "None"], "ValidationError", false),
        (["ThrottlingError", "ValidationError"], "ValidationError", false),
        (["TransactionConflict", "ValidationError"], "ValidationError", false),
        (["None", "None"], "TransactionCanceledException", true),
    ] {
        let (done, aws) = committed([cancelled(&reasons)]).await;
        let Err(CommitError::Port(failure)) = done else {
            panic!("{reasons:?}: {done:?}");
        };
        assert_eq!(failure.retry(), retry, "{reasons:?}: {failure}");
        assert!(failure.to_string().ends_with(code), "{failure}");
        assert_eq!(aws.asked().len(), 1, "{reasons:?}");
    }
}

#[tokio::test]
async fn a_transaction_that_met_another_is_made_again_some_times() {
    let conflict = || cancelled(&["TransactionConflict", "None"]);
    let (done, aws) = committed([conflict(), conflict(), Reply::ok("{}")]).await;
    assert!(done.is_ok(), "{done:?}");
    assert_eq!(aws.asked().len(), 3);
    let (done, aws) = committed([conflict()]).await;
    let Err(CommitError::Port(failure)) = done else {
        panic!("{done:?}");
    };
    assert!(
        failure.retry() && failure.to_string().ends_with("TransactionConflict"),
        "{failure}"
    );
    assert_eq!(aws.asked().len(), 5);
}

/// The first attempt may have been carried out: DynamoDB tells the second by the token, and does not fail its own conditions.
#[tokio::test]
async fn every_attempt_at_a_transaction_bears_the_same_token() {
    let (done, aws) = committed([
        Reply::Cut,
        Reply::json_error(500, "InternalServerError"),
        Reply::ok("{}"),
    ])
    .await;
    assert!(done.is_ok(), "{done:?}");
    let tokens: Vec<Value> = aws
        .asked()
        .iter()
        .map(|request| request.json()["ClientRequestToken"].clone())
        .collect();
    assert_eq!(tokens.len(), 3);
    assert!(
        tokens[0].is_string() && tokens.iter().all(|token| *token == tokens[0]),
        "{tokens:?}"
    );
}

/// What the request asks for, by sort key.
fn keys(request: &Value) -> Vec<String> {
    let keys = request["RequestItems"]["t"]["Keys"].as_array().unwrap();
    keys.iter()
        .map(|key| key["sk"]["S"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn keys_that_a_batch_left_out_are_read_again() {
    let aws = Aws::new({
        let mut calls = 0;
        move |request| {
            calls += 1;
            let call = request.json();
            let asked = call["RequestItems"]["t"]["Keys"].as_array().unwrap();
            // Nothing at first, then one a call.
            let read = usize::from(calls > 1);
            let left = &asked[read..];
            let left = if left.is_empty() {
                json!({})
            } else {
                json!({"t": {"Keys": left, "ConsistentRead": true}})
            };
            Reply::json(&json!({"Responses": {"t": []}, "UnprocessedKeys": left}))
        }
    });
    let table = table(&aws).await;
    assert_eq!(table.threads(&[due("a"), due("b"), due("c")]).await.unwrap(), []);
    let asked: Vec<Value> = aws.asked().iter().map(super::aws::Request::json).collect();
    assert_eq!(
        asked.iter().map(|call| keys(call).len()).collect::<Vec<_>>(),
        [3, 3, 2, 1]
    );
    for call in &asked {
        assert_eq!(call["RequestItems"]["t"]["ConsistentRead"], true);
    }
}

#[tokio::test]
async fn a_batch_that_is_never_read_is_given_up_for_the_moment() {
    let aws = Aws::new(|request| {
        let left = &request.json()["RequestItems"];
        Reply::json(&json!({"Responses": {"t": []}, "UnprocessedKeys": left}))
    });
    let failure = table(&aws).await.threads(&[due("a")]).await.unwrap_err();
    assert!(
        failure.retry() && failure.to_string().ends_with("UnprocessedKeys"),
        "{failure}"
    );
    assert_eq!(aws.asked().len(), 5);
}

#[tokio::test]
async fn what_a_failure_quotes_is_not_repeated() {
    for (_, failure, _) in failures(&Reply::json_error(400, "ValidationException")).await {
        assert!(!format!("{failure} {failure:?}").contains("Vera"), "{failure:?}");
    }
}

/// A row that another version wrote is not taken for one of ours.
#[tokio::test]
async fn a_report_of_an_unknown_kind_is_an_error() {
    let text = |text: &str| json!({"S": text});
    let row = |what: &str| {
        let sk = format!("2026-03-02T09:15:00.000Z#{}", Key::of(&["r"]).as_str());
        let row = json!({"pk": text("p"), "sk": text(&sk), "at": text("2026-03-02T09:15:00Z"), "what": text(what), "reason": text("r")});
        Reply::json(&json!({"Items": [row], "Count": 1}))
    };
    let known = table(&Aws::replying([row("mail")]))
        .await
        .reports(&store_id())
        .await
        .unwrap();
    assert_eq!(known.len(), 1);
    let unknown = table(&Aws::replying([row("unheard")])).await.reports(&store_id()).await;
    assert!(!unknown.unwrap_err().retry());
}
