//! Signatures: what stands below `-- ` (RFC 3676, 4.3), and the line of advertising that a mail program adds.

use std::ops::Range;
use std::sync::LazyLock;

use super::{DATA, is_quoted};
use crate::domain::mail::data::{fold, phrases, rows};
use crate::domain::mail::orders;

/// Lines of a signature below two dashes without the blank.
const MOST_LINES: usize = 5;
/// Their length, in characters.
const LONGEST_LINE: usize = 60;
/// Words that stand for the device in the line of a mail program.
const MOST_WORDS: usize = 6;
/// Longest line of a mail program, in bytes.
const LONGEST_PROGRAM: usize = 160;

/// The lines of the signature, its separator first. `taken` are those that are history already.
///
/// Two dashes with their blank part it off. Without the blank they may be the writer's own rule between points: then it is
/// one only at the end, of a few short lines that are no sentences. What holds an order id is none.
pub(super) fn find(lines: &[&str], taken: &[bool]) -> Option<Range<usize>> {
    let dashes = |at: &usize| lines[*at].len() < 5 && lines[*at].starts_with("--");
    let rule = |at: &usize| dashes(at) && !taken[*at] && matches!(lines[*at].trim_end_matches('\r'), "--" | "-- ");
    let first = (0..lines.len()).find(rule)?;
    let end = (first + 1..lines.len())
        .find(|n| taken[*n] || is_quoted(lines[*n]))
        .unwrap_or(lines.len());
    let rest = || {
        lines[first + 1..end]
            .iter()
            .map(|line| line.trim())
            .filter(|line| !line.is_empty())
    };
    if rest().any(orders::names_one) {
        return None;
    }
    if lines[first].trim_end_matches('\r').len() == 3 {
        return Some(first..end);
    }
    let last = (end..lines.len()).all(|n| taken[n] || is_quoted(lines[n]) || lines[n].trim().is_empty());
    let short = |line: &str| line.chars().count() <= LONGEST_LINE && !is_sentence(line) && line != "--";
    // A signature begins with a name, a link, a number: not in the middle of a sentence.
    let goes_on = rest().next().is_some_and(|line| {
        line.starts_with(char::is_lowercase) && line.contains(' ') && !line.contains(['@', '.', '/', ':'])
    });
    (last && !goes_on && rest().take(MOST_LINES + 1).count() <= MOST_LINES && rest().all(short)).then_some(first..end)
}

fn is_sentence(line: &str) -> bool {
    let ends = line.ends_with(['?', '？', '؟', '!', '！', '。']) || line.ends_with('.') && !line.ends_with("..");
    ends && line.split_whitespace().count() > 3 || line.ends_with(['?', '？', '؟'])
}

/// A line of a mail program: how it begins and ends, folded.
static PROGRAMS: LazyLock<Vec<(String, String)>> = LazyLock::new(|| {
    rows(DATA)
        .filter(|cells| cells[0] == "program")
        .filter_map(|cells| {
            let (before, after) = cells.get(1)?.split_once('…').unwrap_or((cells[1], ""));
            Some((fold(before), fold(after)))
        })
        .collect()
});

static DEVICES: LazyLock<Vec<String>> = LazyLock::new(|| phrases(DATA, "device"));

/// The lines of mail programs that end the writer's text.
pub(super) fn program_lines(lines: &[&str], taken: &[bool]) -> Vec<usize> {
    let own = (0..lines.len())
        .rev()
        .filter(|n| !taken[*n] && !lines[*n].trim().is_empty());
    own.take_while(|n| is_program_line(lines[*n])).take(2).collect()
}

