//! What we send: its life from "to be sent" to "sent", and how it answers a buyer's mail.
//!
//! Sending has no idempotency key at SES. An item is claimed by a conditional write, sent, then marked. When a process dies
//! between send and mark nobody can tell whether the mail went out: the item becomes [`State::Unknown`], is reported, and
//! is never sent again by itself.

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use strum::VariantArray;

use super::alias::{Alias, Buyer};
use super::attachment::{Attachment, KeptAttachment};
use super::key::Key;
use super::language::Language;
use super::message::MessageKind;
use super::message_id::MessageId;
use super::personal::Personal;
use super::report::ReportKind;
use super::store::StoreId;
use super::thread::{Thread, ThreadId};

/// A claim to send holds this long: longer than any sender lives. Afterwards the outcome counts as unknown.
pub const CLAIM: SignedDuration = SignedDuration::from_mins(2);

/// Where an item stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, VariantArray)]
pub enum State {
    /// To be sent.
    Pending,
    /// Not taken by the mail service for now: whoever tried brings it again.
    Deferred,
    /// Claimed by a sender.
    Sending,
    /// Accepted by SES.
    Sent,
    /// Refused for good by SES.
    Failed,
    /// The screen blocks it and nobody overrode that: handed back with the findings.
    Blocked,
    /// Perhaps sent. A person or a delivery event settles it.
    Unknown,
    /// Over the day's budget: tried again the next day.
    Held,
    /// No longer needed.
    Withdrawn,
}

impl State {
    /// Every state.
    pub const ALL: &[Self] = Self::VARIANTS;

    /// The name in storage, reports and metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Deferred => "deferred",
            Self::Sending => "sending",
            Self::Sent => "sent",
            Self::Failed => "failed",
            Self::Blocked => "blocked",
            Self::Unknown => "unknown",
            Self::Held => "held",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// Reads the name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|state| state.as_str() == name)
    }
}

/// What is to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// The automatic request for a missing order id.
    OrderIdRequest {
        /// The language to ask in.
        language: Language,
        /// The one mistyped id of the buyer's mail.
        near_miss: Option<Personal>,
    },
    /// A person's answer.
    Reply {
        /// Its words.
        text: Personal,
        /// Who wrote it.
        by: Personal,
        /// That person sends it although the screen objects.
        r#override: bool,
        /// Its files, all of which go out with it.
        attachments: Vec<KeptAttachment>,
    },
}

impl Content {
    /// The name in the contract.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::OrderIdRequest { .. } => "order-id-request",
            Self::Reply { .. } => "reply",
        }
    }

    /// What a report says did not go out.
    pub fn report_kind(&self) -> ReportKind {
        match self {
            Self::OrderIdRequest { .. } => ReportKind::OrderIdRequest,
            Self::Reply { .. } => ReportKind::Reply,
        }
    }

    /// Sent by no person.
    pub fn automatic(&self) -> bool {
        matches!(self, Self::OrderIdRequest { .. })
    }

    /// The files that go out with it.
    pub fn attachments(&self) -> &[KeptAttachment] {
        match self {
            Self::OrderIdRequest { .. } => &[],
            Self::Reply { attachments, .. } => attachments,
        }
    }

    /// How the message counts in its thread.
    pub fn message_kind(&self) -> MessageKind {
        if self.automatic() {
            MessageKind::Automatic
        } else {
            MessageKind::Reply
        }
    }
}

/// An item of the outbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing {
    /// Its key: the same for every repetition of one wish to send.
    pub key: Key,
    /// The store that sends.
    pub store: StoreId,
    /// The buyer it goes to.
    pub buyer: Buyer,
    /// The thread it belongs to.
    pub thread: ThreadId,
    /// What is to be sent.
    pub content: Content,
    /// Where it stands.
    pub state: State,
    /// When it was wished for. For a request: the receipt of the mail that lacks the order id.
    pub created_at: Timestamp,
    /// While it is claimed: until when the claim holds.
    pub claimed_until: Option<Timestamp>,
    /// While it is held: the day (UTC) whose budget was spent.
    pub held_on: Option<Date>,
    /// Ids of the rules that the screen found in it, the gravest first: what was warned of, blocked or overridden.
    pub findings: Vec<String>,
}

impl Outgoing {
    /// The request for an order id: one for ever in a thread, so its key is the thread's.
    pub fn order_id_request(
        thread: &Thread,
        language: Language,
        near_miss: Option<Personal>,
        received: Timestamp,
    ) -> Self {
        let key = Key::of(&["order-id-request", thread.store.as_str(), thread.id.as_str()]);
        Self::new(key, thread, Content::OrderIdRequest { language, near_miss }, received)
    }

