//! The words of a text that stand in a list.

use super::super::text::Words;
use super::lexicon::{COMMON, Entry, LANGUAGES, LEXICON, Lexicon};

/// A word, phrase or composed match of a class, as a half-open range of tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::domain::screening) struct Hit {
    pub(in crate::domain::screening) start: u32,
    pub(in crate::domain::screening) end: u32,
    pub(in crate::domain::screening) class: u16,
    pub(in crate::domain::screening) language: u8,
}

/// Addresses found in the text, as byte ranges of the normalised copy.
#[derive(Default)]
pub(in crate::domain::screening) struct Marks {
    pub(in crate::domain::screening) links: Vec<(usize, usize)>,
    pub(in crate::domain::screening) phones: Vec<(usize, usize)>,
    pub(in crate::domain::screening) emails: Vec<(usize, usize)>,
}

/// All hits of a text in order of position.
pub(in crate::domain::screening) fn hits(words: &Words) -> Vec<Hit> {
    let lexicon = &*LEXICON;
    let mut finder = Finder {
        lexicon,
        words,
        hits: Vec::with_capacity(words.tokens.len() * 2),
    };
    for index in 0..words.tokens.len() {
        finder.token(index);
    }
    let mut hits = finder.hits;
    hits.sort_by_key(|hit| (hit.start, hit.end, hit.class, hit.language));
    hits.dedup();
    hits
}

/// Adds the addresses as words of the classes `link`, `phone`, `email`.
pub(super) fn mark(hits: &mut Vec<Hit>, words: &Words, marks: &Marks) {
    let known = &LEXICON.known;
    let before = hits.len();
    let inside = |hit: &Hit| {
        let token = words.tokens[hit.start as usize];
        let touches = |ranges: &[(usize, usize)]| {
            let first = ranges.partition_point(|&(_, end)| end <= token.start);
            ranges.get(first).is_some_and(|&(start, _)| start < token.end)
        };
        touches(&marks.links) || touches(&marks.emails)
    };
    // Words of an address are no words of the text.
    if !(marks.links.is_empty() && marks.emails.is_empty()) {
        hits.retain(|hit| !inside(hit));
    }
    let before = before.min(hits.len());
    for (ranges, class) in [
        (&marks.links, known.link),
        (&marks.phones, known.phone),
        (&marks.emails, known.email),
    ] {
        for &(start, end) in ranges {
            let first = words.tokens.partition_point(|token| token.end <= start);
            let last = words.tokens.partition_point(|token| token.start < end);
            if first < last {
                hits.push(Hit {
                    start: number(first),
                    end: number(last),
                    class,
                    language: COMMON,
                });
            }
        }
    }
    if hits.len() > before {
        hits.sort_by_key(|hit| (hit.start, hit.end, hit.class, hit.language));
    }
}

struct Finder<'a> {
    lexicon: &'a Lexicon,
    words: &'a Words,
    hits: Vec<Hit>,
}

