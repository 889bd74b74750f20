//! The table in memory: every port that DynamoDB serves, under the same conditions.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use jiff::civil::Date;

use super::endpoints::Endpoints;
use super::registry::{self, Registry};
use super::rollups::Rollups;
use super::{Faults, Strike, struck};
use crate::domain::alias::Buyer;
use crate::domain::event::Event;
use crate::domain::key::Key;
use crate::domain::listing::Listed;
use crate::domain::marketplace::Marketplace;
use crate::domain::message::{Message, MessageKind};
use crate::domain::metrics::{self, Entry};
use crate::domain::outgoing::Outgoing;
use crate::domain::recent_mails::MailMark;
use crate::domain::report::Report;
use crate::domain::rollup::{Rollup, Windows};
use crate::domain::store::{Store, StoreId, recipient_forms};
use crate::domain::thread::{Thread, ThreadId};
use crate::ports::{
    BuyerRecord, Change, Commit, CommitError, Due, FindCopies, FindDue, FindHeld, FindStore, FindThreads, Handle,
    ListStores, ListThreads, Ported, ReadBuyer, ReadEvents, ReadFacts, ReadOutbox, ReadRollups, Refusal, RollupState,
    WaitingCopy,
};

pub(super) type Of<T> = (StoreId, Buyer, T);

#[derive(Clone, Debug, Default)]
pub(super) struct State {
    pub(super) stores: BTreeMap<StoreId, Store>,
    pub(super) buyers: BTreeMap<(StoreId, Buyer), (u64, Option<Timestamp>)>,
    pub(super) threads: BTreeMap<Of<ThreadId>, Thread>,
    pub(super) messages: BTreeMap<Of<Key>, Message>,
    pub(super) older_mails: BTreeMap<Of<ThreadId>, Vec<MailMark>>,
    pub(super) seen: BTreeSet<(StoreId, Key)>,
    pub(super) believed: BTreeSet<Key>,
    pub(super) copies: BTreeMap<(StoreId, Handle, Key), WaitingCopy>,
    pub(super) handles: BTreeMap<(StoreId, Handle), BTreeSet<(Buyer, ThreadId)>>,
    pub(super) outbox: BTreeMap<Of<Key>, Outgoing>,
    pub(super) budget: BTreeMap<(StoreId, Date), u64>,
    pub(super) rollups: Rollups,
    pub(super) registry: Registry,
    pub(super) reports: BTreeMap<(StoreId, Timestamp, Key), Report>,
    /// Facts whose buyer was erased.
    pub(super) facts: Vec<(StoreId, Marketplace, Timestamp, Entry)>,
    pub(super) endpoints: Endpoints,
    /// Events, and whether others were told.
    pub(super) events: BTreeMap<(StoreId, Key), (Event, bool)>,
}

/// The table, and the bucket of raw mail, files of answers and large calls beside it.
#[derive(Debug, Default)]
pub struct Memory {
    state: Mutex<State>,
    /// What the index of what is due still shows, where it lags.
    lagging: Mutex<Option<State>>,
    /// The bucket beside it.
    pub(super) bucket: Mutex<BTreeMap<String, Vec<u8>>>,
    /// Faults to be injected into its calls.
    pub faults: Faults,
}

impl Memory {
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn look<T>(&self, look: impl FnOnce(&State) -> T) -> Ported<T> {
        match self.faults.next() {
            Some(_) => Err(struck()),
            None => Ok(look(&self.state())),
        }
    }

    /// From now on the index of what is due shows what is there at this moment, whatever changes.
    pub fn hold_index(&self) {
        let now = self.state().clone();
        *self.lagging.lock().unwrap_or_else(PoisonError::into_inner) = Some(now);
    }

    /// Registers or changes a store.
    pub fn put_store(&self, store: Store) {
        self.state().stores.insert(store.id.clone(), store);
    }

