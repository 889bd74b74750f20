//! Patterns over classes of words, as the build script reads them from the phrase files.

use super::super::rule::{Rule, Shade};

/// A set of word classes.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Classes(pub(super) [u64; 16]);

impl Classes {
    pub(super) fn insert(&mut self, class: u16) {
        self.0[usize::from(class >> 6)] |= 1 << (class & 63);
    }

    #[inline]
    pub(super) fn contains(&self, class: u16) -> bool {
        self.0[usize::from(class >> 6)] >> (class & 63) & 1 == 1
    }

    #[inline]
    pub(super) fn meets(&self, other: &Self) -> bool {
        // Without a branch for each word: all at once are a few instructions.
        self.0.iter().zip(other.0).fold(0, |both, (a, b)| both | (a & b)) != 0
    }
}

/// A set of patterns of one file, by their place in it.
#[derive(Clone, Copy, Default)]
pub(super) struct Set(pub(super) [u128; 3]);

impl Set {
    pub(super) fn is_empty(self) -> bool {
        self.0 == [0; 3]
    }

    pub(super) fn add(&mut self, other: Self) {
        for (own, more) in self.0.iter_mut().zip(other.0) {
            *own |= more;
        }
    }

    /// The first pattern at or behind a place.
    pub(super) fn next(self, from: usize) -> Option<usize> {
        (from / 128..3).find_map(|part| {
            let behind = if part == from / 128 {
                u128::MAX << (from % 128)
            } else {
                u128::MAX
            };
            let left = self.0[part] & behind;
            (left != 0).then(|| part * 128 + left.trailing_zeros() as usize)
        })
    }
}

/// One word of a chain, and how it follows the one before.
pub(super) struct Link {
    pub(super) classes: Classes,
    /// At most so many words between.
    pub(super) gap: u32,
    /// No preposition, conjunction or end of clause between.
    pub(super) tight: bool,
}

/// Words that follow each other.
pub(super) struct Chain {
    /// It may stand in the sentence before or after.
    pub(super) near: bool,
    pub(super) links: &'static [Link],
}

/// What must not be there.
pub(super) struct Guard {
    pub(super) classes: Classes,
    /// In the whole sentence, not only in the clauses of the match.
    pub(super) sentence: bool,
}

pub(super) enum Gives {
    /// The match counts as a word of this class.
    Class(u16),
    /// Words of its own classes in the match count no more.
    Innocent,
    /// No word of the match counts any more.
    Harmless,
    Act(Rule, Shade),
}

pub(super) struct Pattern {
    pub(super) gives: Gives,
    pub(super) chains: &'static [Chain],
    pub(super) guards: &'static [Guard],
    /// Not where we ourselves do it.
    pub(super) not_we: bool,
}

impl Pattern {
    /// Does it change the words of a sentence, rather than find an act in them?
    #[inline]
    pub(super) fn composes(&self) -> bool {
        !matches!(self.gives, Gives::Act(..))
    }

    /// Is there a word that the first chain may begin with?
    #[inline]
    pub(super) fn begins(&self, here: &Classes) -> bool {
        self.chains[0].links[0].classes.meets(here)
    }

    /// Are there words for every chain of the sentence itself?
    #[inline]
    pub(super) fn possible(&self, here: &Classes) -> bool {
        self.chains
            .iter()
            .all(|chain| chain.near || chain.links.iter().all(|link| link.classes.meets(here)))
    }
}
