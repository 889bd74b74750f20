//! What the screen holds back and what it lets pass, as sentences.

mod addresses;
mod forgotten_spaces;
mod form;
mod laws;
mod parts;
mod phones;
mod phrases;
mod settings;
mod speed;
mod templates;
mod tongues;

use super::super::language::Language;
use super::{Draft, DraftKind, Report, Rule, Settings, screen};

fn reply(text: &str) -> Report {
    screen(
        &Draft {
            text: text.into(),
            ..Draft::default()
        },
        &Settings::default(),
    )
}

fn of_kind(kind: DraftKind, text: &str) -> Report {
    screen(
        &Draft {
            text: text.into(),
            kind,
            ..Draft::default()
        },
        &Settings::default(),
    )
}

/// A reply to a buyer whose language is known.
fn reply_in(language: &str, text: &str) -> Report {
    screen(
        &Draft {
            text: text.into(),
            buyer_language: Language::parse(language),
            ..Draft::default()
        },
        &Settings::default(),
    )
}

fn rules(report: &Report) -> Vec<Rule> {
    let mut rules: Vec<Rule> = report.findings.iter().map(|finding| finding.rule).collect();
    rules.sort();
    rules.dedup();
    rules
}

/// Every text breaks exactly these rules.
#[track_caller]
fn each(expected: &[Rule], texts: &[&str]) {
    for text in texts {
        assert_eq!(rules(&reply(text)), expected, "{text}");
    }
}

/// Every text, for a buyer of this language, breaks exactly these rules.
#[track_caller]
fn each_in(expected: &[Rule], texts: &[(&str, &str)]) {
    for (language, text) in texts {
        assert_eq!(rules(&reply_in(language, text)), expected, "{language}: {text}");
    }
}

#[test]
fn every_rule_has_its_row_in_the_table() {
    let table = super::table();
    for rule in Rule::ALL {
        assert!(table.contains(&format!("| `{}`", rule.id())), "{rule:?}");
        assert_eq!(Rule::parse(rule.id()), Some(*rule));
    }
}

#[test]
fn the_published_table_is_current() {
    let published = include_str!("../../../../SCREENING.md");
    assert!(
        published.starts_with(&super::table()),
        "run `SCREENING_TABLE=write cargo test -p within24 --test screening`"
    );
}

#[test]
fn debug_output_shows_no_text() {
    let report = reply("Write to tom.miller@example.org please");
    let shown = format!("{report:?}");
    assert!(shown.contains("contact-email") && !shown.contains("miller"), "{shown}");
}
