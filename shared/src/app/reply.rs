//! A person wants to answer a thread: the wish goes into the outbox, `send-reply` does the rest.

use jiff::Timestamp;

use super::attachments;
use super::retry::load;
use crate::domain::alias::Buyer;
use crate::domain::attachment::{Attachment, KeptAttachment};
use crate::domain::key::Key;
use crate::domain::outgoing::{Outgoing, State};
use crate::domain::personal::Personal;
use crate::domain::store::StoreId;
use crate::domain::thread::{Thread, ThreadId};
use crate::ports::{Change, Commit, CommitError, KeepAttachment, PortError, ReadBuyer, ReadOutbox, Refusal};

/// The longest answer, in characters. Amazon publishes no limit; its own form ends at 4,000.
pub const MAX_CHARACTERS: usize = 20_000;

/// The most files of an answer: more than the screen lets pass, so that it is the screen that says so.
pub const MAX_ATTACHMENTS: usize = 20;

/// The most bytes of all files together, likewise.
pub const MAX_ATTACHED_BYTES: usize = 25 * 1024 * 1024;

/// An answer to be sent.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Its words.
    pub text: Personal,
    /// Who wrote it.
    pub by: Personal,
    /// That person sends it although the screen objects.
    pub r#override: bool,
    /// The files that go out with it.
    pub attachments: Vec<Attachment>,
    /// Names this one wish: the same again is no second answer. Where nothing names it, the same words and files by the same
    /// person are the same wish until the buyer writes again.
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
    /// It has too many files.
    #[error("the answer has {0} attachments; {MAX_ATTACHMENTS} are allowed")]
    TooManyAttachments(usize),
    /// They are too large.
    #[error("the attachments have {0} bytes; {MAX_ATTACHED_BYTES} are allowed")]
    AttachmentsTooLarge(usize),
    /// There is no such thread.
    #[error("no such thread")]
    NoThread,
    /// The world did not answer.
    #[error(transparent)]
    Port(#[from] PortError),
}

impl SubmitError {
    /// Short code for reports.
    pub(super) fn code(&self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::TooLong(_) => "too-long",
            Self::TooManyAttachments(_) => "too-many-attachments",
            Self::AttachmentsTooLarge(_) => "attachments-too-large",
            Self::NoThread => "no-such-thread",
            Self::Port(_) => "unavailable",
        }
    }
}

/// Whether words and files can be taken as an answer.
pub(super) fn check(text: &Personal, files: &[Attachment]) -> Result<(), SubmitError> {
    if text.expose().trim().is_empty() {
        return Err(SubmitError::Empty);
    }
    let length = text.expose().chars().count();
    if length > MAX_CHARACTERS {
        return Err(SubmitError::TooLong(length));
    }
    if files.len() > MAX_ATTACHMENTS {
        return Err(SubmitError::TooManyAttachments(files.len()));
    }
    let bytes = files.iter().map(|file| file.content().len()).sum();
    if bytes > MAX_ATTACHED_BYTES {
        return Err(SubmitError::AttachmentsTooLarge(bytes));
    }
    Ok(())
}

/// Puts the answer into the outbox and gives its key; its files are kept before. The same wish again gives the same key
/// and sends nothing more.
///
/// # Errors
/// See [`SubmitError`]; nothing will be sent. Files may have been kept: they expire.
pub async fn submit<W, B>(
    world: &W,
    bucket: &B,
    store: &StoreId,
    buyer: &Buyer,
    thread: &ThreadId,
    answer: Answer,
    now: Timestamp,
) -> Result<Key, SubmitError>
where
    W: ReadBuyer + ReadOutbox + Commit,
    B: KeepAttachment,
{
    check(&answer.text, &answer.attachments)?;
    let (thread, _) = load(world, store, buyer, thread).await?.ok_or(SubmitError::NoThread)?;
    let item = match outgoing(world, &thread, &answer, now).await? {
        Wish::New(item) => *item,
        Wish::Known(key) => return Ok(key),
    };
    attachments::keep(bucket, &answer.attachments, &item).await?;
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
    let files = attachments::named(&answer.attachments, thread);
    let named = answer
        .wish
        .clone()
        .unwrap_or_else(|| same_words(thread, answer, &files));
    let item = |wish: &str| {
        let (text, by) = (answer.text.clone(), answer.by.clone());
        Outgoing::reply(thread, text, by, answer.r#override, wish, now).with_attachments(files.clone())
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

/// Names a wish by its words and files, who wrote them, and what they answer.
fn same_words(thread: &Thread, answer: &Answer, files: &[KeptAttachment]) -> String {
    let answers = thread.last_buyer_at.to_string();
    let mut parts = vec![
        answer.text.expose().trim(),
        answer.by.expose().trim(),
        if answer.r#override { "override" } else { "" },
        &answers,
    ];
    parts.extend(files.iter().flat_map(|file| [file.name.expose(), &file.place]));
    Key::of(&parts).as_str().to_owned()
}
