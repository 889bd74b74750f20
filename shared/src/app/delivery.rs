//! What became of a mail that SES took: delivered, or come back.
//!
//! Events come more than once, late and in any order. That SES tells of a mail at all settles an item of which nobody knew
//! whether it went out. An answer that failed answers nothing: its messages wait again. What a failed mail undid stays
//! undone, whatever is told afterwards.

use jiff::Timestamp;

use super::deliver::end;
use super::retry::{ATTEMPTS, commit_with_marks, contended, marks, put, settled};
use super::sent::{mark_sent, words};
use crate::domain::clock;
use crate::domain::key::Key;
use crate::domain::message::{Message, MessageKind};
use crate::domain::message_id::MessageId;
use crate::domain::outgoing::{Outgoing, State};
use crate::domain::store::{Store, StoreId};
use crate::domain::thread::{Thread, ThreadId};
use crate::ports::{
    Accepted, Change, Commit, CommitError, FindStore, FindThreads, Handle, PortError, ReadBuyer, ReadOutbox, Refusal,
};

/// What SES tells of a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Taken, or still on its way.
    OnItsWay,
    /// Delivered to the relay.
    Delivered,
    /// Come back.
    Bounced {
        /// For good: the address takes no mail.
        permanent: bool,
    },
    /// Taken, then not sent: it holds a virus.
    Rejected,
    /// The receiver complained of it.
    Complained,
}

impl Fate {
    /// Short name for metrics and logs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OnItsWay => "on-its-way",
            Self::Delivered => "delivered",
            Self::Bounced { permanent: true } => "bounced-for-good",
            Self::Bounced { permanent: false } => "bounced",
            Self::Rejected => "rejected",
            Self::Complained => "complained",
        }
    }

    /// What people read of it in the thread.
    fn told(self) -> &'static str {
        match self {
            Self::OnItsWay => "The mail is on its way.",
            Self::Delivered => "The mail was delivered to Amazon.",
            Self::Bounced { permanent: true } => "The mail came back: the address takes no mail.",
            Self::Bounced { permanent: false } => "The mail came back: it could not be delivered in time.",
            Self::Rejected => "The mail was not sent: its content was refused.",
            Self::Complained => "The receiver complained of the mail.",
        }
    }
}

/// An event of SES about a mail of ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tracked {
    /// The store that sent it.
    pub store: StoreId,
    /// The thread.
    pub thread: ThreadId,
    /// The item of the outbox.
    pub outbox: Key,
    /// What became of it.
    pub fate: Fate,
    /// When.
    pub at: Timestamp,
    /// When SES took the mail.
    pub accepted_at: Timestamp,
    /// The Message-ID that SES gave it.
    pub message_id: Option<MessageId>,
}

/// What an event comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing that was not known.
    Known,
    /// Nobody could tell whether it went out: it did.
    Settled,
    /// It failed: what it answered waits again.
    Undone,
    /// Recorded.
    Recorded,
    /// No mail of ours, or of a buyer who was erased.
    Unrelated,
}

impl Outcome {
    /// Short name for metrics and logs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Known => "known",
            Self::Settled => "settled",
            Self::Undone => "undone",
            Self::Recorded => "recorded",
            Self::Unrelated => "unrelated",
        }
    }
}

