//! The rules that read words: act and object together, in each language's own order and inflection.
//!
//! The data is in `data/`: word lists by class for each language, and patterns over the classes, most of them common to all
//! languages. The first lines of `common.txt` explain the syntax. The build script (`shared/build/`) compiles the files into
//! constants: the first draft takes 0.2 ms, the ones after it a hundredth of a millisecond a line.

mod compose;
mod hits;
mod lexicon;
mod matcher;
mod pattern;
mod trie;

#[cfg(test)]
mod tests;

pub(super) use hits::{Hit, Marks, beside, hits};
pub(super) use lexicon::{Known, known};
pub(super) use matcher::{Act, Phrases};

/// Classes of words that code asks for by name.
pub(super) use lexicon::compiled as class;
