//! Events as others read them: the JSON of EventBridge's `detail`, and its `detail-type`. Stored in this form too.
//!
//! | field | in | meaning |
//! |---|---|---|
//! | `id` | all | the same for every repetition of the same event |
//! | `store`, `at` | all | the store; when it happened (RFC 3339, UTC) |
//! | `thread`, `marketplace`, `order_ids` | all about a thread | its id, ISO 3166 code, Amazon order ids; others are told of at most 100 |
//! | `level`, `waiting_since`, `due_at` | alerts | `nearing`, `critical`, `overdue`; the clock |
//! | `due_at` | `ThreadOpened` | the deadline, null if it does not wait |
//! | `language` | `OrderIdRequested` | BCP 47 tag of the request |
//! | `outbox`, `rules` | `ReplyBlocked` | key of the answer; ids of the rules it breaks |
//! | `findings` | `ReplyBlocked` | `[{"rule","severity","start","end","why"}]`, the gravest first, at most 50; `start` and `end` count characters (Unicode scalar values) of the text, half open, null for what concerns all of it or its files |
//! | `reason`, `mail` | `MailQuarantined` | `virus` or `forged`; key of the raw mail in S3 |
//! | `windows` | `MetricsRolledUp` | `[{"days","within","late"}]` over all marketplaces of the store |
//!
//! `detail-type` ends in the version of this form: `ThreadOverdue.v1`. Fields may be added within a version.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::clock::Level;
use crate::domain::event::{Event, EventType, Fault, Subject, What, WindowCount};
use crate::domain::key::Key;
use crate::domain::language::Language;
use crate::domain::marketplace::Marketplace;
use crate::domain::order_id::OrderId;
use crate::domain::screening::{Rule, Severity, Span};
use crate::domain::store::StoreId;
use crate::domain::thread::ThreadId;
use crate::domain::trust::Quarantine;

/// What EventBridge shows as the events' source.
pub const SOURCE: &str = "within24";

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Detail {
    id: String,
    store: String,
    at: Timestamp,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    subject: Option<About>,
    #[serde(skip_serializing_if = "Option::is_none")]
    level: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    waiting_since: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    due_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    language: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    outbox: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rules: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    findings: Option<Vec<Finding>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mail: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    windows: Option<Vec<Window>>,
}

#[derive(Debug, Serialize, Deserialize)]
struct About {
    thread: String,
    marketplace: String,
    order_ids: Vec<String>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Finding {
    rule: String,
    severity: String,
    start: Option<usize>,
    end: Option<usize>,
    why: String,
}

impl Finding {
    fn of(fault: &Fault) -> Self {
        Self {
            rule: fault.rule.id().to_owned(),
            severity: fault.severity.as_str().to_owned(),
            start: fault.span.map(|span| span.start),
            end: fault.span.map(|span| span.end),
            why: fault.why.clone(),
        }
    }

