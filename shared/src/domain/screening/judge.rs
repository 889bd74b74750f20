//! The rules, one group after the other, over the parts of a draft.

use super::super::marketplace::Marketplace;
use super::super::personal::Personal;
use super::address::{self, Address, Owner};
use super::draft::{Draft, DraftKind};
use super::finding::Part;
use super::phrases::{self, Marks, Phrases, class};
use super::rule::{Rule, Shade};
use super::settings::Settings;
use super::source::Source;
use super::text::Clean;
use super::tongue::Tongue;
use super::weigh::Scale;
use super::{absorb, attachments, form, language, markup, other_order, own, purpose, subject};

/// What a part of the draft was found to hold, for the rules about the whole draft.
pub(super) struct Read<'a> {
    source: &'a Source<'a>,
    phrases: Phrases<'a>,
    /// What is in no language: addresses, numbers in words, quotations. Byte ranges of the normalised copy, in order.
    no_prose: Vec<(usize, usize)>,
}

/// Every rule that reads text, over one part.
pub(super) fn text<'a>(
    scale: &mut Scale<'_>,
    draft: &Draft,
    settings: &Settings,
    source: &'a Source<'a>,
    tongue: &Tongue,
) -> Read<'a> {
    let (clean, words) = (&source.clean, &source.words);
    let known = phrases::known(&tongue.languages);
    let hits = phrases::hits(words, known);
    let near = |range, class| phrases::beside(words, &hits, known, range, class);
    let addresses = address::addresses(clean, &|| tongue.likely(&clean.text));
    let links = judge_addresses(scale, source, &addresses, &near, settings);
    let taken: Vec<(usize, usize)> = addresses.iter().map(|address| (address.start, address.end)).collect();
    let phones = address::phones(source, &hits, known, &taken);
    for &(start, end) in &phones {
        let shade = if near((start, end), (class::THIRDPARTY, 12, 0)) {
            Shade::Mild
        } else {
            Shade::Plain
        };
        scale.bytes(source, Rule::ContactPhone, shade, start, end);
    }
    let emails = addresses.iter().filter(|address| address.email);
    let marks = Marks {
        links,
        emails: emails.map(|address| (address.start, address.end)).collect(),
        phones: phones.clone(),
    };
    let mut no_prose: Vec<_> = taken.into_iter().chain(phones).chain(source.quotations()).collect();
    no_prose.sort_unstable();
    let mut phrases = Phrases::new(words, hits, &marks, known);
    judge_acts(scale, source, &mut phrases, &marks);
    judge_ids(scale, draft, source);
    judge_form(scale, source, draft.template);
    for (rule, phrase) in settings.phrases() {
        for (from, to) in own::matches(phrase, words) {
            let (start, end) = (words.tokens[from].start, words.tokens[to - 1].end);
            scale.bytes(source, *rule, Shade::Plain, start, end);
        }
    }
    Read {
        source,
        phrases,
        no_prose,
    }
}

/// Findings about links and addresses; returns the links as byte ranges.
fn judge_addresses(
    scale: &mut Scale<'_>,
    source: &Source<'_>,
    addresses: &[Address],
    near: &dyn Fn((usize, usize), (u16, usize, u32)) -> bool,
    settings: &Settings,
) -> Vec<(usize, usize)> {
    let mut links = Vec::new();
    for address in addresses {
        let (start, end) = (address.start, address.end);
        if address.email {
            let shade = if near((start, end), (class::RESPONSIBLE, 30, 2)) {
                Shade::Mild
            } else {
                Shade::Plain
            };
            scale.bytes(source, Rule::ContactEmail, shade, start, end);
            continue;
        }
        for (rule, shade) in link_rules(&address.plain, address.disguised, settings) {
            scale.bytes(source, rule, shade, start, end);
        }
        links.push((start, end));
    }
    links
}

