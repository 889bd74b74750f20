//! Digits dictated in words: "zero eight zero zero, five five five", "〇七七〇〇".

use std::collections::HashMap;
use std::sync::LazyLock;

use super::super::text::{Words, fold};

/// A row of words for digits, as a closed range of tokens.
pub(super) struct Spelled {
    pub(super) first: usize,
    pub(super) last: usize,
    pub(super) digits: usize,
    /// Some of it is no plain digit.
    pub(super) joined_by_words: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Word {
    Digit(u8),
    /// Ten to ninety, a hundred.
    Number,
    Repeat(usize),
    And,
}

/// The least digits of a number.
const LEAST: usize = 7;

static WORDS: LazyLock<HashMap<String, Word>> = LazyLock::new(|| {
    let mut all = HashMap::new();
    for line in include_str!("number_words.txt")
        .lines()
        .filter(|line| !line.starts_with('#'))
    {
        let mut cells = line.split(' ');
        let word = match cells.next() {
            Some("double") => Word::Repeat(2),
            Some("triple") => Word::Repeat(3),
            Some("and") => Word::And,
            Some(digit) if digit.len() == 1 => Word::Digit(digit.as_bytes()[0] - b'0'),
            _ => Word::Number,
        };
        for cell in cells {
            all.entry(fold(cell)).or_insert(word);
        }
    }
    all
});

/// The least words of a row: every row has one at every fourth place.
const STEP: usize = 4;

/// Rows of at least seven digits in words.
pub(super) fn runs(words: &Words) -> Vec<Spelled> {
    let mut found = Vec::new();
    let (mut at, mut until) = (0, 0);
    while at < words.tokens.len() {
        if !may_count(words, at) {
            at += STEP;
            continue;
        }
        let first = (until..at)
            .rev()
            .take_while(|&before| may_count(words, before))
            .last()
            .unwrap_or(at);
        let last = (at..words.tokens.len())
            .take_while(|&after| may_count(words, after))
            .last()
            .unwrap_or(at);
        let mut from = first;
        while from <= last {
            match run(words, from) {
                Some(spelled) => {
                    from = spelled.last + 1;
                    found.push(spelled);
                }
                None => from += 1,
            }
        }
        until = last + 1;
        at = until;
    }
    found
}

/// May the word stand in such a row?
fn may_count(words: &Words, at: usize) -> bool {
    word(words, at).is_some() || (!words.tokens[at].cjk && words.text(at).bytes().all(|byte| byte.is_ascii_digit()))
}

fn word(words: &Words, at: usize) -> Option<Word> {
    let token = words.tokens.get(at)?;
    let text = words.text(at);
    // Nearly every word is none: the longest has eighteen letters.
    if text.len() > 40 || (!token.cjk && text.len() < 2) && !text.starts_with(['e', 'y', 'i', 'o']) {
        return None;
    }
    WORDS.get(text).copied()
}

fn run(words: &Words, first: usize) -> Option<Spelled> {
    if !matches!(word(words, first)?, Word::Digit(_) | Word::Number | Word::Repeat(_)) {
        return None;
    }
    let sentence = words.tokens[first].sentence;
    let (mut digits, mut plain, mut last, mut repeat) = (0, Vec::new(), first, 1);
    let mut odd = false;
    let mut at = first;
    while let Some(token) = words.tokens.get(at).filter(|token| token.sentence == sentence) {
        let figures = words.text(at).bytes().all(|byte| byte.is_ascii_digit()) && !token.cjk;
        match word(words, at) {
            Some(Word::Digit(digit)) => {
                digits += std::mem::replace(&mut repeat, 1);
                plain.push(digit);
            }
            Some(Word::Number) => {
                digits += 2;
                odd = true;
            }
            Some(Word::Repeat(times)) => repeat = times,
            Some(Word::And) => {
                odd = true;
                at += 1;
                continue;
            }
            None if figures && digits > 0 => digits += words.text(at).len(),
            None => break,
        }
        last = at;
        at += 1;
    }
    // "One, two, three …" counts.
    let counts = plain.windows(2).all(|pair| pair[0] + 1 == pair[1]);
    (digits >= LEAST && plain.len() >= 4 && !counts).then_some(Spelled {
        first,
        last,
        digits,
        joined_by_words: odd,
    })
}
