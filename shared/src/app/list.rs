//! Lists of threads for people, without a scan: by what names a thread, by deadline, or the latest opened first.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::domain::alias::Buyer;
use crate::domain::listing::{Filter, Listed, Place};
use crate::domain::store::StoreId;
use crate::domain::thread::Thread;
use crate::ports::{FindThreads, Handle, ListThreads, PortError, Ported, ReadBuyer};

/// Threads that one page looks at before it gives what it has: a rare tag must not read a whole table.
const MOST_READ: usize = 500;

/// Threads read in one step, after the first.
const STEP: usize = 100;

/// A page of threads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// The threads.
    pub threads: Vec<Listed>,
    /// Where the next page starts; `None`: there is none. A page may be short, even empty, and have a next one.
    pub next: Option<Place>,
}

/// A list that could not be given.
#[derive(Debug, thiserror::Error)]
pub enum ListError {
    /// The place is one of another list: all threads, or those that wait.
    #[error("the place is one of another list")]
    OtherList,
    /// The world did not answer.
    #[error(transparent)]
    Port(#[from] PortError),
}

/// The threads of a store that fit, at most `limit` (at least one) a page, after `after`. Those that wait come nearest
/// deadline first, if only such are asked for; else the latest opened first. Places stay where they are while threads change.
///
/// # Errors
/// See [`ListError`].
pub async fn list<W: ListThreads>(
    world: &W,
    store: &StoreId,
    filter: &Filter,
    after: Option<Place>,
    limit: usize,
    now: Timestamp,
) -> Result<Page, ListError> {
    let limit = limit.max(1);
    let mut threads = Vec::new();
    let mut last = after;
    // One more than wanted says whether there is a next page.
    let mut step = (limit + 1).min(MOST_READ);
    let mut read = 0;
    loop {
        let found = match (filter.only_waiting(), &last) {
            (true, None) => world.waiting(store, None, step).await?,
            (true, Some(Place::Waiting(due, thread))) => world.waiting(store, Some((*due, thread)), step).await?,
            (false, None) => world.opened(store, None, step).await?,
            (false, Some(Place::Opened(thread))) => world.opened(store, Some(thread), step).await?,
            (true, Some(Place::Opened(_))) | (false, Some(Place::Waiting(..))) => return Err(ListError::OtherList),
        };
        let ended = found.len() < step;
        read += found.len();
        for thread in found {
            if threads.len() == limit {
                return Ok(Page { threads, next: last });
            }
            // Nearest deadline first: what follows is due later still.
            if filter.due_by.is_some_and(|by| thread.due_at() > Some(by)) {
                return Ok(Page { threads, next: None });
            }
            last = Some(match thread.due_at().filter(|_| filter.only_waiting()) {
                Some(due) => Place::Waiting(due, thread.id.clone()),
                None => Place::Opened(thread.id.clone()),
            });
            if filter.wants(&thread, now) {
                threads.push(thread);
            }
        }
        if ended {
            return Ok(Page { threads, next: None });
        }
        if read >= MOST_READ {
            return Ok(Page { threads, next: last });
        }
        step = STEP;
    }
}

/// The threads of a store that one of these names: its id, a case, an order; the latest opened first.
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
