//! What the functions behind `/v1` of the HTTP API share: each operation says who may call it, and nobody else gets to its
//! handler; errors are Problem Details; every answer has a request id.
//!
//! A function gives its operations as [`Routes`]; [`whole`] makes one router of the parts of one function (in Lambda) or of all
//! (on one machine). The same router runs in both.

mod call;
mod envelope;
mod limit;
mod problem;
mod routes;

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, HeaderValue, LOCATION};
use axum::middleware::from_fn_with_state;
use axum::response::Response;
use jiff::Timestamp;
use serde::Serialize;

pub use call::Call;
pub use envelope::RequestId;
pub use limit::Limit;
pub use problem::Problem;
pub use routes::{Needs, Operation, Part, Routes};

use super::{clock, emf, random};

/// The most bytes of a body. Lambda takes 6 MB with all that is around it.
pub const MOST_BYTES: usize = 5 * 1024 * 1024;

type Now = dyn Fn() -> Timestamp + Send + Sync;
type Random = dyn Fn(&mut [u8]) + Send + Sync;
type Measure = dyn Fn(&emf::Measurement) + Send + Sync;

/// Where time and chance come from, where measurements go, and how much one token may ask.
#[derive(Clone)]
pub struct Edge {
    /// The clock.
    pub now: Arc<Now>,
    /// Fills bytes that nobody can guess.
    pub random: Arc<Random>,
    /// Takes measurements.
    pub measure: Arc<Measure>,
    /// How much one token may ask of this process.
    pub limit: Limit,
}

impl Edge {
    /// The edge of a process that serves the world: its clock, its randomness, its log.
    pub fn of_process() -> Self {
        Self {
            now: Arc::new(clock::now),
            random: Arc::new(random::fill),
            measure: Arc::new(emf::to_log),
            limit: Limit::default(),
        }
    }
}

impl Part {
    /// Paths that are no operations of the API, beside it on one machine: they check for themselves who calls.
    pub fn beside(router: Router) -> Self {
        Self {
            router,
            operations: Vec::new(),
        }
    }
}

/// One router out of these parts: what none of them knows is a problem too, and every answer bears a request id.
pub fn whole(parts: impl IntoIterator<Item = Part>, edge: Edge) -> Router {
    let all = parts
        .into_iter()
        .fold(Router::new(), |all, part| all.merge(part.router));
    all.fallback(envelope::no_such_path)
        .method_not_allowed_fallback(envelope::no_such_method)
        .layer(from_fn_with_state(edge, envelope::around))
}

/// An answer in JSON.
///
/// # Errors
/// 500 where the value cannot be written.
pub fn json(status: StatusCode, value: &impl Serialize) -> Result<Response, Problem> {
    let body = serde_json::to_vec(value).map_err(|_| Problem::broken("an answer cannot be written as JSON"))?;
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(CONTENT_TYPE, json);
    Ok(response)
}

/// 201: an answer in JSON, and where what was made is.
///
/// # Errors
/// 500 where the value cannot be written.
pub fn created(place: &str, value: &impl Serialize) -> Result<Response, Problem> {
    let mut response = json(StatusCode::CREATED, value)?;
    if let Ok(place) = HeaderValue::from_str(place) {
        response.headers_mut().insert(LOCATION, place);
    }
    Ok(response)
}

/// 204: it is done, and there is nothing to say.
pub fn no_content() -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    response
}
