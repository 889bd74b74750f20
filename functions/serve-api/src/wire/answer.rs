//! Answers to buyers.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use within24::domain::outgoing::{Content, Outgoing};

/// An answer to be sent.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AnswerIn {
    pub(crate) text: String,
    #[serde(default)]
    pub(crate) r#override: bool,
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
    findings: &'a [String],
}

impl<'a> AnswerOut<'a> {
    /// `None` for what no person wrote.
    pub(crate) fn of(item: &'a Outgoing) -> Option<Self> {
        let Content::Reply { text, by, r#override } = &item.content else {
            return None;
        };
        Some(Self {
            id: item.key.as_str(),
            thread: item.thread.as_str(),
            state: item.state.as_str(),
            by: by.expose(),
            created_at: item.created_at,
            text: text.expose(),
            r#override: *r#override,
            findings: &item.findings,
        })
    }

    /// Its id and state, when it was handed in, and by whom.
    pub(super) fn handed_in(&self) -> (&'a str, &'static str, Timestamp, &'a str) {
        (self.id, self.state, self.created_at, self.by)
    }
}

/// All answers of a thread.
#[derive(Serialize)]
pub(crate) struct Answers<'a> {
    pub(crate) answers: Vec<AnswerOut<'a>>,
}
