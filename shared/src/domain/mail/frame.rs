//! Amazon's frame around the buyer's words: head (order, products), start marker, words, end marker, footer.
//!
//! Markers are known by their words (`data/markers.tsv`) or by their shape, since Amazon rewords them without notice; the
//! footer is known by its own links and phrases (`data/footer.tsv`). Where nothing is recognised, all of it is the words.

use std::cell::OnceCell;
use std::collections::HashMap;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind};

use super::data::{fold, rows};
use super::history;

/// Longest text between the dashes of a marker, in characters.
const LONGEST_MARKER: usize = 60;
/// A footer's marks stand closer to each other than this, in bytes.
const FOOTER_GAP: usize = 900;
/// From an end marker to the first mark of the footer, in bytes.
const END_TO_FOOTER: usize = 600;
/// A footer is no longer than this, with what a list adds below it, in bytes.
const LONGEST_FOOTER: usize = 16 * 1024;
/// No mark of a footer is longer, in bytes.
const LONGEST_MARK: usize = 100;

/// A text taken out of its frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Framed<'a> {
    /// What stands before the words: order line, products. Empty if no frame was recognised.
    pub head: &'a str,
    /// The buyer's words, with what he quotes.
    pub words: &'a str,
    /// What stands behind the words. Empty if no frame was recognised.
    pub footer: &'a str,
    /// A marker or footer was recognised.
    pub recognised: bool,
    /// The end marker is missing.
    pub cut: bool,
}

impl<'a> Framed<'a> {
    /// All of it is the buyer's words.
    fn none(text: &'a str) -> Self {
        Self {
            head: "",
            words: text,
            footer: "",
            recognised: false,
            cut: false,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Role {
    Start,
    End,
}

#[derive(Clone, Copy, Debug)]
struct Marker {
    start: usize,
    end: usize,
    dashes: usize,
    /// What its words say, if they are known.
    known: Option<Role>,
    /// What its shape says: a colon opens.
    shape: Role,
    /// Nothing else stands on its line.
    alone: bool,
}

static MARKERS: LazyLock<HashMap<String, Role>> = LazyLock::new(|| {
    let role = |name: &str| if name == "start" { Role::Start } else { Role::End };
    rows(include_str!("data/markers.tsv"))
        .filter(|cells| cells.len() > 1)
        .map(|c| (fold(c[1]), role(c[0])))
        .collect()
});

/// What only Amazon's footer holds: the texts as far as they are fixed, and what follows them, `?` for any letter.
struct Footer {
    fixed: AhoCorasick,
    rest: Vec<&'static str>,
}

static FOOTER: LazyLock<Footer> = LazyLock::new(|| {
    let marks = rows(include_str!("data/footer.tsv")).filter_map(|cells| cells.get(1).copied());
    // A question mark ends the sentences of some languages: it stands for a letter only where letters follow.
    let parted = |mark: &'static str| match mark.split_once("??") {
        Some((fixed, _)) => (fixed, &mark[fixed.len()..]),
        None => (mark, ""),
    };
    let (fixed, rest): (Vec<_>, Vec<_>) = marks.map(parted).unzip();
    let fixed = AhoCorasick::builder()
        .kind(Some(AhoCorasickKind::DFA))
        .ascii_case_insensitive(true)
        .build(fixed)
        .expect("the marks are few and short");
    Footer { fixed, rest }
});

impl Footer {
    /// Where its marks stand in a text.
    fn marks<'a>(&'a self, text: &'a [u8]) -> impl Iterator<Item = usize> + 'a {
        self.fixed.find_iter(text).filter_map(|hit| {
            let rest = self.rest[hit.pattern().as_usize()].as_bytes();
            let found = text.get(hit.end()..hit.end() + rest.len())?;
            let fits = |(wanted, found): (&u8, &u8)| match wanted {
                b'?' => found.is_ascii_alphabetic(),
                wanted => wanted.eq_ignore_ascii_case(found),
            };
            rest.iter().zip(found).all(fits).then(|| hit.start())
        })
    }
}

/// The marks of a text's footer, looked for where they are asked for: few mails need all of them.
struct Marks<'a> {
    text: &'a str,
    from: usize,
    all: OnceCell<Vec<usize>>,
}

impl<'a> Marks<'a> {
    fn new(text: &'a str, from: usize) -> Self {
        let all = OnceCell::new();
        Self { text, from, all }
    }

