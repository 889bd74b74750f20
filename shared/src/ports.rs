//! What the use cases need of the world: small traits, one a role. Their docs are contracts; one suite
//! (`tests/contract`) holds them against the in-memory fake and against DynamoDB.
//!
//! Reads of one buyer's threads are strongly consistent. Every write goes through [`Commit`]: all of it or nothing, each
//! part under its stated condition.

mod access;
mod bucket;
mod erase;
mod shown;

pub use access::{FindTokens, ReadDeeds, RegistryChange};
pub use bucket::{FetchAttachment, FetchCall, KeepAttachment};
pub use erase::{EraseMail, Erasure, Holdings, ReadHoldings, Trace};
pub use shown::{Place, ReadReports, ShowThreads};
mod endpoints;

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::sync::Arc;

use jiff::Timestamp;

use crate::domain::alert::AlertMail;
use crate::domain::alias::Buyer;
use crate::domain::deed::Did;
use crate::domain::event::Event;
use crate::domain::key::Key;
use crate::domain::listing::Listed;
use crate::domain::mail::Kind;
use crate::domain::marketplace::Marketplace;
use crate::domain::message::{Fact, Message};
use crate::domain::message_id::MessageId;
use crate::domain::metrics;
use crate::domain::order_id::OrderId;
use crate::domain::outgoing::{Letter, Outgoing, State};
use crate::domain::personal::Personal;
use crate::domain::recent_mails::MailMark;
use crate::domain::report::Report;
use crate::domain::rollup::{Rollup, Windows};
use crate::domain::store::{Store, StoreId};
use crate::domain::thread::{Thread, ThreadId};
use crate::domain::webhook::{Secrets, Told};

pub use self::endpoints::{
    CallEndpoint, DueCall, EndpointChange, FindCalls, FindDueCalls, FindEndpoints, FindEvent, ListCalls, QueueCall,
    ReadSigningKeys,
};

/// The world did not answer as it should. Nothing in the text is personal data.
#[derive(Debug, thiserror::Error)]
pub enum PortError {
    /// Throttled, timed out, unreachable: the same call may succeed later.
    #[error("{service} is not available: {code}")]
    Unavailable {
        /// The service that was called.
        service: &'static str,
        /// Its error code.
        code: String,
    },
    /// The call can never succeed as it is: missing rights, missing table, unreadable item.
    #[error("{service} refused: {code}")]
    Broken {
        /// The service that was called.
        service: &'static str,
        /// Its error code.
        code: String,
    },
}

impl PortError {
    /// Whether the same call may succeed later.
    pub fn retry(&self) -> bool {
        matches!(self, Self::Unavailable { .. })
    }
}

/// What a port gives back.
pub type Ported<T> = Result<T, PortError>;

/// Finds the settings of stores.
pub trait FindStore: Sync {
    /// The store that takes mail for one of these envelope recipients: the first recipient that has one, its exact
    /// address before its address without `+tag` before the catch-all `*`.
    fn store_for(&self, recipients: &[String]) -> impl Future<Output = Ported<Option<Store>>> + Send;

    /// A store by its name.
    fn store(&self, id: &StoreId) -> impl Future<Output = Ported<Option<Store>>> + Send;
}

/// Lists the stores.
pub trait ListStores: Sync {
    /// The names of all stores, in order. Strongly consistent.
    fn stores(&self) -> impl Future<Output = Ported<Vec<StoreId>>> + Send;
}

/// Fetches raw mail.
pub trait FetchMail: Sync {
    /// The first `limit` bytes of the raw mail at `place`; `None` where nothing is there (yet).
    fn fetch(&self, place: &str, limit: usize) -> impl Future<Output = Ported<Option<Vec<u8>>>> + Send;
}

/// All that is known of one buyer at one store.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BuyerRecord {
    /// Counts the changes: a new thread, a request. 0: never seen.
    pub version: u64,
    /// When the buyer was last asked for an order id.
    pub asked_at: Option<Timestamp>,
    /// His threads, in any order.
    pub threads: Vec<Thread>,
}

