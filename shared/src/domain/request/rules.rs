//! The rules of the order-id request, a row each: all must let it pass.
//!
//! An automatic request that is not needed annoys a buyer and eats the day's budget; one that answers a machine starts a
//! loop. So every reason not to ask has a name, which the report, the metric and the log carry.

use jiff::{SignedDuration, Timestamp};

use crate::domain::mail::{Kind, Mail};
use crate::domain::store::{AskOrderId, Store};
use crate::domain::thread::{Status, Thread};

/// One buyer is asked at most once in this time.
const BUYER_PAUSE: SignedDuration = SignedDuration::from_hours(24);

/// An order id on another thread of the buyer counts for this long.
const HISTORY: SignedDuration = SignedDuration::from_hours(90 * 24);

/// Why a buyer is not asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Withheld {
    /// The mail is no buyer's message.
    NotABuyerMessage,
    /// A machine wrote it (RFC 3834, section 2: never answer automatic mail automatically).
    AutomaticMail,
    /// SES takes it for spam.
    Spam,
    /// A bulk import of old mail.
    Imported,
    /// The store never asks.
    SwitchedOff,
    /// The mail names an order.
    OrderInMail,
    /// The thread has an order.
    OrderOnThread,
    /// The buyer's other threads of the last 90 days have an order.
    OrderInHistory,
    /// The buyer asks about a product before an order.
    PreSale,
    /// Asked in this thread before.
    AskedInThread,
    /// This buyer was asked in the last 24 hours, or after this mail (one that came late).
    AskedBuyer,
    /// A mail to this buyer came back for good.
    Bounced,
    /// A person has answered since.
    Answered,
    /// A person took the thread out of the clock since.
    Closed,
}

impl Withheld {
    /// The name in reports, metrics and logs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotABuyerMessage => "not-a-buyer-message",
            Self::AutomaticMail => "automatic-mail",
            Self::Spam => "spam",
            Self::Imported => "imported",
            Self::SwitchedOff => "switched-off",
            Self::OrderInMail => "order-in-mail",
            Self::OrderOnThread => "order-on-thread",
            Self::OrderInHistory => "order-in-history",
            Self::PreSale => "pre-sale",
            Self::AskedInThread => "asked-in-thread",
            Self::AskedBuyer => "asked-buyer",
            Self::Bounced => "bounced",
            Self::Answered => "answered",
            Self::Closed => "closed",
        }
    }
}

/// What the rules look at. `thread` has already taken in the mail; `others` are the buyer's other threads.
pub(super) struct Case<'a> {
    mail: &'a Mail,
    thread: &'a Thread,
    others: &'a [&'a Thread],
    buyer_asked_at: Option<Timestamp>,
    store: &'a Store,
    spam: bool,
    imported: bool,
    received: Timestamp,
}

/// Whether a rule holds the request back.
type Holds = fn(&Case<'_>) -> bool;

/// The rules in the order they are tried: the name says why nothing is asked when the test is true.
const RULES: &[(Withheld, Holds)] = &[
    (Withheld::NotABuyerMessage, |case| case.mail.kind != Kind::BuyerMessage),
    (Withheld::SwitchedOff, |case| {
        case.store.ask_order_id == AskOrderId::Never
    }),
    (Withheld::AutomaticMail, |case| case.mail.automatic),
    (Withheld::Spam, |case| case.spam),
    (Withheld::Imported, |case| case.imported),
    (Withheld::OrderInMail, |case| !case.mail.order_ids.is_empty()),
    (Withheld::OrderOnThread, |case| !case.thread.order_ids.is_empty()),
    (Withheld::OrderInHistory, |case| {
        case.others.iter().any(|other| knows_order(other, case.received))
    }),
    (Withheld::PreSale, |case| {
        case.mail.presale && case.store.ask_order_id != AskOrderId::Always
    }),
    (Withheld::AskedInThread, |case| case.thread.asked_at.is_some()),
    (Withheld::AskedBuyer, |case| {
        case.buyer_asked_at
            .is_some_and(|asked| case.received.duration_since(asked) < BUYER_PAUSE)
    }),
    (Withheld::Bounced, |case| bounced(case.thread, case.others)),
    (Withheld::Answered, |case| {
        case.thread.last_answer_at.is_some_and(|answer| answer >= case.received)
    }),
];

/// What is known of a buyer from their other threads; nothing where many share the address.
fn of_one_buyer<'a>(thread: &Thread, others: &'a [&'a Thread]) -> &'a [&'a Thread] {
    if thread.buyer.is_shared() { &[] } else { others }
}

fn bounced(thread: &Thread, others: &[&Thread]) -> bool {
    others
        .iter()
        .copied()
        .chain([thread])
        .any(|one| one.bounced_at.is_some())
}

fn knows_order(thread: &Thread, now: Timestamp) -> bool {
    !thread.order_ids.is_empty() && now.duration_since(thread.last_message_at).abs() <= HISTORY
}

/// Whether the buyer is to be asked for the order id.
///
/// # Errors
/// The first rule that holds the request back.
#[expect(
    clippy::too_many_arguments,
    reason = "each is one thing the rules look at, named at the one call"
)]
pub fn decide(
    mail: &Mail,
    thread: &Thread,
    others: &[&Thread],
    buyer_asked_at: Option<Timestamp>,
    store: &Store,
    spam: bool,
    imported: bool,
    received: Timestamp,
) -> Result<(), Withheld> {
    let case = Case {
        mail,
        thread,
        others: of_one_buyer(thread, others),
        buyer_asked_at,
        store,
        spam,
        imported,
        received,
    };
    RULES
        .iter()
        .find(|(_, holds)| holds(&case))
        .map_or(Ok(()), |(reason, _)| Err(*reason))
}

/// Whether a request decided on earlier is still to be sent: no order id has come, no person has answered or
/// closed, no mail to the buyer has come back.
///
/// # Errors
/// Why it is no longer needed.
pub fn still_needed(thread: &Thread, others: &[&Thread], asked_for: Timestamp) -> Result<(), Withheld> {
    let others = of_one_buyer(thread, others);
    if !thread.order_ids.is_empty() {
        Err(Withheld::OrderOnThread)
    } else if others.iter().any(|other| knows_order(other, asked_for)) {
        Err(Withheld::OrderInHistory)
    } else if bounced(thread, others) {
        Err(Withheld::Bounced)
    } else if thread.last_answer_at.is_some_and(|answer| answer >= asked_for) {
        Err(Withheld::Answered)
    } else if thread.status != Status::NeedsResponse {
        Err(Withheld::Closed)
    } else {
        Ok(())
    }
}
