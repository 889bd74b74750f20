//! The JSON bodies of the HTTP API, requests and responses: the schemas of `infra/openapi.yaml`. Each is defined once, here,
//! and read and written by the functions, the command and the tests alike: a field that is renamed for one of them is renamed
//! for all.
//!
//! Absent is null, times are RFC 3339 in UTC. Requests refuse fields that they do not know, since a caller would wait in vain
//! for what they mean. Responses are read leniently: a newer system may say more than an older command knows. Words of closed
//! lists (`status`, `state`, `role` …) are strings in a response for the same reason.
//!
//! A list is generic over its entries where the command also passes them on as they came.
//!
//! What a body may hold beyond its form, and how much of a list one response has room for, is not said here: that is the
//! business of the function that serves it.

#![expect(missing_docs, reason = "infra/openapi.yaml describes the fields")]

pub mod answer;
pub mod decision;
pub mod draft_line;
pub mod endpoint;
pub mod erasure;
pub mod export;
mod given;
pub mod metrics;
mod object;
pub mod problem;
pub mod screen;
pub mod store;
pub mod thread;
pub mod token;
pub mod trace;

pub use object::Object;

use crate::domain::personal::Personal;

/// Whether there are none: what says so is not written.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde asks")]
fn none(count: &usize) -> bool {
    *count == 0
}

/// Whether it is not set: what says so is not written.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde asks")]
fn unset(flag: &bool) -> bool {
    !*flag
}

fn exposed(personal: Option<&Personal>) -> Option<String> {
    personal.map(|personal| personal.expose().to_owned())
}
