//! Lines that introduce a quotation: "On 3 March 2026 at 9:14, Shop <a@b.example> wrote:".
//!
//! They are read from their end, where the colon stands, upwards: as few lines are taken as say who wrote and when, so
//! that words right above them stay the writer's own.

use std::sync::LazyLock;

use super::{DATA, is_quoted};
use crate::domain::mail::data::{fold, is_invisible, phrases};
use crate::domain::mail::digits::decimal;

/// Longest attribution, in bytes.
const LONGEST: usize = 400;
/// Lines that one runs over.
const MOST_LINES: usize = 4;
/// Words of one that names no address: what is longer is a sentence.
const MOST_WORDS: usize = 16;

struct Words {
    /// The longest first, so that "a écrit" is found before "écrit".
    verbs: Vec<String>,
    told: Vec<String>,
}

static WORDS: LazyLock<Words> = LazyLock::new(|| {
    let mut verbs = phrases(DATA, "wrote");
    verbs.sort_by_key(|verb| std::cmp::Reverse(verb.len()));
    Words {
        verbs,
        told: phrases(DATA, "told"),
    }
});

/// What ends with a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Attribution {
    /// An attribution, whatever follows it: it says who wrote, and when, as mail programs do.
    Sure {
        /// Its first line.
        start: usize,
    },
    /// An attribution, with quoted lines below it.
    Quoting {
        /// Its first line.
        start: usize,
    },
    /// "Shop wrote:", without a date, above quoted lines: these are a quotation, the line itself may be the writer's.
    Citing,
}

/// Whether an attribution can end with this line: at a colon; some programs write none, but an address.
pub(super) fn may_end(line: &str) -> bool {
    let last = end(line);
    last.len() <= LONGEST
        && (last.ends_with(':')
            || last.ends_with('：')
            || last.len() > 10 && memchr::memchr(b'@', last.as_bytes()).is_some() && ends_with_verb(last))
}

/// The attribution whose last line is `at`; it takes no line above `floor`. `quoted`: quoted lines follow.
pub(super) fn ending_at(
    lines: &[&str],
    at: usize,
    floor: usize,
    quoted: bool,
    budget: &mut usize,
) -> Option<Attribution> {
    let last = end(lines[at]);
    if *budget == 0 {
        return None;
    }
    *budget -= 1;
    let colon = last.ends_with([':', '：']);
    let mut likely = None;
    for count in 1..=MOST_LINES.min(at + 1 - floor) {
        let start = at + 1 - count;
        let line = lines[start].trim();
        if line.is_empty() || count > 1 && is_quoted(line) {
            break;
        }
        let joined = lines[start..=at].join(" ");
        if joined.len() > LONGEST {
            break;
        }
        let evidence = Evidence::of(&joined);
        // A line above belongs to it only if that is where it says when.
        let says_when = count == 1 || {
            let own = Evidence::of(line);
            own.date && (own.time || own.address) || own.time && own.address || own.mailbox
        };
        if says_when && evidence.is_sure(&joined) {
            return Some(if quoted {
                Attribution::Quoting { start }
            } else {
                Attribution::Sure { start }
            });
        }
        if quoted && likely.is_none() && colon && says_when && evidence.is_likely(&joined) {
            likely = Some(Attribution::Quoting { start });
        }
    }
    let cites = || quoted && colon && verb(&fold(trimmed(last))).is_some();
    likely.or_else(|| cites().then_some(Attribution::Citing))
}

/// Whether a line that begins with `>` is the end of the attribution above: programs break lines inside `<a@b.example>`.
pub(super) fn is_tail(above: &str, line: &str) -> bool {
    // Most quoted lines stand below others, or end in no colon.
    if above.is_empty() || line.len() > 60 || is_quoted(above) || !end(line).ends_with([':', '：']) {
        return false;
    }
    let last = above.rsplit('>').next().unwrap_or_default();
    let open = last.rsplit_once('<').is_some_and(|(_, rest)| rest.contains('@'));
    let verb = fold(trimmed(line.trim_start().trim_start_matches('>')));
    open && (verb.is_empty() || WORDS.verbs.contains(&verb))
}

/// What a line says of who wrote and when.
#[derive(Clone, Copy, Debug, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is one thing a line says, or does not"
)]
struct Evidence {
    /// A year, or day, month and year in figures.
    date: bool,
    /// A clock time.
    time: bool,
    /// A mail address.
    address: bool,
    /// One in angle brackets, as programs write it.
    mailbox: bool,
    /// Letters, not figures alone.
    speaks: bool,
    digits: usize,
}

