//! A replay for people: the inbox with the time that is left, what was asked, sent and set aside, what Amazon counts.

use std::fmt::Write as _;

use comfy_table::presets::UTF8_HORIZONTAL_ONLY;
use comfy_table::{ContentArrangement, Table};
use jiff::Timestamp;

use crate::metrics;
use crate::metrics::table::TARGET;
use crate::output::{Output, ThreadLine};

/// Cells of a bar.
const BAR: i64 = 12;

/// Writes the output for people, at most `width` columns wide.
pub fn render(output: &Output, width: u16) -> String {
    let mut page = String::new();
    let _ = writeln!(page, "It is {}.", minute(output.now));
    inbox(&mut page, output, width);
    asked(&mut page, output, width);
    answers(&mut page, output, width);
    set_aside(&mut page, output);
    alerts(&mut page, output);
    counts(&mut page, output, width);
    cost(&mut page, output);
    page
}

/// A time as people read it, to the minute.
pub(crate) fn minute(at: Timestamp) -> String {
    at.strftime("%a %d %b %Y %H:%M UTC").to_string()
}

fn table(width: u16, header: &[&str]) -> Table {
    let mut table = Table::new();
    table
        .load_style(UTF8_HORIZONTAL_ONLY)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(width);
    table.set_header(header.iter().copied());
    table
}

/// The text without what a terminal obeys instead of showing: controls but line ends and tabs, and marks that turn the
/// direction of writing (Unicode Standard Annex 9).
pub(crate) fn printable(text: &str) -> String {
    let obeyed = |c: char| {
        c.is_control() && !matches!(c, '\n' | '\t') || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars().filter(|c| !obeyed(*c)).collect()
}

/// The first words, on one line.
pub(crate) fn short(text: Option<&str>, most: usize) -> String {
    let line = printable(text.unwrap_or("(no text)"))
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    if line.chars().count() <= most {
        line
    } else {
        line.chars().take(most - 1).chain(['…']).collect()
    }
}

fn hours(seconds: i64) -> String {
    format!("{} h {:02} m", seconds / 3600, seconds % 3600 / 60)
}

/// The share of the 24 hours that is left, as a bar, with the time in words.
pub(crate) fn time_left(thread: &ThreadLine, now: Timestamp) -> String {
    let Some(due) = thread.due_at else {
        return match thread.status {
            "answered" => "answered".to_owned(),
            _ => "no response needed".to_owned(),
        };
    };
    let left = due.duration_since(now).as_secs();
    if left < 0 {
        return format!("{} {} late", "!".repeat(12), hours(-left));
    }
    let full = (left * BAR + 86_399) / 86_400;
    let bar: String = (0..BAR).map(|cell| if cell < full { '█' } else { '░' }).collect();
    format!("{bar} {}", hours(left))
}

fn inbox(page: &mut String, output: &Output, width: u16) {
    let mut threads: Vec<&ThreadLine> = output.threads.iter().collect();
    threads.sort_by_key(|thread| (thread.due_at.is_none(), thread.due_at, thread.status));
    let waiting = threads.iter().filter(|thread| thread.due_at.is_some()).count();
    let _ = writeln!(
        page,
        "\nINBOX: {waiting} of {} threads wait for a person",
        threads.len()
    );
    let one_store = threads.iter().all(|thread| thread.store == threads[0].store);
    let mut rows = table(
        width,
        &[
            "left of 24 h",
            if one_store { "in" } else { "store" },
            "buyer",
            "order",
            "last words of the buyer",
        ],
    );
    for thread in threads {
        let last = thread.messages.iter().rev().find(|message| message.kind == "buyer");
        let mut words = short(last.and_then(|message| message.text.as_deref()), 70);
        let hints = hints(thread);
        if !hints.is_empty() {
            let _ = write!(words, " [{}]", hints.join(", "));
        }
        rows.add_row([
            time_left(thread, output.now),
            if one_store {
                thread.marketplace.to_owned()
            } else {
                format!("{} {}", thread.store, thread.marketplace)
            },
            thread.buyer_name.clone().unwrap_or_else(|| "(no name)".to_owned()),
            thread.order_ids.first().cloned().unwrap_or_else(|| "none".to_owned()),
            words,
        ]);
    }
    let _ = writeln!(page, "{rows}");
}

/// What a person should know of a thread at a glance.
fn hints(thread: &ThreadLine) -> Vec<String> {
    let mut hints = thread.tags.clone();
    let buyers: Vec<_> = thread
        .messages
        .iter()
        .filter(|message| message.kind == "buyer")
        .collect();
    if buyers.len() > 1 && thread.due_at.is_some() {
        hints.push("the oldest unanswered counts".to_owned());
    }
    if buyers.last().is_some_and(|message| message.automatic) {
        hints.push("out of office".to_owned());
    }
    if thread.messages.iter().any(|message| message.by == "Seller Central") {
        hints.push("answered in Seller Central".to_owned());
    }
    if thread.messages.iter().any(|message| message.kind == "notice") {
        hints.push("notice from Amazon".to_owned());
    }
    hints
}

fn name_of(output: &Output, alias: &str) -> String {
    let thread = output.threads.iter().find(|thread| thread.alias == alias);
    thread
        .and_then(|thread| thread.buyer_name.clone())
        .unwrap_or_else(|| alias.to_owned())
}

/// Lines of a request that are shown.
const SHOWN_LINES: usize = 3;

fn asked(page: &mut String, output: &Output, width: u16) {
    let requests: Vec<_> = output
        .sent
        .iter()
        .filter(|sent| sent.kind == "order-id-request")
        .collect();
    let _ = writeln!(
        page,
        "\nASKED FOR THE ORDER ID: {} buyers, each in his own language; the clock goes on",
        requests.len()
    );
    for sent in requests {
        let language = sent.language.as_deref().unwrap_or("?");
        let _ = writeln!(
            page,
            "\n  {}  {} ({language})",
            minute(sent.at),
            name_of(output, &sent.to)
        );
        for line in sent
            .text
            .lines()
            .filter(|line| !line.trim().is_empty())
            .take(SHOWN_LINES)
        {
            for part in wrapped(line, usize::from(width).saturating_sub(6)) {
                let _ = writeln!(page, "    {part}");
            }
        }
    }
}

/// A line in parts of at most `width` columns; wide letters (CJK) take two.
pub(crate) fn wrapped(line: &str, width: usize) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut used = 0;
    let wide = |c: char| matches!(u32::from(c), 0x1100..=0x115f | 0x2e80..=0xa4cf | 0xac00..=0xd7a3 | 0xf900..=0xfaff | 0xff00..=0xff60);
    for word in line.split_inclusive([' ', '、', '。']) {
        let columns: usize = word.chars().map(|c| if wide(c) { 2 } else { 1 }).sum();
        if used > 0 && used + columns > width {
            parts.push(String::new());
            used = 0;
        }
        used += columns;
        if let Some(last) = parts.last_mut() {
            last.push_str(word);
        }
    }
    parts
}

