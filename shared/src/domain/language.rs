//! Languages of texts: BCP 47 primary tags, and which one a text is written in.
//!
//! Buyers write one line, so [`detect`] goes by everyday words (`language_words.tsv`) and letters, by the script where that
//! says it, and asks `whichlang` only where words say nothing. Measured in release on one core, right answers of
//!
//! - own: `tests/language/short.tsv`, 197 texts of one to twelve words in 26 languages, made by the hands that made the words
//!   (Vietnamese came later),
//! - others': the 151 different texts of the mails in `tests/fixtures/mail`, in 15 languages, made by others.
//!
//! | detector | own | others' | a text | start-up | binary |
//! |---|---|---|---|---|---|
//! | this one | 195 | 151 | 2 to 3 µs | +0.8 ms | +0.5 MB |
//! | whatlang 0.16, the same languages allowed | 164 | 150 | 33 to 48 µs | +0.1 ms | +0.3 MB |
//! | whichlang 0.1, 16 languages, no Polish | 141 | 142 | 2 to 6 µs | none | +0.3 MB |
//! | lingua 1.7, 21 languages | 184 | 150 | 0.4 to 1.2 ms | +21 ms | +109 MB |
//! | lingua 1.7, low accuracy | 181 | 148 | 0.3 to 1.0 ms | +15 ms | +109 MB |
//!
//! Bokmål and Danish, Russian and Ukrainian cannot be told apart over some texts of a few words.

mod script;

use std::collections::HashMap;
use std::fmt;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::LazyLock;

use script::{Script, by_script};

/// Bytes of a text that are looked at: a language shows early.
const READ: usize = 400;
/// Evidence below which a text says too little.
const LEAST: u32 = 60;
/// Evidence by which a language must lead another one that has some, to be surely not that one.
const MARGIN: u32 = 30;

/// A BCP 47 primary language tag in lower case: `de`, `ja`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Language([u8; 2]);

impl Language {
    /// Reads a two-letter tag; a region (`pt-BR`) is dropped.
    pub fn parse(tag: &str) -> Option<Self> {
        let primary = tag.split(['-', '_']).next()?;
        match primary.as_bytes() {
            [a, b] if a.is_ascii_alphabetic() && b.is_ascii_alphabetic() => {
                Some(Self([a.to_ascii_lowercase(), b.to_ascii_lowercase()]))
            }
            _ => None,
        }
    }

    /// The tag.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("und")
    }
}

impl fmt::Debug for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The languages in Latin script that the words tell apart, and for each word the set of them as bits.
struct Words {
    tags: Vec<&'static str>,
    /// By the hash of the word: of 64 bits, so that no two of some thousand words share one.
    sets: HashMap<u64, u32, BuildHasherDefault<Hashed>>,
    letters: Vec<(char, u32)>,
}

/// FNV-1a: words are short, and nobody gains by choosing texts that collide in a table of this size.
fn hash(word: &str) -> u64 {
    let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    word.bytes().fold(0xcbf2_9ce4_8422_2325, step)
}

/// The hasher of a table whose keys are hashes already.
#[derive(Default)]
struct Hashed(u64);

