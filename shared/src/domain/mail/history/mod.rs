//! What the writer did not write now: quoted history and signatures. The words and labels are in `data/history.tsv`.
//!
//! Losing a buyer's word is worse than any noise, so each cut needs its proof:
//!
//! | cut | proof | file |
//! |---|---|---|
//! | "On … wrote:" | quoted lines below it, or the year, time and address that mail programs write | `attribution` |
//! | `From:`, `Sent:`, `To:`, `Subject:` | a subject with a time or an address, or a mail program's order | `header_block` |
//! | `>` lines | an attribution, a second level, or nothing of the writer's own below | here |
//! | `-- ` and below | RFC 3676; without the blank only a few short lines at the end | `signature` |
//! | "-----Original Message-----" | the words between the dashes | here |

mod attribution;
mod header_block;
mod quoted;
mod signature;

use std::ops::Range;
use std::sync::LazyLock;

use super::data::{fold, phrases};
use attribution::Attribution;

pub(in crate::domain) use quoted::quoted;

const DATA: &str = include_str!("../data/history.tsv");
/// Lines that are looked at one by one; what follows counts as one line.
const MOST_LINES: usize = 200_000;
/// Lines that are looked at closely, since they could introduce a quotation.
const MOST_INTRODUCTIONS: usize = 2_000;

static SEPARATORS: LazyLock<Vec<String>> = LazyLock::new(|| phrases(DATA, "separator"));

/// A text without its history.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Parted {
    /// What the writer wrote now.
    pub own: String,
    /// What was taken out.
    pub history: String,
}

/// Takes quoted history and signature out of a text. If nothing would be left, all of it stays.
///
/// `cited`: the text was HTML whose quotations were marked, so every `>` line is one.
pub(super) fn part(text: &str, cited: bool) -> Parted {
    let lines = split_lines(text);
    let mut cut = Cut::find(&lines, cited);
    if cut.quotes {
        cut.lists(&lines);
    }
    if let Some(signature) = signature::find(&lines, &cut.taken) {
        cut.take(signature);
    }
    for at in signature::program_lines(&lines, &cut.taken) {
        cut.taken[at] = true;
    }
    if !cut.taken.contains(&true) {
        return Parted {
            own: text.trim().to_owned(),
            history: String::new(),
        };
    }
    let mut own = String::with_capacity(text.len());
    let mut history = String::new();
    for (line, taken) in lines.iter().zip(&cut.taken) {
        let to = if *taken { &mut history } else { &mut own };
        if !to.is_empty() {
            to.push('\n');
        }
        to.push_str(line);
    }
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

/// The lines of a text, up to [`MOST_LINES`].
fn split_lines(text: &str) -> Vec<&str> {
    let mut lines = Vec::with_capacity(text.len() / 40 + 1);
    let mut at = 0;
    for end in memchr::memchr_iter(b'\n', text.as_bytes()).take(MOST_LINES - 1) {
        lines.push(&text[at..end]);
        at = end + 1;
    }
    lines.push(&text[at..]);
    lines
}

/// True if a text holds quoted history.
pub(super) fn is_there(text: &str) -> bool {
    let lines = split_lines(text);
    lines.iter().any(|line| is_quoted(line)) || Cut::find(&lines, false).taken.contains(&true)
}

/// True if the words between two runs of dashes announce an older mail: "Original Message".
pub(super) fn is_separator(words: &str) -> bool {
    words.len() < 120 && SEPARATORS.contains(&fold(words.trim_matches([' ', '-', '_', ':'])))
}

/// Which lines are history.
struct Cut {
    taken: Vec<bool>,
    /// There are quoted lines.
    quotes: bool,
    /// They are quotations: an attribution stands above one, or the HTML said so.
    proven: bool,
}

impl Cut {
    /// Marks attributions with what they introduce, and all that follows the end of the writer's text.
    fn find(lines: &[&str], cited: bool) -> Self {
        let mut cut = Self {
            taken: vec![false; lines.len()],
            quotes: false,
            proven: cited,
        };
        let mut budget = MOST_INTRODUCTIONS;
        // The first line that an attribution may take: not above the last quotation.
        let mut floor = 0;
        for (at, line) in lines.iter().enumerate() {
            if line.is_empty() {
                continue;
            }
            if is_quoted(line) {
                cut.quotes = true;
                let above = lines[floor..at].last().copied().unwrap_or_default();
                if !attribution::is_tail(above, line) {
                    floor = at + 1;
                    continue;
                }
            }
            if attribution::may_end(line) {
                let quoted = is_quoted(next_line(lines, at + 1));
                match attribution::ending_at(lines, at, floor, quoted, &mut budget) {
                    Some(Attribution::Quoting { start }) => {
                        cut.take(start..at + 1);
                        cut.proven = true;
                        floor = at + 1;
                        continue;
                    }
                    Some(Attribution::Citing) => cut.proven = true,
                    Some(Attribution::Sure { start }) => {
                        cut.take(start..lines.len());
                        return cut;
                    }
                    None => {}
                }
            }
            if let Some(start) = ends_at(lines, at) {
                cut.take(start.max(floor)..lines.len());
                return cut;
            }
        }
        cut
    }

    fn take(&mut self, lines: Range<usize>) {
        self.taken[lines].fill(true);
    }

    /// Marks quoted lines, unless they are a list: lines that begin with `>`, that nothing introduces, and that the
    /// writer's own words follow.
    fn lists(&mut self, lines: &[&str]) {
        if self.proven {
            let quoted = lines.iter().map(|line| is_quoted(line));
            self.taken
                .iter_mut()
                .zip(quoted)
                .for_each(|(taken, quoted)| *taken |= quoted);
            return;
        }
        let own = |at: usize, taken: &[bool]| !taken[at] && !is_quoted(lines[at]) && !lines[at].trim().is_empty();
        let last_own = (0..lines.len()).rev().find(|at| own(*at, &self.taken));
        let mut at = 0;
        while at < lines.len() {
            if self.taken[at] || !is_quoted(lines[at]) {
                at += 1;
                continue;
            }
            let end = (at..lines.len())
                .find(|n| own(*n, &self.taken) || self.taken[*n])
                .unwrap_or(lines.len());
            let above = lines[..at]
                .last()
                .filter(|line| !line.trim().is_empty() && !self.taken[at - 1]);
            let announced = above.is_some_and(|line| line.trim_end().ends_with([':', '：']));
            let one = lines[at..end].iter().filter(|line| is_quoted(line)).count() == 1;
            let list = last_own.is_some_and(|last| last > at) || announced || one && is_comparison(lines[at]);
            if !list || lines[at..end].iter().any(|line| is_nested(line)) {
                (at..end)
                    .filter(|n| is_quoted(lines[*n]))
                    .for_each(|n| self.taken[n] = true);
            }
            at = end;
        }
    }
}

/// The next line that is not blank.
fn next_line<'a>(lines: &[&'a str], from: usize) -> &'a str {
    lines[from..]
        .iter()
        .find(|line| !line.trim().is_empty())
        .copied()
        .unwrap_or_default()
}

