//! One message in a thread, and the fact about it that Amazon measures.

use jiff::Timestamp;

use super::key::Key;
use super::mail::Kind;
use super::message_id::MessageId;
use super::personal::Personal;
use super::thread::ThreadId;

/// The most bytes of a mail's words that are kept with its message: Amazon lets a buyer write 4,000 characters, a row of the
/// table holds 400 KB, and one write of many rows 4 MB. The raw mail has them all.
pub const MOST_TEXT: usize = 64 * 1024;

/// What stands where words of a mail were cut off.
pub const CUT: &str = "\n[…]";

/// A mail's words as they are kept: whole, or up to [`MOST_TEXT`] and marked with [`CUT`].
pub fn kept(text: &Personal) -> Personal {
    let whole = text.expose();
    if whole.len() <= MOST_TEXT {
        return text.clone();
    }
    format!("{}{CUT}", &whole[..whole.floor_char_boundary(MOST_TEXT - CUT.len())]).into()
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_kept_whole_up_to_a_size_and_then_cut_between_characters() {
        for letter in ["a", "ö", "水", "🙂"] {
            let whole = letter.repeat(MOST_TEXT / letter.len());
            assert_eq!(kept(&whole.as_str().into()).expose(), whole);
            let cut = kept(&format!("{whole}{letter}").into()).into_exposed();
            assert!(cut.len() <= MOST_TEXT && cut.len() > MOST_TEXT - 10, "{}", cut.len());
            assert!(whole.starts_with(cut.strip_suffix(CUT).unwrap()));
        }
    }
}