    fn all(&self) -> &[usize] {
        self.all.get_or_init(|| {
            // A footer ends a mail.
            let from = self.from.max(self.text.len().saturating_sub(LONGEST_FOOTER));
            let marks = FOOTER.marks(&self.text.as_bytes()[from..]);
            marks.map(|at| from + at).collect()
        })
    }

    /// The first one behind an end marker, if it is close.
    fn close_behind(&self, at: usize) -> Option<usize> {
        let bytes = self.text.as_bytes();
        let window = &bytes[at..bytes.len().min(at + END_TO_FOOTER + LONGEST_MARK)];
        let first = FOOTER.marks(window).next().map(|mark| at + mark);
        first.filter(|mark| mark - at <= END_TO_FOOTER)
    }
}

static INTRO: LazyLock<Vec<String>> = LazyLock::new(|| {
    rows(include_str!("data/intro.tsv"))
        .filter_map(|cells| cells.get(1).map(|line| fold(line)))
        .collect()
});

/// Takes a text out of its frame.
pub(super) fn split(text: &str) -> Framed<'_> {
    let markers = markers(text);
    let start = start_marker(text, &markers);
    let from = start.map_or(0, |marker| marker.end);
    let marks = Marks::new(text, from);
    if start.is_none() && !markers.iter().any(|m| m.known == Some(Role::End)) && marks.all().is_empty() {
        return Framed::none(text);
    }
    let head_end = start.map_or_else(|| end_of_head(text), |marker| marker.start);
    let from = start.map_or(head_end, |marker| marker.end);
    let end = end_marker(text, &markers, start, from, &marks);
    // A start alone may be the buyer's own line: Amazon's has an end, a footer, or Amazon's own lines above it.
    if start.is_some() && end.is_none() && marks.all().is_empty() && !is_head(&text[..head_end]) {
        return Framed::none(text);
    }
    let (to, footer) = match end {
        Some(marker) => (marker.start, marker.end),
        None => footer_start(text, from, marks.all()).map_or((text.len(), text.len()), |at| (at, at)),
    };
    let to = to.max(from);
    Framed {
        head: &text[..head_end],
        words: &text[from..to],
        footer: &text[footer.max(to)..],
        recognised: true,
        cut: end.is_none(),
    }
}

/// Every stretch of words between two runs of dashes on one line.
fn markers(text: &str) -> Vec<Marker> {
    let runs = dash_runs(text);
    let mut found = Vec::new();
    let mut n = 0;
    while n + 1 < runs.len() {
        match marker(text, runs[n], runs[n + 1]) {
            // Words that are known, or a line of its own: its second run cannot open another one.
            Some(marker) if marker.known.is_some() || marker.alone => {
                found.push(marker);
                n += 2;
            }
            Some(marker) if marker.shape == Role::Start => {
                found.push(marker);
                n += 1;
            }
            _ => n += 1,
        }
    }
    found
}

fn dash_runs(text: &str) -> Vec<(usize, usize)> {
    let mut runs = Vec::new();
    let finder = memchr::memmem::Finder::new("-----");
    let mut at = 0;
    while let Some(start) = finder.find(&text.as_bytes()[at..]).map(|n| at + n) {
        let end = start + text[start..].bytes().take_while(|b| *b == b'-').count();
        runs.push((start, end));
        at = end;
        if runs.len() > 20_000 {
            break;
        }
    }
    runs
}

fn marker(text: &str, left: (usize, usize), right: (usize, usize)) -> Option<Marker> {
    let words = &text[left.1..right.0];
    if words.len() > 4 * LONGEST_MARKER || words.contains('\n') || words.chars().count() > LONGEST_MARKER {
        return None;
    }
    let words = words.trim();
    if !words.chars().any(char::is_alphabetic) || history::is_separator(words) {
        return None;
    }
    let bare = words.trim_end_matches([':', '：', ' ', '\u{a0}']);
    // "Message" opens only with its colon, "End message" closes without one.
    let known = words.split('/').find_map(|part| {
        let bare = part.trim().trim_end_matches([':', '：', ' ', '\u{a0}']);
        let with_colon = (bare.len() < part.trim().len()).then(|| MARKERS.get(&format!("{}:", fold(bare))).copied());
        with_colon.flatten().or_else(|| MARKERS.get(&fold(bare)).copied())
    });
    let blank = [' ', '\t', '\r', '\u{a0}'];
    // Bold text comes with asterisks around it.
    let outer = text[..left.0].trim_end_matches('*').len();
    let end = text.len() - text[right.1..].trim_start_matches('*').len();
    let before = text[..outer].trim_end_matches(blank);
    let after = text[end..].trim_start_matches(blank);
    let alone = (before.is_empty() || before.ends_with('\n')) && (after.is_empty() || after.starts_with('\n'));
    let shape = if bare.len() < words.len() {
        Role::Start
    } else {
        Role::End
    };
    Some(Marker {
        start: outer,
        end,
        dashes: left.1 - left.0,
        known,
        shape,
        alone,
    })
}

