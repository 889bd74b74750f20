//! Screening typical answers: messages and megabytes a second on one core.
//!
//! `cargo bench -p within24 --bench screen`

use divan::Bencher;
use divan::counter::{BytesCount, ItemsCount};
use within24::domain::screening::{Draft, Settings, screen};

fn main() {
    divan::main();
}

/// Honest answers of the labelled drafts, put together to the length of a typical answer.
fn answers() -> Vec<Draft> {
    let lines = include_str!("../../tests/fixtures/screening/made.jsonl").lines();
    let drafts = lines.filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    let honest = drafts.filter(|draft| draft["expect"]["verdict"] == "allow");
    let texts: Vec<String> = honest
        .filter_map(|draft| draft["text"].as_str().map(str::to_owned))
        .collect();
    let answers = texts.chunks(6).map(|texts| texts.join("\n\n"));
    let typical = answers.filter(|text| (500..=1500).contains(&text.chars().count()));
    typical
        .map(|text| Draft {
            text: text.into(),
            ..Draft::default()
        })
        .collect()
}

#[divan::bench]
fn typical_answers(bencher: Bencher<'_, '_>) {
    let answers = answers();
    let bytes: usize = answers.iter().map(|answer| answer.text.expose().len()).sum();
    let settings = Settings::default();
    bencher
        .counter(ItemsCount::new(answers.len()))
        .counter(BytesCount::new(bytes))
        .bench_local(|| {
            answers
                .iter()
                .map(|answer| screen(answer, &settings).findings.len())
                .sum::<usize>()
        });
}
