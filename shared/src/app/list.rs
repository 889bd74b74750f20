//! Lists of threads for people, without a scan: by what names a thread, by deadline, or the latest opened first.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::domain::alias::Buyer;
use crate::domain::listing::Filter;
use crate::domain::store::StoreId;
use crate::domain::thread::{Thread, ThreadId};
use crate::ports::{FindThreads, Handle, ListThreads, Ported, ReadBuyer};

/// Threads that one page looks at before it gives what it has: a rare tag must not read a whole table.
const MOST_READ: usize = 500;

/// Threads read in one step.
const STEP: usize = 50;

/// Where a list starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Start {
    /// At its beginning.
    First,
    /// After this thread, the last of the page before.
    After(ThreadId),
}

/// A page of threads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// The threads.
    pub threads: Vec<Thread>,
    /// Where the next page starts; `None`: there is none. A page may be short, even empty, and have a next one.
    pub next: Option<ThreadId>,
}

/// The threads of a store that fit, at most `limit` a page. Those that wait come nearest deadline first, if only such are
/// asked for; else the latest opened first. Both orders stay as they are while threads change.
///
/// # Errors
/// Where the world fails.
pub async fn list<W: ListThreads>(
    world: &W,
    store: &StoreId,
    filter: &Filter,
    start: Start,
    limit: usize,
    now: Timestamp,
) -> Ported<Page> {
    let mut threads = Vec::new();
    let mut last = match start {
        Start::First => None,
        Start::After(thread) => Some(thread),
    };
    let mut read = 0;
    loop {
        let step = if filter.only_waiting() {
            world.waiting(store, last.as_ref(), STEP).await?
        } else {
            world.opened(store, last.as_ref(), STEP).await?
        };
        let ended = step.len() < STEP;
        read += step.len();
        for thread in step {
            if threads.len() == limit {
                return Ok(Page { threads, next: last });
            }
            last = Some(thread.id.clone());
            if filter.wants(store, &thread, now) {
                threads.push(thread);
            }
        }
        if ended {
            return Ok(Page { threads, next: None });
        }
        if read >= MOST_READ {
            return Ok(Page { threads, next: last });
        }
    }
}

/// The threads of a store that one of these names: its id, a case, an order.
///
/// # Errors
/// Where the world fails.
pub async fn named<W: FindThreads>(world: &W, store: &StoreId, handles: &[Handle]) -> Ported<Vec<Thread>> {
    let mut found = Vec::new();
    let mut seen = BTreeSet::new();
    for handle in handles {
        for thread in world.find(store, handle).await? {
            if seen.insert((thread.buyer.clone(), thread.id.clone())) {
                found.push(thread);
            }
        }
    }
    found.sort_by(|a, b| (b.opened_at, &b.id).cmp(&(a.opened_at, &a.id)));
    Ok(found)
}

/// The threads of one buyer, the latest opened first.
///
/// # Errors
/// Where the world fails.
pub async fn of_buyer<W: ReadBuyer>(world: &W, store: &StoreId, buyer: &Buyer) -> Ported<Vec<Thread>> {
    let mut threads = world.buyer(store, buyer).await?.threads;
    threads.sort_by(|a, b| (b.opened_at, &b.id).cmp(&(a.opened_at, &a.id)));
    Ok(threads)
}
