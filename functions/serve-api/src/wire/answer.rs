//! Answers to buyers.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use within24::domain::attachment::Attachment;
use within24::domain::outgoing::{Content, Outgoing};
use within24::lambda::api::Invalid;
use within24::lambda::room::Room;

use super::none;

/// An answer to be sent.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AnswerIn {
    pub(crate) text: String,
    #[serde(default)]
    pub(crate) r#override: bool,
    #[serde(default)]
    attachments: Vec<FileIn>,
}

/// A file that goes out with an answer.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileIn {
    name: String,
    media_type: Option<String>,
    /// In base64.
    content: String,
}

impl AnswerIn {
    /// The files, or what is wrong with them.
    pub(crate) fn files(&self) -> Result<Vec<Attachment>, Vec<Invalid>> {
        let (mut files, mut wrong) = (Vec::new(), Vec::new());
        for (place, file) in self.attachments.iter().enumerate() {
            match Attachment::decode(&file.name, file.media_type.as_deref(), &file.content) {
                Ok(file) => files.push(file),
                Err(error) => wrong.push(Invalid {
                    pointer: format!("/attachments/{place}"),
                    detail: error.to_string(),
                }),
            }
        }
        if wrong.is_empty() { Ok(files) } else { Err(wrong) }
    }
}

/// An answer, and what became of it.
#[derive(Serialize)]
pub(crate) struct AnswerOut<'a> {
    id: &'a str,
    thread: &'a str,
    state: &'static str,
    by: &'a str,
    created_at: Timestamp,
    text: &'a str,
    r#override: bool,
    attachments: Vec<FileOut<'a>>,
    findings: &'a [String],
}

/// A file of an answer, without its content.
#[derive(Serialize)]
struct FileOut<'a> {
    name: &'a str,
    media_type: &'a str,
    bytes: u64,
}

impl<'a> AnswerOut<'a> {
    /// `None` for what no person wrote.
    pub(crate) fn of(item: &'a Outgoing) -> Option<Self> {
        let Content::Reply {
            text, by, r#override, ..
        } = &item.content
        else {
            return None;
        };
        let files = item.content.attachments().iter().map(|file| FileOut {
            name: file.name.expose(),
            media_type: &file.media_type,
            bytes: file.bytes,
        });
        Some(Self {
            id: item.key.as_str(),
            thread: item.thread.as_str(),
            state: item.state.as_str(),
            by: by.expose(),
            created_at: item.created_at,
            text: text.expose(),
            r#override: *r#override,
            attachments: files.collect(),
            findings: &item.findings,
        })
    }

    /// Its id and state, when it was handed in, and by whom.
    pub(super) fn handed_in(&self) -> (&'a str, &'static str, Timestamp, &'a str) {
        (self.id, self.state, self.created_at, self.by)
    }
}

/// The answers of a thread, the oldest first.
#[derive(Serialize)]
pub(crate) struct Answers<'a> {
    answers: Vec<AnswerOut<'a>>,
    #[serde(skip_serializing_if = "none")]
    answers_left_out: usize,
}

impl<'a> Answers<'a> {
    /// The latest of them that there is room for.
    pub(crate) fn of(outbox: &'a [Outgoing], mut room: Room) -> Self {
        let (answers, answers_left_out) = room.last(outbox.iter().filter_map(AnswerOut::of).collect());
        Self {
            answers,
            answers_left_out,
        }
    }
}
