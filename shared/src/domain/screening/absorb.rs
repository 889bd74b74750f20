//! One act, one rule: which findings another one already covers.

use super::phrases::Act;
use super::rule::{Rule, Shade};

/// Takes out the acts that another act or an address of the same sentences covers.
///
/// `linked` tells whether a sentence holds a link.
pub(super) fn absorb(acts: &mut Vec<Act>, linked: impl Fn(u32) -> bool) {
    let all = acts.clone();
    let near = |a: &Act, b: &Act| a.sentence.abs_diff(b.sentence) <= 1;
    acts.retain(|act| {
        let covered_by =
            |rule: Rule, fits: fn(&Act, &Act) -> bool| all.iter().any(|other| other.rule == rule && fits(act, other));
        match (act.rule, act.shade) {
            (Rule::ReviewRequestTone, Shade::Neutral) => !all.iter().any(|other| {
                let reward = other.rule == Rule::ReviewIncentive && near(act, other);
                let same = other.sentence == act.sentence
                    && (other.rule == Rule::ReviewManipulation
                        || (other.rule, other.shade) == (Rule::ReviewRequestTone, Shade::Biased));
                reward || same
            }),
            (Rule::ReviewRequestTone, _) => {
                !covered_by(Rule::ReviewManipulation, |act, other| act.sentence == other.sentence)
            }
            (Rule::Marketing, Shade::Neutral) => {
                !linked(act.sentence)
                    && !covered_by(Rule::ReviewIncentive, |act, other| {
                        act.sentence.abs_diff(other.sentence) <= 1
                    })
            }
            (Rule::Marketing, _) => !covered_by(Rule::ReviewIncentive, |act, other| {
                act.sentence.abs_diff(other.sentence) <= 1
            }),
            (Rule::CancelSteering, _) => !covered_by(Rule::OptOutLink, |act, other| act.sentence == other.sentence),
            _ => true,
        }
    });
}
