//! One thread as a person reads it.

use std::fmt::Write as _;

use jiff::Timestamp;
use within24::wire::answer::{AnswerOut, Answers};
use within24::wire::thread::{FullThread, MessageOut};

use super::lines;
use crate::pretty::{minute, printable, time_left, wrapped};

/// Columns before the words of people: nothing that they write looks like a line of ours.
const BAR: &str = "  | ";

/// The page, at most `width` columns wide.
pub(super) fn page(thread: &FullThread, answers: &Answers, now: Timestamp, width: u16) -> String {
    let summary = &thread.summary;
    let mut page = String::new();
    let mut line = |name: &str, value: &str| {
        let _ = writeln!(page, "{name:<9} {}", one_line(value));
    };
    line("Thread", &summary.id);
    line("Store", &format!("{} (Amazon {})", summary.store, summary.marketplace));
    let name = summary.buyer_name.as_deref().unwrap_or("(no name)");
    line("Buyer", &format!("{name} <{}>", summary.alias));
    let orders = if summary.order_ids.is_empty() {
        "none".to_owned()
    } else {
        summary.order_ids.join(", ")
    };
    line("Order", &orders);
    line("Subject", summary.subject.as_deref().unwrap_or("(none)"));
    let mut left = time_left(&lines::thread(summary.clone()), now);
    if let Some(due) = summary.due_at {
        let _ = write!(left, ", due {}", minute(due));
    }
    line("Status", &left);
    if let Some(assignee) = &summary.assignee {
        line("Assigned", assignee);
    }
    if !summary.tags.is_empty() {
        line("Tags", &summary.tags.join(", "));
    }
    if thread.messages_left_out > 0 {
        let count = thread.messages_left_out;
        let _ = writeln!(
            page,
            "\n({count} earlier messages are left out; their raw mail is in the bucket)"
        );
    }
    for message in &thread.messages {
        write_message(&mut page, message, width);
    }
    if !answers.answers.is_empty() {
        page.push_str("\nAnswers that were handed in\n");
    }
    if answers.answers_left_out > 0 {
        let count = answers.answers_left_out;
        let _ = writeln!(page, "({count} earlier answers are left out)");
    }
    for answer in &answers.answers {
        write_answer(&mut page, answer);
    }
    page
}

fn write_message(page: &mut String, message: &MessageOut, width: u16) {
    let what = match (message.kind.as_str(), message.automatic) {
        ("buyer", false) => "the buyer wrote".to_owned(),
        ("buyer", true) => "the buyer's mail system wrote".to_owned(),
        ("reply", _) => format!("{} answered", one_line(&message.by)),
        ("automatic", _) => "was sent automatically".to_owned(),
        ("notice", _) => format!("{} told", one_line(&message.by)),
        (kind, _) => one_line(kind),
    };
    let failed = if message.failed { " (did not arrive)" } else { "" };
    let _ = writeln!(page, "\n{}  {what}{failed}", minute(message.at));
    let room = usize::from(width).saturating_sub(BAR.len()).max(20);
    for words in printable(message.text.as_deref().unwrap_or_default()).lines() {
        for part in wrapped(words, room) {
            let _ = writeln!(page, "{}", format!("{BAR}{part}").trim_end());
        }
    }
    match message.attachments {
        0 => {}
        1 => page.push_str("  + 1 file\n"),
        files => {
            let _ = writeln!(page, "  + {files} files");
        }
    }
}

fn write_answer(page: &mut String, answer: &AnswerOut) {
    let AnswerOut { id, state, by, .. } = answer;
    let _ = writeln!(page, "{}  {}: {state} ({id})", minute(answer.created_at), one_line(by));
    if !answer.findings.is_empty() {
        let what = if answer.r#override {
            "sent on his word although"
        } else {
            "the screen found"
        };
        let _ = writeln!(page, "  {what}: {}", answer.findings.join(", "));
    }
}

/// The text on one line.
pub(super) fn one_line(text: &str) -> String {
    printable(text).replace(['\n', '\t'], " ")
}

#[cfg(test)]
mod tests {
    use within24::wire::thread::ThreadSummary;

    use super::*;

    #[test]
    fn what_is_left_out_is_said() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let summary = ThreadSummary {
            id: "t1".to_owned(),
            store: "de".to_owned(),
            marketplace: "DE".to_owned(),
            buyer: "a@marketplace.amazon.de".to_owned(),
            alias: "a@marketplace.amazon.de".to_owned(),
            case_id: None,
            order_ids: Vec::new(),
            buyer_name: None,
            subject: None,
            language: None,
            status: "answered".to_owned(),
            opened_at: at("2026-03-06T16:00:00Z"),
            awaiting_since: None,
            due_at: None,
            assignee: None,
            tags: Vec::new(),
            unread: false,
            archived: false,
        };
        let thread = FullThread {
            summary,
            last_message_at: at("2026-03-06T16:00:00Z"),
            last_answer_at: Some(at("2026-03-06T17:00:00Z")),
            asked_for_order_id_at: None,
            messages: Vec::new(),
            messages_left_out: 3,
        };
        let answer = AnswerOut {
            id: "a1".to_owned(),
            thread: "t1".to_owned(),
            state: "sent".to_owned(),
            by: "mara".to_owned(),
            created_at: at("2026-03-06T17:00:00Z"),
            text: "Da.".to_owned(),
            r#override: false,
            attachments: Vec::new(),
            findings: Vec::new(),
        };
        let answers = Answers {
            answers: vec![answer],
            answers_left_out: 7,
        };
        let page = page(&thread, &answers, "2026-03-07T17:00:00Z".parse().unwrap(), 80);
        assert!(page.contains("3 earlier messages are left out"), "{page}");
        assert!(
            page.contains("(7 earlier answers are left out)\nFri 06 Mar 2026 17:00 UTC  mara: sent (a1)"),
            "{page}"
        );
    }
}
