//! Seller Central's copy of an answer given there: it answers the one thread that fits, or none.

use super::{Outcome, ReceiveError, Received};
use crate::app::retry::{ATTEMPTS, commit_with_marks, contended, marks, put, settled};
use crate::domain::clock;
use crate::domain::copy::{self, Match};
use crate::domain::mail::Kind;
use crate::domain::message::{Message, MessageKind, kept};
use crate::domain::report::{Report, ReportKind};
use crate::domain::thread::Thread;
use crate::ports::{Change, Commit, CommitError, FindCopies, FindThreads, Handle, ReadBuyer, Refusal, WaitingCopy};

pub(super) async fn close<W>(world: &W, received: &Received<'_>) -> Result<Outcome, ReceiveError>
where
    W: ReadBuyer + FindThreads + Commit,
{
    for _ in 0..ATTEMPTS {
        let mut candidates = Vec::new();
        for thread in candidates_for(world, received).await? {
            let ours = sent_by_us(world, received, &thread).await?;
            candidates.push((thread, ours));
        }
        let (changes, facts, outcome) = match copy::find(received.mail, received.arrival.received, &candidates) {
            Match::Thread(place) => answer(world, received, candidates.swap_remove(place).0).await?,
            Match::OurOwn => (vec![received.seen(None)], Vec::new(), Outcome::CopyIgnored("our-own")),
            Match::Ambiguous => unmatched(received, "ambiguous"),
            Match::NoMatch => {
                let (mut changes, facts, outcome) = unmatched(received, "no-match");
                // Where a thread is known, the copy is of one more answer there: the next question is none of its own.
                if candidates.is_empty() {
                    changes.extend(waiting(received));
                }
                (changes, facts, outcome)
            }
        };
        match settled(commit_with_marks(world, changes, facts, received.now).await) {
            Ok(true) => return Ok(outcome),
            Ok(false) => {}
            Err(CommitError::Refused(Refusal::Duplicate)) => return Ok(Outcome::Duplicate),
            Err(error) => return Err(error.into()),
        }
    }
    Err(contended().into())
}

/// The copy waits for its question, which may come later.
fn waiting(received: &Received<'_>) -> Vec<Change> {
    let handles = handles(received);
    let copy = WaitingCopy {
        key: received.key(),
        store: received.store.id.clone(),
        received: received.arrival.received,
        handles: handles.clone(),
        text: received.mail.text.as_ref().map(kept),
        message_id: received.mail.message_id.clone(),
        raw: received.arrival.place.clone(),
    };
    let one = |handle| Change::CopyWaits(handle, Box::new(copy.clone()));
    handles.into_iter().map(one).collect()
}

/// What the question of the copy has.
fn handles(received: &Received<'_>) -> Vec<Handle> {
    let mail = received.mail;
    if !mail.order_ids.is_empty() {
        return mail.order_ids.iter().cloned().map(Handle::Order).collect();
    }
    let name = mail.buyer_name.as_ref().and_then(copy::comparable_name);
    name.map(Handle::Name).into_iter().collect()
}

/// Copies that came before this question, which opens the thread: it is answered as soon as it is there. Gives the answers
/// and what is to be written of the copies.
pub(super) async fn answers_that_waited<W: FindCopies>(
    world: &W,
    received: &Received<'_>,
    thread: &Thread,
) -> Result<(Vec<Message>, Vec<Change>), ReceiveError> {
    let orders = thread.order_ids.iter().cloned().map(Handle::Order);
    let name = thread.buyer_name.as_ref().and_then(copy::comparable_name);
    let at = received.arrival.received;
    let mut copies: Vec<WaitingCopy> = Vec::new();
    for handle in orders.chain(name.map(Handle::Name)) {
        let found = world.copies(&thread.store, &handle).await?;
        let fitting = found.into_iter().filter(|copy| copy::waited_for(copy.received, at));
        for copy in fitting {
            if copies.iter().all(|known| known.key != copy.key) {
                copies.push(copy);
            }
        }
    }
    let mut changes = Vec::new();
    let mut answers = Vec::new();
    for copy in copies {
        answers.push(Message {
            key: copy.key.clone(),
            thread: thread.id.clone(),
            at,
            by: Some("Seller Central".into()),
            kind: MessageKind::Reply,
            mail: Some(Kind::ReplyCopy),
            automatic: true,
            text: copy.text.clone(),
            message_id: copy.message_id.clone(),
            raw: Some(copy.raw.clone()),
            attachments: 0,
            fact: None,
            failed: false,
        });
        let report = Report::new(
            &copy.store,
            copy.received,
            ReportKind::ReplyCopy,
            "no-match",
            Some(copy.raw.clone()),
        );
        changes.push(Change::Withdraw(report));
        let found = |handle: &Handle| Change::CopyFound(handle.clone(), Box::new(copy.clone()));
        changes.extend(copy.handles.iter().map(found));
    }
    Ok((answers, changes))
}

/// By order id where the copy cites one; the buyer's name only where it cites none.
async fn candidates_for<W: FindThreads>(world: &W, received: &Received<'_>) -> Result<Vec<Thread>, ReceiveError> {
    let (mail, handles) = (received.mail, handles(received));
    let mut found: Vec<Thread> = Vec::new();
    for handle in handles {
        let by_name = matches!(handle, Handle::Name(_));
        for thread in world.find(&received.store.id, &handle).await? {
            let still_named = !by_name
                || thread.buyer_name.as_ref().and_then(copy::comparable_name)
                    == mail.buyer_name.as_ref().and_then(copy::comparable_name);
            if still_named && found.iter().all(|known| known.id != thread.id) {
                found.push(thread);
            }
        }
    }
    Ok(found)
}

/// Whether we sent an answer of these words in this thread, shortly before the copy came.
async fn sent_by_us<W: ReadBuyer>(world: &W, received: &Received<'_>, thread: &Thread) -> Result<bool, ReceiveError> {
    let at = received.arrival.received;
    let recent = |answer: jiff::Timestamp| at.duration_since(answer).abs() <= copy::OWN_ANSWER;
    if !thread.last_answer_at.is_some_and(recent) {
        return Ok(false);
    }
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let copied = received
        .mail
        .text
        .as_ref()
        .map(|text| words(text.expose()))
        .unwrap_or_default();
    let own = |message: &Message| {
        message.answers() && message.mail != Some(Kind::ReplyCopy) && message.raw.is_none() && recent(message.at)
    };
    let same = |message: &Message| {
        message
            .text
            .as_ref()
            .is_some_and(|text| copied.contains(&words(text.expose())))
    };
    let messages = world.messages(&thread.store, &thread.buyer, &thread.id).await?;
    let waits = thread.waiting_since.is_some();
    Ok(messages
        .iter()
        .filter(|message| own(message))
        .any(|message| !waits || same(message)))
}

async fn answer<W: ReadBuyer>(
    world: &W,
    received: &Received<'_>,
    mut thread: Thread,
) -> Result<(Vec<Change>, Vec<Change>, Outcome), ReceiveError> {
    let message = received.message(&thread, MessageKind::Reply, Some("Seller Central"));
    let mut messages = world.messages(&thread.store, &thread.buyer, &thread.id).await?;
    messages.push(message.clone());
    let result = clock::settle(&messages, &thread.excused);
    thread.settle(&result, received.store);
    thread.last_message_at = thread.last_message_at.max(message.at);
    let facts = marks(&thread, &result.changed);
    let outcome = Outcome::CopyAnswered(thread.id.clone());
    let changes = vec![
        received.seen(Some(&thread.id)),
        put(message, &thread),
        Change::Thread(Box::new(thread)),
    ];
    Ok((changes, facts, outcome))
}

fn unmatched(received: &Received<'_>, reason: &'static str) -> (Vec<Change>, Vec<Change>, Outcome) {
    let changes = vec![received.seen(None), received.report(ReportKind::ReplyCopy, reason)];
    (changes, Vec::new(), Outcome::CopyIgnored(reason))
}
