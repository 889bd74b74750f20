//! A person hands in an answer and learns at once whether it goes out: screened, kept for `send-reply`, and traced to him.

use jiff::Timestamp;

use super::reply::{Answer, MAX_CHARACTERS, Wish, outgoing};
use super::retry::contended;
use super::screening;
use crate::domain::deed::{By, Deed, Did};
use crate::domain::outgoing::Outgoing;
use crate::domain::personal::Personal;
use crate::domain::screening::{Report, Verdict};
use crate::domain::store::Store;
use crate::domain::thread::ThreadId;
use crate::ports::{Change, Commit, CommitError, FindThreads, Handle, PortError, ReadOutbox, Refusal};

/// An answer that was taken.
#[derive(Clone, Debug)]
pub struct HandedIn {
    /// The item of the outbox, as it is now.
    pub item: Outgoing,
    /// It had been handed in before: nothing was changed.
    pub repeated: bool,
}

/// An answer was not taken.
#[derive(Debug, thiserror::Error)]
pub enum HandInError {
    /// It has no words.
    #[error("the answer is empty")]
    Empty,
    /// It is too long.
    #[error("the answer has {0} characters; {MAX_CHARACTERS} are allowed")]
    TooLong(usize),
    /// There is no such thread.
    #[error("no such thread")]
    NoThread,
    /// The same wish was handed in with other words.
    #[error("another answer was handed in under the same key")]
    OtherWords,
    /// The screen blocks it.
    #[error("the screen blocks it")]
    Blocked(Box<Report>),
    /// The world did not answer.
    #[error(transparent)]
    Port(#[from] PortError),
}

/// Screens the answer as it will be screened before it is sent, and puts it into the outbox. The same wish again gives the same
/// item and sends nothing more.
///
/// # Errors
/// See [`HandInError`]; nothing was stored.
pub async fn hand_in<W>(
    world: &W,
    store: &Store,
    thread: &ThreadId,
    answer: &Answer,
    by: &By,
    now: Timestamp,
) -> Result<HandedIn, HandInError>
where
    W: FindThreads + ReadOutbox + Commit,
{
    let length = answer.text.expose().chars().count();
    if answer.text.expose().trim().is_empty() {
        return Err(HandInError::Empty);
    }
    if length > MAX_CHARACTERS {
        return Err(HandInError::TooLong(length));
    }
    let found = world.find(&store.id, &Handle::Thread(thread.clone())).await?;
    let thread = found.into_iter().next().ok_or(HandInError::NoThread)?;
    // Once more, where the same wish was handed in at the same moment.
    for _ in 0..2 {
        let mut item = match outgoing(world, &thread, answer, now).await? {
            Wish::New(item) => *item,
            Wish::Known(key) => {
                let known = world.outgoing(&store.id, &thread.buyer, &key).await?;
                let item = known.ok_or_else(contended)?;
                let (text, by) = (answer.text.clone(), answer.by.clone());
                let wanted = Outgoing::reply(&thread, text, by, answer.r#override, "", now);
                return if item.content == wanted.content {
                    Ok(HandedIn { item, repeated: true })
                } else {
                    Err(HandInError::OtherWords)
                };
            }
        };
        let report = screening::report(store, &thread, &item, &answer.text);
        if !screening::may_go(&report, &item.content) {
            return Err(HandInError::Blocked(Box::new(report)));
        }
        item.findings = screening::rules_found(&report);
        let what = if report.verdict == Verdict::Block {
            Deed::Overrode
        } else {
            Deed::Answered
        };
        let about = Some(Personal::new(item.key.as_str()));
        let did = Did::new(Some(&store.id), now, by, what, Some(&thread.id), about);
        let changes = vec![Change::Outgoing(Box::new(item.clone())), Change::Did(Box::new(did))];
        match world.commit(changes).await {
            Ok(()) => return Ok(HandedIn { item, repeated: false }),
            Err(CommitError::Refused(Refusal::Duplicate)) => {}
            Err(CommitError::Refused(_)) => break,
            Err(CommitError::Port(error)) => return Err(error.into()),
        }
    }
    Err(contended().into())
}
