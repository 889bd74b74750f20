//! Reports, and what people did.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::exposed;
use crate::domain::deed::{By, Did};
use crate::domain::report::Report;

/// What did not happen, and why.
#[derive(Clone, Deserialize, Serialize)]
pub struct ReportOut {
    pub id: String,
    pub at: Timestamp,
    pub what: String,
    pub reason: String,
    pub about: Option<String>,
}

impl ReportOut {
    /// The report as it is shown.
    pub fn of(report: &Report) -> Self {
        Self {
            id: report.key.as_str().to_owned(),
            at: report.at,
            what: report.what.as_str().to_owned(),
            reason: report.reason.clone(),
            about: report.about.clone(),
        }
    }
}

/// A page of reports.
#[derive(Clone, Deserialize, Serialize)]
pub struct Reports {
    pub reports: Vec<ReportOut>,
    pub next: Option<String>,
}

/// What somebody did.
#[derive(Clone, Deserialize, Serialize)]
pub struct ChangeOut {
    pub id: String,
    pub at: Timestamp,
    pub by: ByOut,
    pub what: String,
    pub thread: Option<String>,
    pub about: Option<String>,
}

/// Who it was; without a token at the command line.
#[derive(Clone, Deserialize, Serialize)]
pub struct ByOut {
    pub token: Option<String>,
    pub name: String,
}

impl ByOut {
    /// The person or system as it is shown.
    pub fn of(by: &By) -> Self {
        Self {
            token: by.token.as_ref().map(|token| token.as_str().to_owned()),
            name: by.name.expose().to_owned(),
        }
    }
}

impl ChangeOut {
    /// The change as it is shown.
    pub fn of(did: &Did) -> Self {
        Self {
            id: did.key.as_str().to_owned(),
            at: did.at,
            by: ByOut::of(&did.by),
            what: did.what.as_str().to_owned(),
            thread: did.thread.as_ref().map(|thread| thread.as_str().to_owned()),
            about: exposed(did.about.as_ref()),
        }
    }
}

/// A page of changes.
#[derive(Clone, Deserialize, Serialize)]
pub struct Changes {
    pub changes: Vec<ChangeOut>,
    pub next: Option<String>,
}
