//! A person wants to answer a thread: the wish goes into the outbox, `send-reply` does the rest.

use jiff::Timestamp;

use super::retry::load;
use crate::domain::alias::Buyer;
use crate::domain::key::Key;
use crate::domain::outgoing::Outgoing;
use crate::domain::personal::Personal;
use crate::domain::store::StoreId;
use crate::domain::thread::ThreadId;
use crate::ports::{Change, Commit, CommitError, PortError, ReadBuyer, Refusal};

/// The longest answer, in characters. Amazon publishes no limit; its own form ends at 4,000.
pub const MAX_CHARACTERS: usize = 20_000;

/// An answer to be sent.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Its words.
    pub text: Personal,
    /// Who wrote it.
    pub by: Personal,
    /// That person sends it although the screen objects.
    pub r#override: bool,
    /// Names this one wish: the same again is no second answer.
    pub wish: String,
}

/// An answer was not taken.
#[derive(Debug, thiserror::Error)]
pub enum SubmitError {
    /// It has no words.
    #[error("the answer is empty")]
    Empty,
    /// It is too long.
    #[error("the answer has {0} characters; {MAX_CHARACTERS} are allowed")]
    TooLong(usize),
    /// There is no such thread.
    #[error("no such thread")]
    NoThread,
    /// The world did not answer.
    #[error(transparent)]
    Port(#[from] PortError),
}

/// Why these words cannot be taken as an answer: short code.
pub(super) fn not_taken(text: &Personal) -> Option<&'static str> {
    if text.expose().trim().is_empty() {
        Some("empty")
    } else if text.expose().chars().count() > MAX_CHARACTERS {
        Some("too-long")
    } else {
        None
    }
}

/// Puts the answer into the outbox and gives its key. The same wish again gives the same key and sends nothing more.
///
/// # Errors
/// See [`SubmitError`]; nothing was stored.
pub async fn submit<W>(
    world: &W,
    store: &StoreId,
    buyer: &Buyer,
    thread: &ThreadId,
    answer: Answer,
    now: Timestamp,
) -> Result<Key, SubmitError>
where
    W: ReadBuyer + Commit,
{
    let length = answer.text.expose().chars().count();
    if answer.text.expose().trim().is_empty() {
        return Err(SubmitError::Empty);
    }
    if length > MAX_CHARACTERS {
        return Err(SubmitError::TooLong(length));
    }
    let (thread, _) = load(world, store, buyer, thread).await?.ok_or(SubmitError::NoThread)?;
    let item = Outgoing::reply(&thread, answer.text, answer.by, answer.r#override, &answer.wish, now);
    let key = item.key.clone();
    match world.commit(vec![Change::Outgoing(Box::new(item))]).await {
        Ok(()) | Err(CommitError::Refused(Refusal::Duplicate)) => Ok(key),
        Err(CommitError::Refused(_)) => Err(super::retry::contended().into()),
        Err(CommitError::Port(error)) => Err(error.into()),
    }
}
