//! When the numbers are computed anew. A deployed stack does it every hour; here who answers a message wants to see it counted.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use dynoxide::types::{AttributeValue, Item};
use jiff::{SignedDuration, Timestamp};
use within24::adapters::dynamodb::keys;

use crate::embedded::Watch;

/// At least so often: messages become late without any write.
const AT_LEAST: SignedDuration = SignedDuration::from_hours(1);

/// At most so often, where facts change.
const AT_MOST: SignedDuration = SignedDuration::from_secs(10);

/// And at most for this part of the time: a rollup reads all of today's facts.
const PART: i32 = 20;

/// Whether facts of the metrics changed since the last rollup, and when that was.
#[derive(Debug, Default)]
pub(super) struct RollUps {
    changed: AtomicBool,
    last: Mutex<Option<Last>>,
}

/// The last rollup: when it began, and how long it took.
#[derive(Clone, Copy, Debug)]
struct Last {
    began: Timestamp,
    took: SignedDuration,
}

impl RollUps {
    fn last(&self) -> MutexGuard<'_, Option<Last>> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether it is time for one; it then counts as begun.
    pub(super) fn take_turn(&self, now: Timestamp) -> bool {
        let mut last = self.last();
        let due = match *last {
            None => true,
            Some(Last { began, took }) => {
                let (since, soon) = (now.duration_since(began), AT_MOST.max(took * PART));
                since >= AT_LEAST || (since >= soon && self.changed.load(Ordering::Acquire))
            }
        };
        if due {
            self.changed.store(false, Ordering::Release);
            let took = SignedDuration::ZERO;
            *last = Some(Last { began: now, took });
        }
        due
    }

    /// It is done.
    pub(super) fn done(&self, now: Timestamp) {
        if let Some(last) = &mut *self.last() {
            last.took = now.duration_since(last.began);
        }
    }
}

impl Watch for RollUps {
    fn written(&self, row: &Item) {
        if let Some(AttributeValue::S(sk)) = row.get("sk")
            && keys::is_fact(sk)
        {
            self.changed.store(true, Ordering::Release);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_computed_soon_after_a_message_and_every_hour() {
        let at = |second: i64| Timestamp::from_second(1_772_442_000 + second).unwrap();
        let row = |sk: &str| Item::from([("sk".to_owned(), AttributeValue::S(sk.to_owned()))]);
        let rollups = RollUps::default();
        assert!(rollups.take_turn(at(0)), "at the start");
        rollups.written(&row("WINDOWS"));
        assert!(!rollups.take_turn(at(20)), "nothing that counts");
        rollups.written(&row("MSG#1"));
        assert!(!rollups.take_turn(at(9)));
        assert!(rollups.take_turn(at(20)));
        rollups.done(at(22));
        rollups.written(&row("MSG#2"));
        assert!(!rollups.take_turn(at(59)), "it took two seconds");
        assert!(rollups.take_turn(at(60)));
        assert!(!rollups.take_turn(at(99)));
        assert!(rollups.take_turn(at(60 + 3600)));
    }
}
