//! Reads every mail under `tests/fixtures/mail` and compares with the `expected.jsonl` beside it.
//!
//! A line is `{"file": "x.eml", "expect": {field: value}}`; only the fields named are compared. `text` is compared after
//! trimming: line ends as LF, no white space at line ends, runs of blank lines as one, NFC. `text_contains` and `text_lacks`
//! are compared with white space runs as one space. Attachments are compared by the keys that are given.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use unicode_normalization::UnicodeNormalization;
use within24::domain::mail::{
    Alias, Asin, Defect, Delivery, Language, Mail, Marketplace, MessageId, OrderId, OrderIdFrom, read,
};
use within24::domain::personal::Personal;

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/mail")
}

/// The fields of `within24 read`, as far as expectations name them.
fn fields(mail: &Mail, defects: &[Defect]) -> Value {
    let files = mail.attachments.iter().map(|file| {
        json!({ "name": file.name.as_ref().map(Personal::expose), "media_type": file.media_type, "bytes": file.bytes })
    });
    json!({
        "kind": mail.kind.as_str(),
        "automatic": mail.automatic,
        "marketplace": mail.marketplace.map(Marketplace::code),
        "alias": mail.alias.as_ref().map(Alias::expose),
        "buyer": mail.alias.as_ref().map(|alias| alias.buyer().expose().to_owned()),
        "case_id": mail.alias.as_ref().and_then(Alias::case_id).map(|case| case.as_str().to_owned()),
        "order_ids": mail.order_ids.iter().map(OrderId::as_str).collect::<Vec<_>>(),
        "order_id_from": mail.order_id_from.map(OrderIdFrom::as_str),
        "near_order_ids": mail.near_order_ids.iter().map(Personal::expose).collect::<Vec<_>>(),
        "asins": mail.asins.iter().map(Asin::as_str).collect::<Vec<_>>(),
        "buyer_name": mail.buyer_name.as_ref().map(Personal::expose),
        "language": mail.language.as_ref().map(Language::as_str),
        "text": mail.text.as_ref().map(Personal::expose),
        "attachments": files.collect::<Vec<_>>(),
        "subject": mail.subject.as_ref().map(Personal::expose),
        "message_id": mail.message_id.as_ref().map(MessageId::expose),
        "defects": defects.iter().map(|defect| defect.code()).collect::<Vec<_>>(),
        "delivery": mail.delivery.map(Delivery::as_str),
        "token": mail.token,
        "presale": mail.presale,
        "no_response_link": mail.no_response_link.as_ref().map(Personal::expose),
        "embedded_ids": mail.embedded_ids.iter().map(MessageId::expose).collect::<Vec<_>>(),
        "answers": mail.answers.iter().map(MessageId::expose).collect::<Vec<_>>(),
    })
}

fn trimmed(text: &str) -> String {
    let text: String = text
        .nfc()
        .collect::<String>()
        .replace("\r\n", "\n")
        .replace('\r', "\n")
        .replace('\u{a0}', " ");
    let lines: Vec<&str> = text.split('\n').map(str::trim_end).collect();
    let mut joined = lines.join("\n").trim().to_owned();
    while joined.contains("\n\n\n") {
        joined = joined.replace("\n\n\n", "\n\n");
    }
    joined
}

fn squashed(text: &str) -> String {
    text.nfc()
        .collect::<String>()
        .replace('\0', "")
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

fn fits(field: &str, want: &Value, got: &Value) -> bool {
    let words = |value: &Value| {
        value
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .map(squashed)
            .collect::<Vec<_>>()
    };
    match (field, want, got) {
        ("text", Value::String(want), Value::String(got)) => trimmed(want) == trimmed(got),
        ("text_contains", want, got) => got
            .as_str()
            .is_some_and(|got| words(want).iter().all(|word| squashed(got).contains(word))),
        ("text_lacks", want, got) => {
            let got = squashed(got.as_str().unwrap_or_default());
            !words(want).iter().any(|word| got.contains(word))
        }
        ("subject" | "buyer_name", Value::String(want), Value::String(got)) => squashed(want) == squashed(got),
        ("attachments", Value::Array(want), Value::Array(got)) => {
            let same = |(want, got): (&Value, &Value)| {
                want.as_object()
                    .is_some_and(|keys| keys.iter().all(|(key, value)| got.get(key) == Some(value)))
            };
            want.len() == got.len() && want.iter().zip(got).all(same)
        }
        _ => want == got,
    }
}

fn check(folder: &str) {
    let folder = fixtures().join(folder);
    let expected =
        std::fs::read_to_string(folder.join("expected.jsonl")).expect("expected.jsonl stands beside the mails");
    let mut wrong = String::new();
    let mut count = 0;
    for line in expected.lines().filter(|line| !line.trim().is_empty()) {
        let line: Value = serde_json::from_str(line).expect("a line is a JSON object");
        let file = line["file"].as_str().expect("a line names a file");
        let raw = std::fs::read(folder.join(file)).expect("the named file is there");
        let (mail, defects) = read(&raw);
        let got = fields(&mail, &defects);
        count += 1;
        for (field, want) in line["expect"].as_object().expect("expectations are an object") {
            let key = if field.starts_with("text_") {
                "text"
            } else {
                field.as_str()
            };
            if !fits(field, want, &got[key]) {
                let _ = writeln!(wrong, "{file}: {field}: want {want} got {}", got[key]);
            }
        }
    }
    assert!(count > 0, "no expectations");
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn the_samples_of_amazons_mail_are_read_as_expected() {
    check("amazon");
}

#[test]
fn the_mails_made_to_mislead_are_read_as_expected() {
    check("made");
}

#[test]
fn mails_of_strangers_lose_no_words() {
    check("strangers");
}

/// 358 mails in 38 languages by somebody who had not seen the reader, who read 344 of 363 right at first sight. Left out are
/// five in which nothing but the sense tells a machine: a person is not taken for one.
#[test]
fn mails_written_without_sight_of_the_reader_are_read_as_expected() {
    check("written-blind");
}
