//! Screens any text in every part of a draft. Fails on a panic, on a span that is none or does not hold its excerpt, on a
//! verdict that is not the gravest finding's and, by libFuzzer's limits, on what takes too long or too much memory.
#![no_main]

use std::time::{Duration, Instant};

use libfuzzer_sys::fuzz_target;
use within24::domain::language::Language;
use within24::domain::order_id::Asin;
use within24::domain::screening::{Attachment, Draft, DraftKind, Settings, Severity, Verdict, screen};

/// Shorter texts show no path that is worse than linear.
const LONG: usize = 100_000;

fuzz_target!(|raw: &[u8]| {
    let (first, raw) = raw.split_first().unwrap_or((&0, raw));
    let text = String::from_utf8_lossy(raw);
    let draft = draft(&text, *first);
    let report = screen(&draft, &Settings::default());
    let chars: Vec<char> = text.chars().collect();
    for finding in &report.findings {
        if let Some(span) = finding.span {
            assert!(span.start < span.end && span.end <= chars.len());
            let excerpt: String = chars[span.start..span.end].iter().collect();
            assert!(finding.excerpt.as_ref().is_some_and(|found| found.expose() == excerpt));
        }
    }
    let gravest = report.findings.iter().map(|finding| finding.severity).max();
    assert_eq!(report.verdict == Verdict::Block, gravest == Some(Severity::Block));
    assert_eq!(report.verdict == Verdict::Warn, gravest == Some(Severity::Warn));
    assert_eq!(screen(&draft, &Settings::default()), report);
    // One in sixteen is repeated until a quadratic path would take minutes.
    if first % 16 == 0 && !text.is_empty() {
        let long = text.repeat(LONG / text.len() + 1);
        let start = Instant::now();
        let _ = screen(&self::draft(&long, *first), &Settings::default());
        assert!(start.elapsed() < Duration::from_secs(5), "{} bytes: {:?}", long.len(), start.elapsed());
    }
});

/// The text as every part of a draft, its kind and languages by one byte.
fn draft(text: &str, choice: u8) -> Draft {
    let kinds = [DraftKind::Reply, DraftKind::Proactive, DraftKind::ReviewRequest];
    Draft {
        text: text.into(),
        html: Some(text.into()),
        subject: Some(text.into()),
        kind: kinds[usize::from(choice % 3)],
        buyer_language: Language::parse(["en", "de", "ja", "ar"][usize::from(choice / 64)]),
        thread_asins: Asin::parse("B0FG3KQSB1").into_iter().collect(),
        attachments: vec![Attachment {
            name: text.into(),
            media_type: Some(text.to_owned()),
            bytes: u64::from(choice),
        }],
        ..Draft::default()
    }
}
