//! A thread as a whole.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::answer::AnswerOut;
use super::thread::ThreadSummary;
use super::{exposed, none};
use crate::domain::mail::Kind;
use crate::domain::message::{Fact, Message, MessageKind};
use crate::domain::personal::Personal;

/// All of a thread.
#[derive(Clone, Deserialize, Serialize)]
pub struct Export {
    pub exported_at: Timestamp,
    pub thread: ThreadSummary,
    pub messages: Vec<ExportedMessage>,
    #[serde(default, skip_serializing_if = "none")]
    pub messages_left_out: usize,
    pub answers: Vec<AnswerOut>,
    #[serde(default, skip_serializing_if = "none")]
    pub answers_left_out: usize,
}

/// A message, with all that is known of it.
#[derive(Clone, Deserialize, Serialize)]
pub struct ExportedMessage {
    pub id: String,
    pub at: Timestamp,
    pub direction: String,
    pub by: String,
    pub kind: String,
    pub mail: Option<String>,
    pub automatic: bool,
    pub text: Option<String>,
    pub attachments: u32,
    pub failed: bool,
    pub message_id: Option<String>,
    pub raw: Option<String>,
    pub response: Option<String>,
    pub answered_at: Option<Timestamp>,
}

impl ExportedMessage {
    /// The message as it is exported.
    pub fn of(message: &Message) -> Self {
        let incoming = matches!(message.kind, MessageKind::Buyer | MessageKind::Notice);
        let (response, answered_at) = match message.fact {
            None => (None, None),
            Some(Fact::Waiting) => (Some("waiting"), None),
            Some(Fact::Answered(at)) => (Some("answered"), Some(at)),
            Some(Fact::NoResponseNeeded(_)) => (Some("no-response-needed"), None),
            Some(Fact::Imported) => (Some("imported"), None),
        };
        Self {
            id: message.key.as_str().to_owned(),
            at: message.at,
            direction: if incoming { "in" } else { "out" }.to_owned(),
            by: message.by.as_ref().map_or("buyer", Personal::expose).to_owned(),
            kind: message.kind.as_str().to_owned(),
            mail: message.mail.map(|kind: Kind| kind.as_str().to_owned()),
            automatic: message.automatic,
            text: exposed(message.text.as_ref()),
            attachments: message.attachments,
            failed: message.failed,
            message_id: message.message_id.as_ref().map(|id| id.expose().to_owned()),
            raw: message.raw.clone(),
            response: response.map(str::to_owned),
            answered_at,
        }
    }
}
