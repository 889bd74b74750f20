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
    /// Several digits written in one piece, as in Korean.
    Digits(usize),
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

/// The least words of a row: every row has one at every second place, but for one of digits in one piece.
const STEP: usize = 2;

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
    WORDS.get(text).copied().or_else(|| compound(text))
}

/// How the tens begin in the languages that write them before their units in one word.
const TENS: [&str; 13] = [
    "ve", "tr", "qu", "ci", "se", "ot", "no", "tj", "fy", "fe", "sj", "at", "ni",
];

/// Numbers written in one word: "eenentwintig", "dreiundvierzig", "quarantotto", "tjugoett", "공이삼".
fn compound(text: &str) -> Option<Word> {
    let of = |part: &str| WORDS.get(part).copied();
    let digit = |part: &str| matches!(of(part), Some(Word::Digit(_)));
    let number = |part: &str| matches!(of(part), Some(Word::Number));
    if text.starts_with(is_hangul) {
        return hangul(text).map(Word::Digits);
    }
    let cuts = || text.char_indices().skip(2).map(|(at, _)| text.split_at(at));
    let germanic = |(unit, rest): (&str, &str)| {
        let tens = rest.strip_prefix("und").or_else(|| rest.strip_prefix("en"));
        (digit(unit) || unit == "ein") && tens.is_some_and(number)
    };
    let plain = |(tens, unit): (&str, &str)| number(tens) && digit(unit);
    // Italian drops the last vowel before "uno" and "otto".
    let elided = |(tens, unit): (&str, &str)| {
        matches!(unit, "uno" | "otto") && ["i", "a"].iter().any(|vowel| number(&format!("{tens}{vowel}")))
    };
    let joined = text.contains("en") || text.contains("und");
    let tens_first = text.get(..2).is_some_and(|start| TENS.contains(&start));
    let any = text.len() >= 6
        && (joined && cuts().any(germanic) || tens_first && cuts().any(|cut| plain(cut) || elided(cut)));
    any.then_some(Word::Number)
}

fn is_hangul(c: char) -> bool {
    ('\u{ac00}'..='\u{d7a3}').contains(&c)
}

/// How many digits a word of Korean ones holds, a particle behind them perhaps.
fn hangul(text: &str) -> Option<usize> {
    let bare = ["으로", "로", "번", "번으로", "에", "입니다", "이에요"]
        .iter()
        .find_map(|particle| text.strip_suffix(particle).filter(|rest| !rest.is_empty()))
        .unwrap_or(text);
    let count = bare.chars().count();
    (count >= 2 && bare.chars().all(|c| "공영일이삼사오육륙칠팔구".contains(c))).then_some(count)
}

fn run(words: &Words, first: usize) -> Option<Spelled> {
    if !matches!(
        word(words, first)?,
        Word::Digit(_) | Word::Digits(_) | Word::Number | Word::Repeat(_)
    ) {
        return None;
    }
    let sentence = words.tokens[first].sentence;
    let (mut digits, mut plain, mut last, mut repeat) = (0, Vec::new(), first, 1);
    // Digits in one piece, and nothing else.
    let mut whole = true;
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
                (odd, whole) = (true, false);
            }
            Some(Word::Digits(count)) => {
                digits += count;
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
    let counts = !plain.is_empty() && plain.windows(2).all(|pair| pair[0] + 1 == pair[1]);
    // "Twenty, thirty, forty, fifty" are sizes; a number that is dictated begins with a zero or has digits of its own.
    let dictated =
        plain.len() >= 4 || odd && (plain.first() == Some(&0) || plain.is_empty() && digits > LEAST && whole);
    (digits >= LEAST && dictated && !counts).then_some(Spelled {
        first,
        last,
        digits,
        joined_by_words: odd && !(plain.is_empty() && whole),
    })
}
