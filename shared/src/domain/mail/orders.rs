//! Order ids in texts: the documented 3-7-7 form however it was typed, and near misses.
//!
//! Form is mended (full-width digits, any dash, spaces, 17 digits run together), a digit never is. The prefix says nothing
//! about the store. Source: Amazon help, and the mistypes listed in `order_id.rs`.

use crate::domain::order_id::OrderId;

/// Groups of letters and digits that are looked at in one text.
const MOST_GROUPS: usize = 20_000;
/// Ids kept from one text: each is a way to find the thread, and all are written at once with it (DynamoDB: 100 rows).
const MOST_IDS: usize = 50;

/// What a text names.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Found {
    /// Order ids in the order they stand, no repeats.
    pub ids: Vec<OrderId>,
    /// What looks like a mistyped id, as written.
    pub near: Vec<String>,
}

/// What stands between two groups.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Gap {
    Dash,
    Space,
    /// One full stop or stroke.
    Mark(char),
    Other,
}

/// A run of letters and digits with at least one digit, or one that could be mistyped digits.
#[derive(Debug)]
struct Group {
    start: usize,
    end: usize,
    /// How many digits and lookalikes.
    count: usize,
    /// How many O, I or l stand where digits should be.
    lookalikes: usize,
    /// Holds letters that no one takes for digits.
    letters: bool,
    /// What parts it from the group before.
    gap: Gap,
    /// Character before it, where that is no space.
    before: Option<char>,
    /// Begins with D or S and two digits: digital orders, orders made by the seller.
    prefix: Option<char>,
}

/// Digits with a word run into them ("order302", "7654321please"): where the word stands, and how many digits there are.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Glued {
    Before(usize),
    Behind(usize),
}

/// Finds order ids and near misses.
pub(super) fn find(text: &str) -> Found {
    let mut found = Found::default();
    let groups = groups(text);
    let mut n = 0;
    while n < groups.len() && found.ids.len() < MOST_IDS {
        if let Some((id, count)) = id_at(text, &groups[n..]) {
            if !found.ids.contains(&id) {
                found.ids.push(id);
            }
            n += count;
        } else if let Some(count) = near_at(&groups[n..]) {
            let written = text[groups[n].start..groups[n + count - 1].end].to_owned();
            if !found.near.contains(&written) && found.near.len() < MOST_IDS {
                found.near.push(written);
            }
            n += count;
        } else {
            n += 1;
        }
    }
    found
}

/// Every word that holds a digit. Texts are mostly words without: these are passed over byte by byte.
fn groups(text: &str) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() && groups.len() < MOST_GROUPS {
        if bytes[at].is_ascii() && !bytes[at].is_ascii_alphanumeric() && bytes[at] != b'_' {
            at += 1;
            continue;
        }
        let word = at;
        let mut numeric = false;
        while let Some(b) = bytes.get(at) {
            if b.is_ascii_alphanumeric() || *b == b'_' {
                numeric |= b.is_ascii_digit();
                at += 1;
            } else if b.is_ascii() {
                break;
            } else {
                let Some(c) = text[at..].chars().next() else { break };
                if !is_part(c) && !is_skipped(c) {
                    break;
                }
                numeric |= digit(c).is_some();
                at += c.len_utf8();
            }
        }
        // One digit alone is part of no id, and it parts what stands around it.
        if numeric && at - word > 1 {
            let before = text[..word].chars().next_back().filter(|c| !c.is_whitespace());
            let last = groups.last().map_or(Gap::Other, |last| gap(&text[last.end..word]));
            groups.push(group(text, word..at, before, last));
        }
        at += bytes.get(at).map_or(1, |b| {
            if b.is_ascii() {
                1
            } else {
                text[at..].chars().next().map_or(1, char::len_utf8)
            }
        });
    }
    groups
}

