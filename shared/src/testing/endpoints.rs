//! Endpoints in memory, and the world outside that they stand for.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

use super::{Faults, Memory, Strike, struck};
use crate::domain::clock::shift;
use crate::domain::endpoint::{Answer, Call, CallId, Endpoint, EndpointId, Progress, SigningKeys};
use crate::domain::event::Event;
use crate::domain::key::Key;
use crate::domain::store::StoreId;
use crate::ports::{
    CallEndpoint, DueCall, EndpointChange, FindCalls, FindDueCalls, FindEndpoints, FindEvent, ListCalls, Ported,
    QueueCall, ReadSigningKeys, Refusal,
};

type Of = (StoreId, EndpointId);

#[derive(Clone, Debug, Default)]
pub(super) struct Endpoints {
    /// Endpoints, and whether they are no more.
    known: BTreeMap<Of, (Endpoint, bool)>,
    keys: BTreeMap<Of, SigningKeys>,
    calls: BTreeMap<CallId, Call>,
}

impl Endpoints {
    pub(super) fn apply(&mut self, change: EndpointChange) -> Result<(), Refusal> {
        match change {
            EndpointChange::Put(endpoint) => self.put(*endpoint, false)?,
            EndpointChange::Delete(endpoint, _) => self.put(*endpoint, true)?,
            EndpointChange::FirstKey(store, endpoint, secret) => {
                self.keys.insert((store, endpoint), SigningKeys::new(secret));
            }
            EndpointChange::NextKey(store, endpoint, secret, at) => {
                let keys = self.keys.get_mut(&(store, endpoint)).ok_or(Refusal::Stale)?;
                *keys = keys.clone().rotated(secret, at);
            }
            EndpointChange::DeleteKeys(store, endpoint, _) => {
                self.keys.remove(&(store, endpoint));
            }
            EndpointChange::Call(mut call, _) => {
                unchanged(self.calls.get(&call.id).map(|stored| stored.version), call.version)?;
                call.version += 1;
                self.calls.insert(call.id.clone(), *call);
            }
        }
        Ok(())
    }

    fn put(&mut self, mut endpoint: Endpoint, deleted: bool) -> Result<(), Refusal> {
        let key = (endpoint.store.clone(), endpoint.id.clone());
        unchanged(self.known.get(&key).map(|(stored, _)| stored.version), endpoint.version)?;
        endpoint.version += 1;
        self.known.insert(key, (endpoint, deleted));
        Ok(())
    }

    fn standing(&self) -> impl Iterator<Item = &Endpoint> {
        let standing = self.known.values().filter(|(_, deleted)| !deleted);
        standing.map(|(endpoint, _)| endpoint)
    }
}

fn unchanged(stored: Option<u64>, read: u64) -> Result<(), Refusal> {
    if stored.unwrap_or(0) == read {
        Ok(())
    } else {
        Err(Refusal::Stale)
    }
}

impl Memory {
    /// Every call, by endpoint and time.
    pub fn all_calls(&self) -> Vec<Call> {
        self.state().endpoints.calls.values().cloned().collect()
    }
}

impl FindEvent for Memory {
    async fn event(&self, store: &StoreId, key: &Key) -> Ported<Option<Event>> {
        let name = (store.clone(), key.clone());
        self.look(|state| state.events.get(&name).map(|(event, _)| event.clone()))
    }
}

impl FindEndpoints for Memory {
    async fn endpoints(&self, store: &StoreId) -> Ported<Vec<Endpoint>> {
        self.look(|state| {
            let all = state.endpoints.standing();
            let mut here: Vec<Endpoint> = all.filter(|endpoint| endpoint.store == *store).cloned().collect();
            here.sort_by(|a, b| (a.created_at, &a.id).cmp(&(b.created_at, &b.id)));
            here
        })
    }

    async fn endpoint(&self, store: &StoreId, id: &EndpointId) -> Ported<Option<Endpoint>> {
        self.look(|state| {
            let mut all = state.endpoints.standing();
            all.find(|endpoint| endpoint.store == *store && endpoint.id == *id)
                .cloned()
        })
    }
}

