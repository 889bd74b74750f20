//! What the writer did not write now: quoted history and signatures. The words and labels are in `data/history.tsv`.

use std::ops::Range;
use std::sync::LazyLock;

use super::data::{fold, phrases};

const DATA: &str = include_str!("data/history.tsv");
/// Longest line that can introduce a quotation, in bytes.
const LONGEST_LINE: usize = 400;

struct Words {
    separators: Vec<String>,
    verbs: Vec<String>,
    from: Vec<String>,
    other: Vec<String>,
}

static WORDS: LazyLock<Words> = LazyLock::new(|| Words {
    separators: phrases(DATA, "separator"),
    verbs: phrases(DATA, "wrote"),
    from: phrases(DATA, "from"),
    other: phrases(DATA, "label"),
});

/// Lines that are looked at one by one; what follows counts as one line.
const MOST_LINES: usize = 200_000;
/// Lines that are looked at closely, since they could introduce a quotation.
const MOST_INTRODUCTIONS: usize = 2_000;

/// A text without its history.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Parted {
    /// What the writer wrote now.
    pub own: String,
    /// What was taken out.
    pub history: String,
}

/// Takes quoted history and signature out of a text. If nothing would be left, all of it stays.
pub(super) fn part(text: &str) -> Parted {
    let lines: Vec<&str> = text.splitn(MOST_LINES, '\n').collect();
    let mut budget = MOST_INTRODUCTIONS;
    let mut own = String::with_capacity(text.len());
    let mut history = String::new();
    let several_quoted = lines.iter().filter(|line| is_quoted(line)).take(2).count() > 1;
    let mut introduced = false;
    let mut at = 0;
    while at < lines.len() {
        let line = lines[at];
        if is_quoted(line) && (several_quoted || introduced || !is_comparison(line)) {
            push(&mut history, line);
            at += 1;
            continue;
        }
        if !line.trim().is_empty() {
            introduced = false;
        }
        if let Some(count) = introduction(&lines[at..], &mut budget) {
            let next = lines[at + count..].iter().find(|line| !line.trim().is_empty());
            if next.is_some_and(|line| is_quoted(line)) {
                lines[at..at + count].iter().for_each(|line| push(&mut history, line));
                introduced = true;
                at += count;
                continue;
            }
            if lines[at..at + count].iter().any(|line| names_time_or_address(line)) {
                break;
            }
        }
        if ends_here(&lines[at..]) {
            break;
        }
        push(&mut own, line);
        at += 1;
    }
    lines[at..].iter().for_each(|line| push(&mut history, line));
    let trimmed = own.trim();
    if trimmed.is_empty() {
        return Parted {
            own: text.trim().to_owned(),
            history: String::new(),
        };
    }
    if trimmed.len() < own.len() {
        own = trimmed.to_owned();
    }
    Parted { own, history }
}

/// Where a text quotes an older one, as byte ranges of whole lines: lines behind `>`, and all below an introduction or a
/// separator whose lines have no such mark. A signature is the writer's own.
pub(in crate::domain) fn quoted(text: &str) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    let lines: Vec<&str> = text.splitn(MOST_LINES, '\n').collect();
    let mut budget = MOST_INTRODUCTIONS;
    let several = lines.iter().filter(|line| is_quoted(line)).take(2).count() > 1;
    let last_marked = lines.iter().rposition(|line| is_quoted(line)).unwrap_or(0);
    let mut start = 0;
    for (at, line) in lines.iter().enumerate() {
        let end = (start + line.len() + 1).min(text.len());
        if is_quoted(line) && (several || !is_comparison(line)) {
            match found.last_mut() {
                Some(last) if last.end == start => last.end = end,
                _ => found.push(start..end),
            }
        } else if let Some(below) = quotes_below(&lines[at..], &mut budget) {
            let above: usize = lines[at..at + below].iter().map(|line| line.len() + 1).sum();
            let from = (start + above).min(text.len());
            if from < text.len() && last_marked < at + below {
                found.push(from..text.len());
                break;
            }
        }
        start = end;
    }
    found
}

/// How many lines announce that an older text follows; `None` if none does.
fn quotes_below(rest: &[&str], budget: &mut usize) -> Option<usize> {
    if is_separator_line(rest[0]) {
        return Some(1);
    }
    if is_mail_header(rest) {
        return Some(0);
    }
    introduction(rest, budget).filter(|count| rest[..*count].iter().any(|line| names_time_or_address(line)))
}

/// True if a text holds quoted history.
pub(super) fn is_there(text: &str) -> bool {
    let lines: Vec<&str> = text.splitn(MOST_LINES, '\n').collect();
    let mut budget = MOST_INTRODUCTIONS;
    (0..lines.len()).any(|at| {
        let rest = &lines[at..];
        let introduced = introduction(rest, &mut budget)
            .is_some_and(|count| rest[..count].iter().any(|line| names_time_or_address(line)));
        is_quoted(lines[at]) || introduced || is_separator_line(lines[at]) || is_mail_header(rest)
    })
}

