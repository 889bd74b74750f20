//! What a replay prints: the contract's JSON, gathered from the table and the sink.

use std::collections::BTreeMap;

use anyhow::Result;
use jiff::Timestamp;
use mail_parser::{Address, HeaderValue, MessageParser};
use serde::Serialize;
use within24::domain::event::{Event, What};
use within24::domain::language;
use within24::domain::listing::Listed;
use within24::domain::personal::Personal;
use within24::domain::store::{Store, StoreId};
use within24::ports::ReadBuyer;

use crate::attachments::{self, AttachmentLine};
use crate::machine::Machine;
use crate::metrics::{self, DayLine, MetricsLine};
use crate::sink::Sent;

/// All of it.
#[derive(Debug, Serialize)]
pub struct Output {
    /// The simulated time at the end.
    pub now: Timestamp,
    /// Oldest first.
    pub threads: Vec<ThreadLine>,
    /// In order of sending.
    pub sent: Vec<SentLine>,
    /// In order of time.
    pub alerts: Vec<AlertLine>,
    /// The operator's mails, one a sweep that raised something, in order of time.
    pub alert_mails: Vec<AlertMailLine>,
    /// A row per store and window.
    pub metrics: Vec<MetricsLine>,
    /// A row per store and day of the longest window, oldest first.
    pub response_days: Vec<DayLine>,
    /// In order of time.
    pub refused: Vec<Refused>,
    /// Per function.
    pub capacity: BTreeMap<String, CapacityLine>,
}

/// A thread.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "the fields are the contract's")]
pub struct ThreadLine {
    pub id: String,
    pub store: String,
    pub marketplace: &'static str,
    pub buyer: String,
    pub alias: String,
    pub case_id: Option<String>,
    pub order_ids: Vec<String>,
    pub buyer_name: Option<String>,
    pub subject: Option<String>,
    pub language: Option<String>,
    pub status: &'static str,
    pub awaiting_since: Option<Timestamp>,
    pub due_at: Option<Timestamp>,
    pub assignee: Option<String>,
    pub tags: Vec<String>,
    pub messages: Vec<MessageLine>,
}

/// A message of a thread.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "the fields are the contract's")]
pub struct MessageLine {
    pub at: Timestamp,
    pub by: String,
    pub kind: &'static str,
    pub automatic: bool,
    pub text: Option<String>,
}

/// A mail that went out.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "the fields are the contract's")]
pub struct SentLine {
    pub at: Timestamp,
    pub kind: &'static str,
    pub to: String,
    pub from: String,
    pub subject: String,
    pub message_id: Option<String>,
    pub in_reply_to: Option<String>,
    pub references: Vec<String>,
    pub auto_submitted: Option<String>,
    pub language: Option<String>,
    pub text: String,
    pub attachments: Vec<AttachmentLine>,
}

/// A level that was raised on a thread.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "the fields are the contract's")]
pub struct AlertLine {
    pub at: Timestamp,
    pub thread: String,
    pub level: &'static str,
    pub due_at: Timestamp,
}

/// A mail to the operator.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "the fields say it")]
pub struct AlertMailLine {
    pub subject: String,
    pub text: String,
}

/// Something that did not happen.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "the fields are the contract's")]
pub struct Refused {
    pub at: Timestamp,
    pub what: String,
    pub reason: String,
}

/// What a function used.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "the fields are the contract's")]
pub struct CapacityLine {
    pub invocations: u64,
    pub read_units: f64,
    pub write_units: f64,
}

