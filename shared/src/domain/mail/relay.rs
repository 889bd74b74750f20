//! Messages that Amazon's customer service writes for a buyer: labels above, the words below `Details:`.

use std::sync::LazyLock;

use super::data::{fold, rows};

/// Lines in which the labels are looked for.
const MOST_LINES: usize = 60;
/// Longest label, in bytes.
const LONGEST_LABEL: usize = 24;

static LABELS: LazyLock<Vec<(&'static str, String)>> = LazyLock::new(|| {
    rows(include_str!("data/relay.tsv"))
        .filter_map(|cells| Some((cells[0], fold(cells.get(1)?))))
        .collect()
});

/// A message of customer service, taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Relayed<'a> {
    /// The labels: order, item, reason.
    pub head: &'a str,
    /// What the buyer wants, as customer service puts it.
    pub words: &'a str,
}

/// Takes such a message apart; `None` if three of its four labels, or its opening and two, are not there.
pub(super) fn split(text: &str) -> Option<Relayed<'_>> {
    let mut seen: Vec<&str> = Vec::new();
    let mut at = 0;
    let mut last = None;
    let mut details = None;
    let ends = memchr::memchr_iter(b'\n', text.as_bytes()).map(|end| end + 1);
    for end in ends.chain([text.len()]).take(MOST_LINES) {
        let line = &text[at..end];
        at = end;
        // A label is short: most lines end here.
        let Some(colon) = line.bytes().take(LONGEST_LABEL).position(|b| b == b':' || b == 0xef) else {
            continue;
        };
        let Some((label, value)) = line.get(colon..).and_then(|rest| {
            Some((
                &line[..colon],
                rest.strip_prefix(':').or_else(|| rest.strip_prefix('：'))?,
            ))
        }) else {
            continue;
        };
        if label.starts_with('-') || value.starts_with("//") {
            continue;
        }
        let label = fold(label);
        let Some((what, _)) = LABELS
            .iter()
            .find(|(what, words)| *what != "opening" && *words == label)
        else {
            continue;
        };
        if !seen.contains(what) {
            seen.push(what);
        }
        if *what == "details" && details.is_none() {
            details = Some(at - value.len());
        } else if details.is_none() {
            last = Some(at);
        }
    }
    let opened = || {
        let head = fold(&text[..last.or(details).unwrap_or(0)]);
        LABELS
            .iter()
            .any(|(what, words)| *what == "opening" && head.contains(words.as_str()))
    };
    if !(seen.len() >= 3 || seen.len() == 2 && seen.contains(&"order") && opened()) {
        return None;
    }
    let from = details.or(last)?;
    let usable = !text[from..].trim().is_empty();
    usable.then(|| Relayed {
        head: &text[..from],
        words: &text[from..],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_stand_below_details() {
        let text = "Hello,\nWe've been contacted by a customer regarding the order identified below.\n\n----------\n\
                    Order#: 110-3278772-3132992\nItem: Covers\nReason: Defective\n\nDetails:\n\nA zip is torn.\n";
        let relayed = split(text).unwrap();
        assert_eq!(relayed.words.trim(), "A zip is torn.");
        assert!(relayed.head.contains("110-3278772-3132992"));
    }

    #[test]
    fn three_labels_of_four_are_enough() {
        let text =
            "Ordine #: 406-1860311-3831238\nASIN: B0ABCDEFGH\nMotivo: difettoso\n\nIl cliente chiede un ricambio.";
        assert_eq!(split(text).unwrap().words.trim(), "Il cliente chiede un ricambio.");
    }

    #[test]
    fn a_buyer_who_writes_a_label_is_a_buyer() {
        assert_eq!(
            split("Order#: 110-3278772-3132992\nWhere is it? Reason: none given."),
            None
        );
    }
}
