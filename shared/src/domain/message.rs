//! One message in a thread, and the fact about it that Amazon measures.

use jiff::Timestamp;

use super::key::Key;
use super::mail::Kind;
use super::message_id::MessageId;
use super::personal::Personal;
use super::thread::ThreadId;

/// Who a message is from, as the contract tells them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MessageKind {
    /// The buyer; his out-of-office too.
    Buyer,
    /// A person's answer, however it went out.
    Reply,
    /// Our automatic mail: answers nothing.
    Automatic,
    /// A notice from Amazon: never touches the clock.
    Notice,
}

impl MessageKind {
    /// The name in the contract.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Buyer => "buyer",
            Self::Reply => "reply",
            Self::Automatic => "automatic",
            Self::Notice => "notice",
        }
    }
}

/// What Amazon's response metric holds of a buyer message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fact {
    /// No human answer yet.
    Waiting,
    /// Answered by a human at this time.
    Answered(Timestamp),
    /// A person marked it, at this time, as needing no response: out of clock and metric.
    NoResponseNeeded(Timestamp),
    /// Older than its receipt by days: a bulk import, in no metric.
    Imported,
}

/// A message of a thread.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Its key: the same for every copy of one message.
    pub key: Key,
    /// The thread it stands in.
    pub thread: ThreadId,
    /// Received, or accepted for sending.
    pub at: Timestamp,
    /// The person or system that wrote it, where it is not the buyer.
    pub by: Option<Personal>,
    /// Who it is from.
    pub kind: MessageKind,
    /// What the mail was.
    pub mail: Option<Kind>,
    /// A machine wrote it.
    pub automatic: bool,
    /// The readable words.
    pub text: Option<Personal>,
    /// Its Message-ID.
    pub message_id: Option<MessageId>,
    /// Where the raw mail lies.
    pub raw: Option<String>,
    /// Files that came or went with it: their number. The raw mail holds them, or the outbox item names them.
    pub attachments: u32,
    /// For buyer messages: what the metric holds.
    pub fact: Option<Fact>,
    /// An answer that did not arrive (bounced, refused): it answers nothing.
    pub failed: bool,
}

impl Message {
    /// Where it stands in its thread.
    pub fn place(&self) -> (Timestamp, MessageKind, &Key) {
        (self.at, self.kind, &self.key)
    }

    /// Whether the metric counts it.
    pub fn counts(&self) -> bool {
        matches!(self.kind, MessageKind::Buyer | MessageKind::Automatic)
    }

    /// A human answer that stands.
    pub fn answers(&self) -> bool {
        self.kind == MessageKind::Reply && !self.failed
    }
}
