//! Speed of reading beside bare `mail-parser`: `cargo bench --bench read_mail`.
//!
//! The fixtures are the samples under `tests/fixtures/mail/amazon`, and a mail of 5 MB. The last lines give the ratio that
//! the design asks for: reading may cost 2.0 times what parsing and decoding the bodies costs. The best of several rounds
//! counts, since other work on the machine only ever slows a round down.

#![expect(clippy::print_stdout, reason = "the ratio is what this prints")]

use std::hint::black_box;
use std::path::Path;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use divan::Bencher;
use divan::counter::{BytesCount, ItemsCount};
use mail_parser::MessageParser;
use within24::domain::mail::read;

static SAMPLES: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/mail/amazon");
    let entries = std::fs::read_dir(folder).expect("the samples are there");
    let mut paths: Vec<_> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.retain(|path| path.extension().is_some_and(|e| e == "eml"));
    paths.sort();
    paths
        .iter()
        .map(|path| std::fs::read(path).expect("a sample can be read"))
        .collect()
});

/// A buyer's message with 5 MB of photo.
static PHOTO: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let mut mail = String::from(
        "From: \"Vera\" <a1b2c3d4e5f6g7h@marketplace.amazon.de>\r\nSubject: Frage\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n\
         ------------- Nachricht: -------------\r\n\r\nDas Glas ist kaputt.\r\n\r\n\
         ------------- Ende der Nachricht -------------\r\n\r\n--b\r\nContent-Type: image/jpeg; name=\"x.jpg\"\r\n\
         Content-Transfer-Encoding: base64\r\n\r\n",
    );
    while mail.len() < 5 << 20 {
        mail.push_str("q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83v\r\n");
    }
    mail.push_str("--b--\r\n");
    mail.into_bytes()
});

/// A mail whose text alone has 5 MB, half of it quoted.
static TEXT: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let mut mail = "From: a1b2c3d4e5f6g7h@marketplace.amazon.de\r\nSubject: Frage\r\n\r\n".to_owned();
    while mail.len() < 5 << 20 {
        mail.push_str("Die Bestellung 305-2871693-4776814 ist am 3. März noch nicht angekommen, sagt der Händler.\r\n");
        mail.push_str("> Wir haben das Paket am Montag verschickt – bitte warten Sie noch zwei Tage.\r\n");
    }
    mail.into_bytes()
});

fn bare(raw: &[u8]) {
    let message = MessageParser::default().parse(raw);
    if let Some(message) = black_box(&message) {
        black_box((message.body_text(0), message.body_html(0)));
    }
}

fn all(work: impl Fn(&[u8])) {
    SAMPLES.iter().for_each(|raw| work(raw));
}

#[divan::bench]
fn within24_samples(bencher: Bencher) {
    let bytes: usize = SAMPLES.iter().map(Vec::len).sum();
    bencher
        .counter(BytesCount::new(bytes))
        .counter(ItemsCount::new(SAMPLES.len()))
        .bench(|| {
            all(|raw| {
                black_box(read(raw));
            });
        });
}

#[divan::bench]
fn mail_parser_samples(bencher: Bencher) {
    let bytes: usize = SAMPLES.iter().map(Vec::len).sum();
    bencher
        .counter(BytesCount::new(bytes))
        .counter(ItemsCount::new(SAMPLES.len()))
        .bench(|| all(bare));
}

#[divan::bench]
fn within24_photo_of_5_mb(bencher: Bencher) {
    bencher
        .counter(BytesCount::new(PHOTO.len()))
        .bench(|| read(black_box(&PHOTO)));
}

#[divan::bench]
fn mail_parser_photo_of_5_mb(bencher: Bencher) {
    bencher
        .counter(BytesCount::new(PHOTO.len()))
        .bench(|| bare(black_box(&PHOTO)));
}

#[divan::bench]
fn within24_text_of_5_mb(bencher: Bencher) {
    bencher
        .counter(BytesCount::new(TEXT.len()))
        .bench(|| read(black_box(&TEXT)));
}

fn best_of(rounds: usize, work: impl Fn()) -> Duration {
    let time = |_| {
        let begun = Instant::now();
        work();
        begun.elapsed()
    };
    (0..rounds).map(time).min().unwrap_or_default()
}

fn main() {
    divan::main();
    let ours = best_of(200, || {
        all(|raw| {
            black_box(read(raw));
        });
    });
    let theirs = best_of(200, || all(bare));
    let photo = best_of(20, || {
        black_box(read(&PHOTO));
    });
    let text = best_of(20, || {
        black_box(read(&TEXT));
    });
    println!(
        "samples: within24 {ours:?}, mail-parser {theirs:?}, ratio {:.2} (at most 2.0)",
        ours.as_secs_f64() / theirs.as_secs_f64()
    );
    println!("5 MB: photo {photo:?}, text {text:?} (at most 100 ms)");
}
