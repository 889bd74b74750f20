//! Every scenario of the fixtures, and what the logs of all of them hold.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::Value;
use within24::domain::marketplace::Marketplace;
use within24::domain::metrics::{days_of, window};
use within24::domain::store::StoreId;
use within24::lambda::telemetry;
use within24::ports::ReadFacts;
use within24_local::metrics::MetricsLine;
use within24_local::replay::{self, Replayed};
use within24_local::timeline;
use within24_tests::scenario::failures;

/// Outputs that no function makes yet: assertions about them are looked at when it does.
const WITHOUT: [&str; 0] = [];

/// Everything that is logged, at every level.
#[derive(Clone, Default)]
struct Captured(Arc<Mutex<Vec<u8>>>);

impl Write for Captured {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn folders() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/scenarios");
    let mut folders: Vec<PathBuf> = std::fs::read_dir(root)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    folders.sort();
    folders
}

async fn run(folder: &Path) -> Value {
    let events = timeline::parse(&std::fs::read_to_string(folder.join("timeline.jsonl")).unwrap());
    let raw = tempfile::tempdir().unwrap();
    let replayed = replay::run(events, folder, raw.path()).await.unwrap();
    assert!(replayed.unreadable.is_empty(), "{:?}", replayed.unreadable);
    metrics_are_those_of_the_facts(&replayed).await;
    serde_json::to_value(&replayed.output).unwrap()
}

/// What the rollups come to is what all facts come to, counted from scratch.
async fn metrics_are_those_of_the_facts(replayed: &Replayed) {
    let (table, now) = (replayed.machine.table(), replayed.output.now);
    let (first, last) = days_of(90, now);
    for line in &replayed.output.metrics {
        let store = StoreId::parse(&line.store).unwrap();
        let mut entries = Vec::new();
        for day in first.series(jiff::Span::new().days(1)).take_while(|day| *day <= last) {
            let facts = table.facts(&store, day).await.unwrap();
            let here = facts
                .into_iter()
                .filter(|(of, ..)| line.marketplace.is_none_or(|code| code == of.code()));
            entries.extend(here.map(|(_, at, entry)| (at, entry)));
        }
        let scratch = window(entries, line.window_days, now);
        let marketplace = line.marketplace.and_then(Marketplace::parse);
        assert_eq!(
            *line,
            MetricsLine::of(&line.store, marketplace, line.window_days, &scratch)
        );
    }
}

/// Words of people that must stand in no log.
fn personal(output: &Value) -> Vec<String> {
    let mut words = Vec::new();
    for thread in output["threads"].as_array().unwrap() {
        for field in ["buyer", "alias", "buyer_name", "subject"] {
            words.extend(thread[field].as_str().map(str::to_owned));
        }
        words.extend(
            thread["buyer"]
                .as_str()
                .and_then(|buyer| buyer.split('@').next())
                .map(str::to_owned),
        );
        for message in thread["messages"].as_array().unwrap() {
            let text = message["text"].as_str().unwrap_or("");
            words.extend(text.lines().map(|line| line.trim().to_owned()));
        }
    }
    for sent in output["sent"].as_array().unwrap() {
        let files = sent["attachments"].as_array().unwrap();
        words.extend(files.iter().filter_map(|file| file["name"].as_str().map(str::to_owned)));
    }
    words.retain(|word| word.chars().count() >= 8);
    words
}

/// What is wrong with a scenario, and the people in it.
fn play(runtime: &tokio::runtime::Runtime, folder: &Path) -> (Vec<String>, Vec<String>) {
    let name = folder.file_name().unwrap().to_string_lossy().into_owned();
    let expect: Value = serde_json::from_str(&std::fs::read_to_string(folder.join("expect.json")).unwrap()).unwrap();
    let output = runtime.block_on(run(folder));
    let wrong = failures(&output, &expect, &WITHOUT).into_iter();
    (
        wrong.map(|failure| format!("{name}: {failure}")).collect(),
        personal(&output),
    )
}

#[test]
fn every_scenario_comes_out_as_expected_and_the_logs_hold_no_buyer() {
    let logs = Captured::default();
    let writer = logs.clone();
    tracing::subscriber::set_global_default(telemetry::subscriber("trace", move || writer.clone())).unwrap();
    let folders = folders();
    assert!(folders.len() >= 60, "the scenarios are there: {}", folders.len());
    let next = AtomicUsize::new(0);
    let work = || {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let (mut wrong, mut people) = (Vec::new(), Vec::new());
        while let Some(folder) = folders.get(next.fetch_add(1, Ordering::Relaxed)) {
            let (failures, words) = play(&runtime, folder);
            wrong.extend(failures);
            people.extend(words);
        }
        (wrong, people)
    };
    let workers = std::thread::available_parallelism()
        .map_or(2, std::num::NonZero::get)
        .min(4);
    let results: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let (wrong, people): (Vec<Vec<String>>, Vec<Vec<String>>) = results.into_iter().unzip();
    let (wrong, people) = (wrong.concat(), people.concat());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let logs = String::from_utf8(logs.0.lock().unwrap().clone()).unwrap();
    assert!(logs.contains("took in a mail"), "logging is on");
    assert!(people.len() > 200, "the fixtures hold people: {}", people.len());
    let leaked: Vec<&String> = people.iter().filter(|word| logs.contains(word.as_str())).collect();
    assert!(leaked.is_empty(), "in the logs: {leaked:?}");
}
