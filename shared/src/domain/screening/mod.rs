//! The compliance screen: a draft in, what Amazon forbids in it out.
//!
//! [`screen`] is a pure function, total on any text and linear in its length. A draft has parts that are text (`source`): its
//! plain text, and what a reader sees of its HTML. Each is read as a reader sees it (`text`), without what is no text of its
//! own (`placeholder`) and in the draft's own language (`tongue`); then addresses are found (`address`), acts (`phrases`),
//! faults of form (`form`, `markup`) and of kind (`purpose`), one act counts once (`absorb`), and what is left is weighed by
//! kind of draft and the store's settings.
//!
//! Rules, words, hosts and severities are data files beside the code; `SCREENING.md` is generated from them.

mod absorb;
mod address;
mod attachments;
mod draft;
mod finding;
mod form;
mod judge;
mod language;
mod markup;
mod other_order;
mod own;
mod phrases;
mod placeholder;
mod purpose;
mod rule;
mod settings;
mod source;
mod subject;
mod text;
mod tongue;
mod weigh;

#[cfg(test)]
mod tests;

pub use attachments::MOST_ATTACHED_BYTES;
pub use draft::{Attachment, Draft, DraftKind};
pub use finding::{Finding, LONGEST_EXCERPT, Part, Report, Span, Verdict};
pub use rule::{Rule, Severity, table};
pub use settings::{Override, OwnPhrase, PhraseError, Settings};

use source::sources;
use tongue::Tongue;
use weigh::Scale;

/// Screens a draft. Never fails and never panics, whatever the text.
///
/// Offsets of the findings count Unicode scalar values of `draft.text` as given. Sources: Amazon's Communication Guidelines
/// for Buyer-Seller Messaging; `SCREENING.md` has the table of rules.
pub fn screen(draft: &Draft, settings: &Settings) -> Report {
    let sources = sources(draft);
    let tongue = Tongue::of(draft, &sources);
    let mut scale = Scale::new(draft, settings);
    let read: Vec<_> = sources
        .iter()
        .map(|source| judge::text(&mut scale, draft, settings, source, &tongue))
        .collect();
    judge::markup(&mut scale, draft, settings);
    judge::attachments(&mut scale, draft);
    judge::whole(&mut scale, draft, &read, &tongue);
    scale.report(&sources)
}