/// The first marker that opens, unless what stands before it shows that it is part of quoted history.
fn start_marker(text: &str, markers: &[Marker]) -> Option<Marker> {
    let opens = |m: &&Marker| m.known == Some(Role::Start) || m.known.is_none() && m.shape == Role::Start && m.alone;
    let unknown_on_one_line = |m: &&Marker| m.known.is_none() && m.shape == Role::Start;
    let first = markers.iter().find(opens);
    let first = first.or_else(|| {
        markers
            .iter()
            .find(unknown_on_one_line)
            .filter(|_| FOOTER.marks(text.as_bytes()).next().is_some())
    })?;
    let head = &text[..first.start];
    let usable = head.len() < 20_000 && !history::is_there(head);
    usable.then_some(*first)
}

/// The marker that closes: the last one right before a footer, so that markers pasted by the buyer stay his words.
fn end_marker(text: &str, markers: &[Marker], start: Option<Marker>, from: usize, marks: &Marks<'_>) -> Option<Marker> {
    let closes = |m: &&Marker| {
        m.start >= from && (m.known == Some(Role::End) || m.known.is_none() && m.shape == Role::End && m.alone)
    };
    let alike = |m: &&Marker| start.is_some_and(|s| m.dashes.abs_diff(s.dashes) <= 2);
    let before_footer = |m: &&Marker| {
        marks.close_behind(m.end).is_some_and(|mark| {
            let between = text[m.end..mark].lines();
            let lines = between.filter(|line| !line.trim().is_empty()).count();
            // Words that are not known close only what the same hand opened, with nothing but the footer's first line below.
            m.known.is_some() && lines <= 4 || alike(m) && lines <= 1
        })
    };
    let candidates = || markers.iter().filter(closes);
    let known = |m: &&Marker| m.known == Some(Role::End);
    let alone = |m: &&Marker| m.dashes >= 8 && alike(m) && marks.all().is_empty();
    let last = candidates().rfind(before_footer);
    let last = last.or_else(|| candidates().rfind(known));
    last.or_else(|| candidates().rfind(alone)).copied()
}

/// Where the last footer begins: the first of the marks that stand close together at the end.
fn footer_start(text: &str, from: usize, marks: &[usize]) -> Option<usize> {
    let mut first = *marks.iter().rev().find(|mark| **mark >= from)?;
    for mark in marks.iter().rev().filter(|mark| **mark >= from) {
        if first - *mark > FOOTER_GAP {
            break;
        }
        first = *mark;
    }
    let line = text[from..first].rfind('\n').map_or(from, |n| from + n + 1);
    if first - line <= 90 {
        return Some(line);
    }
    // Text and footer on one line: the link or phrase itself.
    Some(text[from..first].rfind(char::is_whitespace).map_or(first, |n| from + n))
}

/// True if Amazon's own lines are all that stands above the words, and there are some.
fn is_head(head: &str) -> bool {
    let head = head.trim_end();
    !head.trim().is_empty() && end_of_head(head) == head.len()
}

/// Where the lines end that only Amazon writes above the words: greeting, order line, products.
fn end_of_head(text: &str) -> usize {
    let mut at = 0;
    let mut end = 0;
    for line in text.split_inclusive('\n').take(200) {
        at += line.len();
        let line = line.trim();
        if line.is_empty() {
            continue;
        }
        let order = line.len() < 60 && line.ends_with(':') && (line.starts_with('#') || line.starts_with("Order ID"));
        if order || line.contains("[ASIN:") || INTRO.contains(&fold(line)) {
            end = at;
        } else {
            break;
        }
    }
    end
}

#[cfg(test)]
mod tests;