    /// All threads, oldest first.
    pub fn threads(&self) -> Vec<Thread> {
        let mut threads: Vec<Thread> = self.state().threads.values().cloned().collect();
        threads.sort_by(|a, b| (a.opened_at, &a.id).cmp(&(b.opened_at, &b.id)));
        threads
    }

    /// All messages, by time.
    pub fn all_messages(&self) -> Vec<Message> {
        let mut messages: Vec<Message> = self.state().messages.values().cloned().collect();
        messages.sort_by(|a, b| (a.at, &a.key).cmp(&(b.at, &b.key)));
        messages
    }

    /// The whole outbox.
    pub fn outbox(&self) -> Vec<Outgoing> {
        self.state().outbox.values().cloned().collect()
    }

    /// All events, by time, each with whether others were told.
    pub fn events(&self) -> Vec<(Event, bool)> {
        let mut events: Vec<(Event, bool)> = self.state().events.values().cloned().collect();
        events.sort_by(|(a, _), (b, _)| (a.at, &a.key).cmp(&(b.at, &b.key)));
        events
    }

    /// All reports, by time.
    pub fn reports(&self) -> Vec<Report> {
        let mut reports: Vec<Report> = self.state().reports.values().cloned().collect();
        reports.sort_by_key(|report| report.at);
        reports
    }
}

impl FindStore for Memory {
    async fn store_for(&self, recipients: &[String]) -> Ported<Option<Store>> {
        let recipients = recipients.to_vec();
        self.look(|state| {
            let of = |form: &String| state.stores.values().find(|store| store.recipient == *form).cloned();
            let forms: Vec<String> = recipients.iter().flat_map(|one| recipient_forms(one)).collect();
            let exact = forms.iter().filter(|form| *form != "*").find_map(of);
            exact.or_else(|| of(&"*".to_owned()))
        })
    }

    async fn store(&self, id: &StoreId) -> Ported<Option<Store>> {
        self.look(|state| state.stores.get(id).cloned())
    }
}

impl ReadBuyer for Memory {
    async fn buyer(&self, store: &StoreId, buyer: &Buyer) -> Ported<BuyerRecord> {
        self.look(|state| {
            let (version, asked_at) = state
                .buyers
                .get(&(store.clone(), buyer.clone()))
                .copied()
                .unwrap_or_default();
            let his = state
                .threads
                .values()
                .filter(|thread| thread.store == *store && thread.buyer == *buyer);
            BuyerRecord {
                version,
                asked_at,
                threads: his.cloned().collect(),
            }
        })
    }

    async fn older_mails(&self, store: &StoreId, buyer: &Buyer) -> Ported<Vec<(ThreadId, Vec<MailMark>)>> {
        self.look(|state| {
            let all = state.older_mails.iter();
            let his = all.filter(|((s, b, _), _)| s == store && b == buyer);
            his.map(|((_, _, thread), marks)| (thread.clone(), marks.clone()))
                .collect()
        })
    }

    async fn messages(&self, store: &StoreId, buyer: &Buyer, thread: &ThreadId) -> Ported<Vec<Message>> {
        self.look(|state| {
            let all = state
                .messages
                .iter()
                .filter(|((s, b, _), message)| s == store && b == buyer && message.thread == *thread);
            let mut messages: Vec<Message> = all.map(|(_, message)| message.clone()).collect();
            messages.sort_by(|a, b| a.place().cmp(&b.place()));
            messages
        })
    }
}

impl FindThreads for Memory {
    async fn find(&self, store: &StoreId, handle: &Handle) -> Ported<Vec<Thread>> {
        self.look(|state| {
            let targets = state
                .handles
                .get(&(store.clone(), handle.clone()))
                .into_iter()
                .flatten();
            let of = |(buyer, thread): &(Buyer, ThreadId)| (store.clone(), buyer.clone(), thread.clone());
            targets
                .filter_map(|target| state.threads.get(&of(target)).cloned())
                .collect()
        })
    }
}

