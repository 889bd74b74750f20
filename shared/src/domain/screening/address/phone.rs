//! Telephone numbers by the policy's own definition.
//!
//! Three forms: `+` and a country code with 8 to 15 digits; a bracketed area code; 7 to 15 digits beside a word for the
//! telephone, or right behind "reach us at".
//!
//! A port of libphonenumber (`phonenumber`) was measured and left out: it takes half a second to load its metadata at the
//! first number, adds 2.8 MB, and judges a number that is already cut out of its text. The policy counts digits and asks for
//! no valid number. The table is in the module above.

use super::super::phrases::Hit;
use super::super::text::{Clean, Words};

/// Country calling codes (ITU E.164), those of one digit first.
const CODES: &str = "1 7 20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 60 61 62 63 64 65 66 81 82 84 86 \
    90 91 92 93 94 95 98 211 212 213 216 218 220 221 222 223 224 225 226 227 228 229 230 231 232 233 234 235 236 237 238 239 240 \
    241 242 243 244 245 246 248 249 250 251 252 253 254 255 256 257 258 260 261 262 263 264 265 266 267 268 269 290 291 297 298 \
    299 350 351 352 353 354 355 356 357 358 359 370 371 372 373 374 375 376 377 378 380 381 382 383 385 386 387 389 420 421 423 \
    500 501 502 503 504 505 506 507 508 509 590 591 592 593 594 595 596 597 598 599 670 672 673 674 675 676 677 678 679 680 681 \
    682 683 685 686 687 688 689 690 691 692 800 808 850 852 853 855 856 870 880 881 882 883 886 888 960 961 962 963 964 965 966 \
    967 968 970 971 972 973 974 975 976 977 979 992 993 994 995 996 998";

/// A run of digits and the marks people put between them.
struct Run {
    start: usize,
    end: usize,
    digits: String,
    groups: Vec<usize>,
    plus: bool,
    /// Digits of the bracketed area code at the front.
    area: Option<usize>,
}

/// Classes of words that matter beside a number.
#[derive(Clone, Copy)]
pub(in crate::domain::screening) struct Signs {
    /// A word for the telephone.
    pub(in crate::domain::screening) phone: u16,
    /// "Reach us at": a number right after it is a telephone's.
    pub(in crate::domain::screening) reach: u16,
    /// A messenger: a number after it is its telephone number.
    pub(in crate::domain::screening) messenger: u16,
    /// Order, tracking, article, serial: what follows is another kind of number.
    pub(in crate::domain::screening) label: u16,
}

/// Byte ranges of telephone numbers in the normalised copy. `taken` are the addresses, in order.
pub(in crate::domain::screening) fn phones(
    clean: &Clean,
    words: &Words,
    hits: &[Hit],
    signs: Signs,
    taken: &[(usize, usize)],
) -> Vec<(usize, usize)> {
    let text = clean.text.as_str();
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(run) = next_run(text, at) {
        at = run.end.max(at + 1);
        let first = taken.partition_point(|&(_, end)| end <= run.start);
        let inside = taken.get(first).is_some_and(|&(start, _)| start < run.end);
        if !inside && is_phone(&run, text, words, hits, signs) {
            found.push((run.start, run.end));
        }
    }
    found
}

fn is_phone(run: &Run, text: &str, words: &Words, hits: &[Hit], signs: Signs) -> bool {
    let count = run.digits.len();
    if run.groups == [3, 7, 7] || is_price(text, run) {
        return false;
    }
    if run.plus {
        let code = || {
            let mut starts = (1..=3).filter_map(|len| run.digits.get(..len));
            starts.any(|start| CODES.split_ascii_whitespace().any(|known| known == start))
        };
        return (8..=15).contains(&count) && code();
    }
    if !(7..=15).contains(&count) || is_date(run) {
        return false;
    }
    let first = words.tokens.partition_point(|token| token.end <= run.start);
    let last = words.tokens.partition_point(|token| token.start < run.end);
    let near = Near {
        words,
        hits,
        first: number(first),
        last: number(last),
    };
    if near.labelled(signs.label) {
        return false;
    }
    if let Some(area) = run.area
        && (2..=5).contains(&area)
        && run.groups.len() >= 2
        && run.groups[1] >= 2
    {
        return true;
    }
    near.before(signs.phone, 7, signs.label)
        || near.before(signs.reach, 1, signs.label)
        || near.before(signs.messenger, 3, signs.label)
        || (run.groups.len() > 1 || run.digits.starts_with('0')) && near.after(signs.phone, 4)
}

struct Near<'a> {
    words: &'a Words,
    hits: &'a [Hit],
    first: u32,
    last: u32,
}

