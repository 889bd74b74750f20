//! A person wants to answer a thread: the answer goes into the outbox, `send-reply` does the rest.
//!
//! There is one way in, `accept`: whoever brings the answer, it is checked, found again where it was handed in before,
//! screened as it will be screened before it is sent, and its files are kept. Whoever waits for a response ([`hand_in`]: the
//! API, the command, a replay) is refused at once what the screen blocks. Whoever does not (a helpdesk's webhook, in the write
//! that also remembers the webhook) finds it blocked: `send-reply` reports it, with an event for other systems.

use jiff::Timestamp;

use super::attachments;
use super::retry::contended;
use super::screening;
use crate::domain::attachment::{Attachment, KeptAttachment};
use crate::domain::deed::{By, Deed, Did};
use crate::domain::key::Key;
use crate::domain::outgoing::{Outgoing, State};
use crate::domain::personal::Personal;
use crate::domain::screening::{Report, Verdict};
use crate::domain::store::Store;
use crate::domain::thread::{Thread, ThreadId};
use crate::ports::{Change, Commit, CommitError, FindThreads, Handle, KeepAttachment, PortError, ReadOutbox, Refusal};

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
    /// The idempotency key: the same again is no second answer. Where there is none, the same words and files by the same
    /// person are the same answer until the buyer writes again.
    pub idempotency_key: Option<String>,
}

/// An answer that was taken.
#[derive(Clone, Debug)]
pub struct HandedIn {
    /// The item of the outbox, as it is now.
    pub item: Outgoing,
    /// It had been handed in before: nothing was changed.
    pub repeated: bool,
}

/// What the screen says of an answer that it blocks.
#[derive(Clone, Debug)]
pub struct Blocked {
    /// All that it found.
    pub report: Report,
    /// The ids of the rules, the gravest first, each once; notes are left out.
    pub rules: Vec<String>,
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
    /// It has too many files.
    #[error("the answer has {0} attachments; {MAX_ATTACHMENTS} are allowed")]
    TooManyAttachments(usize),
    /// They are too large.
    #[error("the attachments have {0} bytes; {MAX_ATTACHED_BYTES} are allowed")]
    AttachmentsTooLarge(usize),
    /// There is no such thread.
    #[error("no such thread")]
    NoThread,
    /// Another answer was handed in under the same idempotency key.
    #[error("another answer was handed in under the same key")]
    OtherWords,
    /// The screen blocks it.
    #[error("the screen blocks it")]
    Blocked(Box<Blocked>),
    /// The table or the bucket could not be reached.
    #[error(transparent)]
    Port(#[from] PortError),
}

impl HandInError {
    /// Short code for reports.
    pub(super) fn code(&self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::TooLong(_) => "too-long",
            Self::TooManyAttachments(_) => "too-many-attachments",
            Self::AttachmentsTooLarge(_) => "attachments-too-large",
            Self::NoThread => "no-such-thread",
            Self::OtherWords => "other-words",
            Self::Blocked(_) => "blocked",
            Self::Port(_) => "unavailable",
        }
    }
}

/// What becomes of an answer that the screen blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum IfBlocked {
    /// It is refused with what was found, and nothing is kept of it.
    Refuse,
    /// It is stored: `send-reply` blocks it too, and reports it.
    Store,
}

/// An answer that can be taken.
pub(super) enum Accepted {
    /// To be stored.
    New(Box<Screened>),
    /// The item that it is already.
    Known(Box<Outgoing>),
}

/// A new item of the outbox, and what the screen says of it.
pub(super) struct Screened {
    pub(super) item: Outgoing,
    pub(super) report: Report,
}

/// The way of an answer into the outbox, short of the write: see above.
///
/// # Errors
/// See [`HandInError`]; nothing is to be stored. Files may have been kept: they expire.
pub(super) async fn accept<P, B>(
    ports: &P,
    bucket: &B,
    store: &Store,
    thread: &Thread,
    answer: &Answer,
    if_blocked: IfBlocked,
    now: Timestamp,
) -> Result<Accepted, HandInError>
where
    P: ReadOutbox,
    B: KeepAttachment,
{
    check(answer)?;
    let mut item = match outgoing(ports, thread, answer, now).await? {
        OutboxItem::New(item) => *item,
        OutboxItem::Known(item) => return Ok(Accepted::Known(item)),
    };
    let report = screening::report(store, thread, &item, &answer.text);
    let rules = screening::rules_found(&report, &item.content);
    if if_blocked == IfBlocked::Refuse && !screening::may_go(&report, &item.content) {
        return Err(HandInError::Blocked(Box::new(Blocked { report, rules })));
    }
    item.findings = rules;
    attachments::keep(bucket, &answer.attachments, &item).await?;
    Ok(Accepted::New(Box::new(Screened { item, report })))
}