impl FindCopies for Memory {
    async fn copies(&self, store: &StoreId, handle: &Handle) -> Ported<Vec<WaitingCopy>> {
        self.look(|state| {
            let all = state.copies.iter();
            let here = all.filter(|((s, h, _), _)| s == store && h == handle);
            here.map(|(_, copy)| copy.clone()).collect()
        })
    }
}

impl ReadOutbox for Memory {
    async fn outgoing(&self, store: &StoreId, buyer: &Buyer, key: &Key) -> Ported<Option<Outgoing>> {
        self.look(|state| state.outbox.get(&(store.clone(), buyer.clone(), key.clone())).cloned())
    }
}

impl FindHeld for Memory {
    async fn held_before(&self, day: Date, limit: usize) -> Ported<Vec<Outgoing>> {
        self.look(|state| {
            let held = state
                .outbox
                .values()
                .filter(|item| item.held_on.is_some_and(|on| on < day));
            let mut held: Vec<Outgoing> = held.cloned().collect();
            held.sort_by(|a, b| (a.held_on, a.created_at, &a.key).cmp(&(b.held_on, b.created_at, &b.key)));
            held.truncate(limit);
            held
        })
    }
}

impl FindDue for Memory {
    async fn due(&self, by: Timestamp, limit: usize) -> Ported<Vec<Due>> {
        self.look(|state| {
            let due = |thread: &Thread| {
                Some(Due {
                    store: thread.store.clone(),
                    buyer: thread.buyer.clone(),
                    thread: thread.id.clone(),
                    alert_at: thread.next_alert_at.filter(|at| *at <= by)?,
                    due_at: thread.due_at()?,
                })
            };
            let lagging = self.lagging.lock().unwrap_or_else(PoisonError::into_inner);
            let shown = lagging.as_ref().unwrap_or(state);
            let mut all: Vec<Due> = shown.threads.values().filter_map(due).collect();
            all.sort_by(|a, b| (a.alert_at, &a.thread).cmp(&(b.alert_at, &b.thread)));
            all.truncate(limit);
            all.sort_by(|a, b| (a.due_at, &a.thread).cmp(&(b.due_at, &b.thread)));
            all
        })
    }

    async fn threads(&self, due: &[Due]) -> Ported<Vec<Thread>> {
        self.look(|state| {
            let key = |due: &Due| (due.store.clone(), due.buyer.clone(), due.thread.clone());
            due.iter()
                .filter_map(|due| state.threads.get(&key(due)).cloned())
                .collect()
        })
    }
}

impl ListThreads for Memory {
    async fn opened(&self, store: &StoreId, after: Option<&ThreadId>, limit: usize) -> Ported<Vec<Listed>> {
        self.look(|state| {
            let here = state.threads.values().filter(|thread| thread.store == *store);
            let beyond = here.filter(|thread| after.is_none_or(|after| thread.id < *after));
            let mut threads: Vec<Listed> = beyond.map(Listed::of).collect();
            threads.sort_by(|a, b| b.id.cmp(&a.id));
            threads.truncate(limit);
            threads
        })
    }

    async fn waiting(
        &self,
        store: &StoreId,
        after: Option<(Timestamp, &ThreadId)>,
        limit: usize,
    ) -> Ported<Vec<Listed>> {
        self.look(|state| {
            let here = state.threads.values().filter(|thread| thread.store == *store);
            let place = |thread: &Thread| Some((thread.due_at()?, thread.id.clone()));
            let mut threads: Vec<_> = here
                .filter_map(|thread| Some((place(thread)?, Listed::of(thread))))
                .collect();
            threads.retain(|((due, id), _)| after.is_none_or(|after| (*due, id) > after));
            threads.sort_by(|(a, _), (b, _)| a.cmp(b));
            threads.into_iter().map(|(_, thread)| thread).take(limit).collect()
        })
    }
}

