//! What goes over the line, in and out: the schemas of `infra/openapi.yaml`. Absent is null, times are RFC 3339 in UTC.

pub(crate) mod answer;
pub(crate) mod decision;
pub(crate) mod endpoint;
pub(crate) mod export;
mod given;
pub(crate) mod metrics;
pub(crate) mod screen;
pub(crate) mod store;
pub(crate) mod thread;
pub(crate) mod token;
pub(crate) mod trace;

/// Whether there are none: what says so is not written.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde asks")]
fn none(count: &usize) -> bool {
    *count == 0
}