/// Gathers the output at the machine's present time.
///
/// # Errors
/// Where this machine fails.
pub async fn collect(
    machine: &mut Machine,
    stores: &BTreeMap<StoreId, Store>,
    mut refused: Vec<Refused>,
) -> Result<Output> {
    let now = machine.now();
    let table = machine.table();
    let mut all = table.all_threads().await?;
    all.sort_by(|a, b| (a.opened_at, &a.id).cmp(&(b.opened_at, &b.id)));
    let mut threads = Vec::new();
    for thread in &all {
        let messages = table.messages(&thread.store, &thread.buyer, &thread.id).await?;
        let messages = messages.into_iter().map(|message| MessageLine {
            at: message.at,
            by: message.by.map_or_else(|| "buyer".to_owned(), Personal::into_exposed),
            kind: message.kind.as_str(),
            automatic: message.automatic,
            text: message.text.map(Personal::into_exposed),
        });
        threads.push(thread_line(&Listed::of(thread), messages.collect()));
    }
    let (mut metrics, mut response_days) = (Vec::new(), Vec::new());
    for store in stores.values() {
        metrics.extend(metrics::lines(machine.table(), store, now).await?);
        response_days.extend(metrics::days(machine.table(), store, now).await?);
    }
    let unrouted = StoreId::parse("unrouted");
    for id in stores.keys().chain(&unrouted) {
        for report in machine.table().reports(id).await? {
            refused.push(Refused {
                at: report.at,
                what: report.what.as_str().to_owned(),
                reason: report.reason,
            });
        }
    }
    refused.sort_by_key(|entry| entry.at);
    let mut alerts = Vec::new();
    for id in stores.keys() {
        let events = machine.table().events(id).await?;
        alerts.extend(events.into_iter().filter_map(alert_line));
    }
    alerts.sort_by(|a, b| (a.at, a.due_at, &a.thread).cmp(&(b.at, b.due_at, &b.thread)));
    let mails = machine.board().mails();
    let alert_mails = mails.into_iter().map(|mail| AlertMailLine {
        subject: mail.subject,
        text: mail.text,
    });
    let capacity = machine.usage().iter().map(|(function, usage)| {
        let line = CapacityLine {
            invocations: usage.invocations,
            read_units: usage.read,
            write_units: usage.write,
        };
        ((*function).to_owned(), line)
    });
    Ok(Output {
        now,
        threads,
        sent: machine.sink().sent().iter().map(sent_line).collect(),
        alerts,
        alert_mails: alert_mails.collect(),
        metrics,
        response_days,
        refused,
        capacity: capacity.collect(),
    })
}

fn alert_line(event: Event) -> Option<AlertLine> {
    match event.what {
        What::Alert {
            subject, level, due, ..
        } => Some(AlertLine {
            at: event.at,
            thread: subject.thread.as_str().to_owned(),
            level: level.as_str(),
            due_at: due,
        }),
        _ => None,
    }
}

fn exposed(personal: Option<&Personal>) -> Option<String> {
    personal.map(|personal| personal.expose().to_owned())
}

pub(crate) fn thread_line(thread: &Listed, messages: Vec<MessageLine>) -> ThreadLine {
    ThreadLine {
        id: thread.id.as_str().to_owned(),
        store: thread.store.as_str().to_owned(),
        marketplace: thread.marketplace().code(),
        buyer: thread.buyer.expose().to_owned(),
        alias: thread.alias.expose().to_owned(),
        case_id: thread.case_id.as_ref().map(|case| case.as_str().to_owned()),
        order_ids: thread.order_ids.iter().map(|order| order.as_str().to_owned()).collect(),
        buyer_name: exposed(thread.buyer_name.as_ref()),
        subject: exposed(thread.subject.as_ref()),
        language: thread.language.map(|language| language.as_str().to_owned()),
        status: thread.status.as_str(),
        awaiting_since: thread.waiting_since,
        due_at: thread.due_at(),
        assignee: exposed(thread.assignee.as_ref()),
        tags: thread.tags.iter().cloned().collect(),
        messages,
    }
}

/// Reads a sent mail back from the bytes that went over the wire.
fn sent_line(sent: &Sent) -> SentLine {
    let parsed = MessageParser::default().parse(&sent.raw).unwrap_or_default();
    let address = |list: Option<&Address<'_>>| {
        list.and_then(Address::first)
            .and_then(|one| one.address())
            .unwrap_or_default()
            .to_owned()
    };
    let ids = |value: &HeaderValue<'_>| match value {
        HeaderValue::Text(id) => vec![id.to_string()],
        HeaderValue::TextList(ids) => ids.iter().map(ToString::to_string).collect(),
        _ => Vec::new(),
    };
    let text = parsed.body_text(0).unwrap_or_default().replace("\r\n", "\n");
    let language = sent.language.or_else(|| language::detect(&text));
    SentLine {
        at: sent.at,
        kind: if sent.automatic { "order-id-request" } else { "reply" },
        to: address(parsed.to()),
        from: address(parsed.from()),
        subject: parsed.subject().unwrap_or_default().to_owned(),
        message_id: parsed.message_id().map(str::to_owned),
        in_reply_to: ids(parsed.in_reply_to()).into_iter().next(),
        references: ids(parsed.references()),
        auto_submitted: parsed.header_raw("Auto-Submitted").map(|value| value.trim().to_owned()),
        language: language.map(|language| language.as_str().to_owned()),
        text: text.trim_end().to_owned(),
        attachments: attachments::of_mail(&parsed),
    }
}
