//! Words that hold digits, and what parts them: what order ids are made of.

use crate::domain::mail::data::is_invisible;
use crate::domain::mail::digits::decimal;

/// Groups of letters and digits that are looked at in one text.
const MOST_GROUPS: usize = 20_000;

/// What stands between two groups.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Gap {
    /// One dash, with or without blanks and brackets.
    Dash,
    /// Blanks alone; how many.
    Space(usize),
    /// One separator of any other kind.
    Mark(char),
    /// Brackets alone.
    Bracket,
    /// Two or three separators.
    Double,
    Other,
}

/// A run of letters and digits with at least one digit, or one that could be mistyped digits.
#[derive(Debug)]
pub(super) struct Group {
    pub start: usize,
    pub end: usize,
    /// How many digits and lookalikes.
    pub count: usize,
    /// How many O, I or l stand where digits should be.
    pub lookalikes: usize,
    /// Holds letters that no one takes for digits.
    pub letters: bool,
    /// What parts it from the group before.
    pub gap: Gap,
    /// Character before it, where that is no space.
    pub before: Option<char>,
    /// Begins with D or S and two digits: digital orders, orders made by the seller.
    pub prefix: Option<char>,
}

impl Group {
    /// Digits alone.
    pub(super) fn is_clean(&self) -> bool {
        !self.letters && self.lookalikes == 0
    }

    /// Digits alone, without a letter in front.
    pub(super) fn is_plain(&self) -> bool {
        self.is_clean() && self.prefix.is_none()
    }

    /// Writes the digits, as ASCII.
    pub(super) fn write_digits(&self, text: &str, to: &mut String) {
        let digits = text[self.start..self.end].chars().filter_map(decimal);
        to.extend(digits.filter_map(|digit| char::from_digit(digit, 10)));
    }
}

/// Digits with a word run into them ("order302", "7654321please"): where the word stands, and how many digits there are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Glued {
    Before(usize),
    Behind(usize),
}

/// Every word that holds a digit. Texts are mostly words without: these are passed over.
pub(super) fn groups(text: &str) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let bytes = text.as_bytes();
    let mut at = 0;
    while groups.len() < MOST_GROUPS
        && let Some(candidate) = next_digit(&bytes[at..])
    {
        let before = bytes[at..at + candidate].iter().rev();
        let word = at + candidate - before.take_while(|b| b.is_ascii_alphanumeric()).count();
        at = word;
        let mut numeric = false;
        while let Some(b) = bytes.get(at) {
            if b.is_ascii_alphanumeric() {
                numeric |= b.is_ascii_digit();
                at += 1;
            } else if b.is_ascii() {
                break;
            } else {
                let Some(c) = text[at..].chars().next() else { break };
                if !is_part(c) && !is_invisible(c) {
                    break;
                }
                numeric |= decimal(c).is_some();
                at += c.len_utf8();
            }
        }
        if numeric {
            let before = text[..word].chars().next_back().filter(|c| !c.is_whitespace());
            let last = groups.last().map_or(Gap::Other, |last| gap(&text[last.end..word]));
            groups.push(group(text, word..at, before, last));
        }
        if at == word {
            at += text[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    groups
}

/// Where the next digit stands, or a character that may be one of another script.
#[expect(
    clippy::needless_bitwise_bool,
    reason = "without branches many bytes are looked at in one step"
)]
fn next_digit(bytes: &[u8]) -> Option<usize> {
    // The first bytes in UTF-8 of all characters from U+0640 that are in a script with digits.
    let lead = |b: u8| (b.wrapping_sub(0xd9) < 9) | (b == 0xea) | (b == 0xef) | (b == 0xf0);
    let candidate = |b: u8| (b.wrapping_sub(b'0') < 10) | lead(b);
    // Many bytes at once, as long as there is none.
    let none = |chunk: &&[u8; 32]| chunk.iter().fold(0, |hit, b| hit | u8::from(candidate(*b))) == 0;
    let from = bytes.as_chunks::<32>().0.iter().take_while(none).count() * 32;
    bytes[from..].iter().position(|b| candidate(*b)).map(|at| from + at)
}