/// Reads a buyer's threads and messages.
pub trait ReadBuyer: Sync {
    /// The buyer's threads. Strongly consistent.
    fn buyer(&self, store: &StoreId, buyer: &Buyer) -> impl Future<Output = Ported<BuyerRecord>> + Send;

    /// Marks of the buyer's mails, received and sent, that his threads have handed over ([`RecentMails::has_older`]), each with
    /// its thread. Eventually consistent: eight newer mails at least stand in the thread itself.
    ///
    /// [`RecentMails::has_older`]: crate::domain::recent_mails::RecentMails::has_older
    fn older_mails(
        &self,
        store: &StoreId,
        buyer: &Buyer,
    ) -> impl Future<Output = Ported<Vec<(ThreadId, Vec<MailMark>)>>> + Send;

    /// The messages of a thread, oldest first; of the same moment the buyer's before ours. Strongly consistent.
    fn messages(
        &self,
        store: &StoreId,
        buyer: &Buyer,
        thread: &ThreadId,
    ) -> impl Future<Output = Ported<Vec<Message>>> + Send;
}

/// What a thread can be found by, within one store.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Handle {
    /// Its own id.
    Thread(ThreadId),
    /// Seller Central's case id.
    Case(crate::domain::alias::CaseId),
    /// An order named in it.
    Order(OrderId),
    /// The buyer's name, in the form of [`crate::domain::copy::comparable_name`].
    Name(String),
    /// A Message-ID of ours: the one we gave, or the one SES gave instead.
    Sent(MessageId),
    /// A helpdesk's ticket, with its source.
    Ticket(String),
}

/// Finds threads without knowing the buyer.
pub trait FindThreads: Sync {
    /// The threads of the store that the handle names, in any order.
    fn find(&self, store: &StoreId, handle: &Handle) -> impl Future<Output = Ported<Vec<Thread>>> + Send;
}

/// A copy from Seller Central that came before its question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaitingCopy {
    /// The mail's key.
    pub key: Key,
    /// The store that received it.
    pub store: StoreId,
    /// When.
    pub received: Timestamp,
    /// What its question will have: the orders it cites, else the buyer's name.
    pub handles: Vec<Handle>,
    /// The answer's words.
    pub text: Option<Personal>,
    /// Its Message-ID.
    pub message_id: Option<MessageId>,
    /// Where the raw mail lies.
    pub raw: String,
}

/// Finds copies that wait for their question.
pub trait FindCopies: Sync {
    /// The copies of the store that wait for a question with this handle, in any order. Strongly consistent. Those that
    /// waited too long may be among them.
    fn copies(&self, store: &StoreId, handle: &Handle) -> impl Future<Output = Ported<Vec<WaitingCopy>>> + Send;
}

/// Reads the outbox.
pub trait ReadOutbox: Sync {
    /// The item with this key, if there is one. Strongly consistent.
    fn outgoing(
        &self,
        store: &StoreId,
        buyer: &Buyer,
        key: &Key,
    ) -> impl Future<Output = Ported<Option<Outgoing>>> + Send;
}

/// Finds mail that the budget of a day held back.
pub trait FindHeld: Sync {
    /// Items of all stores that were held before `day`, oldest first, at most `limit`.
    fn held_before(&self, day: jiff::civil::Date, limit: usize) -> impl Future<Output = Ported<Vec<Outgoing>>> + Send;
}

/// Reads the facts of the metrics.
pub trait ReadFacts: Sync {
    /// What counts on that day (UTC) in that store, each with its marketplace, in any order. Eventually consistent: what
    /// was written a moment ago may be missing or as it was before.
    fn facts(
        &self,
        store: &StoreId,
        day: jiff::civil::Date,
    ) -> impl Future<Output = Ported<Vec<(Marketplace, Timestamp, metrics::Entry)>>> + Send;
}

/// A day before yesterday whose facts have changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangedDay {
    /// The day (UTC).
    pub day: jiff::civil::Date,
    /// Grows with every write that changes it: tells one state of the mark from another.
    pub changes: u64,
    /// When the last of them was.
    pub at: Timestamp,
}

