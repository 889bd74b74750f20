//! A helpdesk has called, and its signature holds: find the thread, and write down what is told of it, once.
//!
//! Calls come again and out of order. Each is claimed in the write that it leads to, so a repetition changes nothing. What
//! it tells counts from its own time and is folded into what is known, so that any order ends in the same state; only a
//! time that has not come yet is taken as now.

use jiff::Timestamp;

use super::answer::{Accepted, Answer, HandInError, IfBlocked, accept};
use super::find::{Found, referenced, ticket};
use super::retry::{ATTEMPTS, commit_with_marks, contended, marks, put, settled};
use crate::domain::clock;
use crate::domain::key::Key;
use crate::domain::message::{Message, MessageKind};
use crate::domain::report::{Report, ReportKind};
use crate::domain::store::Store;
use crate::domain::thread::{Thread, ThreadId};
use crate::domain::webhook::{self, Answered, Body, Event, Fact, Told};
use crate::ports::{
    Change, Commit, CommitError, FindStore, FindThreads, KeepAttachment, PortError, ReadBuyer, ReadOutbox, Refusal,
};

/// What became of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is written down in this thread.
    Applied(ThreadId),
    /// Believed before: nothing changed.
    Repeated,
    /// It tells nothing that concerns us.
    Nothing,
    /// It is about no thread that we know.
    NoThread,
    /// It may be about several threads: nothing is guessed.
    Ambiguous,
    /// It cannot be read.
    Unreadable,
    /// It wants an answer sent that cannot be taken, for this reason.
    NotTaken(&'static str),
}

impl Outcome {
    /// Short name for metrics and logs.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Applied(_) => "applied",
            Self::Repeated => "repeated",
            Self::Nothing => "nothing",
            Self::NoThread => "no-thread",
            Self::Ambiguous => "ambiguous",
            Self::Unreadable => "unreadable",
            Self::NotTaken(reason) => reason,
        }
    }
}

/// A call could not be dealt with: it stays in the queue.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct WebhookError(#[from] PortError);

impl WebhookError {
    /// Whether trying again later can help.
    pub fn retry(&self) -> bool {
        self.0.retry()
    }
}

/// Writes down what the call tells; `now` is the time of writing. Files of an answer go into the bucket first. Doing it
/// again changes nothing.
///
/// # Errors
/// Only where the world fails; whatever the call holds is an [`Outcome`].
pub async fn apply<W, B>(world: &W, bucket: &B, told: &Told, now: Timestamp) -> Result<Outcome, WebhookError>
where
    W: FindStore + ReadBuyer + FindThreads + ReadOutbox + Commit,
    B: KeepAttachment,
{
    let event = match webhook::read(told.source, told.topic.as_deref(), &told.body) {
        Body::Event(event) => *event,
        Body::Unreadable => return report(world, told, &Event::default(), "unreadable", Outcome::Unreadable).await,
    };
    if event.facts.is_empty() {
        return Ok(Outcome::Nothing);
    }
    for _ in 0..ATTEMPTS {
        let thread = match referenced(world, &told.stores, told.source, &event.reference).await? {
            Found::One(thread) => *thread,
            // Helpdesks tell of all their tickets, most of them none of ours; only our own events must name a thread.
            Found::None if event.reference.select.is_none() => return Ok(Outcome::NoThread),
            Found::None => return report(world, told, &event, "no-such-thread", Outcome::NoThread).await,
            Found::Several => return report(world, told, &event, "ambiguous", Outcome::Ambiguous).await,
        };
        let Some(store) = world.store(&thread.store).await? else {
            return Ok(Outcome::NoThread);
        };
        let outcome = Outcome::Applied(thread.id.clone());
        let (changes, facts) = match decide((world, bucket), told, &event, thread, &store).await {
            Ok(decided) => decided,
            Err(NotDecided::Answer(reason)) => {
                return report(world, told, &event, reason, Outcome::NotTaken(reason)).await;
            }
            Err(NotDecided::Port(error)) => return Err(error.into()),
        };
        match settled(commit_with_marks(world, changes, facts, now).await) {
            Ok(true) => return Ok(outcome),
            Ok(false) => {}
            Err(error) => return repeated(error),
        }
    }
    Err(contended().into())
}

fn repeated(error: CommitError) -> Result<Outcome, WebhookError> {
    match error {
        CommitError::Refused(Refusal::Duplicate) => Ok(Outcome::Repeated),
        CommitError::Refused(_) => Err(contended().into()),
        CommitError::Port(error) => Err(error.into()),
    }
}

/// When it happened: as it says itself, else when it was signed, else when it came; never later than that.
fn happened(told: &Told, event: &Event) -> Timestamp {
    event.at.or(told.signed_at).unwrap_or(told.received).min(told.received)
}

fn claims(told: &Told, event: &Event) -> Vec<Key> {
    webhook::claims(told.source, &told.stores, told.delivery.as_deref(), event, &told.body)
}

fn believed(told: &Told, event: &Event) -> impl Iterator<Item = Change> {
    let at = told.received;
    claims(told, event)
        .into_iter()
        .map(move |claim| Change::Believed { claim, at })
}

