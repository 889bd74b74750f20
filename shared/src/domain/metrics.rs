//! Amazon's response metrics, recomputed from facts.
//!
//! Source: Seller Central, "Response time" (help 200549770): windows of 7, 30 and 90 calendar days; late = answered after
//! 24 hours, or unanswered and older than 24 hours.

use jiff::civil::Date;
use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};

use super::clock;
use super::message::Fact;

/// The windows Amazon shows, in calendar days (UTC) ending with today.
pub const WINDOWS: [u16; 3] = [7, 30, 90];

/// What one message adds to the metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    /// A buyer's message, by its receipt.
    Buyer(Fact),
    /// Our automatic mail, by its sending: counted apart, answers nothing.
    Automatic,
}

/// The numbers of one window. Times in seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Window {
    /// Answered within 24 hours.
    pub within: u64,
    /// Unanswered and older than 24 hours.
    pub unanswered: u64,
    /// Answered after more than 24 hours.
    pub answered_late: u64,
    /// Sum of the times to answer.
    pub answer_seconds: u64,
    /// Automatic messages we sent.
    pub automatic: u64,
    /// Taken out by a person.
    pub no_response_needed: u64,
}

impl Window {
    /// Adds one entry, seen at `now`.
    pub fn add(&mut self, at: Timestamp, entry: Entry, now: Timestamp) {
        match entry {
            Entry::Automatic => self.automatic += 1,
            Entry::Buyer(Fact::Imported) => {}
            Entry::Buyer(Fact::NoResponseNeeded(_)) => self.no_response_needed += 1,
            Entry::Buyer(Fact::Waiting) => self.unanswered += u64::from(now.duration_since(at) > clock::DEADLINE),
            Entry::Buyer(Fact::Answered(answered)) => {
                let took = answered.duration_since(at).max(SignedDuration::ZERO);
                self.answer_seconds += took.as_secs().unsigned_abs();
                if took <= clock::DEADLINE {
                    self.within += 1;
                } else {
                    self.answered_late += 1;
                }
            }
        }
    }

    /// Late: unanswered after 24 hours, or answered later than that.
    pub fn late(&self) -> u64 {
        self.unanswered + self.answered_late
    }

    /// `part` of all that count, in percent; `None` where nothing counts.
    #[expect(clippy::cast_precision_loss, reason = "counts of messages are far below 2^52")]
    pub fn percent(&self, part: u64) -> Option<f64> {
        let all = self.within + self.late();
        (all > 0).then(|| part as f64 * 100.0 / all as f64)
    }

    /// Mean time to answer of the answered, in seconds.
    #[expect(
        clippy::cast_precision_loss,
        reason = "seconds in 90 days times messages are far below 2^52"
    )]
    pub fn average_seconds(&self) -> Option<f64> {
        let answered = self.within + self.answered_late;
        (answered > 0).then(|| self.answer_seconds as f64 / answered as f64)
    }
}

impl std::ops::AddAssign for Window {
    fn add_assign(&mut self, other: Self) {
        self.within += other.within;
        self.unanswered += other.unanswered;
        self.answered_late += other.answered_late;
        self.answer_seconds += other.answer_seconds;
        self.automatic += other.automatic;
        self.no_response_needed += other.no_response_needed;
    }
}

/// The calendar day (UTC) of a time.
pub fn day(at: Timestamp) -> Date {
    Offset::UTC.to_datetime(at).date()
}

/// The moment a calendar day (UTC) begins.
pub fn midnight(day: Date) -> Timestamp {
    Offset::UTC.to_timestamp(day.at(0, 0, 0, 0)).unwrap_or(Timestamp::MIN)
}

/// The days of a window of `days` that ends with the day of `now`, first and last.
pub fn days_of(days: u16, now: Timestamp) -> (Date, Date) {
    let last = day(now);
    let first = last
        .checked_sub(SignedDuration::from_hours(24 * (i64::from(days) - 1)))
        .unwrap_or(Date::MIN);
    (first, last)
}

/// The numbers of a window at `now`.
pub fn window(entries: impl IntoIterator<Item = (Timestamp, Entry)>, days: u16, now: Timestamp) -> Window {
    let (first, last) = days_of(days, now);
    let mut window = Window::default();
    for (at, entry) in entries {
        if (first..=last).contains(&day(at)) {
            window.add(at, entry, now);
        }
    }
    window
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hours(at: Timestamp, hours: i64) -> Timestamp {
        clock::shift(at, SignedDuration::from_hours(hours))
    }

    #[test]
    fn amazons_own_example_of_2017_comes_out_to_the_digit() {
        let now: Timestamp = "2017-11-20T23:30:00Z".parse().unwrap();
        let mut entries = Vec::new();
        let mut put = |days_ago: i64, count: usize, fact: &dyn Fn(Timestamp) -> Fact| {
            let at = hours(now, -24 * days_ago);
            entries.extend(std::iter::repeat_n((at, Entry::Buyer(fact(at))), count));
        };
        put(3, 34, &|at| Fact::Answered(hours(at, 10)));
        put(4, 6, &|_| Fact::Waiting);
        put(0, 3, &|_| Fact::Waiting);
        put(15, 44, &|at| Fact::Answered(hours(at, 12)));
        put(20, 2, &|at| Fact::Answered(hours(at, 30)));
        put(60, 87, &|at| Fact::Answered(hours(at, 11)));
        put(90, 5, &|_| Fact::Waiting);
        let rows = WINDOWS.map(|days| window(entries.iter().copied(), days, now));
        let shown = rows.map(|w| {
            (
                w.within,
                w.late(),
                w.unanswered,
                w.answered_late,
                w.percent(w.within).map(f64::round),
            )
        });
        assert_eq!(shown[0], (34, 6, 6, 0, Some(85.0)));
        assert_eq!(shown[1], (78, 8, 6, 2, Some(91.0)));
        assert_eq!(shown[2], (165, 8, 6, 2, Some(95.0)));
    }

    #[test]
    fn nothing_to_divide_by_is_nothing() {
        let empty = Window::default();
        assert_eq!((empty.percent(0), empty.average_seconds()), (None, None));
    }

    #[test]
    fn exactly_24_hours_is_within() {
        let at: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
        let mut window = Window::default();
        window.add(at, Entry::Buyer(Fact::Answered(hours(at, 24))), hours(at, 48));
        window.add(at, Entry::Buyer(Fact::Waiting), hours(at, 24));
        assert_eq!((window.within, window.late()), (1, 0));
    }
}
