//! The rules that read the subject: the important tag and the order id.

use super::text::{Clean, folded};

/// The word of the tag in each language, folded.
const WORDS: [&str; 17] = [
    "important",
    "wichtig",
    "importante",
    "belangrijk",
    "viktigt",
    "wazne",
    "onemli",
    "مهم",
    "重要",
    "import",
    "viktig",
    "vigtigt",
    "tarkea",
    "dulezite",
    "fontos",
    "중요",
    "важно",
];

/// Characters that may stand between the brackets.
const LONGEST: usize = 40;

/// Has the subject the tag that overrides an opt-out? The brackets belong to it.
pub(super) fn important_tag(subject: &str) -> bool {
    let clean = Clean::new(subject);
    let mut rest = clean.text.as_str();
    while let Some(open) = rest.find(['[', '【', '［', '〔']) {
        rest = &rest[open..];
        let inner = rest.trim_start_matches(['[', '【', '［', '〔']);
        let near = inner.char_indices().take(LONGEST);
        if let Some((close, _)) = near.into_iter().find(|(_, c)| matches!(c, ']' | '】' | '］' | '〕')) {
            let word = folded(inner[..close].trim());
            if WORDS.contains(&word.trim_matches(['!', ' ', ':'])) {
                return true;
            }
        }
        rest = inner;
    }
    false
}

/// Is there an order id in the text?
pub(super) fn has_order_id(text: &str) -> bool {
    super::other_order::order_ids(text).next().is_some()
}
