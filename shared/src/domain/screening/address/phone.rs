//! Telephone numbers by the policy's own definition.
//!
//! Three forms stand for themselves: `+` or `00` and a country code with 8 to 15 digits; a bracketed area code; the national
//! forms that nothing else is written in (`206-555-0147`, `090-1234-5678`, digits in keycaps). Any other run of 7 to 15 digits
//! is one beside a word or sign for the telephone, or right behind "reach us at". What is labelled as another number (parcel,
//! serial, part), a row of sizes, a date, a price is none.
//!
//! A port of libphonenumber (`phonenumber`) was measured and left out: it takes half a second to load its metadata at the
//! first number, adds 2.8 MB, and judges a number that is already cut out of its text. On fifty lines of strangers it found
//! 21 of 25 numbers; what told them from parcel and serial numbers were the words around, not the valid ranges.

use std::borrow::Cow;

use super::super::phrases::{Hit, Known, class};
use super::super::source::Source;
use super::super::text::Words;
use super::number_words;
use super::run::{Run, next_run};

/// Country calling codes (ITU E.164), those of one digit first.
const CODES: &str = "1 7 20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 60 61 62 63 64 65 66 81 82 84 86 \
    90 91 92 93 94 95 98 211 212 213 216 218 220 221 222 223 224 225 226 227 228 229 230 231 232 233 234 235 236 237 238 239 240 \
    241 242 243 244 245 246 248 249 250 251 252 253 254 255 256 257 258 260 261 262 263 264 265 266 267 268 269 290 291 297 298 \
    299 350 351 352 353 354 355 356 357 358 359 370 371 372 373 374 375 376 377 378 380 381 382 383 385 386 387 389 420 421 423 \
    500 501 502 503 504 505 506 507 508 509 590 591 592 593 594 595 596 597 598 599 670 672 673 674 675 676 677 678 679 680 681 \
    682 683 685 686 687 688 689 690 691 692 800 808 850 852 853 855 856 870 880 881 882 883 886 888 960 961 962 963 964 965 966 \
    967 968 970 971 972 973 974 975 976 977 979 992 993 994 995 996 998";

/// The most digits of a number without a country code.
const MOST_NATIONAL: usize = 12;

/// Byte ranges of telephone numbers in the normalised copy, in order. `taken` are the addresses, in order.
pub(in crate::domain::screening) fn phones(
    source: &Source<'_>,
    hits: &[Hit],
    known: Option<Known>,
    taken: &[(usize, usize)],
) -> Vec<(usize, usize)> {
    let words = &source.words;
    let read = zeros(&source.clean.text);
    let text = &*read;
    let near = |start: usize, end: usize, before: Option<usize>| Near {
        words,
        hits,
        known,
        first: number(words.tokens.partition_point(|token| token.end <= start)),
        last: number(words.tokens.partition_point(|token| token.start < end)),
        before: before.map(|end| number(words.tokens.partition_point(|token| token.end <= end))),
    };
    let mut found = Vec::new();
    let (mut at, mut before) = (0, None);
    while let Some(run) = next_run(text, at) {
        at = run.end.max(at + 1);
        let first = taken.partition_point(|&(_, end)| end <= run.start);
        let inside = taken.get(first).is_some_and(|&(start, _)| start < run.end);
        let near = || near(run.start, run.end, before);
        if !inside && (in_keycaps(source, &run) || is_phone(&run, text, near)) {
            found.push((run.start, run.end));
        }
        before = Some(run.end);
    }
    for spelled in number_words::runs(words) {
        let (start, end) = (words.tokens[spelled.first].start, words.tokens[spelled.last].end);
        let near = near(start, end, None);
        if spelled.digits >= 10 && !spelled.joined_by_words || near.any_sign() {
            found.push((start, end));
        }
    }
    found.sort_unstable();
    found.dedup_by(|next, last| next.0 < last.1);
    found
}

/// The text with an O among digits read as the zero it is meant for: `O77OO 900123`. Of the same length.
fn zeros(text: &str) -> Cow<'_, str> {
    let bytes = text.as_bytes();
    let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let zero = |at: usize| matches!(bytes.get(at), Some(b'O' | b'o'));
    let meant = |at: usize| {
        let from = (0..at)
            .rev()
            .take(20)
            .take_while(|&before| digit(before) || zero(before))
            .last()
            .unwrap_or(at);
        let to = (at..bytes.len())
            .take(20)
            .take_while(|&after| digit(after) || zero(after))
            .count()
            + at;
        let alone = from == 0 || !bytes[from - 1].is_ascii_alphabetic();
        let digits = (from..to).filter(|&at| digit(at)).count();
        alone && !bytes.get(to).is_some_and(u8::is_ascii_alphabetic) && digits >= 2 && to - from <= 20
    };
    let hint = |at: &usize| (digit(at + 1) || (*at > 0 && digit(at - 1))) && meant(*at);
    let letters = memchr::memchr2_iter(b'O', b'o', bytes);
    let places: Vec<usize> = letters.filter(hint).collect();
    if places.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut read = text.as_bytes().to_vec();
    for at in places {
        read[at] = b'0';
        for beside in at + 1..(at + 20).min(read.len()) {
            if !matches!(read[beside], b'O' | b'o' | b'0'..=b'9') {
                break;
            }
            if read[beside] != b'0' && !read[beside].is_ascii_digit() {
                read[beside] = b'0';
            }
        }
    }
    String::from_utf8(read).map_or(Cow::Borrowed(text), Cow::Owned)
}

