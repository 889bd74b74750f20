//! What people are shown. They can bear that it is a moment old, so the reads are eventually consistent, at half the price.

use std::future::Future;

use jiff::Timestamp;

use super::Ported;
use crate::domain::key::Key;
use crate::domain::message::Message;
use crate::domain::outgoing::Outgoing;
use crate::domain::report::Report;
use crate::domain::store::StoreId;
use crate::domain::thread::{Thread, ThreadId};

/// A place in a list that is sorted by time.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The time.
    pub at: Timestamp,
    /// Tells apart what has the same time.
    pub key: Key,
}

/// Shows threads.
pub trait ShowThreads: Sync {
    /// The thread of the store with this id. Eventually consistent.
    fn shown(&self, store: &StoreId, thread: &ThreadId) -> impl Future<Output = Ported<Option<Thread>>> + Send;

    /// Its messages, oldest first; of the same moment the buyer's before ours. Eventually consistent.
    fn shown_messages(&self, thread: &Thread) -> impl Future<Output = Ported<Vec<Message>>> + Send;

    /// All of the outbox that belongs to it, oldest first. Eventually consistent.
    fn shown_outbox(&self, thread: &Thread) -> impl Future<Output = Ported<Vec<Outgoing>>> + Send;
}

/// Reads what a person must see.
pub trait ReadReports: Sync {
    /// The reports of the store that stand, the latest first, those before `before` in that order, at most `limit`. Eventually
    /// consistent.
    fn standing_reports(
        &self,
        store: &StoreId,
        before: Option<&Place>,
        limit: usize,
    ) -> impl Future<Output = Ported<Vec<Report>>> + Send;
}
