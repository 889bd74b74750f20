//! Is a part of the draft in the buyer's language?
//!
//! The detector is the one that reads buyers' mail, `domain::language`, where it is measured on short texts against others:
//! drafts are as short, it alone knows all the languages, and a second one would cost 0.3 MB and more for nothing.

use super::super::language::{Language, detect, detect_other};
use super::draft::Draft;
use super::text::{Clean, is_cjk};

/// Bytes that are looked at: many times a long answer, and no more than that of what is no answer at all.
const READ: usize = 16_384;
/// Fewer letters tell nothing.
const LETTERS: usize = 40;
/// The same for scripts that say more with a letter.
const LETTERS_EAST: usize = 15;

/// The draft's language, if it is surely another than the buyer's.
pub(super) fn wrong(draft: &Draft, clean: &Clean, addresses: &[(usize, usize)]) -> Option<Language> {
    let wanted = draft.buyer_language?;
    let prose = prose(&clean.text[..clean.text.floor_char_boundary(READ)], addresses);
    let found = detect_other(&prose, wanted)?;
    if sisters(found, wanted) {
        return None;
    }
    let (letters, east) = count(&prose);
    let needed = if east * 2 > letters { LETTERS_EAST } else { LETTERS };
    if letters < needed {
        return None;
    }
    // At least a third in the buyer's language: a draft in two languages, or one that quotes the buyer.
    let share: usize = pieces(&prose)
        .filter(|piece| detect(piece) == Some(wanted))
        .map(|piece| count(piece).0)
        .sum();
    (share * 3 < letters).then_some(found)
}

/// Languages that cannot be told apart over a few words, as [`detect`] documents.
fn sisters(a: Language, b: Language) -> bool {
    let both = |x: &str, y: &str| (a.as_str() == x && b.as_str() == y) || (a.as_str() == y && b.as_str() == x);
    both("da", "nb") || both("nb", "no") || both("da", "no") || both("nn", "nb") || both("ru", "uk")
}

/// Letters, and those of them that are Chinese, Japanese or Korean.
fn count(text: &str) -> (usize, usize) {
    text.chars()
        .filter(|c| c.is_alphabetic())
        .fold((0, 0), |(all, east), c| {
            (
                all + 1,
                east + usize::from(is_cjk(c) || matches!(c, '\u{ac00}'..='\u{d7a3}')),
            )
        })
}

/// Sentences and lines.
fn pieces(prose: &str) -> impl Iterator<Item = &str> {
    prose.split_inclusive(['.', '!', '?', '\n', '。', '！', '？', '؟'])
}

/// The text without addresses, quotations and abbreviations.
fn prose(text: &str, addresses: &[(usize, usize)]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    let within = addresses.iter().filter(|&&(start, _)| start < text.len());
    for &(start, end) in within.chain(&[(text.len(), text.len())]) {
        if start >= at {
            out.push_str(&text[at..start]);
            out.push(' ');
        }
        at = at.max(end.min(text.len()));
    }
    // Abbreviations are in no language: `d.w.z.` would pass for three Polish words.
    out.split_inclusive(char::is_whitespace)
        .filter(|word| !abbreviation(word.trim()))
        .collect()
}

/// Single letters with dots behind them: `z.B.`, `d.w.z.`
fn abbreviation(word: &str) -> bool {
    let word = word.trim_matches(['(', ')', ',', ';', ':', '.']);
    word.contains('.')
        && word
            .split('.')
            .all(|part| part.chars().count() <= 2 && part.chars().all(char::is_alphabetic))
}
