//! The screen before anything goes out: the same code for people's answers and for our own requests.

use crate::domain::attachment::KeptAttachment;
use crate::domain::outgoing::{Content, Outgoing};
use crate::domain::personal::Personal;
use crate::domain::screening::{Draft, DraftKind, MOST_ATTACHED_BYTES, Report, Rule, Severity, Verdict, screen};
use crate::domain::store::Store;
use crate::domain::thread::Thread;

/// Screens text and files of an outbox item as a reply in its thread.
pub(super) fn report(store: &Store, thread: &Thread, item: &Outgoing, text: &Personal) -> Report {
    let buyer_language = match &item.content {
        Content::OrderIdRequest { language, .. } => Some(*language),
        Content::Reply { .. } => thread.language,
    };
    let draft = Draft {
        text: text.clone(),
        kind: DraftKind::Reply,
        marketplace: Some(thread.marketplace()),
        buyer_language,
        order_id: thread.order_ids.first().map(|order| Personal::new(order.as_str())),
        thread_order_ids: thread
            .order_ids
            .iter()
            .map(|order| Personal::new(order.as_str()))
            .collect(),
        // An id that the thread does not know may be the buyer's all the same, a replacement's say: a person looks.
        other_buyers_order_ids: Some(Vec::new()),
        attachments: item.content.attachments().iter().map(KeptAttachment::drafted).collect(),
        ..Draft::default()
    };
    let report = screen(&draft, &store.screen.settings());
    for rule in &report.accepted_risks {
        tracing::warn!(
            store.id = store.id.as_str(),
            screen.rule = rule.id(),
            "the store accepts the risk of this rule"
        );
    }
    for rule in &report.ignored_settings {
        tracing::warn!(
            store.id = store.id.as_str(),
            screen.rule = rule.id(),
            "a setting is ignored without i_accept_the_risk"
        );
    }
    report
}

/// The ids of the rules found, the gravest first, each once; notes are left out.
pub(super) fn rules_found(report: &Report, content: &Content) -> Vec<String> {
    let mut found: Vec<(Severity, &str)> = report.findings.iter().map(|f| (f.severity, f.rule.id())).collect();
    if too_large(content) {
        found.push((Severity::Block, Rule::AttachmentSize.id()));
    }
    found.retain(|(severity, _)| *severity > Severity::Note);
    found.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(b.1)));
    found.dedup_by_key(|(_, rule)| *rule);
    found.into_iter().map(|(_, rule)| rule.to_owned()).collect()
}

/// Whether it may go out: not blocked, or overridden by a person who is named. Nobody overrides for a machine.
pub(super) fn may_go(report: &Report, content: &Content) -> bool {
    let overridden = match content {
        Content::Reply { by, r#override, .. } => *r#override && !by.expose().trim().is_empty(),
        Content::OrderIdRequest { .. } => false,
    };
    (report.verdict != Verdict::Block || overridden) && !too_large(content)
}

/// More than Amazon's relay carries: no person and no setting lets it pass.
fn too_large(content: &Content) -> bool {
    let bytes = content.attachments().iter().map(|file| file.bytes);
    bytes.fold(0, u64::saturating_add) > MOST_ATTACHED_BYTES
}
