//! The words that people write for a dot or an @, and where a text may hold one.

use std::sync::LazyLock;

use super::super::text::{folded, is_word};
use super::hosts::is_tld;

pub(super) struct Separators {
    /// A word for a dot and the endings it counts before.
    pub(super) dots: Vec<(String, Vec<&'static str>)>,
    /// A word for @; true where it is an everyday word too.
    pub(super) ats: Vec<(String, bool)>,
    pub(super) labels: Vec<String>,
    pub(super) providers: Vec<String>,
    pub(super) mailboxes: Vec<String>,
    /// The lengths, as bits, of the words for dots and @ that begin with a letter.
    shapes: [u64; 32],
}

pub(super) static SEPARATORS: LazyLock<Separators> = LazyLock::new(|| {
    let mut all = Separators {
        dots: vec![],
        ats: vec![],
        labels: vec![],
        providers: vec![],
        mailboxes: vec![],
        shapes: [0; 32],
    };
    for line in include_str!("separators.txt")
        .lines()
        .filter(|line| !line.starts_with('#'))
    {
        let mut words = line.split_whitespace();
        match words.next() {
            Some("dot") => all
                .dots
                .extend(words.next().map(|word| (folded(word), words.collect()))),
            Some("at") => all
                .ats
                .extend(words.next().map(|word| (folded(word), words.next().is_some()))),
            Some("label") => all.labels.extend(words.map(folded)),
            Some("provider") => all.providers.extend(words.map(folded)),
            Some("mailbox") => all.mailboxes.extend(words.map(folded)),
            _ => {}
        }
    }
    let words = all
        .dots
        .iter()
        .map(|(word, _)| word)
        .chain(all.ats.iter().map(|(word, _)| word));
    for word in words {
        all.shapes[shape(word)] |= 1 << word.len().min(63);
    }
    all
});

/// The first letter of a word, whatever its case.
fn shape(word: &str) -> usize {
    usize::from(word.as_bytes().first().map_or(0, |byte| byte & 0x1f))
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    Word,
    Dot,
    At,
    Other,
}

/// Is there any sign that an address is written apart or spelled out? Nearly no text has one, and is not cut up then.
pub(super) fn suspicious(text: &str) -> bool {
    let separators = &*SEPARATORS;
    let bytes = text.as_bytes();
    let blank = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_whitespace);
    let mut at = 0;
    let mut word_start = None;
    while at <= bytes.len() {
        let byte = bytes.get(at).copied().unwrap_or(b' ');
        // Letters of two bytes: accented Latin, Greek, Cyrillic, Arabic. Scripts of more have no separators that are words.
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | 0x80..=0xc1 | 0xc3..=0xdf) {
            if word_start.is_none() {
                if after_separator(&text[..at]) {
                    return true;
                }
                word_start = Some(at);
            }
            at += 1;
            continue;
        }
        let word = word_start.take().map(|start| &text[start..at]);
        if word.is_some_and(|word| spelled(word, separators) != Kind::Word) {
            return true;
        }
        match byte {
            b'(' | b'[' | b'{' | b'<' | b'*' if bracketed(text, at, separators).is_some() => return true,
            b'@' if blank(at.wrapping_sub(1)) || blank(at + 1) => return true,
            b'.' if dot_apart(text, at) => return true,
            _ => {}
        }
        at += match byte {
            0xf0..=0xff => 4,
            0xe0..=0xef => 3,
            0xc2 => 2,
            _ => 1,
        };
    }
    false
}

/// Does a text without spaces end in a word for a dot or an @, blanks and brackets aside? What follows may be the end of a host.
fn after_separator(before: &str) -> bool {
    let shown = |byte: &&u8| !matches!(byte, b' ' | b')' | b']' | b'}' | 1);
    if before.as_bytes().iter().rev().find(shown).is_none_or(u8::is_ascii) {
        return false;
    }
    let shown = before.trim_end_matches([' ', ')', ']', '}', '」', '】', '\u{1}']);
    [
        "ドット",
        "てん",
        "点",
        "アットマーク",
        "アット",
        "あっと",
        "。",
        "점",
        "닷",
        "골뱅이",
        "앳",
        "艾特",
    ]
    .iter()
    .any(|word| shown.ends_with(word))
}

