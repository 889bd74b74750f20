//! What went wrong, as people read it.

use std::fmt::{self, Write as _};

use within24::wire::problem::{GatewayMessage, Invalid, ProblemOut};
use within24::wire::screen::FindingOut;

/// Something to be written otherwise on the command line: the command ends with 2.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Usage(pub String);

/// The system said no.
#[derive(Clone, thiserror::Error)]
#[error("{}", self.words())]
pub(super) struct Problem(ProblemOut);

/// Without what the screen quotes of a draft.
impl fmt::Debug for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Problem({self})")
    }
}

impl Problem {
    /// Reads the body of an answer with this status; one that is no problem is a problem too.
    pub(super) fn read(status: u16, body: &[u8]) -> Self {
        let problem = serde_json::from_slice(body).unwrap_or_else(|_| {
            let said: Option<GatewayMessage> = serde_json::from_slice(body).ok();
            ProblemOut {
                title: format!("status {status}"),
                detail: said.and_then(|said| said.message).unwrap_or_default(),
                ..ProblemOut::default()
            }
        });
        Self(ProblemOut { status, ..problem })
    }

    /// The parts of the body that cannot be used.
    pub(super) fn errors(&self) -> &[Invalid] {
        &self.0.errors
    }

    /// What the screen found.
    pub(super) fn into_findings(self) -> Vec<FindingOut> {
        self.0.findings.unwrap_or_default()
    }

    /// Whether it is of this kind of ours.
    pub(super) fn is(&self, anchor: &str) -> bool {
        self.0.r#type.rsplit_once('#').is_some_and(|(_, of)| of == anchor)
    }

    fn words(&self) -> String {
        let ProblemOut {
            title,
            detail,
            errors,
            request_id,
            status,
            ..
        } = &self.0;
        let mut words = title.clone();
        if !detail.is_empty() {
            let _ = write!(words, ": {detail}");
        }
        for Invalid { pointer, detail } in errors {
            let place = pointer.trim_start_matches('/').replace('/', ".");
            let place = if place.is_empty() { "body" } else { &place };
            let _ = write!(words, "\n  {place}: {detail}");
        }
        if let Some(id) = request_id.as_ref().filter(|_| *status >= 500) {
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
        let invalid = |pointer: &str, detail: &str| Invalid {
            pointer: pointer.to_owned(),
            detail: detail.to_owned(),
        };
        let body = ProblemOut {
            r#type: "https://x/README.md#invalid".to_owned(),
            title: "Invalid content".to_owned(),
            detail: "parts of the body cannot be used".to_owned(),
            errors: vec![
                invalid("/marketplaces/1", "write a code like DE, GB, JP"),
                invalid("", "send 1 to 100 drafts"),
            ],
            ..ProblemOut::default()
        };
        let problem = Problem::read(422, &serde_json::to_vec(&body).unwrap());
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
        let ours = ProblemOut {
            title: "Internal Server Error".to_owned(),
            detail: "it is logged".to_owned(),
            request_id: Some("r1".to_owned()),
            ..ProblemOut::default()
        };
        assert_eq!(
            said(500, &serde_json::to_string(&ours).unwrap()),
            "Internal Server Error: it is logged (request r1)"
        );
    }
}
