//! What was refused, held or could not be matched: kept, so that a person sees it.

use jiff::Timestamp;

use super::key::Key;
use super::store::StoreId;

/// One thing that did not happen, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The store it concerns.
    pub store: StoreId,
    /// When.
    pub at: Timestamp,
    /// The same for every repetition of the same thing.
    pub key: Key,
    /// What did not happen: `mail`, `reply`, `order-id-request`, `reply-copy`, `webhook`, `reopen` …
    pub what: &'static str,
    /// Why, as a short code or several with commas: `forged`, `ambiguous`, rule ids of the screen.
    pub reason: String,
    /// What it is about: a key of ours, a place in S3. Never personal data.
    pub about: Option<String>,
}

impl Report {
    /// A report whose key follows from what it says, so a repetition is the same report.
    pub fn new(
        store: &StoreId,
        at: Timestamp,
        what: &'static str,
        reason: impl Into<String>,
        about: Option<String>,
    ) -> Self {
        let reason = reason.into();
        let key = Key::of(&[
            store.as_str(),
            what,
            &reason,
            about.as_deref().unwrap_or(""),
            &at.to_string(),
        ]);
        Self {
            store: store.clone(),
            at,
            key,
            what,
            reason,
            about,
        }
    }
}