/// Does this dot have blanks beside it and the end of a host, or another dot, after it?
fn dot_apart(text: &str, at: usize) -> bool {
    let bytes = text.as_bytes();
    let before = at > 0 && bytes[at - 1].is_ascii_whitespace();
    let rest = &text[at + 1..];
    let label = rest.trim_start();
    if label.len() == rest.len() && !before {
        return false;
    }
    let len = label.find(|c: char| !word(c)).unwrap_or(label.len());
    let next = label[len..].trim_start().as_bytes().first();
    // Endings in other scripts are looked for where no sentence goes on.
    before || len == 0 || (label[..len].is_ascii() && is_tld(&label[..len])) || next == Some(&b'.')
}

pub(super) fn word(c: char) -> bool {
    is_word(c) || matches!(c, '-' | '_') || matches!(c, '\u{64b}'..='\u{652}')
}

pub(super) fn bracketed(text: &str, at: usize, separators: &Separators) -> Option<(Kind, usize)> {
    let rest = &text[at + 1..];
    let (len, close) = rest
        .char_indices()
        .take(12)
        .find(|(_, c)| matches!(c, ')' | ']' | '}' | '>' | '*'))?;
    let inner = folded(rest[..len].trim());
    let kind = match inner.as_str() {
        "." => Kind::Dot,
        "@" | "a" | "ä" | "at" => Kind::At,
        _ if separators.dots.iter().any(|(word, _)| *word == inner) => Kind::Dot,
        _ if separators.ats.iter().any(|(word, _)| *word == inner) => Kind::At,
        _ => return None,
    };
    Some((kind, at + 1 + len + close.len_utf8()))
}

pub(super) fn spelled(word: &str, separators: &Separators) -> Kind {
    // Nearly every word is none of them; the longest has twelve letters.
    if word.len() > 40 {
        return Kind::Word;
    }
    // Folding changes neither the length of a word in ASCII or Arabic nor the byte that it begins with.
    let kept = word.is_ascii() || matches!(word.as_bytes()[0], 0xd8..=0xdb);
    if kept && separators.shapes[shape(word)] >> word.len().min(63) & 1 == 0 {
        return Kind::Word;
    }
    let word = folded(word);
    if separators.dots.iter().any(|(dot, _)| *dot == word) {
        Kind::Dot
    } else if separators.ats.iter().any(|(at, _)| *at == word) {
        Kind::At
    } else {
        Kind::Word
    }
}

/// Is this a word for a dot or an @?
pub(super) fn spells_separator(word: &str) -> bool {
    spelled(word, &SEPARATORS) != Kind::Word
}

/// Is this ending of a host an everyday word of some language too?
pub(super) fn is_everyday_ending(ending: &str) -> bool {
    const EVERYDAY: [&str; 20] = [
        "it", "is", "in", "so", "to", "me", "no", "at", "be", "am", "as", "us", "my", "do", "la", "de", "es", "se",
        "il", "si",
    ];
    EVERYDAY.contains(&ending)
}

/// All small letters, or all capitals: a sentence goes on with one capital.
pub(super) fn is_of_one_case(ending: &str) -> bool {
    ending.chars().all(char::is_lowercase) || ending.chars().all(char::is_uppercase)
}

/// Is this a word that is never the name of a site?
pub(super) fn is_no_name(word: &str) -> bool {
    SEPARATORS.labels.contains(&folded(word))
}

/// Is this a provider of mailboxes?
pub(super) fn is_provider(word: &str) -> bool {
    SEPARATORS.providers.contains(&folded(word))
}
