//! A person hands in an answer and learns at once whether it goes out: screened, kept for `send-reply`, and traced to him.

use jiff::Timestamp;

use super::attachments;
use super::reply::{Answer, SubmitError, Wish, check, outgoing};
use super::retry::contended;
use super::screening;
use crate::domain::deed::{By, Deed, Did};
use crate::domain::outgoing::Outgoing;
use crate::domain::personal::Personal;
use crate::domain::screening::{Report, Verdict};
use crate::domain::store::Store;
use crate::domain::thread::ThreadId;
use crate::ports::{Change, Commit, CommitError, FindThreads, Handle, KeepAttachment, PortError, ReadOutbox, Refusal};

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
    /// It is none, there is no such thread, or the world did not answer.
    #[error(transparent)]
    NotTaken(#[from] SubmitError),
    /// The same wish was handed in with other words or files.
    #[error("another answer was handed in under the same key")]
    OtherWords,
    /// The screen blocks it.
    #[error("the screen blocks it")]
    Blocked(Box<Report>),
}

impl From<PortError> for HandInError {
    fn from(error: PortError) -> Self {
        SubmitError::from(error).into()
    }
}

/// Screens the answer as it will be screened before it is sent, and puts it into the outbox. The same wish again gives the same
/// item and sends nothing more.
///
/// # Errors
/// See [`HandInError`]; nothing will be sent. Files may have been kept: they expire.
pub async fn hand_in<W, B>(
    world: &W,
    bucket: &B,
    store: &Store,
    thread: &ThreadId,
    answer: &Answer,
    by: &By,
    now: Timestamp,
) -> Result<HandedIn, HandInError>
where
    W: FindThreads + ReadOutbox + Commit,
    B: KeepAttachment,
{
    check(&answer.text, &answer.attachments)?;
    let found = world.find(&store.id, &Handle::Thread(thread.clone())).await?;
    let thread = found.into_iter().next().ok_or(SubmitError::NoThread)?;
    // Once more, where the same wish was handed in at the same moment.
    for _ in 0..2 {
        let mut item = match outgoing(world, &thread, answer, now).await? {
            Wish::New(item) => *item,
            Wish::Known(key) => {
                let known = world.outgoing(&store.id, &thread.buyer, &key).await?;
                let item = known.ok_or_else(contended)?;
                let (text, by) = (answer.text.clone(), answer.by.clone());
                let wanted = Outgoing::reply(&thread, text, by, answer.r#override, "", now);
                let wanted = wanted.with_attachments(attachments::named(&answer.attachments, &thread));
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
        item.findings = screening::rules_found(&report, &item.content);
        attachments::keep(bucket, &answer.attachments, &item).await?;
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
