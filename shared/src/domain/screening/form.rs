//! The form of a text: emoji and line breaks.

use unicode_properties::{EmojiStatus, UnicodeEmoji};

/// Ranges of characters shown as emoji; neighbours are one range.
pub(super) fn emoji(text: &str) -> Vec<(usize, usize)> {
    let mut found: Vec<(usize, usize)> = Vec::new();
    if text.is_ascii() {
        return found;
    }
    let mut chars = text.chars().enumerate().peekable();
    while let Some((index, c)) = chars.next() {
        let next = chars.peek().map(|&(_, next)| next);
        let shown = match next {
            Some('\u{fe0f}') => c.is_emoji_char(),
            Some('\u{fe0e}') => false,
            Some('\u{20e3}') => matches!(c, '0'..='9' | '#' | '*'),
            _ => !c.is_ascii() && by_default(c),
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

/// Ranges with three or more line breaks in a row; CRLF is one, blanks between do not count.
pub(super) fn line_breaks(text: &str) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
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
            _ if c.is_whitespace() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{ad}') => {}
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
