//! Folding for comparison: lower case, no accents, one form of each Arabic letter.
//!
//! The build script folds the phrase files with this same file.

use unicode_normalization::char::decompose_canonical;

/// Scripts written without spaces, in which every character is a word of its own here.
pub(crate) fn is_cjk(c: char) -> bool {
    matches!(c, '\u{3005}'..='\u{3007}' | '\u{3041}'..='\u{30fa}' | '\u{30fc}'..='\u{30ff}' | '\u{31f0}'..='\u{31ff}'
        | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3134f}')
}

/// Appends a character as it is compared.
pub(crate) fn push_folded(c: char, out: &mut String) {
    match c {
        'a'..='z' | '0'..='9' => out.push(c),
        'A'..='Z' => out.push(c.to_ascii_lowercase()),
        _ if c.is_ascii() => out.push(c),
        'ß' | 'ẞ' => out.push_str("ss"),
        'æ' | 'Æ' => out.push_str("ae"),
        'œ' | 'Œ' => out.push_str("oe"),
        'ø' | 'Ø' => out.push('o'),
        'ł' | 'Ł' => out.push('l'),
        'đ' | 'Đ' | 'ð' | 'Ð' => out.push('d'),
        'ı' | 'İ' => out.push('i'),
        'þ' | 'Þ' => out.push_str("th"),
        '\u{c0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}' => {
            let mut first = None;
            decompose_canonical(c, |part| first = first.or(Some(part)));
            out.extend(first.unwrap_or(c).to_lowercase());
        }
        // Scripts without capitals, common enough to look nothing up.
        '\u{627}'..='\u{628}'
        | '\u{62a}'..='\u{63a}'
        | '\u{641}'..='\u{648}'
        | '\u{64a}'
        | '\u{3041}'..='\u{30ff}'
        | '\u{4e00}'..='\u{9fff}'
        | '\u{ac00}'..='\u{d7a3}' => out.push(c),
        // Combining marks. Arabic: no vowel signs, no tatweel, one alef, one yeh, one heh.
        '\u{300}'..='\u{36f}'
        | '\u{610}'..='\u{61a}'
        | '\u{640}'
        | '\u{64b}'..='\u{65f}'
        | '\u{670}'
        | '\u{6d6}'..='\u{6ed}' => {}
        '\u{622}' | '\u{623}' | '\u{625}' | '\u{671}' => out.push('\u{627}'),
        '\u{649}' | '\u{6cc}' | '\u{626}' => out.push('\u{64a}'),
        '\u{629}' | '\u{6c1}' => out.push('\u{647}'),
        '\u{624}' => out.push('\u{648}'),
        '\u{6a9}' => out.push('\u{643}'),
        _ => out.extend(c.to_lowercase()),
    }
}

/// An entry as texts are folded: words with one space between, none beside characters of scripts without spaces.
pub(crate) fn fold(entry: &str) -> String {
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
