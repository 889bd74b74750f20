//! Sending one item of the outbox, once: claim, send, mark.
//!
//! The claim is a conditional write, so of two senders one goes on. What happens after the claim decides what can be known:
//! refused or not taken is certain; a broken connection is not, and neither is a process that dies between send and mark.
//! Such an item ends as `unknown`: reported, never sent again by itself.

use jiff::Timestamp;

use super::attachments;
use super::retry::{contended, settled};
use super::screening;
use super::sent::{mark_sent, words};
use crate::domain::alias::Buyer;
use crate::domain::clock;
use crate::domain::event::Event;
use crate::domain::key::Key;
use crate::domain::metrics;
use crate::domain::outgoing::{CLAIM, Letter, Outgoing, State};
use crate::domain::report::Report;
use crate::domain::request::{self, Withheld};
use crate::domain::screening as screen;
use crate::domain::store::{Store, StoreId};
use crate::domain::thread::Thread;
use crate::ports::{
    BuyerRecord, Change, Commit, CommitError, FetchAttachment, FindStore, PortError, ReadBuyer, ReadOutbox, Refusal,
    SendError, SendMail,
};

/// What became of an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// SES accepted it.
    Sent,
    /// No longer needed.
    Withdrawn(Withheld),
    /// Over the day's budget: tried again the next day.
    Held,
    /// The screen blocks it: handed back with the rules it breaks.
    Blocked,
    /// It can never go out: SES refused it for good, or something of it is gone.
    Refused,
    /// Nobody can tell whether it went out.
    Unknown,
    /// Not to be sent: done, or somebody else's, or gone.
    NotPending,
}

impl Delivery {
    /// Short name for metrics and logs.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Withdrawn(_) => "withdrawn",
            Self::Held => "held",
            Self::Blocked => "blocked",
            Self::Refused => "refused",
            Self::Unknown => "unknown",
            Self::NotPending => "not-pending",
        }
    }
}