impl Near<'_> {
    fn scale(&self) -> u32 {
        let beside = self
            .words
            .tokens
            .get((self.first as usize).wrapping_sub(1))
            .or_else(|| self.words.tokens.get(self.last as usize));
        if beside.is_some_and(|token| token.cjk) { 3 } else { 1 }
    }

    /// Hits near the number, by a window around it: never the whole text.
    fn around(&self, from: u32, to: u32) -> impl Iterator<Item = &Hit> {
        let at = self.hits.partition_point(|hit| hit.start < from);
        self.hits[at..].iter().take_while(move |hit| hit.start < to)
    }

    fn before(&self, class: u16, within: u32, label: u16) -> bool {
        let from = self.first.saturating_sub(within * self.scale() + 4);
        let nearest = self
            .around(from, self.first)
            .filter(|hit| hit.class == class && hit.end <= self.first)
            .map(|hit| hit.end)
            .max();
        nearest.is_some_and(|end| {
            self.first - end <= within * self.scale()
                && !self.around(end, self.first).any(|hit| hit.class == label)
                && self.same_sentence(end - 1)
        })
    }

    fn after(&self, class: u16, within: u32) -> bool {
        self.around(self.last, self.last + within * self.scale())
            .any(|hit| hit.class == class && self.same_sentence(hit.start))
    }

    fn labelled(&self, label: u16) -> bool {
        let from = self.first.saturating_sub(2 * self.scale() + 3);
        self.around(from, self.first)
            .any(|hit| hit.class == label && hit.end + self.scale() * 2 > self.first && self.same_sentence(hit.end - 1))
    }

    /// In one sentence, or in the next after a word like "Tel." whose full stop ends none.
    fn same_sentence(&self, token: u32) -> bool {
        let tokens = &self.words.tokens;
        let (Some(word), Some(number)) = (tokens.get(token as usize), tokens.get(self.first as usize)) else {
            return false;
        };
        word.sentence == number.sentence || (word.sentence + 1 == number.sentence && token + 1 == self.first)
    }
}

fn next_run(text: &str, from: usize) -> Option<Run> {
    let bytes = text.as_bytes();
    let mut at = from;
    loop {
        let offset = bytes[at.min(bytes.len())..]
            .iter()
            .position(|byte| byte.is_ascii_digit() || matches!(byte, b'+' | b'('))?;
        at += offset;
        let glued = at > 0
            && (text[..at]
                .chars()
                .next_back()
                .is_some_and(|c| c.is_alphabetic() && c.is_ascii())
                || matches!(bytes[at - 1], b'_' | b'-' | b'#' | b'/' | b'.' | b'0'..=b'9'));
        if let Some(run) = (!glued || bytes[at] == b'(').then(|| run_at(text, at)).flatten() {
            return Some(run);
        }
        // Skip the whole number: no number starts inside another.
        at += 1;
        while at < bytes.len() && bytes[at - 1].is_ascii_digit() && bytes[at].is_ascii_digit() {
            at += 1;
        }
    }
}

fn run_at(text: &str, start: usize) -> Option<Run> {
    let bytes = text.as_bytes();
    let plus = bytes[start] == b'+';
    let bracket = bytes[start] == b'(';
    let before = text[..start].chars().next_back();
    if plus && before.is_some_and(|c| c.is_ascii_alphanumeric() || c == ')') {
        return None;
    }
    let mut run = Run {
        start,
        end: start,
        digits: String::new(),
        groups: Vec::new(),
        plus,
        area: None,
    };
    let mut at = start + usize::from(plus);
    let (mut group, mut blanks, mut open) = (0, 0, false);
    let mut kept = (0, 0, 0);
    while at < bytes.len() && run.digits.len() <= 24 {
        let c = if bytes[at] < 0x80 {
            char::from(bytes[at])
        } else {
            text[at..].chars().next().unwrap_or('x')
        };
        if c.is_ascii_digit() {
            run.digits.push(c);
            group += 1;
            blanks = 0;
            run.end = at + 1;
            at += 1;
            continue;
        }
        if group > 0 {
            run.groups.push(group);
            group = 0;
            kept = (run.groups.len(), run.digits.len(), run.end);
        }
        match c {
            '(' if !open => open = true,
            ')' if open => {
                open = false;
                if bracket && run.area.is_none() {
                    run.area = run.groups.first().copied();
                }
            }
            ' ' | '\u{a0}' | '-' | '.' | '/' | '\u{2013}' | '\u{2011}' => {}
            '\n' if plus => {}
            _ => break,
        }
        blanks += 1;
        if blanks > 3 || (run.digits.is_empty() && blanks > 2) {
            break;
        }
        at += c.len_utf8();
    }
    if group > 0 {
        run.groups.push(group);
    } else {
        run.digits.truncate(kept.1);
        run.groups.truncate(kept.0);
        run.end = kept.2.max(start);
    }
    // A letter right after the digits: "230V", "12a3".
    let follows = text[run.end..].chars().next();
    let lettered = follows.is_some_and(|c| c.is_ascii_alphabetic() || c == '_') && !run.plus;
    if run.digits.is_empty() || lettered || (bracket && run.area.is_none()) {
        return None;
    }
    if run.plus {
        shorten(text, &mut run);
    }
    Some(run)
}

/// Gives back groups that follow a whole number: "+49 211 5550199 14 Uhr".
fn shorten(text: &str, run: &mut Run) {
    while run.digits.len() > 15 && run.groups.len() > 1 {
        let last = run.groups.pop().unwrap_or(0);
        run.digits.truncate(run.digits.len() - last);
        let mut left = run.digits.len();
        let end = text[run.start..].char_indices().find(|(_, c)| {
            left = left.saturating_sub(usize::from(c.is_ascii_digit()));
            left == 0
        });
        run.end = run.start + end.map_or(0, |(at, c)| at + c.len_utf8());
    }
}

fn is_date(run: &Run) -> bool {
    let plausible_year = |digits: &str| digits.starts_with("19") || digits.starts_with("20");
    match run.groups[..] {
        [4, m, d] if m <= 2 && d <= 2 => plausible_year(&run.digits),
        [d, m, 4] if d <= 2 && m <= 2 => plausible_year(&run.digits[d + m..]),
        _ => false,
    }
}

fn is_price(text: &str, run: &Run) -> bool {
    let before = text[..run.start].trim_end().chars().next_back();
    let after = text[run.end..].trim_start().chars().next();
    let currency = |c: Option<char>| c.is_some_and(|c| matches!(c, '$' | '€' | '£' | '¥' | '%' | '₺' | '円'));
    currency(before) || currency(after)
}

fn number(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}
