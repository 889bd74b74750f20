//! Operations and who may call them. A handler is reached only through the check of the token: none can forget it.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{FromRequestParts as _, RawPathParams, Request};
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method};
use axum::response::Response;
use axum::routing::{MethodFilter, on};

use super::limit::Buckets;
use super::{Call, Edge, MOST_BYTES, Problem, RequestId};
use crate::app::access;
use crate::domain::store::StoreId;
use crate::domain::token::{Role, Token};
use crate::lambda::emf::{Measurement, Metric};
use crate::ports::{Commit, FindTokens};

/// Who may call an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    /// Anybody, without a token.
    Nothing,
    /// Who has this role in the store that the path names. To others the store is not there.
    InStore(Role),
    /// Who has this role in some store.
    Somewhere(Role),
    /// Who has this role everywhere.
    Everywhere(Role),
}

/// An operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operation {
    /// Its method.
    pub method: Method,
    /// Its path, as in the OpenAPI document.
    pub path: &'static str,
    /// Who may call it.
    pub needs: Needs,
    /// The parameters of its query; any other is refused.
    pub query: &'static [&'static str],
}

/// The finished operations of a function.
pub struct Part {
    pub(super) router: Router,
    /// What they are.
    pub operations: Vec<Operation>,
}

/// Operations in the making.
pub struct Routes<W> {
    desk: Arc<Desk<W>>,
    part: Part,
}

/// What the check of a request needs.
struct Desk<W> {
    world: Arc<W>,
    edge: Edge,
    buckets: Buckets,
}

type Answered<'a> = Pin<Box<dyn Future<Output = Result<Response, Problem>> + Send + 'a>>;

impl<W> Routes<W>
where
    W: FindTokens + Commit + Send + 'static,
{
    /// No operations yet, on this world.
    pub fn new(world: Arc<W>, edge: Edge) -> Self {
        let desk = Arc::new(Desk {
            world,
            edge,
            buckets: Buckets::default(),
        });
        let part = Part {
            router: Router::new(),
            operations: Vec::new(),
        };
        Self { desk, part }
    }

    /// An operation that anybody may call; it depends on nothing.
    #[must_use]
    pub fn open(mut self, path: &'static str, answer: fn() -> Response) -> Self {
        let handler = move |request: Request| async move {
            let (parts, _) = request.into_parts();
            match read_query(&parts, &[]) {
                Ok(_) => answer(),
                Err(problem) => problem.answer(&id_of(&parts)),
            }
        };
        self.part.router = self.part.router.route(path, on(MethodFilter::GET, handler));
        self.list(Method::GET, path, Needs::Nothing, &[]);
        self
    }

    /// An operation on the store that the path names as `{store}`.
    #[must_use]
    pub fn in_store<H, F>(
        self,
        (method, path): (Method, &'static str),
        role: Role,
        query: &'static [&'static str],
        handler: H,
    ) -> Self
    where
        H: Fn(Call<W>, StoreId) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = Result<Response, Problem>> + Send + 'static,
    {
        self.on(method, path, Needs::InStore(role), query, move |call| {
            // A name that no store can have is no store's.
            let store = StoreId::parse(call.path("store"));
            let handler = handler.clone();
            async move { handler(call, store.ok_or_else(Problem::no_such_store)?).await }
        })
    }

    /// An operation for whoever has this role in some store.
    #[must_use]
    pub fn somewhere<H, F>(
        self,
        (method, path): (Method, &'static str),
        role: Role,
        query: &'static [&'static str],
        handler: H,
    ) -> Self
    where
        H: Fn(Call<W>) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = Result<Response, Problem>> + Send + 'static,
    {
        self.on(method, path, Needs::Somewhere(role), query, handler)
    }

    /// An operation for whoever has this role everywhere.
    #[must_use]
    pub fn everywhere<H, F>(
        self,
        (method, path): (Method, &'static str),
        role: Role,
        query: &'static [&'static str],
        handler: H,
    ) -> Self
    where
        H: Fn(Call<W>) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = Result<Response, Problem>> + Send + 'static,
    {
        self.on(method, path, Needs::Everywhere(role), query, handler)
    }

    /// The operations, finished.
    pub fn part(self) -> Part {
        self.part
    }

    fn list(&mut self, method: Method, path: &'static str, needs: Needs, query: &'static [&'static str]) {
        self.part.operations.push(Operation {
            method,
            path,
            needs,
            query,
        });
    }

    fn on<H, F>(
        mut self,
        method: Method,
        path: &'static str,
        needs: Needs,
        query: &'static [&'static str],
        handler: H,
    ) -> Self
    where
        H: Fn(Call<W>) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = Result<Response, Problem>> + Send + 'static,
    {
        let filter = MethodFilter::try_from(method.clone()).expect("a method of HTTP's own");
        let desk = Arc::clone(&self.desk);
        let service = move |request: Request| {
            let (desk, handler) = (Arc::clone(&desk), handler.clone());
            async move {
                let (mut parts, body) = request.into_parts();
                let id = id_of(&parts);
                let mut seen = Seen::default();
                let answered = desk.answer(&mut parts, body, needs, query, &handler, &mut seen).await;
                desk.log(&parts.method, path, &id, &seen, answered)
            }
        };
        self.part.router = self.part.router.route(path, on(filter, service));
        self.list(method, path, needs, query);
        self
    }
}

/// What is known of a request when it is logged.
#[derive(Default)]
struct Seen {
    token: Option<String>,
    store: Option<String>,
}

