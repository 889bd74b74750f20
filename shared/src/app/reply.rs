//! A person wants to answer a thread: the wish goes into the outbox, `send-reply` does the rest.

use jiff::Timestamp;

use super::retry::load;
use crate::domain::alias::Buyer;
use crate::domain::key::Key;
use crate::domain::outgoing::{Outgoing, State};
use crate::domain::personal::Personal;
use crate::domain::store::StoreId;
use crate::domain::thread::{Thread, ThreadId};
use crate::ports::{Change, Commit, CommitError, PortError, ReadBuyer, ReadOutbox, Refusal};

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
    /// Names this one wish: the same again is no second answer. Where nothing names it, the same words by the same person
    /// are the same wish until the buyer writes again.
    pub wish: Option<String>,
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
    W: ReadBuyer + ReadOutbox + Commit,
{
    let length = answer.text.expose().chars().count();
    if answer.text.expose().trim().is_empty() {
        return Err(SubmitError::Empty);
    }
    if length > MAX_CHARACTERS {
        return Err(SubmitError::TooLong(length));
    }
    let (thread, _) = load(world, store, buyer, thread).await?.ok_or(SubmitError::NoThread)?;
    let item = match outgoing(world, &thread, &answer, now).await? {
        Wish::New(item) => *item,
        Wish::Known(key) => return Ok(key),
    };
    let key = item.key.clone();
    match world.commit(vec![Change::Outgoing(Box::new(item))]).await {
        Ok(()) | Err(CommitError::Refused(Refusal::Duplicate)) => Ok(key),
        Err(CommitError::Refused(_)) => Err(super::retry::contended().into()),
        Err(CommitError::Port(error)) => Err(error.into()),
    }
}

/// A wish to answer, held against the outbox.
pub(super) enum Wish {
    /// To be stored.
    New(Box<Outgoing>),
    /// The item that it is already.
    Known(Key),
}

/// The most often that one answer is wished for again after it came back.
const MOST_ROUNDS: usize = 20;

/// The answer as an item of the outbox: a new one, unless the same wish is on its way, sent or in doubt. What was blocked or
/// came back may be wished for again.
pub(super) async fn outgoing<W: ReadOutbox>(
    world: &W,
    thread: &Thread,
    answer: &Answer,
    now: Timestamp,
) -> Result<Wish, PortError> {
    let named = answer.wish.clone().unwrap_or_else(|| same_words(thread, answer));
    let item = |wish: &str| {
        let (text, by) = (answer.text.clone(), answer.by.clone());
        Outgoing::reply(thread, text, by, answer.r#override, wish, now)
    };
    let mut latest = item(&named);
    for round in 1..=MOST_ROUNDS {
        let Some(stored) = world.outgoing(&thread.store, &thread.buyer, &latest.key).await? else {
            return Ok(Wish::New(Box::new(latest)));
        };
        let came_to_nothing = matches!(stored.state, State::Blocked | State::Failed | State::Withdrawn);
        if answer.wish.is_some() || !came_to_nothing {
            return Ok(Wish::Known(stored.key));
        }
        latest = item(&format!("{named}/{round}"));
    }
    Ok(Wish::Known(latest.key))
}

/// Names a wish by its words, who wrote them, and what they answer.
fn same_words(thread: &Thread, answer: &Answer) -> String {
    let parts = [
        answer.text.expose().trim(),
        answer.by.expose().trim(),
        if answer.r#override { "override" } else { "" },
        &thread.last_buyer_at.to_string(),
    ];
    Key::of(&parts).as_str().to_owned()
}