/// Seven digits or more, each drawn on a key: nobody writes any other number so.
fn in_keycaps(source: &Source<'_>, run: &Run) -> bool {
    let (start, end) = source.clean.given(run.start, run.end);
    let widened = end - start > run.end - run.start;
    widened && run.digits.len() >= 7 && {
        let drawn = source.given.chars().skip(start).take(end - start + 2);
        drawn.filter(|c| *c == '\u{20e3}').count() + 1 >= run.digits.len()
    }
}

fn is_phone<'a>(run: &Run, text: &str, near: impl FnOnce() -> Near<'a>) -> bool {
    let count = run.digits.len();
    if run.groups == [3, 7, 7] || is_price(text, run) || is_row(run) {
        return false;
    }
    if run.plus {
        return (8..=15).contains(&count) && has_code(&run.digits);
    }
    if !(7..=15).contains(&count) || is_date(run) {
        return false;
    }
    let near = near();
    // "Call us about the parcel: 0800 4960 123".
    let national = run.groups.len() > 1 && run.digits.starts_with('0') && !run.digits.starts_with("00") && count >= 9;
    if near.labelled() && !(national && near.before(class::PHONEWORD, 7, true)) {
        return false;
    }
    if is_bracketed(run) || is_international(run) || is_american(run) || is_japanese(run) {
        return true;
    }
    if signed(&text[..run.start], run) {
        return true;
    }
    let shaped = run.groups.len() > 1 && run.digits.starts_with('0') || run.area.is_some();
    if run.groups.len() == 1 && !shaped && (count > MOST_NATIONAL || near.labelled_before()) {
        return false;
    }
    let grouped = run.groups.len() > 1 || run.digits.starts_with('0');
    near.before(class::PHONEWORD, if shaped { 12 } else { 7 }, shaped)
        || near.before(class::REACHAT, 1, shaped)
        || near.before(class::MESSENGER, 3, shaped)
        || grouped && (near.before(class::TEXTWORD, 3, false) || near.after(class::PHONEWORD, 4))
}

fn has_code(digits: &str) -> bool {
    let mut starts = (1..=3).filter_map(|len| digits.get(..len));
    starts.any(|start| CODES.split_ascii_whitespace().any(|known| known == start))
}

/// A bracketed area code, a national prefix before it perhaps.
fn is_bracketed(run: &Run) -> bool {
    let place = usize::from(run.groups.first() == Some(&1));
    run.area.is_some_and(|area| (2..=5).contains(&area)) && run.groups.get(place + 1).is_some_and(|group| *group >= 2)
}

/// `00` and a country code, in groups: parcel numbers that begin so are written in one piece.
fn is_international(run: &Run) -> bool {
    let behind = run.digits.strip_prefix("00").filter(|rest| !rest.starts_with('0'));
    run.groups.len() > 2
        && run.groups[0] <= 5
        && behind.is_some_and(|rest| (8..=13).contains(&rest.len()) && has_code(rest))
}

/// `206-555-0147`, `1.206.555.0147`: the North American plan, in which neither code begins with 0 or 1.
fn is_american(run: &Run) -> bool {
    let national = run
        .digits
        .strip_prefix('1')
        .filter(|_| run.groups.len() == 4)
        .unwrap_or(&run.digits);
    let same = run.marks.chars().all(|mark| mark == '-') || run.marks.chars().all(|mark| mark == '.');
    let codes = |at: usize| {
        national
            .as_bytes()
            .get(at)
            .is_some_and(|digit| (b'2'..=b'9').contains(digit))
    };
    same && matches!(run.groups[..], [3, 3, 4] | [1, 3, 3, 4]) && codes(0) && codes(3)
}

/// `090-1234-5678`, `03-1234-5678`, `0120-123-456`.
fn is_japanese(run: &Run) -> bool {
    let hyphens = run.marks.len() == 2 && run.marks.chars().all(|mark| mark == '-');
    let groups = matches!(run.groups[..], [2..=4, 2..=4, 3..=4]);
    hyphens
        && groups
        && run.digits.starts_with('0')
        && !run.digits.starts_with("00")
        && (10..=11).contains(&run.digits.len())
}

