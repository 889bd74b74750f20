//! The word lists of all languages and the patterns over them: constants that the build script makes from `data/`.

use super::super::super::language::Language;

/// What the build script made of the phrase files.
#[expect(clippy::unreadable_literal, reason = "written by the build script")]
pub(in crate::domain::screening) mod compiled {
    use super::super::super::rule::{Rule, Shade};
    use super::super::pattern::{Chain, Classes, Gives, Guard, Link, Pattern, Set};
    use super::super::trie::Trie;

    include!(concat!(env!("OUT_DIR"), "/phrases.rs"));
}

pub(super) const LANGUAGES: usize = compiled::TAGS.len();
pub(super) const COMMON: u8 = 0;
const JAPANESE: u8 = 12;
const CHINESE: u8 = 13;

/// The languages a draft is known to be in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::domain::screening) struct Known([bool; LANGUAGES]);

/// Those of these languages that have lists; `None` where none is known.
pub(in crate::domain::screening) fn known(languages: &[Language]) -> Option<Known> {
    if languages.is_empty() {
        return None;
    }
    let mut known = [false; LANGUAGES];
    for (place, tag) in compiled::TAGS.iter().enumerate() {
        known[place] = place == usize::from(COMMON) || languages.iter().any(|language| language.as_str() == *tag);
    }
    Some(Known(known))
}

impl Known {
    pub(super) fn holds(self, language: usize) -> bool {
        self.0[language]
    }

    /// The language that shares its characters with the one known, where that is Japanese or Chinese; else `COMMON`.
    pub(super) fn twin(self) -> u8 {
        match (self.speaks(JAPANESE), self.speaks(CHINESE)) {
            (true, false) => CHINESE,
            (false, true) => JAPANESE,
            _ => COMMON,
        }
    }

    /// Does one of the languages use the script of this one?
    pub(super) fn writes_like(self, language: usize) -> bool {
        let script = script(compiled::TAGS[language]);
        let mut others = (1..LANGUAGES).filter(|&other| self.0[other]);
        self.0[1..].iter().all(|known| !known) || others.any(|other| self::script(compiled::TAGS[other]) == script)
    }

    /// May words of this language count?
    pub(in crate::domain::screening) fn speaks(self, language: u8) -> bool {
        self.0[usize::from(language)]
    }
}

/// Languages with the same number share letters.
fn script(tag: &str) -> u8 {
    match tag {
        "ar" => 1,
        "ja" | "zh" => 2,
        "ko" => 3,
        "ru" | "uk" => 4,
        _ => 0,
    }
}

/// A word or phrase of a list.
#[derive(Clone, Copy)]
pub(super) struct Entry {
    pub(super) language: u8,
    pub(super) class: u16,
    /// May the word go on after the entry?
    pub(super) open_end: bool,
}

impl Entry {
    /// Reads the number the build script packs an entry into.
    #[inline]
    pub(super) fn unpack(packed: u32) -> Self {
        let [low, high, language, _] = packed.to_le_bytes();
        Self {
            language,
            class: u16::from_le_bytes([low, high]) >> 1,
            open_end: packed & 1 == 1,
        }
    }
}

/// Languages that put the doer behind the verb where something else stands first.
pub(super) fn inverts(language: u8) -> bool {
    matches!(compiled::TAGS[usize::from(language)], "de" | "nl" | "sv")
}

/// Languages in which the same word is "we" and, before a verb, "to us".
pub(super) fn puts_us_before_verbs(language: u8) -> bool {
    compiled::TAGS[usize::from(language)] == "fr"
}

/// Japanese is written with kana; without any the sentence is another language's.
pub(super) fn settle_east(may: &mut [bool; LANGUAGES], kana: bool) {
    may[usize::from(JAPANESE)] &= kana;
    may[usize::from(CHINESE)] &= !kana;
}
