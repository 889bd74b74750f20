//! What people decide about a thread: no response needed, reopen, tags, assignee, read.

use jiff::Timestamp;

use super::retry::{ATTEMPTS, commit_with_marks, contended, load, marks, settled};
use crate::domain::alias::Buyer;
use crate::domain::clock;
use crate::domain::message::{Fact, Message};
use crate::domain::personal::Personal;
use crate::domain::store::Store;
use crate::domain::thread::{Thread, ThreadId};
use crate::ports::{Change, Commit, PortError, ReadBuyer};

/// A decision about a thread.
#[derive(Clone, Debug)]
pub enum Mark {
    /// The waiting messages leave clock and metric.
    NoResponseNeeded,
    /// What was last marked as needing no response waits again, since its own receipt.
    Reopen,
    /// Labels come and go.
    Tag {
        /// To be added.
        add: Vec<String>,
        /// To be removed.
        remove: Vec<String>,
    },
    /// Somebody takes care of it, or nobody.
    Assign(Option<Personal>),
    /// A person has read it.
    Read,
}

/// A decision that could not be carried out.
#[derive(Debug, thiserror::Error)]
pub enum MarkError {
    /// There is no such thread.
    #[error("no such thread")]
    NoThread,
    /// Nothing in the thread was marked as needing no response.
    #[error("nothing to reopen")]
    NothingToReopen,
    /// The world did not answer.
    #[error(transparent)]
    Port(#[from] PortError),
}

/// Carries out the decision. Doing it again changes nothing more.
///
/// # Errors
/// See [`MarkError`]; nothing was changed.
pub async fn mark<W>(
    world: &W,
    store: &Store,
    buyer: &Buyer,
    thread: &ThreadId,
    mark: &Mark,
    now: Timestamp,
) -> Result<(), MarkError>
where
    W: ReadBuyer + Commit,
{
    for _ in 0..ATTEMPTS {
        let (mut thread, messages) = load(world, &store.id, buyer, thread)
            .await?
            .ok_or(MarkError::NoThread)?;
        let facts = decide(mark, store, &mut thread, &messages, now)?;
        let changes = vec![Change::Thread(Box::new(thread))];
        let done = settled(commit_with_marks(world, changes, facts, now).await).map_err(|error| match error {
            crate::ports::CommitError::Port(error) => MarkError::Port(error),
            crate::ports::CommitError::Refused(_) => MarkError::Port(contended()),
        })?;
        if done {
            return Ok(());
        }
    }
    Err(contended().into())
}

fn decide(
    mark: &Mark,
    store: &Store,
    thread: &mut Thread,
    messages: &[Message],
    now: Timestamp,
) -> Result<Vec<Change>, MarkError> {
    match mark {
        Mark::NoResponseNeeded => {
            thread.excused.insert(now);
        }
        Mark::Reopen => {
            let excuse = |message: &Message| match message.fact {
                Some(Fact::NoResponseNeeded(at)) => Some(at),
                _ => None,
            };
            let last = messages.iter().filter_map(excuse).max();
            thread.excused.split_off(&last.ok_or(MarkError::NothingToReopen)?);
        }
        Mark::Tag { add, remove } => {
            thread.tag(add, remove, now);
            return Ok(Vec::new());
        }
        Mark::Read => {
            thread.read_at = thread.read_at.max(Some(now));
            return Ok(Vec::new());
        }
        Mark::Assign(to) => {
            thread.assign(to.clone(), now);
            return Ok(Vec::new());
        }
    }
    let result = clock::settle(messages, &thread.excused);
    thread.settle(&result, store);
    Ok(marks(thread, &result.changed))
}
