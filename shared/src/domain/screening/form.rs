//! The form of a text: emoji and line breaks.

use unicode_properties::{EmojiStatus, UnicodeEmoji};

/// Ranges of characters shown as emoji; neighbours are one range.
pub(super) fn emoji(text: &str) -> Vec<(usize, usize)> {
    let mut found: Vec<(usize, usize)> = Vec::new();
    // The first bytes of every emoji beyond Latin-1, of keycaps' marks and of U+FE0F.
    if !text.bytes().any(|byte| matches!(byte, 0xe2 | 0xe3 | 0xef | 0xf0)) {
        return found;
    }
    let mut chars = text.chars().enumerate().peekable();
    while let Some((index, c)) = chars.next() {
        let next = chars.peek().map(|&(_, next)| next);
        let shown = match next {
            Some('\u{fe0f}') => c.is_emoji_char(),
            Some('\u{fe0e}') => false,
            Some('\u{20e3}') => matches!(c, '0'..='9' | '#' | '*'),
            // Below the watch, and in the scripts of East Asia, nothing is an emoji by default.
            _ => !matches!(c, '\0'..='\u{2319}' | '\u{2e80}'..='\u{1efff}') && by_default(c),
        };
        let part =
            matches!(c, '\u{fe0f}' | '\u{200d}' | '\u{20e3}' | '\u{1f3fb}'..='\u{1f3ff}' | '\u{e0020}'..='\u{e007f}');
        match found.last_mut() {
            Some(last) if last.1 == index && (shown || part) => last.1 = index + 1,
            _ if shown => found.push((index, index + 1)),
            _ => {}
        }
    }
    found
}

fn by_default(c: char) -> bool {
    matches!(
        c.emoji_status(),
        EmojiStatus::EmojiPresentation
            | EmojiStatus::EmojiPresentationAndModifierBase
            | EmojiStatus::EmojiPresentationAndEmojiComponent
            | EmojiStatus::EmojiPresentationAndModifierAndEmojiComponent
    )
}

/// Characters that turn the direction of what follows (U+202D, U+202E): what is read is not what is written.
pub(super) fn turned(text: &str) -> Vec<(usize, usize)> {
    if memchr::memmem::find(text.as_bytes(), b"\xe2\x80").is_none() {
        return Vec::new();
    }
    let turns = text
        .chars()
        .enumerate()
        .filter(|(_, c)| matches!(c, '\u{202d}' | '\u{202e}'));
    turns.map(|(index, _)| (index, index + 1)).collect()
}

/// Ranges with three or more line breaks in a row; CRLF is one, blanks between do not count.
pub(super) fn line_breaks(text: &str) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    if !may_break_thrice(text) {
        return found;
    }
    let (mut start, mut end, mut breaks) = (0, 0, 0);
    let mut before = ' ';
    for (index, c) in text.chars().enumerate() {
        match c {
            '\n' if before == '\r' && breaks > 0 => end = index + 1,
            '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}' | '\u{b}' | '\u{c}' => {
                if breaks == 0 {
                    start = index;
                }
                breaks += 1;
                end = index + 1;
            }
            _ if is_blank(c) => {}
            _ => {
                if breaks >= 3 {
                    found.push((start, end));
                }
                breaks = 0;
            }
        }
        before = c;
    }
    if breaks >= 3 {
        found.push((start, end));
    }
    found
}

/// Cheap look first: are three plain line breaks near each other, or is there a rarer one anywhere?
fn may_break_thrice(text: &str) -> bool {
    let bytes = text.as_bytes();
    let separators =
        || memchr::memchr_iter(0xe2, bytes).any(|at| bytes.get(at + 1) == Some(&0x80) && at + 2 < bytes.len());
    // U+0085 is two bytes, of which the second stands in many a letter too.
    if memchr::memchr2(0x0b, 0x0c, bytes).is_some() || memchr::memmem::find(bytes, b"\xc2\x85").is_some() {
        return true;
    }
    let (mut last, mut breaks) = (0, 0);
    for at in memchr::memchr2_iter(b'\n', b'\r', bytes) {
        let blank = text[last..at].chars().all(is_blank);
        breaks = if blank { breaks + 1 } else { 1 };
        if breaks >= 3 {
            return true;
        }
        last = at + 1;
    }
    separators() && text.contains(['\u{2028}', '\u{2029}'])
}

/// Takes room on a line without being seen, or none at all.
fn is_blank(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{ad}')
}
