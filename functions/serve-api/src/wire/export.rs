//! A thread as a whole: as JSON, and as a text that a person reads and pastes.

use std::fmt::Write as _;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use within24::domain::listing::Listed;
use within24::domain::mail::Kind;
use within24::domain::message::{Fact, Message, MessageKind};
use within24::domain::message_id::MessageId;
use within24::domain::outgoing::Outgoing;
use within24::domain::personal::Personal;
use within24::lambda::room::{MOST_ANSWERED, Room};

use super::answer::AnswerOut;
use super::none;
use super::thread::{ThreadSummary, exposed};

/// Bytes of messages. The text sets a bar before each line, and may be twice as long as the JSON.
const MOST_MESSAGES: usize = MOST_ANSWERED / 2 - MOST_ANSWERS;
/// Bytes of answers.
const MOST_ANSWERS: usize = 1_000_000;

/// All of a thread.
#[derive(Serialize)]
pub(crate) struct Export<'a> {
    exported_at: Timestamp,
    thread: ThreadSummary<'a>,
    messages: Vec<MessageOut<'a>>,
    #[serde(skip_serializing_if = "none")]
    messages_left_out: usize,
    answers: Vec<AnswerOut<'a>>,
    #[serde(skip_serializing_if = "none")]
    answers_left_out: usize,
}

/// A message, with all that is known of it.
#[derive(Serialize)]
struct MessageOut<'a> {
    id: &'a str,
    at: Timestamp,
    direction: &'static str,
    by: &'a str,
    kind: &'static str,
    mail: Option<&'static str>,
    automatic: bool,
    text: Option<&'a str>,
    attachments: u32,
    failed: bool,
    message_id: Option<&'a str>,
    raw: Option<&'a str>,
    response: Option<&'static str>,
    answered_at: Option<Timestamp>,
}

impl<'a> MessageOut<'a> {
    fn of(message: &'a Message) -> Self {
        let incoming = matches!(message.kind, MessageKind::Buyer | MessageKind::Notice);
        let (response, answered_at) = match message.fact {
            None => (None, None),
            Some(Fact::Waiting) => (Some("waiting"), None),
            Some(Fact::Answered(at)) => (Some("answered"), Some(at)),
            Some(Fact::NoResponseNeeded(_)) => (Some("no-response-needed"), None),
            Some(Fact::Imported) => (Some("imported"), None),
        };
        Self {
            id: message.key.as_str(),
            at: message.at,
            direction: if incoming { "in" } else { "out" },
            by: message.by.as_ref().map_or("buyer", Personal::expose),
            kind: message.kind.as_str(),
            mail: message.mail.map(Kind::as_str),
            automatic: message.automatic,
            text: exposed(message.text.as_ref()),
            attachments: message.attachments,
            failed: message.failed,
            message_id: message.message_id.as_ref().map(MessageId::expose),
            raw: message.raw.as_deref(),
            response,
            answered_at,
        }
    }
}

impl<'a> Export<'a> {
    /// With the latest messages and answers that there is room for.
    pub(crate) fn of(thread: &'a Listed, messages: &'a [Message], outbox: &'a [Outgoing], now: Timestamp) -> Self {
        let (messages, messages_left_out) = Room::of(MOST_MESSAGES).last(messages.iter().map(MessageOut::of).collect());
        let (answers, answers_left_out) =
            Room::of(MOST_ANSWERS).last(outbox.iter().filter_map(AnswerOut::of).collect());
        Self {
            exported_at: now,
            thread: ThreadSummary::of(thread, now),
            messages,
            messages_left_out,
            answers,
            answers_left_out,
        }
    }

    /// The text. Words of people stand behind a bar: nothing that they write looks like a line of ours.
    pub(crate) fn text(&self) -> String {
        let thread = &self.thread;
        let mut page = String::new();
        let mut line = |name: &str, value: &str| {
            // Writing to a string cannot fail.
            let _ = writeln!(page, "{name:<10} {}", one_line(value));
        };
        line("Thread", thread.id);
        line("Store", &format!("{} (Amazon {})", thread.store, thread.marketplace));
        line(
            "Buyer",
            &format!("{} <{}>", thread.buyer_name.unwrap_or("no name"), thread.alias),
        );
        line("Orders", &listed(&thread.order_ids));
        line("Case", thread.case_id.unwrap_or("none"));
        line("Subject", thread.subject.unwrap_or("none"));
        line("Status", thread.status);
        line("Exported", &format!("{}; all times are UTC", time(self.exported_at)));
        if self.messages_left_out > 0 {
            let count = self.messages_left_out;
            let _ = writeln!(
                page,
                "\n{count} earlier messages are left out: there is no room for them here"
            );
        }
        for message in &self.messages {
            message.write(&mut page);
        }
        if !self.answers.is_empty() {
            page.push_str("\nAnswers handed in\n");
        }
        if self.answers_left_out > 0 {
            let _ = writeln!(page, "{} earlier ones are left out", self.answers_left_out);
        }
        for answer in &self.answers {
            answer.write(&mut page);
        }
        page
    }
}

impl MessageOut<'_> {
    fn write(&self, page: &mut String) {
        let what = match (self.kind, self.automatic) {
            ("buyer", false) => "received from the buyer".to_owned(),
            ("buyer", true) => "received from the buyer's mail system".to_owned(),
            ("reply", _) => format!("answered by {}", one_line(self.by)),
            ("automatic", _) => "sent automatically".to_owned(),
            _ => format!("notice of Amazon: {}", self.mail.unwrap_or("unknown")),
        };
        let failed = if self.failed { ", NOT DELIVERED" } else { "" };
        let _ = writeln!(page, "\n{} {what}{failed}", time(self.at));
        if let Some(raw) = self.raw {
            let _ = writeln!(
                page,
                "  raw mail {raw}, Message-ID {}",
                self.message_id.unwrap_or("none")
            );
        }
        if self.attachments > 0 {
            let _ = writeln!(page, "  {} files in the raw mail", self.attachments);
        }
        match (self.response, self.answered_at) {
            (Some("answered"), Some(at)) => {
                let took = hours(at.duration_since(self.at));
                let _ = writeln!(page, "  answered {}, after {took}", time(at));
            }
            (Some("waiting"), _) => page.push_str("  not answered yet\n"),
            (Some(other), _) => {
                let _ = writeln!(page, "  {other}");
            }
            _ => {}
        }
        for words in self.text.unwrap_or_default().lines() {
            let _ = writeln!(page, "  | {words}");
        }
    }
}

impl AnswerOut<'_> {
    fn write(&self, page: &mut String) {
        let (id, state, at, by) = self.handed_in();
        let _ = writeln!(page, "{} by {}: {state} ({id})", time(at), one_line(by));
    }
}

fn listed(all: &[&str]) -> String {
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
    use within24::domain::store::StoreId;
    use within24::domain::thread::Thread;

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
        let text = Export::of(&Listed::of(&thread), &messages, &[], answered).text();
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
