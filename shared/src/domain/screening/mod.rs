//! The compliance screen: a draft in, what Amazon forbids in it out.
//!
//! [`screen`] is a pure function, total on any text and linear in its length. It reads the text as a reader sees it
//! (`text`), finds addresses (`address`), acts (`phrases`), faults of form (`form`, `markup`) and of kind (`purpose`), lets
//! one act count once (`absorb`), and weighs what is left by kind of draft and the store's settings.
//!
//! Rules, words, hosts and severities are data files beside the code; `SCREENING.md` is generated from them.

mod absorb;
mod address;
mod attachments;
mod draft;
mod finding;
mod form;
mod language;
mod markup;
mod own;
mod phrases;
mod purpose;
mod rule;
mod settings;
mod subject;
mod text;
mod weigh;

#[cfg(test)]
mod tests;

pub use attachments::MOST_ATTACHED_BYTES;
pub use draft::{Attachment, Draft, DraftKind};
pub use finding::{Finding, Report, Span, Verdict};
pub use rule::{Rule, Severity, table};
pub use settings::{Override, OwnPhrase, PhraseError, Settings};

use address::{Address, Owner};
use phrases::{Marks, Phrases};
use rule::Shade;
use text::{Clean, Words};
use weigh::Scale;

/// Screens a draft. Never fails and never panics, whatever the text.
///
/// Offsets of the findings count Unicode scalar values of `draft.text` as given. Sources: Amazon's Communication Guidelines
/// for Buyer-Seller Messaging; `SCREENING.md` has the table of rules.
pub fn screen(draft: &Draft, settings: &Settings) -> Report {
    let text = draft.text.expose();
    let clean = Clean::new(text);
    let words = Words::new(&clean);
    let mut scale = Scale::new(draft, settings, &clean);

    let addresses = address::addresses(&clean);
    let links = judge_addresses(&mut scale, &addresses, settings);
    let hits = phrases::hits(&words);
    let taken: Vec<(usize, usize)> = addresses.iter().map(|address| (address.start, address.end)).collect();
    let phones = address::phones(&clean, &words, &hits, phrases::signs(), &taken);
    for &(start, end) in &phones {
        scale.bytes(Rule::ContactPhone, Shade::Plain, start, end);
    }

    let emails = addresses
        .iter()
        .filter(|address| address.email)
        .map(|address| (address.start, address.end))
        .collect();
    let marks = Marks { links, phones, emails };
    let store = || draft.marketplace.map(super::marketplace::Marketplace::language);
    let languages: Vec<_> = draft.buyer_language.or_else(store).into_iter().collect();
    let mut phrases = Phrases::new(&words, hits, &marks, phrases::known(&languages));
    let mut acts = phrases.acts();
    let linked = |sentence: usize| {
        let tokens = &words.tokens[words.sentence(sentence)];
        let (Some(first), Some(last)) = (tokens.first(), tokens.last()) else {
            return false;
        };
        let next = marks.links.partition_point(|&(_, end)| end <= first.start);
        marks.links.get(next).is_some_and(|&(start, _)| start < last.end)
    };
    absorb::absorb(&mut acts, words.sentence_count(), linked);
    for act in &acts {
        let (first, last) = (words.tokens[act.start as usize], words.tokens[act.end as usize - 1]);
        scale.bytes(act.rule, act.shade, first.start, last.end);
    }

    judge_asins(&mut scale, draft, &clean);
    judge_form(&mut scale, draft, text);
    judge_whole(&mut scale, draft, &clean, &words, &phrases, &taken);
    for (rule, phrase) in settings.phrases() {
        for (from, to) in own::matches(phrase, &words) {
            scale.bytes(*rule, Shade::Plain, words.tokens[from].start, words.tokens[to - 1].end);
        }
    }
    scale.report()
}

