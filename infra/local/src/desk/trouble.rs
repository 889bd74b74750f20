//! What went wrong, as people read it.

use std::fmt::Write as _;

use serde::Deserialize;

/// Something to be written otherwise on the command line: the command ends with 2.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Usage(pub String);

/// The system said no.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.words())]
pub(super) struct Problem {
    /// The URI of its kind.
    #[serde(default, rename = "type")]
    pub kind: String,
    /// Its name.
    #[serde(default)]
    pub title: String,
    /// HTTP's status.
    #[serde(default)]
    pub status: u16,
    /// What to do.
    #[serde(default)]
    pub detail: String,
    /// The request's id, for who has to look into the log.
    #[serde(default)]
    pub request_id: Option<String>,
    /// The parts of the body that cannot be used.
    #[serde(default)]
    pub errors: Vec<Invalid>,
    /// What the screen found.
    #[serde(default)]
    pub findings: Vec<serde_json::Value>,
}

/// A part of the body that cannot be used.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
pub struct Invalid {
    /// Where: a JSON pointer.
    pub pointer: String,
    /// What to write instead.
    pub detail: String,
}

impl Problem {
    /// Reads the body of an answer with this status; one that is no problem is a problem too.
    pub(super) fn read(status: u16, body: &[u8]) -> Self {
        let mut problem: Self = serde_json::from_slice(body).unwrap_or_else(|_| Self {
            kind: String::new(),
            title: format!("status {status}"),
            status,
            detail: String::new(),
            request_id: None,
            errors: Vec::new(),
            findings: Vec::new(),
        });
        // API Gateway's own refusals are `{"message": …}`.
        if problem.title.is_empty() {
            problem.title = format!("status {status}");
            let said: Option<serde_json::Value> = serde_json::from_slice(body).ok();
            let said = said.as_ref().and_then(|said| said["message"].as_str());
            said.unwrap_or_default().clone_into(&mut problem.detail);
        }
        problem.status = status;
        problem
    }

    /// Whether it is of this kind of ours.
    pub(super) fn is(&self, anchor: &str) -> bool {
        self.kind.rsplit_once('#').is_some_and(|(_, of)| of == anchor)
    }

    fn words(&self) -> String {
        let mut words = self.title.clone();
        if !self.detail.is_empty() {
            let _ = write!(words, ": {}", self.detail);
        }
        for Invalid { pointer, detail } in &self.errors {
            let place = pointer.trim_start_matches('/').replace('/', ".");
            let place = if place.is_empty() { "body" } else { &place };
            let _ = write!(words, "\n  {place}: {detail}");
        }
        if let Some(id) = self.request_id.as_ref().filter(|_| self.status >= 500) {
            let _ = write!(words, " (request {id})");
        }
        words
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_is_a_line_and_a_list_of_what_to_write_instead() {
        let body = br#"{"type":"https://x/README.md#invalid","title":"Invalid content","status":422,"detail":"parts of the body cannot be used",
            "request_id":"r","errors":[{"pointer":"/marketplaces/1","detail":"write a code like DE, GB, JP"},{"pointer":"","detail":"send 1 to 100 drafts"}]}"#;
        let problem = Problem::read(422, body);
        assert!(problem.is("invalid") && !problem.is("blocked"));
        let wanted = "Invalid content: parts of the body cannot be used\n  marketplaces.1: write a code like DE, GB, JP\n  body: send \
            1 to 100 drafts";
        assert_eq!(problem.to_string(), wanted);
    }

    #[test]
    fn whatever_else_answers_is_a_problem_too() {
        let said = |status: u16, body: &str| Problem::read(status, body.as_bytes()).to_string();
        assert_eq!(
            said(429, r#"{"message":"Too Many Requests"}"#),
            "status 429: Too Many Requests"
        );
        assert_eq!(said(502, "<html>"), "status 502");
        let ours = r#"{"title":"Internal Server Error","status":500,"detail":"it is logged","request_id":"r1"}"#;
        assert_eq!(said(500, ours), "Internal Server Error: it is logged (request r1)");
    }
}
