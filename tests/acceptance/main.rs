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
mod events;
mod faults;
mod helpdesks;
mod laws;
mod listing;
mod mails;
mod notifying;
mod older_mails;
mod outgoing;
mod readme;
mod returned_mail;
mod rollup_cost;
mod rollups;
mod rows;
mod scenarios;
mod sending;
mod sweeping;

/// Holds a page against `snapshots/<folder>/<name>.snap`.
fn snapshot(folder: &str, name: &str, page: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(format!("snapshots/{folder}"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, page));
}
