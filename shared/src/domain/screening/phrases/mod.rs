//! The rules that read words: act and object together, in each language's own order and inflection.
//!
//! The data is in `data/`: word lists by class for each language, and patterns over the classes, most of them common to all
//! languages. The first lines of `common.txt` explain the syntax.

mod hits;
mod lexicon;
mod matcher;
mod pattern;
mod trie;

#[cfg(test)]
mod tests;

pub(super) use hits::{Hit, Marks, hits};
pub(super) use lexicon::fold;
pub(super) use matcher::{Act, Phrases};

/// The classes of words that matter beside a number.
pub(super) fn signs() -> super::address::Signs {
    let class = |name: &str| lexicon::LEXICON.names.get(name);
    super::address::Signs {
        phone: class("phoneword"),
        messenger: class("messenger"),
        label: class("idlabel"),
    }
}
