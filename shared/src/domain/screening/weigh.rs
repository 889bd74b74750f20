//! Findings gathered, weighed by kind of draft and settings, and given their place in the text.

use std::collections::BTreeSet;

use super::super::personal::Personal;
use super::draft::Draft;
use super::finding::{Finding, LONGEST_EXCERPT, Part, Report, Span};
use super::rule::{Rule, Severity, Shade, severity, why};
use super::settings::Settings;
use super::source::Source;

/// Of one rule no more findings than this are reported: the first ones say enough.
const MOST: usize = 200;

pub(super) struct Scale<'a> {
    draft: &'a Draft,
    settings: &'a Settings,
    findings: Vec<Finding>,
    seen: BTreeSet<(Part, Rule, usize, usize)>,
    counts: [usize; Rule::ALL.len()],
}

impl<'a> Scale<'a> {
    pub(super) fn new(draft: &'a Draft, settings: &'a Settings) -> Self {
        Self {
            draft,
            settings,
            findings: Vec::new(),
            seen: BTreeSet::new(),
            counts: [0; Rule::ALL.len()],
        }
    }

    /// A finding at a byte range of the normalised copy.
    pub(super) fn bytes(&mut self, source: &Source<'_>, rule: Rule, shade: Shade, start: usize, end: usize) {
        let (start, end) = source.clean.given(start, end);
        self.chars(source, rule, shade, start, end);
    }

    /// A finding at a range of characters of the text as given.
    pub(super) fn chars(&mut self, source: &Source<'_>, rule: Rule, shade: Shade, start: usize, end: usize) {
        let fresh = start < end && self.counts[rule as usize] < MOST;
        if fresh && self.seen.insert((source.part, rule, start, end)) {
            let quoted = source.is_quoted(start, end);
            self.push(source.part, rule, shade, quoted, Some(Span { start, end }), None);
        }
    }

    /// A finding about a whole part of the draft.
    pub(super) fn whole(&mut self, part: Part, rule: Rule, shade: Shade, excerpt: Option<Personal>) {
        if self.counts[rule as usize] < MOST {
            self.push(part, rule, shade, false, None, excerpt);
        }
    }

    pub(super) fn has(&self, fits: impl Fn(Rule) -> bool) -> bool {
        self.findings.iter().any(|finding| fits(finding.rule))
    }

    fn push(
        &mut self,
        part: Part,
        rule: Rule,
        shade: Shade,
        quoted: bool,
        span: Option<Span>,
        excerpt: Option<Personal>,
    ) {
        let usual = severity(rule, shade, self.draft.kind);
        if let Some(severity) = usual.and_then(|usual| self.settings.severity(rule, usual)) {
            self.counts[rule as usize] += 1;
            self.findings.push(Finding {
                rule,
                severity: if quoted { milder(severity) } else { severity },
                part,
                quoted,
                span,
                excerpt,
                why: why(rule, shade),
            });
        }
    }

    pub(super) fn report(mut self, sources: &[Source<'_>]) -> Report {
        let mut findings = joined(std::mem::take(&mut self.findings));
        for source in sources {
            let mut places = Places::new(&source.given);
            for finding in findings.iter_mut().filter(|finding| finding.part == source.part) {
                if let Some(span) = &mut finding.span {
                    span.end = span.end.min(span.start + LONGEST_EXCERPT);
                    finding.excerpt = Some(places.slice(*span).into());
                }
            }
        }
        for finding in &mut findings {
            if finding.part != Part::Text {
                finding.span = None;
            }
            if finding.span.is_none() {
                finding.excerpt = finding.excerpt.take().map(|excerpt| shortened(&excerpt));
            }
        }
        once(&mut findings);
        findings.sort_by_key(|finding| (finding.part, finding.span.is_none(), finding.span, finding.rule));
        let (accepted_risks, ignored_settings) = self.settings.weakened();
        Report {
            verdict: Report::verdict_of(&findings),
            findings,
            accepted_risks,
            ignored_settings,
        }
    }
}

/// Quoted words are somebody else's, and there to be answered.
fn milder(severity: Severity) -> Severity {
    match severity {
        Severity::Block => Severity::Warn,
        Severity::Warn | Severity::Note => Severity::Note,
    }
}

/// One act is one finding: those of one rule that overlap become one, as grave as the gravest. In order of position.
fn joined(mut findings: Vec<Finding>) -> Vec<Finding> {
    let order = |finding: &Finding| (finding.part, finding.rule, finding.span.is_none(), finding.span);
    findings.sort_by_key(order);
    let mut out: Vec<Finding> = Vec::with_capacity(findings.len());
    for finding in findings {
        if let Some(last) = out.last_mut()
            && (last.part, last.rule, last.quoted) == (finding.part, finding.rule, finding.quoted)
            && let (Some(before), Some(span)) = (&mut last.span, finding.span)
            && span.start < before.end
        {
            before.end = before.end.max(span.end);
            if finding.severity > last.severity {
                (last.severity, last.why) = (finding.severity, finding.why);
            }
        } else {
            out.push(finding);
        }
    }
    out.sort_by_key(|finding| (finding.part, finding.span.is_none(), finding.span));
    out
}

/// What the text says is not reported of the HTML again, nor the same words of the HTML twice.
fn once(findings: &mut Vec<Finding>) {
    if findings.iter().all(|finding| finding.part == Part::Text) {
        return;
    }
    let mut seen = BTreeSet::new();
    findings.retain(|finding| {
        let Some(excerpt) = &finding.excerpt else {
            return seen.insert((finding.rule, String::new()));
        };
        let plain = excerpt.expose().to_lowercase();
        let plain = plain.strip_prefix("mailto:").unwrap_or(&plain);
        let plain: Vec<&str> = plain.split_whitespace().collect();
        seen.insert((finding.rule, plain.join(" "))) || finding.part == Part::Text
    });
}

fn shortened(excerpt: &Personal) -> Personal {
    let text = excerpt.expose();
    text[..width(text, LONGEST_EXCERPT)].into()
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
