//! Style declarations.

/// The declarations of a style attribute or sheet: lower-case property and value.
pub(super) fn declarations(style: &str) -> Vec<(String, String)> {
    let style = without_comments(style);
    style
        .split([';', '{', '}'])
        .filter_map(|part| part.split_once(':'))
        .map(|(key, value)| {
            let value = value.trim().to_ascii_lowercase();
            (
                key.trim().to_ascii_lowercase(),
                value.trim_end_matches("!important").trim().to_owned(),
            )
        })
        .collect()
}

fn without_comments(style: &str) -> String {
    let mut out = String::with_capacity(style.len());
    let mut rest = style;
    while let Some(open) = rest.find("/*") {
        out.push_str(&rest[..open]);
        rest = rest[open + 2..]
            .find("*/")
            .map_or("", |close| &rest[open + 2 + close + 2..]);
    }
    out.push_str(rest);
    out
}

/// A length as a number with its unit: `12.5px`, `30 %`, `1`.
pub(super) fn length(value: &str) -> Option<(f64, &str)> {
    let value = value.trim();
    let end = value
        .find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | '-' | '+')))
        .unwrap_or(value.len());
    Some((value[..end].parse().ok()?, value[end..].trim()))
}
