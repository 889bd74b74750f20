//! Calls that ask for an answer with files.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use within24::app::webhook::{Outcome, apply};
use within24::domain::attachment::PLACES;
use within24::domain::webhook::{MOST_BYTES_WITH_FILES, Source};
use within24_local::helpdesk::Queue;
use within24_tests::helpdesks::{api_event, headers, secret};

use super::{BUYER, answered_at, apply_all, call, known, now, pdf, reply_with, told, waiting};

#[tokio::test]
async fn an_answer_asked_for_brings_its_files_or_is_not_taken() {
    let nameless = json!([{"content": "JVBERg=="}]);
    let cases = [
        (json!([pdf()]), None),
        (json!([]), None),
        (json!(null), None),
        (nameless, Some("attachment-list")),
        (json!([pdf(), "Rechnung.pdf"]), Some("attachment-list")),
        (
            json!({"name": "Rechnung.pdf", "content": "JVBERg=="}),
            Some("attachment-list"),
        ),
        (
            json!([pdf(), {"name": "a.pdf", "content": "JVBERg"}]),
            Some("attachment-content"),
        ),
        (
            json!([pdf(), {"name": "a.pdf", "content": ""}]),
            Some("attachment-empty"),
        ),
        (
            json!([pdf(), {"name": "a\r\nb.pdf", "content": "JVBERg=="}]),
            Some("attachment-name"),
        ),
        (
            json!([{"name": "a.pdf", "media_type": "pdf", "content": "eA=="}]),
            Some("attachment-media-type"),
        ),
        (json!(vec![pdf(); 21]), Some("too-many-attachments")),
    ];
    for (attachments, refused) in cases {
        let world = waiting().await;
        let outcome = apply(&world, &world, &told("reply", "m1", &reply_with(&attachments)), now())
            .await
            .unwrap();
        let Some(reason) = refused else {
            assert!(matches!(outcome, Outcome::Applied(_)), "{attachments}: {outcome:?}");
            let files = attachments.as_array().map_or(0, Vec::len);
            assert_eq!(world.outbox()[0].content.attachments().len(), files, "{attachments}");
            assert_eq!(world.objects(PLACES).len(), files, "{attachments}");
            continue;
        };
        assert_eq!(outcome, Outcome::NotTaken(reason), "{attachments}");
        assert!(
            world.outbox().is_empty() && world.objects(PLACES).is_empty(),
            "{attachments}"
        );
        assert_eq!(world.reports()[0].reason, reason, "{attachments}");
    }
}

/// A call that asks for an answer with a file of this size.
fn call_with_a_file_of(bytes: usize) -> Value {
    let source = Source::Standard;
    let attachments = json!([{"name": "Foto.jpg", "content": STANDARD.encode(vec![7; bytes])}]);
    let mut body = json!({"type": "thread.reply", "timestamp": answered_at(), "data": reply_with(&attachments)});
    body["data"]["thread"] = json!({"buyer": BUYER});
    let body = body.to_string();
    let signed = headers(source, secret(source), body.as_bytes(), now());
    api_event(source.as_str(), &signed, body.as_bytes(), false)
}

#[tokio::test]
async fn a_file_that_the_queue_has_no_room_for_comes_all_the_same() {
    let ours = known(Source::Standard, &[secret(Source::Standard)]);
    let largest = MOST_BYTES_WITH_FILES / 4 * 3 - 1024;
    for bytes in [1000, 2 << 20, largest] {
        let (world, queue) = (waiting().await, Queue::default());
        let event = call_with_a_file_of(bytes);
        for _ in 0..2 {
            assert_eq!(call(&ours, &queue, &event).await.0, 200, "{bytes}");
            assert_eq!(apply_all(&world, &queue).await, 0, "{bytes}");
        }
        let kept: Vec<usize> = world.objects(PLACES).values().map(Vec::len).collect();
        assert_eq!((kept, world.outbox().len()), (vec![bytes], 1), "{bytes}");
    }
    let too_large = call_with_a_file_of(MOST_BYTES_WITH_FILES / 4 * 3);
    assert_eq!(call(&ours, &Queue::default(), &too_large).await.0, 413);
}

#[tokio::test]
async fn a_call_whose_body_is_gone_goes_back_to_the_queue() {
    let ours = known(Source::Standard, &[secret(Source::Standard)]);
    let (world, queue) = (waiting().await, Queue::default());
    assert_eq!(call(&ours, &queue, &call_with_a_file_of(2 << 20)).await.0, 200);
    queue.lose_bodies();
    assert_eq!(
        apply_all(&world, &queue).await,
        1,
        "from there it becomes a dead letter"
    );
    assert!(world.outbox().is_empty() && world.objects(PLACES).is_empty());
}