fn is_program_line(line: &str) -> bool {
    if line.len() > LONGEST_PROGRAM {
        return false;
    }
    let line = fold(line);
    // A link to the program stands in brackets, and says as much as the name of a device.
    let (line, linked) = match line.split_once(['<', '(']) {
        Some((before, target)) => (before, target.starts_with("http")),
        None => (line.as_str(), false),
    };
    let line = line.trim_matches(|c: char| c.is_whitespace() || matches!(c, '.' | '-' | '_' | '*' | '–' | '—'));
    PROGRAMS.iter().any(|(before, after)| {
        let middle = line
            .strip_prefix(before.as_str())
            .and_then(|rest| rest.strip_suffix(after.as_str()));
        middle.is_some_and(|middle| {
            let sentence = middle.contains([',', ';', '!', '?', '。', '，']);
            let words = middle.split_whitespace().count();
            let whole = middle.is_empty() && after.is_empty();
            whole || !sentence && words <= MOST_WORDS && (linked || DEVICES.iter().any(|device| names(line, device)))
        })
    })
}

/// The device is a word of the line; scripts without spaces have no words.
fn names(line: &str, device: &str) -> bool {
    line.match_indices(device).any(|(at, _)| {
        let before = line[..at]
            .chars()
            .next_back()
            .is_none_or(|c| !c.is_ascii_alphanumeric());
        let after = line[at + device.len()..]
            .chars()
            .next()
            .is_none_or(|c| !c.is_ascii_alphanumeric());
        before && after
    })
}

#[cfg(test)]
mod tests {
    fn own(text: &str) -> String {
        super::super::part(text, false).own
    }

    #[test]
    fn a_bare_rule_of_two_dashes_is_a_signature_only_at_the_end() {
        for (text, kept) in [
            ("mine\n--\nJoe\nMuster GmbH\n+49 30 1234", "mine"),
            (
                "mine\n--\nJoe\n\nOn 16/11/2026 09:12, Muster Shop wrote:\n> old",
                "mine",
            ),
            ("mine\n-- \nJoe\n> old", "mine"),
        ] {
            assert_eq!(own(text), kept, "{text}");
        }
        for text in [
            "One knob is missing.\n--\nThe other is bent.\n--\nWhat now",
            "mine\n--\norder 113-4490217-6623385",
            "mine\n-- \norder 113-4490217-6623385",
            "mine\n--\nPlease send a new one to me as soon as you can.",
            "mine\n--\nand how do I return it?",
            "- eins\n- zwei\n--\nund drei",
            "a\n--\nb\nc\nd\ne\nf\ng",
        ] {
            assert_eq!(own(text), text);
        }
    }

    #[test]
    fn the_line_of_a_mail_program_goes_and_the_writers_stays() {
        for line in [
            "Sent from my iPhone",
            "Sent from my Verizon Wireless BlackBerry",
            "Get Outlook for iOS<https://aka.ms/o0ukef>",
            "Von meinem iPhone gesendet",
            "Gesendet mit der GMX Mail App",
            "Sent from TypeApp<http://www.typeapp.example/r?b=2621>",
            "Outlook für iOS beziehen",
            "Envoyé de mon iPhone",
            "Envoyé à partir de Outlook pour iOS<https://aka.ms/o0ukef>",
            "Inviato da iPhone",
            "Enviado desde mi iPhone",
            "Enviado do meu iPhone",
            "Verstuurd vanaf mijn iPad",
            "Skickat från min iPhone",
            "Wysłane z iPhone'a",
            "Отправлено с iPhone",
            "iPhone'umdan gönderildi",
            "iPhoneから送信",
            "发自我的iPhone",
            "나의 iPhone에서 보냄",
            "تم الإرسال من الـ iPhone",
        ] {
            assert_eq!(own(&format!("mine\n\n{line}")), "mine", "{line}");
            let quoting = format!("mine\n\n{line}\n\nOn 16/11/2026 09:12, Muster Shop wrote:\n> old");
            assert_eq!(own(&quoting), "mine", "{line}");
        }
        for line in [
            "Sent from my desk, is much easier than my mobile phone.",
            "Sent from the neighbours",
            "Von meinem iPhone aus kann ich die Rechnung nicht öffnen.",
            "나의 iPhone 케이스가 없어요",
            "Enviado desde Madrid",
            "Envoyé de Lyon le 3 mai",
            "Outlook für iOS",
        ] {
            let text = format!("mine\n\n{line}");
            assert_eq!(own(&text), text);
        }
        assert_eq!(own("Sent from my iPhone"), "Sent from my iPhone");
    }
}
