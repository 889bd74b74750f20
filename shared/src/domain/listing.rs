//! What people ask of a list of threads.

use jiff::{SignedDuration, Timestamp};

use super::marketplace::Marketplace;
use super::store::StoreId;
use super::thread::{Status, Thread};

/// A thread with nothing new for this long is archived.
pub const ARCHIVED_AFTER: SignedDuration = SignedDuration::from_hours(90 * 24);

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
    pub fn wants(&self, store: &StoreId, thread: &Thread, now: Timestamp) -> bool {
        let is = |wanted: Option<bool>, it_is: bool| wanted.is_none_or(|wanted| wanted == it_is);
        thread.store == *store
            && self.status.is_none_or(|status| thread.status == status)
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
            && is(self.unread, thread.unread())
            && is(self.archived, archived(thread, now))
    }
}

/// Nothing waits, and nothing has come or gone for 90 days.
pub fn archived(thread: &Thread, now: Timestamp) -> bool {
    thread.waiting_since.is_none() && now.duration_since(thread.last_message_at) > ARCHIVED_AFTER
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::alias::Alias;
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
        let wants = |filter: &Filter, thread: &Thread| filter.wants(&store.id, thread, now);
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
        assert!(!Filter::default().wants(&StoreId::parse("fr").unwrap(), &thread, now));
        thread.wait(None, Status::Answered, &store);
        assert!(!archived(&thread, shift(now, ARCHIVED_AFTER)));
        assert!(archived(
            &thread,
            shift(now, ARCHIVED_AFTER + SignedDuration::from_secs(1))
        ));
    }
}