/// Hands an answer in for somebody who waits for the response: what the screen blocks is refused, what is taken is in the
/// outbox and in the trace of who did what. The same again gives the same item and sends nothing more.
///
/// # Errors
/// See [`HandInError`]; nothing will be sent. Files may have been kept: they expire.
pub async fn hand_in<P, B>(
    ports: &P,
    bucket: &B,
    store: &Store,
    thread: &ThreadId,
    answer: &Answer,
    by: &By,
    now: Timestamp,
) -> Result<HandedIn, HandInError>
where
    P: FindThreads + ReadOutbox + Commit,
    B: KeepAttachment,
{
    // Before anything is read.
    check(answer)?;
    let found = ports.find(&store.id, &Handle::Thread(thread.clone())).await?;
    let thread = found.into_iter().next().ok_or(HandInError::NoThread)?;
    // Once more, where the same answer was handed in at the same moment.
    for _ in 0..2 {
        let accepted = accept(ports, bucket, store, &thread, answer, IfBlocked::Refuse, now).await?;
        let Screened { item, report } = match accepted {
            Accepted::New(screened) => *screened,
            Accepted::Known(item) => {
                return Ok(HandedIn {
                    item: *item,
                    repeated: true,
                });
            }
        };
        let what = if report.verdict == Verdict::Block {
            Deed::Overrode
        } else {
            Deed::Answered
        };
        let about = Some(Personal::new(item.key.as_str()));
        let did = Did::new(Some(&store.id), now, by, what, Some(&thread.id), about);
        let changes = vec![Change::Outgoing(Box::new(item.clone())), Change::Did(Box::new(did))];
        match ports.commit(changes).await {
            Ok(()) => return Ok(HandedIn { item, repeated: false }),
            Err(CommitError::Refused(Refusal::Duplicate)) => {}
            Err(CommitError::Refused(_)) => break,
            Err(CommitError::Port(error)) => return Err(error.into()),
        }
    }
    Err(contended().into())
}

/// Whether words and files can be taken as an answer.
fn check(answer: &Answer) -> Result<(), HandInError> {
    let (text, files) = (answer.text.expose(), &answer.attachments);
    if text.trim().is_empty() {
        return Err(HandInError::Empty);
    }
    let length = text.chars().count();
    if length > MAX_CHARACTERS {
        return Err(HandInError::TooLong(length));
    }
    if files.len() > MAX_ATTACHMENTS {
        return Err(HandInError::TooManyAttachments(files.len()));
    }
    let bytes = files.iter().map(|file| file.content().len()).sum();
    if bytes > MAX_ATTACHED_BYTES {
        return Err(HandInError::AttachmentsTooLarge(bytes));
    }
    Ok(())
}

/// An answer, held against the outbox.
enum OutboxItem {
    /// Not there yet.
    New(Box<Outgoing>),
    /// There it is.
    Known(Box<Outgoing>),
}

/// The most often that one answer is handed in again after it came back.
const MOST_ROUNDS: usize = 20;

/// The answer as an item of the outbox: a new one, unless the same answer is on its way, sent or in doubt. What was blocked or
/// came back may be handed in again, where it is named by its words alone. Under a key of its own it must be the same answer.
async fn outgoing<P: ReadOutbox>(
    ports: &P,
    thread: &Thread,
    answer: &Answer,
    now: Timestamp,
) -> Result<OutboxItem, HandInError> {
    let files = attachments::named(&answer.attachments, thread);
    let key = answer.idempotency_key.clone();
    let key = key.unwrap_or_else(|| same_words(thread, answer, &files));
    let item = |key: &str| {
        let (text, by) = (answer.text.clone(), answer.by.clone());
        Outgoing::reply(thread, text, by, answer.r#override, key, now).with_attachments(files.clone())
    };
    let mut latest = item(&key);
    let mut round = 0;
    loop {
        let Some(stored) = ports.outgoing(&thread.store, &thread.buyer, &latest.key).await? else {
            return Ok(OutboxItem::New(Box::new(latest)));
        };
        if answer.idempotency_key.is_some() && stored.content != latest.content {
            return Err(HandInError::OtherWords);
        }
        let came_to_nothing = matches!(stored.state, State::Blocked | State::Failed | State::Withdrawn);
        if answer.idempotency_key.is_some() || !came_to_nothing || round == MOST_ROUNDS {
            return Ok(OutboxItem::Known(Box::new(stored)));
        }
        round += 1;
        latest = item(&format!("{key}/{round}"));
    }
}

/// Names an answer by its words and files, who wrote them, and what they answer.
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
