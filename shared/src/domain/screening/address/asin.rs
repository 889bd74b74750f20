//! Product numbers in a text.

use super::super::text::Clean;

/// Byte ranges of words that are product numbers: ten letters and digits, `B0` first.
pub(in crate::domain::screening) fn asins(clean: &Clean) -> Vec<(usize, usize)> {
    let text = clean.text.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(next) = clean.text[at..].find(['B', 'b']) {
        let start = at + next;
        let len = text[start..]
            .iter()
            .take_while(|byte| byte.is_ascii_alphanumeric())
            .count();
        let fresh = start == 0 || !text[start - 1].is_ascii_alphanumeric();
        if fresh && len == 10 && text[start + 1] == b'0' && text[start..start + len].iter().any(u8::is_ascii_digit) {
            found.push((start, start + len));
        }
        at = start + len.max(1);
    }
    found
}