/// True if the words between two runs of dashes announce an older mail: "Original Message".
pub(super) fn is_separator(words: &str) -> bool {
    words.len() < 120
        && WORDS
            .separators
            .contains(&fold(words.trim_matches([' ', '-', '_', ':'])))
}

fn push(to: &mut String, line: &str) {
    if !to.is_empty() {
        to.push('\n');
    }
    to.push_str(line);
}

fn is_quoted(line: &str) -> bool {
    line.trim_start().starts_with('>')
}

/// "> 5 kg" may be anyone's text.
fn is_comparison(line: &str) -> bool {
    line.trim_start()
        .trim_start_matches('>')
        .trim_start()
        .starts_with(|c: char| c.is_ascii_digit() || c == '=')
}

fn ends_here(rest: &[&str]) -> bool {
    let line = rest[0];
    if line == "-- " || line == "--" {
        // A signature, unless much text follows two bare dashes.
        return line.len() == 3 || rest[1..].iter().filter(|line| !line.trim().is_empty()).take(9).count() <= 8;
    }
    if is_separator_line(line) || is_mail_header(rest) {
        return true;
    }
    let rule = line.starts_with("________") && line.trim_matches('_').trim().is_empty();
    (rule || line.trim_end().ends_with(':') && is_separator(line)) && {
        let next = rest.iter().skip(1).position(|line| !line.trim().is_empty());
        next.is_some_and(|n| is_mail_header(&rest[n + 1..]))
    }
}

/// `-----Original Message-----`, with any number of dashes.
fn is_separator_line(line: &str) -> bool {
    let line = line.trim();
    line.len() < 160 && line.starts_with("--") && line.ends_with("--") && is_separator(line)
}

/// A header written out: `From:`, and `Sent:`, `To:`, `Subject:` in the lines below.
fn is_mail_header(rest: &[&str]) -> bool {
    let label = |line: &str| -> Option<String> {
        let line = line.trim().trim_start_matches('*');
        let (label, _) = line.split_once([':', '：'])?;
        (label.len() < 40).then(|| fold(label.trim_end_matches(['*', ' ', '\u{a0}'])))
    };
    // Most lines end here: a label is short, and another one stands below.
    let short = |line: &str| line.bytes().take(60).any(|b| b == b':' || b == 0xef);
    if !short(rest[0])
        || !rest
            .iter()
            .skip(1)
            .find(|line| !line.trim().is_empty())
            .is_some_and(|line| short(line))
    {
        return false;
    }
    // Most programs begin with the writer, some with the date.
    let Some(first) = label(rest[0]) else { return false };
    let from = |l: &String| WORDS.from.contains(l);
    if !from(&first) && !WORDS.other.contains(&first) {
        return false;
    }
    let below = rest.iter().skip(1).filter(|line| !line.trim().is_empty()).take(5);
    let below: Vec<String> = below.map_while(|line| label(line)).collect();
    let others = below.iter().filter(|l| WORDS.other.contains(l)).count();
    if from(&first) {
        others >= 2
    } else {
        others >= 2 && below.iter().any(from)
    }
}

/// How many lines say "On … wrote:"; `None` if none does. They must hold a digit, so that "Em relação ao pedido:" stays.
fn introduction(rest: &[&str], budget: &mut usize) -> Option<usize> {
    let first = rest[0].trim();
    if first.is_empty() || first.len() > LONGEST_LINE {
        return None;
    }
    let ends = |line: &str| line.trim_end().ends_with([':', '：']);
    let count = (1..=3.min(rest.len()))
        .take_while(|n| !rest[n - 1].trim().is_empty())
        .find(|n| ends(rest[n - 1]))?;
    let joined = rest[..count].join(" ");
    let speaks = joined.chars().any(char::is_alphabetic);
    if joined.len() > LONGEST_LINE || !speaks || digits(&joined) < 3 || *budget == 0 {
        return None;
    }
    *budget -= 1;
    // A sentence above, or a line that says nothing of a date, is not its first line.
    let sentence = first.ends_with(['.', '!', '?', '。', '！', '？']);
    if count > 1 && (sentence || introduction(&rest[1..], budget).is_some_and(|n| n + 1 == count) && digits(first) < 3)
    {
        return None;
    }
    let trimmed = joined.trim().trim_end_matches([':', '：', ' ', '\u{a0}']);
    let folded = fold(trimmed);
    let addressed = trimmed.ends_with('>') && trimmed.contains('@') || trimmed.ends_with(')') && trimmed.contains('@');
    let wrote = WORDS
        .verbs
        .iter()
        .any(|verb| folded.ends_with(verb.as_str()) || says(&folded, verb));
    (wrote || addressed).then_some(count)
}

