//! What is around every answer: its request id, headers that keep it private, and a problem where the code fails.

use std::panic::AssertUnwindSafe;

use axum::Extension;
use axum::extract::{Request, State};
use axum::http::header::{CACHE_CONTROL, HeaderName, HeaderValue, X_CONTENT_TYPE_OPTIONS};
use axum::middleware::Next;
use axum::response::Response;
use futures_util::FutureExt as _;
use lambda_http::request::RequestContext;

use super::{Edge, Problem};
use crate::domain::key::letters;

/// Names one request: in the header `x-request-id`, in problems, and in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestId(pub String);

const HEADER: HeaderName = HeaderName::from_static("x-request-id");

impl RequestId {
    /// The gateway's own, which stands in its access log too; else a new one. What the caller sends as one is not believed.
    fn of(request: &Request, edge: &Edge) -> Self {
        let context = request.extensions().get::<RequestContext>();
        let gateways = context.and_then(|context| match context {
            RequestContext::ApiGatewayV2(context) => context.request_id.clone(),
            _ => None,
        });
        Self(gateways.unwrap_or_else(|| {
            let mut bytes = [0; 10];
            (edge.random)(&mut bytes);
            letters(&bytes)
        }))
    }
}

/// Around every request.
pub(super) async fn around(State(edge): State<Edge>, mut request: Request, next: Next) -> Response {
    let id = RequestId::of(&request, &edge);
    request.extensions_mut().insert(id.clone());
    let answered = AssertUnwindSafe(next.run(request)).catch_unwind().await;
    // Where it panicked is in the log already; what it said may be a buyer's words.
    let mut response = answered.unwrap_or_else(|_| Problem::broken("panicked").answer(&id));
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if let Ok(id) = HeaderValue::from_str(&id.0) {
        headers.insert(HEADER, id);
    }
    response
}

/// A path that no operation has.
pub(super) async fn no_such_path(Extension(id): Extension<RequestId>) -> Response {
    Problem::not_found("nothing is at this path; GET /v1/openapi.json lists all operations").answer(&id)
}

/// A method that no operation has at this path. The router adds the header `Allow`.
pub(super) async fn no_such_method(Extension(id): Extension<RequestId>) -> Response {
    Problem::method_not_allowed().answer(&id)
}
