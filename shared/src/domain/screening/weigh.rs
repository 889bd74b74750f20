//! Findings gathered, weighed by kind of draft and settings, and given their place in the text.

use std::collections::BTreeSet;

use super::super::personal::Personal;
use super::draft::Draft;
use super::finding::{Finding, Report, Span};
use super::rule::{Rule, Shade, severity, why};
use super::settings::Settings;
use super::text::Clean;

/// Of one rule no more findings than this are reported: the first ones say enough.
const MOST: usize = 200;

pub(super) struct Scale<'a> {
    draft: &'a Draft,
    settings: &'a Settings,
    clean: &'a Clean,
    findings: Vec<Finding>,
    seen: BTreeSet<(Rule, usize, usize)>,
    counts: [usize; Rule::ALL.len()],
}

impl<'a> Scale<'a> {
    pub(super) fn new(draft: &'a Draft, settings: &'a Settings, clean: &'a Clean) -> Self {
        Self {
            draft,
            settings,
            clean,
            findings: Vec::new(),
            seen: BTreeSet::new(),
            counts: [0; Rule::ALL.len()],
        }
    }

    /// A finding at a byte range of the normalised copy.
    pub(super) fn bytes(&mut self, rule: Rule, shade: Shade, start: usize, end: usize) {
        let (start, end) = self.clean.given(start, end);
        self.at(rule, shade, start, end);
    }

    /// A finding at a range of characters of the text as given.
    pub(super) fn chars(&mut self, rule: Rule, start: usize, end: usize) {
        self.at(rule, Shade::Plain, start, end);
    }

    fn at(&mut self, rule: Rule, shade: Shade, start: usize, end: usize) {
        if start < end && self.counts[rule as usize] < MOST && self.seen.insert((rule, start, end)) {
            self.push(rule, shade, Some(Span { start, end }), None);
        }
    }

    /// A finding about the whole draft.
    pub(super) fn whole(&mut self, rule: Rule, shade: Shade, excerpt: Option<Personal>) {
        if self.counts[rule as usize] < MOST {
            self.push(rule, shade, None, excerpt);
        }
    }

    /// The target of a link in the HTML, judged by the rules for links.
    pub(super) fn href(&mut self, href: &str) {
        let lower = href.to_ascii_lowercase();
        let excerpt = || Some(Personal::from(href));
        if let Some(address) = lower.strip_prefix("mailto:") {
            let host = address.split('?').next().and_then(|address| address.rsplit('@').next());
            if host
                .and_then(super::super::marketplace::Marketplace::by_relay_host)
                .is_none()
            {
                self.whole(Rule::ContactEmail, Shade::Plain, excerpt());
            }
        } else if lower.starts_with("tel:") || lower.starts_with("sms:") {
            self.whole(Rule::ContactPhone, Shade::Plain, excerpt());
        } else if lower.starts_with("//")
            || lower.contains("://")
            || lower.starts_with("http:")
            || lower.starts_with("https:")
        {
            let clean = Clean::new(href);
            let disguised = clean.is_disguised(0, clean.text.len());
            let (rules, _) = super::link_rules(&clean.text, disguised, self.settings);
            for rule in rules {
                self.whole(rule, Shade::Plain, excerpt());
            }
        } else if lower.starts_with("www.")
            || super::address::owner(&lower, self.settings) == super::address::Owner::Carrier
        {
            let (rules, _) = super::link_rules(&lower, false, self.settings);
            for rule in rules {
                self.whole(rule, Shade::Plain, excerpt());
            }
        }
    }

    pub(super) fn has(&self, fits: impl Fn(Rule) -> bool) -> bool {
        self.findings.iter().any(|finding| fits(finding.rule))
    }

    fn push(&mut self, rule: Rule, shade: Shade, span: Option<Span>, excerpt: Option<Personal>) {
        let usual = severity(rule, shade, self.draft.kind);
        if let Some(severity) = usual.and_then(|usual| self.settings.severity(rule, usual)) {
            self.counts[rule as usize] += 1;
            self.findings.push(Finding {
                rule,
                severity,
                span,
                excerpt,
                why: why(rule, shade),
            });
        }
    }

    pub(super) fn report(mut self) -> Report {
        self.findings
            .sort_by_key(|finding| (finding.span.is_none(), finding.span, finding.rule));
        let text = self.draft.text.expose();
        let mut places = Places::new(text);
        for finding in &mut self.findings {
            if let Some(span) = finding.span {
                finding.excerpt = Some(places.slice(span).into());
            }
        }
        let (accepted_risks, ignored_settings) = self.settings.weakened();
        let verdict = Report::verdict_of(&self.findings);
        Report {
            verdict,
            findings: self.findings,
            accepted_risks,
            ignored_settings,
        }
    }
}

/// Byte offsets of characters, walked once from front to back as the findings are in order of position.
struct Places<'a> {
    text: &'a str,
    ascii: bool,
    chars: usize,
    byte: usize,
}

impl<'a> Places<'a> {
    fn new(text: &'a str) -> Self {
        Self {
            text,
            ascii: text.is_ascii(),
            chars: 0,
            byte: 0,
        }
    }

    fn slice(&mut self, span: Span) -> &'a str {
        if self.ascii {
            return self.text.get(span.start..span.end).unwrap_or("");
        }
        self.byte += width(&self.text[self.byte..], span.start - self.chars);
        self.chars = span.start;
        let rest = &self.text[self.byte..];
        &rest[..width(rest, span.end - span.start)]
    }
}

/// How many bytes the first `count` characters take.
fn width(text: &str, count: usize) -> usize {
    text.char_indices().nth(count).map_or(text.len(), |(at, _)| at)
}
