//! Reading mail: raw bytes in, what Amazon and the buyer said out. Reading never fails and never panics.
//!
//! | step | file |
//! |---|---|
//! | header fields, addresses, encoded words | `header`, `address`, `words` |
//! | parts, transfer encodings, charsets, HTML | `mime`, `encoding`, `charset`, `html` |
//! | who wrote, what it is, whether a machine wrote | `sender`, `kind`, `automatic` |
//! | mail whose words are packed in a container | `packed` |
//! | the words out of Amazon's frame and quoted history | `frame`, `relay`, `history` |
//! | order ids, names, links, token, products | `orders`, `name`, `footer` |
//! | what is named beside the words: addresses, ids | `fill` |
//! | all of it in order | `read` |
//!
//! Markers, phrases, senders and labels are data: `data/*.tsv`, each with its explanation on top. What was malformed and
//! worked around is told in [`Defect`]s.

mod address;
mod automatic;
mod charset;
mod data;
mod defect;
mod delivery;
mod digits;
mod encoding;
mod fill;
mod footer;
mod frame;
mod header;
mod history;
mod html;
mod kind;
mod mime;
mod name;
mod orders;
mod packed;
mod read;
mod relay;
mod sender;
mod words;

use jiff::Timestamp;
use strum::VariantArray;

pub(in crate::domain) use history::quoted;
pub(in crate::domain) use html::to_text;

pub use super::alias::Alias;
pub use super::language::Language;
pub use super::marketplace::Marketplace;
pub use super::message_id::MessageId;
pub use super::order_id::{Asin, OrderId};
use super::personal::Personal;

/// The order ids in a line of text, in normal form, in order, without repeats.
pub fn orders_in(text: &str) -> Vec<OrderId> {
    orders::find(text).ids
}

/// What a delivery report says became of a mail of ours, from the least to the worst. Sources: RFC 3464, RFC 3463.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Delivery {
    /// Nothing failed: it is delayed, delivered, or passed on.
    NotFailed,
    /// It did not arrive (`Action: failed`, or a server says so in its own words); another may.
    Failed,
    /// It did not arrive, and no other will: a permanent failure (`Status: 5.x.x`) that is not about this mail's own size
    /// or content.
    FailedForGood,
}

impl Delivery {
    /// Its name in tests and logs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotFailed => "not-failed",
            Self::Failed => "failed",
            Self::FailedForGood => "failed-for-good",
        }
    }
}

/// What a mail is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, VariantArray)]
pub enum Kind {
    /// A buyer wrote (or Amazon's customer service for a buyer).
    BuyerMessage,
    /// Amazon's copy of an answer given in Seller Central.
    ReplyCopy,
    /// A message of ours was not delivered since the buyer opted out.
    OptOutNotice,
    /// A buyer asks to cancel an order.
    CancelRequest,
    /// A return was requested or authorised.
    ReturnRequest,
    /// A refund was issued.
    RefundNotice,
    /// An A-to-z claim was opened.
    AToZClaim,
    /// An A-to-z claim was decided.
    AToZDecision,
    /// A message of ours was refused, or the account restricted.
    RestrictionNotice,
    /// A delivery status notification (RFC 3464) or its informal kin.
    DeliveryFailure,
    /// Gmail or Outlook asks to confirm a forwarding.
    ForwardingConfirmation,
    /// Seller Performance wrote.
    PerformanceNotice,
    /// The seller's own answer to a buyer, in copy: not from Amazon, to one relay address.
    OwnCopy,
    /// Seller Support writes about a case.
    SupportMail,
    /// A buyer left feedback.
    FeedbackNotice,
    /// Anything else from Amazon.
    SystemNotice,
    /// Not from Amazon.
    Other,
}

impl Kind {
    /// Every kind.
    pub const ALL: &[Self] = Self::VARIANTS;

    /// By the name in the contract.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.as_str() == name)
    }

    /// The name in the contract.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::BuyerMessage => "buyer-message",
            Self::ReplyCopy => "reply-copy",
            Self::OptOutNotice => "opt-out-notice",
            Self::CancelRequest => "cancel-request",
            Self::ReturnRequest => "return-request",
            Self::RefundNotice => "refund-notice",
            Self::AToZClaim => "a-to-z-claim",
            Self::AToZDecision => "a-to-z-decision",
            Self::RestrictionNotice => "restriction-notice",
            Self::DeliveryFailure => "delivery-failure",
            Self::ForwardingConfirmation => "forwarding-confirmation",
            Self::PerformanceNotice => "performance-notice",
            Self::OwnCopy => "own-copy",
            Self::SupportMail => "support-mail",
            Self::FeedbackNotice => "feedback-notice",
            Self::SystemNotice => "system-notice",
            Self::Other => "other",
        }
    }
}