impl Finder<'_> {
    fn token(&mut self, index: usize) {
        let token = self.words.tokens[index];
        let folded = self.words.folded.as_bytes();
        let (from, to) = token.folded;
        self.walk(index, from, folded, false);
        if token.cjk || to - from < 4 {
            if token.mixed {
                self.decoded(index);
            }
            return;
        }
        let first = folded[from];
        if (0xd8..=0xdb).contains(&first) {
            self.arabic(index, from, to);
        } else {
            let text = &self.words.folded;
            for at in (from + 1..to - 2).filter(|&at| text.is_char_boundary(at)) {
                if token.joined {
                    self.walk(index, at, folded, true);
                }
                self.walk_inside(index, at, folded);
            }
            if token.joined {
                self.walk(index, from, folded, true);
            }
        }
        if token.mixed {
            self.decoded(index);
        }
    }

    fn walk(&mut self, index: usize, at: usize, folded: &[u8], open: bool) {
        let Self { lexicon, words, hits } = self;
        lexicon.at(folded, at, |end, entry| {
            if !open || end - at >= 4 {
                keep(words, hits, index, end, entry, open);
            }
        });
    }

    fn walk_inside(&mut self, index: usize, at: usize, folded: &[u8]) {
        let Self { lexicon, words, hits } = self;
        lexicon.inside(folded, at, |end, entry| keep(words, hits, index, end, entry, false));
    }

    /// Arabic writes "and", "in", "for", "the" as one word with what follows: look behind each of them too.
    fn arabic(&mut self, index: usize, from: usize, to: usize) {
        const PREFIXES: [&str; 16] = [
            "و", "ف", "ب", "ل", "ك", "ال", "لل", "وال", "بال", "فال", "كال", "وب", "ول", "س", "وس", "ولل",
        ];
        let folded = self.words.folded.as_bytes();
        for prefix in PREFIXES {
            let at = from + prefix.len();
            if folded[from..to].starts_with(prefix.as_bytes()) && to - at >= 4 {
                self.walk(index, at, folded, false);
            }
        }
    }

    /// `c0upon`, `t3legram`, `p@ypal`: the word with signs read as the letters they stand for.
    fn decoded(&mut self, index: usize) {
        let word = self.words.text(index);
        if !word.is_ascii() || word.bytes().filter(u8::is_ascii_alphabetic).count() < 2 || word.len() < 4 {
            return;
        }
        for one in ['i', 'l'] {
            let plain: String = word.chars().map(|c| letter(c, one)).collect();
            let Self { lexicon, hits, .. } = self;
            let start = number(index);
            lexicon.at(plain.as_bytes(), 0, |end, entry| {
                if end == plain.len() || entry.open_end {
                    hits.push(Hit {
                        start,
                        end: start + 1,
                        class: entry.class,
                        language: entry.language,
                    });
                }
            });
        }
    }
}

fn letter(c: char, one: char) -> char {
    match c {
        '0' => 'o',
        '1' => one,
        '3' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '6' | '9' => 'g',
        '7' => 't',
        '8' => 'b',
        other => other,
    }
}

/// Keeps an entry that ends where a word ends, or anywhere if it is open.
fn keep(words: &Words, hits: &mut Vec<Hit>, index: usize, end: usize, entry: Entry, open: bool) {
    let last = words.owner[end - 1] as usize;
    let token = words.tokens[last];
    if token.folded.0 >= end {
        return;
    }
    if token.folded.1 == end || entry.open_end || open {
        hits.push(Hit {
            start: number(index),
            end: number(last) + 1,
            class: entry.class,
            language: entry.language,
        });
    }
}

/// How many words of a sentence each language knows; its commonest ones count twice.
pub(super) fn evidence(sentence: &[Hit], stop: u16) -> ([u32; LANGUAGES], [u32; LANGUAGES]) {
    let (mut known, mut stops) = ([0; LANGUAGES], [0; LANGUAGES]);
    let mut last = [u32::MAX; LANGUAGES];
    for hit in sentence {
        let language = usize::from(hit.language);
        if last[language] != hit.start {
            known[language] += 1;
            last[language] = hit.start;
        }
        if hit.class == stop {
            stops[language] += 1;
        }
    }
    (known, stops)
}

/// Which languages may a sentence be in? Those that know nearly as many of its words as any other.
pub(super) fn plausible(known: &[u32; LANGUAGES], stops: &[u32; LANGUAGES]) -> [bool; LANGUAGES] {
    let mut may = [false; LANGUAGES];
    let most = (1..LANGUAGES)
        .map(|language| known[language] + stops[language])
        .max()
        .unwrap_or(0);
    for language in 1..LANGUAGES {
        let own = known[language] + stops[language];
        may[language] = own > 0 && (own * 10 >= most * 6 || own + 1 >= most);
    }
    may
}

fn number(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}
