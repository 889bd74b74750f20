//! Stores and tokens as people change them, and the trace of what people did.

use std::future::Future;

use jiff::Timestamp;
use jiff::civil::Date;

use super::{Place, Ported};
use crate::domain::deed::Did;
use crate::domain::store::{Store, StoreId};
use crate::domain::token::{Token, TokenId};

/// Finds tokens.
pub trait FindTokens: Sync {
    /// The token with this id, also one that has ended. Eventually consistent: what was made or revoked a moment ago may be
    /// as it was before.
    fn token(&self, id: &TokenId) -> impl Future<Output = Ported<Option<Token>>> + Send;

    /// Every token, by id. Strongly consistent.
    fn tokens(&self) -> impl Future<Output = Ported<Vec<Token>>> + Send;
}

/// Reads who did what.
pub trait ReadDeeds: Sync {
    /// What was done in this store, or with `None` in all of them, the latest first, what is before `before` in that order, at
    /// most `limit`. Eventually consistent.
    fn deeds(
        &self,
        store: Option<&StoreId>,
        before: Option<&Place>,
        limit: usize,
    ) -> impl Future<Output = Ported<Vec<Did>>> + Send;
}

/// A change of stores or tokens.
#[derive(Clone, Debug, PartialEq)]
pub enum RegistryChange {
    /// The settings of a store. Refused as [`super::Refusal::Stale`] unless the store was read with this recipient, `None`:
    /// unless there was none.
    Store {
        /// The store as it is to be.
        store: Box<Store>,
        /// The recipient it was read with.
        recipient: Option<String>,
    },
    /// The store is in the list of stores. No condition.
    Listed(StoreId),
    /// The mail for this recipient is this store's. Refused as [`super::Refusal::Duplicate`] if it is another's.
    Takes {
        /// The store.
        store: StoreId,
        /// The recipient, in lower case.
        recipient: String,
    },
    /// It no longer is. Refused as [`super::Refusal::Stale`] unless it was.
    Leaves {
        /// The store.
        store: StoreId,
        /// The recipient.
        recipient: String,
        /// When.
        at: Timestamp,
    },
    /// A new token. Refused as [`super::Refusal::Duplicate`] if there is one with that id.
    TokenMade(Box<Token>),
    /// A token opens nothing any more. Refused as [`super::Refusal::Stale`] unless it is there and was not revoked.
    TokenRevoked {
        /// The token.
        id: TokenId,
        /// When.
        at: Timestamp,
    },
    /// A token was used on this day. Refused as [`super::Refusal::Stale`] unless it is there and was not used on that day or
    /// later.
    TokenUsed {
        /// The token.
        id: TokenId,
        /// The day (UTC).
        day: Date,
    },
}
