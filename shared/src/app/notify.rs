//! Endpoints of others are told of events: each event is one call an endpoint, tried until the endpoint has it.
//!
//! The table knows what is to be done, the queue only brings it. A call is planned by a conditional write, so that an event
//! that is told twice makes no second call; each attempt is written down under the version that was read, so that of two who
//! make the same attempt one counts. Waits that are too long for the queue, and calls that it lost, are found by
//! [`bring`]. So every call is made at least once, carries the event's key at every attempt, and ends delivered, or given
//! up with a report.

use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};

use super::retry::{ATTEMPTS, contended, settled};
use crate::domain::endpoint::{Answer, Call, CallId, Ended, Endpoint, Next, ON_TIME, Progress, WhyDisabled};
use crate::domain::key::Key;
use crate::domain::report::{Report, ReportKind};
use crate::domain::store::StoreId;
use crate::ports::{
    CallEndpoint, Change, Commit, CommitError, DueCall, EndpointChange, FindCalls, FindDueCalls, FindEndpoints,
    FindEvent, PortError, QueueCall, ReadSigningKeys, Refusal,
};

/// The most due calls that are brought at once.
pub const MOST_DUE: usize = 1000;

/// Calls brought at the same time.
const AT_ONCE: usize = 8;

/// What could not be done: it is to be tried again.
#[derive(Debug, thiserror::Error)]
pub enum NotifyError {
    /// The endpoint has no secret to sign with: its rows were written by hand, and one was forgotten.
    #[error("an endpoint has no signing secret")]
    NoSecret,
    /// The world did not answer.
    #[error(transparent)]
    Port(#[from] PortError),
}

impl NotifyError {
    /// Whether trying again later can help.
    pub fn retry(&self) -> bool {
        match self {
            Self::NoSecret => false,
            Self::Port(error) => error.retry(),
        }
    }
}

/// What telling of an event came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Planned {
    /// Endpoints that are called.
    pub called: usize,
    /// Disabled ones, for which it is kept that they missed it.
    pub missed: usize,
}

/// Plans the calls that tell of this event, and has them brought at once. Doing it again plans nothing more. An event that
/// the table does not know is none of ours.
///
/// # Errors
/// Where the world fails: what is planned stays so.
pub async fn plan<W, Q>(
    world: &W,
    queue: &Q,
    (store, event): (&StoreId, &Key),
    now: Timestamp,
) -> Result<Planned, NotifyError>
where
    W: FindEvent + FindEndpoints + FindCalls + Commit,
    Q: QueueCall,
{
    let mut planned = Planned::default();
    let Some(event) = world.event(store, event).await? else {
        return Ok(planned);
    };
    let endpoints = world.endpoints(store).await?;
    for endpoint in endpoints.iter().filter(|endpoint| endpoint.wants(&event)) {
        let mut call = Call::new(endpoint, &event, now);
        match write(world, &call, now).await {
            Ok(()) => call.version += 1,
            // Planned before. Whether it was brought as well nobody knows; to bring it twice does no harm.
            Err(CommitError::Refused(_)) => match world.call(&call.id).await? {
                Some(stored) => call = stored,
                None => continue,
            },
            Err(CommitError::Port(error)) => return Err(error.into()),
        }
        if call.waits() && call.attempts == 0 {
            queue.queue_call(&due(&call), SignedDuration::ZERO).await?;
        }
        match call.progress {
            Progress::Ended(Ended::Disabled) => planned.missed += 1,
            _ => planned.called += 1,
        }
    }
    Ok(planned)
}

/// What became of an attempt that was due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Attempted {
    /// The call was changed since: somebody else made the attempt, or there is none to be made.
    Overtaken,
    /// The endpoint has it.
    Delivered(Answer),
    /// It is tried again after this wait.
    Again(Answer, SignedDuration),
    /// It was given up; without an answer where it was not even tried.
    Ended(Option<Answer>, Ended),
}

impl Attempted {
    /// Short name for metrics and logs.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Overtaken => "overtaken",
            Self::Delivered(_) => "delivered",
            Self::Again(..) => "again",
            Self::Ended(_, why) => why.as_str(),
        }
    }

    /// What the endpoint said.
    pub fn answer(&self) -> Option<Answer> {
        match self {
            Self::Overtaken => None,
            Self::Delivered(answer) | Self::Again(answer, _) => Some(*answer),
            Self::Ended(answer, _) => *answer,
        }
    }
}