fn digits(text: &str) -> usize {
    text.chars().filter(|c| c.is_numeric()).count()
}

/// The verb stands as a word of its own: "am 3.3.2026 schrieb Laden".
fn says(folded: &str, verb: &str) -> bool {
    folded.match_indices(verb).any(|(at, _)| {
        let before = folded[..at].chars().next_back().is_none_or(|c| !c.is_alphanumeric());
        let after = folded[at + verb.len()..]
            .chars()
            .next()
            .is_none_or(|c| !c.is_alphanumeric());
        before && after
    })
}

/// A clock time or a mail address: what mail programs write and people do not.
fn names_time_or_address(line: &str) -> bool {
    let bytes = line.as_bytes();
    let time = bytes.windows(4).any(|w| {
        w[0].is_ascii_digit() && matches!(w[1], b':' | b'.' | b'h') && w[2].is_ascii_digit() && w[3].is_ascii_digit()
    });
    time || bytes.iter().skip(1).any(|b| *b == b'@')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(text: &str) -> String {
        part(text).own
    }

    #[test]
    fn quotations_and_their_introduction_go() {
        let parted = part(
            "Yes.\n\nOn Tue, Mar 3, 2026 at 9:14 AM Shop <a@b.example> wrote:\n\n> order 111-4583805-4334052\n> bye",
        );
        assert_eq!(parted.own, "Yes.");
        assert!(parted.history.contains("111-4583805-4334052"));
    }

    #[test]
    fn an_introduction_may_run_over_lines_and_speak_any_language() {
        for intro in [
            "Am Di., 3. März 2026 um 09:14 Uhr schrieb Laden <a@b.example>:",
            "Le mar. 3 mars 2026 à 09:14, Boutique <a@b.example> a\nécrit :",
            "El mar, 3 mar 2026 a las 9:14, Casa (<a@b.example>) escribió:",
            "Il giorno mar 3 mar 2026 alle ore 09:14 Negozio <a@b.example> ha scritto:",
            "Em ter., 3 de mar. de 2026 às 09:14, Loja <a@b.example>\nescreveu:",
            "2026年3月3日(火) 9:14 店 <a@b.example>:",
            "Op di 3 mrt 2026 om 09:14 schreef Winkel <a@b.example>:",
        ] {
            assert_eq!(own(&format!("mine\n\n{intro}\nthe old text")), "mine", "{intro}");
        }
    }

    #[test]
    fn answers_below_the_quotation_stay() {
        assert_eq!(
            own("On 3 Mar 2026 at 9:14 Shop wrote:\n> Which size?\n\nSize 39."),
            "Size 39."
        );
    }

    #[test]
    fn sentences_that_only_sound_like_an_introduction_stay() {
        for text in [
            "Em relação ao pedido:\nfalta uma peça",
            "On 3 March you wrote:\nwe will refund it",
            "Nota: 12\nok",
        ] {
            assert_eq!(own(text), text);
        }
    }

    #[test]
    fn separators_and_written_out_headers_end_the_text() {
        assert_eq!(own("mine\n-----Ursprüngliche Nachricht-----\nVon: x"), "mine");
        assert_eq!(
            own("mine\n\n________________________________\nFrom: a\nSent: b\nTo: c\nSubject: d\n\nold"),
            "mine"
        );
        assert_eq!(own("mine\n\n*De :* a\n*Envoyé :* b\n*À :* c\n*Objet :* d\nold"), "mine");
        assert_eq!(own("From: Berlin\nTo: Hamburg"), "From: Berlin\nTo: Hamburg");
        let forwarded = "Begin forwarded message:\n\nFrom: a\nSubject: b\nDate: c\n\nold";
        assert_eq!(own(&format!("mine\n\n{forwarded}")), "mine");
        assert_eq!(own(forwarded), forwarded);
        assert_eq!(
            own("The original message:\nFrom: Berlin"),
            "The original message:\nFrom: Berlin"
        );
    }

    #[test]
    fn signatures_go_and_lines_of_dashes_stay() {
        assert_eq!(own("mine\n-- \nJoe\nSales"), "mine");
        assert_eq!(own("a\n-----\nb"), "a\n-----\nb");
    }

    #[test]
    fn a_text_that_is_all_quotation_stays() {
        assert_eq!(own("> all of it\n> is quoted"), "> all of it\n> is quoted");
    }

    #[test]
    fn one_comparison_is_no_quotation() {
        assert_eq!(own("Is it\n> 5 kg?"), "Is it\n> 5 kg?");
    }
}
