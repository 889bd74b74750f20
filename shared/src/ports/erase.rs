//! Erasing all that is kept of one buyer (GDPR, article 17).

use std::future::Future;

use super::Ported;
use crate::domain::alias::Buyer;
use crate::domain::message::Message;
use crate::domain::outgoing::Outgoing;
use crate::domain::store::StoreId;
use crate::domain::thread::Thread;

/// A row of storage that names the buyer, or holds words of his or to him, beside those that have a type of their own. Only
/// the world that gave it can read it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Trace(pub(crate) String, pub(crate) String);

impl std::fmt::Debug for Trace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("<trace of a buyer>")
    }
}

/// All that is kept of one buyer at one store.
#[derive(Clone, Debug, Default)]
pub struct Holdings {
    /// His threads.
    pub threads: Vec<Thread>,
    /// Every message of them.
    pub messages: Vec<Message>,
    /// What was to be sent to him, whatever became of it.
    pub outbox: Vec<Outgoing>,
    /// Everything else.
    pub traces: Vec<Trace>,
    /// The version of his own record, where there is one.
    pub record: Option<u64>,
}

impl Holdings {
    /// Whether nothing is kept.
    pub fn is_empty(&self) -> bool {
        self.threads.is_empty()
            && self.messages.is_empty()
            && self.outbox.is_empty()
            && self.traces.is_empty()
            && self.record.is_none()
    }
}

/// Reads all that is kept of a buyer.
pub trait ReadHoldings: Sync {
    /// Everything, in any order. Strongly consistent, but for traces: one that was written a moment ago may be missing.
    fn holdings(&self, store: &StoreId, buyer: &Buyer) -> impl Future<Output = Ported<Holdings>> + Send;
}

/// Erases raw mail and files.
pub trait EraseMail: Sync {
    /// Erases what lies at `place`, with every earlier version of it; gives their number. Nothing there is no error.
    fn erase(&self, place: &str) -> impl Future<Output = Ported<u64>> + Send;
}

/// One part of what is erased.
#[derive(Clone, Debug, PartialEq)]
pub enum Erasure {
    /// A message. What the metric counts of it stays, without the buyer. Refused as [`Stale`](super::Refusal::Stale) if it is
    /// gone or counts as something else now.
    Message(Box<Message>),
    /// An item of the outbox. Refused as [`Stale`](super::Refusal::Stale) if it has moved on since it was read.
    Outgoing(Box<Outgoing>),
    /// Something else. No condition.
    Trace(Trace),
    /// A thread. Refused as [`Stale`](super::Refusal::Stale) if it was written since it was read.
    Thread(Box<Thread>),
    /// The buyer's own record. Refused as [`Stale`](super::Refusal::Stale) unless its version is this.
    Record(u64),
}