fn group(text: &str, range: std::ops::Range<usize>, before: Option<char>, gap: Gap) -> Group {
    let word = text[range.clone()].trim_matches(is_skipped);
    let start = range.start + text[range].find(word).unwrap_or(0);
    let mut group = Group {
        start,
        end: start + word.len(),
        count: 0,
        lookalikes: 0,
        letters: false,
        gap,
        before,
        prefix: None,
    };
    for (n, c) in word.char_indices().filter(|(_, c)| !is_skipped(*c)).take(64) {
        match (digit(c), c) {
            (Some(_), _) => group.count += 1,
            (None, 'O' | 'o' | 'I' | 'l' | 'Ｏ' | 'Ｉ' | 'ｌ') => {
                group.lookalikes += 1;
                group.count += 1;
            }
            (None, 'D' | 'd' | 'S' | 's') if n == 0 => group.prefix = Some(c.to_ascii_uppercase()),
            _ => group.letters = true,
        }
    }
    group
}

fn glued(text: &str, group: &Group) -> Option<Glued> {
    let word = &text[group.start..group.end];
    let letters = |text: &str| text.bytes().all(|b| b.is_ascii_alphabetic());
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let first = word.find(|c: char| c.is_ascii_digit())?;
    let last = word.rfind(|c: char| c.is_ascii_digit())? + 1;
    let (before, middle, behind) = (&word[..first], &word[first..last], &word[last..]);
    match (before.len(), behind.len()) {
        _ if !digits(middle) || !letters(before) || !letters(behind) => None,
        (1.., 0) => Some(Glued::Before(middle.len())),
        (0, 1..) => Some(Glued::Behind(middle.len())),
        _ => None,
    }
}

fn is_part(c: char) -> bool {
    c.is_ascii_alphanumeric() || digit(c).is_some() || matches!(c, 'Ｏ' | 'Ｉ' | 'ｌ' | '_')
}

fn is_skipped(c: char) -> bool {
    super::data::is_invisible(c)
}

/// The ASCII digit that a digit of another script or width stands for.
fn digit(c: char) -> Option<char> {
    let offset = match c {
        '0'..='9' => return Some(c),
        c if c < '\u{0660}' => return None,
        '\u{ff10}'..='\u{ff19}' => u32::from(c) - 0xff10,
        '\u{0660}'..='\u{0669}' => u32::from(c) - 0x0660,
        '\u{06f0}'..='\u{06f9}' => u32::from(c) - 0x06f0,
        '\u{1d7ce}'..='\u{1d7ff}' => (u32::from(c) - 0x1d7ce) % 10,
        _ => return None,
    };
    char::from_digit(offset, 10)
}

/// Dashes of every kind; the Japanese long vowel mark is often typed as one.
fn is_dash(c: char) -> bool {
    matches!(
        c,
        '-' | '\u{2010}'
            ..='\u{2015}' | '\u{2212}' | '\u{ff0d}' | '\u{fe58}' | '\u{fe63}' | '\u{30fc}' | '\u{ff70}' | '\u{2500}'
    )
}

fn gap(between: &str) -> Gap {
    if between.len() > 40 {
        return Gap::Other;
    }
    let mut dashes = 0;
    let mut spaces = 0;
    let mut mark = None;
    for c in between.chars() {
        match c {
            c if is_skipped(c) => {}
            c if is_dash(c) => dashes += 1,
            '.' | '/' if mark.is_none() => mark = Some(c),
            '\n' | ' ' | '\u{a0}' | '\u{3000}' | '\u{2007}' | '\u{202f}' | '\u{2009}' | '\t' => spaces += 1,
            _ => return Gap::Other,
        }
    }
    match (dashes, spaces, mark) {
        (1, 0..=3, None) => Gap::Dash,
        (0, 1..=2, None) if !between.contains('\n') => Gap::Space,
        (0, 0, Some(mark)) => Gap::Mark(mark),
        _ => Gap::Other,
    }
}

/// Do these part the groups of an id? Full stops and strokes only both alike.
fn parts(first: Gap, second: Gap) -> bool {
    match (first, second) {
        (Gap::Mark(first), Gap::Mark(second)) => first == second,
        (first, second) => matches!(first, Gap::Dash | Gap::Space) && matches!(second, Gap::Dash | Gap::Space),
    }
}

