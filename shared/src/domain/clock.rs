//! The 24-hour clock: what waits, since when, until when, and when people are warned.
//!
//! Source: Amazon, "Buyer-Seller Messaging response time" (Seller Central help 200549770): every message counts, weekends
//! and holidays too; automatic answers answer nothing.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use super::key::Key;
use super::message::{Fact, Message, MessageKind};
use super::store::Store;
use super::thread::Status;

/// Amazon's deadline after the receipt of a message.
pub const DEADLINE: SignedDuration = SignedDuration::from_hours(24);

/// Mail whose `Date` is older than its receipt by more than this is an import.
pub const IMPORT_AGE: SignedDuration = SignedDuration::from_hours(72);

/// `at` moved by `by`; the ends of time hold.
pub fn shift(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.checked_add(by).unwrap_or(if by.is_negative() {
        Timestamp::MIN
    } else {
        Timestamp::MAX
    })
}

/// When a thread that waits since then is due.
pub fn due(waiting_since: Timestamp) -> Timestamp {
    shift(waiting_since, DEADLINE)
}

/// Whether a mail with that `Date` is an import rather than news.
pub fn is_import(date: Option<Timestamp>, received: Timestamp) -> bool {
    date.is_some_and(|date| received.duration_since(date) > IMPORT_AGE)
}

/// A fact that is no longer what its message carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewFact {
    /// The message.
    pub message: Key,
    /// Its receipt.
    pub at: Timestamp,
    /// What holds of it now.
    pub fact: Fact,
}

impl NewFact {
    /// What holds of this message now.
    pub fn of(message: &Message, fact: Fact) -> Self {
        Self {
            message: message.key.clone(),
            at: message.at,
            fact,
        }
    }
}

/// What the messages of a thread come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settled {
    /// Facts that are no longer what the messages carry.
    pub changed: Vec<NewFact>,
    /// Receipt of the oldest buyer message without a human answer.
    pub waiting_since: Option<Timestamp>,
    /// Where that leaves the thread.
    pub status: Status,
    /// The last human answer that stands.
    pub last_answer: Option<Timestamp>,
}

/// Works out the facts anew. A human answer at `t` answers every buyer message received up to `t`; a person's word at `t`
/// that no response is needed (`excused`) takes out every one received up to `t`. Of both the first one after a message
/// counts for it, and where nothing waits the last one tells the status. The order in which they are told does not matter.
pub fn settle(messages: &[Message], excused: &BTreeSet<Timestamp>) -> Settled {
    let mut answers: Vec<Timestamp> = messages.iter().filter(|m| m.answers()).map(|m| m.at).collect();
    answers.sort_unstable();
    let fact_of = |received: Timestamp| {
        let answer = answers[answers.partition_point(|answer| *answer < received)..]
            .first()
            .copied();
        let excuse = excused.range(received..).next().copied();
        match (answer, excuse) {
            (Some(answer), excuse) if excuse.is_none_or(|excuse| answer <= excuse) => Fact::Answered(answer),
            (_, Some(excuse)) => Fact::NoResponseNeeded(excuse),
            _ => Fact::Waiting,
        }
    };
    let mut changed = Vec::new();
    let mut waiting_since: Option<Timestamp> = None;
    let mut imports_alone = true;
    for message in messages.iter().filter(|m| m.kind == MessageKind::Buyer) {
        let fact = match message.fact {
            Some(Fact::Imported) => Fact::Imported,
            _ => fact_of(message.at),
        };
        imports_alone &= fact == Fact::Imported;
        if message.fact != Some(fact) {
            changed.push(NewFact::of(message, fact));
        }
        if fact == Fact::Waiting {
            waiting_since = Some(waiting_since.map_or(message.at, |since| since.min(message.at)));
        }
    }
    let status = match (waiting_since, answers.last(), excused.last()) {
        (Some(_), ..) => Status::NeedsResponse,
        (None, Some(answer), excuse) if !imports_alone && excuse.is_none_or(|excuse| answer > excuse) => {
            Status::Answered
        }
        _ => Status::NoResponseNeeded,
    };
    Settled {
        changed,
        waiting_since,
        status,
        last_answer: answers.last().copied(),
    }
}

/// How near a thread is to its deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Hours are left.
    Nearing,
    /// Minutes are left.
    Critical,
    /// None are left.
    Overdue,
}

impl Level {
    /// The name in the contract.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Nearing => "nearing",
            Self::Critical => "critical",
            Self::Overdue => "overdue",
        }
    }

    /// When a thread of this store that is due then reaches the level.
    pub fn reached_at(self, due: Timestamp, store: &Store) -> Timestamp {
        let minutes = match self {
            Self::Nearing => store.nearing_minutes,
            Self::Critical => store.critical_minutes,
            Self::Overdue => 0,
        };
        shift(due, -SignedDuration::from_mins(i64::from(minutes)))
    }
}