/// How far a store's rollups have come.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RollupState {
    /// When its days were last rolled up; `None`: never.
    pub rolled_up_at: Option<Timestamp>,
    /// The marketplaces that have rollups.
    pub marketplaces: BTreeSet<Marketplace>,
    /// The days to be rolled up beside the newest ones, oldest first.
    pub changed: Vec<ChangedDay>,
}

/// Reads the rollups of the metrics. A `marketplace` of `None` is the whole store.
pub trait ReadRollups: Sync {
    /// How far the store's rollups have come. Strongly consistent.
    fn rollup_state(&self, store: &StoreId) -> impl Future<Output = Ported<RollupState>> + Send;

    /// The rollups of these days, both ends included; days without one are left out. Eventually consistent.
    fn rollups(
        &self,
        store: &StoreId,
        marketplace: Option<Marketplace>,
        days: (jiff::civil::Date, jiff::civil::Date),
    ) -> impl Future<Output = Ported<BTreeMap<jiff::civil::Date, Rollup>>> + Send;

    /// The windows as they were last written. Strongly consistent.
    fn windows(
        &self,
        store: &StoreId,
        marketplace: Option<Marketplace>,
    ) -> impl Future<Output = Ported<Option<Windows>>> + Send;
}

/// A thread that the index of what is due names: it may have changed since.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    /// The store.
    pub store: StoreId,
    /// The buyer.
    pub buyer: Buyer,
    /// The thread.
    pub thread: ThreadId,
    /// When its next alert is to be raised.
    pub alert_at: Timestamp,
    /// Its deadline.
    pub due_at: Timestamp,
}

/// Finds what a sweep has to look at.
pub trait FindDue: Sync {
    /// Waiting threads whose next alert is at `by` or earlier, the nearest deadline first, at most about `limit`. Eventually
    /// consistent: what was changed a moment ago may still be named as it was, or not yet. Reads nothing of other threads.
    fn due(&self, by: Timestamp, limit: usize) -> impl Future<Output = Ported<Vec<Due>>> + Send;

    /// These threads as they are now, in no order; those that are gone are left out. Strongly consistent.
    fn threads(&self, due: &[Due]) -> impl Future<Output = Ported<Vec<Thread>>> + Send;
}

/// Lists the threads of a store, without a scan. Eventually consistent: what was changed a moment ago may be missing, or be
/// shown as it was.
pub trait ListThreads: Sync {
    /// Threads of the store, the latest opened first, those after `after` in that order, at most `limit`. Fewer than `limit`:
    /// there are no more.
    fn opened(
        &self,
        store: &StoreId,
        after: Option<&ThreadId>,
        limit: usize,
    ) -> impl Future<Output = Ported<Vec<Listed>>> + Send;

    /// Threads of the store that wait, the nearest deadline first, those after this deadline and thread in that order (the
    /// thread itself may wait no more), at most `limit`. Fewer than `limit`: there are no more.
    fn waiting(
        &self,
        store: &StoreId,
        after: Option<(Timestamp, &ThreadId)>,
        limit: usize,
    ) -> impl Future<Output = Ported<Vec<Listed>>> + Send;
}

/// Reads events.
pub trait ReadEvents: Sync {
    /// Events before `before` that nobody was told of, oldest first, at most `limit`.
    fn untold(&self, before: Timestamp, limit: usize) -> impl Future<Output = Ported<Vec<Event>>> + Send;
}

/// Tells other systems what happened.
pub trait PublishEvents: Sync {
    /// Publishes events; gives the keys of those that were taken. Has no idempotency: who listens tells repetitions by
    /// the event's key.
    fn publish(&self, events: &[Event]) -> impl Future<Output = Ported<Vec<Key>>> + Send;
}

/// Tells the operator.
pub trait TellOperator: Sync {
    /// Sends one mail to whoever has asked for alerts.
    fn tell(&self, mail: &AlertMail) -> impl Future<Output = Ported<()>> + Send;
}

