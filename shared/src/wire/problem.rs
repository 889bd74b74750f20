//! Errors as callers see them: Problem Details (RFC 9457).

use serde::{Deserialize, Serialize};

use super::screen::FindingOut;

/// An error of one request.
#[derive(Clone, Default, Deserialize, Serialize)]
pub struct ProblemOut {
    pub detail: String,
    /// The parts of the body that cannot be used, where it is `invalid`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<Invalid>,
    /// What the screen found, where an answer is `blocked`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub findings: Option<Vec<FindingOut>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub findings_left_out: Option<usize>,
    /// Absent where a function is invoked without HTTP.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    pub status: u16,
    pub title: String,
    pub r#type: String,
}

/// A part of a request that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Invalid {
    /// Where: a JSON pointer (RFC 6901) into the body.
    pub pointer: String,
    /// What to write instead. Nothing of what was sent: that is in the caller's hands, and in their log.
    pub detail: String,
}

/// What API Gateway says by itself, before a function is called.
#[derive(Clone, Deserialize, Serialize)]
pub struct GatewayMessage {
    pub message: Option<String>,
}