/// The rules a link breaks. A disguised link is never Amazon's own: nobody spells those out.
fn link_rules(link: &str, disguised: bool, settings: &Settings) -> Vec<(Rule, Shade)> {
    let host = address::host_of(link);
    let owner = address::owner(host, settings);
    let external = vec![(Rule::ExternalLink, Shade::Plain)];
    if owner == Owner::Device {
        return Vec::new();
    }
    // Look-alike letters in a link with a scheme or path are meant to deceive; a spelled-out `amazon dot de` is not.
    if !host.is_ascii() || owner == Owner::Other || (disguised && !link.contains(' ')) {
        return external;
    }
    let mut rules = Vec::new();
    match owner {
        Owner::Carrier => rules.push((Rule::CarrierLink, Shade::Plain)),
        Owner::Amazon => rules.extend(address::advertised(link)),
        Owner::Allowed | Owner::Device | Owner::Other => {}
    }
    if link.get(..7).is_some_and(|head| head.eq_ignore_ascii_case("http://")) {
        rules.push((Rule::InsecureLink, Shade::Plain));
    }
    rules
}

fn judge_acts(scale: &mut Scale<'_>, source: &Source<'_>, phrases: &mut Phrases<'_>, marks: &Marks) {
    let words = &source.words;
    let mut acts = phrases.acts();
    let linked = |sentence: usize| {
        let tokens = &words.tokens[words.sentence(sentence)];
        let (Some(first), Some(last)) = (tokens.first(), tokens.last()) else {
            return false;
        };
        let next = marks.links.partition_point(|&(_, end)| end <= first.start);
        marks.links.get(next).is_some_and(|&(start, _)| start < last.end)
    };
    absorb::absorb(&mut acts, words.sentence_count(), linked, |sentence| {
        source.quotes(sentence)
    });
    for act in &acts {
        let (first, last) = (words.tokens[act.start as usize], words.tokens[act.end as usize - 1]);
        scale.bytes(source, act.rule, act.shade, first.start, last.end);
    }
}

/// Products and orders that are not the thread's. What is quoted was named by the buyer.
fn judge_ids(scale: &mut Scale<'_>, draft: &Draft, source: &Source<'_>) {
    let clean = &source.clean;
    let quoted = |start: usize, end: usize| {
        let (start, end) = clean.given(start, end);
        source.is_quoted(start, end)
    };
    for (start, end, shade) in other_order::other_orders(draft, clean) {
        if !quoted(start, end) {
            scale.bytes(source, Rule::OtherOrder, shade, start, end);
        }
    }
    if draft.thread_asins.is_empty() {
        return;
    }
    for (start, end) in address::asins(clean) {
        let asin = clean.text[start..end].to_ascii_uppercase();
        if !draft.thread_asins.iter().any(|known| known.as_str() == asin) {
            scale.bytes(source, Rule::CrossSell, Shade::Plain, start, end);
        }
    }
}

fn judge_form(scale: &mut Scale<'_>, source: &Source<'_>, template: bool) {
    let text = &source.given;
    for (start, end) in form::emoji(text) {
        scale.chars(source, Rule::Emoji, Shade::Plain, start, end);
    }
    for (start, end) in form::line_breaks(text) {
        scale.chars(source, Rule::ExcessLineBreaks, Shade::Plain, start, end);
    }
    for (start, end) in form::turned(text) {
        scale.chars(source, Rule::HtmlStyling, Shade::Plain, start, end);
    }
    if !template {
        for (start, end, shade) in source.unfilled() {
            scale.chars(source, Rule::Placeholder, shade, start, end);
        }
    }
}

/// The rules about the markup of the HTML.
pub(super) fn markup(scale: &mut Scale<'_>, draft: &Draft, settings: &Settings) {
    let Some(html) = &draft.html else { return };
    let html = html.expose();
    for target in markup::targets(html) {
        for (rule, shade) in target_rules(&target, settings) {
            scale.whole(Part::Html, rule, shade, Some(target.as_str().into()));
        }
    }
    for (rule, piece) in markup::faults(html) {
        scale.whole(Part::Html, rule, Shade::Plain, Some(piece.into()));
    }
}

