//! What telling endpoints needs of the world.

use std::future::Future;

use jiff::{SignedDuration, Timestamp};

use super::Ported;
use crate::domain::endpoint::{Answer, Call, CallId, Endpoint, EndpointId, SigningKeys, SigningSecret};
use crate::domain::event::Event;
use crate::domain::key::Key;
use crate::domain::store::StoreId;

/// Finds one event.
pub trait FindEvent: Sync {
    /// The event of the store with this key, if it is kept. Strongly consistent.
    fn event(&self, store: &StoreId, key: &Key) -> impl Future<Output = Ported<Option<Event>>> + Send;
}

/// Finds endpoints, without their secrets.
pub trait FindEndpoints: Sync {
    /// The endpoints of the store, the oldest first. Strongly consistent.
    fn endpoints(&self, store: &StoreId) -> impl Future<Output = Ported<Vec<Endpoint>>> + Send;

    /// One of them. Strongly consistent.
    fn endpoint(&self, store: &StoreId, id: &EndpointId) -> impl Future<Output = Ported<Option<Endpoint>>> + Send;
}

/// Reads the secrets of endpoints: who signs calls needs them in clear, and nobody else does.
pub trait ReadSigningKeys: Sync {
    /// The secrets of the endpoint. Strongly consistent.
    fn signing_keys(
        &self,
        store: &StoreId,
        id: &EndpointId,
    ) -> impl Future<Output = Ported<Option<SigningKeys>>> + Send;
}

/// Finds one call.
pub trait FindCalls: Sync {
    /// The call, if it is kept. Strongly consistent.
    fn call(&self, id: &CallId) -> impl Future<Output = Ported<Option<Call>>> + Send;
}

/// Finds calls that nobody may be about to make.
pub trait FindDueCalls: Sync {
    /// Waiting calls that somebody has to look after at `by` or earlier, the longest due first, at most `limit`, as they are
    /// now. What was changed a moment ago may be missing.
    fn due_calls(&self, by: Timestamp, limit: usize) -> impl Future<Output = Ported<Vec<Call>>> + Send;
}

/// Lists calls.
pub trait ListCalls: Sync {
    /// Calls to the endpoint, the latest event first, those after `after` in that order, at most `limit`. Fewer than
    /// `limit`: there are no more. Strongly consistent.
    fn calls(
        &self,
        store: &StoreId,
        endpoint: &EndpointId,
        after: Option<&CallId>,
        limit: usize,
    ) -> impl Future<Output = Ported<Vec<Call>>> + Send;
}

/// An attempt that is to be made: of this call, as long as it stands as it did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueCall {
    /// The call.
    pub id: CallId,
    /// Its version: what was changed since is somebody else's attempt.
    pub version: u64,
}

/// Brings calls when they are due.
pub trait QueueCall: Sync {
    /// Brings the call after `wait`, at most [`crate::domain::endpoint::ON_TIME`], at least once. After `Ok` it comes,
    /// unless the queue itself is lost.
    fn queue_call(&self, due: &DueCall, wait: SignedDuration) -> impl Future<Output = Ported<()>> + Send;
}

/// Calls endpoints.
pub trait CallEndpoint: Sync {
    /// Tells the endpoint of the event, signed with its keys at this time, once. Connects to public addresses only, to the
    /// very address that was judged, follows no redirect and waits for a limited time. Whatever comes of it is an
    /// [`Answer`].
    fn call_endpoint(
        &self,
        endpoint: &Endpoint,
        keys: &SigningKeys,
        event: &Event,
        at: Timestamp,
    ) -> impl Future<Output = Answer> + Send;
}

/// A change of endpoints or calls.
#[derive(Clone, Debug, PartialEq)]
pub enum EndpointChange {
    /// The endpoint as it is to be; `version` is the one it was read with. Refused as [`super::Refusal::Stale`] unless the
    /// stored version is that (0: unless there is none). Stored with the version after it.
    Put(Box<Endpoint>),
    /// Its first secret. No condition: goes with [`Self::Put`].
    FirstKey(StoreId, EndpointId, SigningSecret),
    /// A new secret, at that time: as [`SigningKeys::rotated`], without reading the old one. Refused as
    /// [`super::Refusal::Stale`] if there is none.
    NextKey(StoreId, EndpointId, SigningSecret, Timestamp),
    /// The endpoint is no more. Refused as [`super::Refusal::Stale`] unless its version is still that.
    Delete(Box<Endpoint>, Timestamp),
    /// Its secrets are no more. No condition: goes with [`Self::Delete`].
    DeleteKeys(StoreId, EndpointId, Timestamp),
    /// The call as it is to be, changed at that time; as [`Self::Put`].
    Call(Box<Call>, Timestamp),
}
