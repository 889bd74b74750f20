//! What helpdesks call us with: who signed it, what it says, and which thread it is about. Bytes and headers in, facts
//! out; nothing here reads a clock or a table.
//!
//! | step | file |
//! |---|---|
//! | secrets of the stores | `secrets` |
//! | which store's secret made the signature, over the raw bytes, in constant time | `signature` |
//! | a tool's own JSON as facts | `zendesk`, `front`, `help_scout`, `intercom`, `chatwoot`, `template`, `own` |
//! | values that tools write in many ways: times, people, tags | `payload` |
//! | what names the thread | `reference` |
//!
//! Tools rename and add fields at will, so reading is lenient: what is missing is `None`, what is unknown is acknowledged.
//! Only the signature is strict.

mod chatwoot;
mod front;
mod help_scout;
mod intercom;
mod own;
mod payload;
mod reference;
mod secrets;
mod signature;
mod template;
mod zendesk;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;
use serde_json::Value;
use strum::VariantArray;

pub use self::reference::{Reference, Select};
pub use self::secrets::{Secrets, SecretsError};
pub use self::signature::{Untrusted, Verified, verify};
use super::attachment::{Attachment, Unusable};
use super::key::Key;
use super::personal::Personal;
use super::store::StoreId;

/// The most bytes of a body. What helpdesks send is a few kilobytes; a conversation with all its parts may be a hundred.
pub const MOST_BYTES: usize = 256 * 1024;

/// The most bytes of a body that brings the files of an answer. Lambda takes events of 6 MB, in which the body stands as
/// text, beside the headers: a megabyte is left for those and for what must be escaped. So files of 3.9 MB together can
/// come in one call, in base64.
pub const MOST_BYTES_WITH_FILES: usize = 5 * 1024 * 1024;

/// Who calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, VariantArray)]
pub enum Source {
    /// Zendesk.
    Zendesk,
    /// Front, by an application or by a rule.
    Front,
    /// Help Scout.
    HelpScout,
    /// Intercom.
    Intercom,
    /// Chatwoot.
    Chatwoot,
    /// Freshdesk, by an automation rule with our template.
    Freshdesk,
    /// Gorgias, by an HTTP integration with our template.
    Gorgias,
    /// Anyone else, by our own events as Standard Webhooks.
    Standard,
}

impl Source {
    /// All of them.
    pub const ALL: &[Self] = Self::VARIANTS;

    /// The name in paths, settings, metrics and logs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Zendesk => "zendesk",
            Self::Front => "front",
            Self::HelpScout => "help-scout",
            Self::Intercom => "intercom",
            Self::Chatwoot => "chatwoot",
            Self::Freshdesk => "freshdesk",
            Self::Gorgias => "gorgias",
            Self::Standard => "standard",
        }
    }

    /// Reads the name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|source| source.as_str() == name)
    }
}

/// A call as it came in: its headers, whose names have no case, and the bytes of its body, decoded from nothing but the
/// transport's own base64.
#[derive(Clone, Default)]
pub struct Call {
    headers: BTreeMap<String, String>,
    body: Vec<u8>,
}

impl Call {
    /// A call with these headers and this body.
    pub fn new<N: AsRef<str>, V: Into<String>>(headers: impl IntoIterator<Item = (N, V)>, body: Vec<u8>) -> Self {
        let headers = headers
            .into_iter()
            .map(|(name, value)| (name.as_ref().to_ascii_lowercase(), value.into()))
            .collect();
        Self { headers, body }
    }

    /// A header by its name in lower case, without outer white space; empty is missing.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .get(name)
            .map(|value| value.trim())
            .filter(|value| !value.is_empty())
    }

    /// The raw bytes of the body.
    pub fn body(&self) -> &[u8] {
        &self.body
    }
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<call, {} headers, {} bytes>", self.headers.len(), self.body.len())
    }
}

/// A call whose signature holds.
#[derive(Clone, PartialEq, Eq)]
pub struct Told {
    /// Who called.
    pub source: Source,
    /// The stores whose secret made the signature.
    pub stores: Vec<StoreId>,
    /// When it came.
    pub received: Timestamp,
    /// The time that was signed.
    pub signed_at: Option<Timestamp>,
    /// The tool's id of the delivery, where it is a header.
    pub delivery: Option<String>,
    /// The event's name, where it is a header.
    pub topic: Option<String>,
    /// The raw body.
    pub body: Vec<u8>,
}

impl fmt::Debug for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<told by {}, {} bytes>", self.source.as_str(), self.body.len())
    }
}

