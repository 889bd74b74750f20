//! `serve-api`: the HTTP API under `/v1`, as one axum router that Lambda and the local server run alike. Each operation is one
//! call of a use case; `infra/openapi.yaml` describes them all, and tests hold the two together.
//!
//! A file a resource; [`within24::wire`] has the bodies. Tokens, scopes, problems and request ids come from
//! [`within24::lambda::api`].

mod answers;
mod cursor;
mod decisions;
mod document;
mod drafts;
mod endpoints;
mod export;
mod metrics;
mod screen;
mod settings;
mod stores;
mod threads;
mod tokens;
mod trace;

use std::sync::Arc;

use axum::Router;
use axum::http::Method;
use within24::domain::token::Role;
use within24::lambda::api::{Edge, Part, Routes, whole};
use within24::lambda::env::{ConfigError, Settings};
use within24::ports::{
    Commit, FindCalls, FindEndpoints, FindEvent, FindStore, FindThreads, FindTokens, KeepAttachment, ListCalls,
    ListStores, ListThreads, QueueCall, ReadBuyer, ReadDeeds, ReadOutbox, ReadReports, ReadRollups, ShowThreads,
};

/// Settings.
#[derive(Debug)]
pub struct Config {
    /// The DynamoDB table.
    pub table: String,
    /// The bucket in which files of answers are kept.
    pub bucket: String,
    /// The queue of calls to endpoints.
    pub queue: String,
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
            queue: settings.required("OUTGOING_QUEUE_URL"),
            log_level: settings.optional("LOG_LEVEL"),
        };
        settings.finish(config)
    }
}

/// All that the operations need of the world.
pub trait World:
    Commit
    + FindCalls
    + FindEndpoints
    + FindEvent
    + FindStore
    + FindThreads
    + FindTokens
    + ListCalls
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
        + FindCalls
        + FindEndpoints
        + FindEvent
        + FindStore
        + FindThreads
        + FindTokens
        + ListCalls
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

/// The whole API on this world; files of answers are kept in `files`, calls to endpoints are queued in `queue`.
pub fn router<W, B, Q>(world: Arc<W>, files: Arc<B>, queue: Arc<Q>, edge: Edge) -> Router
where
    W: World,
    B: KeepAttachment + Send + 'static,
    Q: QueueCall + Send + 'static,
{
    whole([part(world, files, queue, edge.clone())], edge)
}

/// The operations alone, to be joined with those of other functions by [`whole`].
pub fn part<W, B, Q>(world: Arc<W>, files: Arc<B>, queue: Arc<Q>, edge: Edge) -> Part
where
    W: World,
    B: KeepAttachment + Send + 'static,
    Q: QueueCall + Send + 'static,
{
    let routes = Routes::new(world, edge)
        .open("/v1/health", document::health)
        .open("/v1/openapi.json", document::openapi);
    administration(of_endpoints(of_store(of_thread(routes, files)), queue)).part()
}

/// What concerns one thread.
fn of_thread<W, B>(routes: Routes<W>, files: Arc<B>) -> Routes<W>
where
    W: World,
    B: KeepAttachment + Send + 'static,
{
    const THREAD: &str = "/v1/stores/{store}/threads/{thread}";
    const ANSWERS: &str = "/v1/stores/{store}/threads/{thread}/answers";
    const ANSWER: &str = "/v1/stores/{store}/threads/{thread}/answers/{answer}";
    const NO_RESPONSE_NEEDED: &str = "/v1/stores/{store}/threads/{thread}/no-response-needed";
    const REOPEN: &str = "/v1/stores/{store}/threads/{thread}/reopen";
    const READ: &str = "/v1/stores/{store}/threads/{thread}/read";
    const TAGS: &str = "/v1/stores/{store}/threads/{thread}/tags";
    const ASSIGNEE: &str = "/v1/stores/{store}/threads/{thread}/assignee";
    const EXPORT: &str = "/v1/stores/{store}/threads/{thread}/export";
    use Method as M;
    let agent = Role::Agent;
    let hand_in = move |call, store| answers::hand_in_one(call, Arc::clone(&files), store);
    routes
        .in_store((M::GET, THREAD), agent, &[], threads::show)
        .in_store((M::GET, ANSWERS), agent, &[], answers::list)
        .in_store((M::POST, ANSWERS), agent, &[], hand_in)
        .in_store((M::GET, ANSWER), agent, &[], answers::show)
        .in_store((M::POST, NO_RESPONSE_NEEDED), agent, &[], decisions::no_response_needed)
        .in_store((M::POST, REOPEN), agent, &[], decisions::reopen)
        .in_store((M::POST, READ), agent, &[], decisions::read)
        .in_store((M::POST, TAGS), agent, &[], decisions::tag)
        .in_store((M::PUT, ASSIGNEE), agent, &[], decisions::assign)
        .in_store((M::DELETE, ASSIGNEE), agent, &[], decisions::unassign)
        .in_store((M::GET, EXPORT), Role::Lead, export::PARAMETERS, export::thread)
}

