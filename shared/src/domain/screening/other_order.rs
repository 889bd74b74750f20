//! Ids of orders that are not the buyer's: they tell one buyer about another.

use super::super::order_id::OrderId;
use super::super::personal::Personal;
use super::draft::Draft;
use super::rule::Shade;
use super::text::Clean;

/// The ids of other orders, as byte ranges of the normalised copy. Nothing where the buyer's own orders are not known.
pub(super) fn other_orders(draft: &Draft, clean: &Clean) -> Vec<(usize, usize, Shade)> {
    if draft.order_id.is_none() && draft.thread_order_ids.is_empty() {
        return Vec::new();
    }
    let is = |known: &Personal, id: &str| known.expose().trim() == id;
    let own = |id: &str| {
        let mut known = draft.order_id.iter().chain(&draft.thread_order_ids);
        known.any(|known| is(known, id))
    };
    let mut found = Vec::new();
    for (start, id) in order_ids(&clean.text) {
        if own(id.as_str()) || id.is_example() {
            continue;
        }
        let shade = match &draft.other_buyers_order_ids {
            Some(others) if !others.iter().any(|other| is(other, id.as_str())) => Shade::Mild,
            _ => Shade::Plain,
        };
        found.push((start, start + id.as_str().len(), shade));
    }
    found
}

/// Every order id with the byte it begins at.
pub(super) fn order_ids(text: &str) -> impl Iterator<Item = (usize, OrderId)> {
    let part = |c: char| !(c.is_ascii_alphanumeric() || c == '-');
    let words = text.split(part).filter(|word| word.len() >= 19);
    words.filter_map(move |word| {
        let bare = word.trim_matches('-');
        let start = bare.as_ptr().addr() - text.as_ptr().addr();
        Some((start, OrderId::parse(bare)?))
    })
}
