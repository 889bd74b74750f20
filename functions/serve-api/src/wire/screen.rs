//! Drafts as callers write them. Stricter than the command's: what is not known, or cannot be, is refused.

use screen_reply::wire::ReportOut;
use serde::Deserialize;
use serde_json::{Map, Value};
use within24::domain::language::Language;
use within24::domain::order_id::Asin;
use within24::domain::screening::{Attachment, Draft, DraftKind, Report};
use within24::lambda::api::{Invalid, Object};
use within24::lambda::room::{MOST_ANSWERED, Room};

use super::given;
use crate::threads::marketplace;

/// The most bytes of what a caller names a draft.
const LONGEST_ID: usize = 1000;

/// A draft.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DraftIn {
    pub(crate) id: Option<Value>,
    text: String,
    html: Option<String>,
    subject: Option<String>,
    kind: Option<Kind>,
    marketplace: Option<String>,
    buyer_language: Option<String>,
    order_id: Option<String>,
    thread_order_ids: Option<Vec<String>>,
    thread_asins: Option<Vec<String>>,
    attachments: Option<Vec<Object<AttachmentIn>>>,
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
#[serde(deny_unknown_fields)]
struct AttachmentIn {
    name: Option<String>,
    media_type: Option<String>,
    #[serde(default, deserialize_with = "given::size_or_null")]
    bytes: Option<u64>,
}

fn language(tag: &str) -> Option<Language> {
    (tag.len() == 2 && tag.bytes().all(|b| b.is_ascii_lowercase())).then(|| Language::parse(tag))?
}

impl DraftIn {
    /// What cannot be used of it; `at` is its place in the body.
    pub(crate) fn faults(&self, at: &str) -> Vec<Invalid> {
        let mut faults = Vec::new();
        let mut need = |holds: bool, field: &str, detail: &str| {
            if !holds {
                faults.push(Invalid {
                    pointer: format!("{at}/{field}"),
                    detail: detail.to_owned(),
                });
            }
        };
        let name = self.id.as_ref().map_or(0, |id| id.to_string().len());
        need(name <= LONGEST_ID, "id", "write at most 1000 bytes of JSON");
        let short = |text: Option<&String>, most: usize| text.is_none_or(|text| text.chars().count() <= most);
        need(
            short(Some(&self.text), 100_000),
            "text",
            "write at most 100000 characters",
        );
        need(
            short(self.html.as_ref(), 500_000),
            "html",
            "write at most 500000 characters",
        );
        need(
            short(self.subject.as_ref(), 1000),
            "subject",
            "write at most 1000 characters",
        );
        need(
            short(self.order_id.as_ref(), 100),
            "order_id",
            "write at most 100 characters",
        );
        let known = self
            .marketplace
            .as_deref()
            .is_none_or(|code| marketplace(code).is_some());
        need(known, "marketplace", "write a code like DE, GB, JP");
        let known = self.buyer_language.as_deref().is_none_or(|tag| language(tag).is_some());
        need(known, "buyer_language", "write a language of two letters, like de");
        let orders = self.thread_order_ids.as_deref().unwrap_or_default();
        let good = orders.len() <= 100 && orders.iter().all(|order| short(Some(order), 100));
        need(
            good,
            "thread_order_ids",
            "write at most 100 order ids of at most 100 characters each",
        );
        let asins = self.thread_asins.as_deref().unwrap_or_default();
        let good = asins.len() <= 100 && asins.iter().all(|asin| Asin::parse(asin).is_some());
        need(
            good,
            "thread_asins",
            "write at most 100 ASINs of ten capitals and digits each",
        );
        let files = self.attachments.as_deref().unwrap_or_default();
        let good = files.len() <= 100
            && files
                .iter()
                .all(|Object(file)| short(file.name.as_ref(), 1000) && short(file.media_type.as_ref(), 200));
        need(
            good,
            "attachments",
            "write at most 100 files, their names at most 1000 characters long",
        );
        faults
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
            marketplace: draft.marketplace.as_deref().and_then(marketplace),
            buyer_language: draft.buyer_language.as_deref().and_then(language),
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
                .filter_map(|asin| Asin::parse(asin))
                .collect(),
            attachments: draft
                .attachments
                .unwrap_or_default()
                .into_iter()
                .map(|file| file.0.into())
                .collect(),
            template: draft.template.unwrap_or(false),
        }
    }
}

impl From<AttachmentIn> for Attachment {
    fn from(file: AttachmentIn) -> Self {
        Self {
            name: file.name.unwrap_or_default().into(),
            media_type: file.media_type,
            bytes: file.bytes.unwrap_or(0),
        }
    }
}

/// What the screen found, as the report of a draft has it: `findings`, and `findings_left_out` where there is no room for all.
pub(crate) fn findings(report: &Report) -> Map<String, Value> {
    let report = ReportOut::within(None, report, &mut Room::of(MOST_ANSWERED));
    let mut members = match serde_json::to_value(report) {
        Ok(Value::Object(members)) => members,
        _ => Map::new(),
    };
    members.retain(|name, _| name.starts_with("findings"));
    members
}
