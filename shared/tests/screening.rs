//! How well the screen judges labelled drafts: by rule and language, on three sets that are kept apart.
//!
//! - `written-from`: what the phrases were written from. It tells that nothing broke, not how good the screen is.
//! - `chosen-on`: drafts of other authors or sources, on which gaps, guards and wordings were chosen between.
//! - `blind`: written last, by people who had not read the phrases. Nothing is changed because of a single draft there.
//!
//! A set is a folder of `tests/fixtures/screening`, a file in it one author or source: sets are split by whole files. What is
//! judged wrongly is listed in `target/tmp/screening-misses-*.txt`. The table in `SCREENING.md` is written anew by
//! `SCREENING_TABLE=write cargo test -p within24 --test screening`.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use within24::domain::language::Language;
use within24::domain::marketplace::Marketplace;
use within24::domain::order_id::Asin;
use within24::domain::screening::{Attachment, Draft, DraftKind, Settings, Severity, screen, table};

const SETS: [&str; 3] = ["written-from", "chosen-on", "blind"];
/// Between this line and the end of `SCREENING.md` stands what is measured here.
const HEADING: &str = "\n## Measured\n";

#[derive(Deserialize)]
struct Labelled {
    id: String,
    text: String,
    html: Option<String>,
    subject: Option<String>,
    kind: Option<String>,
    marketplace: Option<String>,
    buyer_language: Option<String>,
    order_id: Option<String>,
    thread_order_ids: Option<Vec<String>>,
    thread_asins: Option<Vec<String>>,
    attachments: Option<Vec<File>>,
    #[serde(default)]
    template: bool,
    expect: Expect,
}

#[derive(Deserialize)]
struct File {
    name: Option<String>,
    media_type: Option<String>,
    bytes: Option<u64>,
}

#[derive(Deserialize)]
struct Expect {
    verdict: String,
    rules: BTreeSet<String>,
}

impl Labelled {
    fn draft(&self) -> Draft {
        let files = self.attachments.iter().flatten();
        Draft {
            text: self.text.as_str().into(),
            html: self.html.as_deref().map(Into::into),
            subject: self.subject.as_deref().map(Into::into),
            kind: self.kind.as_deref().and_then(DraftKind::parse).unwrap_or_default(),
            marketplace: self.marketplace.as_deref().and_then(Marketplace::parse),
            buyer_language: self.buyer_language.as_deref().and_then(Language::parse),
            order_id: self.order_id.as_deref().map(Into::into),
            thread_order_ids: self
                .thread_order_ids
                .iter()
                .flatten()
                .map(|id| id.as_str().into())
                .collect(),
            other_buyers_order_ids: None,
            template: self.template,
            thread_asins: self
                .thread_asins
                .iter()
                .flatten()
                .filter_map(|asin| Asin::parse(asin))
                .collect(),
            attachments: files
                .map(|file| Attachment {
                    name: file.name.clone().unwrap_or_default().into(),
                    media_type: file.media_type.clone(),
                    bytes: file.bytes.unwrap_or_default(),
                })
                .collect(),
        }
    }

    /// The buyer's language, else the marketplace's.
    fn language(&self) -> String {
        let own = self.buyer_language.as_deref().and_then(Language::parse);
        let store = || self.marketplace.as_deref().and_then(Marketplace::parse);
        own.or_else(|| store().map(Marketplace::language))
            .map_or_else(|| "-".to_owned(), |language| language.as_str().to_owned())
    }
}

/// What a set says about one rule, one language, or all.
#[derive(Clone, Copy, Default)]
struct Score {
    drafts: u32,
    verdicts: u32,
    honest: u32,
    held: u32,
    wanted: u32,
    found: u32,
    right: u32,
}

impl Score {
    fn precision(&self) -> String {
        percent(self.right, self.found)
    }

    fn recall(&self) -> String {
        percent(self.right, self.wanted)
    }
}

fn percent(part: u32, whole: u32) -> String {
    if whole == 0 {
        "-".to_owned()
    } else {
        format!("{:.1} %", f64::from(part) * 100.0 / f64::from(whole))
    }
}

#[derive(Default)]
struct Measured {
    all: Score,
    rules: BTreeMap<String, Score>,
    languages: BTreeMap<String, Score>,
    misses: String,
}

impl Measured {
    fn judge(&mut self, label: &Labelled) {
        let report = screen(&label.draft(), &Settings::default());
        let grave = report
            .findings
            .iter()
            .filter(|finding| finding.severity > Severity::Note);
        let rules: BTreeSet<String> = grave.map(|finding| finding.rule.id().to_owned()).collect();
        let verdict = report.verdict.as_str();
        let wanted = &label.expect;
        for score in [&mut self.all, self.languages.entry(label.language()).or_default()] {
            score.drafts += 1;
            score.verdicts += u32::from(verdict == wanted.verdict);
            score.honest += u32::from(wanted.verdict == "allow");
            score.held += u32::from(wanted.verdict == "allow" && verdict != "allow");
            for rule in rules.union(&wanted.rules) {
                count(score, rules.contains(rule), wanted.rules.contains(rule));
            }
        }
        for rule in rules.union(&wanted.rules) {
            let score = self.rules.entry(rule.clone()).or_default();
            count(score, rules.contains(rule), wanted.rules.contains(rule));
        }
        if rules != wanted.rules || verdict != wanted.verdict {
            let (id, text) = (&label.id, &label.text);
            let (got, want) = (join(&rules), join(&wanted.rules));
            // Writing to a `String` cannot fail.
            let _ = writeln!(
                self.misses,
                "{id}\t{verdict} [{got}]\tnot {} [{want}]\t{text:?}",
                wanted.verdict
            );
        }
    }
}

