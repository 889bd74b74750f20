//! The data files beside this code: markers, phrases, senders. Everything in them can be changed without touching Rust.
//!
//! A file is UTF-8 text with one entry a line, cells separated by tabs. Lines that begin with `#` are comments. Phrases are
//! compared after [`fold`], so case, accents and the kind of apostrophe or space do not matter.

use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// The entries of a data file: the cells of each line that is neither blank nor a comment.
pub(super) fn rows(file: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    file.lines()
        .filter(|line| !line.trim().is_empty() && !line.starts_with('#'))
        .map(|line| line.split('\t').map(str::trim).collect())
}

/// The second cells, folded, of the rows whose first cell is `key`.
pub(super) fn phrases(file: &'static str, key: &str) -> Vec<String> {
    rows(file)
        .filter(|cells| cells[0] == key)
        .filter_map(|cells| cells.get(1).map(|phrase| fold(phrase)))
        .collect()
}

/// Phrases that texts are compared with at their beginning; sorted, so that only those of the same first letter are.
pub(super) struct Beginnings(Vec<String>);

impl Beginnings {
    /// The second cells, folded, of the rows whose first cell is `key`.
    pub(super) fn of(file: &'static str, key: &str) -> Self {
        let mut phrases = phrases(file, key);
        phrases.sort_unstable();
        phrases.dedup();
        Self(phrases)
    }

    /// What follows each phrase that a folded text begins with.
    pub(super) fn behind<'a>(&'a self, text: &'a str) -> impl Iterator<Item = &'a str> {
        let first = text.as_bytes().first().copied().unwrap_or_default();
        let letter = |phrase: &String| phrase.as_bytes().first().copied().unwrap_or_default();
        let from = self.0.partition_point(|phrase| letter(phrase) < first);
        let alike = self.0[from..].iter().take_while(move |phrase| letter(phrase) == first);
        alike.filter_map(|phrase| text.strip_prefix(phrase.as_str()))
    }

    /// True if a folded text begins with one of them.
    pub(super) fn open(&self, text: &str) -> bool {
        self.behind(text).next().is_some()
    }
}

/// Makes texts comparable: lower case, no accents, plain apostrophes, runs of white space as one space, trimmed.
pub(super) fn fold(text: &str) -> String {
    if text.is_ascii() {
        return fold_ascii(text);
    }
    let mut folded = String::with_capacity(text.len());
    let mut space = false;
    let mut push = |c: char| {
        if c.is_whitespace() {
            space = true;
            return;
        }
        if space && !folded.is_empty() {
            folded.push(' ');
        }
        space = false;
        folded.push(c);
    };
    for c in text.chars() {
        match c {
            c if c.is_ascii() => push(c.to_ascii_lowercase()),
            '\u{2018}' | '\u{2019}' | '\u{02bc}' | '\u{00b4}' => push('\''),
            'ß' => {
                push('s');
                push('s');
            }
            c if is_invisible(c) => {}
            '\u{c0}'..='\u{17f}' => push(LATIN[c as usize - 0xc0]),
            // Chinese characters have neither case nor accents.
            '\u{4e00}'..='\u{9fff}' => push(c),
            c => {
                let plain = std::iter::once(c).nfkd().filter(|&c| !is_combining_mark(c));
                plain.flat_map(char::to_lowercase).for_each(&mut push);
            }
        }
    }
    folded
}

/// The same for plain text: most is.
fn fold_ascii(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for word in text.split_ascii_whitespace() {
        if !folded.is_empty() {
            folded.push(' ');
        }
        folded.push_str(word);
    }
    folded.make_ascii_lowercase();
    folded
}

/// Latin letters with accents from U+00C0, each in its plain lower case.
static LATIN: LazyLock<Vec<char>> = LazyLock::new(|| {
    let plain = |c: char| match c {
        'ı' | 'İ' => 'i',
        'ł' | 'Ł' => 'l',
        'ø' | 'Ø' => 'o',
        'đ' | 'Đ' => 'd',
        c => std::iter::once(c)
            .nfkd()
            .next()
            .and_then(|c| c.to_lowercase().next())
            .unwrap_or(c),
    };
    ('\u{c0}'..='\u{17f}').map(plain).collect()
});

/// Characters that take no room: zero-width spaces and joiners, marks of direction, soft hyphens.
pub(super) fn is_invisible(c: char) -> bool {
    matches!(c, '\u{00ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folding_forgets_case_accents_and_the_kind_of_apostrophe() {
        assert_eq!(fold("  L’État  C\u{a0}est "), "l'etat c est");
        assert_eq!(fold("  On\tTue,\r\n wrote: "), "on tue, wrote:");
        assert_eq!(fold("ŁÓDŹ Straße İstanbul"), "lodz strasse istanbul");
    }

    #[test]
    fn comments_and_blank_lines_are_no_entries() {
        let all: Vec<_> = rows("# a comment\n\nstart\tMessage\n").collect();
        assert_eq!(all, [["start", "Message"]]);
    }
}
