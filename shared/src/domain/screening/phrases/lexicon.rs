//! The word lists of all languages and the patterns over them, read from the files in `data/`.

use std::sync::LazyLock;

use super::super::text::{is_cjk, push_folded};
use super::pattern::{MOST_CLASSES, Names, Pattern, parse};
use super::trie::Trie;

/// The languages with phrase files; `common` (index 0) holds what is the same in all of them.
const FILES: [(&str, &str); 15] = [
    ("common", include_str!("data/common.txt")),
    ("en", include_str!("data/en.txt")),
    ("de", include_str!("data/de.txt")),
    ("fr", include_str!("data/fr.txt")),
    ("it", include_str!("data/it.txt")),
    ("es", include_str!("data/es.txt")),
    ("pt", include_str!("data/pt.txt")),
    ("nl", include_str!("data/nl.txt")),
    ("sv", include_str!("data/sv.txt")),
    ("pl", include_str!("data/pl.txt")),
    ("tr", include_str!("data/tr.txt")),
    ("ar", include_str!("data/ar.txt")),
    ("ja", include_str!("data/ja.txt")),
    ("zh", include_str!("data/zh.txt")),
    ("ko", include_str!("data/ko.txt")),
];

pub(super) const LANGUAGES: usize = FILES.len();
pub(super) const COMMON: u8 = 0;
const ARABIC: u8 = 11;
const JAPANESE: u8 = 12;
const CHINESE: u8 = 13;

/// A word or phrase of a list.
#[derive(Clone, Copy)]
pub(super) struct Entry {
    pub(super) language: u8,
    pub(super) class: u16,
    /// May the word go on after the entry?
    pub(super) open_end: bool,
}

/// The classes the matcher itself knows.
pub(super) struct Known {
    pub(super) stop: u16,
    pub(super) neg: u16,
    /// Classes whose phrases leave a negation inside them standing.
    pub(super) keep_neg: Vec<u16>,
    pub(super) innocent: u16,
    pub(super) breaks: u16,
    pub(super) contrast: u16,
    pub(super) we: u16,
    pub(super) you: u16,
    pub(super) link: u16,
    pub(super) phone: u16,
    pub(super) email: u16,
}

pub(super) struct Lexicon {
    /// Entries that start where a word starts.
    words: Trie,
    entries: Vec<Entry>,
    /// Entries that may start inside a word.
    inner: Trie,
    inner_entries: Vec<Entry>,
    /// The patterns of all languages, then those of each language alone.
    pub(super) patterns: Vec<Vec<Pattern>>,
    pub(super) known: Known,
    pub(super) names: Names,
    /// What was wrong in the files; empty, as a test holds.
    #[cfg_attr(not(test), expect(dead_code, reason = "only the test looks at it"))]
    pub(super) faults: Vec<String>,
}

/// Built at the first draft that is screened: 12 languages at once, since a draft may mix them.
pub(super) static LEXICON: LazyLock<Lexicon> = LazyLock::new(Lexicon::read);

struct Row {
    key: String,
    entry: Entry,
}

