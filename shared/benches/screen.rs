//! Screening typical answers: messages and megabytes a second on one core, beside a naive loop over the same words with
//! regular expressions and beside bare detection of links and telephone numbers.
//!
//! `cargo bench -p within24 --bench screen`

use divan::Bencher;
use divan::counter::{BytesCount, ItemsCount};
use linkify::LinkFinder;
use regex::{Regex, RegexBuilder};
use within24::domain::screening::{Draft, Settings, screen};

fn main() {
    divan::main();
}

/// Honest answers of the labelled drafts, put together to the length of a typical answer.
fn answers() -> Vec<Draft> {
    let lines = include_str!("../../tests/fixtures/screening/written-from/made.jsonl").lines();
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

/// Runs `judge` over all answers.
fn measure(bencher: Bencher<'_, '_>, judge: impl Fn(&Draft) -> usize) {
    let answers = answers();
    let bytes: usize = answers.iter().map(|answer| answer.text.expose().len()).sum();
    bencher
        .counter(ItemsCount::new(answers.len()))
        .counter(BytesCount::new(bytes))
        .bench_local(|| answers.iter().map(&judge).sum::<usize>());
}

#[divan::bench]
fn typical_answers(bencher: Bencher<'_, '_>) {
    let settings = Settings::default();
    measure(bencher, |answer| screen(answer, &settings).findings.len());
}

/// One expression for each list of words of each language: what the phrase rules look for, without their grammar, and
/// without look-alikes, spans, links, form and the rest.
fn expressions() -> Vec<Regex> {
    const FILES: [&str; 15] = [
        include_str!("../src/domain/screening/phrases/data/common.txt"),
        include_str!("../src/domain/screening/phrases/data/en.txt"),
        include_str!("../src/domain/screening/phrases/data/de.txt"),
        include_str!("../src/domain/screening/phrases/data/fr.txt"),
        include_str!("../src/domain/screening/phrases/data/it.txt"),
        include_str!("../src/domain/screening/phrases/data/es.txt"),
        include_str!("../src/domain/screening/phrases/data/pt.txt"),
        include_str!("../src/domain/screening/phrases/data/nl.txt"),
        include_str!("../src/domain/screening/phrases/data/sv.txt"),
        include_str!("../src/domain/screening/phrases/data/pl.txt"),
        include_str!("../src/domain/screening/phrases/data/tr.txt"),
        include_str!("../src/domain/screening/phrases/data/ar.txt"),
        include_str!("../src/domain/screening/phrases/data/ja.txt"),
        include_str!("../src/domain/screening/phrases/data/zh.txt"),
        include_str!("../src/domain/screening/phrases/data/ko.txt"),
    ];
    let mut expressions = Vec::new();
    for file in FILES {
        let mut lists: Vec<Vec<String>> = Vec::new();
        for line in file.lines().map(str::trim) {
            if line.starts_with('[') {
                lists.push(Vec::new());
            } else if let Some(list) = lists.last_mut()
                && !line.starts_with(['#', '>'])
            {
                let entries = line.split(['،', ',']).map(str::trim).filter(|entry| !entry.is_empty());
                list.extend(entries.map(|entry| {
                    let open = if entry.ends_with('*') { r"\w*" } else { "" };
                    regex::escape(entry.trim_matches('*')) + open
                }));
            }
        }
        let lists = lists.iter().filter(|list| !list.is_empty());
        let built = lists.map(|list| {
            RegexBuilder::new(&format!(r"\b(?:{})\b", list.join("|")))
                .case_insensitive(true)
                .size_limit(1 << 28)
                .build()
        });
        expressions.extend(built.map(|expression| expression.expect("escaped words are an expression")));
    }
    expressions
}

#[divan::bench(sample_count = 5)]
fn naive_loop_of_regular_expressions(bencher: Bencher<'_, '_>) {
    let expressions = expressions();
    measure(bencher, |answer| {
        let text = answer.text.expose();
        expressions.iter().map(|words| words.find_iter(text).count()).sum()
    });
}

#[divan::bench]
fn bare_links_and_telephone_numbers(bencher: Bencher<'_, '_>) {
    let mut links = LinkFinder::new();
    links.url_must_have_scheme(false);
    let numbers = Regex::new(r"\+?\(?\d[\d ()./-]{6,18}\d").expect("an expression");
    measure(bencher, |answer| {
        let text = answer.text.expose();
        links.links(text).count() + numbers.find_iter(text).count()
    });
}
