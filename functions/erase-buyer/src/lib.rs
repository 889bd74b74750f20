//! `erase-buyer`: one operation of the HTTP API, `DELETE /v1/stores/{store}/buyers/{buyer}`, one call of
//! [`within24::app::erase::erase`]. A function of its own, since nothing else may delete rows or mail.
//!
//! It answers with a proof: what was removed and what stays, when and by whom; all zero where nothing was kept.
//! 409: a mail to the buyer is being sent at this moment.

use std::sync::Arc;

use axum::Router;
use axum::http::{Method, StatusCode};
use axum::response::Response;
use jiff::Timestamp;
use within24::app::erase::{EraseError, Erased, erase};
use within24::domain::alias::Buyer;
use within24::domain::deed::{By, Deed, Did};
use within24::domain::personal::Personal;
use within24::domain::store::StoreId;
use within24::domain::token::Role;
use within24::lambda::api::{Call, Edge, Part, Problem, Routes, json, whole};
use within24::lambda::env::{ConfigError, Settings};
use within24::ports::{Change, Commit, EraseMail, FindStore, FindTokens, ReadHoldings};
use within24::wire::erasure::{ErasureProof, KeptOut, RemovedOut};
use within24::wire::trace::ByOut;

/// Settings.
#[derive(Debug)]
pub struct Config {
    /// The DynamoDB table.
    pub table: String,
    /// The bucket of raw mail.
    pub bucket: String,
    /// How much is logged.
    pub log_level: Option<String>,
}

impl Config {
    /// Reads the settings.
    ///
    /// # Errors
    /// All that is missing, at once.
    pub fn from_lookup(lookup: &dyn Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let mut settings = Settings::new(lookup);
        let config = Self {
            table: settings.required("TABLE_NAME"),
            bucket: settings.required("MAIL_BUCKET"),
            log_level: settings.optional("LOG_LEVEL"),
        };
        settings.finish(config)
    }
}

/// The whole API of this function.
pub fn router<W, M>(world: Arc<W>, mails: Arc<M>, edge: Edge) -> Router
where
    W: FindTokens + FindStore + ReadHoldings + Commit + Send + 'static,
    M: EraseMail + Send + 'static,
{
    whole([part(world, mails, edge.clone())], edge)
}

/// The operation alone, to be joined with those of other functions by [`whole`].
pub fn part<W, M>(world: Arc<W>, mails: Arc<M>, edge: Edge) -> Part
where
    W: FindTokens + FindStore + ReadHoldings + Commit + Send + 'static,
    M: EraseMail + Send + 'static,
{
    const BUYER: &str = "/v1/stores/{store}/buyers/{buyer}";
    let handler = move |call: Call<W>, store: StoreId| {
        let mails = Arc::clone(&mails);
        async move { forget(&call, &*mails, &store).await }
    };
    Routes::new(world, edge)
        .in_store((Method::DELETE, BUYER), Role::Admin, &[], handler)
        .part()
}

async fn forget<W, M>(call: &Call<W>, mails: &M, store: &StoreId) -> Result<Response, Problem>
where
    W: FindStore + ReadHoldings + Commit,
    M: EraseMail,
{
    let no_buyer =
        || Problem::not_found("a buyer is named by his relay address, like a1b2c3d4e5f6g7@marketplace.amazon.de");
    let buyer = Buyer::parse(call.path("buyer")).ok_or_else(no_buyer)?;
    if call.world.store(store).await?.is_none() {
        return Err(Problem::no_such_store());
    }
    let (by, now) = (call.by(), call.now);
    let traced = |erased: &Erased| Some(trace(store, &by, erased, now));
    match erase(&*call.world, mails, store, &buyer, now, traced).await {
        Ok(erased) => json(StatusCode::OK, &proof(store, &by, &erased, now)),
        Err(error @ EraseError::Sending) => {
            Err(Problem::conflict("sending", "A mail is being sent", error.to_string()))
        }
        Err(EraseError::Port(error)) => Err(error.into()),
    }
}

/// What was removed, what stays, when and by whom.
fn proof(store: &StoreId, by: &By, erased: &Erased, now: Timestamp) -> ErasureProof {
    ErasureProof {
        store: store.as_str().to_owned(),
        erased_at: now,
        erased_by: ByOut::of(by),
        removed: RemovedOut {
            threads: erased.threads,
            messages: erased.messages,
            outgoing_mails: erased.outbox,
            other_rows: erased.traces,
            files: erased.files,
            file_versions: erased.versions,
        },
        kept: KeptOut {
            metric_facts: erased.facts_kept,
        },
    }
}

/// Who had a buyer erased, and how much: nothing of the buyer.
fn trace(store: &StoreId, by: &By, erased: &Erased, now: Timestamp) -> Change {
    let about = format!(
        "{} threads, {} messages, {} files",
        erased.threads, erased.messages, erased.files
    );
    let did = Did::new(
        Some(store),
        now,
        by,
        Deed::BuyerErased,
        None,
        Some(Personal::new(about)),
    );
    Change::Did(Box::new(did))
}
