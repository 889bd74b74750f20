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

pub(super) use hits::{Hit, Marks, hits};
pub(super) use lexicon::known;
pub(super) use matcher::{Act, Phrases};

/// Classes of words that code asks for by name.
pub(super) use lexicon::compiled as class;

/// The classes of words that matter beside a number.
pub(super) fn signs() -> super::address::Signs {
    super::address::Signs {
        phone: class::PHONEWORD,
        reach: class::REACHAT,
        messenger: class::MESSENGER,
        label: class::IDLABEL,
    }
}