/// One part of a write. A write is all of its parts or none.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// The thread as it is to be; `version` is the one it was read with. Refused as [`Refusal::Stale`] unless the stored
    /// version is that (0: unless there is none). Stored with the version after it.
    Thread(Box<Thread>),
    /// The buyer's own record. Refused as [`Refusal::Stale`] unless its version is still `version`.
    Buyer {
        /// The store.
        store: StoreId,
        /// The buyer.
        buyer: Buyer,
        /// The version it was read with.
        version: u64,
        /// When he was last asked for an order id.
        asked_at: Option<Timestamp>,
    },
    /// A message of a thread. Refused as [`Refusal::Duplicate`] if the buyer has one with that key.
    Message(Box<Message>, StoreId, Buyer),
    /// What the metric holds of a message, and whether an answer stands. Refused as [`Refusal::Stale`] if it is gone.
    Mark {
        /// The store.
        store: StoreId,
        /// The buyer.
        buyer: Buyer,
        /// The message.
        message: Key,
        /// When it was received or sent.
        at: Timestamp,
        /// The fact, for a buyer message.
        fact: Option<Fact>,
        /// For an answer: it did not arrive.
        failed: bool,
    },
    /// Marks that a thread hands over: goes with the thread that no longer has them. No condition.
    OlderMails {
        /// The store.
        store: StoreId,
        /// The buyer.
        buyer: Buyer,
        /// The thread.
        thread: ThreadId,
        /// The marks, at least one.
        marks: Vec<MailMark>,
    },
    /// A mail that belongs to no buyer was seen. Refused as [`Refusal::Duplicate`] if it had been.
    Seen {
        /// The store.
        store: StoreId,
        /// The mail's key.
        mail: Key,
        /// When.
        at: Timestamp,
        /// What it was.
        kind: Kind,
        /// Where the raw mail lies.
        raw: String,
        /// The thread it was attached to.
        thread: Option<ThreadId>,
    },
    /// A webhook is believed. Refused as [`Refusal::Duplicate`] if it had been, in the last three days at least.
    Believed {
        /// What names it.
        claim: Key,
        /// When.
        at: Timestamp,
    },
    /// A copy waits for a question with this handle, which is one of its own. No condition.
    CopyWaits(Handle, Box<WaitingCopy>),
    /// It has found it. Refused as [`Refusal::Stale`] unless it waits.
    CopyFound(Handle, Box<WaitingCopy>),
    /// The thread can be found by this handle. No condition.
    Handle(Handle, Box<Thread>),
    /// A new item of the outbox. Refused as [`Refusal::Duplicate`] if there is one with that key.
    Outgoing(Box<Outgoing>),
    /// An item of the outbox moves on. Refused as [`Refusal::Stale`] unless it is in state `from`.
    Move {
        /// The item, as it is to be.
        item: Box<Outgoing>,
        /// The state it must be in.
        from: State,
    },
    /// One more message of the day. Refused as [`Refusal::Spent`] if `limit` are sent.
    Spend {
        /// The store.
        store: StoreId,
        /// The day (UTC).
        day: jiff::civil::Date,
        /// The most that may go out, this kind of mail counted against all.
        limit: u64,
    },
    /// A message that was counted did not go out: its place in the day's budget is free again. No condition.
    Refund {
        /// The store.
        store: StoreId,
        /// The day (UTC) it was counted on.
        day: jiff::civil::Date,
    },
    /// Something happened that others may want to know; nobody was told yet. An alert is refused as [`Refusal::Raised`] if
    /// it was raised before; other events have no condition.
    Event(Box<Event>),
    /// Others were told of this event. No condition.
    Told {
        /// The store.
        store: StoreId,
        /// The event.
        event: Key,
    },
    /// Something a person should see. No condition; the same report again changes nothing.
    Report(Report),
    /// It has come right since: nobody needs to see it any more. No condition.
    Withdraw(Report),
    /// Part of the metrics' rollups.
    Rollup(StoreId, RollupChange),
    /// Part of a buyer of this store is erased.
    Erase(StoreId, Buyer, Erasure),
    /// Stores and tokens: who is served, and who may do what.
    Registry(RegistryChange),
    /// Somebody did something. No condition; the same again changes nothing.
    Did(Box<Did>),
    /// Part of what tells endpoints of others.
    Endpoint(EndpointChange),
}

