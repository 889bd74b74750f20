//! Lists of threads for people, without a scan: by what names a thread, by deadline, or the latest opened first.

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

/// What names threads without a list; a thread is meant that has all of it.
#[derive(Clone, Debug, Default)]
pub struct Named {
    /// Its id, a case, an order.
    pub handles: Vec<Handle>,
    /// The buyer.
    pub buyer: Option<Buyer>,
}

impl Named {
    /// Whether it names nothing.
    pub fn is_empty(&self) -> bool {
        self.handles.is_empty() && self.buyer.is_none()
    }

    fn means(&self, thread: &Thread) -> bool {
        let has = |handle: &Handle| match handle {
            Handle::Thread(id) => thread.id == *id,
            Handle::Case(case) => thread.case_id.as_ref() == Some(case),
            Handle::Order(order) => thread.order_ids.contains(order),
            Handle::Name(_) | Handle::Sent(_) | Handle::Ticket(_) => true,
        };
        self.handles.iter().all(has) && self.buyer.as_ref().is_none_or(|buyer| thread.buyer == *buyer)
    }
}

/// The few threads of a store that are named and fit, the latest opened first.
///
/// # Errors
/// Where the world fails.
pub async fn named<W: ReadBuyer + FindThreads>(
    world: &W,
    store: &StoreId,
    wanted: &Named,
    filter: &Filter,
    now: Timestamp,
) -> Ported<Vec<Listed>> {
    let mut found = Vec::new();
    if let Some(buyer) = &wanted.buyer {
        found = world.buyer(store, buyer).await?.threads;
    } else {
        for handle in &wanted.handles {
            found.extend(world.find(store, handle).await?);
        }
    }
    found.retain(|thread| wanted.means(thread));
    let mut threads: Vec<Listed> = found.iter().map(Listed::of).collect();
    threads.retain(|thread| filter.wants(thread, now));
    threads.sort_by(|a, b| (&b.id, &b.buyer).cmp(&(&a.id, &a.buyer)));
    threads.dedup_by(|a, b| (&a.id, &a.buyer) == (&b.id, &b.buyer));
    Ok(threads)
}
