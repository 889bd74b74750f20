//! Asking for a missing order id: when, of whom, and in which words.

mod rules;
mod text;

pub use rules::{Withheld, decide, still_needed};
pub use text::{language_for, languages, render};
