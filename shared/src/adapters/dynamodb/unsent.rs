//! What a process that died left in the outbox: for a server that begins anew, never for a function, which the stream calls.

use aws_sdk_dynamodb::types::AttributeValue;

use super::row::Row;
use super::{Table, failed, keys, records};
use crate::domain::outgoing::{Outgoing, State};
use crate::ports::Ported;

/// The states of items that are still to be sent, or that somebody was sending.
const OPEN: [(&str, State); 3] = [
    (":pending", State::Pending),
    (":deferred", State::Deferred),
    (":sending", State::Sending),
];

impl Table {
    /// Every item of every outbox that is to be sent, or that somebody was sending, in any order. Reads the whole table.
    ///
    /// # Errors
    /// Where DynamoDB fails.
    pub async fn unsent(&self) -> Ported<Vec<Outgoing>> {
        let mut items = Vec::new();
        let mut from = None;
        loop {
            let mut call = self.client.scan().table_name(&self.name).set_exclusive_start_key(from);
            call = call
                .filter_expression("begins_with(sk, :outbox) AND #state IN (:pending, :deferred, :sending)")
                .expression_attribute_names("#state", "state")
                .expression_attribute_values(":outbox", AttributeValue::S(keys::OUTBOX.to_owned()));
            for (name, state) in OPEN {
                call = call.expression_attribute_values(name, AttributeValue::S(state.as_str().to_owned()));
            }
            let page = call.send().await.map_err(|error| failed(&error))?;
            for item in page.items.unwrap_or_default() {
                items.push(records::outgoing(&Row(item))?);
            }
            from = page.last_evaluated_key;
            if from.is_none() {
                return Ok(items);
            }
        }
    }
}