/// Where the first order id of a mail was found, strongest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OrderIdFrom {
    /// The subject line.
    Subject,
    /// Amazon's frame around the buyer's words.
    Frame,
    /// The buyer's own words.
    Text,
    /// Quoted history.
    History,
}

impl OrderIdFrom {
    /// The name in the contract.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Subject => "subject",
            Self::Frame => "frame",
            Self::Text => "text",
            Self::History => "history",
        }
    }
}

/// A file that came with a mail. The bytes stay in the raw mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    /// File name, decoded, path parts and controls removed; `None` where the mail gives none.
    pub name: Option<Personal>,
    /// Media type in lower case: `image/jpeg`.
    pub media_type: String,
    /// Size of the decoded content.
    pub bytes: u64,
}

/// What was malformed in a mail and worked around. The short codes are part of the contract of `within24 read`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Defect(pub(crate) &'static str);

impl Defect {
    /// Every defect there is. `domain/mail/defect.rs` says what each one means.
    pub const ALL: [Self; 23] = defect::ALL;

    /// The short code: `empty`, `truncated`.
    pub fn code(self) -> &'static str {
        self.0
    }
}

/// A mail, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// What it is.
    pub kind: Kind,
    /// A machine wrote it: never answered automatically.
    pub automatic: bool,
    /// The Amazon store it came through.
    pub marketplace: Option<Marketplace>,
    /// The buyer's relay address as received: of who wrote; in an opt-out or restriction notice and in a delivery failure
    /// of the buyer whom our mail did not reach; in an own copy of the buyer who was answered. `None` for every other kind.
    pub alias: Option<Alias>,
    /// Order ids, strongest source first, no repeats.
    pub order_ids: Vec<OrderId>,
    /// Where the first order id was found.
    pub order_id_from: Option<OrderIdFrom>,
    /// What looks like a mistyped order id, as written.
    pub near_order_ids: Vec<Personal>,
    /// Products in Amazon's frame.
    pub asins: Vec<Asin>,
    /// The buyer's name; for a `reply-copy` the name of the buyer who was answered.
    pub buyer_name: Option<Personal>,
    /// Language of the buyer's own text.
    pub language: Option<Language>,
    /// The buyer's own words; `None` where there are none. For other kinds the readable text.
    pub text: Option<Personal>,
    /// Attached files.
    pub attachments: Vec<Attachment>,
    /// Subject, decoded, on one line.
    pub subject: Option<Personal>,
    /// Its own id.
    pub message_id: Option<MessageId>,
    /// What it answers: `In-Reply-To`, then `References` from the last to the first, no repeats.
    pub answers: Vec<MessageId>,
    /// Ids of our mails that a notice or delivery failure embeds or quotes (original headers, `Message-ID:` lines).
    pub embedded_ids: Vec<MessageId>,
    /// For delivery failures: what the report says.
    pub delivery: Option<Delivery>,
    /// The `Date` header.
    pub date: Option<Timestamp>,
    /// Amazon's own token of the message (`[commMgrTok:…]`, `msg=`, or the parameters of the no-response-needed link): the
    /// same for every copy of one message, whatever its Message-ID.
    pub token: Option<String>,
    /// The subject or the frame says that this is a question about a product before an order.
    pub presale: bool,
    /// Amazon's signed "no response needed" link, verbatim, from the footer only. To show to a person; never fetched.
    pub no_response_link: Option<Personal>,
    /// From, Reply-To, Sender or Return-Path names an Amazon host, true or as the mail claims: judged by the verdicts.
    pub claims_amazon: bool,
}

/// Reads a raw mail (RFC 5322 and whatever calls itself so). Total: bad input shows in the defects.
///
/// Time is linear in the size of the mail; of mails over 12 MB the rest is left unread (`truncated`). Nothing in a mail is
/// fetched or executed.
pub fn read(raw: &[u8]) -> (Mail, Vec<Defect>) {
    read::guarded(raw)
}
