//! Errors as callers see them: Problem Details (RFC 9457). What the log knows besides is not told.

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, HeaderName, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{Response, StatusCode};

use super::RequestId;
use crate::ports::PortError;
use crate::wire::problem::{Invalid, ProblemOut};
use crate::wire::screen::FindingOut;

/// Where the types of our own problems are described.
const TYPES: &str = "https://github.com/within24/within24/blob/main/functions/serve-api/README.md";

/// An error of one request.
#[derive(Clone)]
pub struct Problem(Box<Told>);

/// What there is to tell.
#[derive(Clone)]
struct Told {
    status: StatusCode,
    /// The anchor of its description; `None`: the status says all.
    kind: Option<(&'static str, &'static str)>,
    detail: String,
    header: Option<(HeaderName, HeaderValue)>,
    errors: Vec<Invalid>,
    findings: Option<Vec<FindingOut>>,
    findings_left_out: Option<usize>,
    /// For the log alone.
    cause: Option<String>,
}

impl Problem {
    fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self(Box::new(Told {
            status,
            kind: None,
            detail: detail.into(),
            header: None,
            errors: Vec::new(),
            findings: None,
            findings_left_out: None,
            cause: None,
        }))
    }

    fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.0.header = Some((name, value));
        self
    }

    fn caused_by(mut self, cause: impl Into<String>) -> Self {
        self.0.cause = Some(cause.into());
        self
    }

    /// 400: a part of the request cannot be read.
    pub fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, detail)
    }

    /// 401: no token, or none that opens anything. One text for all, so that nobody learns which.
    pub fn unauthorized() -> Self {
        let detail = "send a valid token in the header: Authorization: Bearer w24_…";
        Self::new(StatusCode::UNAUTHORIZED, detail).header(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))
    }

    /// 403: the token does not allow it.
    pub fn forbidden(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, detail)
    }

    /// 404.
    pub fn not_found(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, detail)
    }

    /// 404: a store that is not there, or not the token's. One text for both.
    pub fn no_such_store() -> Self {
        Self::not_found("no such store; GET /v1/stores lists those of your token")
    }

    /// 405.
    pub fn method_not_allowed() -> Self {
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "the header Allow lists the methods of this path",
        )
    }

    /// 413.
    pub fn too_large(most: usize) -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, format!("at most {most} bytes are taken"))
    }

    /// 415.
    pub fn not_json() -> Self {
        let detail = "send JSON, and say so: Content-Type: application/json";
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail)
    }

    /// 422: the body is JSON, and parts of it cannot be used.
    pub fn invalid(errors: &[Invalid]) -> Self {
        let mut problem = Self::new(StatusCode::UNPROCESSABLE_ENTITY, "parts of the body cannot be used")
            .of_kind("invalid", "Invalid content");
        problem.0.errors = errors.to_vec();
        problem
    }

    /// 422: one part of the body cannot be used.
    pub fn invalid_at(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::invalid(&[Invalid {
            pointer: pointer.into(),
            detail: detail.into(),
        }])
    }

    /// 409 or 422 of a kind of our own: the anchor of its description, and its title.
    pub fn conflict(kind: &'static str, title: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, detail).of_kind(kind, title)
    }

    /// 422 of a kind of our own.
    pub fn unprocessable(kind: &'static str, title: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, detail).of_kind(kind, title)
    }

    /// 429.
    pub fn too_many(seconds: u64) -> Self {
        let problem = Self::new(StatusCode::TOO_MANY_REQUESTS, "too many requests with this token");
        problem.header(RETRY_AFTER, HeaderValue::from(seconds.max(1)))
    }

    /// 500: ours to mend.
    pub fn broken(cause: impl Into<String>) -> Self {
        let detail = "this is our fault, and it is logged; name the request id if you report it";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, detail).caused_by(cause)
    }

    fn of_kind(mut self, kind: &'static str, title: &'static str) -> Self {
        self.0.kind = Some((kind, title));
        self
    }

    /// With what the screen found, and how much of it is left out, where there is no room for all.
    #[must_use]
    pub fn with_findings(mut self, findings: Vec<FindingOut>, left_out: Option<usize>) -> Self {
        self.0.findings = Some(findings);
        self.0.findings_left_out = left_out;
        self
    }

    /// Its status.
    pub fn status(&self) -> StatusCode {
        self.0.status
    }

    /// For the log: what is behind it.
    pub fn cause(&self) -> Option<&str> {
        self.0.cause.as_deref()
    }

    /// The answer to the request with this id.
    pub fn answer(self, id: &RequestId) -> Response<Body> {
        let told = *self.0;
        let (kind, title) = match told.kind {
            Some((anchor, title)) => (format!("{TYPES}#{anchor}"), title),
            // RFC 9457, section 4.2.1: the title is then the status's.
            None => (
                "about:blank".to_owned(),
                told.status.canonical_reason().unwrap_or("Error"),
            ),
        };
        let body = ProblemOut {
            detail: told.detail,
            errors: told.errors,
            findings: told.findings,
            findings_left_out: told.findings_left_out,
            request_id: Some(id.0.clone()),
            status: told.status.as_u16(),
            title: title.to_owned(),
            r#type: kind,
        };
        // Text, numbers and lists of them can always be written.
        let body = serde_json::to_vec(&body).unwrap_or_default();
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = told.status;
        let json = HeaderValue::from_static("application/problem+json");
        response.headers_mut().insert(CONTENT_TYPE, json);
        if let Some((name, value)) = told.header {
            response.headers_mut().insert(name, value);
        }
        response
    }
}

impl From<PortError> for Problem {
    fn from(error: PortError) -> Self {
        if !error.retry() {
            return Self::broken(error.to_string());
        }
        let problem = Self::new(StatusCode::SERVICE_UNAVAILABLE, "try the same again in a moment");
        problem
            .header(RETRY_AFTER, HeaderValue::from_static("1"))
            .caused_by(error.to_string())
    }
}
