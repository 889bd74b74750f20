//! Errors as callers see them: always a problem, never a word of ours.

use std::sync::Arc;

use axum::Router;
use serde_json::{Value, json};
use within24::domain::token::{Bearer, RANDOM_BYTES, Role};
use within24::testing::{Memory, Strike};

use crate::calls::{Answer, call, edge, of_thread, router, router_at, token, world};
use crate::document::{closed, faults, load};

async fn here() -> (Arc<Memory>, Router, String) {
    let world = world().await;
    let router = router(&world);
    let admin = token(&*world, 1, "admin", &[("*", Role::Admin)]).await;
    (world, router, admin)
}

/// A problem of this status, as the document describes it.
fn is_problem(answer: &Answer, status: u16) -> Value {
    assert_eq!(answer.status.as_u16(), status, "{}", answer.text());
    assert_eq!(answer.header("content-type"), "application/problem+json");
    let problem = answer.json();
    let document = load();
    let schema = if problem["type"] == "about:blank" {
        "Problem"
    } else {
        "InvalidContent"
    };
    let validator = closed(&document, &json!({"$ref": format!("#/components/schemas/{schema}")}));
    assert_eq!(faults(&validator, &problem), [""; 0]);
    assert_eq!(problem["status"], status);
    assert_eq!(problem["request_id"], answer.header("x-request-id"));
    problem
}

#[tokio::test]
async fn what_is_not_there_is_a_problem_too() {
    let (_, router, admin) = here().await;
    for path in [
        "/",
        "/v1",
        "/v1/",
        "/v2/health",
        "/v1/stores/",
        "/v1/health/",
        "/v1//health",
        "/screen",
        "/v1/stores/a/b/c",
    ] {
        is_problem(&call(&router, "GET", path).send().await, 404);
        is_problem(&call(&router, "GET", path).by(&admin).send().await, 404);
    }
    is_problem(
        &call(&router, "GET", "/v1/stores/%ff/threads").by(&admin).send().await,
        400,
    );
    is_problem(
        &call(&router, "GET", "/v1/stores/a%20b/threads").by(&admin).send().await,
        404,
    );
}

#[tokio::test]
async fn another_method_is_told_which_there_are() {
    let (_, router, admin) = here().await;
    let cases = [
        ("/v1/health", "GET,HEAD"),
        ("/v1/tokens", "GET,HEAD,POST"),
        (&of_thread("/assignee"), "DELETE,PUT"),
    ];
    for (path, wanted) in cases {
        for method in ["PATCH", "OPTIONS", "TRACE"] {
            let answer = call(&router, method, path).by(&admin).send().await;
            is_problem(&answer, 405);
            let mut allowed: Vec<&str> = answer.header("allow").split(',').collect();
            allowed.sort_unstable();
            assert_eq!(allowed.join(","), wanted, "{method} {path}");
        }
    }
}

