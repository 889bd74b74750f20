//! Stores, tokens and deeds in memory.

use std::collections::BTreeMap;

use super::Memory;
use super::memory::State;
use crate::domain::deed::Did;
use crate::domain::message::Message;
use crate::domain::outgoing::Outgoing;
use crate::domain::report::Report;
use crate::domain::store::StoreId;
use crate::domain::thread::{Thread, ThreadId};
use crate::domain::token::{Token, TokenId};
use crate::ports::{
    FindTokens, Handle, Place, Ported, ReadBuyer, ReadDeeds, ReadReports, Refusal, RegistryChange, ShowThreads,
};

#[derive(Clone, Debug, Default)]
pub(super) struct Registry {
    tokens: BTreeMap<TokenId, Token>,
    deeds: BTreeMap<(Option<StoreId>, Place), Did>,
}

impl Registry {
    pub(super) fn did(&mut self, did: Did) {
        let place = place(did.at, &did.key);
        self.deeds.insert((did.store.clone(), place), did);
    }

    fn token(&mut self, id: &TokenId, fits: impl Fn(&Token) -> bool) -> Result<&mut Token, Refusal> {
        self.tokens
            .get_mut(id)
            .filter(|token| fits(token))
            .ok_or(Refusal::Stale)
    }
}

/// Places are told apart by the millisecond, as in the table.
fn place(at: jiff::Timestamp, key: &crate::domain::key::Key) -> Place {
    Place {
        at: jiff::Timestamp::from_millisecond(at.as_millisecond()).unwrap_or(at),
        key: key.clone(),
    }
}

fn is_before(at: jiff::Timestamp, key: &crate::domain::key::Key, before: Option<&Place>) -> bool {
    before.is_none_or(|before| place(at, key) < place(before.at, &before.key))
}

/// Who takes the mail of a recipient follows from the stores themselves.
pub(super) fn apply(state: &mut State, change: RegistryChange) -> Result<(), Refusal> {
    match change {
        RegistryChange::Store { store, recipient } => {
            if state.stores.get(&store.id).map(|known| &known.recipient) != recipient.as_ref() {
                return Err(Refusal::Stale);
            }
            state.stores.insert(store.id.clone(), *store);
        }
        RegistryChange::Listed(_) | RegistryChange::Leaves { .. } => {}
        RegistryChange::Takes { store, recipient } => {
            let mut others = state.stores.values().filter(|other| other.id != store);
            if others.any(|other| other.recipient == recipient) {
                return Err(Refusal::Duplicate);
            }
        }
        RegistryChange::TokenMade(token) => {
            if state.registry.tokens.contains_key(&token.id) {
                return Err(Refusal::Duplicate);
            }
            state.registry.tokens.insert(token.id.clone(), *token);
        }
        RegistryChange::TokenRevoked { id, at } => {
            let token = state.registry.token(&id, |token| token.revoked_at.is_none())?;
            token.revoked_at = Some(at);
        }
        RegistryChange::TokenUsed { id, day } => {
            let token = state
                .registry
                .token(&id, |token| token.used_on.is_none_or(|used| used < day))?;
            token.used_on = Some(day);
        }
    }
    Ok(())
}

impl FindTokens for Memory {
    async fn token(&self, id: &TokenId) -> Ported<Option<Token>> {
        self.look(|state| state.registry.tokens.get(id).cloned())
    }

    async fn tokens(&self) -> Ported<Vec<Token>> {
        self.look(|state| state.registry.tokens.values().cloned().collect())
    }
}

impl ReadDeeds for Memory {
    async fn deeds(&self, store: Option<&StoreId>, before: Option<&Place>, limit: usize) -> Ported<Vec<Did>> {
        self.look(|state| {
            let here = state.registry.deeds.values().rev();
            here.filter(|did| did.store.as_ref() == store && is_before(did.at, &did.key, before))
                .take(limit)
                .cloned()
                .collect()
        })
    }
}

impl ReadReports for Memory {
    async fn standing_reports(&self, store: &StoreId, before: Option<&Place>, limit: usize) -> Ported<Vec<Report>> {
        self.look(|state| {
            let here = state.reports.values().filter(|report| report.store == *store);
            let mut all: Vec<Report> = here
                .filter(|report| is_before(report.at, &report.key, before))
                .cloned()
                .collect();
            all.sort_by_key(|report| std::cmp::Reverse(place(report.at, &report.key)));
            all.truncate(limit);
            all
        })
    }
}

impl ShowThreads for Memory {
    async fn shown(&self, store: &StoreId, thread: &ThreadId) -> Ported<Option<Thread>> {
        self.look(|state| {
            let named = state.handles.get(&(store.clone(), Handle::Thread(thread.clone())));
            let (buyer, id) = named.into_iter().flatten().next()?;
            state.threads.get(&(store.clone(), buyer.clone(), id.clone())).cloned()
        })
    }

    async fn shown_messages(&self, thread: &Thread) -> Ported<Vec<Message>> {
        self.messages(&thread.store, &thread.buyer, &thread.id).await
    }

    async fn shown_outbox(&self, thread: &Thread) -> Ported<Vec<Outgoing>> {
        self.look(|state| {
            let all = state.outbox.values();
            let here =
                all.filter(|item| item.store == thread.store && item.buyer == thread.buyer && item.thread == thread.id);
            let mut items: Vec<Outgoing> = here.cloned().collect();
            items.sort_by(|a, b| (a.created_at, &a.key).cmp(&(b.created_at, &b.key)));
            items
        })
    }
}

impl Memory {
    /// All that was done, store by store, by time.
    pub fn deeds_done(&self) -> Vec<Did> {
        self.state().registry.deeds.values().cloned().collect()
    }
}
