//! Erasing a buyer in memory.

use super::memory::{Memory, State};
use crate::domain::alias::Buyer;
use crate::domain::message::MessageKind;
use crate::domain::metrics::Entry;
use crate::domain::store::StoreId;
use crate::ports::{Erasure, Holdings, Ported, ReadHoldings, Refusal, Trace};

/// Traces by where they stand: marks of older mails, and handles.
const OLDER: &str = "older mails";
const HANDLE: &str = "handle";

impl ReadHoldings for Memory {
    async fn holdings(&self, store: &StoreId, buyer: &Buyer) -> Ported<Holdings> {
        self.look(|state| {
            let his = |(of, whose): (&StoreId, &Buyer)| of == store && whose == buyer;
            let threads = state.threads.values();
            let messages = state.messages.iter();
            let outbox = state.outbox.values();
            let older = state.older_mails.keys().filter(|key| his((&key.0, &key.1)));
            let older = older.map(|(_, _, thread)| Trace(OLDER.to_owned(), thread.as_str().to_owned()));
            let handles = state.handles.iter().enumerate();
            let handles =
                handles.filter(|(_, ((of, _), to))| of == store && to.iter().any(|(whose, _)| whose == buyer));
            let handles = handles.map(|(place, _)| Trace(HANDLE.to_owned(), place.to_string()));
            Holdings {
                threads: threads.filter(|one| his((&one.store, &one.buyer))).cloned().collect(),
                messages: messages
                    .filter(|(key, _)| his((&key.0, &key.1)))
                    .map(|(_, message)| message.clone())
                    .collect(),
                outbox: outbox.filter(|one| his((&one.store, &one.buyer))).cloned().collect(),
                traces: older.chain(handles).collect(),
                record: state
                    .buyers
                    .get(&(store.clone(), buyer.clone()))
                    .map(|(version, _)| *version),
            }
        })
    }
}

/// Removes one part of what is kept of a buyer.
pub(super) fn erase(state: &mut State, store: &StoreId, buyer: &Buyer, part: Erasure) -> Result<(), Refusal> {
    match part {
        Erasure::Message(read) => {
            let key = (store.clone(), buyer.clone(), read.key.clone());
            let same = |stored: &crate::domain::message::Message| stored.fact == read.fact;
            if !state.messages.get(&key).is_some_and(same) {
                return Err(Refusal::Stale);
            }
            state.messages.remove(&key);
            let entry = match (read.kind, read.fact) {
                (MessageKind::Buyer, Some(fact)) => Some(Entry::Buyer(fact)),
                (MessageKind::Automatic, _) => Some(Entry::Automatic),
                _ => None,
            };
            let fact = entry.map(|entry| (store.clone(), buyer.marketplace(), read.at, entry));
            state.facts.extend(fact);
        }
        Erasure::Outgoing(read) => {
            let key = (store.clone(), buyer.clone(), read.key.clone());
            if state.outbox.get(&key).map(|stored| stored.state) != Some(read.state) {
                return Err(Refusal::Stale);
            }
            state.outbox.remove(&key);
        }
        Erasure::Trace(Trace(kind, _)) if kind == OLDER => {
            state
                .older_mails
                .retain(|(of, whose, _), _| of != store || whose != buyer);
        }
        Erasure::Trace(_) => {
            for ((of, _), to) in &mut state.handles {
                to.retain(|(whose, _)| of != store || whose != buyer);
            }
        }
        Erasure::Thread(read) => {
            let key = (store.clone(), buyer.clone(), read.id.clone());
            if state.threads.get(&key).map(|stored| stored.version) != Some(read.version) {
                return Err(Refusal::Stale);
            }
            state.threads.remove(&key);
        }
        Erasure::Record(version) => {
            let key = (store.clone(), buyer.clone());
            if state.buyers.get(&key).map(|stored| stored.0) != Some(version) {
                return Err(Refusal::Stale);
            }
            state.buyers.remove(&key);
        }
    }
    Ok(())
}
