//! Deciding again: a write that was refused because another came first is decided anew from fresh data.

use crate::domain::alias::Buyer;
use crate::domain::message::{Fact, Message};
use crate::domain::store::StoreId;
use crate::domain::thread::{Thread, ThreadId};
use crate::ports::{Change, Commit, CommitError, PortError, Ported, ReadBuyer, Refusal};

/// How often a decision is taken anew before the caller's own retry (queue or stream) takes over.
pub const ATTEMPTS: usize = 8;

/// The most changes one write may hold.
const MOST: usize = 100;

/// Another write came first, again and again.
pub(super) fn contended() -> PortError {
    PortError::Unavailable {
        service: "table",
        code: "contended".to_owned(),
    }
}

/// Writes the marks on messages together with the changes that go with them. More than fit into one write go in several:
/// marks state the same fact however often they are written, and the thread comes last, so a part that fails is simply
/// decided and written again.
///
/// # Errors
/// As [`Commit::commit`].
pub(super) async fn commit_with_marks<W: Commit>(
    world: &W,
    mut changes: Vec<Change>,
    mut marks: Vec<Change>,
) -> Result<(), CommitError> {
    while changes.len() + marks.len() > MOST {
        let early = marks.split_off(marks.len().saturating_sub(MOST));
        world.commit(early).await?;
    }
    changes.append(&mut marks);
    world.commit(changes).await
}

/// The marks that bring stored messages to these facts.
pub(super) fn marks(thread: &Thread, facts: &[(crate::domain::key::Key, Fact)]) -> Vec<Change> {
    let mark = |(key, fact): &(crate::domain::key::Key, Fact)| Change::Mark {
        store: thread.store.clone(),
        buyer: thread.buyer.clone(),
        message: key.clone(),
        fact: Some(*fact),
        failed: false,
    };
    facts.iter().map(mark).collect()
}

/// A message of a thread as a change.
pub(super) fn put(message: Message, thread: &Thread) -> Change {
    Change::Message(Box::new(message), thread.store.clone(), thread.buyer.clone())
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
