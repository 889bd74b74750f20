//! What the screen found.

use super::super::personal::Personal;
use super::rule::{Rule, Severity};

/// May the draft go out?
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// No finding above a note.
    Allow,
    /// May be sent; a person should look.
    Warn,
    /// Must not be sent as it is.
    Block,
}

impl Verdict {
    /// The contract's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Warn => "warn",
            Self::Block => "block",
        }
    }
}

/// A part of the draft's text: offsets in Unicode scalar values, half open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// First character.
    pub start: usize,
    /// One past the last character.
    pub end: usize,
}

/// One fault of a draft.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule broken.
    pub rule: Rule,
    /// How grave it is here.
    pub severity: Severity,
    /// Where in the text; `None` for findings about the whole draft, its subject, HTML or attachments.
    pub span: Option<Span>,
    /// The text at `span`, exactly as given, or the offending piece of subject, HTML or file name.
    pub excerpt: Option<Personal>,
    /// One sentence an agent can act on.
    pub why: &'static str,
}

/// The screen's answer about a draft.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The highest severity found decides.
    pub verdict: Verdict,
    /// In order of position; those about the whole draft last.
    pub findings: Vec<Finding>,
    /// Protected rules that a setting weakened under an explicit acceptance of the risk. The caller logs them.
    pub accepted_risks: Vec<Rule>,
    /// Protected rules that a setting tried to weaken without it; they were judged as if the setting were not there.
    pub ignored_settings: Vec<Rule>,
}

impl Report {
    pub(super) fn verdict_of(findings: &[Finding]) -> Verdict {
        match findings.iter().map(|finding| finding.severity).max() {
            Some(Severity::Block) => Verdict::Block,
            Some(Severity::Warn) => Verdict::Warn,
            Some(Severity::Note) | None => Verdict::Allow,
        }
    }
}
