//! What calls cost, as DynamoDB reports it.

use std::sync::Arc;

use jiff::SignedDuration;
use within24::domain::clock::shift;
use within24::domain::key::Key;
use within24::domain::message::{Fact, Message, MessageKind};
use within24::domain::token::Role;
use within24::ports::{Change, Commit};
use within24_tests::worlds;

use crate::calls::{THREAD, call, now, of_thread, open_thread, router, store, token};

/// A kilobyte of words, hardly any of them twice in one message.
fn words(number: usize) -> String {
    let lamp = "the shade of the brass lamp came loose from its ring after the second evening and the driver hums when it is warm";
    let mut text = format!("Message {number}. ");
    for (place, word) in lamp.split(' ').cycle().enumerate() {
        text = format!("{text}{word} {:x} ", (place * 7919 + number * 104_729) % 65_521);
        if text.len() >= 1000 {
            return text;
        }
    }
    text
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thread_of_20_messages_costs_at_most_4_read_units() {
    let (machine, _folder) = worlds::machine("2026-03-07T17:00:00Z").await;
    let world = Arc::new(machine.table().clone());
    world.put_store(&store("kontorhaus")).await.unwrap();
    let thread = open_thread(
        &*world,
        &store("kontorhaus"),
        THREAD,
        shift(now(), -SignedDuration::from_hours(30)),
    )
    .await;
    for number in 1..20 {
        let reply = number % 2 == 1;
        let at = shift(
            thread.opened_at,
            SignedDuration::from_mins(i64::try_from(number).unwrap()),
        );
        let message = Message {
            key: Key::of(&[number.to_string()]),
            thread: thread.id.clone(),
            at,
            by: reply.then(|| "Mara Lind".into()),
            kind: if reply { MessageKind::Reply } else { MessageKind::Buyer },
            mail: None,
            automatic: false,
            text: Some(words(number).into()),
            message_id: None,
            raw: (!reply).then(|| format!("mail/{number}")),
            attachments: 0,
            fact: (!reply).then_some(Fact::Answered(at)),
            failed: false,
        };
        let change = Change::Message(Box::new(message), thread.store.clone(), thread.buyer.clone());
        world.commit(vec![change]).await.unwrap();
    }
    let router = router(&world);
    let mara = token(&*world, 1, "Mara", &[("kontorhaus", Role::Agent)]).await;
    let show = async || {
        let answer = call(&router, "GET", &of_thread("")).by(&mara).send().await;
        assert_eq!(answer.json()["messages"].as_array().unwrap().len(), 20);
    };
    // The first call of the day notes that the token is used.
    show().await;
    assert!(world.meter().take().write > 0.0);
    show().await;
    let used = world.meter().take();
    assert!(used.read <= 4.0 && used.write == 0.0, "{used:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_and_a_decision_cost_little() {
    let (machine, _folder) = worlds::machine("2026-03-07T17:00:00Z").await;
    let world = Arc::new(machine.table().clone());
    world.put_store(&store("kontorhaus")).await.unwrap();
    open_thread(&*world, &store("kontorhaus"), THREAD, now()).await;
    let router = router(&world);
    let mara = token(&*world, 1, "Mara", &[("kontorhaus", Role::Agent)]).await;
    call(&router, "GET", "/v1/stores").by(&mara).send().await;
    world.meter().take();
    let answer = call(&router, "POST", &of_thread("/answers"))
        .by(&mara)
        .header("idempotency-key", "k");
    assert_eq!(
        answer
            .json(&serde_json::json!({"text": "It is due on Friday."}))
            .send()
            .await
            .status,
        202
    );
    let answered = world.meter().take();
    assert_eq!(
        call(&router, "POST", &of_thread("/read")).by(&mara).send().await.status,
        200
    );
    let marked = world.meter().take();
    // The outbox item and the trace, two units each; the thread, the trace, and its place in both lists.
    assert!(answered.read <= 5.0 && answered.write <= 4.0, "{answered:?}");
    assert!(marked.read <= 5.0 && marked.write <= 6.0, "{marked:?}");
}
