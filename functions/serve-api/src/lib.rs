//! `serve-api`: the HTTP API under `/v1`, as one axum router that Lambda and the local server run alike. Each operation is one
//! call of a use case; `infra/openapi.yaml` describes them all, and tests hold the two together.
//!
//! A file a resource; `wire` has what goes over the line. Tokens, scopes, problems and request ids come from
//! [`within24::lambda::api`].

mod cursor;
mod document;
mod threads;
mod wire;

use std::sync::Arc;

use axum::Router;
use axum::http::Method;
use within24::domain::token::Role;
use within24::lambda::api::{Edge, Part, Routes, whole};
use within24::lambda::env::{ConfigError, Settings};
use within24::ports::{
    Commit, FindStore, FindThreads, FindTokens, ListStores, ListThreads, ReadBuyer, ReadDeeds, ReadOutbox, ReadReports,
    ReadRollups, ShowThreads,
};

/// Settings.
#[derive(Debug)]
pub struct Config {
    /// The DynamoDB table.
    pub table: String,
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
            log_level: settings.optional("LOG_LEVEL"),
        };
        settings.finish(config)
    }
}

/// All that the operations need of the world.
pub trait World:
    Commit
    + FindStore
    + FindThreads
    + FindTokens
    + ListStores
    + ListThreads
    + ReadBuyer
    + ReadDeeds
    + ReadOutbox
    + ReadReports
    + ReadRollups
    + ShowThreads
    + Send
    + 'static
{
}

impl<W> World for W where
    W: Commit
        + FindStore
        + FindThreads
        + FindTokens
        + ListStores
        + ListThreads
        + ReadBuyer
        + ReadDeeds
        + ReadOutbox
        + ReadReports
        + ReadRollups
        + ShowThreads
        + Send
        + 'static
{
}

/// The whole API on this world.
pub fn router<W: World>(world: Arc<W>, edge: Edge) -> Router {
    whole([part(world, edge.clone())], edge)
}

/// The operations alone, to be joined with those of other functions by [`whole`].
pub fn part<W: World>(world: Arc<W>, edge: Edge) -> Part {
    const THREADS: &str = "/v1/stores/{store}/threads";
    const THREAD: &str = "/v1/stores/{store}/threads/{thread}";
    Routes::new(world, edge)
        .open("/v1/health", document::health)
        .open("/v1/openapi.json", document::openapi)
        .in_store((Method::GET, THREADS), Role::Agent, threads::PARAMETERS, threads::list)
        .in_store((Method::GET, THREAD), Role::Agent, &[], threads::show)
        .part()
}
