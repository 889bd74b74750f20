//! Proactive mail without a purpose Amazon permits: it only confirms, or only thanks.

use super::phrases::{Phrases, class};
use super::rule::Rule;
use super::text::Words;

/// What each sentence of the draft does.
#[derive(Default)]
struct Tally {
    confirms: usize,
    thanks: usize,
    /// Greetings, wishes, numbers: neither here nor there.
    neutral: usize,
    /// Says something else.
    other: usize,
    /// Asks for something needed, reports a problem, arranges, brings an invoice, answers a return.
    needed: bool,
}

/// `order-confirmation` or `thanks-only`, where the draft is nothing else.
pub(super) fn aimless(words: &Words, phrases: &Phrases<'_>) -> Option<Rule> {
    let mut tally = Tally::default();
    for number in 0..words.sentence_count() {
        let range = words.sentence(number);
        if range.is_empty() {
            continue;
        }
        let has = |class: u16| phrases.has(number, class);
        if has(class::HERE) || has(class::CHECKIN) {
            tally.thanks += 1;
        } else if has(class::PURPOSE) {
            tally.needed = true;
        } else if has(class::CONFIRM) {
            tally.confirms += 1;
        } else if has(class::THANKS) {
            tally.thanks += 1;
        } else if words.questions[number] && !has(class::GREET) {
            tally.needed = true;
        } else if has(class::GREET) || range.len() <= short(words, &range) {
            tally.neutral += 1;
        } else {
            tally.other += 1;
        }
    }
    if tally.needed || tally.other > tally.confirms + tally.thanks {
        None
    } else if tally.confirms > 0 {
        Some(Rule::OrderConfirmation)
    } else if tally.thanks > 0 {
        Some(Rule::ThanksOnly)
    } else {
        None
    }
}

/// Up to so many words a sentence says nothing of its own: names, "Order 123-…", "Kind regards".
fn short(words: &Words, range: &std::ops::Range<usize>) -> usize {
    if words.tokens[range.start].cjk { 14 } else { 6 }
}