impl Evidence {
    fn of(line: &str) -> Self {
        let figures = figures(line);
        let full = full_date(&figures);
        Self {
            date: full.is_some() || figures.iter().any(Figure::is_year),
            time: clock_time(&figures, full),
            address: has_address(line),
            mailbox: line.contains('<')
                && line
                    .split('<')
                    .skip(1)
                    .any(|rest| rest.split('>').next().is_some_and(has_address)),
            speaks: line.chars().any(char::is_alphabetic),
            digits: figures.iter().map(|figure| figure.length).sum(),
        }
    }

    /// Mail programs write the year and the time, and mostly the address; people who cite somebody write neither year nor
    /// address, and a name with its article: "the carrier".
    fn is_sure(self, joined: &str) -> bool {
        let trimmed = trimmed(joined);
        if !self.speaks || !(self.date && self.time || self.address && (self.date || self.time)) {
            return false;
        }
        let folded = fold(trimmed);
        let Some((from, to)) = verb(&folded) else {
            let ends = trimmed.trim_end_matches(['-', ' ']).ends_with(['>', ')', ']']);
            return (ends || self.mailbox) && self.address && self.date && self.time;
        };
        if is_told(&folded, from, to) {
            return false;
        }
        self.address || names_somebody(trimmed, &folded, from, to)
    }

    /// Enough right above quoted lines: a verb or an address, and figures.
    fn is_likely(self, joined: &str) -> bool {
        self.speaks
            && (self.digits >= 3 && (self.address || verb(&fold(trimmed(joined))).is_some())
                || self.address && verb(&fold(trimmed(joined))).is_some())
    }
}

/// The line without what shows nothing at its ends: right-to-left text is wrapped in marks.
fn end(line: &str) -> &str {
    line.trim_matches(|c: char| c.is_whitespace() || is_invisible(c))
}

fn trimmed(line: &str) -> &str {
    end(line).trim_end_matches([':', '：', ' ', '\u{a0}', '*', '-', '\u{200f}', '\u{202c}'])
}

fn ends_with_verb(line: &str) -> bool {
    let folded = fold(trimmed(line));
    WORDS.verbs.iter().any(|verb| folded.ends_with(verb.as_str()))
}

/// Where the verb stands: at the end, or as a word of its own ("am 3.3.2026 schrieb Laden").
fn verb(folded: &str) -> Option<(usize, usize)> {
    let at_end = |verb: &&String| folded.ends_with(verb.as_str());
    if let Some(verb) = WORDS.verbs.iter().find(at_end) {
        return Some((folded.len() - verb.len(), folded.len()));
    }
    WORDS.verbs.iter().find_map(|verb| word(folded, verb))
}

fn word(folded: &str, wanted: &str) -> Option<(usize, usize)> {
    let found = folded.match_indices(wanted).find(|(at, _)| {
        let before = folded[..*at].chars().next_back().is_none_or(|c| !c.is_alphanumeric());
        let after = folded[at + wanted.len()..].chars().next();
        before && after.is_none_or(|c| !c.is_alphanumeric())
    });
    found.map(|(at, _)| (at, at + wanted.len()))
}

/// "wrote to me", "the carrier wrote": a person tells of it. Only the words beside the verb say so: names and weekdays hold the
/// same letters.
fn is_told(folded: &str, from: usize, to: usize) -> bool {
    let mut before: Vec<&str> = folded[..from].split_whitespace().rev().take(2).collect();
    before.reverse();
    let behind = folded[to..].split_whitespace().take(2);
    let words = before.into_iter().chain([&folded[from..to]]).chain(behind);
    // Not what stands in an address.
    let words: Vec<&str> = words.filter(|word| !word.contains('@')).collect();
    let beside = words.join(" ");
    let joined = folded[..from].ends_with('\'');
    let beside = if joined { beside.replace("' ", "'") } else { beside };
    WORDS.told.iter().any(|told| word(&beside, told).is_some())
}