/// A change of a store's rollups. A `marketplace` of `None` is the whole store.
#[derive(Clone, Debug, PartialEq)]
pub enum RollupChange {
    /// Facts of this day (UTC) change at that time, and nobody would look at the day by himself. Goes with the change of
    /// the facts. No condition.
    DayChanged {
        /// The day.
        day: jiff::civil::Date,
        /// When it changes.
        at: Timestamp,
    },
    /// The rollup of a changed day is up to date. Refused as [`Refusal::Stale`] if it has changed again since it was read
    /// with that many changes.
    DaySettled {
        /// The day.
        day: jiff::civil::Date,
        /// The changes that were read.
        changes: u64,
        /// When it is settled.
        at: Timestamp,
    },
    /// What a day comes to. No condition.
    Day {
        /// The marketplace.
        marketplace: Option<Marketplace>,
        /// The day.
        day: jiff::civil::Date,
        /// Its rollup.
        rollup: Rollup,
    },
    /// The windows as they are now. No condition.
    Windows {
        /// The marketplace.
        marketplace: Option<Marketplace>,
        /// Their numbers.
        windows: Windows,
        /// The time they are seen from.
        at: Timestamp,
    },
    /// All days were rolled up that needed it at that time; these marketplaces have rollups now, beside those that had.
    /// No condition.
    RolledUp {
        /// When.
        at: Timestamp,
        /// The marketplaces.
        marketplaces: BTreeSet<Marketplace>,
    },
}

/// Why a write was refused. Nothing of it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Refusal {
    /// It was there before.
    Duplicate,
    /// What was read has changed since: read again, decide again.
    Stale,
    /// The day's budget is spent.
    Spent,
    /// The alert was raised before.
    Raised,
}

/// A write that did not happen.
#[derive(Debug, thiserror::Error)]
pub enum CommitError {
    /// A condition did not hold. Of several the most telling: duplicate before stale before spent before raised.
    #[error("refused: {0:?}")]
    Refused(Refusal),
    /// The world did not answer. Whether the write happened is not known: repeat it, its conditions make that safe.
    #[error(transparent)]
    Port(#[from] PortError),
}

/// Writes.
pub trait Commit: Sync {
    /// Writes all of the changes or none, at most 100.
    fn commit(&self, changes: Vec<Change>) -> impl Future<Output = Result<(), CommitError>> + Send;
}

/// What the mail service said of a letter it took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// When it took it.
    pub at: Timestamp,
    /// The Message-ID it gave the mail instead of ours.
    pub message_id: Option<MessageId>,
}

/// A letter that was not, or perhaps not, sent.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// Not sent, and never will be: address or content refused.
    #[error("the mail was refused: {code}")]
    Refused {
        /// The service's error code.
        code: String,
    },
    /// Not sent, for now: throttled, sending paused. Trying again is safe.
    #[error("the mail was not taken: {code}")]
    NotNow {
        /// The service's error code.
        code: String,
    },
    /// Nobody can tell: the connection broke or timed out after the request had gone out. Not to be tried again.
    #[error("the mail may have been sent: {code}")]
    Unknown {
        /// What broke.
        code: String,
    },
}

/// Sends mail.
pub trait SendMail: Sync {
    /// Sends one letter, once. Has no idempotency: calling twice sends twice.
    fn send(&self, letter: &Letter) -> impl Future<Output = Result<Accepted, SendError>> + Send;
}

/// Reads the secrets by which stores know their helpdesks.
pub trait ReadSecrets: Sync {
    /// The active secrets, at most some minutes old.
    fn webhook_secrets(&self) -> impl Future<Output = Ported<Arc<Secrets>>> + Send;
}

/// Takes webhooks off the hands of who received them.
pub trait QueueWebhook: Sync {
    /// Stores the call until it is dealt with, at least once. After `Ok` it is not lost.
    fn queue(&self, told: &Told) -> impl Future<Output = Ported<()>> + Send;
}
