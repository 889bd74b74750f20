//! Drafts as callers write them: what cannot be used of one.

use within24::domain::language::Language;
use within24::domain::order_id::Asin;
use within24::wire::Object;
use within24::wire::problem::Invalid;
use within24::wire::screen::DraftIn;

use crate::threads::marketplace;

/// The most bytes of what a caller names a draft.
const LONGEST_ID: usize = 1000;

fn language(tag: &str) -> Option<Language> {
    (tag.len() == 2 && tag.bytes().all(|b| b.is_ascii_lowercase())).then(|| Language::parse(tag))?
}

/// What cannot be used of it; `at` is its place in the body.
pub(crate) fn faults(draft: &DraftIn, at: &str) -> Vec<Invalid> {
    let mut faults = Vec::new();
    let mut need = |holds: bool, field: &str, detail: &str| {
        if !holds {
            faults.push(Invalid {
                pointer: format!("{at}/{field}"),
                detail: detail.to_owned(),
            });
        }
    };
    let name = draft.id.as_ref().map_or(0, |id| id.to_string().len());
    need(name <= LONGEST_ID, "id", "write at most 1000 bytes of JSON");
    let short = |text: Option<&String>, most: usize| text.is_none_or(|text| text.chars().count() <= most);
    need(
        short(Some(&draft.text), 100_000),
        "text",
        "write at most 100000 characters",
    );
    need(
        short(draft.html.as_ref(), 500_000),
        "html",
        "write at most 500000 characters",
    );
    need(
        short(draft.subject.as_ref(), 1000),
        "subject",
        "write at most 1000 characters",
    );
    need(
        short(draft.order_id.as_ref(), 100),
        "order_id",
        "write at most 100 characters",
    );
    let known = draft
        .marketplace
        .as_deref()
        .is_none_or(|code| marketplace(code).is_some());
    need(known, "marketplace", "write a code like DE, GB, JP");
    let known = draft
        .buyer_language
        .as_deref()
        .is_none_or(|tag| language(tag).is_some());
    need(known, "buyer_language", "write a language of two letters, like de");
    let orders = draft.thread_order_ids.as_deref().unwrap_or_default();
    let good = orders.len() <= 100 && orders.iter().all(|order| short(Some(order), 100));
    need(
        good,
        "thread_order_ids",
        "write at most 100 order ids of at most 100 characters each",
    );
    let asins = draft.thread_asins.as_deref().unwrap_or_default();
    let good = asins.len() <= 100 && asins.iter().all(|asin| Asin::parse(asin).is_some());
    need(
        good,
        "thread_asins",
        "write at most 100 ASINs of ten capitals and digits each",
    );
    let files = draft.attachments.as_deref().unwrap_or_default();
    let good = files.len() <= 100
        && files
            .iter()
            .all(|Object(file)| short(file.name.as_ref(), 1000) && short(file.media_type.as_ref(), 200));
    need(
        good,
        "attachments",
        "write at most 100 files, their names at most 1000 characters long",
    );
    faults
}