/// What a helpdesk tells of a thread.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    /// A person answered the buyer.
    Answered(Answered),
    /// A person says that no response is needed.
    NoResponseNeeded,
    /// The ticket was closed or solved. An answer it is not; what it means is the store's setting.
    Closed,
    /// Somebody takes care of it, or nobody: the address, else the name, else the id that the helpdesk gave.
    Assigned(Option<Personal>),
    /// Labels came and went.
    Tagged {
        /// That came.
        add: Vec<String>,
        /// That went.
        remove: Vec<String>,
    },
    /// All labels that the ticket has now.
    TagsAre(Vec<String>),
    /// A person wants this answer to be sent.
    Reply(Wanted),
}

impl Fact {
    /// Short name for metrics and logs.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Answered(_) => "answered",
            Self::NoResponseNeeded => "no-response-needed",
            Self::Closed => "closed",
            Self::Assigned(_) => "assigned",
            Self::Tagged { .. } | Self::TagsAre(_) => "tagged",
            Self::Reply(_) => "reply",
        }
    }
}

/// An answer that a person gave in the helpdesk.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answered {
    /// Who.
    pub by: Option<Personal>,
    /// The words, where the helpdesk tells them.
    pub text: Option<Personal>,
    /// The helpdesk's id of this answer: told twice, it is still one answer.
    pub id: Option<String>,
}

/// An answer to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The words.
    pub text: Personal,
    /// Who wrote them.
    pub by: Personal,
    /// That person sends them although the screen objects.
    pub r#override: bool,
    /// The files that go out with them, or why one of them cannot.
    pub attachments: Result<Vec<Attachment>, Unusable>,
}

/// What a call says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Event {
    /// The tool's own id of this event, where the body holds one.
    pub id: Option<String>,
    /// When it happened, as the tool tells. What counts is this time, not that of the arrival.
    pub at: Option<Timestamp>,
    /// What names the thread.
    pub reference: Reference,
    /// What happened, nothing where it is none of our business.
    pub facts: Vec<Fact>,
}

impl Event {
    /// Whether it asks for an answer with files, readable or not.
    pub fn brings_files(&self) -> bool {
        let files = |fact: &Fact| match fact {
            Fact::Reply(wanted) => !wanted.attachments.as_ref().is_ok_and(Vec::is_empty),
            _ => false,
        };
        self.facts.iter().any(files)
    }
}

/// What a body comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// An event; without facts it is acknowledged and changes nothing.
    Event(Box<Event>),
    /// No JSON object: a template that somebody has to mend. An empty body is a test call and an event without facts.
    Unreadable,
}

/// Reads the body of a call by this tool; `topic` is the event's name where the tool writes it into a header.
pub fn read(source: Source, topic: Option<&str>, body: &[u8]) -> Body {
    if body.iter().all(u8::is_ascii_whitespace) {
        return Body::Event(Box::default());
    }
    let Ok(json @ Value::Object(_)) = serde_json::from_slice::<Value>(body) else {
        return Body::Unreadable;
    };
    let mut event = match source {
        Source::Zendesk => zendesk::event(&json),
        Source::Front => front::event(&json),
        Source::HelpScout => help_scout::event(topic.unwrap_or_default(), &json),
        Source::Intercom => intercom::event(&json),
        Source::Chatwoot => chatwoot::event(&json),
        Source::Freshdesk => template::freshdesk(&json),
        Source::Gorgias => template::gorgias(&json),
        Source::Standard => own::event(&json).unwrap_or_default(),
    };
    if event.reference.select.is_none() {
        event.reference.gather(&json);
    }
    Body::Event(Box::new(event))
}

/// Under which keys this event is claimed, so that it is believed once: by the tool's id of it, else by its bytes. An id
/// that is not signed is no proof that the call is another: such a call is claimed by its bytes as well.
pub fn claims(source: Source, stores: &[StoreId], header_id: Option<&str>, event: &Event, body: &[u8]) -> Vec<Key> {
    let stores: Vec<&str> = stores.iter().map(StoreId::as_str).collect();
    let stores = stores.join(" ");
    let key = |how: &str, what: &[u8]| {
        Key::of(&[
            b"webhook",
            source.as_str().as_bytes(),
            stores.as_bytes(),
            how.as_bytes(),
            what,
        ])
    };
    let by_bytes = || key("body", body);
    match (header_id, event.id.as_deref()) {
        (Some(id), _) if source == Source::Standard => vec![key("id", id.as_bytes())],
        (Some(id), _) => vec![key("id", id.as_bytes()), by_bytes()],
        (None, Some(id)) => vec![key("id", id.as_bytes())],
        (None, None) => vec![by_bytes()],
    }
}