impl ReadEvents for Memory {
    async fn untold(&self, before: Timestamp, limit: usize) -> Ported<Vec<Event>> {
        self.look(|state| {
            let untold = state.events.values().filter(|(event, told)| !told && event.at < before);
            let mut untold: Vec<Event> = untold.map(|(event, _)| event.clone()).collect();
            untold.sort_by(|a, b| (a.at, &a.key).cmp(&(b.at, &b.key)));
            untold.truncate(limit);
            untold
        })
    }
}

impl ReadFacts for Memory {
    async fn facts(&self, store: &StoreId, day: Date) -> Ported<Vec<(Marketplace, Timestamp, Entry)>> {
        self.look(|state| {
            let counted = |(of, message): (&Of<Key>, &Message)| {
                let here = of.0 == *store && metrics::day(message.at) == day;
                let marketplace = of.1.marketplace();
                match (message.kind, message.fact) {
                    (MessageKind::Buyer, Some(fact)) if here => Some((marketplace, message.at, Entry::Buyer(fact))),
                    (MessageKind::Automatic, _) if here => Some((marketplace, message.at, Entry::Automatic)),
                    _ => None,
                }
            };
            let mut entries: Vec<_> = state.messages.iter().filter_map(counted).collect();
            let erased = state.facts.iter();
            let erased = erased.filter(|(of, _, at, _)| of == store && metrics::day(*at) == day);
            entries.extend(erased.map(|(_, marketplace, at, entry)| (*marketplace, *at, *entry)));
            entries.sort_by_key(|(_, at, _)| *at);
            entries
        })
    }
}

impl ListStores for Memory {
    async fn stores(&self) -> Ported<Vec<StoreId>> {
        self.look(|state| state.stores.keys().cloned().collect())
    }
}

impl ReadRollups for Memory {
    async fn rollup_state(&self, store: &StoreId) -> Ported<RollupState> {
        self.look(|state| state.rollups.state(store))
    }

    async fn rollups(
        &self,
        store: &StoreId,
        marketplace: Option<Marketplace>,
        days: (Date, Date),
    ) -> Ported<BTreeMap<Date, Rollup>> {
        self.look(|state| state.rollups.days(store, marketplace, days))
    }

    async fn windows(&self, store: &StoreId, marketplace: Option<Marketplace>) -> Ported<Option<Windows>> {
        self.look(|state| state.rollups.windows(store, marketplace))
    }
}

impl Commit for Memory {
    async fn commit(&self, changes: Vec<Change>) -> Result<(), CommitError> {
        let strike = self.faults.next();
        if strike == Some(Strike::Before) {
            return Err(struck().into());
        }
        assert!(
            changes.len() <= 100,
            "a transaction holds at most 100 changes, this one {}",
            changes.len()
        );
        let mut state = self.state();
        let mut next = state.clone();
        let refusals: Vec<Refusal> = changes
            .into_iter()
            .filter_map(|change| apply(&mut next, change).err())
            .collect();
        if let Some(refusal) = refusals.into_iter().min() {
            return Err(CommitError::Refused(refusal));
        }
        *state = next;
        if strike == Some(Strike::After) {
            Err(struck().into())
        } else {
            Ok(())
        }
    }
}

/// Puts what must not be there.
fn put_new<K: Ord, V>(map: &mut BTreeMap<K, V>, key: K, value: V) -> Result<(), Refusal> {
    if map.contains_key(&key) {
        return Err(Refusal::Duplicate);
    }
    map.insert(key, value);
    Ok(())
}

/// Claims what must not be claimed.
fn once<K: Ord>(set: &mut BTreeSet<K>, key: K) -> Result<(), Refusal> {
    if set.insert(key) {
        Ok(())
    } else {
        Err(Refusal::Duplicate)
    }
}

