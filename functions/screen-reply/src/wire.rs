//! Drafts and reports as JSON: the contract of `within24 screen`.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use within24::domain::language::Language;
use within24::domain::marketplace::Marketplace;
use within24::domain::order_id::Asin;
use within24::domain::screening::{Attachment, Draft, DraftKind, Report};
use within24::domain::store_screen::{ScreenSettingError, StoreScreen};
use within24::lambda::room::Room;

/// A draft as it is written by users. Only `text` is required; unknown fields are ignored.
#[derive(Deserialize)]
pub struct DraftIn {
    /// Given back as it came.
    #[serde(default)]
    pub id: Option<serde_json::Value>,
    text: String,
    html: Option<String>,
    subject: Option<String>,
    kind: Option<Kind>,
    marketplace: Option<String>,
    buyer_language: Option<String>,
    order_id: Option<String>,
    thread_order_ids: Option<Vec<String>>,
    thread_asins: Option<Vec<String>>,
    attachments: Option<Vec<AttachmentIn>>,
    template: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Kind {
    Reply,
    Proactive,
    ReviewRequest,
}

#[derive(Deserialize)]
struct AttachmentIn {
    name: Option<String>,
    media_type: Option<String>,
    bytes: Option<u64>,
}

impl DraftIn {
    /// A template: what a file of text or HTML is, or a helpdesk's macro.
    pub fn template(id: &str, text: String, html: Option<String>, subject: Option<String>) -> Self {
        Self {
            id: Some(id.into()),
            text,
            html,
            subject,
            kind: None,
            marketplace: None,
            buyer_language: None,
            order_id: None,
            thread_order_ids: None,
            thread_asins: None,
            attachments: None,
            template: Some(true),
        }
    }

    /// Its text, as it was given.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Bytes of its texts: what the limit on size counts.
    pub fn bytes(&self) -> usize {
        self.text.len() + self.html.as_ref().map_or(0, String::len) + self.subject.as_ref().map_or(0, String::len)
    }
}

impl From<DraftIn> for Draft {
    fn from(draft: DraftIn) -> Self {
        Self {
            text: draft.text.into(),
            html: draft.html.map(Into::into),
            subject: draft.subject.map(Into::into),
            kind: match draft.kind {
                None | Some(Kind::Reply) => DraftKind::Reply,
                Some(Kind::Proactive) => DraftKind::Proactive,
                Some(Kind::ReviewRequest) => DraftKind::ReviewRequest,
            },
            marketplace: draft.marketplace.as_deref().and_then(Marketplace::parse),
            buyer_language: draft.buyer_language.as_deref().and_then(Language::parse),
            order_id: draft.order_id.map(Into::into),
            thread_order_ids: draft
                .thread_order_ids
                .unwrap_or_default()
                .into_iter()
                .map(Into::into)
                .collect(),
            other_buyers_order_ids: None,
            thread_asins: draft
                .thread_asins
                .unwrap_or_default()
                .iter()
                .filter_map(|asin| Asin::parse(asin.trim()))
                .collect(),
            attachments: draft
                .attachments
                .unwrap_or_default()
                .into_iter()
                .map(Into::into)
                .collect(),
            template: draft.template.unwrap_or(false),
        }
    }
}

impl From<AttachmentIn> for Attachment {
    fn from(attachment: AttachmentIn) -> Self {
        Self {
            name: attachment.name.unwrap_or_default().into(),
            media_type: attachment.media_type,
            bytes: attachment.bytes.unwrap_or(0),
        }
    }
}

/// A report as it is printed.
#[derive(Serialize)]
pub struct ReportOut<'a> {
    id: Option<serde_json::Value>,
    verdict: &'static str,
    findings: Vec<FindingOut<'a>>,
    /// Only where an answer has no room for all.
    #[serde(skip_serializing_if = "Option::is_none")]
    findings_left_out: Option<usize>,
}

#[derive(Serialize)]
struct FindingOut<'a> {
    rule: &'static str,
    severity: &'static str,
    start: Option<usize>,
    end: Option<usize>,
    excerpt: Option<&'a str>,
    why: &'static str,
    part: &'static str,
    quoted: bool,
    by: &'static str,
}

impl<'a> ReportOut<'a> {
    /// The report on the draft with this id.
    pub fn new(id: Option<serde_json::Value>, report: &'a Report) -> Self {
        let findings = report.findings.iter().map(|finding| FindingOut {
            rule: finding.rule.id(),
            severity: finding.severity.as_str(),
            start: finding.span.map(|span| span.start),
            end: finding.span.map(|span| span.end),
            excerpt: finding
                .excerpt
                .as_ref()
                .map(within24::domain::personal::Personal::expose),
            why: finding.why,
            part: finding.part.as_str(),
            quoted: finding.quoted,
            by: "rule",
        });
        Self {
            id,
            verdict: report.verdict.as_str(),
            findings: findings.collect(),
            findings_left_out: None,
        }
    }

    /// The same with as many findings as there is room for, the gravest before others.
    pub fn within(id: Option<serde_json::Value>, report: &'a Report, room: &mut Room) -> Self {
        let mut whole = Self::new(id, report);
        let mut places: Vec<usize> = (0..whole.findings.len()).collect();
        places.sort_by_key(|place| Reverse(report.findings[*place].severity));
        let mut fits = vec![false; places.len()];
        for place in places {
            fits[place] = room.takes(&whole.findings[place]);
        }
        let left_out = fits.iter().filter(|fits| !**fits).count();
        let mut fits = fits.into_iter();
        whole.findings.retain(|_| fits.next() == Some(true));
        whole.findings_left_out = (left_out > 0).then_some(left_out);
        whole
    }
}

/// A store's own screen settings as users write them.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SettingsIn {
    rules: BTreeMap<String, String>,
    phrases: BTreeMap<String, Vec<String>>,
    allowed_hosts: Vec<String>,
    i_accept_the_risk: bool,
}

impl SettingsIn {
    /// The settings, and all that is wrong with them.
    pub fn read(&self) -> (StoreScreen, Vec<ScreenSettingError>) {
        let mut screen = StoreScreen::default();
        let mut wrong = Vec::new();
        wrong.extend(
            self.rules
                .iter()
                .filter_map(|(rule, to)| screen.set_rule(rule, to).err()),
        );
        for (rule, phrases) in &self.phrases {
            wrong.extend(
                phrases
                    .iter()
                    .filter_map(|phrase| screen.add_phrase(rule, phrase).err()),
            );
        }
        for host in &self.allowed_hosts {
            screen.allow_host(host);
        }
        screen.accept_the_risk(self.i_accept_the_risk);
        (screen, wrong)
    }
}
