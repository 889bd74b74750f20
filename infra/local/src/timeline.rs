//! The timeline of a replay: one JSON object a line, as the contract writes them.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;
use within24::domain::webhook;

use crate::attachments::AttachmentIn;
use crate::screen_settings::ScreenSettings;

/// One line.
#[derive(Debug, Default, Deserialize)]
pub struct Event {
    /// When it happens.
    pub at: Timestamp,
    /// A store's settings from then on.
    pub store: Option<StoreSettings>,
    /// A mail arrives: its file, relative to the timeline.
    pub mail: Option<String>,
    /// The envelope recipient of the mail.
    pub recipient: Option<String>,
    /// What SES found of the mail; PASS where nothing is said.
    pub verdicts: Option<Verdicts>,
    /// A person answers.
    pub reply: Option<Reply>,
    /// A person takes the waiting messages out of the clock.
    pub no_response_needed: Option<On>,
    /// A person puts them back.
    pub reopen: Option<On>,
    /// Labels.
    pub tag: Option<Tag>,
    /// Somebody takes care of it.
    pub assign: Option<Assign>,
    /// A helpdesk's webhook.
    pub webhook: Option<Webhook>,
    /// The fate of a sent mail.
    pub delivery: Option<Delivery>,
    /// The clock runs to here, then stops.
    pub end: Option<bool>,
    /// What is wrong with the line, where it cannot be read.
    #[serde(skip)]
    pub wrong: Option<Wrong>,
}

/// A store's settings.
#[derive(Debug, Deserialize)]
pub struct StoreSettings {
    /// Its name.
    pub id: String,
    /// The address that receives its mail.
    pub recipient: Option<String>,
    /// The address its mail is sent from; the recipient if nothing is said.
    pub from: Option<String>,
    /// The Amazon stores it sells in.
    #[serde(default)]
    pub marketplaces: Vec<String>,
    /// Orders a day on average.
    #[serde(default)]
    pub daily_orders: u32,
    /// `auto`, `always` or `never`.
    pub ask_order_id: Option<String>,
    /// Minutes before the deadline.
    pub nearing_minutes: Option<u32>,
    /// Minutes before the deadline.
    pub critical_minutes: Option<u32>,
    /// When `nearing` alerts are held back: `22:00-07:00 Europe/Berlin`.
    pub quiet_hours: Option<String>,
    /// The helpdesk's tag that says: no response needed.
    pub no_response_needed_tag: Option<String>,
    /// Whether a ticket that is closed without an answer needs none.
    #[serde(default)]
    pub closed_needs_no_response: bool,
    /// By source: the secret, or the list of those that are active.
    #[serde(default)]
    pub webhook_secrets: BTreeMap<String, serde_json::Value>,
    /// What it changes about the screen.
    pub screen: Option<ScreenSettings>,
}

/// A helpdesk's call.
#[derive(Debug, Deserialize)]
pub struct Webhook {
    /// Who calls.
    pub source: String,
    /// Its headers.
    #[serde(default)]
    pub headers: BTreeMap<String, serde_json::Value>,
    /// Its body.
    #[serde(default)]
    pub body: String,
    /// The body is base64, as the gateway passes on what is no text.
    #[serde(default)]
    pub base64: bool,
}

/// The fate of a sent mail.
#[derive(Debug, Deserialize)]
pub struct Delivery {
    /// `"last"`, or its number from 0 on.
    pub message: serde_json::Value,
    /// `delivery`, `bounce`, `complaint`; also `soft-bounce`, `delay`, `reject`.
    pub event: String,
}

/// SES's verdicts.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Verdicts {
    /// Spam check.
    pub spam: Option<String>,
    /// Virus check.
    pub virus: Option<String>,
    /// SPF.
    pub spf: Option<String>,
    /// DKIM.
    pub dkim: Option<String>,
    /// DMARC.
    pub dmarc: Option<String>,
}