/// The rules that the target of a link, frame or form in the HTML breaks.
fn target_rules(target: &str, settings: &Settings) -> Vec<(Rule, Shade)> {
    let lower = target.to_ascii_lowercase();
    let starts = |schemes: &[&str]| schemes.iter().any(|scheme| lower.starts_with(scheme));
    if let Some(address) = lower.strip_prefix("mailto:") {
        let host = address.split('?').next().and_then(|address| address.rsplit('@').next());
        let relay = host.and_then(Marketplace::by_relay_host).is_some();
        return if relay {
            Vec::new()
        } else {
            vec![(Rule::ContactEmail, Shade::Plain)]
        };
    }
    if starts(&["tel:", "sms:", "callto:"]) {
        return vec![(Rule::ContactPhone, Shade::Plain)];
    }
    // Nobody can tell where a script or an embedded page leads.
    if starts(&["javascript:", "vbscript:", "data:"]) {
        return vec![(Rule::ExternalLink, Shade::Plain)];
    }
    if starts(&[
        "whatsapp:",
        "tg:",
        "viber:",
        "skype:",
        "sgnl:",
        "weixin:",
        "line:",
        "fb-messenger:",
    ]) {
        return vec![(Rule::OffPlatform, Shade::Plain)];
    }
    if lower.starts_with("//") || lower.contains("://") || starts(&["http:", "https:"]) {
        let clean = Clean::new(target);
        let disguised = clean.is_disguised(0, clean.text.len());
        return link_rules(&clean.text, disguised, settings);
    }
    if lower.starts_with("www.") || address::owner(address::host_of(&lower), settings) == Owner::Carrier {
        return link_rules(&lower, false, settings);
    }
    Vec::new()
}

/// The rules about attached files.
pub(super) fn attachments(scale: &mut Scale<'_>, draft: &Draft) {
    for (rule, shade, name) in attachments::faults(&draft.attachments) {
        scale.whole(Part::Text, rule, shade, name);
    }
}

/// Findings about the draft as a whole.
pub(super) fn whole(scale: &mut Scale<'_>, draft: &Draft, parts: &[Read<'_>], tongue: &Tongue) {
    let subject = draft.subject.as_ref().map(Personal::expose);
    if draft.kind == DraftKind::Proactive
        && !scale.has(Rule::advertises_or_reviews)
        && let Some(rule) = purpose::aimless(parts.iter().map(|part| (&part.source.words, &part.phrases)))
    {
        scale.whole(Part::Text, rule, Shade::Plain, None);
    }
    if draft.kind != DraftKind::Reply && !names_order(draft, parts, subject) {
        scale.whole(Part::Text, Rule::MissingOrderId, Shade::Plain, None);
    }
    if let Some(subject) = subject.filter(|subject| subject::important_tag(subject)) {
        scale.whole(Part::Subject, Rule::ImportantTag, Shade::Plain, Some(subject.into()));
    }
    if tongue.other.is_some() && draft.buyer_language.is_some() {
        let mut prose = parts.iter().map(|part| (&part.source.clean, part.no_prose.as_slice()));
        if prose.any(|(clean, without)| language::wrong(draft, clean, without).is_some()) {
            scale.whole(Part::Text, Rule::WrongLanguage, Shade::Plain, None);
        }
    }
}

/// An order id in any part, or in a template the variable that will be one.
fn names_order(draft: &Draft, parts: &[Read<'_>], subject: Option<&str>) -> bool {
    let in_text = parts.iter().any(|part| subject::has_order_id(&part.source.clean.text));
    let in_subject = || subject.is_some_and(|subject| subject::has_order_id(&Clean::new(subject).text));
    let variable = || {
        draft.template
            && parts.iter().any(|part| {
                let mut found = part.source.placeholders.iter();
                found.any(|found| super::placeholder::names_order(&part.source.given[found.start..found.end]))
            })
    };
    in_text || in_subject() || variable()
}