/// Without an address: a short line that begins with the date or the name, and a name beside the verb, which begins with a
/// capital: no "the driver", and nothing of a script without capitals, whose programs write the address. `folded` is the folded
/// form of `line`, the verb stands in it from `from` to `to`.
fn names_somebody(line: &str, folded: &str, from: usize, to: usize) -> bool {
    let before = folded[..from].split_whitespace().count();
    let is_figure = |word: &str| word.chars().any(|c| decimal(c).is_some());
    let first_figure = line.split_whitespace().position(is_figure);
    let opens = before < 4 || first_figure.is_some_and(|place| place < 4);
    if !opens || line.split_whitespace().count() > MOST_WORDS {
        return false;
    }
    let beside = if folded[to..].trim().is_empty() {
        before.checked_sub(1)
    } else {
        Some(folded[..to].split_whitespace().count())
    };
    let named = beside.and_then(|place| line.split_whitespace().nth(place));
    named.is_some_and(|word| {
        word.trim_start_matches(['"', '\'', '“', '„', '«'])
            .starts_with(char::is_uppercase)
    })
}

/// True if a text names a clock time.
pub(super) fn names_time(text: &str) -> bool {
    Evidence::of(text).time
}

pub(super) fn has_address(line: &str) -> bool {
    let bytes = line.as_bytes();
    let part = |b: Option<&u8>| b.is_some_and(|b| !b.is_ascii_whitespace());
    memchr::memchr_iter(b'@', bytes).any(|at| at > 0 && part(bytes.get(at - 1)) && part(bytes.get(at + 1)))
}

/// A run of digits of any script.
#[derive(Clone, Copy, Debug)]
struct Figure {
    value: u32,
    length: usize,
    before: Option<char>,
    /// The only character between it and the next run, if there is one only.
    between: Option<char>,
    /// The character behind it.
    after: Option<char>,
}

impl Figure {
    /// A year of ours, of the Thai, or of the Islamic and Persian calendars.
    fn is_year(&self) -> bool {
        let letter = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphabetic() || matches!(c, '_' | '@' | '#'));
        self.length == 4
            && matches!(self.value, 1990..=2099 | 2530..=2599 | 1380..=1480)
            && !letter(self.before)
            && self.after != Some('@')
    }
}

fn figures(line: &str) -> Vec<Figure> {
    let mut found: Vec<Figure> = Vec::new();
    let mut chars = line
        .chars()
        .filter(|c| !matches!(c, '\u{200e}' | '\u{200f}'))
        .peekable();
    let mut before = None;
    let mut gap: (usize, Option<char>) = (0, None);
    while let Some(c) = chars.next() {
        let Some(digit) = decimal(c) else {
            gap = (gap.0 + 1, Some(c));
            before = Some(c);
            continue;
        };
        let (mut value, mut length) = (digit, 1);
        while let Some(digit) = chars.peek().and_then(|c| decimal(*c)) {
            value = value.saturating_mul(10).saturating_add(digit);
            length += 1;
            chars.next();
        }
        if let Some(last) = found.last_mut() {
            last.between = gap.1.filter(|_| gap.0 == 1);
        }
        let after = chars.peek().copied();
        found.push(Figure {
            value,
            length,
            before,
            between: None,
            after,
        });
        gap = (0, None);
        before = None;
        if found.len() > 40 {
            break;
        }
    }
    found
}

/// Where day, month and year stand in figures: `16.11.2026`, `2026/3/3`, `16.11.26`.
fn full_date(figures: &[Figure]) -> Option<usize> {
    figures.windows(3).position(|three| {
        let [a, b, c] = three else { return false };
        let alike = a.between.is_some() && a.between == b.between && a.between.is_some_and(|c| ".-/".contains(c));
        let short = |figure: &Figure| figure.length <= 2 && (1..=31).contains(&figure.value);
        let year_last = short(a) && short(b) && (c.length == 2 || c.is_year());
        let year_first = a.is_year() && short(b) && short(c);
        alike && (year_last || year_first)
    })
}

/// A clock time that is no part of the date: `9:14`, `09.14`, `9h14`, `9時14分`.
fn clock_time(figures: &[Figure], date: Option<usize>) -> bool {
    figures.iter().enumerate().any(|(n, figure)| {
        if date.is_some_and(|date| (date..date + 3).contains(&n)) || figure.length > 2 || figure.value > 24 {
            return false;
        }
        let Some(next) = figures.get(n + 1) else { return false };
        let minutes = next.length == 2 && next.value < 60 && date != Some(n + 1);
        let joined = figure
            .between
            .is_some_and(|c| matches!(c, ':' | '.' | 'h' | '：' | '時' | '时' | '點' | '点'));
        let words = figure
            .after
            .is_some_and(|c| matches!(c, '시' | '時' | '时' | '點' | '点'));
        minutes && (joined || words)
    })
}