fn is_clean(group: &Group) -> bool {
    !group.letters && group.lookalikes == 0
}

/// An order id that begins with the first group, and how many groups it takes.
fn id_at(text: &str, groups: &[Group]) -> Option<(OrderId, usize)> {
    let first = &groups[0];
    if let [a, b, c, ..] = groups
        && is_clean(b)
        && (is_clean(c) && c.count == 7 || glued(text, c) == Some(Glued::Behind(7)))
        && b.prefix.is_none()
        && c.prefix.is_none()
        && parts(b.gap, c.gap)
        && !(matches!(b.gap, Gap::Mark(_)) && is_in_link(a.before))
        && b.count == 7
        && !(a.gap == Gap::Dash && a.before.is_some_and(|c| digit(c).is_some()))
    {
        let head = match (a.prefix, a.count) {
            (Some(prefix), 2) if is_clean(a) => Some(format!("{prefix}{}", digits_of(text, a))),
            (None, 3) if is_clean(a) => Some(digits_of(text, a)),
            _ if b.gap == Gap::Dash && glued(text, a) == Some(Glued::Before(3)) => Some(digits_of(text, a)),
            _ => None,
        };
        let id = head.and_then(|head| OrderId::parse(&format!("{head}-{}-{}", digits_of(text, b), digits_of(text, c))));
        if let Some(id) = id {
            return Some((id, 3));
        }
    }
    if !is_clean(first) {
        return None;
    }
    // All digits there, the dashes missing or misplaced.
    let joined = first.gap == Gap::Dash && first.before.is_some_and(is_dash);
    if first.prefix.is_some() || joined || is_in_link(first.before) {
        return None;
    }
    let count = if first.count == 17 {
        1
    } else {
        let count = joined_groups(groups);
        let total: usize = groups[..count].iter().map(|g| g.count).sum();
        let usable = (2..=3).contains(&count)
            && total == 17
            && groups[..count].iter().all(is_clean)
            && first.before != Some('+');
        if !usable {
            return None;
        }
        count
    };
    if count == 1 && groups.get(1).is_some_and(|next| next.gap == Gap::Dash) {
        return None;
    }
    if follows_tracking_word(text, first.start) {
        return None;
    }
    let digits: String = groups[..count].iter().map(|g| digits_of(text, g)).collect();
    let id = OrderId::parse(&format!("{}-{}-{}", &digits[..3], &digits[3..10], &digits[10..]))?;
    Some((id, count))
}

/// The digits of a group, as ASCII.
fn digits_of(text: &str, group: &Group) -> String {
    text[group.start..group.end].chars().filter_map(digit).collect()
}

/// How many groups from the first are joined by dashes.
fn joined_groups(groups: &[Group]) -> usize {
    1 + groups.iter().skip(1).take(4).take_while(|g| g.gap == Gap::Dash).count()
}

/// A near miss that begins with the first group: 15, 16 or 18 digits in two or three groups, or letters for digits.
fn near_at(groups: &[Group]) -> Option<usize> {
    let first = &groups[0];
    let dashed = joined_groups(groups);
    let spaced = groups.len() >= 3
        && groups[1..3].iter().all(|g| matches!(g.gap, Gap::Dash | Gap::Space))
        && first.count == 3
        && groups[1..3].iter().all(|g| (6..=8).contains(&g.count));
    let count = if (2..=3).contains(&dashed) {
        dashed
    } else if spaced {
        3
    } else {
        return None;
    };
    let window = &groups[..count];
    let unusable = |g: &Group| g.letters || g.prefix.is_some();
    let preceded = first.before.is_some_and(|c| is_dash(c) || c == '+') || is_in_link(first.before);
    if preceded || window.iter().any(unusable) {
        return None;
    }
    let total: usize = window.iter().map(|g| g.count).sum();
    let letters: usize = window.iter().map(|g| g.lookalikes).sum();
    let shape = window.iter().all(|g| g.count >= 2) && window[1..].iter().any(|g| g.count >= 5);
    let near = if letters > 0 {
        (15..=18).contains(&total) && letters <= 5
    } else {
        matches!(total, 15 | 16 | 18)
    };
    (near && shape).then_some(count)
}

