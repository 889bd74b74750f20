//! Personal data: text, names, subjects and addresses of people.
//!
//! Such a value cannot be printed by accident: its `Debug` is redacted and it has no `Display`. The one way out is
//! [`Personal::expose`], so `grep expose` lists every place where personal data is used.

use std::fmt;

/// A text that belongs to a person: a buyer's words, name, address or subject line.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Personal(String);

impl Personal {
    /// Wraps a personal text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself. Never for logs, metrics or error messages.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The text itself, owned.
    pub fn into_exposed(self) -> String {
        self.0
    }
}

impl fmt::Debug for Personal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<personal, {} bytes>", self.0.len())
    }
}

impl From<&str> for Personal {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl From<String> for Personal {
    fn from(text: String) -> Self {
        Self(text)
    }
}