fn group(text: &str, range: std::ops::Range<usize>, before: Option<char>, gap: Gap) -> Group {
    let whole = &text[range.clone()];
    let (word, start) = if whole.is_ascii() {
        (whole, range.start)
    } else {
        let word = whole.trim_start_matches(is_invisible);
        (word.trim_end_matches(is_invisible), range.end - word.len())
    };
    let mut group = Group {
        start,
        end: start + word.len(),
        count: 0,
        lookalikes: 0,
        letters: false,
        gap,
        before,
        prefix: None,
    };
    for (n, c) in word.char_indices().filter(|(_, c)| !is_invisible(*c)).take(64) {
        match (decimal(c), c) {
            (Some(_), _) => group.count += 1,
            (None, 'O' | 'o' | 'I' | 'l' | 'Ｏ' | 'Ｉ' | 'ｌ') => {
                group.lookalikes += 1;
                group.count += 1;
            }
            (None, 'D' | 'd' | 'S' | 's') if n == 0 => group.prefix = Some(c.to_ascii_uppercase()),
            _ => group.letters = true,
        }
    }
    group
}

/// Whether a word is run into the digits of a group.
pub(super) fn glued(text: &str, group: &Group) -> Option<Glued> {
    let word = &text[group.start..group.end];
    let letters = |text: &str| text.bytes().all(|b| b.is_ascii_alphabetic());
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let first = word.find(|c: char| c.is_ascii_digit())?;
    let last = word.rfind(|c: char| c.is_ascii_digit())? + 1;
    let (before, middle, behind) = (&word[..first], &word[first..last], &word[last..]);
    match (before.len(), behind.len()) {
        _ if !digits(middle) || !letters(before) || !letters(behind) => None,
        (1.., 0) => Some(Glued::Before(middle.len())),
        (0, 1..) => Some(Glued::Behind(middle.len())),
        _ => None,
    }
}

fn is_part(c: char) -> bool {
    c.is_ascii_alphanumeric() || decimal(c).is_some() || matches!(c, 'Ｏ' | 'Ｉ' | 'ｌ')
}

/// Dashes of every kind; the Japanese long vowel mark is often typed as one.
pub(super) fn is_dash(c: char) -> bool {
    matches!(
        c,
        '-' | '\u{2010}'
            ..='\u{2015}'
                | '\u{2043}'
                | '\u{2212}'
                | '\u{ff0d}'
                | '\u{fe58}'
                | '\u{fe63}'
                | '\u{30fc}'
                | '\u{ff70}'
                | '\u{2500}'
    )
}

fn is_bracket(c: char) -> bool {
    matches!(
        c,
        '(' | ')' | '[' | ']' | '{' | '}' | '（' | '）' | '［' | '］' | '【' | '】' | '「' | '」'
    )
}

fn gap(between: &str) -> Gap {
    if between.len() > 40 {
        return Gap::Other;
    }
    let (mut dashes, mut spaces, mut brackets, mut marks) = (0, 0, 0, 0);
    let mut mark = ' ';
    for c in between.chars() {
        match c {
            c if is_invisible(c) => {}
            c if is_dash(c) => dashes += 1,
            c if is_bracket(c) => brackets += 1,
            c if c.is_whitespace() && c != '\r' => spaces += 1,
            // What parts the words and names of links and addresses parts no groups.
            '=' | '&' | '?' | '%' | '@' | '\r' => return Gap::Other,
            c if c.is_alphanumeric() || c.is_control() => return Gap::Other,
            c => {
                marks += 1;
                mark = c;
            }
        }
    }
    let line_end = between.contains('\n');
    match (dashes, marks, brackets, spaces) {
        (1, 0, 0..=2, 0..=3) => Gap::Dash,
        (0, 0, 0, 1..=2) if !line_end => Gap::Space(spaces),
        (0, 0, 1..=2, 0..=2) if !line_end => Gap::Bracket,
        (0, 1, 0, 0) => Gap::Mark(mark),
        (0, 1, 0..=2, 0..=2) if !line_end && mark != '.' => Gap::Mark(mark),
        _ if (2..=3).contains(&(dashes + marks)) && spaces <= 3 && !line_end => Gap::Double,
        _ => Gap::Other,
    }
}