/// Tells a person of a call that leads nowhere, once.
async fn report<W: Commit>(
    world: &W,
    told: &Told,
    event: &Event,
    reason: &'static str,
    outcome: Outcome,
) -> Result<Outcome, WebhookError> {
    let Some(store) = told.stores.first() else {
        return Ok(outcome);
    };
    let about = claims(told, event)
        .first()
        .map(|key| format!("{}/{}", told.source.as_str(), key.as_str()));
    let report = Change::Report(Report::new(store, told.received, ReportKind::Webhook, reason, about));
    match world.commit(believed(told, event).chain([report]).collect()).await {
        Ok(()) => Ok(outcome),
        Err(error) => repeated(error),
    }
}

/// Nothing of the event is written.
enum NotDecided {
    /// It wants an answer sent that cannot be taken, for this reason.
    Answer(&'static str),
    Port(PortError),
}

impl From<PortError> for NotDecided {
    fn from(error: PortError) -> Self {
        Self::Port(error)
    }
}

impl From<HandInError> for NotDecided {
    fn from(error: HandInError) -> Self {
        match error {
            HandInError::Port(error) => Self::Port(error),
            error => Self::Answer(error.code()),
        }
    }
}

/// What the event changes of the thread.
async fn decide<W: ReadBuyer + ReadOutbox, B: KeepAttachment>(
    (world, bucket): (&W, &B),
    told: &Told,
    event: &Event,
    mut thread: Thread,
    store: &Store,
) -> Result<(Vec<Change>, Vec<Change>), NotDecided> {
    let at = happened(told, event);
    let before = thread.clone();
    let mut changes: Vec<Change> = believed(told, event).collect();
    let mut answers = Vec::new();
    let mut excused = false;
    for fact in &event.facts {
        match fact {
            Fact::Answered(answered) => answers.push(answer(told, event, answered, &thread, at)),
            Fact::NoResponseNeeded => excused = true,
            Fact::Closed => excused |= store.closed_needs_no_response && thread.waiting_since.is_some(),
            Fact::Assigned(to) => thread.assign(to.clone(), at),
            Fact::Tagged { add, remove } => {
                excused |= add.contains(&store.no_response_needed_tag);
                thread.tag(add, remove, at);
            }
            Fact::TagsAre(tags) => {
                // It stays on the ticket, and lists repeat it: a buyer who writes again must not be silenced by a tag of old.
                let said = &store.no_response_needed_tag;
                excused |= tags.contains(said) && !thread.tags.contains(said);
                thread.tags_are(tags, at);
            }
            Fact::Reply(wanted) => {
                let files = wanted.attachments.as_ref();
                let files = files.map_err(|unusable| NotDecided::Answer(unusable.code()))?;
                let answer = Answer {
                    text: wanted.text.clone(),
                    by: wanted.by.clone(),
                    r#override: wanted.r#override,
                    attachments: files.clone(),
                    idempotency_key: None,
                };
                let accepted = accept(world, bucket, store, &thread, &answer, IfBlocked::Store, told.received);
                match accepted.await? {
                    Accepted::New(screened) => changes.push(Change::Outgoing(Box::new(screened.item))),
                    Accepted::Known(_) => {}
                }
            }
        }
    }
    if let Some(id) = &event.reference.ticket {
        changes.push(Change::Handle(ticket(told.source, id), Box::new(thread.clone())));
    }
    let mut facts = Vec::new();
    if excused {
        thread.excused.insert(at);
    }
    if excused || !answers.is_empty() {
        let mut messages = world.messages(&thread.store, &thread.buyer, &thread.id).await?;
        messages.extend(answers.iter().cloned());
        let result = clock::settle(&messages, &thread.excused);
        thread.settle(&result, store);
        facts = marks(&thread, &result.changed);
    }
    for message in answers {
        thread.last_message_at = thread.last_message_at.max(message.at);
        changes.push(put(message, &thread));
    }
    if thread != before {
        changes.push(Change::Thread(Box::new(thread)));
    }
    Ok((changes, facts))
}

/// The answer as a message of the thread: the same however often the helpdesk tells of it.
fn answer(told: &Told, event: &Event, answered: &Answered, thread: &Thread, at: Timestamp) -> Message {
    let id = answered
        .id
        .clone()
        .or_else(|| event.id.clone())
        .unwrap_or_else(|| wish(told, event));
    Message {
        key: Key::of(&[
            "helpdesk-answer",
            thread.store.as_str(),
            thread.id.as_str(),
            told.source.as_str(),
            &id,
        ]),
        thread: thread.id.clone(),
        at,
        by: answered.by.clone().or_else(|| Some(told.source.as_str().into())),
        kind: MessageKind::Reply,
        mail: None,
        automatic: false,
        text: answered.text.clone(),
        message_id: None,
        raw: None,
        attachments: 0,
        fact: None,
        failed: false,
    }
}

/// Names the wish that this call is.
fn wish(told: &Told, event: &Event) -> String {
    let claims = claims(told, event);
    claims.first().map_or("", Key::as_str).to_owned()
}
