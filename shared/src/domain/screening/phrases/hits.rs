//! The words of a text that stand in a list.

use super::super::text::Words;
use super::lexicon::compiled::{self as class, INNER, INNER_GRAMS, WORDS};
use super::lexicon::{COMMON, Entry, Known, LANGUAGES};

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
///
/// Where the draft is known to be in Japanese, Chinese words are left out, and the other way round: they share most characters.
pub(in crate::domain::screening) fn hits(words: &Words, known: Option<Known>) -> Vec<Hit> {
    let mut finder = Finder {
        words,
        left_out: known.map_or(COMMON, Known::twin),
        hits: Vec::with_capacity(words.tokens.len() * 3),
    };
    let mut begun = 0;
    for index in 0..words.tokens.len() {
        let from = finder.hits.len();
        finder.token(index);
        // Hits of one word: few, and in order but for their ends.
        if finder.hits.len() > from + 1 {
            finder.hits[from..].sort_unstable_by_key(order);
        }
        if let Some(known) = known
            && words.sentences.get(words.tokens[index].sentence as usize + 1) == Some(&number(index + 1))
        {
            finder.keep_own(
                words.sentence(words.tokens[index].sentence as usize).len(),
                begun,
                known,
            );
            begun = finder.hits.len();
        }
    }
    let mut hits = finder.hits;
    hits.dedup();
    hits
}

fn order(hit: &Hit) -> (u32, u32, u16, u8) {
    (hit.start, hit.end, hit.class, hit.language)
}

/// Adds the addresses as words of the classes `link`, `phone`, `email`.
pub(super) fn mark(hits: &mut Vec<Hit>, words: &Words, marks: &Marks) {
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
        (&marks.links, class::LINK),
        (&marks.phones, class::PHONE),
        (&marks.emails, class::EMAIL),
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
        hits.sort_by_key(order);
    }
}

struct Finder<'a> {
    words: &'a Words,
    /// A language whose words are left out; `COMMON` for none.
    left_out: u8,
    hits: Vec<Hit>,
}

impl Finder<'_> {
    /// Drops the words of other languages from a sentence of which half the words are the draft's own.
    fn keep_own(&mut self, tokens: usize, begun: usize, known: Known) {
        let (mut own, mut last) = (0, u32::MAX);
        for hit in &self.hits[begun..] {
            if hit.start != last && hit.language != COMMON && known.speaks(hit.language) {
                own += 1;
                last = hit.start;
            }
        }
        if own * 2 < tokens {
            return;
        }
        let mut kept = begun;
        for index in begun..self.hits.len() {
            let hit = self.hits[index];
            if known.speaks(hit.language) {
                self.hits[kept] = hit;
                kept += 1;
            }
        }
        self.hits.truncate(kept);
    }

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
        let Self { words, hits, left_out } = self;
        let left_out = *left_out;
        WORDS.walk(&folded[at..], |length, entry| {
            if (!open || length >= 4) && (entry.language != left_out || left_out == COMMON) {
                keep(words, hits, index, at + length, entry, open);
            }
        });
    }

    fn walk_inside(&mut self, index: usize, at: usize, folded: &[u8]) {
        let gram = gram(folded[at], folded[at + 1], folded[at + 2]);
        if INNER_GRAMS[gram / 64] >> (gram % 64) & 1 == 0 {
            return;
        }
        let Self { words, hits, .. } = self;
        INNER.walk(&folded[at..], |length, entry| {
            keep(words, hits, index, at + length, entry, false);
        });
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
            let hits = &mut self.hits;
            let start = number(index);
            WORDS.walk(plain.as_bytes(), |end, entry| {
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

/// The place of three bytes in the set of beginnings of entries that may start inside a word.
fn gram(a: u8, b: u8, c: u8) -> usize {
    (usize::from(a) << 10 ^ usize::from(b) << 5 ^ usize::from(c)) & 0xffff
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

/// Which languages may a sentence be in?
///
/// Where the draft's are known: those of them that know nearly as many of its words as the others, and one that knows far
/// more: whole sentences of another language are no accident, and any word of another script is none. Else those that know
/// nearly as many of its words as any other.
pub(super) fn plausible(
    counted: &[u32; LANGUAGES],
    stops: &[u32; LANGUAGES],
    known: Option<Known>,
) -> [bool; LANGUAGES] {
    let mut may = [false; LANGUAGES];
    let own = |language: usize| counted[language] + stops[language];
    let Some(known) = known else {
        let most = (1..LANGUAGES).map(own).max().unwrap_or(0);
        for (language, may) in may.iter_mut().enumerate().skip(1) {
            let own = own(language);
            *may = own > 0 && (own * 10 >= most * 6 || own + 1 >= most);
        }
        return may;
    };
    let of_known = (1..LANGUAGES).filter(|&language| known.holds(language)).map(own);
    let most = of_known.max().unwrap_or(0);
    for (language, may) in may.iter_mut().enumerate().skip(1) {
        let own = own(language);
        let clear = own >= 4 && stops[language] > 0 && own > 2 * most;
        let known_well = known.holds(language) && own * 10 >= most * 6;
        *may = own > 0 && (known_well || clear || (most == 0 && !known.writes_like(language)));
    }
    may
}

/// Is there a word of a class before a byte range of the normalised copy, at most so many words and sentences away, or close
/// behind it in the same sentence?
pub(in crate::domain::screening) fn beside(
    words: &Words,
    hits: &[Hit],
    known: Option<Known>,
    (start, end): (usize, usize),
    (class, within, sentences): (u16, usize, u32),
) -> bool {
    let first = words.tokens.partition_point(|token| token.end <= start);
    let last = words.tokens.partition_point(|token| token.start < end);
    let (from, to) = (number(first.saturating_sub(within)), number(last + within / 2));
    let sentence = words.tokens.get(first).map_or(0, |token| token.sentence);
    let near = hits.partition_point(|hit| hit.start < from);
    hits[near..].iter().take_while(|hit| hit.start < to).any(|hit| {
        let its = words.tokens[hit.start as usize].sentence;
        let close = its == sentence || (its < sentence && its + sentences >= sentence);
        hit.class == class && close && known.is_none_or(|known| known.speaks(hit.language))
    })
}

fn number(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}
