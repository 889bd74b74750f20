//! One thread as a whole, for an A-to-z case: what came and went when, and where the raw mail lies. As JSON, and as a text that
//! a person reads and pastes.

use std::fmt::Write as _;

use axum::body::Body;
use axum::http::StatusCode;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, HeaderValue};
use axum::response::Response;
use jiff::{SignedDuration, Timestamp};
use within24::domain::listing::Listed;
use within24::domain::message::Message;
use within24::domain::outgoing::Outgoing;
use within24::domain::store::StoreId;
use within24::domain::thread::Thread;
use within24::lambda::api::{Call, Problem, json};
use within24::lambda::room::{MOST_ANSWERED, Room};
use within24::wire::answer::AnswerOut;
use within24::wire::export::{Export, ExportedMessage};
use within24::wire::thread::ThreadSummary;

use crate::World;
use crate::threads::known_thread;

/// Bytes of messages. The text sets a bar before each line, and may be twice as long as the JSON.
const MOST_MESSAGES: usize = MOST_ANSWERED / 2 - MOST_ANSWERS;
/// Bytes of answers.
const MOST_ANSWERS: usize = 1_000_000;

pub(crate) const PARAMETERS: &[&str] = &["format"];

#[derive(Clone, Copy)]
enum Format {
    Json,
    Text,
}

fn format(name: &str) -> Option<Format> {
    match name {
        "json" => Some(Format::Json),
        "text" => Some(Format::Text),
        _ => None,
    }
}

pub(crate) async fn thread<W: World>(call: Call<W>, store: StoreId) -> Result<Response, Problem> {
    let format = call.query_as("format", "json or text", format)?.unwrap_or(Format::Json);
    let thread = known_thread(&call, &store).await?;
    let messages = call.world.shown_messages(&thread).await?;
    let outbox = call.world.shown_outbox(&thread).await?;
    let export = export(&thread, &messages, &outbox, call.now);
    let (mut response, ending) = match format {
        Format::Json => (json(StatusCode::OK, &export)?, "json"),
        Format::Text => (plain(text(&export)), "txt"),
    };
    let name = format!("attachment; filename=\"thread-{}.{ending}\"", thread.id.as_str());
    if let Ok(name) = HeaderValue::from_str(&name) {
        response.headers_mut().insert(CONTENT_DISPOSITION, name);
    }
    Ok(response)
}

