//! The words of the request: one file a language, plain text, embedded.
//!
//! Two parts, told apart by lines that start with `==`: the usual text, and the one that quotes a mistyped id at `{id}`.

use crate::domain::language::Language;
use crate::domain::marketplace::Marketplace;

const TEXTS: &[(&str, &str)] = &[
    ("en", include_str!("text/en.txt")),
    ("de", include_str!("text/de.txt")),
    ("fr", include_str!("text/fr.txt")),
    ("it", include_str!("text/it.txt")),
    ("es", include_str!("text/es.txt")),
    ("pt", include_str!("text/pt.txt")),
    ("nl", include_str!("text/nl.txt")),
    ("sv", include_str!("text/sv.txt")),
    ("pl", include_str!("text/pl.txt")),
    ("tr", include_str!("text/tr.txt")),
    ("ar", include_str!("text/ar.txt")),
    ("ja", include_str!("text/ja.txt")),
    ("zh", include_str!("text/zh.txt")),
    ("ko", include_str!("text/ko.txt")),
];

/// The languages a request can be written in.
pub const LANGUAGES: [&str; 14] = [
    "en", "de", "fr", "it", "es", "pt", "nl", "sv", "pl", "tr", "ar", "ja", "zh", "ko",
];

/// The language to ask in: the buyer's own where we have words for it, else the marketplace's, else English.
pub fn language_for(buyers: Option<Language>, marketplace: Marketplace) -> Language {
    let known = |language: &Language| LANGUAGES.contains(&language.as_str());
    let english = Language::parse("en").expect("a tag of two letters");
    buyers
        .filter(known)
        .or_else(|| Some(marketplace.language()).filter(known))
        .unwrap_or(english)
}

/// The text of the request; `near_miss` is the one mistyped id of the buyer's mail, as he wrote it.
pub fn render(language: Language, near_miss: Option<&str>) -> String {
    let file = TEXTS
        .iter()
        .find(|(tag, _)| *tag == language.as_str())
        .or(TEXTS.first())
        .map_or("", |(_, file)| *file);
    let heading = if near_miss.is_some() {
        "== mistyped"
    } else {
        "== missing"
    };
    let part = file.split_once(heading).map_or("", |(_, rest)| rest);
    let body = part.split_once('\n').map_or("", |(_, body)| body);
    let body = body.split("\n==").next().unwrap_or(body).trim();
    let quoted: String = near_miss
        .unwrap_or_default()
        .chars()
        .filter(|c| !c.is_control())
        .take(40)
        .collect();
    body.replace("{id}", quoted.trim())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::order_id::OrderId;

    #[test]
    fn every_language_has_both_texts_and_shows_what_an_order_id_looks_like() {
        for tag in LANGUAGES {
            let language = Language::parse(tag).unwrap();
            let (missing, mistyped) = (render(language, None), render(language, Some("113-4471902-663105")));
            assert!(missing.contains(OrderId::EXAMPLE), "{tag}");
            assert!(
                mistyped.contains("113-4471902-663105") && mistyped.contains(OrderId::EXAMPLE),
                "{tag}"
            );
            for text in [&missing, &mistyped] {
                assert!(
                    text.chars().count() > 80 && !text.contains('{') && !text.contains("=="),
                    "{tag}"
                );
                assert!(
                    !text.contains("http") && !text.contains("www") && !text.contains('@'),
                    "{tag}"
                );
            }
        }
    }

    #[test]
    fn a_language_without_words_falls_back_to_the_marketplace() {
        let de = Marketplace::parse("DE").unwrap();
        assert_eq!(language_for(Language::parse("cs"), de).as_str(), "de");
        assert_eq!(language_for(Language::parse("tr"), de).as_str(), "tr");
        assert_eq!(language_for(Language::parse("zh"), de).as_str(), "zh");
        assert_eq!(language_for(None, Marketplace::parse("BE").unwrap()).as_str(), "nl");
    }
}
