//! What the API answers, as the lines that tables and charts are made of.

use within24::domain::marketplace::Marketplace;
use within24::domain::thread::Status;
use within24::wire::metrics::{DayOut, WindowOut};
use within24::wire::thread::ThreadSummary;

use crate::metrics::{DayLine, MetricsLine};
use crate::output::ThreadLine;

/// A thread, without its messages.
pub(super) fn thread(summary: ThreadSummary) -> ThreadLine {
    ThreadLine {
        marketplace: code(&summary.marketplace),
        status: Status::parse(&summary.status).map_or("unknown", Status::as_str),
        id: summary.id,
        store: summary.store,
        buyer: summary.buyer,
        alias: summary.alias,
        case_id: summary.case_id,
        order_ids: summary.order_ids,
        buyer_name: summary.buyer_name,
        subject: summary.subject,
        language: summary.language,
        awaiting_since: summary.awaiting_since,
        due_at: summary.due_at,
        assignee: summary.assignee,
        tags: summary.tags,
        messages: Vec::new(),
    }
}

fn code(code: &str) -> &'static str {
    Marketplace::parse(code).map_or("??", Marketplace::code)
}

/// A window of a store.
pub(super) fn window(store: &str, window: &WindowOut) -> MetricsLine {
    MetricsLine {
        store: store.to_owned(),
        marketplace: window.marketplace.as_deref().map(code),
        window_days: window.window_days,
        counts: window.counts,
    }
}

/// A day of a store.
pub(super) fn day(store: &str, day: &DayOut) -> DayLine {
    DayLine {
        store: store.to_owned(),
        day: day.day,
        within_24h: day.counts.within_24h,
        late: day.counts.late,
    }
}