pub(super) fn is_quoted(line: &str) -> bool {
    match line.as_bytes().first() {
        Some(b'>') => true,
        // Most lines begin with a letter.
        Some(b) if b.is_ascii_graphic() => false,
        _ => line.trim_start().starts_with('>'),
    }
}

/// A quotation of a quotation: nobody's list.
fn is_nested(line: &str) -> bool {
    let rest = line.trim_start().trim_start_matches('>');
    let levels = line.trim_start().len() - rest.len();
    levels == 2 && !rest.starts_with('>') || levels == 1 && rest.starts_with(" >")
}

/// "> 5 kg" may be anyone's text.
fn is_comparison(line: &str) -> bool {
    line.trim_start()
        .trim_start_matches('>')
        .trim_start()
        .starts_with(|c: char| c.is_ascii_digit() || c == '=')
}

/// Where the writer's text ends if an older mail begins with this line: a separator or a header written out, with the
/// rule above it.
fn ends_at(lines: &[&str], at: usize) -> Option<usize> {
    let line = lines[at];
    // Most lines hold neither dashes nor a colon near their beginning.
    let opening = &line.as_bytes()[..line.len().min(header_block::LONGEST_LABEL)];
    let dashes = opening.first() == Some(&b'-') || opening.first().is_some_and(u8::is_ascii_whitespace);
    if !dashes && memchr::memchr2(b':', 0xef, opening).is_none() {
        return None;
    }
    // Nothing begins with a blank line, and looking above each of many would take the square of their number.
    if line.trim().is_empty() {
        return None;
    }
    if is_separator_line(line) {
        return Some(at);
    }
    let rule = rule_above(&lines[..at]);
    if header_block::begins(&lines[at..], rule > 0) && (rule > 0 || !is_shown(&lines[..at])) {
        return Some(at - rule);
    }
    let announces = line.trim_end().ends_with([':', '：']) && is_separator(line);
    let next = announces.then(|| lines[at + 1..].iter().position(|line| !line.trim().is_empty()))??;
    header_block::is_announced(&lines[at + 1 + next..]).then_some(at)
}

/// "This is what the carrier sent me:" – what follows is shown on purpose, and the writer goes on below it.
fn is_shown(above: &[&str]) -> bool {
    let last = above.iter().rev().find(|line| !line.trim().is_empty());
    last.is_some_and(|line| line.trim_end().ends_with([':', '：']))
}

/// How many lines directly above are a rule that parts an older mail off, with words in it or without.
fn rule_above(above: &[&str]) -> usize {
    let Some(place) = above.iter().rposition(|line| !line.trim().is_empty()) else {
        return 0;
    };
    let line = above[place].trim();
    let rule = line.len() >= 4 && line.bytes().all(|b| matches!(b, b'_' | b'-' | b'='));
    let titled = line.len() < 160 && line.starts_with("----") && line.ends_with("----");
    if rule || titled { above.len() - place } else { 0 }
}

/// `-----Original Message-----`, with any number of dashes; some programs write the header on the same line.
fn is_separator_line(line: &str) -> bool {
    let line = line.trim();
    if line.len() < 6 || !line.starts_with("--") {
        return false;
    }
    let words = line.trim_start_matches('-');
    if line.ends_with("--") && line.len() < 160 && is_separator(words) {
        return true;
    }
    words.split_once("--").is_some_and(|(words, behind)| {
        is_separator(words) && header_block::is_from(behind.trim_start_matches(['-', ' ']))
    })
}

#[cfg(test)]
mod tests;
