//! What was refused, held or could not be matched: kept, so that a person sees it.

use jiff::Timestamp;
use strum::VariantArray;

use super::key::Key;
use super::store::StoreId;

/// What did not happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, VariantArray)]
pub enum ReportKind {
    /// A mail was not taken in, or not as what it seems to be.
    Mail,
    /// A person's answer did not go out.
    Reply,
    /// A request for an order id did not go out.
    OrderIdRequest,
    /// A copy from Seller Central closed nothing.
    ReplyCopy,
    /// A webhook changed nothing.
    Webhook,
    /// An event did not reach an endpoint.
    Call,
    /// An endpoint wants no more events.
    Endpoint,
}

impl ReportKind {
    /// Every kind.
    pub const ALL: &[Self] = Self::VARIANTS;

    /// The name in storage and in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Mail => "mail",
            Self::Reply => "reply",
            Self::OrderIdRequest => "order-id-request",
            Self::ReplyCopy => "reply-copy",
            Self::Webhook => "webhook",
            Self::Call => "call",
            Self::Endpoint => "endpoint",
        }
    }

    /// Reads the name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.as_str() == name)
    }
}

/// One thing that did not happen, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The store it concerns.
    pub store: StoreId,
    /// When.
    pub at: Timestamp,
    /// The same for every repetition of the same thing.
    pub key: Key,
    /// What did not happen.
    pub what: ReportKind,
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
        what: ReportKind,
        reason: impl Into<String>,
        about: Option<String>,
    ) -> Self {
        let reason = reason.into();
        let key = Key::of(&[
            store.as_str(),
            what.as_str(),
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