/// The next level after those raised in this waiting period, and when it is reached; `None` after `overdue`.
pub fn next_alert(due: Timestamp, raised: Option<Level>, store: &Store) -> Option<(Level, Timestamp)> {
    [Level::Nearing, Level::Critical, Level::Overdue]
        .into_iter()
        .filter(|level| raised.is_none_or(|raised| *level > raised))
        .map(|level| (level, level.reached_at(due, store)))
        .min_by_key(|(level, at)| (*at, *level))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::store::StoreId;
    use crate::domain::thread::ThreadId;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn message(name: &str, kind: MessageKind, time: &str) -> Message {
        Message {
            key: Key::of(&[name]),
            thread: ThreadId::parse("t").unwrap(),
            at: at(time),
            by: None,
            kind,
            mail: None,
            automatic: false,
            text: None,
            message_id: None,
            raw: None,
            attachments: 0,
            fact: (kind == MessageKind::Buyer).then_some(Fact::Waiting),
            failed: false,
        }
    }

    #[test]
    fn an_answer_answers_all_that_came_before_it_and_nothing_after() {
        let messages = [
            message("a", MessageKind::Buyer, "2026-01-31T10:00:00Z"),
            message("b", MessageKind::Buyer, "2026-01-31T13:00:00Z"),
            message("r", MessageKind::Reply, "2026-01-31T12:00:00Z"),
        ];
        let settled = settle(&messages, &BTreeSet::new());
        assert_eq!(
            settled.changed,
            [NewFact::of(&messages[0], Fact::Answered(at("2026-01-31T12:00:00Z")))]
        );
        assert_eq!(settled.waiting_since, Some(at("2026-01-31T13:00:00Z")));
        assert_eq!(settled.status, Status::NeedsResponse);
    }

    #[test]
    fn an_automatic_message_answers_nothing() {
        let messages = [
            message("a", MessageKind::Buyer, "2026-01-31T10:00:00Z"),
            message("r", MessageKind::Automatic, "2026-01-31T10:01:00Z"),
        ];
        assert_eq!(
            settle(&messages, &BTreeSet::new()).waiting_since,
            Some(at("2026-01-31T10:00:00Z"))
        );
    }

    #[test]
    fn a_bounced_answer_puts_the_thread_back_since_the_messages_own_receipt() {
        let mut messages = [
            message("a", MessageKind::Buyer, "2026-01-31T10:00:00Z"),
            message("r", MessageKind::Reply, "2026-01-31T12:00:00Z"),
        ];
        messages[0].fact = Some(Fact::Answered(at("2026-01-31T12:00:00Z")));
        messages[1].failed = true;
        let settled = settle(&messages, &BTreeSet::new());
        assert_eq!(settled.changed, [NewFact::of(&messages[0], Fact::Waiting)]);
        assert_eq!(settled.waiting_since, Some(at("2026-01-31T10:00:00Z")));
    }

    #[test]
    fn what_a_person_took_out_stays_out() {
        let mut messages = [message("a", MessageKind::Buyer, "2026-01-31T10:00:00Z")];
        messages[0].fact = Some(Fact::NoResponseNeeded(at("2026-01-31T11:00:00Z")));
        let settled = settle(&messages, &BTreeSet::from([at("2026-01-31T11:00:00Z")]));
        assert_eq!(
            (settled.waiting_since, settled.status),
            (None, Status::NoResponseNeeded)
        );
        assert!(settled.changed.is_empty());
    }

    #[test]
    fn of_answer_and_excuse_the_first_counts_for_a_message_and_the_last_for_the_status() {
        let messages = [
            message("a", MessageKind::Buyer, "2026-01-31T10:00:00Z"),
            message("r", MessageKind::Reply, "2026-01-31T12:00:00Z"),
        ];
        let (answer, before, after) = ("2026-01-31T12:00:00Z", "2026-01-31T11:00:00Z", "2026-01-31T13:00:00Z");
        let settled = settle(&messages, &BTreeSet::from([at(before)]));
        assert_eq!(
            settled.changed,
            [NewFact::of(&messages[0], Fact::NoResponseNeeded(at(before)))]
        );
        assert_eq!(settled.status, Status::Answered);
        let settled = settle(&messages, &BTreeSet::from([at(after)]));
        assert_eq!(settled.changed, [NewFact::of(&messages[0], Fact::Answered(at(answer)))]);
        assert_eq!(settled.status, Status::NoResponseNeeded);
    }

    #[test]
    fn a_failed_answer_leaves_what_a_person_excused_after_it() {
        let mut messages = [
            message("a", MessageKind::Buyer, "2026-01-31T10:00:00Z"),
            message("r", MessageKind::Reply, "2026-01-31T12:00:00Z"),
        ];
        messages[1].failed = true;
        let settled = settle(&messages, &BTreeSet::from([at("2026-01-31T13:00:00Z")]));
        assert_eq!(
            (settled.waiting_since, settled.status),
            (None, Status::NoResponseNeeded)
        );
    }

    #[test]
    fn imports_alone_need_no_response() {
        let mut messages = [message("a", MessageKind::Buyer, "2026-01-31T10:00:00Z")];
        messages[0].fact = Some(Fact::Imported);
        assert_eq!(settle(&messages, &BTreeSet::new()).status, Status::NoResponseNeeded);
    }

    #[test]
    fn three_days_are_no_import_and_a_second_more_is() {
        let received = at("2026-01-10T00:00:00Z");
        assert!(!is_import(Some(at("2026-01-07T00:00:00Z")), received));
        assert!(is_import(Some(at("2026-01-06T23:59:59Z")), received));
        assert!(!is_import(None, received));
        assert!(!is_import(Some(at("2027-01-01T00:00:00Z")), received));
    }

    #[test]
    fn levels_follow_each_other() {
        let store = Store::new(StoreId::parse("de").unwrap(), "*", "a@x.example");
        let due = at("2026-02-10T06:33:00Z");
        assert_eq!(
            next_alert(due, None, &store),
            Some((Level::Nearing, at("2026-02-10T02:33:00Z")))
        );
        assert_eq!(
            next_alert(due, Some(Level::Nearing), &store),
            Some((Level::Critical, at("2026-02-10T05:33:00Z")))
        );
        assert_eq!(
            next_alert(due, Some(Level::Critical), &store),
            Some((Level::Overdue, due))
        );
        assert_eq!(next_alert(due, Some(Level::Overdue), &store), None);
    }
}