/// A sign or a letter for the telephone right before the number: `☎`, `T:`, `Ph`, `Cep:`.
fn signed(before: &str, run: &Run) -> bool {
    const SIGNS: [char; 12] = ['☎', '☏', '📞', '✆', '📱', '📲', '🕿', '📠', '🕾', '🖁', '⌕', '℡'];
    const SHORT: [&str; 24] = [
        "ph", "phn", "tf", "tlf", "tlph", "mob", "cell", "cel", "cep", "gsm", "tél", "tel", "fon", "hp", "handy",
        "sms", "txt", "fax", "mobil", "móvil", "movil", "tfno", "tlfno", "whatsapp",
    ];
    let shown = before.trim_end_matches([' ', '\u{a0}', ':', '\u{fe0f}', '.', ')', '-']);
    if shown.ends_with(SIGNS) {
        return true;
    }
    let long = run.digits.len() >= 9 || run.digits.starts_with('0');
    let word_start = shown.len()
        - shown
            .chars()
            .rev()
            .take(16)
            .take_while(|c| c.is_alphabetic())
            .map(char::len_utf8)
            .sum::<usize>();
    let word = &shown[word_start..];
    let mark = &before[shown.len()..];
    // "M:" and the like need their mark, and stand at the start of a line or behind another sign.
    let alone = shown[..word_start].trim_end_matches([' ', '\u{a0}']);
    let fresh = alone.is_empty()
        || alone.ends_with(['\n', ',', ';', '|', '/', '·', '(', '•'])
        || alone.ends_with(|c: char| c.is_ascii_digit());
    let letter = matches!(word, "T" | "M" | "P" | "F" | "H" | "C") && mark.starts_with([':', '.']) && fresh;
    long && (letter || SHORT.contains(&word.to_lowercase().as_str()))
}

/// Sizes and the like: groups of one length that grow.
fn is_row(run: &Run) -> bool {
    let len = run.groups.first().copied().unwrap_or(0);
    if run.groups.len() < 3
        || run.plus
        || run.area.is_some()
        || !(1..=3).contains(&len)
        || run.groups.iter().any(|group| *group != len)
    {
        return false;
    }
    let numbers = run.digits.as_bytes().chunks(len);
    let numbers: Vec<&[u8]> = numbers.collect();
    numbers.windows(2).all(|pair| pair[0] < pair[1]) && !run.digits.starts_with('0')
}

/// The words around a number.
struct Near<'a> {
    words: &'a Words,
    hits: &'a [Hit],
    known: Option<Known>,
    first: u32,
    last: u32,
    /// The word behind the number before this one.
    before: Option<u32>,
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
        let spoken = |hit: &&Hit| self.known.is_none_or(|known| known.speaks(hit.language));
        self.hits[at..]
            .iter()
            .take_while(move |hit| hit.start < to)
            .filter(spoken)
    }

    /// A word of the class before the number. A label between them makes it another number, unless it is written like one of
    /// the telephone.
    fn before(&self, class: u16, within: u32, shaped: bool) -> bool {
        let from = self.first.saturating_sub(within * self.scale() + 4);
        let nearest = self
            .around(from, self.first)
            .filter(|hit| hit.class == class && hit.end <= self.first)
            .map(|hit| hit.end)
            .max();
        nearest.is_some_and(|end| {
            self.first - end <= within * self.scale()
                && (shaped || !self.around(end, self.first).any(|hit| hit.class == class::IDLABEL))
                && self.same_sentence(end - 1)
        })
    }

    fn after(&self, class: u16, within: u32) -> bool {
        self.around(self.last, self.last + within * self.scale())
            .any(|hit| hit.class == class && self.same_sentence(hit.start))
    }

    /// Any word for the telephone, before the number or close behind it.
    fn any_sign(&self) -> bool {
        let classes = [class::PHONEWORD, class::REACHAT, class::MESSENGER, class::TEXTWORD];
        classes.into_iter().any(|class| self.before(class, 14, true)) || self.after(class::PHONEWORD, 4)
    }

    /// A label right before the number: "serial number 12345678".
    fn labelled(&self) -> bool {
        let from = self.first.saturating_sub(2 * self.scale() + 3);
        self.around(from, self.first).any(|hit| {
            hit.class == class::IDLABEL && hit.end + self.scale() * 2 > self.first && self.same_sentence(hit.end - 1)
        })
    }

    /// A label earlier in the sentence that no other number has answered: "the serial number of the telephone: 2210448812".
    fn labelled_before(&self) -> bool {
        const WITHIN: u32 = 10;
        let from = self
            .first
            .saturating_sub(WITHIN * self.scale())
            .max(self.before.unwrap_or(0));
        self.around(from, self.first)
            .any(|hit| hit.class == class::IDLABEL && self.same_sentence(hit.end - 1))
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