    /// A person's answer without files. `wish` names this one wish to send (an idempotency key, a webhook's delivery id):
    /// the same wish submitted twice is one item.
    pub fn reply(thread: &Thread, text: Personal, by: Personal, r#override: bool, wish: &str, at: Timestamp) -> Self {
        let key = Key::of(&["reply", thread.store.as_str(), thread.id.as_str(), wish]);
        let content = Content::Reply {
            text,
            by,
            r#override,
            attachments: Vec::new(),
        };
        Self::new(key, thread, content, at)
    }

    /// The same answer with these files.
    #[must_use]
    pub fn with_attachments(mut self, files: Vec<KeptAttachment>) -> Self {
        if let Content::Reply { attachments, .. } = &mut self.content {
            *attachments = files;
        }
        self
    }

    fn new(key: Key, thread: &Thread, content: Content, created_at: Timestamp) -> Self {
        Self {
            key,
            store: thread.store.clone(),
            buyer: thread.buyer.clone(),
            thread: thread.id.clone(),
            content,
            state: State::Pending,
            created_at,
            claimed_until: None,
            held_on: None,
            findings: Vec::new(),
        }
    }

    /// Our own Message-ID: derived from the key, so that a mail which comes back can always be told.
    /// SES replaces the header (hence it also stands in `References`).
    pub fn message_id(&self, from: &str) -> MessageId {
        let host = from
            .rsplit_once('@')
            .map_or("within24.invalid", |(_, host)| host.trim_end_matches('>'));
        MessageId::parse(&format!("{}@{host}", self.key.as_str())).expect("a key and a host make an id")
    }
}

/// A mail ready to be sent (RFC 5322): plain text only, so that no rule on form can be broken, and files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// The store's own address.
    pub from: String,
    /// The buyer's full alias.
    pub to: Alias,
    /// Subject.
    pub subject: Personal,
    /// Our own id.
    pub message_id: MessageId,
    /// The newest buyer message.
    pub in_reply_to: Option<MessageId>,
    /// The newest buyer message, then our own id.
    pub references: Vec<MessageId>,
    /// `Auto-Submitted: auto-replied` (RFC 3834, section 5).
    pub automatic: bool,
    /// `Content-Language` (RFC 3282), where we chose the language.
    pub language: Option<Language>,
    /// The words.
    pub text: Personal,
    /// The files, after the words.
    pub attachments: Vec<Attachment>,
    /// The `Date` header.
    pub date: Timestamp,
    /// Names the outbox item in SES's delivery events, together with its store and thread.
    pub tag: Key,
    /// The store that sends.
    pub store: StoreId,
    /// The thread.
    pub thread: ThreadId,
}

impl Letter {
    /// Addresses this text to the buyer of the thread, as an answer to his newest message, without files.
    pub fn answering(thread: &Thread, item: &Outgoing, from: &str, text: Personal, date: Timestamp) -> Self {
        let message_id = item.message_id(from);
        let in_reply_to = thread.last_buyer_id.clone();
        let references = in_reply_to.iter().chain([&message_id]).cloned().collect();
        Self {
            from: from.to_owned(),
            to: thread.alias.clone(),
            subject: Personal::new(reply_subject(thread.subject_to_answer().map_or("", Personal::expose))),
            message_id,
            in_reply_to,
            references,
            automatic: item.content.automatic(),
            language: match &item.content {
                Content::OrderIdRequest { language, .. } => Some(*language),
                Content::Reply { .. } => None,
            },
            text,
            attachments: Vec::new(),
            date,
            tag: item.key.clone(),
            store: item.store.clone(),
            thread: item.thread.clone(),
        }
    }
}

/// Reply prefixes of mail clients, in lower case, without their colon.
const REPLY_PREFIXES: [&str; 16] = [
    "re", "aw", "sv", "antw", "rif", "r", "res", "odp", "ynt", "vs", "回复", "回覆", "答复", "返信", "رد", "الرد",
];

/// `Re: ` once, then the subject without any reply prefix; on one line, at most 900 characters.
pub fn reply_subject(subject: &str) -> String {
    let line: String = subject
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(900)
        .collect();
    let mut rest = line.trim();
    while let Some((head, tail)) = rest.split_once([':', '：']) {
        let head = head.trim().to_lowercase();
        let head = head.split(['[', '(']).next().unwrap_or(&head).trim();
        if !REPLY_PREFIXES.contains(&head) {
            break;
        }
        rest = tail.trim_start();
    }
    if rest.is_empty() {
        "Re:".to_owned()
    } else {
        format!("Re: {rest}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_gets_one_reply_prefix() {
        let cases = [
            ("Frage von Amazon-Kunde N", "Re: Frage von Amazon-Kunde N"),
            ("Re: AW: RE[2]: Frage", "Re: Frage"),
            ("Réponse: oui", "Re: Réponse: oui"),
            ("回复：你好", "Re: 你好"),
            ("two\r\nBcc: x@y", "Re: two  Bcc: x@y"),
            ("", "Re:"),
        ];
        for (given, wanted) in cases {
            assert_eq!(reply_subject(given), wanted);
        }
    }
}
