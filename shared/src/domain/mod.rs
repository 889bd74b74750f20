//! Amazon's rules and ours as plain Rust: no I/O, no clock, no SDK. `now` is always an argument.

pub mod alias;
pub mod language;
pub mod mail;
pub mod marketplace;
pub mod message_id;
pub mod order_id;
pub mod personal;
pub mod screening;