/// Findings about links and addresses; returns the links as byte ranges.
fn judge_addresses(scale: &mut Scale<'_>, addresses: &[Address], settings: &Settings) -> Vec<(usize, usize)> {
    let mut links = Vec::new();
    for address in addresses {
        if address.email {
            scale.bytes(Rule::ContactEmail, Shade::Plain, address.start, address.end);
            continue;
        }
        let (rules, _) = link_rules(&address.plain, address.disguised, settings);
        for rule in rules {
            scale.bytes(rule, Shade::Plain, address.start, address.end);
        }
        links.push((address.start, address.end));
    }
    links
}

/// The rules a link breaks. A disguised link is never Amazon's own: nobody spells those out.
fn link_rules(link: &str, disguised: bool, settings: &Settings) -> (Vec<Rule>, Owner) {
    let owner = address::owner(address::host_of(link), settings);
    let insecure = link.get(..7).is_some_and(|head| head.eq_ignore_ascii_case("http://"));
    let ascii = address::host_of(link).is_ascii();
    let mut rules = Vec::new();
    match owner {
        _ if !ascii => rules.push(Rule::ExternalLink),
        Owner::Other => rules.push(Rule::ExternalLink),
        _ if disguised && scale_of_disguise(link) => rules.push(Rule::ExternalLink),
        Owner::Carrier => rules.push(Rule::CarrierLink),
        Owner::Amazon | Owner::Allowed => {}
    }
    if insecure && owner != Owner::Other && rules.first() != Some(&Rule::ExternalLink) {
        rules.push(Rule::InsecureLink);
    }
    (rules, owner)
}

/// Look-alike letters in a link with a scheme or path are meant to deceive; a spelled-out `amazon dot de` is not.
fn scale_of_disguise(link: &str) -> bool {
    !link.contains(' ')
}

fn judge_asins(scale: &mut Scale<'_>, draft: &Draft, clean: &Clean) {
    if draft.thread_asins.is_empty() {
        return;
    }
    for (start, end) in address::asins(clean) {
        let asin = clean.text[start..end].to_ascii_uppercase();
        if !draft.thread_asins.iter().any(|known| known.as_str() == asin) {
            scale.bytes(Rule::CrossSell, Shade::Plain, start, end);
        }
    }
}

fn judge_form(scale: &mut Scale<'_>, draft: &Draft, text: &str) {
    for (start, end) in form::emoji(text) {
        scale.chars(Rule::Emoji, start, end);
    }
    for (start, end) in form::line_breaks(text) {
        scale.chars(Rule::ExcessLineBreaks, start, end);
    }
    if let Some(html) = &draft.html {
        let html = html.expose();
        for href in markup::hrefs(html) {
            scale.href(&href);
        }
        for (rule, source) in markup::faults(html) {
            scale.whole(rule, Shade::Plain, Some(source.into()));
        }
    }
    for (rule, shade, name) in attachments::faults(&draft.attachments) {
        scale.whole(rule, shade, name);
    }
}

/// Findings about the draft as a whole.
fn judge_whole(
    scale: &mut Scale<'_>,
    draft: &Draft,
    clean: &Clean,
    words: &Words,
    phrases: &Phrases<'_>,
    taken: &[(usize, usize)],
) {
    let subject = draft.subject.as_ref().map(super::personal::Personal::expose);
    if draft.kind == DraftKind::Proactive
        && !scale.has(Rule::advertises_or_reviews)
        && let Some(rule) = purpose::aimless(words, phrases)
    {
        scale.whole(rule, Shade::Plain, None);
    }
    if draft.kind != DraftKind::Reply {
        let in_subject = || subject.is_some_and(|subject| subject::has_order_id(&Clean::new(subject).text));
        if !subject::has_order_id(&clean.text) && !in_subject() {
            scale.whole(Rule::MissingOrderId, Shade::Plain, None);
        }
    }
    if let Some(subject) = subject.filter(|subject| subject::important_tag(subject)) {
        scale.whole(Rule::ImportantTag, Shade::Plain, Some(subject.into()));
    }
    if language::wrong(draft, clean, taken).is_some() {
        scale.whole(Rule::WrongLanguage, Shade::Plain, None);
    }
}
