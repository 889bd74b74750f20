//! Threads and their messages.

use jiff::Timestamp;
use serde::Serialize;
use within24::domain::alias::CaseId;
use within24::domain::language::Language;
use within24::domain::listing::Listed;
use within24::domain::message::Message;
use within24::domain::order_id::OrderId;
use within24::domain::personal::Personal;
use within24::domain::thread::Thread;
use within24::lambda::room::Room;

use super::none;

pub(super) fn exposed(personal: Option<&Personal>) -> Option<&str> {
    personal.map(Personal::expose)
}

/// A thread as a list shows it.
#[derive(Serialize)]
pub(crate) struct ThreadSummary<'a> {
    pub(super) id: &'a str,
    pub(super) store: &'a str,
    pub(super) marketplace: &'static str,
    buyer: &'a str,
    pub(super) alias: &'a str,
    pub(super) case_id: Option<&'a str>,
    pub(super) order_ids: Vec<&'a str>,
    pub(super) buyer_name: Option<&'a str>,
    pub(super) subject: Option<&'a str>,
    language: Option<&'a str>,
    pub(super) status: &'static str,
    opened_at: Timestamp,
    awaiting_since: Option<Timestamp>,
    due_at: Option<Timestamp>,
    assignee: Option<&'a str>,
    tags: Vec<&'a str>,
    unread: bool,
    archived: bool,
}

impl<'a> ThreadSummary<'a> {
    /// The one place that says what a list shows of a thread.
    pub(crate) fn of(thread: &'a Listed, now: Timestamp) -> Self {
        Self {
            id: thread.id.as_str(),
            store: thread.store.as_str(),
            marketplace: thread.marketplace().code(),
            buyer: thread.buyer.expose(),
            alias: thread.alias.expose(),
            case_id: thread.case_id.as_ref().map(CaseId::as_str),
            order_ids: thread.order_ids.iter().map(OrderId::as_str).collect(),
            buyer_name: exposed(thread.buyer_name.as_ref()),
            subject: exposed(thread.subject.as_ref()),
            language: thread.language.as_ref().map(Language::as_str),
            status: thread.status.as_str(),
            opened_at: thread.opened_at,
            awaiting_since: thread.waiting_since,
            due_at: thread.due_at(),
            assignee: exposed(thread.assignee.as_ref()),
            tags: thread.tags.iter().map(String::as_str).collect(),
            unread: thread.unread,
            archived: thread.archived(now),
        }
    }
}

/// A page of a list.
#[derive(Serialize)]
pub(crate) struct ThreadPage<'a> {
    pub(crate) threads: Vec<ThreadSummary<'a>>,
    pub(crate) next: Option<String>,
}

/// A thread with what happened in it.
#[derive(Serialize)]
pub(crate) struct FullThread<'a> {
    #[serde(flatten)]
    summary: ThreadSummary<'a>,
    last_message_at: Timestamp,
    last_answer_at: Option<Timestamp>,
    asked_for_order_id_at: Option<Timestamp>,
    messages: Vec<MessageOut>,
    #[serde(skip_serializing_if = "none")]
    messages_left_out: usize,
}

impl<'a> FullThread<'a> {
    /// With the latest of its messages that there is room for.
    pub(crate) fn of(
        thread: &'a Thread,
        shown: &'a Listed,
        messages: Vec<Message>,
        now: Timestamp,
        mut room: Room,
    ) -> Self {
        let summary = ThreadSummary::of(shown, now);
        room.takes(&summary);
        let (messages, messages_left_out) = room.last(messages.into_iter().map(MessageOut::of).collect());
        Self {
            summary,
            last_message_at: thread.last_message_at,
            last_answer_at: thread.last_answer_at,
            asked_for_order_id_at: thread.asked_at,
            messages,
            messages_left_out,
        }
    }
}

/// A message.
#[derive(Serialize)]
pub(crate) struct MessageOut {
    id: String,
    at: Timestamp,
    by: String,
    kind: &'static str,
    automatic: bool,
    text: Option<String>,
    attachments: u32,
    failed: bool,
}

impl MessageOut {
    fn of(message: Message) -> Self {
        Self {
            id: message.key.as_str().to_owned(),
            at: message.at,
            by: message.by.map_or_else(|| "buyer".to_owned(), Personal::into_exposed),
            kind: message.kind.as_str(),
            automatic: message.automatic,
            text: message.text.map(Personal::into_exposed),
            attachments: message.attachments,
            failed: message.failed,
        }
    }
}
