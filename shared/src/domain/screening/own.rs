//! A store's own phrases.

use super::settings::OwnPhrase;
use super::text::Words;

/// Token ranges at which the phrase stands.
pub(super) fn matches(phrase: &OwnPhrase, words: &Words) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < words.tokens.len() {
        match end_of(phrase, words, at) {
            Some(end) => {
                found.push((at, end));
                at = end;
            }
            None => at += 1,
        }
    }
    found
}

fn end_of(phrase: &OwnPhrase, words: &Words, start: usize) -> Option<usize> {
    let mut at = start;
    for (index, (word, open, gap)) in phrase.words.iter().enumerate() {
        let reach = if index == 0 { 0 } else { *gap };
        at = (at..=at + reach).find_map(|token| after(word, *open, words, token))?;
    }
    Some(at)
}

/// The token after the word if it stands at `token`; a word of a script without spaces is several tokens.
fn after(word: &str, open: bool, words: &Words, token: usize) -> Option<usize> {
    let from = words.tokens.get(token)?.folded.0;
    if !words.folded[from..].starts_with(word) {
        return None;
    }
    let end = from + word.len();
    let last = words.owner[end - 1] as usize;
    (open || words.tokens[last].folded.1 == end).then_some(last + 1)
}