/// Names a thread.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Select {
    /// By an order named in it.
    pub order_id: Option<String>,
    /// By its buyer.
    pub buyer: Option<String>,
    /// By its case.
    pub case_id: Option<String>,
    /// By its id.
    pub thread: Option<String>,
    /// In this store only.
    pub store: Option<String>,
}

impl Select {
    /// The selector as the system reads it.
    pub fn read(&self) -> webhook::Select {
        webhook::Select::new(
            self.thread.as_deref(),
            self.order_id.as_deref(),
            self.case_id.as_deref(),
            self.buyer.as_deref(),
            self.store.as_deref(),
        )
    }
}

/// A decision about a thread.
#[derive(Debug, Deserialize)]
pub struct On {
    /// The thread.
    pub thread: Select,
}

/// A person's answer.
#[derive(Debug, Deserialize)]
pub struct Reply {
    /// The thread.
    pub thread: Select,
    /// The words.
    pub text: String,
    /// Who writes.
    #[serde(default)]
    pub by: String,
    /// Sent although the screen objects.
    #[serde(default)]
    pub r#override: bool,
    /// The files that go out with the words.
    #[serde(default)]
    pub attachments: Vec<AttachmentIn>,
}

/// Labels.
#[derive(Debug, Deserialize)]
pub struct Tag {
    /// The thread.
    pub thread: Select,
    /// To be added.
    #[serde(default)]
    pub add: Vec<String>,
    /// To be removed.
    #[serde(default)]
    pub remove: Vec<String>,
}

/// Who takes care of a thread.
#[derive(Debug, Deserialize)]
pub struct Assign {
    /// The thread.
    pub thread: Select,
    /// The person; nobody where it is missing.
    pub to: Option<String>,
}

/// What is wrong with a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// It is no JSON object with a time: nothing of it can be known.
    NoEvent(String),
    /// It has a time, and something that cannot be read.
    Unreadable(String),
}

impl Wrong {
    /// The line, and what is wrong with it.
    pub fn reason(&self) -> &str {
        match self {
            Self::NoEvent(reason) | Self::Unreadable(reason) => reason,
        }
    }
}

/// Reads a timeline. A line that cannot be read is an event that says so, at its own time or that of the line before.
pub fn parse(text: &str) -> Vec<Event> {
    let mut events: Vec<Event> = Vec::new();
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let event = serde_json::from_str(line).unwrap_or_else(|error| {
            let reason = format!("line {}: {error}", number + 1);
            let before = events.last().map_or(Timestamp::UNIX_EPOCH, |event| event.at);
            let at = serde_json::from_str::<At>(line).map(|own| own.at);
            let wrong = if at.is_ok() {
                Wrong::Unreadable(reason)
            } else {
                Wrong::NoEvent(reason)
            };
            Event {
                at: at.unwrap_or(before),
                wrong: Some(wrong),
                ..Event::default()
            }
        });
        events.push(event);
    }
    events
}

/// The one thing every line has.
#[derive(Deserialize)]
struct At {
    at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_cannot_be_read_hides_no_other() {
        let text = concat!(
            "{\"at\":\"2026-03-02T09:00:00Z\",\"mail\":\"a.eml\"}\n",
            "not json\n\n",
            "{\"at\":\"2026-03-02T10:00:00Z\",\"mail\":7}\n",
            "{\"at\":\"2026-03-02T11:00:00Z\",\"end\":true}\n",
        );
        let events = parse(text);
        assert_eq!(events.len(), 4);
        assert!(events[0].wrong.is_none() && events[3].wrong.is_none());
        assert_eq!(events[1].at, events[0].at);
        assert!(matches!(&events[1].wrong, Some(Wrong::NoEvent(reason)) if reason.starts_with("line 2: ")));
        assert_eq!(events[2].at.to_string(), "2026-03-02T10:00:00Z");
        assert!(matches!(&events[2].wrong, Some(Wrong::Unreadable(reason)) if reason.starts_with("line 4: ")));
    }
}
