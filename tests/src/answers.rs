//! Answers, handed in as people and helpdesks do it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde_json::{Value, json};
use within24::app::answer::{Answer, HandInError, hand_in};
use within24::app::webhook::{Outcome, WebhookError, apply};
use within24::domain::deed::By;
use within24::domain::key::Key;
use within24::domain::outgoing::Outgoing;
use within24::domain::thread::Thread;
use within24::domain::webhook::{Source, Told};
use within24::ports::{Commit, FindStore, FindThreads, KeepAttachment, ReadBuyer, ReadOutbox};

/// Hands the answer in as the API does, and gives the item of the outbox.
///
/// # Errors
/// As [`hand_in`].
pub async fn by_a_person<P, B>(
    ports: &P,
    bucket: &B,
    thread: &Thread,
    answer: &Answer,
    now: Timestamp,
) -> Result<Outgoing, HandInError>
where
    P: FindStore + FindThreads + ReadOutbox + Commit,
    B: KeepAttachment,
{
    let store = ports.store(&thread.store).await?.expect("a thread has a store");
    let by = By {
        token: None,
        name: answer.by.clone(),
    };
    let handed_in = hand_in(ports, bucket, &store, &thread.id, answer, &by, now).await?;
    Ok(handed_in.item)
}

/// Hands the answer in as a helpdesk does that waits for nothing: what the screen blocks is in the outbox too.
///
/// # Errors
/// As [`apply`].
pub async fn by_webhook<P, B>(
    ports: &P,
    bucket: &B,
    thread: &Thread,
    answer: &Answer,
    now: Timestamp,
) -> Result<Outcome, WebhookError>
where
    P: FindStore + ReadBuyer + FindThreads + ReadOutbox + Commit,
    B: KeepAttachment,
{
    let file = |file: &within24::domain::attachment::Attachment| {
        let content = STANDARD.encode(file.content());
        json!({"name": file.name().expose(), "media_type": file.media_type(), "content": content})
    };
    let body = json!({
        "type": "thread.reply", "timestamp": now,
        "data": {
            "thread": {"thread": thread.id.as_str()}, "text": answer.text.expose(), "by": answer.by.expose(),
            "override": answer.r#override, "attachments": answer.attachments.iter().map(file).collect::<Vec<Value>>(),
        },
    });
    let body = body.to_string().into_bytes();
    let webhook = Told {
        source: Source::Standard,
        stores: vec![thread.store.clone()],
        received: now,
        signed_at: Some(now),
        delivery: Some(Key::of(&[&body]).as_str().to_owned()),
        topic: None,
        body,
    };
    apply(ports, bucket, &webhook, now).await
}
