//! Answers that would be more than Lambda gives back (6 MB) are given in part, and say so.

use std::sync::Arc;

use jiff::SignedDuration;
use serde_json::json;
use within24::domain::clock::shift;
use within24::domain::key::Key;
use within24::domain::message::{MOST_TEXT, Message, MessageKind};
use within24::domain::outgoing::Outgoing;
use within24::domain::thread::Thread;
use within24::domain::token::Role;
use within24::ports::{Change, Commit};
use within24::testing::Memory;

use crate::calls::{Answer, THREAD, call, now, of_thread, open_thread, router, store, token, world};

/// What Lambda takes back of a function: the payload, with the answer as a string in it.
const LAMBDA: usize = 6 * 1024 * 1024;

fn given_back(answer: &Answer) -> usize {
    serde_json::to_string(&answer.text()).unwrap().len()
}

/// A buyer's message of as many words as are kept, quotes and line ends among them.
fn message(thread: &Thread, number: usize) -> Message {
    let line = format!("\"{number}\" \\ said he.\n\n");
    Message {
        key: Key::of(&[number.to_string()]),
        thread: thread.id.clone(),
        at: shift(
            thread.opened_at,
            SignedDuration::from_mins(i64::try_from(number).unwrap()),
        ),
        by: None,
        kind: MessageKind::Buyer,
        mail: None,
        automatic: false,
        text: Some(line.repeat(MOST_TEXT / line.len()).into()),
        message_id: None,
        raw: Some(format!("mail/{number}")),
        attachments: 0,
        fact: None,
        failed: false,
    }
}

/// A thread with this many messages.
async fn thread_of(world: &Memory, messages: usize) {
    let opened = shift(now(), -SignedDuration::from_hours(30));
    let thread = open_thread(world, &store("kontorhaus"), THREAD, opened).await;
    for number in 1..=messages {
        let message = Box::new(message(&thread, number));
        let change = Change::Message(message, thread.store.clone(), thread.buyer.clone());
        world.commit(vec![change]).await.unwrap();
    }
}

#[tokio::test]
async fn of_a_thread_without_end_the_latest_messages_are_shown_and_exported() {
    let world = Arc::new(Memory::default());
    world.put_store(store("kontorhaus"));
    thread_of(&world, 200).await;
    let router = router(&world);
    let lead = token(&*world, 1, "Lea", &[("kontorhaus", Role::Lead)]).await;
    for (path, all) in [("", 200), ("/export", 200)] {
        let answer = call(&router, "GET", &of_thread(path)).by(&lead).send().await;
        assert_eq!(answer.status, 200);
        assert!(given_back(&answer) < LAMBDA, "{path}: {}", given_back(&answer));
        let (shown, left_out) = (&answer.json()["messages"], &answer.json()["messages_left_out"]);
        let shown = shown.as_array().unwrap();
        // The message that opens the thread is one more.
        assert_eq!(shown.len() as u64 + left_out.as_u64().unwrap(), all + 1, "{path}");
        assert!(shown.len() > 10, "{path}: {}", shown.len());
        assert!(
            shown.last().unwrap()["text"].as_str().unwrap().starts_with("\"200\""),
            "{path}"
        );
    }
    let text = call(&router, "GET", &of_thread("/export?format=text"))
        .by(&lead)
        .send()
        .await;
    assert!(given_back(&text) < LAMBDA, "{}", given_back(&text));
    assert!(text.text().contains(" earlier messages are left out"));
    assert!(text.text().contains("| \"200\""));
}

#[tokio::test]
async fn of_answers_without_end_the_latest_are_listed() {
    let world = Arc::new(Memory::default());
    world.put_store(store("kontorhaus"));
    let thread = open_thread(&*world, &store("kontorhaus"), THREAD, now()).await;
    for number in 1..=400 {
        let at = shift(thread.opened_at, SignedDuration::from_mins(number));
        let text = "\"\n".repeat(10_000);
        let item = Outgoing::reply(
            &thread,
            text.into(),
            "Mara".into(),
            false,
            &format!("wish-{number}"),
            at,
        );
        world.commit(vec![Change::Outgoing(Box::new(item))]).await.unwrap();
    }
    let router = router(&world);
    let lead = token(&*world, 1, "Lea", &[("kontorhaus", Role::Lead)]).await;
    let answer = call(&router, "GET", &of_thread("/answers")).by(&lead).send().await;
    assert!(given_back(&answer) < LAMBDA, "{}", given_back(&answer));
    let whole = answer.json();
    let shown = whole["answers"].as_array().unwrap();
    assert_eq!(shown.len() as u64 + whole["answers_left_out"].as_u64().unwrap(), 400);
    let last = shift(thread.opened_at, SignedDuration::from_mins(400));
    assert_eq!(shown.last().unwrap()["created_at"], json!(last));
    let export = call(&router, "GET", &of_thread("/export")).by(&lead).send().await;
    assert!(given_back(&export) < LAMBDA && export.json()["answers_left_out"].as_u64() > Some(100));
}

#[tokio::test]
async fn what_a_draft_is_full_of_is_found_the_gravest_first() {
    let world = world().await;
    let router = router(&world);
    let mara = token(&*world, 1, "Mara", &[("kontorhaus", Role::Agent)]).await;
    // Telephone numbers are worth a look, links and an address block.
    let text = format!(
        "{}\nshop@gmail.com",
        "+44 20 7946 0958 or https://lamps.example/ or ".repeat(250)
    );
    let drafts: Vec<_> = (0..100).map(|number| json!({"id": number, "text": text})).collect();
    let answer = call(&router, "POST", "/v1/stores/kontorhaus/screen")
        .by(&mara)
        .json(&json!(drafts))
        .send()
        .await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert!(given_back(&answer) < LAMBDA, "{}", given_back(&answer));
    for (number, report) in answer.json().as_array().unwrap().iter().enumerate() {
        assert_eq!((&report["id"], &report["verdict"]), (&json!(number), &json!("block")));
        let findings = report["findings"].as_array().unwrap();
        assert!(
            findings.iter().any(|finding| finding["rule"] == "contact-email"),
            "{number}"
        );
        assert!(
            findings.len() > 50 && report["findings_left_out"].as_u64() > Some(10),
            "{number}: {}",
            findings.len()
        );
    }
    let one = json!({"id": 1, "text": "It is due on Friday."});
    let answer = call(&router, "POST", "/v1/stores/kontorhaus/screen")
        .by(&mara)
        .json(&one)
        .send()
        .await;
    assert!(answer.json().get("findings_left_out").is_none());
    let named = json!({"id": "\"".repeat(600), "text": "It is due on Friday."});
    let answer = call(&router, "POST", "/v1/stores/kontorhaus/screen")
        .by(&mara)
        .json(&named)
        .send()
        .await;
    assert_eq!(
        (answer.status.as_u16(), &answer.json()["errors"][0]["pointer"]),
        (422, &json!("/id"))
    );
}
