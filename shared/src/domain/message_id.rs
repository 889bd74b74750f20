//! Message-IDs of mails (RFC 5322, section 3.6.4), kept without their angle brackets.

use std::fmt;

/// A Message-ID without angle brackets, as the mail carries it. Case is kept: ids are compared exactly.
///
/// Its `Debug` is redacted: the left part may hold an address.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MessageId(String);

impl MessageId {
    /// Reads an id, with or without angle brackets; `None` where nothing is left or it holds white space or controls.
    pub fn parse(text: &str) -> Option<Self> {
        let id = text.trim().trim_start_matches('<').trim_end_matches('>').trim();
        let usable = !id.is_empty() && id.len() <= 998 && !id.chars().any(|c| c.is_whitespace() || c.is_control());
        usable.then(|| Self(id.to_owned()))
    }

    /// The id that SES of this region gives a mail instead of ours.
    pub fn of_ses(id: &str, region: &str) -> Option<Self> {
        let host = if region == "us-east-1" { "email" } else { region };
        Self::parse(&format!("{id}@{host}.amazonses.com"))
    }

    /// The id without angle brackets.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<message id, {} bytes>", self.0.len())
    }
}
