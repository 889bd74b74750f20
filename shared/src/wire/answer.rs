//! Answers to buyers.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{none, unset};
use crate::domain::outgoing::{Content, Outgoing};

/// An answer to be sent.
#[derive(Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct AnswerIn {
    pub text: String,
    #[serde(default, skip_serializing_if = "unset")]
    pub r#override: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<FileIn>,
}

/// A file that goes out with an answer.
#[derive(Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct FileIn {
    pub name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub media_type: Option<String>,
    /// In base64.
    pub content: String,
}

/// An answer, and what became of it.
#[derive(Clone, Deserialize, Serialize)]
pub struct AnswerOut {
    pub id: String,
    pub thread: String,
    pub state: String,
    pub by: String,
    pub created_at: Timestamp,
    pub text: String,
    pub r#override: bool,
    pub attachments: Vec<FileOut>,
    pub findings: Vec<String>,
}

/// A file of an answer, without its content.
#[derive(Clone, Deserialize, Serialize)]
pub struct FileOut {
    pub name: String,
    pub media_type: String,
    pub bytes: u64,
}

impl AnswerOut {
    /// `None` for what no person wrote.
    pub fn of(item: &Outgoing) -> Option<Self> {
        let Content::Reply {
            text, by, r#override, ..
        } = &item.content
        else {
            return None;
        };
        let files = item.content.attachments().iter().map(|file| FileOut {
            name: file.name.expose().to_owned(),
            media_type: file.media_type.clone(),
            bytes: file.bytes,
        });
        Some(Self {
            id: item.key.as_str().to_owned(),
            thread: item.thread.as_str().to_owned(),
            state: item.state.as_str().to_owned(),
            by: by.expose().to_owned(),
            created_at: item.created_at,
            text: text.expose().to_owned(),
            r#override: *r#override,
            attachments: files.collect(),
            findings: item.findings.clone(),
        })
    }
}

/// The answers of a thread, the oldest first.
#[derive(Clone, Deserialize, Serialize)]
pub struct Answers<T = AnswerOut> {
    pub answers: Vec<T>,
    #[serde(default, skip_serializing_if = "none")]
    pub answers_left_out: usize,
}
