use super::*;

fn tag(text: &str) -> Option<String> {
    detect(text).map(|language| language.as_str().to_owned())
}

#[test]
fn tags_lose_their_region() {
    assert_eq!(Language::parse("pt-BR").unwrap().as_str(), "pt");
    assert_eq!(Language::parse("deu"), None);
}

#[test]
fn short_texts_of_buyers_are_told_apart() {
    let rows = include_str!("../../../tests/language/short.tsv")
        .lines()
        .filter(|line| !line.starts_with('#'));
    let rows: Vec<(&str, &str)> = rows.filter_map(|line| line.split_once('\t')).collect();
    let wrong: Vec<_> = rows
        .iter()
        .filter(|(language, text)| tag(text).as_deref() != Some(language))
        .collect();
    assert!(
        wrong.len() * 100 <= rows.len() * 3,
        "{} of {}: {wrong:?}",
        wrong.len(),
        rows.len()
    );
}

#[test]
fn what_says_too_little_has_no_language() {
    for text in [
        "",
        "ok",
        "123",
        "👍👍",
        "113-4471902-6631055",
        "???",
        "B0XKQ27VTM",
        "https://example.org/where/is/my/order",
    ] {
        assert_eq!(tag(text), None, "{text}");
    }
}

#[test]
fn names_of_products_do_not_decide() {
    assert_eq!(
        tag("Die Bose QuietComfort Earbuds laden nicht mehr auf.").as_deref(),
        Some("de")
    );
    assert_eq!(tag("iPhone 15 Pro Max のケースは入りますか").as_deref(), Some("ja"));
}
