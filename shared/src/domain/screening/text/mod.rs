//! The draft's text as a reader sees it, with the way back to the text as given.
//!
//! [`Clean`] undoes what evaders do (full-width letters, invisible characters, look-alikes, s p a c e d letters) and keeps
//! for every byte the place it came from. [`Words`] cuts it into words, clauses and sentences for the phrase rules.

mod clean;
mod fold;
mod letters;
mod spaced;
mod words;

pub(super) use clean::{Clean, PLACEHOLDER, QUOTATION, Skip};
use fold::push_folded;
pub(super) use fold::{fold, is_cjk};
pub(super) use letters::{is_letter, is_word};
pub(super) use words::Words;

/// A text as it is compared, character by character; blanks stay as they are.
pub(super) fn folded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    text.chars().for_each(|c| push_folded(c, &mut out));
    out
}