/// What concerns one store.
fn of_store<W: World>(routes: Routes<W>) -> Routes<W> {
    const STORE: &str = "/v1/stores/{store}";
    const THREADS: &str = "/v1/stores/{store}/threads";
    const SCREEN: &str = "/v1/stores/{store}/screen";
    const METRICS: &str = "/v1/stores/{store}/metrics";
    const DAYS: &str = "/v1/stores/{store}/metrics/days";
    const REPORTS: &str = "/v1/stores/{store}/reports";
    const CHANGES: &str = "/v1/stores/{store}/changes";
    use Method as M;
    let (agent, lead, admin) = (Role::Agent, Role::Lead, Role::Admin);
    routes
        .in_store((M::GET, STORE), admin, &[], stores::show)
        .in_store((M::PUT, STORE), admin, &[], stores::put)
        .in_store((M::GET, THREADS), agent, threads::PARAMETERS, threads::list)
        .in_store((M::POST, SCREEN), agent, &[], screen::drafts)
        .in_store((M::GET, METRICS), agent, &[], metrics::windows)
        .in_store((M::GET, DAYS), agent, metrics::DAY_PARAMETERS, metrics::days)
        .in_store((M::GET, REPORTS), agent, trace::PARAMETERS, trace::reports)
        .in_store((M::GET, CHANGES), lead, trace::PARAMETERS, trace::changes)
}

/// What other systems are told of a store.
fn of_endpoints<W, Q>(routes: Routes<W>, queue: Arc<Q>) -> Routes<W>
where
    W: World,
    Q: QueueCall + Send + 'static,
{
    const ENDPOINTS: &str = "/v1/stores/{store}/endpoints";
    const ENDPOINT: &str = "/v1/stores/{store}/endpoints/{endpoint}";
    const DISABLE: &str = "/v1/stores/{store}/endpoints/{endpoint}/disable";
    const ENABLE: &str = "/v1/stores/{store}/endpoints/{endpoint}/enable";
    const SECRET: &str = "/v1/stores/{store}/endpoints/{endpoint}/secret";
    const CALLS: &str = "/v1/stores/{store}/endpoints/{endpoint}/calls";
    const REPLAY: &str = "/v1/stores/{store}/endpoints/{endpoint}/replay";
    use Method as M;
    let admin = Role::Admin;
    let replay = move |call, store| endpoints::replay(call, Arc::clone(&queue), store);
    routes
        .in_store((M::GET, ENDPOINTS), admin, &[], endpoints::list)
        .in_store((M::POST, ENDPOINTS), admin, &[], endpoints::make)
        .in_store((M::GET, ENDPOINT), admin, &[], endpoints::show)
        .in_store((M::DELETE, ENDPOINT), admin, &[], endpoints::delete)
        .in_store((M::POST, DISABLE), admin, &[], endpoints::disable)
        .in_store((M::POST, ENABLE), admin, &[], endpoints::enable)
        .in_store((M::POST, SECRET), admin, &[], endpoints::renew_secret)
        .in_store((M::GET, CALLS), admin, endpoints::CALL_PARAMETERS, endpoints::calls)
        .in_store((M::POST, REPLAY), admin, &[], replay)
}

/// What concerns more than one store.
fn administration<W: World>(routes: Routes<W>) -> Routes<W> {
    use Method as M;
    let (agent, admin) = (Role::Agent, Role::Admin);
    routes
        .somewhere((M::GET, "/v1/stores"), agent, &[], stores::list)
        .somewhere((M::GET, "/v1/tokens"), admin, &[], tokens::list)
        .somewhere((M::POST, "/v1/tokens"), admin, &[], tokens::make_one)
        .somewhere((M::DELETE, "/v1/tokens/{token}"), admin, &[], tokens::revoke_one)
        .everywhere(
            (M::GET, "/v1/changes"),
            admin,
            trace::PARAMETERS,
            trace::changes_everywhere,
        )
}
