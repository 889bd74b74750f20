//! Deciding again: a write that was refused because another came first is decided anew from fresh data.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::Date;

use crate::domain::alias::Buyer;
use crate::domain::clock::NewFact;
use crate::domain::message::Message;
use crate::domain::recent_mails::Room;
use crate::domain::store::StoreId;
use crate::domain::thread::{Thread, ThreadId};
use crate::domain::{metrics, rollup};
use crate::ports::{Change, Commit, CommitError, PortError, Ported, ReadBuyer, Refusal, RollupChange};

/// How often a decision is taken anew before the caller's own retry (queue or stream) takes over.
pub const ATTEMPTS: usize = 8;

/// The most changes one write may hold.
pub(super) const MOST: usize = 100;

/// Another write came first, again and again.
pub(super) fn contended() -> PortError {
    PortError::Unavailable {
        service: "table",
        code: "contended".to_owned(),
    }
}

/// Writes the marks on messages together with the changes that go with them. More than fit into one write go in several:
/// marks state the same fact however often they are written, and the thread comes last, so a part that fails is simply
/// decided and written again. Each part says which days it changes that the next rollup would not look at by itself;
/// `now` is the time of writing.
///
/// # Errors
/// As [`Commit::commit`].
pub(super) async fn commit_with_marks<W: Commit>(
    world: &W,
    mut changes: Vec<Change>,
    mut marks: Vec<Change>,
    now: Timestamp,
) -> Result<(), CommitError> {
    let days = |changes: &[Change], marks: &[Change]| changed_days(changes.iter().chain(marks), now);
    while !marks.is_empty() && changes.len() + marks.len() + days(&changes, &marks).len() > MOST {
        // Half of a write may be the days of the other half.
        let mut early = marks.split_off(marks.len().saturating_sub(MOST / 2));
        early.extend(days(&[], &early));
        world.commit(early).await?;
    }
    changes.extend(days(&changes, &marks));
    changes.append(&mut marks);
    world.commit(changes).await
}

/// Marks the days, not among those that every rollup looks at, on which these changes touch what the metric counts.
fn changed_days<'a>(changes: impl Iterator<Item = &'a Change>, now: Timestamp) -> Vec<Change> {
    let touched = changes.filter_map(|change| match change {
        Change::Message(message, store, _) if message.counts() => Some((store, message.at)),
        Change::Mark {
            store,
            at,
            fact: Some(_),
            ..
        } => Some((store, *at)),
        _ => None,
    });
    let days: BTreeSet<(&StoreId, Date)> = touched
        .map(|(store, at)| (store, metrics::day(at)))
        .filter(|(_, day)| !rollup::is_fresh(*day, now))
        .collect();
    let change =
        |(store, day): (&StoreId, Date)| Change::Rollup(store.clone(), RollupChange::DayChanged { day, at: now });
    days.into_iter().map(change).collect()
}

/// The marks that bring stored messages to these facts.
pub(super) fn marks(thread: &Thread, facts: &[NewFact]) -> Vec<Change> {
    let mark = |new: &NewFact| Change::Mark {
        store: thread.store.clone(),
        buyer: thread.buyer.clone(),
        message: new.message.clone(),
        at: new.at,
        fact: Some(new.fact),
        failed: false,
    };
    facts.iter().map(mark).collect()
}

/// A message of a thread as a change.
pub(super) fn put(message: Message, thread: &Thread) -> Change {
    Change::Message(Box::new(message), thread.store.clone(), thread.buyer.clone())
}

/// The marks that the thread hands over, if it holds too many for a write with that much room.
pub(super) fn older_mails(thread: &mut Thread, room: Room) -> Option<Change> {
    let marks = thread.mails.hand_over(room)?;
    Some(Change::OlderMails {
        store: thread.store.clone(),
        buyer: thread.buyer.clone(),
        thread: thread.id.clone(),
        marks,
    })
}

/// Sorts a refused write: `Ok(true)` done, `Ok(false)` decide again, `Err` what is left.
pub(super) fn settled(result: Result<(), CommitError>) -> Result<bool, CommitError> {
    match result {
        Ok(()) => Ok(true),
        Err(CommitError::Refused(Refusal::Stale)) => Ok(false),
        Err(other) => Err(other),
    }
}

/// A thread and its messages; `None` where there is no such thread.
pub(super) async fn load<W: ReadBuyer>(
    world: &W,
    store: &StoreId,
    buyer: &Buyer,
    id: &ThreadId,
) -> Ported<Option<(Thread, Vec<Message>)>> {
    let record = world.buyer(store, buyer).await?;
    let Some(thread) = record.threads.into_iter().find(|thread| thread.id == *id) else {
        return Ok(None);
    };
    let messages = world.messages(store, buyer, id).await?;
    Ok(Some((thread, messages)))
}
