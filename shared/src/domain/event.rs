//! What happened that others may want to know: alerts, new threads, what was refused. Never a buyer's word, name or address.

use jiff::Timestamp;
use strum::VariantArray;

use super::clock::Level;
use super::key::Key;
use super::language::Language;
use super::marketplace::Marketplace;
use super::order_id::OrderId;
use super::outgoing::Outgoing;
use super::screening::{Report, Rule, Severity, Span};
use super::store::StoreId;
use super::thread::{Thread, ThreadId};
use super::trust::Quarantine;

/// The thread that an event is about, as a person finds it in a helpdesk or in Seller Central.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// Its id.
    pub thread: ThreadId,
    /// The store of Amazon it came through.
    pub marketplace: Marketplace,
    /// Orders named in it.
    pub order_ids: Vec<OrderId>,
}

impl Subject {
    /// What may be told of this thread.
    pub fn of(thread: &Thread) -> Self {
        Self {
            thread: thread.id.clone(),
            marketplace: thread.marketplace(),
            order_ids: thread.order_ids.clone(),
        }
    }
}

/// The numbers of one window of the response metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WindowCount {
    /// Its length in calendar days.
    pub days: u16,
    /// Messages answered within 24 hours.
    pub within: u64,
    /// Messages answered later, or not at all.
    pub late: u64,
}

/// The most faults of an answer that are told one by one.
pub const MOST_FAULTS: usize = 50;

/// The most order ids of a thread that are told.
pub const MOST_ORDERS: usize = 100;

/// What the screen found at one place of an answer, without its words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The rule.
    pub rule: Rule,
    /// How grave it is.
    pub severity: Severity,
    /// Where in the text; `None` for what concerns the whole answer or its files.
    pub span: Option<Span>,
    /// What to do about it, in one sentence.
    pub why: String,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// A buyer's first mail opened a thread.
    ThreadOpened {
        /// The thread.
        subject: Subject,
        /// Its deadline, if it waits.
        due: Option<Timestamp>,
    },
    /// A waiting thread has reached a level.
    Alert {
        /// The thread.
        subject: Subject,
        /// The level.
        level: Level,
        /// Since when it waits.
        waiting_since: Timestamp,
        /// Its deadline.
        due: Timestamp,
    },
    /// A buyer was asked for the order id.
    OrderIdRequested {
        /// The thread.
        subject: Subject,
        /// The language of the request.
        language: Language,
    },
    /// The screen blocks an answer: it was not sent.
    ReplyBlocked {
        /// The thread.
        subject: Subject,
        /// The item of the outbox.
        outbox: Key,
        /// Ids of the rules it breaks.
        rules: Vec<String>,
        /// What the screen found, the gravest first, at most [`MOST_FAULTS`].
        faults: Vec<Fault>,
    },
    /// A mail was set apart.
    MailQuarantined {
        /// Why.
        reason: Quarantine,
        /// Where the raw mail lies.
        place: String,
    },
    /// The numbers of a store were computed anew.
    MetricsRolledUp {
        /// All marketplaces of the store together.
        windows: Vec<WindowCount>,
    },
}

/// A type of event, as others name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, VariantArray)]
pub enum EventType {
    /// A buyer's first mail opened a thread.
    ThreadOpened,
    /// A waiting thread has reached the level `nearing`.
    ThreadNearingDeadline,
    /// It has reached the level `critical`.
    ThreadCritical,
    /// It is past its deadline.
    ThreadOverdue,
    /// A buyer was asked for the order id.
    OrderIdRequested,
    /// The screen blocks an answer.
    ReplyBlocked,
    /// A mail was set apart.
    MailQuarantined,
    /// The numbers of a store were computed anew.
    MetricsRolledUp,
}

impl EventType {
    /// Every type.
    pub const ALL: &[Self] = Self::VARIANTS;

    /// Its name, which ends in the version of its form.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ThreadOpened => "ThreadOpened.v1",
            Self::ThreadNearingDeadline => "ThreadNearingDeadline.v1",
            Self::ThreadCritical => "ThreadCritical.v1",
            Self::ThreadOverdue => "ThreadOverdue.v1",
            Self::OrderIdRequested => "OrderIdRequested.v1",
            Self::ReplyBlocked => "ReplyBlocked.v1",
            Self::MailQuarantined => "MailQuarantined.v1",
            Self::MetricsRolledUp => "MetricsRolledUp.v1",
        }
    }

    /// Reads the name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|known| known.as_str() == name)
    }

    /// The names of all types.
    pub fn names() -> Vec<&'static str> {
        Self::ALL.iter().map(|known| known.as_str()).collect()
    }
}

/// One event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// The same for every repetition of the same event: who receives it twice tells it by this.
    pub key: Key,
    /// The store it concerns.
    pub store: StoreId,
    /// When it happened.
    pub at: Timestamp,
    /// What happened.
    pub what: What,
}