#[tokio::test]
async fn what_cannot_be_read_is_told_without_a_word_of_it() {
    let (_, router, admin) = here().await;
    let tags = of_thread("/tags");
    let send = async |kind: &str, body: &str| {
        let call = call(&router, "POST", &tags).by(&admin);
        call.raw(kind, body.to_owned()).send().await
    };
    for body in [
        "",
        "{",
        "secret",
        r#"{"add":["secret"]} secret"#,
        "\u{feff}{}",
        r#"{"add":["\ud800"]}"#,
    ] {
        let told = is_problem(&send("application/json", body).await, 400);
        assert!(!told.to_string().contains("secret"), "{told}");
    }
    for body in [
        "null",
        "[]",
        r#"[["a"],["b"]]"#,
        "{}",
        r#"{"add":"secret"}"#,
        r#"{"add":[7]}"#,
        r#"{"add":[]}"#,
        r#"{"add":["ok"],"secret":1}"#,
        r#"{"add":[" "]}"#,
        r#"{"add":["a\u0000b"]}"#,
        r#"{"add":["a"],"add":["b"]}"#,
    ] {
        let told = is_problem(&send("application/json", body).await, 422);
        let details: Vec<&Value> = told["errors"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| &one["detail"])
            .collect();
        assert!(
            details.iter().all(|detail| !detail.to_string().contains("secret")),
            "{told}"
        );
    }
    let long = json!({"add": ["x".repeat(101)]}).to_string();
    assert_eq!(
        is_problem(&send("application/json", &long).await, 422)["errors"][0]["pointer"],
        "/add/0"
    );
    for kind in [
        "text/plain",
        "",
        "application/jsonp",
        "application/x-www-form-urlencoded",
    ] {
        is_problem(&send(kind, r#"{"add":["x"]}"#).await, 415);
    }
    for kind in ["application/json", "Application/JSON; charset=utf-8"] {
        assert_eq!(send(kind, r#"{"add":["x"]}"#).await.status, 200);
    }
    let huge = format!(r#"{{"add":["{}"]}}"#, "x".repeat(5 * 1024 * 1024));
    is_problem(&send("application/json", &huge).await, 413);
}

#[tokio::test]
async fn a_query_is_taken_whole_or_not_at_all() {
    let (_, router, admin) = here().await;
    let list = "/v1/stores/kontorhaus/threads";
    for query in [
        "unknown=1",
        "Status=answered",
        "status=open",
        "status=",
        "status=answered&status=answered",
        "limit=0",
        "limit=101",
        "limit=-1",
        "limit=x",
        "limit=1.0",
        "due_by=today",
        "due_by=2026-03-02",
        "marketplace=de",
        "marketplace=UK",
        "tag=",
        "unread=yes",
        "unread=TRUE",
        "archived=1",
        "order_id=123",
        "case_id=.",
        "case_id=a%20b",
        "buyer=vera@example.com",
        "cursor=",
        "cursor=%25%25",
        "cursor=AAAA%3D",
        "cursor=4pyT",
    ] {
        is_problem(
            &call(&router, "GET", &format!("{list}?{query}")).by(&admin).send().await,
            400,
        );
    }
    for (path, query) in [
        ("/v1/health", "a=b"),
        ("/v1/stores", "limit=1"),
        ("/v1/stores/kontorhaus/reports", "cursor=AAAA"),
        ("/v1/stores/kontorhaus/metrics/days", "first=2026-03-02&last=2026-03-01"),
        ("/v1/stores/kontorhaus/metrics/days", "first=2020-01-01"),
        ("/v1/stores/kontorhaus/metrics/days", "first=20260302"),
        (&of_thread("/export"), "format=pdf"),
    ] {
        is_problem(
            &call(&router, "GET", &format!("{path}?{query}")).by(&admin).send().await,
            400,
        );
    }
    let good = "?status=answered&limit=100&unread=false&due_by=2026-03-02T09%3A00%3A00%2B01%3A00";
    assert_eq!(
        call(&router, "GET", &format!("{list}{good}"))
            .by(&admin)
            .send()
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn whoever_has_no_right_token_hears_the_same() {
    let (world, router, admin) = here().await;
    let gone = token(&*world, 2, "gone", &[("*", Role::Admin)]).await;
    let id = gone.split('_').nth(1).unwrap();
    let revoked = call(&router, "DELETE", &format!("/v1/tokens/{id}"))
        .by(&admin)
        .send()
        .await;
    assert_eq!(revoked.status, 204);
    let mut wrong = [1; RANDOM_BYTES];
    wrong[RANDOM_BYTES - 1] = 9;
    let wrong = Bearer::new(&wrong).reveal();
    assert_eq!(
        wrong.split('_').nth(1),
        admin.split('_').nth(1),
        "the id is right, the secret is not"
    );
    let unknown = Bearer::new(&[7; RANDOM_BYTES]).reveal();
    let headers: Vec<Vec<String>> = vec![
        vec![],
        vec![String::new()],
        vec!["Bearer".to_owned()],
        vec!["Bearer ".to_owned()],
        vec![format!("Basic {admin}")],
        vec![admin.clone()],
        vec![format!("Bearer {admin}x")],
        vec![format!("Bearer {unknown}")],
        vec![format!("Bearer {wrong}")],
        vec![format!("Bearer {gone}")],
        vec![format!("Bearer {admin}"), format!("Bearer {admin}")],
    ];
    let mut told = Vec::new();
    for values in headers {
        let mut call = call(&router, "GET", "/v1/stores");
        for value in &values {
            call = call.header("authorization", value);
        }
        let answer = call.send().await;
        let mut problem = is_problem(&answer, 401);
        assert_eq!(answer.header("www-authenticate"), "Bearer");
        problem["request_id"].take();
        told.push(problem);
    }
    told.dedup();
    assert_eq!(told.len(), 1);
    assert_eq!(
        call(&router, "GET", "/v1/stores")
            .header("authorization", &format!("bearer {admin}"))
            .send()
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn every_answer_is_private_and_has_an_id_of_its_own() {
    let (_, router, admin) = here().await;
    let mut ids = Vec::new();
    for (method, path) in [
        ("GET", "/v1/health"),
        ("GET", "/none"),
        ("PATCH", "/v1/health"),
        ("GET", "/v1/stores"),
    ] {
        let answer = call(&router, method, path)
            .by(&admin)
            .header("x-request-id", "chosen")
            .send()
            .await;
        assert_eq!(answer.header("cache-control"), "no-store");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert!(
            answer
                .headers
                .keys()
                .all(|name| !name.as_str().starts_with("access-control")),
            "no CORS"
        );
        ids.push(answer.header("x-request-id").to_owned());
    }
    ids.sort_unstable();
    ids.dedup();
    assert!(ids.len() == 4 && !ids.contains(&"chosen".to_owned()), "{ids:?}");
}

#[tokio::test]
async fn a_world_that_fails_is_told_as_that_and_no_more() {
    let (world, router, admin) = here().await;
    // The first call of the day notes that the token is used; where that fails, the call does not.
    world.faults.strike(2, Strike::Before);
    assert_eq!(call(&router, "GET", &of_thread("")).by(&admin).send().await.status, 200);
    world.faults.calm();
    assert_eq!(call(&router, "GET", &of_thread("")).by(&admin).send().await.status, 200);
    for number in 1..4 {
        world.faults.strike(number, Strike::Before);
        let answer = call(&router, "GET", &of_thread("")).by(&admin).send().await;
        let told = is_problem(&answer, 503).to_string();
        assert_eq!(answer.header("retry-after"), "1");
        assert!(!told.contains("struck") && !told.contains("fake"), "{told}");
        world.faults.calm();
    }
    assert_eq!(call(&router, "GET", &of_thread("")).by(&admin).send().await.status, 200);
}

#[tokio::test]
async fn a_panic_is_a_problem_without_what_it_said() {
    let (world, _, admin) = here().await;
    let mut broken = edge();
    broken.random = Arc::new(|bytes: &mut [u8]| {
        assert!(bytes.len() < RANDOM_BYTES, "secret words");
        bytes.fill(1);
    });
    let router = router_at(&world, broken);
    let body = json!({"name": "x", "scopes": {"kontorhaus": "agent"}});
    let answer = call(&router, "POST", "/v1/tokens").by(&admin).json(&body).send().await;
    let told = is_problem(&answer, 500).to_string();
    assert!(!told.contains("secret"), "{told}");
    assert_eq!(call(&router, "GET", "/v1/stores").by(&admin).send().await.status, 200);
}

#[tokio::test]
async fn a_token_that_asks_too_much_is_told_when_to_ask_again() {
    let (world, _, admin) = here().await;
    let other = token(&*world, 2, "other", &[("kontorhaus", Role::Agent)]).await;
    let mut narrow = edge();
    narrow.limit.at_once = 3.0;
    narrow.limit.a_second = 0.1;
    let router = router_at(&world, narrow);
    for _ in 0..3 {
        assert_eq!(call(&router, "GET", "/v1/stores").by(&admin).send().await.status, 200);
    }
    let answer = call(&router, "GET", "/v1/stores").by(&admin).send().await;
    is_problem(&answer, 429);
    assert_eq!(answer.header("retry-after"), "10");
    assert_eq!(call(&router, "GET", "/v1/stores").by(&other).send().await.status, 200);
}

/// The gateway's event in, its answer out, as Lambda passes them on.
#[tokio::test]
async fn the_gateway_is_answered_under_its_own_request_id() {
    use lambda_http::{Body, request};
    let (_, router, admin) = here().await;
    let event = json!({
        "version": "2.0", "routeKey": "ANY /v1/{proxy+}", "rawPath": "/v1/stores", "rawQueryString": "",
        "headers": {"authorization": format!("Bearer {admin}"), "host": "api.example"},
        "requestContext": {
            "accountId": "1", "apiId": "api", "domainName": "api.example", "domainPrefix": "api", "requestId": "JKJaXmPLvHcESHA=",
            "routeKey": "ANY /v1/{proxy+}", "stage": "$default", "time": "12/Mar/2026:19:03:58 +0000", "timeEpoch": 1,
            "http": {"method": "GET", "path": "/v1/stores", "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1", "userAgent": "curl"},
        },
        "isBase64Encoded": false,
    });
    let request = request::from_str(&event.to_string()).unwrap();
    let request = request.map(|body: Body| axum::body::Body::from(body.to_vec()));
    let response = tower::ServiceExt::oneshot(router, request).await.unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["x-request-id"], "JKJaXmPLvHcESHA=");
}
