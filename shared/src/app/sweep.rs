//! The sweep: raises each level once, tells it, and brings back what waited for a new day.
//!
//! It first raises, nearest deadline first: one conditional write a thread moves it to its next alert and stores the event.
//! Then it tells: the bus, and one mail to the operator. A sweep that dies in between leaves events untold, and the next
//! one tells them. What it has no time for stays where it is in the index, and comes first in the next run.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::StreamExt;
use futures_util::stream;
use jiff::{SignedDuration, Timestamp};

use super::announce::{forgotten_before, mark};
use super::release::release;
use crate::domain::alert::{self, OperatorLanguage};
use crate::domain::event::Event;
use crate::domain::store::{Store, StoreId};
use crate::domain::thread::Thread;
use crate::ports::{
    Change, Commit, CommitError, Due, FindDue, FindHeld, FindStore, PortError, PublishEvents, ReadEvents, Refusal,
    TellOperator,
};

/// The most due threads that one run looks at.
pub const MOST_DUE: usize = 8000;

/// The most events of earlier runs that one run tells, and the most held items it brings back.
const MOST_LEFT: usize = 1000;

/// Threads read in one call.
const PART: usize = 100;

/// Writes at the same time.
const AT_ONCE: usize = 8;

/// What a sweep did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Alerts raised in this run, in the order they were raised.
    pub raised: Vec<Event>,
    /// Events told, those of earlier runs too.
    pub told: usize,
    /// Threads that could not be dealt with: the next run does.
    pub failed: usize,
    /// Due threads that are left.
    pub left: usize,
    /// How long the oldest alert that is still to be raised has been due.
    pub lag: SignedDuration,
    /// Held mail that is to be sent again.
    pub released: usize,
}

/// Sweeps once. `time_left` says whether there is time to begin with another part of the due threads; telling what was
/// raised comes after that.
///
/// # Errors
/// Where the world does not answer; what was raised stays raised and is told later.
pub async fn sweep<W, B, O>(
    world: &W,
    bus: &B,
    operator: &O,
    language: OperatorLanguage,
    now: Timestamp,
    time_left: impl Fn() -> bool,
) -> Result<Swept, PortError>
where
    W: FindDue + FindStore + FindHeld + ReadEvents + Commit,
    B: PublishEvents,
    O: TellOperator,
{
    let mut swept = Swept::default();
    let due = world.due(now, MOST_DUE).await?;
    let mut stores = Stores::default();
    let mut open: BTreeSet<usize> = (0..due.len()).collect();
    for (number, part) in due.chunks(PART).enumerate() {
        if !time_left() {
            break;
        }
        let threads = world.threads(part).await?;
        for thread in &threads {
            stores.know(world, &thread.store).await?;
        }
        let by_deadline = in_order(threads, part);
        let raises = by_deadline.into_iter().map(|thread| {
            let store = stores.get(&thread.store);
            raise(world, thread, store, now)
        });
        let mut results = stream::iter(raises).buffered(AT_ONCE);
        while let Some(result) = results.next().await {
            match result {
                Ok(event) => swept.raised.extend(event),
                Err(error) => {
                    swept.failed += 1;
                    tracing::warn!(%error, "an alert could not be raised: the next sweep does");
                }
            }
        }
        open.retain(|place| place / PART != number);
    }
    swept.left = open.len();
    let oldest = open.iter().map(|place| due[*place].alert_at).min();
    swept.lag = oldest.map_or(SignedDuration::ZERO, |at| now.duration_since(at));
    swept.told = tell(world, bus, operator, language, &swept.raised, now).await?;
    swept.released = release(world, now, MOST_LEFT).await?;
    Ok(swept)
}

/// The stores of the threads of a run: each is read once.
#[derive(Default)]
struct Stores(BTreeMap<StoreId, Option<Store>>);

impl Stores {
    async fn know<W: FindStore>(&mut self, world: &W, id: &StoreId) -> Result<(), PortError> {
        if !self.0.contains_key(id) {
            let store = world.store(id).await?;
            self.0.insert(id.clone(), store);
        }
        Ok(())
    }

    /// The settings of a store; the contract's defaults where it is gone: its buyers still wait.
    fn get(&self, id: &StoreId) -> Store {
        let known = self.0.get(id).cloned().flatten();
        known.unwrap_or_else(|| Store::new(id.clone(), "", ""))
    }
}

/// The threads in the order of the index: nearest deadline first.
fn in_order(mut threads: Vec<Thread>, due: &[Due]) -> Vec<Thread> {
    let places: BTreeMap<_, usize> = due
        .iter()
        .enumerate()
        .map(|(place, due)| ((&due.store, &due.buyer, &due.thread), place))
        .collect();
    threads.sort_by_key(|thread| places.get(&(&thread.store, &thread.buyer, &thread.id)).copied());
    threads
}

/// Raises what this thread has reached, once: the write is refused where another sweep, or an answer, came first.
async fn raise<W: Commit>(
    world: &W,
    mut thread: Thread,
    store: Store,
    now: Timestamp,
) -> Result<Option<Event>, PortError> {
    let before = (thread.alerted, thread.next_alert_at);
    let event = alert::raise(&mut thread, &store, now);
    if event.is_none() && before == (thread.alerted, thread.next_alert_at) {
        return Ok(None);
    }
    let moved = Change::Thread(Box::new(thread));
    let mut changes = vec![moved.clone()];
    changes.extend(event.clone().map(|event| Change::Event(Box::new(event))));
    match world.commit(changes).await {
        Ok(()) => Ok(event),
        // Raised before, in this very period: an answer that did not arrive has put the thread back. Only its place moves.
        Err(CommitError::Refused(Refusal::Raised)) => match world.commit(vec![moved]).await {
            Ok(()) | Err(CommitError::Refused(_)) => Ok(None),
            Err(CommitError::Port(error)) => Err(error),
        },
        Err(CommitError::Refused(_)) => Ok(None),
        Err(CommitError::Port(error)) => Err(error),
    }
}

/// Tells the bus and the operator of what was raised, and of what an earlier run or another function left untold.
async fn tell<W, B, O>(
    world: &W,
    bus: &B,
    operator: &O,
    language: OperatorLanguage,
    raised: &[Event],
    now: Timestamp,
) -> Result<usize, PortError>
where
    W: ReadEvents + Commit,
    B: PublishEvents,
    O: TellOperator,
{
    let known: BTreeSet<_> = raised.iter().map(|event| event.key.clone()).collect();
    let mut events = world.untold(forgotten_before(now), MOST_LEFT).await?;
    events.retain(|event| !known.contains(&event.key));
    events.extend(raised.iter().cloned());
    if events.is_empty() {
        return Ok(0);
    }
    let taken = bus.publish(&events).await?;
    let told: BTreeSet<_> = taken.iter().collect();
    events.retain(|event| told.contains(&event.key));
    // The mail before the marks: whoever dies here tells twice rather than not at all.
    if let Some(mail) = alert::mail(&events, language, now) {
        operator.tell(&mail).await?;
    }
    mark(world, &events, &taken).await?;
    Ok(taken.len())
}
