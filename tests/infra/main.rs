//! The template, held against the code that it deploys: nothing here is deployed, `tests/stack` does that.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod alarms;
mod api;
mod database;
mod delivery;
mod filters;
mod form;
mod rights;
mod settings;
mod table;
mod template;
mod zendesk;
