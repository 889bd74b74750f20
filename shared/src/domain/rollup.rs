//! Rollups: what the facts of one day come to, small enough to be kept for ever.
//!
//! What no longer depends on time is kept as counts. What does, the messages that were still inside their 24 hours when
//! the rollup was made, is kept as their receipts. So a rollup read at any later time says what the facts themselves
//! would say then, as long as they have not changed.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;

use super::clock;
use super::marketplace::Marketplace;
use super::message::Fact;
use super::metrics::{Entry, WINDOWS, Window, days_of};

/// The numbers of the windows of 7, 30 and 90 days, in this order.
pub type Windows = [Window; WINDOWS.len()];

/// What one day comes to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rollup {
    counts: Window,
    waiting: Vec<Timestamp>,
}

impl Rollup {
    /// A rollup as it was kept: its counts, and the receipts of the messages that are in none of them yet.
    pub fn kept(counts: Window, mut waiting: Vec<Timestamp>) -> Self {
        waiting.sort_unstable();
        Self { counts, waiting }
    }

    /// Adds one entry, seen at `now`.
    pub fn add(&mut self, at: Timestamp, entry: Entry, now: Timestamp) {
        if entry == Entry::Buyer(Fact::Waiting) && !is_late(at, now) {
            let place = self.waiting.partition_point(|known| *known <= at);
            self.waiting.insert(place, at);
        } else {
            self.counts.add(at, entry, now);
        }
    }

    /// What is counted for good.
    pub fn counts(&self) -> &Window {
        &self.counts
    }

    /// Receipts of the messages that are not, oldest first: they wait, and were inside their 24 hours.
    pub fn waiting(&self) -> &[Timestamp] {
        &self.waiting
    }

    /// The numbers of the day at `now`, a time after the rollup was made.
    pub fn at(&self, now: Timestamp) -> Window {
        let mut window = self.counts;
        window.unanswered += self.late_of_waiting(now) as u64;
        window
    }

    /// The same rollup, as if it were made at `now`: messages whose 24 hours are over by then are counted for good.
    #[must_use]
    pub fn made_at(mut self, now: Timestamp) -> Self {
        let late = self.late_of_waiting(now);
        self.waiting.drain(..late);
        self.counts.unanswered += late as u64;
        self
    }

    fn late_of_waiting(&self, now: Timestamp) -> usize {
        self.waiting.partition_point(|at| is_late(*at, now))
    }
}

/// Whether every rollup at `now` looks at this day by itself: today and yesterday, since most answers come by then.
pub fn is_fresh(day: Date, now: Timestamp) -> bool {
    day >= days_of(2, now).0
}

fn is_late(at: Timestamp, now: Timestamp) -> bool {
    now.duration_since(at) > clock::DEADLINE
}

/// What one day comes to in a store: all of it, and by marketplace.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StoreDay {
    /// The whole store.
    pub all: Rollup,
    /// Each marketplace in which something counts.
    pub by_marketplace: BTreeMap<Marketplace, Rollup>,
}

impl StoreDay {
    /// The rollup of a day's facts at `now`. The order of the facts does not matter.
    pub fn of(facts: impl IntoIterator<Item = (Marketplace, Timestamp, Entry)>, now: Timestamp) -> Self {
        let mut day = Self::default();
        for (marketplace, at, entry) in facts {
            day.all.add(at, entry, now);
            day.by_marketplace.entry(marketplace).or_default().add(at, entry, now);
        }
        day
    }

    /// The rollups with what they cover: `None` is the whole store.
    pub fn rollups(self) -> impl Iterator<Item = (Option<Marketplace>, Rollup)> {
        let marketplaces = self.by_marketplace.into_iter();
        std::iter::once((None, self.all)).chain(marketplaces.map(|(marketplace, rollup)| (Some(marketplace), rollup)))
    }
}