impl Event {
    /// A thread was opened.
    pub fn opened(thread: &Thread) -> Self {
        Self {
            key: Key::of(&["opened", thread.store.as_str(), thread.id.as_str()]),
            store: thread.store.clone(),
            at: thread.opened_at,
            what: What::ThreadOpened {
                subject: Subject::of(thread),
                due: thread.due_at(),
            },
        }
    }

    /// A thread that waits has reached a level: one event for each thread, waiting period and level, for ever.
    pub fn alert(thread: &Thread, level: Level, waiting_since: Timestamp, due: Timestamp, now: Timestamp) -> Self {
        let since = waiting_since.to_string();
        let parts = [
            "alert",
            thread.store.as_str(),
            thread.id.as_str(),
            &since,
            level.as_str(),
        ];
        Self {
            key: Key::of(&parts),
            store: thread.store.clone(),
            at: now,
            what: What::Alert {
                subject: Subject::of(thread),
                level,
                waiting_since,
                due,
            },
        }
    }

    /// The buyer was asked for the order id.
    pub fn requested(thread: &Thread, item: &Outgoing, language: Language, sent: Timestamp) -> Self {
        Self {
            key: Key::of(&["requested", item.store.as_str(), item.key.as_str()]),
            store: item.store.clone(),
            at: sent,
            what: What::OrderIdRequested {
                subject: Subject::of(thread),
                language,
            },
        }
    }

    /// An answer was blocked by what the screen found.
    pub fn blocked(thread: &Thread, item: &Outgoing, screened: &Report, now: Timestamp) -> Self {
        let grave = screened.findings.iter().filter(|found| found.severity > Severity::Note);
        let mut faults: Vec<Fault> = grave
            .map(|found| Fault {
                rule: found.rule,
                severity: found.severity,
                span: found.span,
                why: found.why.to_owned(),
            })
            .collect();
        faults.sort_by_key(|fault| std::cmp::Reverse(fault.severity));
        faults.truncate(MOST_FAULTS);
        Self {
            key: Key::of(&["blocked", item.store.as_str(), item.key.as_str()]),
            store: item.store.clone(),
            at: now,
            what: What::ReplyBlocked {
                subject: Subject::of(thread),
                outbox: item.key.clone(),
                rules: item.findings.clone(),
                faults,
            },
        }
    }

    /// A mail was set apart.
    pub fn quarantined(store: &StoreId, reason: Quarantine, place: &str, at: Timestamp) -> Self {
        Self {
            key: Key::of(&["quarantined", store.as_str(), place, reason.as_str()]),
            store: store.clone(),
            at,
            what: What::MailQuarantined {
                reason,
                place: place.to_owned(),
            },
        }
    }

    /// The numbers of a store were computed.
    pub fn rolled_up(store: &StoreId, windows: Vec<WindowCount>, now: Timestamp) -> Self {
        Self {
            key: Key::of(&["rolled-up", store.as_str(), &now.to_string()]),
            store: store.clone(),
            at: now,
            what: What::MetricsRolledUp { windows },
        }
    }

    /// Its type.
    pub fn event_type(&self) -> EventType {
        match &self.what {
            What::ThreadOpened { .. } => EventType::ThreadOpened,
            What::Alert { level, .. } => match level {
                Level::Nearing => EventType::ThreadNearingDeadline,
                Level::Critical => EventType::ThreadCritical,
                Level::Overdue => EventType::ThreadOverdue,
            },
            What::OrderIdRequested { .. } => EventType::OrderIdRequested,
            What::ReplyBlocked { .. } => EventType::ReplyBlocked,
            What::MailQuarantined { .. } => EventType::MailQuarantined,
            What::MetricsRolledUp { .. } => EventType::MetricsRolledUp,
        }
    }

    /// Whether the event may exist only once, whatever happens to its thread: alerts.
    pub fn only_once(&self) -> bool {
        matches!(self.what, What::Alert { .. })
    }

    /// The event as others are told it: its thread's order ids up to [`MOST_ORDERS`]. The thread itself has them all.
    #[must_use]
    pub fn told(&self) -> Self {
        let mut event = self.clone();
        if let Some(subject) = event.subject_mut() {
            subject.order_ids.truncate(MOST_ORDERS);
        }
        event
    }

    fn subject_mut(&mut self) -> Option<&mut Subject> {
        match &mut self.what {
            What::ThreadOpened { subject, .. }
            | What::Alert { subject, .. }
            | What::OrderIdRequested { subject, .. }
            | What::ReplyBlocked { subject, .. } => Some(subject),
            What::MailQuarantined { .. } | What::MetricsRolledUp { .. } => None,
        }
    }

    /// The thread it is about.
    pub fn subject(&self) -> Option<&Subject> {
        match &self.what {
            What::ThreadOpened { subject, .. }
            | What::Alert { subject, .. }
            | What::OrderIdRequested { subject, .. }
            | What::ReplyBlocked { subject, .. } => Some(subject),
            What::MailQuarantined { .. } | What::MetricsRolledUp { .. } => None,
        }
    }
}
