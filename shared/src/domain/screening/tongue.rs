//! The language a draft is in: the buyer's, else the store's, else what the text says.
//!
//! Words are looked for in that language alone. Many words are harmless in one language and an insult, a phone word or an
//! advertisement in another (Swedish *slut* is "end", French *solde* a balance), and short answers hold too few words to tell
//! a language by. A text that surely is in another one is judged in that one too: a draft may be in the wrong language.

use super::super::language::{Language, detect, detect_other};
use super::draft::Draft;
use super::source::Source;

/// Letters below which a text alone does not say its language.
const LETTERS: usize = 40;
/// Letters below which it does not contradict the buyer's.
const FEW_LETTERS: usize = 20;
/// Bytes of a part that are looked at: a language shows early.
const READ: usize = 1024;

/// The languages a draft may be in.
pub(super) struct Tongue {
    /// The buyer's or the store's, and the text's where that is another one; empty where nobody said it.
    pub(super) languages: Vec<Language>,
    /// What the text is in, where that surely is another language than the one it should be in.
    pub(super) other: Option<Language>,
    /// What the text says where nobody else did: sentence by sentence it may be another one.
    pub(super) guessed: Option<Language>,
}

impl Tongue {
    pub(super) fn of(draft: &Draft, sources: &[Source<'_>]) -> Self {
        let store = || draft.marketplace.map(super::super::marketplace::Marketplace::language);
        let named = draft.buyer_language.or_else(store);
        let mut text = String::new();
        for source in sources {
            let clean = &source.clean.text;
            text.push_str(&clean[..clean.floor_char_boundary(READ)]);
            text.push('\n');
        }
        let letters = text.chars().filter(|c| c.is_alphabetic()).take(LETTERS).count();
        // Scripts without spaces say as much with a third of the letters.
        let dense = text.chars().filter(|c| super::text::is_cjk(*c)).take(LETTERS).count() * 2;
        let long = |least: usize| letters + dense >= least;
        let other = named
            .filter(|_| long(FEW_LETTERS))
            .and_then(|named| detect_other(&text, named));
        let guessed = if named.is_none() && long(LETTERS) {
            detect(&text)
        } else {
            None
        };
        Self {
            languages: named.into_iter().chain(other).collect(),
            other,
            guessed,
        }
    }

    /// The languages in which a full stop may go on without its space.
    pub(super) fn likely(&self) -> Vec<Language> {
        self.languages.iter().copied().chain(self.guessed).collect()
    }
}