/// Makes one attempt, if it is still due, and takes down what it came to. `clock` is asked before the call and after it.
///
/// # Errors
/// Where the world fails. Whether the endpoint was called is then not known: it may be called again, with the same id.
pub async fn attempt<W, Q, C>(
    world: &W,
    queue: &Q,
    caller: &C,
    attempt: &DueCall,
    clock: impl Fn() -> Timestamp,
) -> Result<Attempted, NotifyError>
where
    W: FindEvent + FindEndpoints + ReadSigningKeys + FindCalls + Commit,
    Q: QueueCall,
    C: CallEndpoint,
{
    let CallId {
        store, endpoint, event, ..
    } = &attempt.id;
    let Some(call) = standing(world, attempt).await? else {
        return Ok(Attempted::Overtaken);
    };
    let Some(endpoint) = world.endpoint(store, endpoint).await? else {
        return give_up(world, call, Ended::Deleted, clock()).await;
    };
    if endpoint.disabled.is_some() {
        return give_up(world, call, Ended::Disabled, clock()).await;
    }
    let Some(event) = world.event(store, event).await? else {
        return give_up(world, call, Ended::Deleted, clock()).await;
    };
    let keys = world.signing_keys(store, &endpoint.id).await?;
    let keys = keys.ok_or(NotifyError::NoSecret)?;
    let answer = caller.call_endpoint(&endpoint, &keys, &event, clock()).await;
    let (mut call, now) = (call, clock());
    let next = call.answered(answer, now);
    if !take_down(world, attempt, &call, next, endpoint, now).await? {
        return Ok(Attempted::Overtaken);
    }
    call.version += 1;
    match next {
        Next::Delivered => Ok(Attempted::Delivered(answer)),
        Next::Ended(why) => Ok(Attempted::Ended(Some(answer), why)),
        Next::Again(wait) => {
            if wait <= ON_TIME
                && let Err(error) = queue.queue_call(&due(&call), wait).await
            {
                tracing::warn!(%error, "a call could not be queued: it is brought later");
            }
            Ok(Attempted::Again(answer, wait))
        }
    }
}

/// The call, if it stands as it did when the attempt became due.
async fn standing<W: FindCalls>(world: &W, attempt: &DueCall) -> Result<Option<Call>, PortError> {
    let call = world.call(&attempt.id).await?;
    Ok(call.filter(|call| call.version == attempt.version && call.waits()))
}

/// Writes down what followed an attempt. `false`: somebody else did, of the same attempt.
async fn take_down<W>(
    world: &W,
    attempt: &DueCall,
    call: &Call,
    next: Next,
    endpoint: Endpoint,
    now: Timestamp,
) -> Result<bool, NotifyError>
where
    W: FindEndpoints + FindCalls + Commit,
{
    let mut endpoint = Some(endpoint);
    for _ in 0..ATTEMPTS {
        let mut changes = vec![change(call, now)];
        match (next, &endpoint) {
            (Next::Ended(Ended::Gone), Some(stored)) => changes.extend(disable(stored, now)),
            (Next::Ended(why), _) => changes.push(ended(&call.id, why, now)),
            _ => {}
        }
        match settled(world.commit(changes).await) {
            Ok(true) => return Ok(true),
            Ok(false) => {}
            Err(CommitError::Refused(_)) => return Err(contended().into()),
            Err(CommitError::Port(error)) => return Err(error.into()),
        }
        if standing(world, attempt).await?.is_none() {
            return Ok(false);
        }
        // The call stands: it was the endpoint that somebody changed.
        endpoint = world.endpoint(&call.id.store, &call.id.endpoint).await?;
    }
    Err(contended().into())
}

