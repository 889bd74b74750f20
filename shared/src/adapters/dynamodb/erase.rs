//! Erasing one buyer: what is kept of him, and its removal.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::{AttributeValue, Delete, TransactWriteItem};

use super::row::{Row, unreadable};
use super::{Query, Table, keys, records};
use crate::domain::alias::Buyer;
use crate::domain::copy::comparable_name;
use crate::domain::key::Key;
use crate::domain::store::StoreId;
use crate::ports::{Change, Erasure, Handle, Holdings, Ported, ReadHoldings, Trace};

/// A message that still counts as it did when it was read.
const SAME_FACT: &str = "attribute_exists(pk) AND fact = :fact";
/// A message that counts as nothing, as when it was read.
const NO_FACT: &str = "attribute_exists(pk) AND attribute_not_exists(fact)";

impl ReadHoldings for Table {
    async fn holdings(&self, store: &StoreId, buyer: &Buyer) -> Ported<Holdings> {
        let mut held = Holdings::default();
        let trace = |row: &Row| row.key().map(|(pk, sk)| Trace(pk, sk));
        for row in self.query(Query::partition(keys::buyer(store, buyer))).await? {
            let sk = row.get("sk")?;
            if sk == keys::BUYER_SK {
                held.record = Some(row.get_number("version")?);
            } else if sk.starts_with(keys::THREADS) {
                held.threads.push(records::thread(&row)?);
            } else if sk.starts_with(keys::MESSAGES) {
                held.messages.push(records::message(&row)?);
            } else if sk.starts_with(keys::OUTBOX) {
                held.outbox.push(records::outgoing(&row)?);
            } else {
                held.traces.extend(trace(&row));
            }
        }
        let handles = self.query(Query {
            index: Some(keys::FACTS_INDEX),
            condition: "fact_pk = :pk",
            ..Query::partition(keys::handles(store, buyer))
        });
        // The index may lag: what is gone already is no trace.
        let named = handles.await?.iter().filter_map(Row::key).collect();
        held.traces
            .extend(self.get_all(named, true).await?.iter().filter_map(trace));
        held.traces.extend(self.copies_of(store, &held).await?);
        Ok(held)
    }
}

impl Table {
    /// Copies from Seller Central that answered this buyer: they stay some days, under his orders and his name.
    async fn copies_of(&self, store: &StoreId, held: &Holdings) -> Ported<Vec<Trace>> {
        let raws: BTreeSet<&str> = held
            .messages
            .iter()
            .filter_map(|message| message.raw.as_deref())
            .collect();
        let mut places = BTreeSet::new();
        for thread in &held.threads {
            let orders = thread.order_ids.iter().cloned().map(Handle::Order);
            let name = thread.buyer_name.as_ref().and_then(comparable_name).map(Handle::Name);
            places.extend(orders.chain(name).map(|handle| keys::copy(store, &handle)));
        }
        let mut copies = Vec::new();
        for place in places {
            for row in self.query(Query::partition(place)).await? {
                if row.find("raw").is_some_and(|raw| raws.contains(raw)) {
                    copies.push(Trace(row.get("pk")?.to_owned(), row.get("sk")?.to_owned()));
                }
            }
        }
        Ok(copies)
    }

    /// What the metric counts of a message that is erased, as a row of its own without the buyer.
    pub(super) fn fact_that_stays(&self, change: &Change) -> Option<Ported<TransactWriteItem>> {
        let Change::Erase(store, buyer, Erasure::Message(message)) = change else {
            return None;
        };
        if !message.counts() {
            return None;
        }
        // Named after the message by one more hash: nothing leads from it to the mail or to the buyer.
        let key = Key::of(&["erased", message.key.as_str()]);
        let row = Row::keyed(keys::erased(store), key.as_str().to_owned());
        let row = records::counted(row, store, buyer.marketplace(), message, &key);
        Some(self.put(row, None, None))
    }

    /// Removes one part of what is kept of a buyer.
    pub(super) fn erase(&self, store: &StoreId, buyer: &Buyer, part: &Erasure) -> Ported<TransactWriteItem> {
        let own = keys::buyer(store, buyer);
        let text = |value: &str| AttributeValue::S(value.to_owned());
        let version = |version: u64| AttributeValue::N(version.to_string());
        let delete = match part {
            Erasure::Message(message) => {
                let delete = self.deleting(own, keys::message(&message.key));
                match message.fact.map(records::fact_parts) {
                    Some((name, _)) => delete
                        .condition_expression(SAME_FACT)
                        .expression_attribute_values(":fact", text(name)),
                    None => delete.condition_expression(NO_FACT),
                }
            }
            Erasure::Outgoing(item) => self
                .deleting(own, keys::outgoing(&item.key))
                .condition_expression("#state = :state")
                .expression_attribute_names("#state", "state")
                .expression_attribute_values(":state", text(item.state.as_str())),
            Erasure::Thread(thread) => self
                .deleting(own, keys::thread(&thread.id))
                .condition_expression("version = :version")
                .expression_attribute_values(":version", version(thread.version)),
            Erasure::Record(read) => self
                .deleting(own, keys::BUYER_SK.to_owned())
                .condition_expression("version = :version")
                .expression_attribute_values(":version", version(*read)),
            Erasure::Trace(Trace(pk, sk)) => self.deleting(pk.clone(), sk.clone()),
        };
        let delete = delete.build().map_err(|_| unreadable("delete"))?;
        Ok(TransactWriteItem::builder().delete(delete).build())
    }

    fn deleting(&self, pk: String, sk: String) -> aws_sdk_dynamodb::types::builders::DeleteBuilder {
        Delete::builder()
            .table_name(&self.name)
            .key(keys::PK, AttributeValue::S(pk))
            .key(keys::SK, AttributeValue::S(sk))
    }
}
