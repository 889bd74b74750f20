//! The labelled drafts: verdicts, precision and recall as the shared checker counts them.

use std::collections::BTreeSet;

use screen_reply::wire;
use serde::Deserialize;
use within24::domain::screening::{Settings, Severity, screen};

#[derive(Deserialize)]
struct Labelled {
    id: String,
    expect: Expect,
}

#[derive(Deserialize)]
struct Expect {
    verdict: String,
    rules: BTreeSet<String>,
}

fn ratio(part: usize, whole: usize) -> f64 {
    let part = u32::try_from(part).expect("few drafts");
    let whole = u32::try_from(whole.max(1)).expect("few drafts");
    f64::from(part) / f64::from(whole)
}

#[track_caller]
fn holds(drafts: &str) {
    let (mut drafts_seen, mut verdicts, mut hits, mut found, mut wanted) = (0, 0, 0, 0, 0);
    let mut wrong = Vec::new();
    for line in drafts.lines().filter(|line| !line.trim().is_empty()) {
        let label: Labelled = serde_json::from_str(line).expect("a labelled draft");
        let draft: wire::DraftIn = serde_json::from_str(line).expect("a draft");
        let report = screen(&draft.into(), &Settings::default());
        let grave = report
            .findings
            .iter()
            .filter(|finding| finding.severity > Severity::Note);
        let rules: BTreeSet<String> = grave.map(|finding| finding.rule.id().to_owned()).collect();
        drafts_seen += 1;
        verdicts += usize::from(report.verdict.as_str() == label.expect.verdict);
        hits += rules.intersection(&label.expect.rules).count();
        found += rules.len();
        wanted += label.expect.rules.len();
        if rules != label.expect.rules || report.verdict.as_str() != label.expect.verdict {
            wrong.push(format!("{}: {rules:?}, not {:?}", label.id, label.expect.rules));
        }
    }
    let scores = [ratio(verdicts, drafts_seen), ratio(hits, found), ratio(hits, wanted)];
    assert!(
        scores.iter().all(|score| *score >= 0.97),
        "verdicts, precision, recall: {scores:?}; {wrong:#?}"
    );
}

#[test]
fn the_given_samples_are_judged_as_labelled() {
    holds(include_str!("../fixtures/screening/written-from/examples.jsonl"));
}

#[test]
fn the_made_drafts_are_judged_as_labelled() {
    holds(include_str!("../fixtures/screening/written-from/made.jsonl"));
}

/// Written by rule, language and trap before they were first screened, in the voice of sellers' support.
#[test]
fn the_drafts_of_sellers_are_judged_as_labelled() {
    holds(include_str!("../fixtures/screening/written-from/sellers.jsonl"));
}

/// The same acts and near misses in other words, set after set, in all languages of the phrases but the newest five: each was
/// written from the policy, before it was first screened.
#[test]
fn the_families_of_phrases_are_judged_as_labelled() {
    holds(include_str!("../fixtures/screening/written-from/families.jsonl"));
}
