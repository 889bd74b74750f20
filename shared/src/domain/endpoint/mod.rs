//! Endpoints of others: where they are, what they want to be told, and what became of telling them.
//!
//! Each event is one [`Call`] an endpoint, tried along a ladder of waits until the endpoint says that it has it. What is
//! told is what [`super::event`] holds: ids, levels, times. Never a buyer's word, name or address.

pub mod address;
mod call;
mod secret;
mod url;

use std::collections::BTreeSet;

use jiff::Timestamp;
use strum::VariantArray;

pub use self::call::{Answer, Call, CallId, Ended, KEPT, LADDER, Last, Missed, Next, ON_TIME, Progress};
pub use self::secret::{NoSecret, OVERLAP, SigningKeys, SigningSecret};
pub use self::url::{EndpointUrl, UrlError};
use super::event::{Event, EventType};
use super::key::Key;
use super::store::StoreId;

/// The most endpoints of a store: each event is a call to each.
pub const MOST_ENDPOINTS: usize = 20;

/// Names an endpoint within its store.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EndpointId(Key);

impl EndpointId {
    /// The id of an endpoint that is made at this time.
    fn of(store: &StoreId, url: &EndpointUrl, now: Timestamp) -> Self {
        Self(Key::of(&["endpoint", store.as_str(), url.expose(), &now.to_string()]))
    }

    /// Reads an id: 1 to 64 letters, digits and dashes.
    pub fn parse(text: &str) -> Option<Self> {
        Key::parse(text).map(Self)
    }

    /// The id.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

/// A type of event that there is not.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no event {0:?}; write one of {all}, or none for all of them", all = EventType::names().join(", "))]
pub struct UnknownType(pub String);

/// The types of events that an endpoint wants to be told of; none named: all, also those that come to be later.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted(BTreeSet<String>);

impl Wanted {
    /// Reads the names of types.
    ///
    /// # Errors
    /// The first name of no type.
    pub fn parse<'a>(names: impl IntoIterator<Item = &'a str>) -> Result<Self, UnknownType> {
        let one = |name: &str| {
            EventType::parse(name)
                .map(|known| known.as_str().to_owned())
                .ok_or_else(|| UnknownType(name.to_owned()))
        };
        names
            .into_iter()
            .map(|name| one(name.trim()))
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// The names as they were stored; a type that is no more stays wanted and never comes.
    pub fn stored(names: impl IntoIterator<Item = String>) -> Self {
        Self(names.into_iter().collect())
    }

    /// Whether it is told of this event.
    pub fn wants(&self, event: &Event) -> bool {
        self.0.is_empty() || self.0.contains(event.event_type().as_str())
    }

    /// The names, in order; none for all.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}

/// Why an endpoint is not called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, VariantArray)]
pub enum WhyDisabled {
    /// A person said so.
    Person,
    /// It answered 410: it wants no more calls.
    Gone,
}

impl WhyDisabled {
    /// The name in storage and for others.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Gone => "gone",
        }
    }

    /// Reads the name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::VARIANTS.iter().copied().find(|why| why.as_str() == text)
    }
}

/// An endpoint. Its secrets are kept apart ([`SigningKeys`]): who lists endpoints never holds them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// Its id.
    pub id: EndpointId,
    /// The store whose events it is told.
    pub store: StoreId,
    /// Where it is.
    pub url: EndpointUrl,
    /// What it is told of.
    pub wanted: Wanted,
    /// When it was made.
    pub created_at: Timestamp,
    /// When its secret was last changed: for [`OVERLAP`] from then two are valid.
    pub rotated_at: Option<Timestamp>,
    /// Since when it is not called, and why; `None` while it is.
    pub disabled: Option<(Timestamp, WhyDisabled)>,
    /// Counts the changes. 0: not stored yet.
    pub version: u64,
}

impl Endpoint {
    /// A new endpoint.
    pub fn new(store: StoreId, url: EndpointUrl, wanted: Wanted, now: Timestamp) -> Self {
        Self {
            id: EndpointId::of(&store, &url, now),
            store,
            url,
            wanted,
            created_at: now,
            rotated_at: None,
            disabled: None,
            version: 0,
        }
    }

    /// Whether it is told of this event.
    pub fn wants(&self, event: &Event) -> bool {
        event.store == self.store && self.wanted.wants(event)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::event::WindowCount;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn event(store: &str, now: &str) -> Event {
        let windows = vec![WindowCount {
            days: 7,
            within: 1,
            late: 0,
        }];
        Event::rolled_up(&StoreId::parse(store).unwrap(), windows, at(now))
    }

    #[test]
    fn types_are_those_that_there_are() {
        assert_eq!(
            Wanted::parse([" ThreadOverdue.v1 "])
                .unwrap()
                .names()
                .collect::<Vec<_>>(),
            ["ThreadOverdue.v1"]
        );
        let error = Wanted::parse(["ThreadOverdue.v1", "thread.overdue"])
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("\"thread.overdue\"") && error.contains("ThreadOverdue.v1, "),
            "{error}"
        );
    }

    #[test]
    fn an_endpoint_is_told_what_it_wants_of_its_own_store() {
        let url = EndpointUrl::parse("https://hooks.example.com/").unwrap();
        let endpoint = |names: &[&str]| {
            let wanted = Wanted::parse(names.iter().copied()).unwrap();
            Endpoint::new(
                StoreId::parse("de").unwrap(),
                url.clone(),
                wanted,
                at("2026-03-02T09:00:00Z"),
            )
        };
        let now = "2026-03-02T09:00:00Z";
        assert!(endpoint(&[]).wants(&event("de", now)));
        assert!(endpoint(&["MetricsRolledUp.v1"]).wants(&event("de", now)));
        assert!(!endpoint(&["ThreadOverdue.v1"]).wants(&event("de", now)));
        assert!(!endpoint(&[]).wants(&event("fr", now)));
    }

    #[test]
    fn the_same_address_again_is_another_endpoint() {
        let url = EndpointUrl::parse("https://hooks.example.com/").unwrap();
        let made = |now| Endpoint::new(StoreId::parse("de").unwrap(), url.clone(), Wanted::default(), at(now)).id;
        assert_eq!(made("2026-03-02T09:00:00Z"), made("2026-03-02T09:00:00Z"));
        assert_ne!(made("2026-03-02T09:00:00Z"), made("2026-03-02T09:00:01Z"));
    }
}
