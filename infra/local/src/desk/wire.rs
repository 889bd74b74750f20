//! What the API gives, as far as people are shown it. Fields that are not known here are left alone.

#![expect(clippy::struct_field_names, reason = "the fields are the API's")]

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Deserialize;
use std::collections::BTreeMap;
use within24::domain::marketplace::Marketplace;
use within24::domain::thread::Status;

use crate::metrics::{DayLine, MetricsLine};
use crate::output::ThreadLine;

/// A thread as a list shows it.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Summary {
    pub id: String,
    pub store: String,
    pub marketplace: String,
    pub buyer: String,
    pub alias: String,
    pub case_id: Option<String>,
    pub order_ids: Vec<String>,
    pub buyer_name: Option<String>,
    pub subject: Option<String>,
    pub language: Option<String>,
    pub status: String,
    pub awaiting_since: Option<Timestamp>,
    pub due_at: Option<Timestamp>,
    pub assignee: Option<String>,
    pub tags: Vec<String>,
}

impl Summary {
    /// As the tables of threads are made of.
    pub(super) fn line(self) -> ThreadLine {
        ThreadLine {
            marketplace: code(&self.marketplace),
            status: Status::parse(&self.status).map_or("unknown", Status::as_str),
            id: self.id,
            store: self.store,
            buyer: self.buyer,
            alias: self.alias,
            case_id: self.case_id,
            order_ids: self.order_ids,
            buyer_name: self.buyer_name,
            subject: self.subject,
            language: self.language,
            awaiting_since: self.awaiting_since,
            due_at: self.due_at,
            assignee: self.assignee,
            tags: self.tags,
            messages: Vec::new(),
        }
    }
}

fn code(code: &str) -> &'static str {
    Marketplace::parse(code).map_or("??", Marketplace::code)
}

/// A page of a list.
#[derive(Debug, Deserialize)]
pub(super) struct Page {
    pub threads: Vec<serde_json::Value>,
    pub next: Option<String>,
}

/// A thread with what happened in it.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct FullThread {
    #[serde(flatten)]
    pub summary: Summary,
    pub messages: Vec<Message>,
    #[serde(default)]
    pub messages_left_out: usize,
}

/// A message.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Message {
    pub at: Timestamp,
    pub by: String,
    pub kind: String,
    pub automatic: bool,
    pub text: Option<String>,
    pub attachments: u32,
    pub failed: bool,
}

/// All answers of a thread.
#[derive(Debug, Deserialize)]
pub(super) struct Answers {
    pub answers: Vec<HandedIn>,
    #[serde(default)]
    pub answers_left_out: usize,
}

/// An answer, and what became of it.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct HandedIn {
    pub id: String,
    pub state: String,
    pub by: String,
    pub created_at: Timestamp,
    pub r#override: bool,
    pub findings: Vec<String>,
}

/// What the screen says of a draft.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Report {
    pub verdict: String,
    pub findings: Vec<Finding>,
}

/// One thing that it found.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Finding {
    pub rule: String,
    pub severity: String,
    pub start: Option<usize>,
    pub end: Option<usize>,
    #[serde(default)]
    pub excerpt: Option<String>,
    pub why: String,
    #[serde(default)]
    pub quoted: bool,
}

/// The windows of a store.
#[derive(Debug, Deserialize)]
pub(super) struct Windows {
    pub store: String,
    pub rolled_up_at: Option<Timestamp>,
    pub windows: Vec<Window>,
}

/// A window.
#[derive(Debug, Deserialize)]
pub(super) struct Window {
    pub marketplace: Option<String>,
    pub window_days: u16,
    pub within_24h: u64,
    pub late: u64,
    pub no_response_over_24h: u64,
    pub responded_over_24h: u64,
    pub percent_within_24h: Option<f64>,
    pub percent_late: Option<f64>,
    pub average_response_seconds: Option<f64>,
    pub automatic_responses: u64,
    pub no_response_needed: u64,
}

impl Window {
    /// As the table of response times is made of.
    pub(super) fn line(&self, store: &str) -> MetricsLine {
        MetricsLine {
            store: store.to_owned(),
            marketplace: self.marketplace.as_deref().map(code),
            window_days: self.window_days,
            within_24h: self.within_24h,
            late: self.late,
            no_response_over_24h: self.no_response_over_24h,
            responded_over_24h: self.responded_over_24h,
            percent_within_24h: self.percent_within_24h,
            percent_late: self.percent_late,
            average_response_seconds: self.average_response_seconds,
            automatic_responses: self.automatic_responses,
            no_response_needed: self.no_response_needed,
        }
    }
}

/// Days of a store.
#[derive(Debug, Deserialize)]
pub(super) struct Days {
    pub store: String,
    pub days: Vec<Day>,
}

/// A day.
#[derive(Debug, Deserialize)]
pub(super) struct Day {
    pub day: Date,
    pub within_24h: u64,
    pub late: u64,
}

impl Day {
    /// As the chart is made of.
    pub(super) fn line(&self, store: &str) -> DayLine {
        DayLine {
            store: store.to_owned(),
            day: self.day,
            within_24h: self.within_24h,
            late: self.late,
        }
    }
}

/// A token without its secret.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Token {
    pub id: String,
    pub name: String,
    pub scopes: BTreeMap<String, String>,
    pub created_at: Timestamp,
    pub created_by: String,
    pub expires_at: Option<Timestamp>,
    pub revoked_at: Option<Timestamp>,
    pub last_used_on: Option<Date>,
}

/// Tokens.
#[derive(Debug, Deserialize)]
pub(super) struct Tokens {
    pub tokens: Vec<Token>,
}

/// A token with its secret.
#[derive(Debug, Deserialize)]
pub(super) struct NewToken {
    pub token: String,
    #[serde(flatten)]
    pub kept: Token,
}
