//! Order ids in texts: the documented 3-7-7 form however it was typed, and near misses.
//!
//! Form is mended (digits of any script, any single separator or bracket between the groups, one blank inside a group, 17
//! digits run together), a digit never is. Two separators, or a digit too few or many, make a near miss: the buyer is asked
//! and shown it. The prefix says nothing about the store. Source: Amazon help, and how buyers were seen to mistype them.

mod groups;

use crate::domain::order_id::OrderId;
use groups::{Gap, Glued, Group, glued, groups, is_dash};

/// Ids kept from one text: each is a way to find the thread, and all are written at once with it (DynamoDB: 100 rows).
const MOST_IDS: usize = 50;
/// Digits of the three groups.
const SHAPE: [usize; 3] = [3, 7, 7];

/// What a text names.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Found {
    /// Order ids in the order they stand, no repeats.
    pub ids: Vec<OrderId>,
    /// What looks like a mistyped id, as written.
    pub near: Vec<String>,
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

/// True if a line names an order id or something like one.
pub(super) fn names_one(line: &str) -> bool {
    let found = find(line);
    !found.ids.is_empty() || !found.near.is_empty()
}

/// Do these part the groups of an id? Two marks only both alike, and none beside a blank: "2.4471902 6631055" is no id.
fn parts(first: Gap, second: Gap) -> bool {
    let plain = |gap: Gap| matches!(gap, Gap::Dash | Gap::Space(_) | Gap::Bracket);
    match (first, second) {
        (Gap::Mark(first), Gap::Mark(second)) => first == second,
        (Gap::Mark(_), Gap::Dash) | (Gap::Dash, Gap::Mark(_)) => true,
        (first, second) => plain(first) && plain(second),
    }
}

/// An order id that begins with the first group, and how many groups it takes.
fn id_at(text: &str, groups: &[Group]) -> Option<(OrderId, usize)> {
    in_groups(text, groups)
        .or_else(|| with_a_blank(text, groups))
        .or_else(|| run_together(text, groups))
}

/// Three groups of 3, 7 and 7 digits, a word perhaps run into the first or the last.
fn in_groups(text: &str, groups: &[Group]) -> Option<(OrderId, usize)> {
    let [a, b, c, ..] = groups else { return None };
    let last = c.is_plain() && c.count == 7 || c.prefix.is_none() && glued(text, c) == Some(Glued::Behind(7));
    let marked = matches!(b.gap, Gap::Mark(_)) || matches!(c.gap, Gap::Mark(_));
    if !b.is_plain() || b.count != 7 || !last || !parts(b.gap, c.gap) || marked && is_in_link(a.before) {
        return None;
    }
    let mut id = String::with_capacity(19);
    match (a.prefix, a.count) {
        (Some(prefix), 2) if a.is_clean() => id.push(prefix),
        (None, 3) if a.is_clean() => {}
        _ if b.gap == Gap::Dash && glued(text, a) == Some(Glued::Before(3)) => {}
        _ => return None,
    }
    a.write_digits(text, &mut id);
    for group in [b, c] {
        id.push('-');
        group.write_digits(text, &mut id);
    }
    Some((OrderId::parse(&id)?, 3))
}

/// Three groups joined by dashes, one of them with a single blank in it: `303-4471829-5510 293`.
fn with_a_blank(text: &str, groups: &[Group]) -> Option<(OrderId, usize)> {
    let four = groups.get(..4)?;
    if four[0].gap == Gap::Dash || is_in_link(four[0].before) || !four.iter().all(Group::is_plain) {
        return None;
    }
    let blank = (1..4).find(|n| four[*n].gap == Gap::Space(1))?;
    if (1..4).any(|n| n != blank && four[n].gap != Gap::Dash) {
        return None;
    }
    let mut counts: Vec<usize> = four.iter().map(|group| group.count).collect();
    counts[blank - 1] += counts.remove(blank);
    if counts != SHAPE {
        return None;
    }
    let mut digits = String::with_capacity(17);
    for group in four {
        group.write_digits(text, &mut digits);
    }
    Some((from_digits(&digits)?, 4))
}

