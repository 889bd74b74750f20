//! Fakes for tests: they hold the ports' contracts, conditions included, and fail where they are told to.

mod bucket;
mod endpoints;
mod erase;
mod herald;
mod memory;
#[cfg(feature = "openapi")]
pub mod openapi;
mod post;
mod registry;
mod rollups;
mod spread;

pub use endpoints::{Arrived, CallQueue, Outside};
pub use herald::Herald;
pub use memory::Memory;
pub use post::{Fate, Post};
pub use spread::spread;

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::ports::PortError;

/// When an injected fault strikes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strike {
    /// Before the call has any effect.
    Before,
    /// After it had: the caller does not learn of it.
    After,
}

/// Fails one call by its number, counted from 1 over all calls.
#[derive(Debug, Default)]
pub struct Faults {
    calls: AtomicUsize,
    at: AtomicUsize,
    after: AtomicUsize,
}

impl Faults {
    /// The next call with this number fails. Counting starts anew.
    pub fn strike(&self, number: usize, strike: Strike) {
        self.calls.store(0, Ordering::SeqCst);
        self.at.store(number, Ordering::SeqCst);
        self.after.store(usize::from(strike == Strike::After), Ordering::SeqCst);
    }

    /// No more faults.
    pub fn calm(&self) {
        self.strike(0, Strike::Before);
    }

    /// How many calls were made since the last strike was set.
    pub fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }

    /// A call begins: what strikes it, if anything.
    fn next(&self) -> Option<Strike> {
        let number = self.calls.fetch_add(1, Ordering::SeqCst) + 1;
        let strike = if self.after.load(Ordering::SeqCst) == 1 {
            Strike::After
        } else {
            Strike::Before
        };
        (number == self.at.load(Ordering::SeqCst)).then_some(strike)
    }
}

/// The error of an injected fault.
fn struck() -> PortError {
    PortError::Unavailable {
        service: "fake",
        code: "struck".to_owned(),
    }
}
