//! Words, clauses and sentences of the normalised copy.

use super::clean::{Clean, QUOTATION};
use super::fold::{is_cjk, push_folded};
use super::letters::{is_letter, is_word};

/// Sentences are cut here at the latest: patterns look no further, so the work stays linear.
const LONGEST_SENTENCE: u32 = 200;
/// A line shorter than this ends a sentence even without a full stop (greetings, headings).
const SHORT_LINE: usize = 28;

/// Blanks at the start of a line that are looked over for its first word.
const INDENT: usize = 16;

/// A word, a currency sign, or one character of a script without spaces.
#[derive(Clone, Copy, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "four independent marks of a word, each asked for by name"
)]
pub(in crate::domain::screening) struct Token {
    /// Byte range in the normalised copy.
    pub(in crate::domain::screening) start: usize,
    pub(in crate::domain::screening) end: usize,
    /// Byte range in the folded text.
    pub(in crate::domain::screening) folded: (usize, usize),
    pub(in crate::domain::screening) sentence: u32,
    pub(in crate::domain::screening) clause: u32,
    pub(in crate::domain::screening) cjk: bool,
    /// Hiragana or katakana.
    pub(in crate::domain::screening) kana: bool,
    /// Its letters stood apart.
    pub(in crate::domain::screening) joined: bool,
    /// Letters with digits or signs among them: `c0upon`.
    pub(in crate::domain::screening) mixed: bool,
}

/// A text cut into words, and the same words folded for comparison.
pub(in crate::domain::screening) struct Words {
    pub(in crate::domain::screening) tokens: Vec<Token>,
    /// The folded words: one space between two of them, a comma between clauses, a line break between sentences.
    pub(in crate::domain::screening) folded: String,
    /// For each byte of `folded` the token it belongs to.
    pub(in crate::domain::screening) owner: Vec<u32>,
    /// For each sentence its first token; one more entry at the end.
    pub(in crate::domain::screening) sentences: Vec<u32>,
    /// For each sentence: does it end with a question mark?
    pub(in crate::domain::screening) questions: Vec<bool>,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Gap {
    None,
    Space,
    Clause,
    Sentence,
}

impl Words {
    pub(in crate::domain::screening) fn new(clean: &Clean) -> Self {
        let mut cutter = Cutter {
            words: Self {
                tokens: Vec::with_capacity(clean.text.len() / 5),
                folded: String::with_capacity(clean.text.len() + 16),
                owner: Vec::with_capacity(clean.text.len() + 16),
                sentences: vec![0],
                questions: Vec::new(),
            },
            gap: Gap::None,
            clause: 0,
            question: false,
            line_start: 0,
        };
        cutter.cut(clean);
        let mut words = cutter.words;
        words
            .sentences
            .push(u32::try_from(words.tokens.len()).unwrap_or(u32::MAX));
        words.questions.push(cutter.question);
        words
    }

    /// The tokens of a sentence, as a range of indices.
    pub(in crate::domain::screening) fn sentence(&self, number: usize) -> std::ops::Range<usize> {
        self.sentences[number] as usize..self.sentences[number + 1] as usize
    }

    pub(in crate::domain::screening) fn sentence_count(&self) -> usize {
        self.sentences.len() - 1
    }

    pub(in crate::domain::screening) fn text(&self, token: usize) -> &str {
        let (start, end) = self.tokens[token].folded;
        &self.folded[start..end]
    }
}

struct Cutter {
    words: Words,
    gap: Gap,
    clause: u32,
    question: bool,
    line_start: usize,
}

impl Cutter {
    fn cut(&mut self, clean: &Clean) {
        let text = clean.text.as_str();
        let bytes = text.as_bytes();
        let mut at = 0;
        while at < bytes.len() {
            let c = if bytes[at] < 0x80 {
                char::from(bytes[at])
            } else {
                text[at..].chars().next().unwrap_or(' ')
            };
            if is_word(c) {
                let end = if is_cjk(c) {
                    at + c.len_utf8()
                } else {
                    word_end(text, at)
                };
                self.push(clean, at, end, is_cjk(c));
                at = end;
            } else {
                self.mark(clean, at, c);
                at += c.len_utf8();
            }
        }
    }

    fn push(&mut self, clean: &Clean, start: usize, end: usize, cjk: bool) {
        let index = u32::try_from(self.words.tokens.len()).unwrap_or(u32::MAX);
        let first = self.words.sentences.last().copied().unwrap_or(0);
        if self.gap == Gap::Sentence && first == index {
            self.gap = Gap::None;
        }
        if index - first >= LONGEST_SENTENCE {
            self.gap = Gap::Sentence;
        }
        let glued = self.words.tokens.last().is_some_and(|last| last.cjk || cjk);
        let folded = &mut self.words.folded;
        match self.gap {
            Gap::Sentence => {
                folded.push('\n');
                self.clause += 1;
                self.words.sentences.push(index);
                self.words.questions.push(std::mem::take(&mut self.question));
            }
            Gap::Clause => {
                folded.push(',');
                self.clause += 1;
            }
            Gap::Space if !glued => folded.push(' '),
            Gap::None if !glued && index > 0 => folded.push(' '),
            _ => {}
        }
        self.words.owner.resize(folded.len(), index);
        let from = folded.len();
        let mixed = push_word(&clean.text[start..end], folded);
        self.words.owner.resize(folded.len(), index);
        let sentence = u32::try_from(self.words.questions.len()).unwrap_or(u32::MAX);
        let joined = clean.is_joined(start, end);
        let folded = (from, folded.len());
        let kana = cjk && matches!(clean.text[start..].chars().next(), Some('\u{3041}'..='\u{30ff}'));
        self.words.tokens.push(Token {
            start,
            end,
            folded,
            sentence,
            clause: self.clause,
            cjk,
            kana,
            joined,
            mixed,
        });
        self.gap = Gap::None;
    }