/// All 17 digits there, the dashes missing or misplaced.
fn run_together(text: &str, groups: &[Group]) -> Option<(OrderId, usize)> {
    let first = &groups[0];
    let joined = first.gap == Gap::Dash && first.before.is_some_and(is_dash);
    if !first.is_plain() || joined || is_in_link(first.before) {
        return None;
    }
    let count = if first.count == 17 {
        1
    } else {
        let count = joined_groups(groups);
        let total: usize = groups[..count].iter().map(|g| g.count).sum();
        let long = groups[..count].iter().all(|group| group.is_clean() && group.count > 1);
        if !(2..=3).contains(&count) || total != 17 || !long || first.before == Some('+') {
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
    let mut digits = String::with_capacity(17);
    for group in &groups[..count] {
        group.write_digits(text, &mut digits);
    }
    Some((from_digits(&digits)?, count))
}

fn from_digits(digits: &str) -> Option<OrderId> {
    OrderId::parse(&format!(
        "{}-{}-{}",
        digits.get(..3)?,
        digits.get(3..10)?,
        digits.get(10..)?
    ))
}

/// How many groups from the first are joined by dashes.
fn joined_groups(groups: &[Group]) -> usize {
    1 + groups.iter().skip(1).take(4).take_while(|g| g.gap == Gap::Dash).count()
}

/// A near miss that begins with the first group: 15, 16 or 18 digits in two or three groups, letters for digits, or two
/// separators between groups of the right size.
fn near_at(groups: &[Group]) -> Option<usize> {
    let first = &groups[0];
    let preceded = first.before.is_some_and(|c| is_dash(c) || c == '+') || is_in_link(first.before);
    if preceded {
        return None;
    }
    if is_doubled(groups) {
        return Some(3);
    }
    let dashed = joined_groups(groups);
    let loose = |gap: Gap| {
        matches!(
            gap,
            Gap::Dash | Gap::Space(_) | Gap::Bracket | Gap::Mark('_' | '~' | '*' | '|')
        )
    };
    let spaced = groups.len() >= 3
        && groups[1..3].iter().all(|g| loose(g.gap))
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
    if window.iter().any(|group| group.letters || group.prefix.is_some()) {
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

/// `113--4482917-6620381`: the groups are right, a separator stands twice.
fn is_doubled(groups: &[Group]) -> bool {
    let Some([a, b, c]) = groups.get(..3) else { return false };
    let fits = [a, b, c]
        .iter()
        .zip(SHAPE)
        .all(|(group, count)| group.is_plain() && group.count == count);
    let parted = |gap: Gap| gap != Gap::Other;
    fits && parted(b.gap) && parted(c.gap) && (b.gap == Gap::Double || c.gap == Gap::Double)
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
    std::sync::LazyLock::new(|| super::data::phrases(include_str!("../data/tracking.tsv"), "tracking"));

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
            "113_4471902_6631055",
            "113~4471902~6631055",
            "113:4471902:6631055",
            "113,4471902,6631055",
            "113, 4471902, 6631055",
            "113*4471902*6631055",
            "113·4471902·6631055",
            "113 / 4471902 / 6631055",
            "113\u{2043}4471902\u{2043}6631055",
            "113_4471902-6631055",
            "(113)-4471902-6631055",
            "[113][4471902][6631055]",
            "（１１３）４４７１９０２－６６３１０５５",
            "११३-४४७१९०२-६६३१०५५",
            "๑๑๓-๔๔๗๑๙๐๒-๖๖๓๑๐๕๕",
            "১১৩-৪৪৭১৯০২-৬৬৩১০৫৫",
            "113-4471902-6631 055",
            "113-44 71902-6631055",
            "11 3-4471902-6631055",
            "113-4 471902-6631055",
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
            "IMG_113_4471902_6631055.jpg",
            "https://shop.example/?a=113,4471902,6631055",
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
            "113--4471902--6631055",
            "113- -4471902-6631055",
            "113..4471902..6631055",
            "113_4471902_663105",
            "113-447190-6631055",
            "113-4471902-66310555",
            "११३-४४७१९०२-६६३१०५",
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
