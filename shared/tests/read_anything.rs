//! Reading is total: any bytes, and samples damaged in any way, give a mail and never a failure of the reader.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::path::Path;

use proptest::prelude::*;
use within24::domain::mail::{Kind, read};

fn samples() -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/mail/amazon");
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .expect("the samples are there")
        .map(|e| e.expect("a folder can be read").path())
        .collect();
    paths.sort();
    let mails = paths.iter().filter(|path| path.extension().is_some_and(|e| e == "eml"));
    mails
        .map(|path| std::fs::read(path).expect("a sample can be read"))
        .collect()
}

fn is_sound(raw: &[u8]) -> Result<(), TestCaseError> {
    let (mail, defects) = read(raw);
    prop_assert!(defects.iter().all(|defect| defect.code() != "reader-failed"));
    prop_assert_eq!(mail.order_ids.is_empty(), mail.order_id_from.is_none());
    prop_assert!(mail.kind != Kind::Other || mail.alias.is_none());
    prop_assert!(
        !format!("{mail:?}").contains("@marketplace.amazon."),
        "Debug shows an address"
    );
    Ok(())
}

#[derive(Clone, Debug)]
enum Damage {
    Cut(f64),
    Drop(f64, usize),
    Insert(f64, Vec<u8>),
    Flip(f64, u8),
    Repeat(f64, usize),
    NoFeeds,
    NoReturns,
}

fn damage() -> impl Strategy<Value = Damage> {
    prop_oneof![
        (0.0..1.0).prop_map(Damage::Cut),
        ((0.0..1.0), 1..200_usize).prop_map(|(at, n)| Damage::Drop(at, n)),
        ((0.0..1.0), proptest::collection::vec(any::<u8>(), 1..60)).prop_map(|(at, bytes)| Damage::Insert(at, bytes)),
        ((0.0..1.0), any::<u8>()).prop_map(|(at, bits)| Damage::Flip(at, bits)),
        ((0.0..1.0), 1..400_usize).prop_map(|(at, n)| Damage::Repeat(at, n)),
        Just(Damage::NoFeeds),
        Just(Damage::NoReturns),
    ]
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a place in a mail"
)]
fn place(raw: &[u8], at: f64) -> usize {
    (raw.len() as f64 * at) as usize
}

fn apply(raw: &mut Vec<u8>, damage: &Damage) {
    match damage {
        Damage::Cut(at) => raw.truncate(place(raw, *at)),
        Damage::Drop(at, n) => {
            let from = place(raw, *at);
            raw.drain(from..raw.len().min(from + n));
        }
        Damage::Insert(at, bytes) => {
            let from = place(raw, *at);
            raw.splice(from..from, bytes.iter().copied());
        }
        Damage::Flip(at, bits) => {
            let at = place(raw, *at);
            if let Some(byte) = raw.get_mut(at) {
                *byte ^= bits;
            }
        }
        Damage::Repeat(at, n) => {
            let from = place(raw, *at);
            let piece = raw[from..raw.len().min(from + n)].to_vec();
            raw.splice(from..from, piece);
        }
        Damage::NoFeeds => raw.retain(|b| *b != b'\n'),
        Damage::NoReturns => raw.retain(|b| *b != b'\r'),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_read(raw in proptest::collection::vec(any::<u8>(), 0..2000)) {
        is_sound(&raw)?;
    }

    #[test]
    fn any_text_behind_a_header_is_read(body in "\\PC{0,400}", header in "[ -~]{0,80}") {
        is_sound(format!("From: a1b2c3@marketplace.amazon.de\nSubject: {header}\n\n{body}").as_bytes())?;
    }

    #[test]
    fn damaged_samples_are_read(pick in any::<prop::sample::Index>(), damages in proptest::collection::vec(damage(), 1..6)) {
        let all = samples();
        let mut raw = all[pick.index(all.len())].clone();
        for damage in &damages {
            apply(&mut raw, damage);
        }
        is_sound(&raw)?;
    }
}

/// Large and hostile mails: each is read in bounded time. The limits are generous, since tests run unoptimised.
#[test]
fn bombs_are_bounded() {
    let nested: String = "Content-Type: message/rfc822\n\n".repeat(100_000);
    let headers: String = "a:b\n".repeat(500_000);
    let quotes: String = "> ".repeat(500_000);
    let dashes: String = "----- x: ----- y -----\n".repeat(50_000);
    let tags: String = "<div><blockquote type=cite>".repeat(100_000);
    let digits: String = "113-".repeat(300_000);
    let commas: String = "<,(\"".repeat(100_000);
    let words: String = "=?utf-8?Q?=?".repeat(100_000);
    let start = "From: a1b2c3@marketplace.amazon.de\n";
    for raw in [
        format!("{start}{nested}"),
        format!("{start}{headers}\n\nx"),
        format!("{start}\n{quotes}"),
        format!("{start}\n{dashes}"),
        format!("{start}Content-Type: text/html\n\n{tags}"),
        format!("{start}\n{digits}"),
        format!("To: {commas}\n{start}Reply-To: {commas}\nSubject: {words}\n\nx"),
        format!("{start}Content-Type: text/html\n\n{}", "<script></".repeat(100_000)),
        format!("{start}Content-Type: text/html\n\n{}", "<a href=\"".repeat(100_000)),
        format!("{start}Content-Type: text/html\n\n{}", "<a ".repeat(300_000)),
        format!("{start}Content-Type: text/html\n\n{}", "<!--&".repeat(200_000)),
        format!("{start}\n{}", "On 2026-03-03 9:14 abc:\n".repeat(50_000)),
        format!("{start}\n{}", "----- x: ----- y -----".repeat(50_000)),
        format!("{start}\n{}", "--\na\nb\nc\nd\ne\nf\ng\nh\ni\nj\n".repeat(30_000)),
        format!("{start}Content-Transfer-Encoding: base64\n\n{}", "!a==".repeat(300_000)),
        "\0".repeat(1_000_000),
        "\r".repeat(1_000_000),
    ] {
        let begun = std::time::Instant::now();
        let (_, defects) = read(raw.as_bytes());
        assert!(defects.iter().all(|defect| defect.code() != "reader-failed"));
        assert!(
            begun.elapsed().as_secs() < 20,
            "{:?} for {}…",
            begun.elapsed(),
            &raw[..40]
        );
    }
}
