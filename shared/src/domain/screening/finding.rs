//! What the screen found.

use super::super::personal::Personal;
use super::rule::{Rule, Severity};

/// Characters of an excerpt: enough to see what is meant.
pub const LONGEST_EXCERPT: usize = 200;

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

/// The part of a draft that a finding is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// The plain text, and the draft as a whole.
    Text,
    /// What is seen of the HTML, or its markup.
    Html,
    /// The subject line.
    Subject,
}

impl Part {
    /// The contract's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Html => "html",
            Self::Subject => "subject",
        }
    }
}

/// One fault of a draft.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule broken.
    pub rule: Rule,
    /// How grave it is here.
    pub severity: Severity,
    /// Which part of the draft it is about.
    pub part: Part,
    /// In lines quoted from an older message: one step milder than the same words of the writer's own.
    pub quoted: bool,
    /// Where in the text, at most [`LONGEST_EXCERPT`] characters of it; `None` for findings about the whole draft, its
    /// subject, HTML or attachments.
    pub span: Option<Span>,
    /// The text at `span`, exactly as given, or the first characters of the offending piece of subject, HTML or file name.
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
