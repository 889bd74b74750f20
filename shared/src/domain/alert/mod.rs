//! Alerts: which level a sweep raises on a thread, and the one mail a sweep writes to the operator.

mod mail;

pub use mail::{AlertMail, OperatorLanguage, mail};

use jiff::Timestamp;

use super::clock::{Level, due, next_alert};
use super::event::Event;
use super::store::Store;
use super::thread::Thread;

/// All levels, the most severe first.
pub const LEVELS: [Level; 3] = [Level::Overdue, Level::Critical, Level::Nearing];

/// Brings a waiting thread to where it has to be at `now`: raises the most severe level that was reached and not raised
/// in this waiting period, and sets the time of the next. Quiet hours hold `nearing` back until they end, or until
/// `critical` is reached. `None`: nothing is to be told, but the time of the next alert may have moved.
pub fn raise(thread: &mut Thread, store: &Store, now: Timestamp) -> Option<Event> {
    let since = thread.waiting_since?;
    let due = due(since);
    let reached = LEVELS
        .into_iter()
        .find(|level| level.reached_at(due, store) <= now)
        .filter(|level| thread.alerted.is_none_or(|raised| *level > raised));
    let quiet_until = store.quiet_hours.as_ref().and_then(|hours| hours.end(now));
    let (told, held_until) = match (reached, quiet_until) {
        (Some(Level::Nearing), Some(end)) => (None, Some(end)),
        (level, _) => (level, None),
    };
    thread.alerted = told.or(thread.alerted);
    let next = next_alert(due, thread.alerted, store).map(|(_, at)| at);
    thread.next_alert_at = match held_until {
        Some(end) => Some(end.min(Level::Critical.reached_at(due, store))),
        None => next,
    };
    told.map(|level| Event::alert(thread, level, since, due, now))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::alias::Alias;
    use crate::domain::event::What;
    use crate::domain::key::Key;
    use crate::domain::quiet_hours::QuietHours;
    use crate::domain::store::StoreId;
    use crate::domain::thread::Status;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn store() -> Store {
        Store::new(StoreId::parse("de").unwrap(), "*", "a@x.example")
    }

    fn waiting(since: &str, store: &Store) -> Thread {
        let alias = Alias::parse("a1b2c3d4e5f6g7@marketplace.amazon.de").unwrap();
        let mut thread = Thread::open(store.id.clone(), alias, &Key::of(&["t"]), at(since));
        thread.wait(Some(at(since)), Status::NeedsResponse, store);
        thread
    }

    fn told(thread: &mut Thread, store: &Store, now: &str) -> Option<&'static str> {
        raise(thread, store, at(now)).map(|event| match event.what {
            What::Alert { level, .. } => level.as_str(),
            other => panic!("no alert: {other:?}"),
        })
    }

    #[test]
    fn each_level_is_raised_once_and_the_next_is_set() {
        let store = store();
        let mut thread = waiting("2026-03-02T10:00:00Z", &store);
        assert_eq!(told(&mut thread, &store, "2026-03-03T05:59:59Z"), None);
        assert_eq!(told(&mut thread, &store, "2026-03-03T06:00:00Z"), Some("nearing"));
        assert_eq!(thread.next_alert_at, Some(at("2026-03-03T09:00:00Z")));
        assert_eq!(told(&mut thread, &store, "2026-03-03T06:05:00Z"), None);
        assert_eq!(told(&mut thread, &store, "2026-03-03T09:00:00Z"), Some("critical"));
        assert_eq!(told(&mut thread, &store, "2026-03-03T10:00:00Z"), Some("overdue"));
        assert_eq!(thread.next_alert_at, None);
        assert_eq!(told(&mut thread, &store, "2026-03-09T10:00:00Z"), None);
    }

    #[test]
    fn of_several_levels_that_have_passed_only_the_most_severe_is_raised() {
        let store = store();
        let mut thread = waiting("2026-03-02T10:00:00Z", &store);
        assert_eq!(told(&mut thread, &store, "2026-03-03T12:00:00Z"), Some("overdue"));
        assert_eq!(told(&mut thread, &store, "2026-03-03T12:05:00Z"), None);
    }

    #[test]
    fn quiet_hours_hold_nearing_and_nothing_else() {
        let mut store = store();
        store.quiet_hours = QuietHours::parse("05:00-08:30 UTC");
        let mut thread = waiting("2026-03-02T10:00:00Z", &store);
        assert_eq!(told(&mut thread, &store, "2026-03-03T06:00:00Z"), None);
        assert_eq!(thread.next_alert_at, Some(at("2026-03-03T08:30:00Z")));
        assert_eq!(told(&mut thread, &store, "2026-03-03T08:30:00Z"), Some("nearing"));

        store.quiet_hours = QuietHours::parse("05:00-12:00 UTC");
        let mut thread = waiting("2026-03-02T10:00:00Z", &store);
        assert_eq!(told(&mut thread, &store, "2026-03-03T06:00:00Z"), None);
        assert_eq!(
            thread.next_alert_at,
            Some(at("2026-03-03T09:00:00Z")),
            "critical comes first"
        );
        assert_eq!(told(&mut thread, &store, "2026-03-03T09:00:00Z"), Some("critical"));
        assert_eq!(told(&mut thread, &store, "2026-03-03T10:00:00Z"), Some("overdue"));
    }

    #[test]
    fn what_does_not_wait_raises_nothing() {
        let store = store();
        let mut thread = waiting("2026-03-02T10:00:00Z", &store);
        thread.wait(None, Status::Answered, &store);
        assert_eq!(told(&mut thread, &store, "2026-03-05T10:00:00Z"), None);
    }
}