/// An event could not be dealt with.
#[derive(Debug, thiserror::Error)]
pub enum TrackError {
    /// The sender has not yet marked the mail: it does so within its claim.
    #[error("still being sent")]
    InFlight,
    /// The world did not answer.
    #[error(transparent)]
    Port(#[from] PortError),
}

impl TrackError {
    /// Whether trying again later can help.
    pub fn retry(&self) -> bool {
        match self {
            Self::InFlight => true,
            Self::Port(error) => error.retry(),
        }
    }
}

impl From<CommitError> for TrackError {
    fn from(error: CommitError) -> Self {
        match error {
            CommitError::Port(error) => Self::Port(error),
            CommitError::Refused(_) => Self::Port(contended()),
        }
    }
}

/// Takes in what became of a mail. Doing it again changes nothing.
///
/// # Errors
/// See [`TrackError`]; the event is to be brought again.
pub async fn track<W>(world: &W, tracked: &Tracked, now: Timestamp) -> Result<Outcome, TrackError>
where
    W: FindStore + FindThreads + ReadBuyer + ReadOutbox + Commit,
{
    let handle = Handle::Thread(tracked.thread.clone());
    let thread = world.find(&tracked.store, &handle).await?.pop();
    let (Some(thread), Some(store)) = (thread, world.store(&tracked.store).await?) else {
        return Ok(Outcome::Unrelated);
    };
    let Some(item) = world.outgoing(&store.id, &thread.buyer, &tracked.outbox).await? else {
        return Ok(Outcome::Unrelated);
    };
    let in_doubt = match item.state {
        State::Unknown => true,
        State::Sending if item.claimed_until.is_none_or(|until| until <= now) => true,
        State::Sending => return Err(TrackError::InFlight),
        _ => false,
    };
    if in_doubt && tracked.fate == Fate::Rejected {
        let ended = end(world, item, State::Failed, Vec::new()).await?;
        return Ok(if ended { Outcome::Settled } else { Outcome::Known });
    }
    if in_doubt {
        let accepted = Accepted {
            at: tracked.accepted_at,
            message_id: tracked.message_id.clone(),
        };
        let text = words(&item.content);
        mark_sent(world, &store, item, text, accepted, now).await?;
    }
    match tracked.fate {
        Fate::Bounced { .. } | Fate::Rejected => undo(world, &store, &thread, tracked, now).await,
        Fate::Complained => record(world, &thread, tracked).await,
        Fate::OnItsWay | Fate::Delivered if in_doubt => Ok(Outcome::Settled),
        Fate::OnItsWay | Fate::Delivered => Ok(Outcome::Known),
    }
}

/// The event as a notice in the thread: one for each mail and fate.
fn notice(thread: &Thread, tracked: &Tracked) -> Change {
    let message = Message {
        key: Key::of(&["fate", tracked.outbox.as_str(), tracked.fate.as_str()]),
        thread: thread.id.clone(),
        at: tracked.at,
        by: Some("SES".into()),
        kind: MessageKind::Notice,
        mail: None,
        automatic: true,
        text: Some(tracked.fate.told().into()),
        message_id: None,
        raw: None,
        attachments: 0,
        fact: None,
        failed: false,
    };
    put(message, thread)
}

async fn record<W: Commit>(world: &W, thread: &Thread, tracked: &Tracked) -> Result<Outcome, TrackError> {
    match world.commit(vec![notice(thread, tracked)]).await {
        Ok(()) => Ok(Outcome::Recorded),
        Err(CommitError::Refused(Refusal::Duplicate)) => Ok(Outcome::Known),
        Err(error) => Err(error.into()),
    }
}

/// The mail did not arrive: it answers nothing any more.
async fn undo<W>(
    world: &W,
    store: &Store,
    thread: &Thread,
    tracked: &Tracked,
    now: Timestamp,
) -> Result<Outcome, TrackError>
where
    W: ReadBuyer + ReadOutbox + Commit,
{
    for _ in 0..ATTEMPTS {
        let record = world.buyer(&store.id, &thread.buyer).await?;
        let mine = record.threads.into_iter().find(|one| one.id == thread.id);
        let item = world.outgoing(&store.id, &thread.buyer, &tracked.outbox).await?;
        let (Some(mut thread), Some(item)) = (mine, item) else {
            return Ok(Outcome::Unrelated);
        };
        let mut messages = world.messages(&store.id, &thread.buyer, &thread.id).await?;
        let mut changes = vec![notice(&thread, tracked)];
        let mut facts = Vec::new();
        if let Some(message) = messages.iter_mut().find(|message| message.key == tracked.outbox) {
            message.failed = true;
            changes.push(Change::Mark {
                store: store.id.clone(),
                buyer: thread.buyer.clone(),
                message: message.key.clone(),
                at: message.at,
                fact: None,
                failed: true,
            });
            let result = clock::settle(&messages, &thread.excused);
            thread.settle(&result, store);
            facts = marks(&thread, &result.changed);
        }
        if tracked.fate == (Fate::Bounced { permanent: true }) {
            thread.bounced_at = thread.bounced_at.max(Some(tracked.at));
        }
        if item.state == State::Sent {
            let failed = Outgoing {
                state: State::Failed,
                ..item
            };
            changes.push(Change::Move {
                item: Box::new(failed),
                from: State::Sent,
            });
        }
        changes.push(Change::Thread(Box::new(thread)));
        match settled(commit_with_marks(world, changes, facts, now).await) {
            Ok(true) => return Ok(Outcome::Undone),
            Ok(false) => {}
            Err(CommitError::Refused(Refusal::Duplicate)) => return Ok(Outcome::Known),
            Err(error) => return Err(error.into()),
        }
    }
    Err(contended().into())
}
