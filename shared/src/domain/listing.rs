//! Lists of threads: what they show of a thread, what people ask of them, where a page ends.

use std::collections::BTreeSet;
use std::fmt;

use jiff::{SignedDuration, Timestamp};

use super::alias::{Alias, Buyer, CaseId};
use super::clock;
use super::language::Language;
use super::marketplace::Marketplace;
use super::order_id::OrderId;
use super::personal::Personal;
use super::store::StoreId;
use super::thread::{Status, Thread, ThreadId};

/// A thread with nothing new for this long is archived.
pub const ARCHIVED_AFTER: SignedDuration = SignedDuration::from_hours(90 * 24);

/// A thread as lists show it: what may change with every message is left out, so that a list costs little to keep.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its name.
    pub id: ThreadId,
    /// The store it belongs to.
    pub store: StoreId,
    /// The buyer.
    pub buyer: Buyer,
    /// The address of the newest buyer message, as received.
    pub alias: Alias,
    /// Seller Central's case, once a mail named one.
    pub case_id: Option<CaseId>,
    /// Orders named in it, first named first.
    pub order_ids: Vec<OrderId>,
    /// The buyer's name, as last given.
    pub buyer_name: Option<Personal>,
    /// Subject of its first message.
    pub subject: Option<Personal>,
    /// Language of the buyer's words, as last recognised.
    pub language: Option<Language>,
    /// Receipt of the first message.
    pub opened_at: Timestamp,
    /// Where it stands.
    pub status: Status,
    /// Receipt of the oldest buyer message without a human answer.
    pub waiting_since: Option<Timestamp>,
    /// While nothing waits: the last message of buyer or seller.
    pub quiet_since: Option<Timestamp>,
    /// Who takes care of it.
    pub assignee: Option<Personal>,
    /// Labels.
    pub tags: BTreeSet<String>,
    /// Whether its newest buyer message was neither read nor answered by a person.
    pub unread: bool,
}

impl Listed {
    /// The thread as lists show it.
    pub fn of(thread: &Thread) -> Self {
        Self {
            id: thread.id.clone(),
            store: thread.store.clone(),
            buyer: thread.buyer.clone(),
            alias: thread.alias.clone(),
            case_id: thread.case_id.clone(),
            order_ids: thread.order_ids.clone(),
            buyer_name: thread.buyer_name.clone(),
            subject: thread.subject.clone(),
            language: thread.language,
            opened_at: thread.opened_at,
            status: thread.status,
            waiting_since: thread.waiting_since,
            quiet_since: thread.waiting_since.is_none().then_some(thread.last_message_at),
            assignee: thread.assignee.clone(),
            tags: thread.tags.clone(),
            unread: thread.unread(),
        }
    }

    /// The store of Amazon it came through.
    pub fn marketplace(&self) -> Marketplace {
        self.alias.marketplace()
    }

    /// The deadline, while it waits.
    pub fn due_at(&self) -> Option<Timestamp> {
        self.waiting_since.map(clock::due)
    }

    /// Whether nothing waits, and nothing has come or gone for 90 days.
    pub fn archived(&self, now: Timestamp) -> bool {
        self.quiet_since
            .is_some_and(|since| now.duration_since(since) > ARCHIVED_AFTER)
    }
}

/// A place in a list, after which it goes on. It stays where it is while threads come, change and go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// In the list of all threads, the latest opened first.
    Opened(ThreadId),
    /// In the list of threads that wait, the nearest deadline first.
    Waiting(Timestamp, ThreadId),
}

impl Place {
    /// Reads a place as [`Display`](fmt::Display) writes it.
    pub fn parse(text: &str) -> Option<Self> {
        match text.split_once('.')? {
            ("o", thread) => ThreadId::parse(thread).map(Self::Opened),
            ("w", place) => {
                let (due, thread) = place.split_once('.')?;
                let due = Timestamp::from_millisecond(due.parse().ok()?).ok()?;
                Some(Self::Waiting(due, ThreadId::parse(thread)?))
            }
            _ => None,
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Opened(thread) => write!(f, "o.{}", thread.as_str()),
            Self::Waiting(due, thread) => write!(f, "w.{}.{}", due.as_millisecond(), thread.as_str()),
        }
    }
}

