//! Drafts as callers of the API write them, and what the screen says of them. A draft is stricter here than in a file of
//! the command ([`DraftLine`](super::draft_line::DraftLine)): what is not known, or cannot be, is refused.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Object, exposed, given};
use crate::domain::screening::{DraftKind, Report};

/// A draft.
#[derive(Clone, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct DraftIn {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<Value>,
    pub text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub html: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<DraftKindIn>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub marketplace: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub buyer_language: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thread_order_ids: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thread_asins: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attachments: Option<Vec<Object<DraftFileIn>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub template: Option<bool>,
}

/// What a draft is for.
#[derive(Clone, Copy, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum DraftKindIn {
    Reply,
    Proactive,
    ReviewRequest,
}

impl From<DraftKindIn> for DraftKind {
    fn from(kind: DraftKindIn) -> Self {
        match kind {
            DraftKindIn::Reply => Self::Reply,
            DraftKindIn::Proactive => Self::Proactive,
            DraftKindIn::ReviewRequest => Self::ReviewRequest,
        }
    }
}

/// A file of a draft, without its content.
#[derive(Clone, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct DraftFileIn {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub media_type: Option<String>,
    #[serde(
        default,
        deserialize_with = "given::size_or_null",
        skip_serializing_if = "Option::is_none"
    )]
    pub bytes: Option<u64>,
}

/// What the screen says of a draft. Also a line of what the command prints.
#[derive(Clone, Deserialize, Serialize)]
pub struct ScreenReport {
    /// The draft's, as it came.
    pub id: Option<Value>,
    pub verdict: String,
    pub findings: Vec<FindingOut>,
    /// Only where a response has no room for all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub findings_left_out: Option<usize>,
}

/// One thing that it found.
#[derive(Clone, Deserialize, Serialize)]
pub struct FindingOut {
    pub rule: String,
    pub severity: String,
    pub start: Option<usize>,
    pub end: Option<usize>,
    pub excerpt: Option<String>,
    pub why: String,
    /// The text, the HTML or the subject: what `start` and `end` count in, where they are given.
    pub part: String,
    /// It stands in lines that are quoted from the buyer.
    pub quoted: bool,
    /// Who found it: a rule.
    pub by: String,
}

impl ScreenReport {
    /// The report on the draft with this id.
    pub fn of(id: Option<Value>, report: &Report) -> Self {
        let findings = report.findings.iter().map(|finding| FindingOut {
            rule: finding.rule.id().to_owned(),
            severity: finding.severity.as_str().to_owned(),
            start: finding.span.map(|span| span.start),
            end: finding.span.map(|span| span.end),
            excerpt: exposed(finding.excerpt.as_ref()),
            why: finding.why.to_owned(),
            part: finding.part.as_str().to_owned(),
            quoted: finding.quoted,
            by: "rule".to_owned(),
        });
        Self {
            id,
            verdict: report.verdict.as_str().to_owned(),
            findings: findings.collect(),
            findings_left_out: None,
        }
    }
}
