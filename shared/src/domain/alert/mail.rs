//! The operator's mail: what is due when, oldest first. One file of words a language, no word of a buyer.

use std::fmt::Write as _;

use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};

use super::LEVELS;
use crate::domain::clock::Level;
use crate::domain::event::{Event, Subject, What};
use crate::domain::order_id::OrderId;
use crate::domain::store::StoreId;

/// The most threads one mail names: the rest is a number. Amazon SNS takes 256 KB.
const MOST: usize = 200;

const WORDS: [&str; 5] = [
    include_str!("text/en.txt"),
    include_str!("text/de.txt"),
    include_str!("text/ja.txt"),
    include_str!("text/zh.txt"),
    include_str!("text/ko.txt"),
];

/// The language of the operator's mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum OperatorLanguage {
    /// English.
    #[default]
    En,
    /// German.
    De,
    /// Japanese.
    Ja,
    /// Chinese.
    Zh,
    /// Korean.
    Ko,
}

impl OperatorLanguage {
    /// Reads `en`, `de`, `ja`, `zh` or `ko`.
    pub fn parse(tag: &str) -> Option<Self> {
        Some(match tag.trim().to_ascii_lowercase().as_str() {
            "en" => Self::En,
            "de" => Self::De,
            "ja" => Self::Ja,
            "zh" => Self::Zh,
            "ko" => Self::Ko,
            _ => return None,
        })
    }

    /// The word or sentence of this name.
    fn word(self, name: &str) -> &'static str {
        let file = match self {
            Self::En => WORDS[0],
            Self::De => WORDS[1],
            Self::Ja => WORDS[2],
            Self::Zh => WORDS[3],
            Self::Ko => WORDS[4],
        };
        let mut lines = file.lines().filter_map(|line| line.split_once(" = "));
        lines.find(|(key, _)| *key == name).map_or("", |(_, words)| words)
    }
}

/// A mail to the operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlertMail {
    /// In ASCII and short, as Amazon SNS wants it.
    pub subject: String,
    /// Plain text.
    pub text: String,
}

/// One alert of the mail.
struct Line<'a> {
    store: &'a StoreId,
    subject: &'a Subject,
    level: Level,
    due: Timestamp,
}

/// The mail that tells of these alerts; `None` where there is none among the events. Of one thread the last level counts.
pub fn mail(events: &[Event], language: OperatorLanguage, now: Timestamp) -> Option<AlertMail> {
    let mut lines: Vec<Line<'_>> = events
        .iter()
        .filter_map(|event| match &event.what {
            What::Alert {
                subject, level, due, ..
            } => Some(Line {
                store: &event.store,
                subject,
                level: *level,
                due: *due,
            }),
            _ => None,
        })
        .collect();
    lines.sort_by(|a, b| (a.store, &a.subject.thread, b.level).cmp(&(b.store, &b.subject.thread, a.level)));
    lines.dedup_by(|next, kept| (next.store, &next.subject.thread) == (kept.store, &kept.subject.thread));
    lines.sort_by(|a, b| (a.due, a.store, &a.subject.thread).cmp(&(b.due, b.store, &b.subject.thread)));
    if lines.is_empty() {
        return None;
    }

    let mut text = format!("{}\n\n{}\n", language.word("title"), language.word("intro"));
    let mut counts = Vec::new();
    let mut room = MOST;
    for level in LEVELS {
        let of_level: Vec<&Line<'_>> = lines.iter().filter(|line| line.level == level).collect();
        if of_level.is_empty() {
            continue;
        }
        counts.push(format!("{} {}", of_level.len(), level.as_str()));
        let _ = writeln!(text, "\n{} ({})", language.word(level.as_str()), of_level.len());
        let shown = of_level.len().min(room);
        room -= shown;
        for line in &of_level[..shown] {
            let _ = writeln!(text, "  {}", one(line, language, now));
        }
        if shown < of_level.len() {
            let more = (of_level.len() - shown).to_string();
            let _ = writeln!(text, "  {}", language.word("more").replace("{count}", &more));
        }
    }
    Some(AlertMail {
        subject: format!("within24: {}", counts.join(", ")),
        text,
    })
}

