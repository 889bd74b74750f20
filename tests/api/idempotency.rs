//! What is sent is sent once, however often it is handed in.

use std::sync::Arc;

use serde_json::json;
use within24::domain::token::Role;
use within24::testing::Strike;
use within24_local::{replay, timeline};
use within24_tests::worlds;

use crate::calls::{THREAD, call, of_thread, open_thread, router, store, token, world};

#[tokio::test]
async fn the_same_key_is_the_same_answer_and_another_answer_is_refused() {
    let world = world().await;
    let router = router(&world);
    let mara = token(&*world, 1, "Mara", &[("kontorhaus", Role::Lead)]).await;
    let jonas = token(&*world, 2, "Jonas", &[("kontorhaus", Role::Agent)]).await;
    let send = async |token: &str, key: &str, text: &str| {
        let call = call(&router, "POST", &of_thread("/answers"))
            .by(token)
            .header("idempotency-key", key);
        call.json(&json!({"text": text})).send().await
    };
    let first = send(&mara, "k1", "It is due on Friday.").await;
    assert_eq!(first.status, 202, "{}", first.text());
    let again = send(&mara, "k1", "It is due on Friday.").await;
    assert_eq!((again.status, again.json()), (first.status, first.json()));
    assert_eq!(again.header("location"), first.header("location"));
    let other = send(&mara, "k1", "It is due on Monday.").await;
    assert_eq!(other.status, 422);
    assert!(
        other.json()["type"]
            .as_str()
            .unwrap()
            .ends_with("#idempotency-key-reused")
    );
    assert_eq!(world.outbox().len(), 1);
    let deeds = world.deeds_done();
    assert_eq!(deeds.iter().filter(|did| did.thread.is_some()).count(), 1, "{deeds:?}");
    assert_eq!(
        send(&jonas, "k1", "It is due on Monday.").await.status,
        202,
        "each token's keys are its own"
    );
    assert_eq!(
        send(&mara, "k2", "It is due on Friday.").await.status,
        202,
        "a new key is a new answer"
    );
    assert_eq!(world.outbox().len(), 3);
}

#[tokio::test]
async fn an_answer_needs_a_key() {
    let world = world().await;
    let router = router(&world);
    let mara = token(&*world, 1, "Mara", &[("kontorhaus", Role::Lead)]).await;
    let long = "k".repeat(129);
    for keys in [&[] as &[&str], &[""], &["a b"], &[long.as_str()], &["k1", "k2"]] {
        let mut call = call(&router, "POST", &of_thread("/answers")).by(&mara);
        for key in keys {
            call = call.header("idempotency-key", key);
        }
        assert_eq!(
            call.json(&json!({"text": "It is due on Friday."})).send().await.status,
            400,
            "{keys:?}"
        );
    }
    assert!(world.outbox().is_empty());
}

#[tokio::test]
async fn wherever_the_world_fails_the_same_key_ends_in_one_answer() {
    for strike in [Strike::Before, Strike::After] {
        for number in 1.. {
            let world = world().await;
            let router = router(&world);
            let mara = token(&*world, 1, "Mara", &[("kontorhaus", Role::Lead)]).await;
            let send = async || {
                let call = call(&router, "POST", &of_thread("/answers"))
                    .by(&mara)
                    .header("idempotency-key", "k");
                call.json(&json!({"text": "It is due on Friday."})).send().await
            };
            world.faults.strike(number, strike);
            let first = send().await;
            let calls = world.faults.calls();
            world.faults.calm();
            assert!([202, 503].contains(&first.status.as_u16()), "{}", first.text());
            assert_eq!(send().await.status, 202);
            assert_eq!(world.outbox().len(), 1, "{number}, {strike:?}");
            if number > calls {
                break;
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answers_that_are_handed_in_at_once_are_one() {
    let (machine, _folder) = worlds::machine("2026-03-07T17:00:00Z").await;
    let world = Arc::new(machine.table().clone());
    world.put_store(&store("kontorhaus")).await.unwrap();
    open_thread(&*world, &store("kontorhaus"), THREAD, crate::calls::now()).await;
    let mara = token(&*world, 1, "Mara", &[("kontorhaus", Role::Lead)]).await;
    let router = router(&world);
    let all = (0..8).map(|_| {
        let (router, mara) = (router.clone(), mara.clone());
        tokio::spawn(async move {
            let call = call(&router, "POST", &of_thread("/answers"))
                .by(&mara)
                .header("idempotency-key", "k");
            call.json(&json!({"text": "It is due on Friday."})).send().await
        })
    });
    let mut ids = Vec::new();
    for one in all.collect::<Vec<_>>() {
        let answer = one.await.unwrap();
        assert_eq!(answer.status, 202, "{}", answer.text());
        ids.push(answer.json()["id"].clone());
    }
    ids.dedup();
    assert_eq!(ids.len(), 1);
}

/// From the call to the mail: handed in through the API, sent by the stream, followed to its end.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_goes_out_and_the_thread_is_answered() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/demo");
    let text = std::fs::read_to_string(folder.join("timeline.jsonl")).unwrap();
    let raw = tempfile::tempdir().unwrap();
    let mut machine = replay::run(timeline::parse(&text), &folder, raw.path())
        .await
        .unwrap()
        .machine;
    let world = Arc::new(machine.table().clone());
    let router = router(&world);
    let mara = token(&*world, 1, "Mara Lind", &[("kontorhaus", Role::Lead)]).await;
    let before = machine.sink().sent().len();
    let call_ = call(&router, "POST", &of_thread("/answers"))
        .by(&mara)
        .header("idempotency-key", "k");
    let taken = call_
        .json(&json!({"text": "Hello Rosalind,\n\na new driver is on its way.\n\nMara"}))
        .send()
        .await;
    assert_eq!(taken.json()["state"], "pending");
    machine.settle().await.unwrap();
    assert_eq!(machine.sink().sent().len(), before + 1);
    let followed = call(&router, "GET", taken.header("location")).by(&mara).send().await;
    assert_eq!(followed.json()["state"], "sent", "{}", followed.text());
    let thread = call(&router, "GET", &of_thread("")).by(&mara).send().await.json();
    assert_eq!(
        (&thread["status"], &thread["due_at"]),
        (&json!("answered"), &json!(null))
    );
    let last = thread["messages"].as_array().unwrap().last().unwrap().clone();
    assert_eq!((&last["kind"], &last["by"]), (&json!("reply"), &json!("Mara Lind")));
    let export = call(&router, "GET", &of_thread("/export?format=text"))
        .by(&mara)
        .send()
        .await
        .text();
    assert!(
        export.contains("answered by Mara Lind") && export.contains(": sent ("),
        "{export}"
    );
}
