//! The HTTP API: its document against its router, and its router against everybody who calls.
//!
//! `openapi/schema-3.1.json` is the OpenAPI Initiative's schema of OpenAPI 3.1 documents, 2022-10-07 (Apache-2.0), as
//! <https://spec.openapis.org/oas/3.1/schema/2022-10-07> gives it.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod bodies;
mod calls;
mod cost;
mod decisions;
mod document;
mod endpoints;
mod errors;
mod examples;
mod handbook;
mod idempotency;
mod logs;
mod pages;
mod roles;
mod room;
mod stores;
mod tokens;
