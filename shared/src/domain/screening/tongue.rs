//! The language a draft is in: the buyer's, else the store's, else what the text says.
//!
//! Words are looked for in that language alone. Many words are harmless in one language and an insult, a phone word or an
//! advertisement in another (Swedish *slut* is "end", French *solde* a balance), and short answers hold too few words to tell
//! a language by. A text that surely is in another one is judged in that one too: a draft may be in the wrong language.

use super::super::language::{Language, detect, detect_other};
use super::draft::Draft;
use super::source::Source;
use super::text::{is_cjk, is_letter};

/// Letters below which a text alone does not say its language.
const LETTERS: usize = 40;
/// Letters below which it does not contradict the buyer's.
const FEW_LETTERS: usize = 20;
/// Bytes of a part that are looked at: a language shows early.
const READ: usize = 400;

/// The languages a draft may be in.
pub(super) struct Tongue {
    /// The buyer's or the store's, and the text's where that is another one; empty where nobody said it.
    pub(super) languages: Vec<Language>,
    /// What the text is in, where that surely is another language than the one it should be in.
    pub(super) other: Option<Language>,
}

impl Tongue {
    pub(super) fn of(draft: &Draft, sources: &[Source<'_>]) -> Self {
        let store = || draft.marketplace.map(super::super::marketplace::Marketplace::language);
        let named = draft.buyer_language.or_else(store);
        let other = named.and_then(|named| other_than(named, sources));
        Self {
            languages: named.into_iter().chain(other).collect(),
            other,
        }
    }

    /// The languages in which a full stop may go on without its space: where nobody said it, what the text says. Sentence by
    /// sentence that may be another one, so it is asked for nothing else.
    pub(super) fn likely(&self, text: &str) -> Vec<Language> {
        if self.languages.is_empty() && weight(text) >= LETTERS {
            return detect(text).into_iter().collect();
        }
        self.languages.clone()
    }
}

/// What the text is in, if that surely is another language than the one it should be in.
fn other_than(named: Language, sources: &[Source<'_>]) -> Option<Language> {
    let head = |source: &Source<'_>| {
        let clean = &source.clean.text;
        clean[..clean.floor_char_boundary(READ)].to_owned()
    };
    let text = sources.iter().map(head).collect::<Vec<_>>().join("\n");
    (weight(&text) >= FEW_LETTERS)
        .then(|| detect_other(&text, named))
        .flatten()
}

/// Letters up to as many as are needed; those of scripts without spaces say as much as three.
fn weight(text: &str) -> usize {
    let letters = text
        .chars()
        .filter(|c| is_letter(*c))
        .map(|c| if is_cjk(c) { 3 } else { 1 });
    letters.take(LETTERS).sum()
}
