//! Endpoints as people manage them: made, listed, disabled, given a new secret, told again what they missed.
//!
//! A secret is given out once, when it is made. No list and no look at an endpoint holds it, and nothing here reads it. Every
//! change leaves a trace of who made it.

use jiff::{SignedDuration, Timestamp};

use super::notify::{due, write};
use super::retry::{ATTEMPTS, contended, settled};
use crate::domain::deed::{By, Deed, Did};
use crate::domain::endpoint::{
    Call, CallId, Endpoint, EndpointId, EndpointUrl, MOST_ENDPOINTS, NoSecret, Progress, SigningSecret, UnknownType,
    UrlError, Wanted, WhyDisabled,
};
use crate::domain::key::Key;
use crate::domain::personal::Personal;
use crate::domain::store::StoreId;
use crate::ports::{
    Change, Commit, CommitError, EndpointChange, FindCalls, FindEndpoints, FindEvent, FindStore, ListCalls, PortError,
    QueueCall,
};

/// The most calls that [`replay_ended`] starts at once.
pub const MOST_REPLAYED: usize = 200;

/// Calls read in one page.
const PAGE: usize = 100;

/// What was not done, and why. The texts are for whoever asked.
#[derive(Debug, thiserror::Error)]
pub enum EndpointError {
    /// The address.
    #[error(transparent)]
    Url(#[from] UrlError),
    /// The events.
    #[error(transparent)]
    Wanted(#[from] UnknownType),
    /// The secret.
    #[error(transparent)]
    Secret(#[from] NoSecret),
    /// The store has as many as it may have.
    #[error("the store has {MOST_ENDPOINTS} endpoints, the most there can be; delete one that is no longer needed")]
    TooMany,
    /// There is no such store.
    #[error("no such store")]
    NoStore,
    /// There is no such endpoint.
    #[error("no such endpoint")]
    NoEndpoint,
    /// There is no such event any more.
    #[error("no such event; events are kept for 400 days")]
    NoEvent,
    /// It would be called, and is not.
    #[error("the endpoint is disabled; enable it first")]
    Disabled,
    /// The world did not answer.
    #[error(transparent)]
    Port(#[from] PortError),
}

/// A new endpoint, and its secret: the only time that it is given out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    /// The endpoint.
    pub endpoint: Endpoint,
    /// The secret that verifies its calls.
    pub secret: SigningSecret,
}

/// Makes an endpoint that is told of these types of events (none: all) from now on. `secret` are bytes that nobody can guess,
/// 24 to 64 of them.
///
/// # Errors
/// See [`EndpointError`]; nothing was stored.
pub async fn create<W>(
    world: &W,
    store: &StoreId,
    url: &str,
    events: &[&str],
    by: &By,
    now: Timestamp,
    secret: &[u8],
) -> Result<Made, EndpointError>
where
    W: FindStore + FindEndpoints + Commit,
{
    let url = EndpointUrl::parse(url)?;
    let wanted = Wanted::parse(events.iter().copied())?;
    let secret = SigningSecret::of(secret)?;
    if world.store(store).await?.is_none() {
        return Err(EndpointError::NoStore);
    }
    if world.endpoints(store).await?.len() >= MOST_ENDPOINTS {
        return Err(EndpointError::TooMany);
    }
    let mut endpoint = Endpoint::new(store.clone(), url, wanted, now);
    let changes = vec![
        put(&endpoint),
        Change::Endpoint(EndpointChange::FirstKey(
            store.clone(),
            endpoint.id.clone(),
            secret.clone(),
        )),
        did(store, &endpoint.id, by, Deed::EndpointMade, now),
    ];
    world.commit(changes).await.map_err(not_written)?;
    endpoint.version += 1;
    Ok(Made { endpoint, secret })
}

/// The endpoints of the store, the oldest first.
///
/// # Errors
/// Where the world fails.
pub async fn list<W: FindEndpoints>(world: &W, store: &StoreId) -> Result<Vec<Endpoint>, EndpointError> {
    Ok(world.endpoints(store).await?)
}

/// One endpoint.
///
/// # Errors
/// See [`EndpointError`].
pub async fn show<W: FindEndpoints>(world: &W, store: &StoreId, id: &EndpointId) -> Result<Endpoint, EndpointError> {
    world.endpoint(store, id).await?.ok_or(EndpointError::NoEndpoint)
}

/// Calls the endpoint no more, until it is enabled. What it misses is kept: [`replay_ended`] tells it.
///
/// # Errors
/// See [`EndpointError`].
pub async fn disable<W>(
    world: &W,
    store: &StoreId,
    id: &EndpointId,
    by: &By,
    now: Timestamp,
) -> Result<Endpoint, EndpointError>
where
    W: FindEndpoints + Commit,
{
    let disabled = |endpoint: &mut Endpoint| {
        if endpoint.disabled.is_some() {
            return Vec::new();
        }
        endpoint.disabled = Some((now, WhyDisabled::Person));
        vec![did(store, id, by, Deed::EndpointDisabled, now)]
    };
    change(world, store, id, disabled).await
}

/// Calls the endpoint again, from the next event on.
///
/// # Errors
/// See [`EndpointError`].
pub async fn enable<W>(
    world: &W,
    store: &StoreId,
    id: &EndpointId,
    by: &By,
    now: Timestamp,
) -> Result<Endpoint, EndpointError>
where
    W: FindEndpoints + Commit,
{
    let enabled = |endpoint: &mut Endpoint| match endpoint.disabled.take() {
        None => Vec::new(),
        Some(_) => vec![did(store, id, by, Deed::EndpointEnabled, now)],
    };
    change(world, store, id, enabled).await
}

/// Gives the endpoint a new secret, and hands it out. The one before verifies for [`crate::domain::endpoint::OVERLAP`] more,
/// beside the new one; one before that no longer. So a secret that is known to others is out of use after the second time.
///
/// # Errors
/// See [`EndpointError`].
pub async fn rotate<W>(
    world: &W,
    store: &StoreId,
    id: &EndpointId,
    by: &By,
    now: Timestamp,
    secret: &[u8],
) -> Result<SigningSecret, EndpointError>
where
    W: FindEndpoints + Commit,
{
    let secret = SigningSecret::of(secret)?;
    let rotated = |endpoint: &mut Endpoint| {
        endpoint.rotated_at = Some(now);
        let key = EndpointChange::NextKey(store.clone(), id.clone(), secret.clone(), now);
        vec![Change::Endpoint(key), did(store, id, by, Deed::EndpointSecretMade, now)]
    };
    change(world, store, id, rotated).await?;
    Ok(secret)
}

/// Deletes the endpoint and its secret. Calls that wait for it are given up.
///
/// # Errors
/// See [`EndpointError`].
pub async fn delete<W>(
    world: &W,
    store: &StoreId,
    id: &EndpointId,
    by: &By,
    now: Timestamp,
) -> Result<(), EndpointError>
where
    W: FindEndpoints + Commit,
{
    for _ in 0..ATTEMPTS {
        let endpoint = show(world, store, id).await?;
        let changes = vec![
            Change::Endpoint(EndpointChange::Delete(Box::new(endpoint), now)),
            Change::Endpoint(EndpointChange::DeleteKeys(store.clone(), id.clone(), now)),
            did(store, id, by, Deed::EndpointDeleted, now),
        ];
        if settled(world.commit(changes).await).map_err(not_written)? {
            return Ok(());
        }
    }
    Err(contended().into())
}

/// Calls to the endpoint, the latest event first, those after `after` in that order, at most `limit`.
///
/// # Errors
/// Where the world fails.
pub async fn calls<W: ListCalls>(
    world: &W,
    store: &StoreId,
    id: &EndpointId,
    after: Option<&CallId>,
    limit: usize,
) -> Result<Vec<Call>, EndpointError> {
    Ok(world.calls(store, id, after, limit).await?)
}

/// Tells the endpoint of this event again, whatever became of it before, with the same id as ever: who has dealt with it
/// knows it by that. An event that the endpoint does not want, or that is older than it, can be told so too.
///
/// # Errors
/// See [`EndpointError`].
pub async fn replay<W, Q>(
    world: &W,
    queue: &Q,
    (store, id): (&StoreId, &EndpointId),
    event: &Key,
    by: &By,
    now: Timestamp,
) -> Result<Call, EndpointError>
where
    W: FindEvent + FindEndpoints + FindCalls + Commit,
    Q: QueueCall,
{
    let endpoint = callable(world, store, id).await?;
    let event = world.event(store, event).await?.ok_or(EndpointError::NoEvent)?;
    leave_trace(world, store, id, by, now).await?;
    for _ in 0..ATTEMPTS {
        let stored = world.call(&CallId::of(id, &event)).await?;
        let call = stored.unwrap_or_else(|| Call::new(&endpoint, &event, now));
        if let Some(call) = start(world, queue, call, now).await? {
            return Ok(call);
        }
    }
    Err(contended().into())
}

/// What [`replay_ended`] did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Replayed {
    /// Calls that are made again.
    pub started: usize,
    /// Where to go on; `None`: there are no more.
    pub after: Option<CallId>,
}

/// Tells the endpoint again of all events since that time that it has not got: calls that were given up, and those that it
/// missed while it was disabled. At most [`MOST_REPLAYED`] at once; `after` goes on where the last time ended.
///
/// # Errors
/// See [`EndpointError`]; what was started is.
pub async fn replay_ended<W, Q>(
    world: &W,
    queue: &Q,
    (store, id): (&StoreId, &EndpointId),
    since: Timestamp,
    after: Option<CallId>,
    by: &By,
    now: Timestamp,
) -> Result<Replayed, EndpointError>
where
    W: FindEndpoints + ListCalls + Commit,
    Q: QueueCall,
{
    callable(world, store, id).await?;
    leave_trace(world, store, id, by, now).await?;
    let mut replayed = Replayed { started: 0, after };
    loop {
        let page = world.calls(store, id, replayed.after.as_ref(), PAGE).await?;
        let last = page.len() < PAGE;
        for call in page {
            if call.id.event_at < since {
                replayed.after = None;
                return Ok(replayed);
            }
            if replayed.started == MOST_REPLAYED {
                return Ok(replayed);
            }
            replayed.after = Some(call.id.clone());
            if matches!(call.progress, Progress::Ended(_)) {
                // One that was changed meanwhile is on its way.
                let started = start(world, queue, call, now).await?;
                replayed.started += usize::from(started.is_some());
            }
        }
        if last {
            replayed.after = None;
            return Ok(replayed);
        }
    }
}

/// Starts a call from the beginning; `None`: it was changed since it was read.
async fn start<W: Commit, Q: QueueCall>(
    world: &W,
    queue: &Q,
    mut call: Call,
    now: Timestamp,
) -> Result<Option<Call>, EndpointError> {
    call.start(now);
    if !settled(write(world, &call, now).await).map_err(not_written)? {
        return Ok(None);
    }
    call.version += 1;
    if let Err(error) = queue.queue_call(&due(&call), SignedDuration::ZERO).await {
        tracing::warn!(%error, "a call could not be queued: it is brought later");
    }
    Ok(Some(call))
}

async fn callable<W: FindEndpoints>(world: &W, store: &StoreId, id: &EndpointId) -> Result<Endpoint, EndpointError> {
    let endpoint = show(world, store, id).await?;
    match endpoint.disabled {
        None => Ok(endpoint),
        Some(_) => Err(EndpointError::Disabled),
    }
}

/// Changes the endpoint, and what goes with it, over the version that was read.
async fn change<W>(
    world: &W,
    store: &StoreId,
    id: &EndpointId,
    make: impl Fn(&mut Endpoint) -> Vec<Change>,
) -> Result<Endpoint, EndpointError>
where
    W: FindEndpoints + Commit,
{
    for _ in 0..ATTEMPTS {
        let mut endpoint = show(world, store, id).await?;
        let mut changes = make(&mut endpoint);
        changes.push(put(&endpoint));
        if settled(world.commit(changes).await).map_err(not_written)? {
            endpoint.version += 1;
            return Ok(endpoint);
        }
    }
    Err(contended().into())
}

fn did(store: &StoreId, id: &EndpointId, by: &By, what: Deed, now: Timestamp) -> Change {
    let about = Some(Personal::new(id.as_str()));
    Change::Did(Box::new(Did::new(Some(store), now, by, what, None, about)))
}

/// Says who has it told again, before anything is told.
async fn leave_trace<W: Commit>(
    world: &W,
    store: &StoreId,
    id: &EndpointId,
    by: &By,
    now: Timestamp,
) -> Result<(), EndpointError> {
    let trace = did(store, id, by, Deed::EndpointReplayed, now);
    world.commit(vec![trace]).await.map_err(not_written)
}

fn put(endpoint: &Endpoint) -> Change {
    Change::Endpoint(EndpointChange::Put(Box::new(endpoint.clone())))
}

fn not_written(error: CommitError) -> EndpointError {
    match error {
        CommitError::Refused(_) => contended().into(),
        CommitError::Port(error) => error.into(),
    }
}
