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
pub(super) use fold::{fold, is_cjk, push_folded};
pub(super) use letters::{is_letter, is_word};
pub(super) use words::Words;
