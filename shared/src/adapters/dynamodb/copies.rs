//! Copies from Seller Central that wait for their question. One that found it stays until it expires, and waits no more.

use aws_sdk_dynamodb::types::TransactWriteItem;
use jiff::SignedDuration;

use super::row::{Row, unreadable};
use super::{Query, Table, keys};
use crate::domain::clock;
use crate::domain::copy;
use crate::domain::key::Key;
use crate::domain::message_id::MessageId;
use crate::domain::order_id::OrderId;
use crate::domain::personal::Personal;
use crate::domain::store::StoreId;
use crate::ports::{FindCopies, Handle, Ported, WaitingCopy};

/// A copy finds its question once.
const STILL_WAITS: &str = "attribute_exists(pk) AND attribute_not_exists(matched)";

fn row(question: &Handle, copy: &WaitingCopy) -> Row {
    // The time of the last question that it can answer, and some hours for one that comes late.
    let expires = clock::shift(copy.received, copy::WAITS + SignedDuration::from_hours(24)).as_second();
    let handles = copy.handles.iter().filter_map(|handle| match handle {
        Handle::Order(order) => Some(format!("order {}", order.as_str())),
        Handle::Name(name) => Some(format!("name {name}")),
        _ => None,
    });
    Row::keyed(keys::copy(&copy.store, question), copy.key.as_str().to_owned())
        .time("at", copy.received)
        .list("handles", handles)
        .long_text("text", copy.text.as_ref().map(Personal::expose))
        .text_if("mid", copy.message_id.as_ref().map(MessageId::expose))
        .text("raw", copy.raw.as_str())
        .number("expires", expires)
}

fn read(row: &Row, store: &StoreId) -> Ported<WaitingCopy> {
    let handle = |text: &str| match text.split_once(' ')? {
        ("order", id) => OrderId::parse(id).map(Handle::Order),
        ("name", name) => Some(Handle::Name(name.to_owned())),
        _ => None,
    };
    Ok(WaitingCopy {
        key: Key::parse(row.get("sk")?).ok_or_else(|| unreadable("sk"))?,
        store: store.clone(),
        received: row.get_time("at")?,
        handles: row.texts("handles").filter_map(handle).collect(),
        text: row.find_long_text("text")?.map(Personal::from),
        message_id: row.find("mid").and_then(MessageId::parse),
        raw: row.get("raw")?.to_owned(),
    })
}

impl FindCopies for Table {
    async fn copies(&self, store: &StoreId, handle: &Handle) -> Ported<Vec<WaitingCopy>> {
        let rows = self.query(Query::partition(keys::copy(store, handle))).await?;
        let waiting = rows.iter().filter(|row| !row.is("matched"));
        waiting.map(|row| read(row, store)).collect()
    }
}

impl Table {
    pub(super) fn copy_waits(&self, question: &Handle, copy: &WaitingCopy) -> Ported<TransactWriteItem> {
        self.put(row(question, copy), None, None)
    }

    pub(super) fn copy_found(&self, question: &Handle, copy: &WaitingCopy) -> Ported<TransactWriteItem> {
        self.put(row(question, copy).flag("matched", true), Some(STILL_WAITS), None)
    }
}
