//! Telling others what was written: an event is stored in the transaction that makes it true, then published, then marked.
//!
//! [`Announcing`] does so around any world that can commit. Where publishing fails, nothing is lost: the event stays
//! untold, and the next sweep tells it. So every event is told at least once, and carries a key that tells repetitions.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;

use crate::domain::alias::Buyer;
use crate::domain::event::Event;
use crate::domain::key::Key;
use crate::domain::marketplace::Marketplace;
use crate::domain::message::Message;
use crate::domain::metrics::Entry;
use crate::domain::outgoing::Outgoing;
use crate::domain::recent_mails::MailMark;
use crate::domain::rollup::{Rollup, Windows};
use crate::domain::store::{Store, StoreId};
use crate::domain::thread::{Thread, ThreadId};
use crate::ports::{
    BuyerRecord, Change, Commit, CommitError, FindCopies, FindHeld, FindStore, FindThreads, Handle, ListStores,
    PortError, Ported, PublishEvents, ReadBuyer, ReadFacts, ReadOutbox, ReadRollups, RollupState, WaitingCopy,
};

/// Publishes these events and marks those that were taken; gives their number.
///
/// # Errors
/// Where nothing was taken, or a mark could not be written: what is not marked is told again.
pub async fn announce<W, B>(world: &W, bus: &B, events: &[Event]) -> Result<usize, PortError>
where
    W: Commit,
    B: PublishEvents,
{
    let taken = bus.publish(events).await?;
    mark(world, events, &taken).await?;
    Ok(taken.len())
}

/// Marks events as told.
pub(super) async fn mark<W: Commit>(world: &W, events: &[Event], taken: &[Key]) -> Result<(), PortError> {
    let taken: std::collections::BTreeSet<&Key> = taken.iter().collect();
    let told = events.iter().filter(|event| taken.contains(&event.key));
    let marks: Vec<Change> = told
        .map(|event| Change::Told {
            store: event.store.clone(),
            event: event.key.clone(),
        })
        .collect();
    for part in marks.chunks(50) {
        match world.commit(part.to_vec()).await {
            Ok(()) | Err(CommitError::Refused(_)) => {}
            Err(CommitError::Port(error)) => return Err(error),
        }
    }
    Ok(())
}

/// A world whose commits are told to a bus.
#[derive(Debug)]
pub struct Announcing<'a, W, B> {
    world: &'a W,
    bus: &'a B,
}

impl<'a, W, B> Announcing<'a, W, B> {
    /// `world`, its events told to `bus`.
    pub fn new(world: &'a W, bus: &'a B) -> Self {
        Self { world, bus }
    }
}

impl<W, B> Commit for Announcing<'_, W, B>
where
    W: Commit,
    B: PublishEvents,
{
    async fn commit(&self, changes: Vec<Change>) -> Result<(), CommitError> {
        let event = |change: &Change| match change {
            Change::Event(event) => Some((**event).clone()),
            _ => None,
        };
        let events: Vec<Event> = changes.iter().filter_map(event).collect();
        self.world.commit(changes).await?;
        if !events.is_empty()
            && let Err(error) = announce(self.world, self.bus, &events).await
        {
            tracing::warn!(%error, events = events.len(), "not told yet: the next sweep tells it");
        }
        Ok(())
    }
}

impl<W: FindStore, B: Sync> FindStore for Announcing<'_, W, B> {
    async fn store_for(&self, recipients: &[String]) -> Ported<Option<Store>> {
        self.world.store_for(recipients).await
    }

    async fn store(&self, id: &StoreId) -> Ported<Option<Store>> {
        self.world.store(id).await
    }
}

impl<W: ReadBuyer, B: Sync> ReadBuyer for Announcing<'_, W, B> {
    async fn buyer(&self, store: &StoreId, buyer: &Buyer) -> Ported<BuyerRecord> {
        self.world.buyer(store, buyer).await
    }

    async fn older_mails(&self, store: &StoreId, buyer: &Buyer) -> Ported<Vec<(ThreadId, Vec<MailMark>)>> {
        self.world.older_mails(store, buyer).await
    }

    async fn messages(&self, store: &StoreId, buyer: &Buyer, thread: &ThreadId) -> Ported<Vec<Message>> {
        self.world.messages(store, buyer, thread).await
    }
}

impl<W: FindThreads, B: Sync> FindThreads for Announcing<'_, W, B> {
    async fn find(&self, store: &StoreId, handle: &Handle) -> Ported<Vec<Thread>> {
        self.world.find(store, handle).await
    }
}

impl<W: FindCopies, B: Sync> FindCopies for Announcing<'_, W, B> {
    async fn copies(&self, store: &StoreId, handle: &Handle) -> Ported<Vec<WaitingCopy>> {
        self.world.copies(store, handle).await
    }
}

impl<W: ReadOutbox, B: Sync> ReadOutbox for Announcing<'_, W, B> {
    async fn outgoing(&self, store: &StoreId, buyer: &Buyer, key: &Key) -> Ported<Option<Outgoing>> {
        self.world.outgoing(store, buyer, key).await
    }
}

impl<W: FindHeld, B: Sync> FindHeld for Announcing<'_, W, B> {
    async fn held_before(&self, day: Date, limit: usize) -> Ported<Vec<Outgoing>> {
        self.world.held_before(day, limit).await
    }
}

impl<W: ListStores, B: Sync> ListStores for Announcing<'_, W, B> {
    async fn stores(&self) -> Ported<Vec<StoreId>> {
        self.world.stores().await
    }
}

impl<W: ReadFacts, B: Sync> ReadFacts for Announcing<'_, W, B> {
    async fn facts(&self, store: &StoreId, day: Date) -> Ported<Vec<(Marketplace, Timestamp, Entry)>> {
        self.world.facts(store, day).await
    }
}

impl<W: ReadRollups, B: Sync> ReadRollups for Announcing<'_, W, B> {
    async fn rollup_state(&self, store: &StoreId) -> Ported<RollupState> {
        self.world.rollup_state(store).await
    }

    async fn rollups(
        &self,
        store: &StoreId,
        marketplace: Option<Marketplace>,
        days: (Date, Date),
    ) -> Ported<BTreeMap<Date, Rollup>> {
        self.world.rollups(store, marketplace, days).await
    }

    async fn windows(&self, store: &StoreId, marketplace: Option<Marketplace>) -> Ported<Option<Windows>> {
        self.world.windows(store, marketplace).await
    }
}

/// When an event that is not told counts as forgotten by whoever committed it.
pub(super) const FORGOTTEN: jiff::SignedDuration = jiff::SignedDuration::from_mins(1);

/// The time before which untold events are forgotten ones.
pub(super) fn forgotten_before(now: Timestamp) -> Timestamp {
    crate::domain::clock::shift(now, -FORGOTTEN)
}
