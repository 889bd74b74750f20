//! Is the draft in the buyer's language?

use super::super::language::Language;
use super::draft::Draft;
use super::phrases::Phrases;
use super::text::{Clean, is_cjk};

/// Fewer letters tell nothing.
const LETTERS: usize = 40;
/// The same for scripts that say more with a letter.
const LETTERS_EAST: usize = 15;

/// Which language is this in? `None` where it cannot be told.
fn detect(text: &str) -> Option<Language> {
    let info = whatlang::detect(text)?;
    let tag = match info.lang() {
        whatlang::Lang::Eng => "en",
        whatlang::Lang::Deu => "de",
        whatlang::Lang::Fra => "fr",
        whatlang::Lang::Ita => "it",
        whatlang::Lang::Spa => "es",
        whatlang::Lang::Por => "pt",
        whatlang::Lang::Nld => "nl",
        whatlang::Lang::Swe => "sv",
        whatlang::Lang::Pol => "pl",
        whatlang::Lang::Tur => "tr",
        whatlang::Lang::Ara => "ar",
        whatlang::Lang::Jpn => "ja",
        whatlang::Lang::Cmn => "zh",
        whatlang::Lang::Kor => "ko",
        whatlang::Lang::Rus => "ru",
        whatlang::Lang::Dan => "da",
        whatlang::Lang::Nob => "nb",
        whatlang::Lang::Fin => "fi",
        whatlang::Lang::Ces => "cs",
        whatlang::Lang::Slk => "sk",
        whatlang::Lang::Hun => "hu",
        whatlang::Lang::Ron => "ro",
        whatlang::Lang::Ell => "el",
        whatlang::Lang::Ukr => "uk",
        whatlang::Lang::Hin => "hi",
        whatlang::Lang::Heb => "he",
        _ => return None,
    };
    Language::parse(tag)
}

/// The language found, if it is surely another than the buyer's.
pub(super) fn wrong(draft: &Draft, clean: &Clean, phrases: &Phrases<'_>, addresses: &[(usize, usize)]) -> Option<Language> {
    let wanted = draft.buyer_language?;
    // The commonest words tell at once in the usual case that all is well.
    if let Some((own, most)) = phrases.stops(wanted.as_str()) {
        if own >= 4 && own * 3 >= most {
            return None;
        }
    }
    let prose = prose(&clean.text, addresses);
    let east = prose.chars().filter(|&c| is_cjk(c) || matches!(c, '\u{ac00}'..='\u{d7a3}')).count();
    let letters = prose.chars().filter(|c| c.is_alphabetic()).count();
    let needed = if east * 2 > letters { LETTERS_EAST } else { LETTERS };
    if letters < needed {
        return None;
    }
    let found = tell(&prose, phrases)?;
    // Both ways of telling must disagree with the buyer's language.
    if found == wanted || detect(&prose) == Some(wanted) {
        return None;
    }
    // At least a third in the buyer's language: a draft in two languages.
    let share: usize = pieces(&prose).filter(|piece| tell_piece(piece) == Some(wanted)).map(|piece| piece.chars().filter(|c| c.is_alphabetic()).count()).sum();
    (share * 3 < letters).then_some(found)
}

/// The commonest words first, since they are surer than letters in short texts; then the detector.
fn tell(prose: &str, phrases: &Phrases<'_>) -> Option<Language> {
    phrases.most_stops().and_then(Language::parse).or_else(|| detect(prose))
}

fn tell_piece(piece: &str) -> Option<Language> {
    let clean = Clean::new(piece);
    let words = super::text::Words::new(&clean);
    let phrases = Phrases::new(&words, super::phrases::hits(&words), &super::phrases::Marks::default());
    tell(piece, &phrases)
}

fn pieces(prose: &str) -> impl Iterator<Item = &str> {
    prose.split_inclusive(['.', '!', '?', '\n', '。', '！', '？', '؟']).filter(|piece| piece.chars().filter(|c| c.is_alphabetic()).count() >= 4)
}

/// The text without addresses and without words that are no prose: product numbers, names in capitals with digits.
fn prose(text: &str, addresses: &[(usize, usize)]) -> String {
    let mut out = String::with_capacity(text.len().min(4000));
    let mut at = 0;
    let ends = [(text.len(), text.len())];
    for &(start, end) in addresses.iter().chain(&ends) {
        if start < at {
            continue;
        }
        for word in text[at..start].split_inclusive(char::is_whitespace) {
            if !word.bytes().any(|byte| byte.is_ascii_digit()) || !word.is_ascii() {
                out.push_str(word);
            } else {
                out.push(' ');
            }
            if out.len() > 20_000 {
                return out;
            }
        }
        at = end;
    }
    out
}
