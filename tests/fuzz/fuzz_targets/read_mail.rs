//! Reads any bytes as a mail. Fails on a panic (the reader's own guard would hide it as a defect), on inconsistent results
//! and, by libFuzzer's limits, on what takes too long or too much memory.
#![no_main]

use libfuzzer_sys::fuzz_target;
use within24::domain::mail::{Kind, read};
use within24::domain::personal::Personal;

fuzz_target!(|raw: &[u8]| {
    let (mail, defects) = read(raw);
    assert!(defects.iter().all(|defect| defect.code() != "reader-failed"));
    assert_eq!(mail.order_ids.is_empty(), mail.order_id_from.is_none());
    assert!(mail.text.as_ref().is_none_or(|text| !text.expose().trim().is_empty()));
    assert!(mail.subject.as_ref().is_none_or(|subject| !subject.expose().contains(['\r', '\n'])));
    assert!(mail.attachments.iter().filter_map(|file| file.name.as_ref()).all(|name| !name.expose().contains(['/', '\\'])));
    if mail.kind == Kind::Other {
        assert!(mail.alias.is_none() && mail.marketplace.is_none());
    }
    if let Some(link) = mail.no_response_link.as_ref().map(Personal::expose) {
        assert!(link.starts_with("http"));
    }
    assert_eq!(read(raw).0, mail);
});
