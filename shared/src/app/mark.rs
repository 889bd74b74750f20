//! What people decide about a thread: no response needed, reopen, tags, assignee, read.

use jiff::Timestamp;

use super::retry::{ATTEMPTS, commit_with_marks, contended, load, marks, settled};
use crate::domain::alias::Buyer;
use crate::domain::clock;
use crate::domain::deed::{By, Deed, Did};
use crate::domain::message::{Fact, Message};
use crate::domain::personal::Personal;
use crate::domain::store::Store;
use crate::domain::thread::{Thread, ThreadId};
use crate::ports::{Change, Commit, PortError, ReadBuyer};

/// The most labels that a thread is given here: it is one row.
pub const MOST_TAGS: usize = 100;

/// The most labels of which it is known when they came or went.
const MOST_TAG_CHANGES: usize = 500;

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
    /// It carries too many labels.
    #[error("a thread carries at most {MOST_TAGS} labels")]
    TooManyTags,
    /// The world did not answer.
    #[error(transparent)]
    Port(#[from] PortError),
}

/// Carries out the decision and gives the thread as it is then. Doing it again changes nothing more. Where somebody is named
/// who decides, that leaves a trace in the same write.
///
/// # Errors
/// See [`MarkError`]; nothing was changed.
pub async fn mark<W>(
    world: &W,
    store: &Store,
    buyer: &Buyer,
    thread: &ThreadId,
    mark: &Mark,
    by: Option<&By>,
    now: Timestamp,
) -> Result<Thread, MarkError>
where
    W: ReadBuyer + Commit,
{
    for _ in 0..ATTEMPTS {
        let (mut thread, messages) = load(world, &store.id, buyer, thread)
            .await?
            .ok_or(MarkError::NoThread)?;
        let facts = decide(mark, store, &mut thread, &messages, now)?;
        let mut changes = vec![Change::Thread(Box::new(thread.clone()))];
        changes.extend(by.map(|by| trace(mark, &thread, by, now)));
        let done = settled(commit_with_marks(world, changes, facts, now).await).map_err(|error| match error {
            crate::ports::CommitError::Port(error) => MarkError::Port(error),
            crate::ports::CommitError::Refused(_) => MarkError::Port(contended()),
        })?;
        if done {
            thread.version += 1;
            return Ok(thread);
        }
    }
    Err(contended().into())
}

/// Who decided this.
fn trace(mark: &Mark, thread: &Thread, by: &By, now: Timestamp) -> Change {
    let (what, about) = match mark {
        Mark::NoResponseNeeded => (Deed::NoResponseNeeded, None),
        Mark::Reopen => (Deed::Reopened, None),
        Mark::Read => (Deed::Read, None),
        Mark::Tag { add, remove } => {
            let added = add.iter().map(|tag| format!("+{tag}"));
            let removed = remove.iter().map(|tag| format!("-{tag}"));
            let all: Vec<String> = added.chain(removed).collect();
            (Deed::Tagged, Some(Personal::new(all.join(" "))))
        }
        Mark::Assign(Some(to)) => (Deed::Assigned, Some(to.clone())),
        Mark::Assign(None) => (Deed::Unassigned, None),
    };
    let did = Did::new(Some(&thread.store), now, by, what, Some(&thread.id), about);
    Change::Did(Box::new(did))
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
            let many = thread.tags.len() > MOST_TAGS || thread.tag_history.changes.len() > MOST_TAG_CHANGES;
            return if many {
                Err(MarkError::TooManyTags)
            } else {
                Ok(Vec::new())
            };
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