/// The windows at `now`, from the rollups of their days. Days that are not there count nothing.
pub fn windows(days: &BTreeMap<Date, Rollup>, now: Timestamp) -> Windows {
    WINDOWS.map(|length| {
        let (first, last) = days_of(length, now);
        let mut window = Window::default();
        for (_, day) in days.range(first..=last) {
            window += day.at(now);
        }
        window
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::metrics::{day, window};
    use jiff::SignedDuration;
    use proptest::prelude::*;

    fn time(minute: i64) -> Timestamp {
        let start: Timestamp = "2026-03-01T00:00:00Z".parse().unwrap();
        clock::shift(start, SignedDuration::from_mins(minute))
    }

    fn entry() -> impl Strategy<Value = (Timestamp, Entry)> {
        (0..20_000i64, 0..5u8, 0..6_000i64).prop_map(|(minute, kind, took)| {
            let entry = match kind {
                0 => Entry::Automatic,
                1 => Entry::Buyer(Fact::Waiting),
                2 => Entry::Buyer(Fact::Imported),
                3 => Entry::Buyer(Fact::NoResponseNeeded(time(minute + took))),
                _ => Entry::Buyer(Fact::Answered(time(minute + took))),
            };
            (time(minute), entry)
        })
    }

    proptest! {
        /// Whenever the rollups were made, and whenever they are read after that, they say what the facts say.
        #[test]
        fn rollups_say_what_the_facts_say(
            entries in prop::collection::vec(entry(), 0..60), made in 0..26_000i64, later in 0..6_000i64
        ) {
            let (made, read) = (time(made), time(made + later));
            let mut days: BTreeMap<Date, Rollup> = BTreeMap::new();
            for (at, entry) in &entries {
                days.entry(day(*at)).or_default().add(*at, *entry, made);
            }
            let scratch = WINDOWS.map(|length| window(entries.iter().copied(), length, read));
            prop_assert_eq!(windows(&days, read), scratch);
            let again = days.into_iter().map(|(day, rollup)| (day, rollup.made_at(read))).collect();
            prop_assert_eq!(windows(&again, read), scratch);
        }
    }

    /// Seller Central's page of 2017-11-20: counts, percentages and averages of its three windows.
    #[test]
    fn amazons_own_example_of_2017_comes_out_of_rollups_to_the_digit() {
        let now: Timestamp = "2017-11-20T23:30:00Z".parse().unwrap();
        let mut days: BTreeMap<Date, Rollup> = BTreeMap::new();
        let mut put = |days_ago: i64, count: usize, took: Option<i64>| {
            let at = clock::shift(now, -SignedDuration::from_hours(24 * days_ago));
            let fact = took.map_or(Fact::Waiting, |took| {
                Fact::Answered(clock::shift(at, SignedDuration::from_secs(took)))
            });
            for _ in 0..count {
                days.entry(day(at)).or_default().add(at, Entry::Buyer(fact), now);
            }
        };
        put(3, 34, Some(37_980));
        put(4, 6, None);
        // Nine more are inside their 24 hours.
        put(0, 9, None);
        put(15, 43, Some(46_360));
        put(15, 1, Some(46_400));
        put(20, 2, Some(108_000));
        put(60, 86, Some(41_806));
        put(60, 1, Some(41_824));
        put(90, 5, None);
        let minutes = |hours: f64, minutes: f64| Some((hours * 60.0 + minutes) * 60.0);
        let wanted = [
            (34, Some(85.0), 6, Some(15.0), 6, 0, minutes(10.0, 33.0)),
            (78, Some(91.0), 8, Some(9.0), 6, 2, minutes(12.0, 19.0)),
            (165, Some(95.0), 8, Some(5.0), 6, 2, minutes(11.0, 57.0)),
        ];
        let shown = windows(&days, now).map(|w| {
            let percent = |part| w.percent(part).map(f64::round);
            let (within, late) = (percent(w.within), percent(w.late()));
            (
                w.within,
                within,
                w.late(),
                late,
                w.unanswered,
                w.answered_late,
                w.average_seconds(),
            )
        });
        assert_eq!(shown, wanted);
    }

    #[test]
    fn a_message_inside_its_24_hours_becomes_late_by_itself() {
        let mut rollup = Rollup::default();
        rollup.add(time(600), Entry::Buyer(Fact::Waiting), time(700));
        assert_eq!(rollup.at(time(600 + 1440)).late(), 0);
        assert_eq!(rollup.at(time(600 + 1441)).late(), 1);
        let settled = rollup.made_at(time(3000));
        assert_eq!((settled.counts().unanswered, settled.waiting()), (1, &[][..]));
    }

    #[test]
    fn a_store_is_the_sum_of_its_marketplaces() {
        let (de, fr) = (Marketplace::parse("DE").unwrap(), Marketplace::parse("FR").unwrap());
        let facts = [
            (de, time(0), Entry::Buyer(Fact::Answered(time(60)))),
            (fr, time(5), Entry::Buyer(Fact::Answered(time(65)))),
            (fr, time(9), Entry::Automatic),
        ];
        let day = StoreDay::of(facts, time(100));
        let counts: Vec<_> = day.rollups().map(|(of, rollup)| (of, rollup.at(time(100)))).collect();
        let answered = |within, automatic| Window {
            within,
            automatic,
            answer_seconds: 3600 * within,
            ..Window::default()
        };
        assert_eq!(
            counts,
            [
                (None, answered(2, 1)),
                (Some(de), answered(1, 0)),
                (Some(fr), answered(1, 1))
            ]
        );
    }
}
