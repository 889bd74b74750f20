//! Reports, and the trace of what people did.

use jiff::Timestamp;
use serde::Serialize;
use within24::domain::deed::Did;
use within24::domain::report::Report;
use within24::domain::thread::ThreadId;
use within24::domain::token::TokenId;

use super::thread::exposed;

/// What did not happen, and why.
#[derive(Serialize)]
pub(crate) struct ReportOut<'a> {
    id: &'a str,
    at: Timestamp,
    what: &'static str,
    reason: &'a str,
    about: Option<&'a str>,
}

impl<'a> ReportOut<'a> {
    pub(crate) fn of(report: &'a Report) -> Self {
        Self {
            id: report.key.as_str(),
            at: report.at,
            what: report.what.as_str(),
            reason: &report.reason,
            about: report.about.as_deref(),
        }
    }
}

/// A page of reports.
#[derive(Serialize)]
pub(crate) struct Reports<'a> {
    pub(crate) reports: Vec<ReportOut<'a>>,
    pub(crate) next: Option<String>,
}

/// What somebody did.
#[derive(Serialize)]
pub(crate) struct ChangeOut<'a> {
    id: &'a str,
    at: Timestamp,
    by: ByOut<'a>,
    what: &'static str,
    thread: Option<&'a str>,
    about: Option<&'a str>,
}

#[derive(Serialize)]
struct ByOut<'a> {
    token: Option<&'a str>,
    name: &'a str,
}

impl<'a> ChangeOut<'a> {
    pub(crate) fn of(did: &'a Did) -> Self {
        Self {
            id: did.key.as_str(),
            at: did.at,
            by: ByOut {
                token: did.by.token.as_ref().map(TokenId::as_str),
                name: did.by.name.expose(),
            },
            what: did.what.as_str(),
            thread: did.thread.as_ref().map(ThreadId::as_str),
            about: exposed(did.about.as_ref()),
        }
    }
}

/// A page of changes.
#[derive(Serialize)]
pub(crate) struct Changes<'a> {
    pub(crate) changes: Vec<ChangeOut<'a>>,
    pub(crate) next: Option<String>,
}