impl Lexicon {
    fn read() -> Self {
        let mut names = Names::default();
        let mut faults = Vec::new();
        let (mut rows, mut inner) = (Vec::with_capacity(12_000), Vec::with_capacity(1_000));
        let mut patterns: Vec<Vec<Pattern>> = Vec::new();
        for (language, (name, text)) in FILES.iter().enumerate() {
            let language = u8::try_from(language).unwrap_or(0);
            let mut own = Vec::new();
            let mut class = None;
            for line in text
                .lines()
                .map(str::trim)
                .filter(|line| !line.is_empty() && !line.starts_with('#'))
            {
                if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
                    class = Some(names.class(name));
                } else if let Some(line) = line.strip_prefix('>') {
                    let mut literals = 0;
                    let mut literal = |words: &str, names: &mut Names| {
                        literals += 1;
                        let class = names.class(&format!("{name}:{words}"));
                        add(words, language, class, &mut rows, &mut inner);
                        class
                    };
                    match parse(line, &mut names, &mut literal) {
                        Ok(pattern) => own.push(pattern),
                        Err(fault) => faults.push(format!("{name}: {fault}")),
                    }
                } else if let Some(class) = class {
                    for entry in line.split(['،', ',']).map(str::trim).filter(|entry| !entry.is_empty()) {
                        add(entry, language, class, &mut rows, &mut inner);
                    }
                } else {
                    faults.push(format!("{name}: words before the first [class]: {line}"));
                }
            }
            patterns.push(own);
        }
        let known = Known {
            stop: names.class("stop"),
            neg: names.class("neg"),
            keep_neg: [
                "neg",
                "innocent",
                "stop",
                "break",
                "confirm",
                "purpose",
                "greet",
                "thanks",
                "here",
                "reported",
                "refused",
                "you",
                "we",
                "wantcancel",
                "withhold",
            ]
            .map(|name| names.class(name))
            .to_vec(),
            innocent: names.class("innocent"),
            breaks: names.class("break"),
            contrast: names.class("contrast"),
            we: names.class("we"),
            you: names.class("you"),
            link: names.class("link"),
            phone: names.class("phone"),
            email: names.class("email"),
        };
        if names.len() > MOST_CLASSES {
            faults.push(format!("{} classes: at most {MOST_CLASSES}", names.len()));
        }
        let (words, entries) = build(rows);
        let (inner, inner_entries) = build(inner);
        Self {
            words,
            entries,
            inner,
            inner_entries,
            patterns,
            known,
            names,
            faults,
        }
    }

    /// Every entry the folded text has at `at`; `found(end, entry)`.
    #[inline]
    pub(super) fn at(&self, text: &[u8], at: usize, mut found: impl FnMut(usize, Entry)) {
        self.words.walk(&text[at..], |length, keys| {
            self.entries[keys].iter().for_each(|entry| found(at + length, *entry));
        });
    }

    /// The same for entries that may start inside a word.
    #[inline]
    pub(super) fn inside(&self, text: &[u8], at: usize, mut found: impl FnMut(usize, Entry)) {
        self.inner.walk(&text[at..], |length, keys| {
            self.inner_entries[keys]
                .iter()
                .for_each(|entry| found(at + length, *entry));
        });
    }
}

fn build(mut rows: Vec<Row>) -> (Trie, Vec<Entry>) {
    rows.sort_by(|a, b| a.key.cmp(&b.key));
    let keys: Vec<&str> = rows.iter().map(|row| row.key.as_str()).collect();
    let trie = Trie::new(&keys);
    (trie, rows.into_iter().map(|row| row.entry).collect())
}

fn add(entry: &str, language: u8, class: u16, rows: &mut Vec<Row>, inner: &mut Vec<Row>) {
    let (entry, open_start) = entry.strip_prefix('*').map_or((entry, false), |rest| (rest, true));
    let (entry, open_end) = entry.strip_suffix('*').map_or((entry, false), |rest| (rest, true));
    let key = fold(entry);
    if key.is_empty() {
        return;
    }
    let whole = matches!(language, JAPANESE | CHINESE);
    let made = |key: String| Row {
        entry: Entry {
            language,
            class,
            open_end: open_end || whole,
        },
        key,
    };
    // German without umlauts on the keyboard.
    if language == 2 && entry.contains(['ä', 'ö', 'ü']) {
        let spelled = fold(&entry.replace('ä', "ae").replace('ö', "oe").replace('ü', "ue"));
        rows.push(made(spelled.clone()));
        if open_start {
            inner.push(made(spelled));
        }
    }
    if open_start && language != ARABIC {
        inner.push(made(key.clone()));
    }
    rows.push(made(key));
}

/// An entry as texts are folded: words with one space between, none beside characters of scripts without spaces.
pub(in crate::domain::screening) fn fold(entry: &str) -> String {
    let mut out = String::new();
    let mut gap = false;
    for c in entry.chars() {
        let sign = matches!(c, '$' | '€' | '£' | '¥' | '%' | '₺' | '★' | '⭐' | '円' | '₹');
        if !(c.is_alphanumeric() || sign || matches!(c, '\u{610}'..='\u{65f}')) {
            gap = !out.is_empty();
            continue;
        }
        let last_is_cjk = out.chars().next_back().is_some_and(is_cjk);
        if (gap || sign) && !out.is_empty() && !is_cjk(c) && !last_is_cjk {
            out.push(' ');
        }
        gap = false;
        push_folded(c, &mut out);
        gap |= sign;
    }
    out
}

pub(super) fn tag_of(index: usize) -> &'static str {
    FILES[index].0
}

/// Languages that put the doer behind the verb where something else stands first.
pub(super) fn inverts(language: u8) -> bool {
    matches!(tag_of(usize::from(language)), "de" | "nl" | "sv")
}

/// Japanese is written with kana; without any the sentence is another language's.
pub(super) fn settle_east(may: &mut [bool; LANGUAGES], kana: bool) {
    may[usize::from(JAPANESE)] &= kana;
    may[usize::from(CHINESE)] &= !kana;
}
