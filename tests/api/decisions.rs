//! Decisions about a thread, and the trace they leave.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::SignedDuration;
use serde_json::{Value, json};
use within24::domain::clock::shift;
use within24::domain::token::Role;

use crate::calls::{call, edge, now, of_thread, router, router_at, token, world};

#[tokio::test]
async fn every_decision_changes_the_thread_and_says_who_and_when() {
    let world = world().await;
    // Of two words at the same moment neither is the later.
    let mut ticking = edge();
    let seconds = AtomicI64::new(0);
    ticking.now = Arc::new(move || {
        shift(
            now(),
            SignedDuration::from_secs(seconds.fetch_add(1, Ordering::Relaxed)),
        )
    });
    let router = router_at(&world, ticking);
    let lead = token(&*world, 1, "Mara Lind", &[("kontorhaus", Role::Lead)]).await;
    let send = async |method: &str, rest: &str, body: Option<Value>| {
        let call = call(&router, method, &of_thread(rest)).by(&lead);
        let answer = match body {
            Some(body) => call.json(&body).send().await,
            None => call.send().await,
        };
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()
    };
    assert_eq!(send("POST", "/read", None).await["unread"], false);
    let tagged = send(
        "POST",
        "/tags",
        Some(json!({"add": [" warranty ", "lamp"], "remove": ["lamp", "none"]})),
    )
    .await;
    assert_eq!(tagged["tags"], json!(["lamp", "warranty"]));
    let assigned = send("PUT", "/assignee", Some(json!({"to": " jonas@kontorhaus.example "}))).await;
    assert_eq!(assigned["assignee"], "jonas@kontorhaus.example");
    let by_him = call(
        &router,
        "GET",
        "/v1/stores/kontorhaus/threads?assignee=Jonas@kontorhaus.example",
    )
    .by(&lead);
    assert_eq!(by_him.send().await.json()["threads"].as_array().unwrap().len(), 1);
    let excused = send("POST", "/no-response-needed", None).await;
    assert_eq!(
        (&excused["status"], &excused["due_at"]),
        (&json!("no-response-needed"), &Value::Null)
    );
    let waiting = send("POST", "/reopen", None).await;
    assert_eq!(
        (&waiting["status"], &waiting["awaiting_since"]),
        (&json!("needs-response"), &json!("2026-03-06T17:23:00Z"))
    );
    assert_eq!(send("DELETE", "/assignee", None).await["assignee"], Value::Null);
    assert_eq!(send("GET", "", None).await["tags"], json!(["lamp", "warranty"]));

    let again = call(&router, "POST", &of_thread("/reopen")).by(&lead).send().await;
    assert_eq!(again.status, 409);
    let changes = call(&router, "GET", "/v1/stores/kontorhaus/changes")
        .by(&lead)
        .send()
        .await
        .json();
    let mut done: Vec<(String, Value)> = Vec::new();
    for change in changes["changes"].as_array().unwrap() {
        assert!(
            change["at"].as_str().unwrap().starts_with("2026-03-07T17:00:"),
            "{change}"
        );
        if !change["thread"].is_null() {
            assert_eq!(change["by"]["name"], "Mara Lind");
            assert_eq!(change["by"]["token"], lead.split('_').nth(1).unwrap());
            done.push((change["what"].as_str().unwrap().to_owned(), change["about"].clone()));
        }
    }
    done.sort_by(|a, b| a.0.cmp(&b.0));
    let wanted = [
        ("assigned", json!("jonas@kontorhaus.example")),
        ("no-response-needed", Value::Null),
        ("read", Value::Null),
        ("reopened", Value::Null),
        ("tagged", json!("+warranty +lamp -lamp -none")),
        ("unassigned", Value::Null),
    ];
    assert_eq!(done, wanted.map(|(what, about)| (what.to_owned(), about)));
}

#[tokio::test]
async fn a_thread_carries_so_many_labels_and_no_more() {
    let world = world().await;
    let router = router(&world);
    let lead = token(&*world, 1, "Mara", &[("kontorhaus", Role::Lead)]).await;
    for round in 0..6 {
        let labels: Vec<String> = (0..20).map(|n| format!("label-{round}-{n}")).collect();
        let call = call(&router, "POST", &of_thread("/tags")).by(&lead);
        let answer = call.json(&json!({"add": labels})).send().await;
        assert_eq!(answer.status, if round < 5 { 200 } else { 422 }, "{}", answer.text());
    }
    assert_eq!(world.threads()[0].tags.len(), 100);
}
