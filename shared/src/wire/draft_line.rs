//! A draft as a line of JSON: what `screen-reply` takes by direct invoke and the command reads from files. The report on it is
//! a [`ScreenReport`](super::screen::ScreenReport).

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Object;
use super::screen::{DraftFileIn, DraftIn, DraftKindIn};
use crate::domain::language::Language;
use crate::domain::marketplace::Marketplace;
use crate::domain::order_id::Asin;
use crate::domain::screening::{Attachment, Draft, DraftKind};

/// A draft as it is written by users. Only `text` is required; unknown fields are ignored.
#[derive(Clone, Default, Deserialize, Serialize)]
pub struct DraftLine {
    /// Given back as it came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
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
    pub attachments: Option<Vec<DraftLineFile>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub template: Option<bool>,
}

/// A file of it, without its content.
#[derive(Clone, Default, Deserialize, Serialize)]
pub struct DraftLineFile {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub media_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
}

impl DraftLine {
    /// A template: what a file of text or HTML is, or a helpdesk's macro.
    pub fn template(id: &str, text: String, html: Option<String>, subject: Option<String>) -> Self {
        Self {
            id: Some(id.into()),
            text,
            html,
            subject,
            template: Some(true),
            ..Self::default()
        }
    }

    /// Bytes of its texts: what the limit on size counts.
    pub fn bytes(&self) -> usize {
        self.text.len() + self.html.as_ref().map_or(0, String::len) + self.subject.as_ref().map_or(0, String::len)
    }
}

/// A draft of the API, which is stricter, says the same.
impl From<DraftIn> for DraftLine {
    fn from(draft: DraftIn) -> Self {
        let file = |Object(file): Object<DraftFileIn>| DraftLineFile {
            name: file.name,
            media_type: file.media_type,
            bytes: file.bytes,
        };
        Self {
            id: draft.id,
            text: draft.text,
            html: draft.html,
            subject: draft.subject,
            kind: draft.kind,
            marketplace: draft.marketplace,
            buyer_language: draft.buyer_language,
            order_id: draft.order_id,
            thread_order_ids: draft.thread_order_ids,
            thread_asins: draft.thread_asins,
            attachments: draft.attachments.map(|files| files.into_iter().map(file).collect()),
            template: draft.template,
        }
    }
}

impl From<DraftLine> for Draft {
    fn from(draft: DraftLine) -> Self {
        Self {
            text: draft.text.into(),
            html: draft.html.map(Into::into),
            subject: draft.subject.map(Into::into),
            kind: draft.kind.map_or(DraftKind::Reply, Into::into),
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

impl From<DraftLineFile> for Attachment {
    fn from(file: DraftLineFile) -> Self {
        Self {
            name: file.name.unwrap_or_default().into(),
            media_type: file.media_type,
            bytes: file.bytes.unwrap_or(0),
        }
    }
}
