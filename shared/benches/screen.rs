//! Screening typical answers: messages and megabytes a second on one core, beside a naive loop over the same words with
//! regular expressions and beside bare detection of links and telephone numbers.
//!
//! After the times come ratios, which need no quiet machine: how many times as long as bare links and telephone numbers over
//! the same answers, language by language, and that beside what it was before.
//!
//! `cargo bench -p within24 --bench screen`

use std::time::{Duration, Instant};

use divan::Bencher;
use divan::counter::{BytesCount, ItemsCount};
use linkify::LinkFinder;
use regex::{Regex, RegexBuilder};
use within24::domain::language::Language;
use within24::domain::screening::{Draft, Settings, screen};

fn main() {
    divan::main();
    ratios();
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
    let bare = bare();
    measure(bencher, |answer| bare(answer.text.expose()));
}

/// Detection of links and telephone numbers without any judgement.
fn bare() -> impl Fn(&str) -> usize {
    let mut links = LinkFinder::new();
    links.url_must_have_scheme(false);
    let numbers = Regex::new(r"\+?\(?\d[\d ()./-]{6,18}\d").expect("an expression");
    move |text| links.links(text).count() + numbers.find_iter(text).count()
}

/// Languages, and how many times as long as the bare detection the screen took with the draft's language known and unknown
/// before drafts were judged in their own language alone.
const BEFORE: [(&str, f64, f64); 5] = [
    ("en", 43.8, 31.7),
    ("de", 42.9, 32.2),
    ("fr", 46.8, 34.1),
    ("ja", 45.5, 46.4),
    ("ar", 77.7, 70.3),
];

/// Honest answers in one language, of a thousand characters each.
fn in_language(tag: &str, known: bool) -> Vec<Draft> {
    const FILES: [&str; 3] = [
        include_str!("../../tests/fixtures/screening/written-from/made.jsonl"),
        include_str!("../../tests/fixtures/screening/written-from/sellers.jsonl"),
        include_str!("../../tests/fixtures/screening/written-from/families.jsonl"),
    ];
    let lines = FILES.iter().flat_map(|file| file.lines());
    let drafts = lines.filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    let mut answers = vec![String::new()];
    for draft in drafts.filter(|draft| draft["expect"]["verdict"] == "allow" && draft["buyer_language"] == tag) {
        let answer = answers.last_mut().expect("there is one");
        answer.push_str(draft["text"].as_str().unwrap_or_default());
        answer.push_str("\n\n");
        if answer.chars().count() >= 1_000 {
            answers.push(String::new());
        }
    }
    let buyer_language = Language::parse(tag).filter(|_| known);
    let drafts = answers.into_iter().map(|text| Draft {
        text: text.into(),
        buyer_language,
        ..Draft::default()
    });
    drafts.collect()
}

/// The best of many runs: what other processes take is left out.
fn best(runs: usize, mut run: impl FnMut() -> usize) -> Duration {
    let took = (0..runs).map(|_| {
        let start = Instant::now();
        divan::black_box(run());
        start.elapsed()
    });
    took.min().unwrap_or_default()
}

#[expect(clippy::print_stdout, reason = "a benchmark tells what it measured")]
fn ratios() {
    let (bare, settings) = (bare(), Settings::default());
    println!("\ntimes as long as bare links and telephone numbers (before)");
    println!("language     known           unknown");
    for (tag, known_before, unknown_before) in BEFORE {
        let ratio = |known: bool| {
            let answers = in_language(tag, known);
            let judged = best(60, || {
                answers
                    .iter()
                    .map(|draft| screen(draft, &settings).findings.len())
                    .sum()
            });
            let plain = best(60, || answers.iter().map(|draft| bare(draft.text.expose())).sum());
            judged.as_secs_f64() / plain.as_secs_f64()
        };
        let (known, unknown) = (ratio(true), ratio(false));
        println!("{tag}      {known:6.2} ({known_before:6.2})    {unknown:6.2} ({unknown_before:6.2})");
    }
    println!("\na draft of 1 MB");
    for unit in MEGABYTES {
        let draft = Draft {
            text: unit.repeat(1_000_000 / unit.len()).into(),
            ..Draft::default()
        };
        let took = best(3, || screen(&draft, &settings).findings.len());
        println!("{:4} ms  {unit:?}", took.as_millis());
    }
}

/// What fills drafts of a megabyte: ordinary sentences, and what took longest.
const MEGABYTES: [&str; 7] = [
    "The replacement (part no. 4.117.220) went out on 12 March and should be with you on Friday. ",
    "Das Ersatzteil ist heute um 14.30 Uhr abgeholt worden und kommt am Freitag bei Ihnen an. ",
    "レビューを修正していただけませんか。",
    "交換品は本日発送いたしました。金曜日にお届けの予定です。",
    "ส่งสินค้าแล้ววันนี้ ",
    "تم شحن القطعة البديلة اليوم وستصل إليكم يوم الجمعة. ",
    "shop dot com ",
];
