//! What SNS, Secrets Manager and SQS answer, and what it means.

use std::sync::atomic::{AtomicI64, Ordering};

use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use within24::adapters::call_message;
use within24::adapters::s3::LargeCalls;
use within24::adapters::secrets::StoredSecrets;
use within24::adapters::sns::AlertTopic;
use within24::adapters::sqs::{CallQueue, WebhookQueue};
use within24::adapters::webhook_message::{self, Read};
use within24::domain::alert::AlertMail;
use within24::domain::endpoint::{CallId, EndpointId};
use within24::domain::key::Key;
use within24::domain::webhook::{Secrets, Source};
use within24::ports::{DueCall, Ported, QueueCall, QueueWebhook, ReadSecrets, TellOperator};

use super::aws::{Aws, Reply};
use super::{bucket, now, store_id};

/// A reply, the code that the error names, whether the call may succeed later, and how often it is made at once.
type Case = (Reply, &'static str, bool, usize);

/// What any service may answer, in its own form.
fn common(error: fn(u16, &str) -> Reply) -> Vec<Case> {
    vec![
        (error(400, "ThrottlingException"), "ThrottlingException", true, 3),
        (error(403, "ExpiredTokenException"), "ExpiredTokenException", true, 1),
        (
            error(403, "InvalidSignatureException"),
            "InvalidSignatureException",
            true,
            1,
        ),
        (error(503, "ServiceUnavailable"), "ServiceUnavailable", true, 3),
        (error(400, "SomethingNew"), "SomethingNew", true, 1),
        (Reply::Answer(500, Vec::new(), Vec::new()), "HTTP 500", true, 3),
        (Reply::Answer(403, Vec::new(), Vec::new()), "AccessDenied", false, 1),
        (Reply::Cut, "dispatch", true, 3),
        (Reply::Silence, "timeout", true, 1),
    ]
}

/// The codes that no later attempt mends, and those that the service itself tries again.
fn cases(error: fn(u16, &str) -> Reply, for_good: &[&'static str], server: &[&'static str]) -> Vec<Case> {
    let mut cases = common(error);
    cases.extend(for_good.iter().map(|code| (error(400, code), *code, false, 1)));
    cases.extend(server.iter().map(|code| (error(500, code), *code, true, 3)));
    cases
}

async fn each_means<T>(cases: Vec<Case>, call: impl AsyncFn(&Aws) -> Ported<T>) {
    for (reply, code, retry, attempts) in cases {
        let aws = Aws::replying([reply]);
        let Err(error) = call(&aws).await else {
            panic!("{code} is no success");
        };
        assert_eq!(error.retry(), retry, "{code}: {error}");
        assert!(error.to_string().ends_with(code), "{error}");
        assert_eq!(aws.asked().len(), attempts, "{code}");
    }
}

const TOPIC: &str = "arn:aws:sns:eu-west-1:123456789012:alerts";

async fn told(aws: &Aws) -> Ported<()> {
    let topic = AlertTopic::new(aws_sdk_sns::Client::new(&aws.config().await), TOPIC);
    let mail = AlertMail {
        subject: "within24: 1 critical".to_owned(),
        text: "Buyer messages & more".to_owned(),
    };
    topic.tell(&mail).await
}

#[tokio::test]
async fn the_operators_mail_is_published_once_to_the_topic() {
    let aws = Aws::replying([Reply::ok(
        "<PublishResponse><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>",
    )]);
    told(&aws).await.unwrap();
    let asked = aws.asked();
    assert_eq!(asked.len(), 1);
    let form: Vec<String> = String::from_utf8(asked[0].body.clone())
        .unwrap()
        .split('&')
        .map(str::to_owned)
        .collect();
    for part in [
        "Action=Publish",
        "TopicArn=arn%3Aaws%3Asns%3Aeu-west-1%3A123456789012%3Aalerts",
        "Subject=within24%3A%201%20critical",
        "Message=Buyer%20messages%20%26%20more",
    ] {
        assert!(form.iter().any(|one| one == part), "{part} in {form:?}");
    }
}

/// Source: SNS API, Publish, Errors.
#[tokio::test]
async fn each_answer_of_sns_is_for_good_or_for_the_moment() {
    let for_good = [
        "AuthorizationError",
        "InvalidParameter",
        "ParameterValueInvalid",
        "InvalidSecurity",
        "NotFound",
        "KMSAccessDenied",
        "KMSDisabled",
        "KMSInvalidState",
        "KMSNotFound",
        "KMSOptInRequired",
        "ValidationException",
    ];
    let mut cases = cases(Reply::query_error, &for_good, &["InternalError"]);
    cases.push((Reply::query_error(400, "KMSThrottling"), "KMSThrottling", true, 1));
    each_means(cases, told).await;
}

fn noon() -> Timestamp {
    now()
}

async fn read(aws: &Aws) -> Ported<()> {
    let client = aws_sdk_secretsmanager::Client::new(&aws.config().await);
    StoredSecrets::new(client, "webhooks", noon)
        .webhook_secrets()
        .await
        .map(drop)
}

/// Source: Secrets Manager API, GetSecretValue, Errors.
#[tokio::test]
async fn each_answer_of_secrets_manager_is_for_good_or_for_the_moment() {
    let for_good = [
        "AccessDeniedException",
        "DecryptionFailure",
        "InvalidParameterException",
        "InvalidRequestException",
        "ResourceNotFoundException",
    ];
    each_means(cases(Reply::json_error, &for_good, &["InternalServiceError"]), read).await;
}

#[tokio::test]
async fn a_secret_that_cannot_be_read_is_for_good_and_is_not_quoted() {
    for text in ["hush", r#"{"de": "hush"}"#, r#"{"de": {"zendisk": "hush"}}"#] {
        let aws = Aws::replying([Reply::json(&json!({"Name": "webhooks", "SecretString": text}))]);
        let error = read(&aws).await.unwrap_err();
        assert!(!error.retry() && !error.to_string().contains("hush"), "{error}");
    }
    let aws = Aws::replying([Reply::json(&json!({"Name": "webhooks", "SecretBinary": "aHVzaA=="}))]);
    assert_eq!(read(&aws).await.unwrap_err().to_string(), "secrets refused: no text");
}

/// Seconds since `now()`, for the one test that lets time pass.
static PASSED: AtomicI64 = AtomicI64::new(0);

fn clock() -> Timestamp {
    now() + SignedDuration::from_secs(PASSED.load(Ordering::SeqCst))
}

#[tokio::test]
async fn secrets_are_read_again_after_five_minutes_and_a_failure_is_not_kept() {
    let secret = |text: &str| {
        Reply::json(&json!({"Name": "webhooks", "SecretString": format!(r#"{{"de": {{"zendesk": "{text}"}}}}"#)}))
    };
    let denied = Reply::json_error(400, "AccessDeniedException");
    let aws = Aws::replying([denied, secret("one"), secret("two")]);
    let client = aws_sdk_secretsmanager::Client::new(&aws.config().await);
    let secrets = StoredSecrets::new(client, "webhooks", clock);
    assert!(secrets.webhook_secrets().await.is_err());
    for (second, text, asked) in [(0, "one", 2), (299, "one", 2), (300, "two", 3), (301, "two", 3)] {
        PASSED.store(second, Ordering::SeqCst);
        let mut wanted = Secrets::default();
        wanted.add(store_id(), Source::Zendesk, text);
        assert_eq!(*secrets.webhook_secrets().await.unwrap(), wanted, "after {second} s");
        assert_eq!(aws.asked().len(), asked, "after {second} s");
    }
    let request = &aws.asked()[0];
    assert_eq!(
        (request.operation(), request.json()),
        ("GetSecretValue", json!({"SecretId": "webhooks"}))
    );
}

const QUEUE: &str = "https://sqs.eu-west-1.amazonaws.com/123456789012/queue";

async fn queued(aws: &Aws) -> Ported<()> {
    let config = aws.config().await;
    let large = LargeCalls::new(bucket::client(&config), "bucket");
    let queue = WebhookQueue::new(aws_sdk_sqs::Client::new(&config), QUEUE, large);
    queue.queue(&bucket::told(b"{}".to_vec())).await
}

fn due() -> DueCall {
    DueCall {
        id: CallId {
            store: store_id(),
            endpoint: EndpointId::parse("0123456789abcdef").unwrap(),
            event_at: now(),
            event: Key::of(&["e"]),
        },
        version: 3,
    }
}

async fn call_queued(aws: &Aws) -> Ported<()> {
    let queue = CallQueue::new(aws_sdk_sqs::Client::new(&aws.config().await), QUEUE);
    queue.queue_call(&due(), SignedDuration::ZERO).await
}

/// Source: SQS API, SendMessage, Errors.
#[tokio::test]
async fn each_answer_of_sqs_is_for_good_or_for_the_moment() {
    let sqs = || {
        let for_good = [
            "AccessDenied",
            "AccessDeniedException",
            "AWS.SimpleQueueService.NonExistentQueue",
            "AWS.SimpleQueueService.UnsupportedOperation",
            "InvalidAddress",
            "InvalidMessageContents",
            "InvalidParameterValue",
            "InvalidSecurity",
            "KMS.AccessDeniedException",
            "KMS.DisabledException",
            "KMS.InvalidKeyUsageException",
            "KMS.InvalidStateException",
            "KMS.NotFoundException",
            "KMS.OptInRequired",
        ];
        let mut cases = cases(Reply::sqs_error, &for_good, &["InternalError"]);
        cases.push((Reply::sqs_error(403, "RequestThrottled"), "RequestThrottled", true, 3));
        cases.push((
            Reply::sqs_error(400, "KMS.ThrottlingException"),
            "KMS.ThrottlingException",
            true,
            1,
        ));
        cases
    };
    each_means(sqs(), queued).await;
    each_means(sqs(), call_queued).await;
}

#[tokio::test]
async fn a_message_is_queued_as_its_reader_reads_it() {
    let aws = Aws::replying([Reply::ok(r#"{"MessageId":"m1"}"#)]);
    queued(&aws).await.unwrap();
    call_queued(&aws).await.unwrap();
    let asked = aws.asked();
    let message = |number: usize| {
        let call = asked[number].json();
        assert_eq!(
            (asked[number].operation(), &call["QueueUrl"]),
            ("SendMessage", &json!(QUEUE))
        );
        call["MessageBody"].as_str().unwrap().to_owned()
    };
    assert_eq!(
        webhook_message::read(&message(0)),
        Some(Read::Whole(bucket::told(b"{}".to_vec())))
    );
    assert_eq!(
        call_message::read(&message(1)),
        Some(call_message::Asked::Attempt(due()))
    );
    assert_eq!(asked.len(), 2);
}

/// SQS delays a message by whole seconds, at most 900.
#[tokio::test]
async fn a_call_comes_not_before_its_time_and_within_what_sqs_can_wait() {
    let aws = Aws::replying([Reply::ok(r#"{"MessageId":"m1"}"#)]);
    let queue = CallQueue::new(aws_sdk_sqs::Client::new(&aws.config().await), QUEUE);
    for (wait, seconds) in [
        (-5_000, 0),
        (0, 0),
        (1, 1),
        (1_000, 1),
        (1_001, 2),
        (900_000, 900),
        (86_400_000, 900),
    ] {
        queue
            .queue_call(&due(), SignedDuration::from_millis(wait))
            .await
            .unwrap();
        let call = aws.asked().last().unwrap().json();
        assert_eq!(call["DelaySeconds"], seconds, "{wait} ms");
    }
}