fn plain(text: String) -> Response {
    let mut response = Response::new(Body::from(text));
    let plain = HeaderValue::from_static("text/plain; charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, plain);
    response
}

/// The export, with the latest messages and answers that there is room for.
fn export(thread: &Thread, messages: &[Message], outbox: &[Outgoing], now: Timestamp) -> Export {
    let messages = messages.iter().map(ExportedMessage::of).collect();
    let (messages, messages_left_out) = Room::of(MOST_MESSAGES).last(messages);
    let (answers, answers_left_out) = Room::of(MOST_ANSWERS).last(outbox.iter().filter_map(AnswerOut::of).collect());
    Export {
        exported_at: now,
        thread: ThreadSummary::of(&Listed::of(thread), now),
        messages,
        messages_left_out,
        answers,
        answers_left_out,
    }
}

/// The text. Words of people stand behind a bar: nothing that they write looks like a line of ours.
fn text(export: &Export) -> String {
    let thread = &export.thread;
    let mut page = String::new();
    let mut line = |name: &str, value: &str| {
        // Writing to a string cannot fail.
        let _ = writeln!(page, "{name:<10} {}", one_line(value));
    };
    line("Thread", &thread.id);
    line("Store", &format!("{} (Amazon {})", thread.store, thread.marketplace));
    line(
        "Buyer",
        &format!(
            "{} <{}>",
            thread.buyer_name.as_deref().unwrap_or("no name"),
            thread.alias
        ),
    );
    line("Orders", &listed(&thread.order_ids));
    line("Case", thread.case_id.as_deref().unwrap_or("none"));
    line("Subject", thread.subject.as_deref().unwrap_or("none"));
    line("Status", &thread.status);
    line("Exported", &format!("{}; all times are UTC", time(export.exported_at)));
    if export.messages_left_out > 0 {
        let count = export.messages_left_out;
        let _ = writeln!(
            page,
            "\n{count} earlier messages are left out: there is no room for them here"
        );
    }
    for message in &export.messages {
        write_message(&mut page, message);
    }
    if !export.answers.is_empty() {
        page.push_str("\nAnswers handed in\n");
    }
    if export.answers_left_out > 0 {
        let _ = writeln!(page, "{} earlier ones are left out", export.answers_left_out);
    }
    for answer in &export.answers {
        write_answer(&mut page, answer);
    }
    page
}

fn write_message(page: &mut String, message: &ExportedMessage) {
    let what = match (message.kind.as_str(), message.automatic) {
        ("buyer", false) => "received from the buyer".to_owned(),
        ("buyer", true) => "received from the buyer's mail system".to_owned(),
        ("reply", _) => format!("answered by {}", one_line(&message.by)),
        ("automatic", _) => "sent automatically".to_owned(),
        _ => format!("notice of Amazon: {}", message.mail.as_deref().unwrap_or("unknown")),
    };
    let failed = if message.failed { ", NOT DELIVERED" } else { "" };
    let _ = writeln!(page, "\n{} {what}{failed}", time(message.at));
    if let Some(raw) = &message.raw {
        let _ = writeln!(
            page,
            "  raw mail {raw}, Message-ID {}",
            message.message_id.as_deref().unwrap_or("none")
        );
    }
    if message.attachments > 0 {
        let _ = writeln!(page, "  {} files in the raw mail", message.attachments);
    }
    match (message.response.as_deref(), message.answered_at) {
        (Some("answered"), Some(at)) => {
            let took = hours(at.duration_since(message.at));
            let _ = writeln!(page, "  answered {}, after {took}", time(at));
        }
        (Some("waiting"), _) => page.push_str("  not answered yet\n"),
        (Some(other), _) => {
            let _ = writeln!(page, "  {other}");
        }
        _ => {}
    }
    for words in message.text.as_deref().unwrap_or_default().lines() {
        let _ = writeln!(page, "  | {words}");
    }
}

fn write_answer(page: &mut String, answer: &AnswerOut) {
    let AnswerOut {
        id,
        state,
        created_at,
        by,
        ..
    } = answer;
    let _ = writeln!(page, "{} by {}: {state} ({id})", time(*created_at), one_line(by));
}

fn listed(all: &[String]) -> String {
    if all.is_empty() {
        "none".to_owned()
    } else {
        all.join(", ")
    }
}

fn time(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%S").to_string()
}

fn hours(took: SignedDuration) -> String {
    let minutes = took.as_mins().max(0);
    format!("{} h {:02} min", minutes / 60, minutes % 60)
}

/// A subject or name may hold line ends.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use within24::domain::alias::Alias;
    use within24::domain::key::Key;
    use within24::domain::mail::Kind;
    use within24::domain::message::{Fact, MessageKind};
    use within24::domain::message_id::MessageId;
    use within24::domain::store::StoreId;

    #[test]
    fn the_text_tells_times_and_lets_nobody_write_lines_of_ours() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let alias = Alias::parse("a1b2c3d4e5f6g7h@marketplace.amazon.de").unwrap();
        let asked = at("2026-03-02T09:00:00Z");
        let mut thread = Thread::open(StoreId::parse("de").unwrap(), alias, &Key::of(&["m"]), asked);
        thread.buyer_name = Some("Vera\nStatus     answered".into());
        let message = |key: &str, at: Timestamp, kind, text: &str, fact| Message {
            key: Key::of(&[key]),
            thread: thread.id.clone(),
            at,
            by: (kind == MessageKind::Reply).then(|| "Mara".into()),
            kind,
            mail: Some(Kind::BuyerMessage),
            automatic: false,
            text: Some(text.into()),
            message_id: MessageId::parse("m@x.example"),
            raw: Some("mail/1".to_owned()),
            attachments: 1,
            fact,
            failed: false,
        };
        let answered = at("2026-03-02T10:45:30Z");
        let messages = [
            message(
                "a",
                asked,
                MessageKind::Buyer,
                "Wo?\n\nStatus",
                Some(Fact::Answered(answered)),
            ),
            message("b", answered, MessageKind::Reply, "Da.", None),
        ];
        let text = text(&export(&thread, &messages, &[], answered));
        assert!(
            text.contains("Buyer      Vera Status     answered <a1b2c3d4e5f6g7h@"),
            "{text}"
        );
        let told = "2026-03-02 09:00:00 received from the buyer\n  raw mail mail/1, Message-ID m@x.example\n  1 files in the raw \
            mail\n  answered 2026-03-02 10:45:30, after 1 h 45 min\n  | Wo?\n  | \n  | Status\n";
        assert!(text.contains(told), "{text}");
        assert!(text.contains("2026-03-02 10:45:30 answered by Mara\n"), "{text}");
        assert_eq!(text.lines().filter(|line| line.starts_with("Status")).count(), 1);
    }
}