fn count(score: &mut Score, found: bool, wanted: bool) {
    score.found += u32::from(found);
    score.wanted += u32::from(wanted);
    score.right += u32::from(found && wanted);
}

fn join(rules: &BTreeSet<String>) -> String {
    rules.iter().map(String::as_str).collect::<Vec<_>>().join(" ")
}

fn folder(set: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../tests/fixtures/screening")
        .join(set)
}

/// The drafts of a set, file after file; none where the set is not written yet.
fn drafts(set: &str) -> Vec<Labelled> {
    let entries = std::fs::read_dir(folder(set)).into_iter().flatten();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "jsonl"));
    files.sort();
    let mut drafts = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            let draft = serde_json::from_str(line);
            drafts.push(draft.unwrap_or_else(|error| panic!("{}:{}: {error}", file.display(), number + 1)));
        }
    }
    drafts
}

fn measure(set: &str) -> Measured {
    let mut measured = Measured::default();
    for draft in drafts(set) {
        measured.judge(&draft);
    }
    let misses = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("screening-misses-{set}.txt"));
    std::fs::write(misses, &measured.misses).unwrap();
    measured
}

/// The published tables: one by language, one by rule, the three sets side by side.
fn tables(sets: &[Measured; 3]) -> String {
    let mut out = String::from(HEADING);
    out.push_str(INTRODUCTION);
    out.push_str("\n| language | set | drafts | verdict right | precision | recall | honest drafts held |\n|---|---|---|---|---|---|---|\n");
    let languages: BTreeSet<&String> = sets.iter().flat_map(|set| set.languages.keys()).collect();
    let mut rows = |name: &str, of: &dyn Fn(&Measured) -> Option<Score>| {
        for (set, measured) in SETS.iter().zip(sets) {
            let Some(score) = of(measured).filter(|score| score.drafts > 0) else {
                continue;
            };
            let verdicts = percent(score.verdicts, score.drafts);
            let held = format!("{} of {}", score.held, score.honest);
            let (precision, recall) = (score.precision(), score.recall());
            // Writing to a `String` cannot fail.
            let _ = writeln!(
                out,
                "| {name} | {set} | {} | {verdicts} | {precision} | {recall} | {held} |",
                score.drafts
            );
        }
    };
    rows("all", &|measured| Some(measured.all));
    for language in languages {
        rows(language, &|measured| measured.languages.get(language).copied());
    }
    out.push_str("\n| rule |");
    for set in SETS {
        let _ = write!(out, " {set}: drafts | precision | recall |");
    }
    out.push_str("\n|---|---|---|---|---|---|---|---|---|---|\n");
    let rules: BTreeSet<&String> = sets.iter().flat_map(|set| set.rules.keys()).collect();
    for rule in rules {
        let _ = write!(out, "| `{rule}` |");
        for measured in sets {
            let score = measured.rules.get(rule).copied().unwrap_or_default();
            let _ = write!(out, " {} | {} | {} |", score.wanted, score.precision(), score.recall());
        }
        out.push('\n');
    }
    out
}

const INTRODUCTION: &str = "
Three sets of labelled drafts, split by author or source, never at random: what the phrases were written from, what was chosen
between wordings on, and a blind one, written last by people who had not read the phrases. Only the last one tells how the screen
does on drafts it has not seen. Written by `SCREENING_TABLE=write cargo test -p within24 --test screening`; a test compares.
";

#[test]
fn the_published_measurements_are_current() {
    let sets = SETS.map(measure);
    let current = table() + &tables(&sets);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("SCREENING.md");
    #[expect(
        clippy::disallowed_methods,
        reason = "whether to write is asked of whoever runs the test"
    )]
    if std::env::var("SCREENING_TABLE").is_ok_and(|wish| wish == "write") {
        std::fs::write(&path, &current).unwrap();
    }
    let published = std::fs::read_to_string(&path).unwrap();
    assert!(
        published == current,
        "run `SCREENING_TABLE=write cargo test -p within24 --test screening`"
    );
}

/// Floors, not aims: a set that falls below has been made worse by a change.
#[test]
fn each_set_is_judged_at_least_so_well() {
    for (set, least) in SETS.into_iter().zip([97, 90, 85]) {
        let all = measure(set).all;
        let enough = |part: u32, whole: u32| part * 100 >= whole * least;
        assert!(
            enough(all.verdicts, all.drafts) && enough(all.right, all.found) && enough(all.right, all.wanted),
            "{set}: verdicts {}, precision {}, recall {}",
            percent(all.verdicts, all.drafts),
            all.precision(),
            all.recall()
        );
    }
}

#[test]
fn no_draft_is_in_two_sets() {
    let mut seen: BTreeMap<String, &str> = BTreeMap::new();
    for set in SETS {
        for draft in drafts(set) {
            let other = seen.insert(draft.text.clone(), set).unwrap_or(set);
            assert_eq!(other, set, "{}", draft.id);
        }
    }
}