    /// A character between words: what does it separate?
    fn mark(&mut self, clean: &Clean, at: usize, c: char) {
        let rest = &clean.text[at + c.len_utf8()..];
        let gap = match c {
            '$' | '€' | '£' | '¥' | '%' | '₺' | '★' | '⭐' | '円' | '₹' => {
                self.push(clean, at, at + c.len_utf8(), false);
                return;
            }
            '!' | '?' | '。' | '؟' | '…' | '¿' | '¡' | '۔' | '｡' => Gap::Sentence,
            QUOTATION => {
                self.line_start = at + 1;
                Gap::Sentence
            }
            '.' => full_stop(clean.text.as_bytes(), at, rest),
            ',' | ';' | ':' | '—' | '–' | '、' | '،' | '؛' | '(' | ')' | '[' | ']' | '【' | '】' | '|' | '•' | '・' => {
                Gap::Clause
            }
            '-' if rest.starts_with(' ') && clean.text[..at].ends_with(' ') => Gap::Clause,
            '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}' => {
                let short = at - self.line_start < SHORT_LINE;
                self.line_start = at + c.len_utf8();
                let next = rest.chars().take(INDENT).find(|c| !matches!(c, ' ' | '\r'));
                let fresh = next.is_none_or(|next| next == '\n' || !next.is_alphanumeric());
                let runs_on = next.is_some_and(char::is_lowercase) && self.gap != Gap::Clause;
                if fresh || (!runs_on && (short || self.gap == Gap::Clause)) {
                    Gap::Sentence
                } else {
                    Gap::Space
                }
            }
            _ => Gap::Space,
        };
        self.question |= matches!(c, '?' | '؟');
        self.gap = self.gap.max(gap);
    }
}

/// Appends a word as it is compared; tells whether it has letters with digits or signs among them.
fn push_word(word: &str, folded: &mut String) -> bool {
    let (mut letters, mut others) = (false, false);
    if word.is_ascii() {
        let from = folded.len();
        folded.push_str(word);
        folded[from..].make_ascii_lowercase();
        for byte in word.bytes() {
            letters |= byte.is_ascii_alphabetic();
            others |= !byte.is_ascii_alphabetic();
        }
    } else {
        for c in word.chars() {
            let letter = is_letter(c);
            letters |= letter;
            others |= !letter;
            push_folded(c, folded);
        }
    }
    letters && others
}

/// Where the word that starts here ends. Signs that stand in for letters (`p@ypal`, `gift$`) stay inside.
fn word_end(text: &str, start: usize) -> usize {
    let bytes = text.as_bytes();
    let mut at = start;
    while at < bytes.len() {
        let byte = bytes[at];
        if byte.is_ascii_alphanumeric() {
            at += 1;
        } else if byte < 0x80 {
            let between = at > start
                && bytes[at - 1].is_ascii_alphabetic()
                && bytes.get(at + 1).is_some_and(u8::is_ascii_alphabetic);
            if !(between && matches!(byte, b'@' | b'$')) {
                break;
            }
            at += 1;
        } else {
            let c = text[at..].chars().next().unwrap_or(' ');
            if !is_word(c) && !matches!(c, '\u{610}'..='\u{61a}' | '\u{64b}'..='\u{65f}' | '\u{670}') || is_cjk(c) {
                break;
            }
            at += c.len_utf8();
        }
    }
    at
}

/// A full stop ends a sentence unless it stands in a number, an abbreviation or a name with dots.
fn full_stop(bytes: &[u8], at: usize, rest: &str) -> Gap {
    let mut next = rest.chars();
    match next.next() {
        None => Gap::Sentence,
        Some(c) if c.is_whitespace() => {
            let following = rest.chars().take(INDENT).find(|c| !c.is_whitespace());
            // One letter before the stop, or lower case after it: an abbreviation more likely than an end.
            let single = at >= 2 && !bytes[at - 2].is_ascii_alphanumeric() && bytes[at - 1].is_ascii_alphabetic();
            let lower = following.is_some_and(char::is_lowercase);
            if single || lower { Gap::Clause } else { Gap::Sentence }
        }
        Some(c) if c.is_uppercase() && at > 0 && bytes[at - 1].is_ascii_lowercase() => Gap::Sentence,
        Some(c) if is_cjk(c) => Gap::Sentence,
        Some(_) => Gap::Space,
    }
}
