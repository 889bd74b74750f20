//! Which thread is meant: by a selector of ours, or by what a helpdesk's call holds.

use crate::domain::alias::{Alias, Buyer, CaseId};
use crate::domain::store::StoreId;
use crate::domain::thread::Thread;
use crate::domain::webhook::{Reference, Select, Source};
use crate::ports::{FindThreads, Handle, Ported, ReadBuyer};

/// What a reference comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// This thread.
    One(Box<Thread>),
    /// None that we know.
    None,
    /// Several: none is guessed.
    Several,
}

impl Found {
    fn of(mut threads: Vec<Thread>) -> Self {
        match threads.len() {
            0 => Self::None,
            1 => Self::One(Box::new(threads.swap_remove(0))),
            _ => Self::Several,
        }
    }
}

/// The thread that the selector names in one of these stores: the newest if several fit.
///
/// # Errors
/// Where the world fails.
pub async fn selected<W>(world: &W, stores: &[StoreId], select: &Select) -> Ported<Option<Thread>>
where
    W: ReadBuyer + FindThreads,
{
    let mut found: Vec<Thread> = Vec::new();
    let wanted = |store: &&StoreId| select.store.as_deref().is_none_or(|wanted| wanted == store.as_str());
    for store in stores.iter().filter(wanted).filter(|_| !select.impossible) {
        let thread = select.thread.clone().map(Handle::Thread);
        let order = select.order.clone().map(Handle::Order);
        let case = select.case.clone().map(Handle::Case);
        match (thread.or(order).or(case), &select.buyer) {
            (Some(handle), _) => found.extend(world.find(store, &handle).await?),
            (None, Some(buyer)) => found.extend(world.buyer(store, buyer).await?.threads),
            (None, None) => {}
        }
    }
    found.retain(|thread| {
        select
            .order
            .as_ref()
            .is_none_or(|order| thread.order_ids.contains(order))
            && select
                .case
                .as_ref()
                .is_none_or(|case| thread.case_id.as_ref() == Some(case))
            && select.buyer.as_ref().is_none_or(|buyer| thread.buyer == *buyer)
    });
    let newest = |thread: &Thread| (thread.opened_at, thread.last_message_at, thread.id.clone());
    Ok(found.into_iter().max_by_key(newest))
}

/// The handle of a helpdesk's ticket.
pub fn ticket(source: Source, id: &str) -> Handle {
    Handle::Ticket(format!("{}:{id}", source.as_str()))
}

/// The thread that a call is about: our own id of it, else the buyer's relay address, else an order id, else the ticket
/// that an earlier call was about. An address excludes what is not its buyer's, and a case id or order narrows it down.
///
/// # Errors
/// Where the world fails.
pub async fn referenced<W>(world: &W, stores: &[StoreId], source: Source, reference: &Reference) -> Ported<Found>
where
    W: ReadBuyer + FindThreads,
{
    if let Some(select) = &reference.select {
        let thread = selected(world, stores, select).await?;
        return Ok(thread.map_or(Found::None, |thread| Found::One(Box::new(thread))));
    }
    let by_id = all(world, stores, reference.threads.iter().cloned().map(Handle::Thread)).await?;
    if !by_id.is_empty() {
        return Ok(Found::of(by_id));
    }
    if !reference.aliases.is_empty() {
        return Ok(Found::of(of_buyers(world, stores, reference).await?));
    }
    let by_order = all(world, stores, reference.orders.iter().cloned().map(Handle::Order)).await?;
    if !by_order.is_empty() {
        return Ok(Found::of(by_order));
    }
    let by_ticket = reference.ticket.iter().map(|id| ticket(source, id));
    Ok(Found::of(all(world, stores, by_ticket).await?))
}

/// The threads that these handles name, each once.
async fn all<W: FindThreads>(
    world: &W,
    stores: &[StoreId],
    handles: impl Iterator<Item = Handle>,
) -> Ported<Vec<Thread>> {
    let mut found: Vec<Thread> = Vec::new();
    for handle in handles {
        for store in stores {
            for thread in world.find(store, &handle).await? {
                if found.iter().all(|known| known.id != thread.id) {
                    found.push(thread);
                }
            }
        }
    }
    Ok(found)
}

async fn of_buyers<W: ReadBuyer>(world: &W, stores: &[StoreId], reference: &Reference) -> Ported<Vec<Thread>> {
    let mut buyers: Vec<Buyer> = reference.aliases.iter().map(Alias::buyer).collect();
    buyers.sort_unstable();
    buyers.dedup();
    let mut found: Vec<Thread> = Vec::new();
    for store in stores {
        for buyer in &buyers {
            found.extend(world.buyer(store, buyer).await?.threads);
        }
    }
    let cases: Vec<CaseId> = reference.aliases.iter().filter_map(Alias::case_id).collect();
    if !cases.is_empty() {
        let named = |thread: &Thread| thread.case_id.as_ref().is_some_and(|case| cases.contains(case));
        let open = |thread: &Thread| thread.case_id.is_none();
        let exact = found.iter().any(named);
        found.retain(|thread| if exact { named(thread) } else { open(thread) });
    }
    let ordered = |thread: &Thread| reference.orders.iter().any(|order| thread.order_ids.contains(order));
    if found.len() > 1 && found.iter().any(ordered) {
        found.retain(ordered);
    }
    Ok(found)
}
