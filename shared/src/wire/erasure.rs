//! The proof that a buyer was erased (GDPR, article 17): nothing in it names them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::trace::ByOut;

/// What was removed, what stays, when and by whom.
#[derive(Clone, Deserialize, Serialize)]
pub struct ErasureProof {
    pub store: String,
    pub erased_at: Timestamp,
    pub erased_by: ByOut,
    pub removed: RemovedOut,
    pub kept: KeptOut,
}

/// Rows of the table, and objects of the bucket.
#[derive(Clone, Deserialize, Serialize)]
pub struct RemovedOut {
    pub threads: u64,
    pub messages: u64,
    pub outgoing_mails: u64,
    pub other_rows: u64,
    pub files: u64,
    pub file_versions: u64,
}

/// What the metrics count, without the buyer.
#[derive(Clone, Deserialize, Serialize)]
pub struct KeptOut {
    pub metric_facts: u64,
}