impl Hasher for Hashed {
    fn write(&mut self, bytes: &[u8]) {
        self.0 = bytes.iter().fold(self.0, |all, byte| all << 8 | u64::from(*byte));
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

static WORDS: LazyLock<Words> = LazyLock::new(|| {
    let mut words = Words {
        tags: Vec::new(),
        sets: HashMap::with_capacity_and_hasher(8192, BuildHasherDefault::default()),
        letters: Vec::new(),
    };
    let rows = include_str!("language_words.tsv")
        .lines()
        .filter(|line| !line.starts_with('#'));
    for (n, (tag, list)) in rows.filter_map(|line| line.split_once('\t')).enumerate() {
        words.tags.push(tag);
        for word in list.split(' ').filter(|word| !word.is_empty()) {
            *words.sets.entry(hash(word)).or_default() |= 1 << n;
            // People leave accents out.
            if let Some(bare) = without_accents(word) {
                *words.sets.entry(hash(&bare)).or_default() |= 1 << n;
            }
        }
    }
    for (letters, tags) in LETTERS {
        let set = words
            .tags
            .iter()
            .enumerate()
            .filter(|(_, tag)| tags.contains(tag))
            .fold(0, |set, (n, _)| set | 1 << n);
        words.letters.extend(letters.chars().map(|letter| (letter, set)));
    }
    words
});

/// Letters that few languages use: the letters, the languages.
const LETTERS: [(&str, &[&str]); 28] = [
    ("ß", &["de"]),
    ("ñ¿¡", &["es"]),
    ("ã", &["pt"]),
    ("õ", &["pt", "et"]),
    ("ľĺŕ", &["sk"]),
    ("ėįų", &["lt"]),
    ("ūšž", &["lt", "cs", "sk"]),
    ("łśźżńć", &["pl"]),
    ("ąę", &["pl", "lt"]),
    ("řůěťď", &["cs"]),
    ("čý", &["cs", "sk"]),
    ("ô", &["sk", "fr", "pt"]),
    ("ğış", &["tr"]),
    ("őű", &["hu"]),
    ("ățș", &["ro"]),
    ("æø", &["da", "nb"]),
    ("å", &["sv", "da", "nb"]),
    ("ä", &["de", "sv", "fi", "et", "sk"]),
    ("ö", &["de", "sv", "fi", "tr", "hu", "et"]),
    ("ü", &["de", "tr", "hu", "et"]),
    ("ç", &["fr", "pt", "tr", "ca"]),
    ("œûùëïÿ", &["fr"]),
    ("èà", &["fr", "it", "ca"]),
    ("ì", &["it"]),
    ("êâ", &["fr", "pt"]),
    ("î", &["fr", "ro"]),
    ("é", &["fr", "es", "pt", "hu", "cs", "sk", "ca"]),
    ("áíóú", &["es", "pt", "hu", "cs", "sk"]),
];

/// The language a text is written in; `None` where it is too short to tell or is no text.
pub fn detect(text: &str) -> Option<Language> {
    let mut end = text.len().min(READ);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let text = without_addresses(&text[..end]);
    let tag = match by_script(&text) {
        Script::None => None,
        Script::Latin => by_words(&text),
        Script::Of(tag) => Some(tag),
    };
    Language::parse(tag?)
}

/// The language of a text, if it is surely another one than `than`.
///
/// Neighbours share words, and a short sentence may hold more of theirs than of its own: where some words are `than`'s, the
/// other language must lead by a margin.
pub fn detect_other(text: &str, than: Language) -> Option<Language> {
    let found = detect(text).filter(|found| *found != than)?;
    let place = |language: Language| WORDS.tags.iter().position(|tag| *tag == language.as_str());
    let (Some(its), Some(wanted)) = (place(found), place(than)) else {
        return Some(found);
    };
    let kept = without_addresses(&text[..text.floor_char_boundary(READ)]);
    match evidence(&kept) {
        Some(Evidence::Scores(scores)) if scores[wanted] > LEAST && scores[its] < scores[wanted] + MARGIN => None,
        _ => Some(found),
    }
}

/// Leaves out links, addresses and what holds digits: order ids and product numbers are in no language.
fn without_addresses(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    for word in text.split_ascii_whitespace() {
        let (mut digits, mut marks, mut foreign) = (false, false, false);
        for b in word.bytes() {
            digits |= b.is_ascii_digit();
            marks |= matches!(b, b'@' | b'/');
            foreign |= !b.is_ascii();
        }
        let address = marks && (word.contains("://") || word.contains('@')) || word.starts_with("www.");
        if address && foreign {
            // Scripts without spaces: the sentence goes on around the address.
            kept.extend(word.chars().filter(|c| !c.is_ascii()));
            kept.push(' ');
        } else if !address && (foreign || !digits) {
            kept.push_str(word);
            kept.push(' ');
        }
    }
    kept
}

fn by_words(text: &str) -> Option<&'static str> {
    match evidence(text)? {
        Evidence::Scores(scores) => {
            let best = scores.iter().max().copied().filter(|best| *best > LEAST / 2)?;
            scores.iter().position(|score| *score == best).map(|n| WORDS.tags[n])
        }
        Evidence::Letters(tag) => Some(tag),
    }
}

/// What speaks for each language in Latin script.
enum Evidence {
    /// Points by its words and letters, in the order of the list of words.
    Scores(Vec<u32>),
    /// No word says anything: the language by the letters in a row.
    Letters(&'static str),
}

fn evidence(text: &str) -> Option<Evidence> {
    let words = &*WORDS;
    let lower = text.to_lowercase();
    let mut scores = vec![0_u32; words.tags.len()];
    let mut count = 0_usize;
    let mut letters = 0_usize;
    let mut single = 0_usize;
    for word in lower.split(|c: char| !c.is_alphabetic() && !matches!(c, '\'' | '’')) {
        let word = word.trim_matches(['\'', '’']);
        if word.is_empty() {
            continue;
        }
        count += 1;
        letters += word.chars().count();
        single += usize::from(word.len() == 1);
        if let Some(set) = lookup(words, word) {
            add(&mut scores, set, word);
        } else if let Some((before, after)) = word.split_once(['\'', '’']) {
            for part in [before, after] {
                if let Some(set) = lookup(words, part) {
                    add(&mut scores, set, part);
                }
            }
        }
    }
    for c in lower.chars().filter(|c| !c.is_ascii()) {
        if let Some((_, set)) = words.letters.iter().find(|(letter, _)| *letter == c) {
            let weight = 60 / set.count_ones();
            for (n, score) in scores.iter_mut().enumerate() {
                *score += if set & (1 << n) != 0 { weight } else { 0 };
            }
        }
    }
    // What the letters in a row say breaks ties, and decides alone over longer texts without a known word.
    let best = scores.iter().max().copied().unwrap_or_default();
    let spaced_out = count > 5 && single * 2 > count;
    if spaced_out || best < LEAST && (count < 4 || letters < 18) {
        return None;
    }
    let second = scores
        .iter()
        .filter(|score| **score < best)
        .max()
        .copied()
        .unwrap_or_default();
    let tied = scores.iter().filter(|score| **score == best).count() > 1;
    if best < LEAST || tied || best - second < LEAST {
        let guess = statistical(text);
        if let Some(n) = words.tags.iter().position(|tag| Some(*tag) == guess) {
            scores[n] += LEAST / 2 + 1;
        } else if best < LEAST {
            return guess.map(Evidence::Letters);
        }
    }
    Some(Evidence::Scores(scores))
}

fn lookup(words: &Words, word: &str) -> Option<u32> {
    words.sets.get(&hash(word)).copied()
}

/// A word counts for each of its languages, more the fewer these are and the longer it is.
fn add(scores: &mut [u32], set: u32, word: &str) {
    let length = u32::try_from(word.chars().count().min(8)).unwrap_or(1);
    let weight = (60 + 10 * length) / set.count_ones();
    for (n, score) in scores.iter_mut().enumerate() {
        if set & (1 << n) != 0 {
            *score += weight;
        }
    }
}

fn statistical(text: &str) -> Option<&'static str> {
    use whichlang::Lang;
    Some(match whichlang::detect_language(text) {
        Lang::Deu => "de",
        Lang::Eng => "en",
        Lang::Fra => "fr",
        Lang::Ita => "it",
        Lang::Nld => "nl",
        Lang::Por => "pt",
        Lang::Spa => "es",
        Lang::Swe => "sv",
        Lang::Tur => "tr",
        Lang::Vie => "vi",
        _ => return None,
    })
}

/// The word in plain letters; `None` if it is that already.
fn without_accents(word: &str) -> Option<String> {
    use unicode_normalization::UnicodeNormalization;
    if word.is_ascii() {
        return None;
    }
    let plain = |c: char| match c {
        'ł' => 'l',
        'ı' => 'i',
        'ø' => 'o',
        c => c,
    };
    let bare = |c: &char| !unicode_normalization::char::is_combining_mark(*c);
    let stripped: String = word.nfd().filter(bare).map(plain).collect();
    (stripped.chars().count() > 2).then_some(stripped)
}

#[cfg(test)]
mod tests;