impl ReadSigningKeys for Memory {
    async fn signing_keys(&self, store: &StoreId, id: &EndpointId) -> Ported<Option<SigningKeys>> {
        let name = (store.clone(), id.clone());
        self.look(|state| state.endpoints.keys.get(&name).cloned())
    }
}

impl FindCalls for Memory {
    async fn call(&self, id: &CallId) -> Ported<Option<Call>> {
        self.look(|state| state.endpoints.calls.get(id).cloned())
    }
}

impl FindDueCalls for Memory {
    async fn due_calls(&self, by: Timestamp, limit: usize) -> Ported<Vec<Call>> {
        self.look(|state| {
            let due = |call: &&Call| match call.progress {
                Progress::Waiting { look_at, .. } if look_at <= by => Some((look_at, (*call).clone())),
                _ => None,
            };
            let mut calls: Vec<(Timestamp, Call)> =
                state.endpoints.calls.values().filter_map(|call| due(&call)).collect();
            calls.sort_by(|(a, one), (b, other)| (a, &one.id).cmp(&(b, &other.id)));
            calls.into_iter().map(|(_, call)| call).take(limit).collect()
        })
    }
}

impl ListCalls for Memory {
    async fn calls(
        &self,
        store: &StoreId,
        endpoint: &EndpointId,
        after: Option<&CallId>,
        limit: usize,
    ) -> Ported<Vec<Call>> {
        self.look(|state| {
            let all = state.endpoints.calls.values().rev();
            let here = all.filter(|call| call.id.store == *store && call.id.endpoint == *endpoint);
            here.filter(|call| after.is_none_or(|after| call.id < *after))
                .take(limit)
                .cloned()
                .collect()
        })
    }
}

/// A queue of calls that keeps what it is given until its time, and fails as told.
#[derive(Debug, Default)]
pub struct CallQueue {
    waiting: Mutex<Vec<(Timestamp, DueCall)>>,
    now: Mutex<Option<Timestamp>>,
    /// Faults to be injected into its calls.
    pub faults: Faults,
}

impl CallQueue {
    /// The time from which waits are counted.
    pub fn set(&self, now: Timestamp) {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner) = Some(now);
    }

    /// Takes what has come by now, in order of time.
    pub fn take(&self, now: Timestamp) -> Vec<DueCall> {
        self.set(now);
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.sort_by_key(|(at, _)| *at);
        let come = waiting.iter().take_while(|(at, _)| *at <= now).count();
        waiting.drain(..come).map(|(_, due)| due).collect()
    }

    /// When the next one comes.
    pub fn next(&self) -> Option<Timestamp> {
        let waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.iter().map(|(at, _)| *at).min()
    }
}

impl QueueCall for CallQueue {
    async fn queue_call(&self, due: &DueCall, wait: SignedDuration) -> Ported<()> {
        let strike = self.faults.next();
        if strike != Some(Strike::Before) {
            let now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
            let at = shift(now.unwrap_or(Timestamp::UNIX_EPOCH), wait);
            let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
            waiting.push((at, due.clone()));
        }
        if strike.is_some() { Err(struck()) } else { Ok(()) }
    }
}

/// A call as it arrived outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrived {
    /// The endpoint.
    pub endpoint: EndpointId,
    /// The event.
    pub event: Key,
    /// When.
    pub at: Timestamp,
}

/// All that is outside: it keeps the calls that arrive and gives the answers that it was told, at last always 200.
#[derive(Debug, Default)]
pub struct Outside {
    arrived: Mutex<Vec<Arrived>>,
    answers: Mutex<VecDeque<Answer>>,
}

impl Outside {
    /// One more answer to give.
    pub fn will_answer(&self, answer: Answer) {
        self.answers
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push_back(answer);
    }

    /// Every call, in order.
    pub fn arrived(&self) -> Vec<Arrived> {
        self.arrived.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl CallEndpoint for Outside {
    async fn call_endpoint(&self, endpoint: &Endpoint, _: &SigningKeys, event: &Event, at: Timestamp) -> Answer {
        self.arrived
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(Arrived {
                endpoint: endpoint.id.clone(),
                event: event.key.clone(),
                at,
            });
        let next = self.answers.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
        next.unwrap_or(Answer::Status(200, None))
    }
}
