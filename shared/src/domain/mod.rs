//! Amazon's rules and ours as plain Rust: no I/O, no clock, no SDK. `now` is always an argument.

pub mod alert;
pub mod alias;
pub mod clock;
pub mod copy;
pub mod event;
pub mod key;
pub mod language;
pub mod listing;
pub mod mail;
pub mod marketplace;
pub mod message;
pub mod message_id;
pub mod metrics;
pub mod order_id;
pub mod outgoing;
pub mod personal;
pub mod quiet_hours;
pub mod report;
pub mod request;
pub mod rollup;
pub mod screening;
pub mod store;
pub mod store_screen;
pub mod thread;
pub mod trust;
