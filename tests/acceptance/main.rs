//! From the event to its outcome, through the functions' own handlers.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod archive;
mod attachments;
mod batch;
mod calling;
mod capacity;
mod deliveries;
mod drafts;
mod erasing;
mod faults;
mod helpdesks;
mod laws;
mod listing;
mod notifying;
mod older_mails;
mod outgoing;
mod readme;
mod returned_mail;
mod rollup_cost;
mod rollups;
mod scenarios;
mod sending;
mod sweeping;
