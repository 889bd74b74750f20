//! Proactive mail without a purpose Amazon permits: it only confirms, or only thanks.

use super::phrases::{Phrases, class};
use super::rule::Rule;
use super::text::Words;

/// What each sentence of the draft does.
#[derive(Default)]
struct Tally {
    confirms: usize,
    thanks: usize,
    /// Says only that we are there.
    here: usize,
    /// Greetings, wishes, numbers: neither here nor there.
    neutral: usize,
    /// Says something else.
    other: usize,
    /// Asks for something needed, reports a problem, arranges, brings an invoice, answers a return.
    needed: bool,
}

/// `order-confirmation` or `thanks-only`, where the draft is nothing else.
pub(super) fn aimless<'a>(parts: impl Iterator<Item = (&'a Words, &'a Phrases<'a>)>) -> Option<Rule> {
    let mut tally = Tally::default();
    for (words, phrases) in parts {
        tally.add(words, phrases);
    }
    tally.verdict()
}

impl Tally {
    fn add(&mut self, words: &Words, phrases: &Phrases<'_>) {
        for number in 0..words.sentence_count() {
            let range = words.sentence(number);
            if range.is_empty() {
                continue;
            }
            let has = |class: u16| phrases.has(number, class);
            let here = has(class::HERE);
            if has(class::CHECKIN) || here && has(class::THANKS) {
                self.thanks += 1;
            } else if here {
                self.here += 1;
            } else if has(class::PURPOSE) {
                self.needed = true;
            } else if has(class::CONFIRM) {
                self.confirms += 1;
            } else if has(class::THANKS) {
                self.thanks += 1;
            } else if words.questions[number] && !has(class::GREET) {
                self.needed = true;
            } else if has(class::GREET) || range.len() <= short(words, &range) {
                self.neutral += 1;
            } else {
                self.other += 1;
            }
        }
    }

    fn verdict(&self) -> Option<Rule> {
        if self.needed || self.other > self.confirms + self.thanks + self.here {
            None
        } else if self.confirms > 0 {
            Some(Rule::OrderConfirmation)
        } else if self.thanks > 0 || self.here > 0 && self.other == 0 {
            Some(Rule::ThanksOnly)
        } else {
            None
        }
    }
}

/// Up to so many words a sentence says nothing of its own: names, "Order 123-…", "Kind regards".
fn short(words: &Words, range: &std::ops::Range<usize>) -> usize {
    if words.tokens[range.start].cjk { 14 } else { 6 }
}
