//! `within24 metrics` as a program: what it prints, and how it ends.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

const MBOX: &str = "From relay@amazon.example Mon Mar  2 09:00:00 2026\n\
    From: \"Vera Muster\" <a1b2c3d4e5f6g7h@marketplace.amazon.de>\nTo: shop@inbox.example\nSubject: Frage\n\
    Message-ID: <m@eu-west-1.amazonses.com>\nDate: Sun, 01 Mar 2026 23:00:00 +0000\n\
    X-Space-Notification-Type: BBC_MESSAGE_SENT_TO_MERCHANT\n\nWo ist mein Paket?\n\n";

fn run(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_within24"));
    command.arg("metrics").args(arguments).output().unwrap()
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn an_archive_is_measured_and_what_is_none_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let (good, bad) = (folder.path().join("good.mbox"), folder.path().join("bad.mbox"));
    std::fs::write(&good, MBOX).unwrap();
    std::fs::write(&bad, "Dear diary\n").unwrap();
    let (good, bad) = (text(&good), text(&bad));

    let done = run(&["--mbox", good, "--json", "--at", "2026-03-03T12:00:00Z"]);
    assert_eq!((done.status.code(), done.stderr.len()), (Some(0), 0));
    let output: Value = serde_json::from_slice(&done.stdout).unwrap();
    assert_eq!(
        (&output["mails"]["buyer_messages"], &output["metrics"][0]["late"]),
        (&1.into(), &1.into())
    );

    let partly = run(&["--mbox", bad, "--mbox", good, "--maildir", text(folder.path())]);
    assert_eq!(partly.status.code(), Some(1));
    let page = String::from_utf8(partly.stdout).unwrap();
    assert!(
        page.starts_with("Response times at Mon 02 Mar 2026 09:00 UTC"),
        "{page}"
    );
    assert!(page.contains("no copy of an answer"), "{page}");
    let errors = String::from_utf8(partly.stderr).unwrap();
    for error in ["bad.mbox: not an mbox", "not a maildir"] {
        assert!(errors.contains(error), "{errors}");
    }
}

#[test]
fn nothing_to_read_is_an_error_and_nothing_named_is_usage() {
    let nowhere = run(&["--mbox", "/nowhere/archive.mbox"]);
    assert_eq!((nowhere.status.code(), nowhere.stdout.len()), (Some(1), 0));
    assert!(
        String::from_utf8(nowhere.stderr)
            .unwrap()
            .contains("/nowhere/archive.mbox")
    );
    assert_eq!(run(&[]).status.code(), Some(2));
}