fn is_in_link(before: Option<char>) -> bool {
    before.is_some_and(|c| matches!(c, '/' | '=' | '&' | '_' | '?' | '%' | '@' | '.'))
}

/// "Tracking 12345678901234567" is a parcel, not an order.
fn follows_tracking_word(text: &str, start: usize) -> bool {
    let mut from = start.saturating_sub(40);
    while !text.is_char_boundary(from) {
        from += 1;
    }
    let before = super::data::fold(&text[from..start]);
    TRACKING.iter().any(|word| before.contains(word.as_str()))
}

static TRACKING: std::sync::LazyLock<Vec<String>> =
    std::sync::LazyLock::new(|| super::data::phrases(include_str!("data/tracking.tsv"), "tracking"));

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(text: &str) -> Vec<String> {
        find(text).ids.iter().map(|id| id.as_str().to_owned()).collect()
    }

    #[test]
    fn the_documented_form_is_found_anywhere() {
        for text in [
            "113-4471902-6631055",
            "(Order:113-4471902-6631055)",
            "注文:113-4471902-6631055です",
            "a/113-4471902-6631055?x",
        ] {
            assert_eq!(ids(text), ["113-4471902-6631055"], "{text}");
        }
    }

    #[test]
    fn form_is_mended() {
        for text in [
            "113–4471902–6631055",
            "113 4471902 6631055",
            "113 - 4471902 - 6631055",
            "11344719026631055",
            "１１３－４４７１９０２－６６３１０５５",
            "113ー4471902ー6631055",
            "113-4471902-\n6631055",
            "\u{200e}113\u{2011}4471902\u{2011}6631055\u{202c}",
            "١١٣-٤٤٧١٩٠٢-٦٦٣١٠٥٥",
            "113.4471902.6631055",
            "113/4471902/6631055",
            "Order113-4471902-6631055",
            "113-4471902-6631055please",
            "Bestellung113-4471902-6631055kaputt",
        ] {
            assert_eq!(ids(text), ["113-4471902-6631055"], "{text}");
        }
    }

    #[test]
    fn digital_orders_count() {
        assert_eq!(
            ids("D01-1234567-7654321 and d02-1234567-7654321"),
            ["D01-1234567-7654321", "D02-1234567-7654321"]
        );
    }

    #[test]
    fn other_numbers_are_no_orders() {
        let text = "TBA482915530274, 1Z84W90A0392271845, 555-0147, +49 151 23456789, B0XKQ27VTM, 2026-03-02, \
                    4111 1111 1111 1111, DE12 3456 7890 1234 5678 90, 516d0a68-0a16-4a8e-80c6-fba21decbb2c, \
                    978-3-16-148410-0, 123456789012345678901, Sendungsnummer 12345678901234567";
        assert_eq!(find(text), Found::default());
    }

    #[test]
    fn versions_addresses_and_dates_are_no_orders() {
        for text in [
            "113.4471902/6631055",
            "10.20.30.40",
            "https://shop.example/113.4471902.6631055",
            "shop.example/113/4471902/6631055",
            "v113_4471902_6631055",
            "AB12-1234567-1234567",
        ] {
            assert_eq!(ids(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn near_misses_are_kept_as_written() {
        for near in [
            "113-4471902-663105",
            "4O6-71l8840-2293315",
            "113-44719022-6631055",
            "113 4471902 663105",
            "113-4471902-O631055",
        ] {
            let found = find(&format!("order {near} please"));
            assert_eq!((found.ids.len(), found.near), (0, vec![near.to_owned()]), "{near}");
        }
    }

    #[test]
    fn repeats_count_once_and_order_stands() {
        assert_eq!(
            ids("702-1234567-1234567 113-4471902-6631055 70212345671234567"),
            ["702-1234567-1234567", "113-4471902-6631055"]
        );
    }
}