fn one(line: &Line<'_>, language: OperatorLanguage, now: Timestamp) -> String {
    let left = line.due.duration_since(now);
    let how = if left > SignedDuration::ZERO { "left" } else { "late" };
    let minutes = left.abs().as_mins();
    let time = language
        .word("time")
        .replace("{h}", &(minutes / 60).to_string())
        .replace("{m}", &format!("{:02}", minutes % 60));
    let due = Offset::UTC.to_datetime(line.due).strftime("%Y-%m-%d %H:%M").to_string();
    let orders: Vec<&str> = line.subject.order_ids.iter().map(OrderId::as_str).collect();
    let order = if orders.is_empty() {
        language.word("no_order").to_owned()
    } else {
        language.word("order").replace("{order}", &orders.join(", "))
    };
    let thread = language
        .word("thread")
        .replace("{thread}", line.subject.thread.as_str());
    let when = language.word(how).replace("{time}", &time).replace("{due}", &due);
    let store = line.store.as_str();
    format!(
        "{when} · {store} {} · {order} · {thread}",
        line.subject.marketplace.code()
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::alias::Alias;
    use crate::domain::key::Key;
    use crate::domain::thread::Thread;

    fn alert(name: &str, order: Option<&str>, level: Level, due: &str) -> Event {
        let due: Timestamp = due.parse().unwrap();
        let store = StoreId::parse("kontorhaus").unwrap();
        let alias = Alias::parse("a1b2c3d4e5f6g7@marketplace.amazon.de").unwrap();
        let mut thread = Thread::open(store, alias, &Key::of(&[name]), due);
        thread.order_ids = order.and_then(OrderId::parse).into_iter().collect();
        Event::alert(&thread, level, due, due, due)
    }

    fn alerts() -> Vec<Event> {
        vec![
            alert("a", None, Level::Nearing, "2026-03-03T13:45:00Z"),
            alert("b", Some("302-1234567-7654321"), Level::Overdue, "2026-03-03T09:48:00Z"),
            alert("c", None, Level::Overdue, "2026-03-03T08:00:00Z"),
        ]
    }

    #[test]
    fn the_mail_names_what_is_due_when_the_oldest_first() {
        let mail = mail(&alerts(), OperatorLanguage::En, "2026-03-03T10:00:00Z".parse().unwrap()).unwrap();
        assert_eq!(mail.subject, "within24: 2 overdue, 1 nearing");
        let lines: Vec<&str> = mail.text.lines().collect();
        assert_eq!(lines[4], "Overdue (2)");
        assert!(
            lines[5].starts_with("  2 h 00 min late, was due 2026-03-03 08:00 · kontorhaus DE · no order id"),
            "{}",
            lines[5]
        );
        assert!(
            lines[6].contains("0 h 12 min late") && lines[6].contains("order 302-1234567-7654321"),
            "{}",
            lines[6]
        );
        assert!(
            lines[9].starts_with("  3 h 45 min left, due 2026-03-03 13:45"),
            "{}",
            lines[9]
        );
    }

    #[test]
    fn every_language_has_every_word() {
        let names = [
            "title", "intro", "nearing", "critical", "overdue", "left", "late", "order", "no_order", "thread", "more",
            "time",
        ];
        for tag in ["en", "de", "ja", "zh", "ko"] {
            let language = OperatorLanguage::parse(tag).unwrap();
            for name in names {
                assert!(!language.word(name).is_empty(), "{tag}: {name}");
            }
            let mail = mail(&alerts(), language, "2026-03-03T10:00:00Z".parse().unwrap()).unwrap();
            assert!(
                !mail.text.contains('{') && mail.subject.is_ascii() && mail.subject.len() < 100,
                "{}",
                mail.text
            );
        }
        assert_eq!(OperatorLanguage::parse("xx"), None);
    }

    #[test]
    fn a_backlog_is_named_in_part_and_counted_in_full() {
        let many: Vec<Event> = (0..500)
            .map(|n| alert(&n.to_string(), None, Level::Overdue, "2026-03-03T08:00:00Z"))
            .collect();
        let mail = mail(&many, OperatorLanguage::En, "2026-03-03T10:00:00Z".parse().unwrap()).unwrap();
        assert_eq!(mail.subject, "within24: 500 overdue");
        assert!(mail.text.contains("and 300 more") && mail.text.len() < 100_000);
    }

    #[test]
    fn of_one_thread_only_the_last_level_is_told() {
        let twice = [
            alert("a", None, Level::Nearing, "2026-03-03T13:45:00Z"),
            alert("a", None, Level::Critical, "2026-03-03T13:45:00Z"),
        ];
        let mail = mail(&twice, OperatorLanguage::En, "2026-03-03T13:00:00Z".parse().unwrap()).unwrap();
        assert_eq!(mail.subject, "within24: 1 critical");
    }

    #[test]
    fn no_alert_is_no_mail() {
        assert_eq!(mail(&[], OperatorLanguage::En, Timestamp::UNIX_EPOCH), None);
    }
}