impl<W> Desk<W>
where
    W: FindTokens + Commit + Send + 'static,
{
    fn answer<'a, H, F>(
        self: &'a Arc<Self>,
        parts: &'a mut Parts,
        body: Body,
        needs: Needs,
        query: &'static [&'static str],
        handler: &'a H,
        seen: &'a mut Seen,
    ) -> Answered<'a>
    where
        H: Fn(Call<W>) -> F + Send + Sync,
        F: Future<Output = Result<Response, Problem>> + Send + 'a,
    {
        Box::pin(async move {
            let now = (self.edge.now)();
            let token = match bearer(&parts.headers) {
                Some(text) => access::opened(&*self.world, text, now).await?,
                None => None,
            };
            let token = token.ok_or_else(Problem::unauthorized)?;
            seen.token = Some(token.id.as_str().to_owned());
            let bucket = self.buckets.take(&token.id, self.edge.limit, now);
            bucket.map_err(|seconds| Problem::too_many(whole_seconds(seconds)))?;
            let path = read_path(parts).await?;
            seen.store = allowed(&token, needs, &path)?;
            let query = read_query(parts, query)?;
            let body = match parts.method {
                Method::POST | Method::PUT => to_bytes(body, MOST_BYTES).await,
                // What comes with another method means nothing.
                _ => Ok(Bytes::new()),
            };
            let body = body.map_err(|_| Problem::too_large(MOST_BYTES))?;
            handler(Call {
                world: Arc::clone(&self.world),
                now,
                random: Arc::clone(&self.edge.random),
                token,
                path,
                query,
                headers: std::mem::take(&mut parts.headers),
                body,
            })
            .await
        })
    }

    /// One line for each request, without its path and query: they may name a buyer.
    fn log(
        &self,
        method: &Method,
        path: &'static str,
        id: &RequestId,
        seen: &Seen,
        answered: Result<Response, Problem>,
    ) -> Response {
        let (status, cause) = match &answered {
            Ok(response) => (response.status(), None),
            Err(problem) => (problem.status(), problem.cause()),
        };
        let (token, store) = (seen.token.as_deref(), seen.store.as_deref());
        if status.is_server_error() {
            tracing::error!(request.id = id.0, http.method = %method, http.route = path, http.status = status.as_u16(),
                token.id = token, store.id = store, error = cause, "a request failed");
        } else {
            tracing::info!(request.id = id.0, http.method = %method, http.route = path, http.status = status.as_u16(),
                token.id = token, store.id = store, "answered a request");
        }
        if seen.token.is_none() && !status.is_server_error() {
            let refused = Measurement::new((self.edge.now)()).value(Metric::TokensRefused, 1.0);
            (self.edge.measure)(&refused.property("route", path));
        }
        answered.unwrap_or_else(|problem| problem.answer(id))
    }
}

/// The store that the caller is allowed to work in, where the operation works in one.
fn allowed(token: &Token, needs: Needs, path: &[(String, String)]) -> Result<Option<String>, Problem> {
    let (has, wanted, store) = match needs {
        Needs::Nothing => return Ok(None),
        Needs::Somewhere(role) => (token.scopes.somewhere(), role, None),
        Needs::Everywhere(role) => (token.scopes.all_over(), role, None),
        Needs::InStore(role) => {
            let name = path.iter().find(|(name, _)| name == "store").map(|(_, value)| value);
            let no_name = || Problem::not_found("a store's name has 1 to 40 letters, digits, dashes and underscores");
            let store = name.and_then(|name| StoreId::parse(name)).ok_or_else(no_name)?;
            let has = token.scopes.in_store(&store).ok_or_else(Problem::no_such_store)?;
            (Some(has), role, Some(store.as_str().to_owned()))
        }
    };
    if has.is_some_and(|has| has >= wanted) {
        return Ok(store);
    }
    let reach = match needs {
        Needs::Everywhere(_) => " of all stores",
        Needs::Somewhere(_) => " of a store",
        _ => " of this store",
    };
    Err(Problem::forbidden(format!(
        "this needs a token of role {}{reach}",
        wanted.as_str()
    )))
}

/// The token of the one header that holds it (RFC 6750, section 2.1).
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let (scheme, token) = values.next()?.to_str().ok()?.split_once(' ')?;
    (values.next().is_none() && scheme.eq_ignore_ascii_case("bearer")).then(|| token.trim())
}

fn id_of(parts: &Parts) -> RequestId {
    parts.extensions.get().cloned().unwrap_or(RequestId(String::new()))
}

async fn read_path(parts: &mut Parts) -> Result<Vec<(String, String)>, Problem> {
    let params = RawPathParams::from_request_parts(parts, &()).await;
    let params = params.map_err(|_| Problem::bad_request("the path is no UTF-8"))?;
    Ok(params
        .iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect())
}

fn read_query(parts: &Parts, known: &[&str]) -> Result<Vec<(String, String)>, Problem> {
    let text = parts.uri.query().unwrap_or_default().as_bytes();
    let mut query: Vec<(String, String)> = Vec::new();
    for (name, value) in form_urlencoded::parse(text) {
        if !known.contains(&name.as_ref()) {
            let all = if known.is_empty() {
                "none".to_owned()
            } else {
                known.join(", ")
            };
            return Err(Problem::bad_request(format!(
                "the query has a parameter that is not known here; known: {all}"
            )));
        }
        if query.iter().any(|(before, _)| *before == name) {
            return Err(Problem::bad_request(format!("the parameter {name} is given twice")));
        }
        query.push((name.into_owned(), value.into_owned()));
    }
    Ok(query)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a few positive seconds"
)]
fn whole_seconds(seconds: f64) -> u64 {
    seconds.ceil() as u64
}