fn answers(page: &mut String, output: &Output, width: u16) {
    let replies: Vec<_> = output.sent.iter().filter(|sent| sent.kind == "reply").collect();
    let _ = writeln!(page, "\nANSWERED BY A PERSON: {}\n", replies.len());
    if replies.is_empty() {
        return;
    }
    let mut rows = table(width, &["sent", "to", "subject", "words"]);
    for sent in replies {
        let files = match sent.attachments.len() {
            0 => String::new(),
            1 => " [1 file]".to_owned(),
            more => format!(" [{more} files]"),
        };
        rows.add_row([
            minute(sent.at),
            name_of(output, &sent.to),
            short(Some(&sent.subject), 40),
            short(Some(&sent.text), 60) + &files,
        ]);
    }
    let _ = writeln!(page, "{rows}");
}

fn set_aside(page: &mut String, output: &Output) {
    let _ = writeln!(page, "\nNOT DONE, AND WHY: {}", output.refused.len());
    for refused in &output.refused {
        let _ = writeln!(page, "  {}  {}: {}", minute(refused.at), refused.what, refused.reason);
    }
}

fn alerts(page: &mut String, output: &Output) {
    let Some(last) = output.alert_mails.last() else {
        return;
    };
    let _ = writeln!(
        page,
        "\nALERTS: {} raised, in {} mails to the operator; the last one:",
        output.alerts.len(),
        output.alert_mails.len()
    );
    let _ = writeln!(page, "  Subject: {}", last.subject);
    for line in last.text.lines() {
        let _ = writeln!(page, "{}", format!("  {line}").trim_end());
    }
}

fn counts(page: &mut String, output: &Output, width: u16) {
    let _ = writeln!(
        page,
        "\nRESPONSE TIMES, as Account Health counts them (target: {TARGET} % within 24 h)"
    );
    page.push_str(&metrics::page(&output.metrics, &output.response_days, width));
}

fn cost(page: &mut String, output: &Output) {
    let _ = writeln!(page, "\nWHAT IT COST, as DynamoDB reports it");
    for (function, used) in &output.capacity {
        let _ = writeln!(
            page,
            "  {function:<17} {:>4} calls  {:>6.1} read units  {:>6.1} write units",
            used.invocations, used.read_units, used.write_units
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_a_buyer_writes_moves_the_cursor() {
        assert_eq!(printable("a\u{1b}[2Jb\r\nc\u{202e}d\te"), "a[2Jb\ncd\te");
        assert_eq!(short(Some("x \u{1b}[1m  y\n z"), 20), "x [1m y z");
    }
}