/// The endpoint wants no more calls: it gets none, and a person learns of it.
fn disable(endpoint: &Endpoint, now: Timestamp) -> Vec<Change> {
    if endpoint.disabled.is_some() {
        return Vec::new();
    }
    let disabled = Endpoint {
        disabled: Some((now, WhyDisabled::Gone)),
        ..endpoint.clone()
    };
    let about = endpoint.id.as_str().to_owned();
    vec![
        Change::Endpoint(EndpointChange::Put(Box::new(disabled))),
        Change::Report(Report::new(
            &endpoint.store,
            now,
            ReportKind::Endpoint,
            Ended::Gone.as_str(),
            Some(about),
        )),
    ]
}

/// A call was given up after it was tried: a person learns of it.
fn ended(id: &CallId, why: Ended, now: Timestamp) -> Change {
    let about = format!("{}/{}", id.endpoint.as_str(), id.event.as_str());
    Change::Report(Report::new(&id.store, now, ReportKind::Call, why.as_str(), Some(about)))
}

/// Gives up a call that there is no point in making: a person wanted it so.
async fn give_up<W: Commit>(world: &W, mut call: Call, why: Ended, now: Timestamp) -> Result<Attempted, NotifyError> {
    call.end(why);
    match write(world, &call, now).await {
        Ok(()) => Ok(Attempted::Ended(None, why)),
        Err(CommitError::Refused(_)) => Ok(Attempted::Overtaken),
        Err(CommitError::Port(error)) => Err(error.into()),
    }
}

/// What bringing what is due came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Brought {
    /// Calls that the queue was told to bring.
    pub brought: usize,
    /// Calls that it could not be told of: they are brought later.
    pub failed: usize,
    /// How long the oldest call that was not brought has been due.
    pub lag: SignedDuration,
}

/// Has the queue bring what is due and what it should have brought long ago.
///
/// # Errors
/// Where the due calls cannot be read: the next time heals it.
pub async fn bring<W, Q>(world: &W, queue: &Q, now: Timestamp) -> Result<Brought, NotifyError>
where
    W: FindDueCalls + Commit,
    Q: QueueCall,
{
    // One more than is brought tells whether any is left.
    let calls = world.due_calls(now, MOST_DUE + 1).await?;
    let mut brought = Brought::default();
    let mut oldest = calls.get(MOST_DUE);
    for part in calls[..calls.len().min(MOST_DUE)].chunks(AT_ONCE) {
        let results = join_all(part.iter().map(|call| bring_one(world, queue, call, now))).await;
        for (call, result) in part.iter().zip(results) {
            match result {
                Ok(done) => brought.brought += usize::from(done),
                Err(error) => {
                    tracing::warn!(%error, "a call could not be brought: it is brought later");
                    brought.failed += 1;
                    oldest = oldest.filter(|one| look_at(one) < look_at(call)).or(Some(call));
                }
            }
        }
    }
    brought.lag = oldest.map_or(SignedDuration::ZERO, |call| now.duration_since(look_at(call)));
    Ok(brought)
}

fn look_at(call: &Call) -> Timestamp {
    match call.progress {
        Progress::Waiting { look_at, .. } => look_at,
        Progress::Delivered | Progress::Ended(_) => Timestamp::MAX,
    }
}

/// `false`: the call was changed since, and needs nobody.
async fn bring_one<W: Commit, Q: QueueCall>(
    world: &W,
    queue: &Q,
    call: &Call,
    now: Timestamp,
) -> Result<bool, PortError> {
    let mut call = call.clone();
    call.brought(now);
    match write(world, &call, now).await {
        Ok(()) => call.version += 1,
        Err(CommitError::Refused(Refusal::Stale)) => return Ok(false),
        Err(CommitError::Refused(_)) => return Err(contended()),
        Err(CommitError::Port(error)) => return Err(error),
    }
    queue.queue_call(&due(&call), SignedDuration::ZERO).await?;
    Ok(true)
}

/// The attempt that a stored call waits for.
pub(super) fn due(call: &Call) -> DueCall {
    DueCall {
        id: call.id.clone(),
        version: call.version,
    }
}

fn change(call: &Call, now: Timestamp) -> Change {
    Change::Endpoint(EndpointChange::Call(Box::new(call.clone()), now))
}

/// Writes the call over the version it was read with.
pub(super) async fn write<W: Commit>(world: &W, call: &Call, now: Timestamp) -> Result<(), CommitError> {
    world.commit(vec![change(call, now)]).await
}