    /// `None` for a rule that is no more.
    fn fault(&self) -> Option<Fault> {
        Some(Fault {
            rule: Rule::parse(&self.rule)?,
            severity: Severity::parse(&self.severity)?,
            span: self.start.zip(self.end).map(|(start, end)| Span { start, end }),
            why: self.why.clone(),
        })
    }
}

#[derive(Debug, Serialize, Deserialize)]
struct Window {
    days: u16,
    within: u64,
    late: u64,
}

/// `detail-type` and `detail` of an event.
pub fn write(event: &Event) -> (&'static str, String) {
    let mut detail = Detail {
        id: event.key.as_str().to_owned(),
        store: event.store.as_str().to_owned(),
        at: event.at,
        subject: event.subject().map(|subject| About {
            thread: subject.thread.as_str().to_owned(),
            marketplace: subject.marketplace.code().to_owned(),
            order_ids: subject
                .order_ids
                .iter()
                .map(|order| order.as_str().to_owned())
                .collect(),
        }),
        ..Detail::default()
    };
    match &event.what {
        What::ThreadOpened { due, .. } => detail.due_at = *due,
        What::Alert {
            level,
            waiting_since,
            due,
            ..
        } => {
            detail.level = Some(level.as_str().to_owned());
            detail.waiting_since = Some(*waiting_since);
            detail.due_at = Some(*due);
        }
        What::OrderIdRequested { language, .. } => detail.language = Some(language.as_str().to_owned()),
        What::ReplyBlocked {
            outbox, rules, faults, ..
        } => {
            detail.outbox = Some(outbox.as_str().to_owned());
            detail.rules = Some(rules.clone());
            detail.findings = Some(faults.iter().map(Finding::of).collect());
        }
        What::MailQuarantined { reason, place } => {
            detail.reason = Some(reason.as_str().to_owned());
            detail.mail = Some(place.clone());
        }
        What::MetricsRolledUp { windows } => {
            let window = |count: &WindowCount| Window {
                days: count.days,
                within: count.within,
                late: count.late,
            };
            detail.windows = Some(windows.iter().map(window).collect());
        }
    }
    let detail = serde_json::to_string(&detail).expect("texts, numbers and times are JSON");
    (event.event_type().as_str(), detail)
}

/// The event that [`write()`] wrote.
pub fn read(detail_type: &str, detail: &str) -> Option<Event> {
    let detail: Detail = serde_json::from_str(detail).ok()?;
    let subject = || {
        let thread = detail.subject.as_ref()?;
        Some(Subject {
            thread: ThreadId::parse(&thread.thread)?,
            marketplace: Marketplace::parse(&thread.marketplace)?,
            order_ids: thread
                .order_ids
                .iter()
                .filter_map(|order| OrderId::parse(order))
                .collect(),
        })
    };
    let alert = |level| {
        Some(What::Alert {
            subject: subject()?,
            level,
            waiting_since: detail.waiting_since?,
            due: detail.due_at?,
        })
    };
    let what = match EventType::parse(detail_type)? {
        EventType::ThreadOpened => What::ThreadOpened {
            subject: subject()?,
            due: detail.due_at,
        },
        EventType::ThreadNearingDeadline => alert(Level::Nearing)?,
        EventType::ThreadCritical => alert(Level::Critical)?,
        EventType::ThreadOverdue => alert(Level::Overdue)?,
        EventType::OrderIdRequested => What::OrderIdRequested {
            subject: subject()?,
            language: Language::parse(detail.language.as_deref()?)?,
        },
        EventType::ReplyBlocked => What::ReplyBlocked {
            subject: subject()?,
            outbox: Key::parse(detail.outbox.as_deref()?)?,
            rules: detail.rules.clone()?,
            // Events of an earlier version have none.
            faults: detail.findings.iter().flatten().filter_map(Finding::fault).collect(),
        },
        EventType::MailQuarantined => What::MailQuarantined {
            reason: Quarantine::parse(detail.reason.as_deref()?)?,
            place: detail.mail.clone()?,
        },
        EventType::MetricsRolledUp => {
            let count = |window: &Window| WindowCount {
                days: window.days,
                within: window.within,
                late: window.late,
            };
            What::MetricsRolledUp {
                windows: detail.windows.as_ref()?.iter().map(count).collect(),
            }
        }
    };
    Some(Event {
        key: Key::parse(&detail.id)?,
        store: StoreId::parse(&detail.store)?,
        at: detail.at,
        what,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::alias::Alias;
    use crate::domain::screening::{Attachment, Draft, Settings, screen};

    #[test]
    fn every_event_comes_back_as_it_was_written() {
        let at: Timestamp = "2026-03-02T09:15:00Z".parse().unwrap();
        let store = StoreId::parse("de").unwrap();
        let alias = Alias::parse("a1b2c3d4e5f6g7@marketplace.amazon.de").unwrap();
        let mut thread = crate::domain::thread::Thread::open(store.clone(), alias, &Key::of(&["t"]), at);
        thread.order_ids = OrderId::parse("302-1234567-7654321").into_iter().collect();
        thread.waiting_since = Some(at);
        let item =
            crate::domain::outgoing::Outgoing::order_id_request(&thread, Language::parse("de").unwrap(), None, at);
        let windows = vec![WindowCount {
            days: 7,
            within: 34,
            late: 6,
        }];
        let draft = Draft {
            text: "Wir geben Rabatt auf https://shop.example".into(),
            attachments: vec![Attachment {
                name: "a.exe".into(),
                media_type: None,
                bytes: 1,
            }],
            ..Draft::default()
        };
        let screened = screen(&draft, &Settings::default());
        assert!(screened.findings.len() >= 2);
        let events = [
            Event::opened(&thread),
            Event::alert(&thread, Level::Nearing, at, at, at),
            Event::alert(&thread, Level::Critical, at, at, at),
            Event::alert(&thread, Level::Overdue, at, at, at),
            Event::requested(&thread, &item, Language::parse("de").unwrap(), at),
            Event::blocked(&thread, &item, &screened, at),
            Event::quarantined(&store, Quarantine::Forged, "mail/1", at),
            Event::rolled_up(&store, windows, at),
        ];
        assert_eq!(events.each_ref().map(Event::event_type).as_slice(), EventType::ALL);
        for event in events {
            let (kind, detail) = write(&event);
            assert_eq!(read(kind, &detail).as_ref(), Some(&event), "{detail}");
        }
        assert_eq!(read("Unheard.v1", "{}"), None);
    }

    #[test]
    fn an_alert_reads_as_documented() {
        let at: Timestamp = "2026-03-02T09:15:00Z".parse().unwrap();
        let alias = Alias::parse("a1b2c3d4e5f6g7@marketplace.amazon.de").unwrap();
        let store = StoreId::parse("de").unwrap();
        let thread = crate::domain::thread::Thread::open(store, alias, &Key::of(&["t"]), at);
        let event = Event::alert(&thread, Level::Overdue, at, at, at);
        let (kind, detail) = write(&event);
        let detail: serde_json::Value = serde_json::from_str(&detail).unwrap();
        let expected = serde_json::json!({
            "id": event.key.as_str(), "store": "de", "at": "2026-03-02T09:15:00Z", "thread": thread.id.as_str(),
            "marketplace": "DE", "order_ids": [], "level": "overdue", "waiting_since": "2026-03-02T09:15:00Z",
            "due_at": "2026-03-02T09:15:00Z",
        });
        assert_eq!((kind, detail), ("ThreadOverdue.v1", expected));
    }
}