/// Which threads to list; what is not said does not matter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Where they stand.
    pub status: Option<Status>,
    /// Due at that time or earlier.
    pub due_by: Option<Timestamp>,
    /// The store of Amazon they came through.
    pub marketplace: Option<Marketplace>,
    /// A label they carry.
    pub tag: Option<String>,
    /// Who takes care of them.
    pub assignee: Option<String>,
    /// With a buyer's message that nobody has read or answered, or without.
    pub unread: Option<bool>,
    /// With nothing new for 90 days, or not.
    pub archived: Option<bool>,
}

impl Filter {
    /// Whether the list can be taken from the threads that wait.
    pub fn only_waiting(&self) -> bool {
        self.status == Some(Status::NeedsResponse) || self.due_by.is_some()
    }

    /// Whether this thread is wanted.
    pub fn wants(&self, thread: &Listed, now: Timestamp) -> bool {
        let is = |wanted: Option<bool>, it_is: bool| wanted.is_none_or(|wanted| wanted == it_is);
        self.status.is_none_or(|status| thread.status == status)
            && self
                .due_by
                .is_none_or(|by| thread.due_at().is_some_and(|due| due <= by))
            && self
                .marketplace
                .is_none_or(|marketplace| thread.marketplace() == marketplace)
            && self.tag.as_ref().is_none_or(|tag| thread.tags.contains(tag))
            && self.assignee.as_deref().is_none_or(|wanted| {
                let assignee = thread.assignee.as_ref();
                assignee.is_some_and(|assignee| assignee.expose().eq_ignore_ascii_case(wanted))
            })
            && is(self.unread, thread.unread)
            && is(self.archived, thread.archived(now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::clock::shift;
    use crate::domain::key::Key;
    use crate::domain::store::Store;

    #[test]
    fn every_wish_narrows_the_list() {
        let now: Timestamp = "2026-03-02T10:00:00Z".parse().unwrap();
        let store = Store::new(StoreId::parse("de").unwrap(), "*", "a@x.example");
        let alias = Alias::parse("a1b2c3d4e5f6g7@marketplace.amazon.de").unwrap();
        let mut thread = Thread::open(store.id.clone(), alias, &Key::of(&["t"]), now);
        thread.last_buyer_at = now;
        thread.wait(Some(now), Status::NeedsResponse, &store);
        thread.tags.insert("spam".to_owned());
        thread.assignee = Some("mara@x.example".into());
        let later = shift(now, SignedDuration::from_hours(24));
        let wants = |filter: &Filter, thread: &Thread| filter.wants(&Listed::of(thread), now);
        let fitting = Filter {
            status: Some(Status::NeedsResponse),
            due_by: Some(later),
            marketplace: Some(thread.marketplace()),
            tag: Some("spam".to_owned()),
            assignee: Some("Mara@x.example".to_owned()),
            unread: Some(true),
            archived: Some(false),
        };
        assert!(wants(&fitting, &thread) && wants(&Filter::default(), &thread));
        let others = [
            Filter {
                status: Some(Status::Answered),
                ..Filter::default()
            },
            Filter {
                due_by: Some(now),
                ..Filter::default()
            },
            Filter {
                marketplace: Marketplace::parse("JP"),
                ..Filter::default()
            },
            Filter {
                tag: Some("other".to_owned()),
                ..Filter::default()
            },
            Filter {
                assignee: Some("nobody".to_owned()),
                ..Filter::default()
            },
            Filter {
                unread: Some(false),
                ..Filter::default()
            },
            Filter {
                archived: Some(true),
                ..Filter::default()
            },
        ];
        for filter in others {
            assert!(!wants(&filter, &thread), "{filter:?}");
        }
        thread.wait(None, Status::Answered, &store);
        let quiet = Listed::of(&thread);
        assert!(!quiet.archived(shift(now, ARCHIVED_AFTER)));
        assert!(quiet.archived(shift(now, ARCHIVED_AFTER + SignedDuration::from_secs(1))));
    }

    #[test]
    fn a_place_is_read_as_it_is_written() {
        let thread = ThreadId::parse("01kk22s3907r832mr580w9").unwrap();
        let due: Timestamp = "2026-03-02T10:00:00.125Z".parse().unwrap();
        for place in [Place::Opened(thread.clone()), Place::Waiting(due, thread)] {
            assert_eq!(Place::parse(&place.to_string()), Some(place));
        }
        for wrong in [
            "",
            "o",
            "o.",
            "o.a b",
            "x.a",
            "w.a",
            "w.a.b",
            "w.99999999999999999999.a",
            "w..a",
        ] {
            assert_eq!(Place::parse(wrong), None, "{wrong}");
        }
    }
}
