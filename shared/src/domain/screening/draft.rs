//! A message before it is sent.

use std::fmt;

use super::super::language::Language;
use super::super::marketplace::Marketplace;
use super::super::order_id::Asin;
use super::super::personal::Personal;

/// What kind of message a draft is; a reply is judged more mildly in matters of form.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum DraftKind {
    /// An answer in a thread the buyer opened.
    #[default]
    Reply,
    /// Mail the seller starts.
    Proactive,
    /// Mail the seller starts to ask for a review.
    ReviewRequest,
}

impl DraftKind {
    /// Reads the contract's word.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "reply" => Some(Self::Reply),
            "proactive" => Some(Self::Proactive),
            "review-request" => Some(Self::ReviewRequest),
            _ => None,
        }
    }
}

/// A draft: everything the screen looks at. Only `text` is always there.
#[derive(Clone, Debug, Default)]
pub struct Draft {
    /// The text as the buyer will read it; findings point into it.
    pub text: Personal,
    /// The same message as HTML, if it is sent as such.
    pub html: Option<Personal>,
    /// The subject line.
    pub subject: Option<Personal>,
    /// Reply, proactive mail or review request.
    pub kind: DraftKind,
    /// The Amazon store it goes through.
    pub marketplace: Option<Marketplace>,
    /// The language the buyer writes in or prefers.
    pub buyer_language: Option<Language>,
    /// The order the thread is about. It does not stand in for an order id in the text.
    pub order_id: Option<Personal>,
    /// Every order of the buyer's that is known: no other order's id may be told to them. Empty where unknown.
    pub thread_order_ids: Vec<Personal>,
    /// Are all orders known, and these another buyer's? Then only they block, and an unknown id is a warning; where `None`,
    /// any id that is not the buyer's blocks.
    pub other_buyers_order_ids: Option<Vec<Personal>>,
    /// The products the thread is about; empty where unknown.
    pub thread_asins: Vec<Asin>,
    /// Files sent with it.
    pub attachments: Vec<Attachment>,
    /// A template, to be filled in before it is sent: placeholders are expected in it.
    pub template: bool,
}

/// A file sent with a draft: its name, type and size, never its content.
#[derive(Clone, PartialEq, Eq)]
pub struct Attachment {
    /// File name with extension.
    pub name: Personal,
    /// Media type as declared.
    pub media_type: Option<String>,
    /// Size in bytes before transfer encoding.
    pub bytes: u64,
}

impl fmt::Debug for Attachment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<attachment, {} bytes>", self.bytes)
    }
}
