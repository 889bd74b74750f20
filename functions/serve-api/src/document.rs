//! The OpenAPI document, and whether anybody is there.

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, HeaderValue};
use axum::response::Response;

/// The document, made from `infra/openapi.yaml`.
const OPENAPI: &str = include_str!(concat!(env!("OUT_DIR"), "/openapi.json"));

pub(crate) fn health() -> Response {
    json(r#"{"status":"ok"}"#)
}

pub(crate) fn openapi() -> Response {
    json(OPENAPI)
}

fn json(text: &'static str) -> Response {
    let mut response = Response::new(Body::from(text));
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(CONTENT_TYPE, json);
    response
}