/// An item could not be dealt with; nothing was sent that is not marked, or it is claimed and will end as unknown.
#[derive(Debug, thiserror::Error)]
pub enum DeliverError {
    /// Another sender holds the claim. If it died, the item becomes unknown when the claim ends.
    #[error("claimed by another sender")]
    InFlight,
    /// The mail service takes no mail at the moment.
    #[error("not taken: {0}")]
    NotNow(String),
    /// The world did not answer.
    #[error(transparent)]
    Port(#[from] PortError),
}

impl DeliverError {
    /// Whether trying again later can help.
    pub fn retry(&self) -> bool {
        match self {
            Self::InFlight | Self::NotNow(_) => true,
            Self::Port(error) => error.retry(),
        }
    }
}

impl From<CommitError> for DeliverError {
    fn from(error: CommitError) -> Self {
        match error {
            CommitError::Port(error) => Self::Port(error),
            CommitError::Refused(_) => Self::Port(contended()),
        }
    }
}

/// Sends the item with this key if it is still to be sent, with all its files or not at all.
///
/// # Errors
/// Where it may still be sent later; see [`DeliverError::retry`].
pub async fn deliver<W, B, M>(
    world: &W,
    bucket: &B,
    mailer: &M,
    (store, buyer, key): (&StoreId, &Buyer, &Key),
    now: Timestamp,
) -> Result<Delivery, DeliverError>
where
    W: FindStore + ReadBuyer + ReadOutbox + Commit,
    B: FetchAttachment,
    M: SendMail,
{
    let Some(item) = world.outgoing(store, buyer, key).await? else {
        return Ok(Delivery::NotPending);
    };
    match item.state {
        State::Pending | State::Deferred => {}
        State::Sending if item.claimed_until.is_some_and(|until| until > now) => return Err(DeliverError::InFlight),
        State::Sending => return give_up(world, item, "claim-expired", now).await,
        _ => return Ok(Delivery::NotPending),
    }
    let Some(store) = world.store(store).await? else {
        return fail(world, item, "no-such-store", now).await;
    };
    let BuyerRecord { threads, .. } = world.buyer(&store.id, buyer).await?;
    let (mine, others): (Vec<&Thread>, Vec<&Thread>) = threads.iter().partition(|thread| thread.id == item.thread);
    let Some(thread) = mine.first().copied() else {
        return fail(world, item, "no-such-thread", now).await;
    };

    if item.content.automatic()
        && let Err(reason) = request::still_needed(thread, &others, item.created_at)
    {
        return withdraw(world, item, reason).await;
    }
    let text = words(&item.content);
    let mut item = item;
    let report = screening::report(&store, thread, &item, &text);
    item.findings = screening::rules_found(&report, &item.content);
    if !screening::may_go(&report, &item.content) {
        return block(world, thread, item, &report, now).await;
    }
    let Some(attachments) = attachments::fetch(bucket, &item).await? else {
        return fail(world, item, "attachment-missing", now).await;
    };
    let letter = Letter {
        attachments,
        ..Letter::answering(thread, &item, &store.from, text, now)
    };
    let claimed = match claim(world, &store, item, now).await? {
        Claim::Ours(item) => *item,
        Claim::Spent => return Ok(Delivery::Held),
        Claim::Lost => return Ok(Delivery::NotPending),
    };
    match mailer.send(&letter).await {
        Ok(accepted) => {
            mark_sent(world, &store, claimed, letter.text, accepted, now).await?;
            Ok(Delivery::Sent)
        }
        Err(SendError::Refused { code }) => fail(world, claimed, &code, now).await,
        Err(SendError::Unknown { code }) => give_up(world, claimed, &code, now).await,
        Err(SendError::NotNow { code }) => {
            let refund = Change::Refund {
                store: store.id.clone(),
                day: metrics::day(now),
            };
            let deferred = Outgoing {
                state: State::Deferred,
                claimed_until: None,
                ..claimed
            };
            let moved = Change::Move {
                item: Box::new(deferred),
                from: State::Sending,
            };
            world.commit(vec![moved, refund]).await?;
            Err(DeliverError::NotNow(code))
        }
    }
}

/// What became of the wish to claim an item.
enum Claim {
    /// It is ours to send.
    Ours(Box<Outgoing>),
    /// The day's budget is spent: it is held.
    Spent,
    /// Somebody else was first.
    Lost,
}

/// Claims the item and a place in the day's budget, in one write.
async fn claim<W: Commit>(world: &W, store: &Store, item: Outgoing, now: Timestamp) -> Result<Claim, DeliverError> {
    let from = item.state;
    let limit = store.daily_budget(item.content.automatic());
    let claimed = Outgoing {
        state: State::Sending,
        claimed_until: Some(clock::shift(now, CLAIM)),
        ..item.clone()
    };
    let changes = vec![
        Change::Move {
            item: Box::new(claimed.clone()),
            from,
        },
        Change::Spend {
            store: store.id.clone(),
            day: metrics::day(now),
            limit,
        },
    ];
    match world.commit(changes).await {
        Ok(()) => Ok(Claim::Ours(Box::new(claimed))),
        Err(CommitError::Refused(Refusal::Spent)) => {
            let report = report(&item, "daily-budget", now);
            let held = Outgoing {
                state: State::Held,
                held_on: Some(metrics::day(now)),
                ..item
            };
            let changes = vec![
                Change::Move {
                    item: Box::new(held),
                    from,
                },
                report,
            ];
            Ok(if settled(world.commit(changes).await)? {
                Claim::Spent
            } else {
                Claim::Lost
            })
        }
        Err(CommitError::Refused(_)) => Ok(Claim::Lost),
        Err(error) => Err(error.into()),
    }
}

/// Ends an item in this state, and writes what people should know of it; gives whether it was still to be ended.
pub(super) async fn end<W: Commit>(
    world: &W,
    item: Outgoing,
    state: State,
    told: Vec<Change>,
) -> Result<bool, CommitError> {
    let from = item.state;
    let ended = Outgoing {
        state,
        claimed_until: None,
        ..item
    };
    let moved = Change::Move {
        item: Box::new(ended),
        from,
    };
    settled(world.commit([moved].into_iter().chain(told).collect()).await)
}

async fn withdraw<W: Commit>(world: &W, item: Outgoing, reason: Withheld) -> Result<Delivery, DeliverError> {
    let done = end(world, item, State::Withdrawn, Vec::new()).await?;
    Ok(if done {
        Delivery::Withdrawn(reason)
    } else {
        Delivery::NotPending
    })
}

async fn block<W: Commit>(
    world: &W,
    thread: &Thread,
    item: Outgoing,
    screened: &screen::Report,
    now: Timestamp,
) -> Result<Delivery, DeliverError> {
    let report = report(&item, &item.findings.join(", "), now);
    let event = Change::Event(Box::new(Event::blocked(thread, &item, screened, now)));
    let done = end(world, item, State::Blocked, vec![report, event]).await?;
    Ok(if done { Delivery::Blocked } else { Delivery::NotPending })
}

async fn fail<W: Commit>(world: &W, item: Outgoing, code: &str, now: Timestamp) -> Result<Delivery, DeliverError> {
    let report = report(&item, code, now);
    let done = end(world, item, State::Failed, vec![report]).await?;
    Ok(if done { Delivery::Refused } else { Delivery::NotPending })
}

async fn give_up<W: Commit>(world: &W, item: Outgoing, code: &str, now: Timestamp) -> Result<Delivery, DeliverError> {
    let report = report(&item, &format!("unknown: {code}"), now);
    let done = end(world, item, State::Unknown, vec![report]).await?;
    Ok(if done { Delivery::Unknown } else { Delivery::NotPending })
}

fn report(item: &Outgoing, reason: &str, now: Timestamp) -> Change {
    let about = Some(format!("{}/{}", item.thread.as_str(), item.key.as_str()));
    Change::Report(Report::new(&item.store, now, item.content.report_kind(), reason, about))
}
