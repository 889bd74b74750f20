//! Threads and their messages.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{exposed, none};
use crate::domain::listing::Listed;
use crate::domain::message::Message;
use crate::domain::personal::Personal;
use crate::domain::thread::Thread;

/// A thread as a list shows it.
#[derive(Clone, Deserialize, Serialize)]
pub struct ThreadSummary {
    pub id: String,
    pub store: String,
    pub marketplace: String,
    pub buyer: String,
    pub alias: String,
    pub case_id: Option<String>,
    pub order_ids: Vec<String>,
    pub buyer_name: Option<String>,
    pub subject: Option<String>,
    pub language: Option<String>,
    pub status: String,
    pub opened_at: Timestamp,
    pub awaiting_since: Option<Timestamp>,
    pub due_at: Option<Timestamp>,
    pub assignee: Option<String>,
    pub tags: Vec<String>,
    pub unread: bool,
    pub archived: bool,
}

impl ThreadSummary {
    /// The one place that says what a list shows of a thread.
    pub fn of(thread: &Listed, now: Timestamp) -> Self {
        Self {
            id: thread.id.as_str().to_owned(),
            store: thread.store.as_str().to_owned(),
            marketplace: thread.marketplace().code().to_owned(),
            buyer: thread.buyer.expose().to_owned(),
            alias: thread.alias.expose().to_owned(),
            case_id: thread.case_id.as_ref().map(|case| case.as_str().to_owned()),
            order_ids: thread.order_ids.iter().map(|order| order.as_str().to_owned()).collect(),
            buyer_name: exposed(thread.buyer_name.as_ref()),
            subject: exposed(thread.subject.as_ref()),
            language: thread.language.as_ref().map(|language| language.as_str().to_owned()),
            status: thread.status.as_str().to_owned(),
            opened_at: thread.opened_at,
            awaiting_since: thread.waiting_since,
            due_at: thread.due_at(),
            assignee: exposed(thread.assignee.as_ref()),
            tags: thread.tags.iter().cloned().collect(),
            unread: thread.unread,
            archived: thread.archived(now),
        }
    }
}

/// A page of a list.
#[derive(Clone, Deserialize, Serialize)]
pub struct ThreadPage<T = ThreadSummary> {
    pub threads: Vec<T>,
    pub next: Option<String>,
}

/// A thread with what happened in it.
#[derive(Clone, Deserialize, Serialize)]
pub struct FullThread {
    #[serde(flatten)]
    pub summary: ThreadSummary,
    pub last_message_at: Timestamp,
    pub last_answer_at: Option<Timestamp>,
    pub asked_for_order_id_at: Option<Timestamp>,
    pub messages: Vec<MessageOut>,
    #[serde(default, skip_serializing_if = "none")]
    pub messages_left_out: usize,
}

impl FullThread {
    /// With all of its messages.
    pub fn of(thread: &Thread, messages: Vec<Message>, now: Timestamp) -> Self {
        Self {
            summary: ThreadSummary::of(&Listed::of(thread), now),
            last_message_at: thread.last_message_at,
            last_answer_at: thread.last_answer_at,
            asked_for_order_id_at: thread.asked_at,
            messages: messages.into_iter().map(MessageOut::of).collect(),
            messages_left_out: 0,
        }
    }
}

/// A message.
#[derive(Clone, Deserialize, Serialize)]
pub struct MessageOut {
    pub id: String,
    pub at: Timestamp,
    pub by: String,
    pub kind: String,
    pub automatic: bool,
    pub text: Option<String>,
    pub attachments: u32,
    pub failed: bool,
}

impl MessageOut {
    fn of(message: Message) -> Self {
        Self {
            id: message.key.as_str().to_owned(),
            at: message.at,
            by: message.by.map_or_else(|| "buyer".to_owned(), Personal::into_exposed),
            kind: message.kind.as_str().to_owned(),
            automatic: message.automatic,
            text: message.text.map(Personal::into_exposed),
            attachments: message.attachments,
            failed: message.failed,
        }
    }
}