/// What is to be sent, and the day's budget.
fn send(state: &mut State, change: Change) -> Result<(), Refusal> {
    match change {
        Change::Outgoing(item) => {
            put_new(
                &mut state.outbox,
                (item.store.clone(), item.buyer.clone(), item.key.clone()),
                *item,
            )?;
        }
        Change::Move { item, from } => {
            let key = (item.store.clone(), item.buyer.clone(), item.key.clone());
            if state.outbox.get(&key).map(|stored| stored.state) != Some(from) {
                return Err(Refusal::Stale);
            }
            state.outbox.insert(key, *item);
        }
        Change::Spend { store, day, limit } => {
            let sent = state.budget.entry((store, day)).or_default();
            if *sent >= limit {
                return Err(Refusal::Spent);
            }
            *sent += 1;
        }
        Change::Refund { store, day } => {
            let sent = state.budget.entry((store, day)).or_default();
            *sent = sent.saturating_sub(1);
        }
        _ => {}
    }
    Ok(())
}

fn apply(state: &mut State, change: Change) -> Result<(), Refusal> {
    match change {
        Change::Thread(thread) => {
            let key = (thread.store.clone(), thread.buyer.clone(), thread.id.clone());
            if state.threads.get(&key).map_or(0, |stored| stored.version) != thread.version {
                return Err(Refusal::Stale);
            }
            let version = thread.version + 1;
            state.threads.insert(key, Thread { version, ..*thread });
        }
        Change::Buyer {
            store,
            buyer,
            version,
            asked_at,
        } => {
            let stored = state.buyers.entry((store, buyer)).or_default();
            if stored.0 != version {
                return Err(Refusal::Stale);
            }
            *stored = (version + 1, asked_at);
        }
        Change::Message(message, store, buyer) => {
            put_new(&mut state.messages, (store, buyer, message.key.clone()), *message)?;
        }
        Change::Mark {
            store,
            buyer,
            message,
            at: _,
            fact,
            failed,
        } => {
            let message = state.messages.get_mut(&(store, buyer, message)).ok_or(Refusal::Stale)?;
            message.fact = fact.or(message.fact);
            message.failed |= failed;
        }
        Change::OlderMails {
            store,
            buyer,
            thread,
            marks,
        } => state
            .older_mails
            .entry((store, buyer, thread))
            .or_default()
            .extend(marks),
        Change::Seen { store, mail, .. } => once(&mut state.seen, (store, mail))?,
        Change::Believed { claim, .. } => once(&mut state.believed, claim)?,
        Change::CopyWaits(handle, copy) => {
            state
                .copies
                .insert((copy.store.clone(), handle, copy.key.clone()), *copy);
        }
        Change::CopyFound(handle, copy) => {
            let waited = state.copies.remove(&(copy.store, handle, copy.key));
            return waited.map(|_| ()).ok_or(Refusal::Stale);
        }
        Change::Handle(handle, thread) => {
            let target = (thread.buyer.clone(), thread.id.clone());
            state
                .handles
                .entry((thread.store.clone(), handle))
                .or_default()
                .insert(target);
        }
        change @ (Change::Outgoing(_) | Change::Move { .. } | Change::Spend { .. } | Change::Refund { .. }) => {
            return send(state, change);
        }
        Change::Event(event) => {
            let key = (event.store.clone(), event.key.clone());
            if event.only_once() && state.events.contains_key(&key) {
                return Err(Refusal::Raised);
            }
            state.events.insert(key, (*event, false));
        }
        Change::Told { store, event } => {
            if let Some((_, told)) = state.events.get_mut(&(store, event)) {
                *told = true;
            }
        }
        Change::Rollup(store, change) => state.rollups.apply(store, change)?,
        Change::Erase(store, buyer, part) => return super::erase::erase(state, &store, &buyer, part),
        Change::Registry(change) => registry::apply(state, change)?,
        Change::Did(did) => state.registry.did(*did),
        Change::Endpoint(change) => state.endpoints.apply(change)?,
        Change::Withdraw(report) => {
            state.reports.remove(&(report.store, report.at, report.key));
        }
        Change::Report(report) => {
            state
                .reports
                .insert((report.store.clone(), report.at, report.key.clone()), report);
        }
    }
    Ok(())
}
