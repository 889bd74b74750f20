//! The use cases, one file each: what happens when a mail arrives, an answer is wished for, a person marks a thread.
//!
//! A use case reads through the ports, asks the domain, and writes once. Where somebody else wrote first, it reads and
//! decides again.

pub mod access;
pub mod announce;
pub mod answer;
pub mod attachments;
pub mod deliver;
pub mod delivery;
pub mod endpoints;
pub mod erase;
pub mod find;
pub mod list;
pub mod mark;
pub mod notify;
pub mod receive;
pub mod release;
pub mod retry;
pub mod roll_up;
mod screening;
mod sent;
pub mod stores;
pub mod sweep;
pub mod tokens;
pub mod webhook;
