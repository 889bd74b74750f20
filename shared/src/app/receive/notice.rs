//! A notice from Amazon, or a mail server's: attached to the one thread it is about, or kept alone. It never starts or
//! stops the clock, but it can say that an answer of ours did not arrive: then that answer answers nothing. A mail server
//! that says so for good ends automatic mail to that alias, as an event of SES does.

use super::{Outcome, ReceiveError, Received, keep};
use crate::app::retry::{ATTEMPTS, commit_with_marks, contended, marks, put, settled};
use crate::domain::alias::{Alias, Buyer};
use crate::domain::clock;
use crate::domain::mail::{Delivery, Kind};
use crate::domain::message::{Message, MessageKind};
use crate::domain::outgoing::{Outgoing, State};
use crate::domain::thread::Thread;
use crate::ports::{Change, Commit, CommitError, FindThreads, Handle, ReadBuyer, ReadOutbox, Refusal};

pub(super) async fn attach<W>(world: &W, received: &Received<'_>) -> Result<Outcome, ReceiveError>
where
    W: ReadBuyer + FindThreads + ReadOutbox + Commit,
{
    for _ in 0..ATTEMPTS {
        let Some((mut thread, ours)) = find(world, received).await? else {
            return keep(world, received, None).await;
        };
        let mut messages = world.messages(&thread.store, &thread.buyer, &thread.id).await?;
        let mut changes = vec![received.seen(Some(&thread.id))];
        let mut facts = Vec::new();
        if let Some(place) = undone(received, &messages) {
            messages[place].failed = true;
            let result = clock::settle(&messages, &thread.excused);
            thread.settle(&result, received.store);
            facts = marks(&thread, &result.changed);
            changes.push(Change::Mark {
                store: thread.store.clone(),
                buyer: thread.buyer.clone(),
                message: messages[place].key.clone(),
                at: messages[place].at,
                fact: None,
                failed: true,
            });
            changes.extend(came_back(world, &thread, &messages[place]).await?);
        }
        let of_him = || buyer(received).as_ref() == Some(&thread.buyer);
        if received.mail.delivery == Some(Delivery::FailedForGood) && (ours || of_him()) {
            thread.bounced_at = thread.bounced_at.max(Some(received.arrival.received));
        }
        let by = if received.mail.kind == Kind::DeliveryFailure {
            "mail server"
        } else {
            "Amazon"
        };
        changes.push(put(received.message(&thread, MessageKind::Notice, Some(by)), &thread));
        let outcome = Outcome::Attached(thread.id.clone());
        changes.push(Change::Thread(Box::new(thread)));
        match settled(commit_with_marks(world, changes, facts, received.now).await) {
            Ok(true) => return Ok(outcome),
            Ok(false) => {}
            Err(CommitError::Refused(Refusal::Duplicate)) => return Ok(Outcome::Duplicate),
            Err(error) => return Err(error.into()),
        }
    }
    Err(contended().into())
}

/// The item of an answer that did not arrive: as long as it counts as sent, the same words are not sent again.
async fn came_back<W: ReadOutbox>(
    world: &W,
    thread: &Thread,
    answer: &Message,
) -> Result<Option<Change>, ReceiveError> {
    let item = world.outgoing(&thread.store, &thread.buyer, &answer.key).await?;
    let sent = item.filter(|item| item.state == State::Sent);
    Ok(sent.map(|item| Change::Move {
        item: Box::new(Outgoing {
            state: State::Failed,
            ..item
        }),
        from: State::Sent,
    }))
}

/// The one thread the notice is about: that of our mail which it quotes, else the only one with its order, else the only
/// one of its buyer. And whether it quotes a mail of ours.
async fn find<W: ReadBuyer + FindThreads>(
    world: &W,
    received: &Received<'_>,
) -> Result<Option<(Thread, bool)>, ReceiveError> {
    let (mail, store) = (received.mail, &received.store.id);
    for id in mail.embedded_ids.iter().chain(&mail.answers) {
        if let Some(thread) = only(world.find(store, &Handle::Sent(id.clone())).await?) {
            return Ok(Some((thread, true)));
        }
    }
    let buyer = buyer(received);
    let mut by_order: Vec<Thread> = Vec::new();
    for order in &mail.order_ids {
        for thread in world.find(store, &Handle::Order(order.clone())).await? {
            let his = buyer.as_ref().is_none_or(|buyer| thread.buyer == *buyer);
            if his && by_order.iter().all(|known| known.id != thread.id) {
                by_order.push(thread);
            }
        }
    }
    let found = match buyer {
        _ if !by_order.is_empty() => only(by_order),
        Some(buyer) => only(world.buyer(store, &buyer).await?.threads),
        None => None,
    };
    Ok(found.map(|thread| (thread, false)))
}

/// The buyer whom the notice names; `None` where many share the address.
fn buyer(received: &Received<'_>) -> Option<Buyer> {
    let alias = received.mail.alias.as_ref().filter(|alias| !alias.is_shared());
    alias.map(Alias::buyer)
}

fn only(mut threads: Vec<Thread>) -> Option<Thread> {
    if threads.len() == 1 { threads.pop() } else { None }
}

/// The answer that the notice undoes: the mail of ours that it quotes, else the last one we sent in the thread. An
/// automatic mail answered nothing, so there is nothing to undo where that came last.
fn undone(received: &Received<'_>, messages: &[Message]) -> Option<usize> {
    let mail = received.mail;
    let ids: Vec<_> = mail.embedded_ids.iter().chain(&mail.answers).collect();
    let quoted = messages
        .iter()
        .position(|m| m.answers() && m.message_id.as_ref().is_some_and(|id| ids.contains(&id)));
    let ours = |m: &Message| matches!(m.kind, MessageKind::Reply | MessageKind::Automatic) && !m.failed;
    let last = || {
        messages
            .iter()
            .rposition(ours)
            .filter(|place| messages[*place].answers())
    };
    match mail.kind {
        Kind::OptOutNotice | Kind::RestrictionNotice => quoted.or_else(last),
        Kind::DeliveryFailure if mail.delivery != Some(Delivery::NotFailed) => quoted,
        _ => None,
    }
}
