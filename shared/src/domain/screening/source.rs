//! A part of a draft that is read as text: its plain text, or what is seen of its HTML.

use std::borrow::Cow;

use super::super::mail;
use super::draft::Draft;
use super::finding::Part;
use super::placeholder::{Placeholder, placeholders};
use super::rule::Shade;
use super::text::{Clean, PLACEHOLDER, QUOTATION, Skip, Words};

pub(super) struct Source<'a> {
    pub(super) part: Part,
    /// The text that offsets point into.
    pub(super) given: Cow<'a, str>,
    pub(super) clean: Clean,
    pub(super) words: Words,
    pub(super) placeholders: Vec<Placeholder>,
    /// What is quoted from an older message, as ranges of characters of `given`, in order.
    quoted: Vec<(usize, usize)>,
}

/// The parts of a draft: its text, and its HTML where that shows anything else.
pub(super) fn sources(draft: &Draft) -> Vec<Source<'_>> {
    let text = draft.text.expose();
    let mut all = vec![Source::new(Part::Text, Cow::Borrowed(text))];
    if let Some(html) = &draft.html {
        let seen = mail::to_text(html.expose()).text;
        if !seen.trim().is_empty() && !same_words(&seen, text) {
            all.push(Source::new(Part::Html, Cow::Owned(seen)));
        }
    }
    all
}

/// The same but for blanks.
fn same_words(a: &str, b: &str) -> bool {
    a.split_whitespace().eq(b.split_whitespace())
}

impl<'a> Source<'a> {
    fn new(part: Part, given: Cow<'a, str>) -> Self {
        let quoted = mail::quoted(&given);
        let placeholders = placeholders(&given);
        let mut skips = Vec::new();
        for range in &quoted {
            boundary(&mut skips, range.start);
            marks(&given, range.start, range.end, &mut skips);
            boundary(&mut skips, range.end);
        }
        for placeholder in &placeholders {
            skips.extend(placeholder.masked.iter().map(|&(start, end)| Skip {
                start,
                end,
                instead: Some(PLACEHOLDER),
            }));
        }
        skips.sort_by_key(|skip| (skip.start, skip.end));
        // A placeholder that begins in the mark of a quotation goes with it.
        let mut until = 0;
        skips.retain(|skip| {
            let fresh = skip.start >= until;
            until = until.max(skip.end);
            fresh
        });
        let clean = Clean::without(&given, &skips);
        let words = Words::new(&clean);
        let quoted = in_characters(&given, &quoted);
        Self {
            part,
            given,
            clean,
            words,
            placeholders,
            quoted,
        }
    }

    /// Is all of this range of characters quoted?
    pub(super) fn is_quoted(&self, start: usize, end: usize) -> bool {
        let first = self.quoted.partition_point(|&(_, until)| until <= start);
        self.quoted
            .get(first)
            .is_some_and(|&(from, until)| from <= start && end <= until)
    }

    /// Is this sentence quoted?
    pub(super) fn quotes(&self, sentence: usize) -> bool {
        let tokens = &self.words.tokens[self.words.sentence(sentence)];
        tokens.first().is_some_and(|token| {
            let (start, end) = self.clean.given(token.start, token.end);
            self.is_quoted(start, end)
        })
    }

    /// What is quoted, as byte ranges of the normalised copy.
    pub(super) fn quotations(&self) -> impl Iterator<Item = (usize, usize)> {
        self.quoted
            .iter()
            .map(|&(start, end)| (self.clean.place(start), self.clean.place(end)))
    }

    /// The placeholders as ranges of characters.
    pub(super) fn unfilled(&self) -> Vec<(usize, usize, Shade)> {
        let ranges: Vec<_> = self.placeholders.iter().map(|found| found.start..found.end).collect();
        let ranges = in_characters(&self.given, &ranges).into_iter();
        ranges
            .zip(&self.placeholders)
            .map(|((start, end), found)| (start, end, found.shade))
            .collect()
    }
}

fn boundary(skips: &mut Vec<Skip>, at: usize) {
    skips.push(Skip {
        start: at,
        end: at,
        instead: Some(QUOTATION),
    });
}

/// The marks in front of quoted lines: `> `, `>> `.
fn marks(text: &str, start: usize, end: usize, skips: &mut Vec<Skip>) {
    let mut at = start;
    for line in text[start..end].split_inclusive('\n') {
        let words = line.trim_start();
        let inner = words.trim_start_matches('>');
        if inner.len() < words.len() {
            let mark = line.len() - inner.len() + usize::from(inner.starts_with(' '));
            skips.push(Skip {
                start: at,
                end: at + mark,
                instead: None,
            });
        }
        at += line.len();
    }
}

/// Byte ranges in order as ranges of characters.
fn in_characters(text: &str, ranges: &[std::ops::Range<usize>]) -> Vec<(usize, usize)> {
    let (mut byte, mut character) = (0, 0);
    let mut count = |to: usize| {
        character += text[byte..to].chars().count();
        byte = to;
        character
    };
    ranges
        .iter()
        .map(|range| (count(range.start), count(range.end)))
        .collect()
}
