//! One act, one rule: which findings another one already covers.

use super::phrases::Act;
use super::rule::{Rule, Shade};

/// What a sentence holds that may cover other acts.
#[derive(Clone, Copy, Default)]
#[expect(clippy::struct_excessive_bools, reason = "independent acts, each asked for by name")]
struct Covers {
    incentive: bool,
    manipulation: bool,
    biased: bool,
    opt_out: bool,
    tax_number: bool,
    stock: bool,
    claim: bool,
}

/// Takes out the acts that another act or an address of the same sentences covers.
///
/// `linked` tells whether a sentence holds a link, `quoted` whether it is somebody else's: that covers nothing of the writer's.
pub(super) fn absorb(
    acts: &mut Vec<Act>,
    sentences: usize,
    linked: impl Fn(usize) -> bool,
    quoted: impl Fn(usize) -> bool,
) {
    let yields = |act: &Act| matches!(act.rule, Rule::Marketing | Rule::UnsolicitedContent);
    if acts.len() < 2 && !acts.iter().any(yields) {
        return;
    }
    let mut covers = vec![Covers::default(); sentences];
    for act in acts.iter() {
        let here = &mut covers[act.sentence as usize];
        match act.rule {
            Rule::ReviewIncentive => here.incentive = true,
            Rule::ReviewManipulation => here.manipulation = true,
            Rule::ReviewRequestTone => here.biased |= act.shade == Shade::Biased,
            Rule::OptOutLink => here.opt_out = true,
            Rule::PrivateDataRequest => here.tax_number |= act.shade == Shade::Mild,
            Rule::StockNotice => here.stock = true,
            Rule::ClaimWithdrawal => here.claim = true,
            _ => {}
        }
    }
    acts.retain(|act| {
        let sentence = act.sentence as usize;
        let same = covers[sentence];
        // A reward covers its pair of sentences.
        let near = |covers_it: fn(&Covers) -> bool| {
            let mut pair = sentence.saturating_sub(1)..=(sentence + 1).min(sentences - 1);
            pair.any(|near| covers_it(&covers[near]) && quoted(near) == quoted(sentence))
        };
        let rewarded = || near(|near| near.incentive);
        match (act.rule, act.shade) {
            (Rule::ReviewRequestTone, Shade::Neutral) => !(same.manipulation || same.biased || rewarded()),
            (Rule::ReviewRequestTone, _) => !same.manipulation,
            (Rule::Marketing, Shade::Neutral) => !(rewarded() || linked(sentence)),
            (Rule::Marketing, _) => !rewarded(),
            (Rule::CancelSteering, _) => !(same.opt_out || same.claim),
            // A tax number alone is milder where an invoice or customs needs it.
            (Rule::PrivateDataRequest, Shade::Neutral) => !same.tax_number,
            (Rule::UnsolicitedContent, _) => !linked(sentence),
            (Rule::CrossSell, _) => !near(|near| near.stock),
            _ => true,
        }
    });
}
