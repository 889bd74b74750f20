//! What in a call names the thread: our own id of it, the buyer's relay address, an order id.
//!
//! Helpdesks put them in many places, so the whole body is looked through. Relay addresses and order ids are told by
//! their form wherever a field holds nothing else; inside longer texts they count in subjects only, since a message may
//! quote anything.

use serde_json::Value;

use super::payload::text;
use crate::domain::alias::{Alias, Buyer, CaseId};
use crate::domain::mail::orders_in;
use crate::domain::order_id::OrderId;
use crate::domain::thread::ThreadId;

/// The most that is taken of each kind.
const MOST: usize = 20;

/// What names a thread.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reference {
    /// Our own selector, where the event is ours.
    pub select: Option<Select>,
    /// Perhaps ids of our threads.
    pub threads: Vec<ThreadId>,
    /// Relay addresses.
    pub aliases: Vec<Alias>,
    /// Order ids.
    pub orders: Vec<OrderId>,
    /// The helpdesk's id of its ticket.
    pub ticket: Option<String>,
}

/// Names a thread as our own events and the timeline of a replay do. Of several that fit, the newest is meant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Select {
    /// In this store only.
    pub store: Option<String>,
    /// By its id.
    pub thread: Option<ThreadId>,
    /// By an order named in it.
    pub order: Option<OrderId>,
    /// By its case.
    pub case: Option<CaseId>,
    /// By its buyer.
    pub buyer: Option<Buyer>,
    /// It names something that cannot be: no thread fits.
    pub impossible: bool,
}

impl Select {
    /// Reads texts; what is no id of its kind fits no thread.
    pub fn new(
        thread: Option<&str>,
        order_id: Option<&str>,
        case_id: Option<&str>,
        buyer: Option<&str>,
        store: Option<&str>,
    ) -> Self {
        let mut impossible = false;
        let mut read = |given: Option<&str>, usable: bool| impossible |= given.is_some() && !usable;
        let select = Self {
            store: store.map(str::to_owned),
            thread: thread.and_then(ThreadId::parse),
            order: order_id.map(str::trim).and_then(OrderId::parse),
            case: case_id.map(str::trim).and_then(CaseId::parse),
            buyer: buyer.and_then(Buyer::parse),
            impossible: false,
        };
        read(thread, select.thread.is_some());
        read(order_id, select.order.is_some());
        read(case_id, select.case.is_some());
        read(buyer, select.buyer.is_some());
        Self { impossible, ..select }
    }
}

/// Fields that hold a ticket's subject.
const SUBJECTS: [&str; 7] = [
    "subject",
    "ticket_subject",
    "mail_subject",
    "raw_subject",
    "title",
    "ticket_title",
    "external_id",
];

/// Fields into which people put our id of the thread.
const EXTERNAL_IDS: [&str; 4] = ["external_id", "externalId", "external_reference", "ticket_external_id"];

/// What may stand before our id, in a tag above all.
const PREFIXES: [&str; 3] = ["within24-", "within24:", "within24_"];

impl Reference {
    /// Takes in all that the body holds.
    pub(super) fn gather(&mut self, body: &Value) {
        self.look(body, "");
    }

    fn look(&mut self, value: &Value, field: &str) {
        match value {
            Value::Object(fields) => fields.iter().for_each(|(name, value)| self.look(value, name)),
            Value::Array(items) => items.iter().for_each(|item| self.look(item, field)),
            Value::String(text) if !text.trim().is_empty() => self.look_at(text.trim(), field),
            _ => {}
        }
    }

    fn look_at(&mut self, text: &str, field: &str) {
        if let Some(alias) = address(text).and_then(Alias::parse) {
            push(&mut self.aliases, alias);
        }
        if let Some(order) = OrderId::parse(text) {
            push(&mut self.orders, order);
        }
        if SUBJECTS.contains(&field) {
            for word in text.split(|c: char| c.is_whitespace() || "<>()[],;\"'".contains(c)) {
                if let Some(alias) = Alias::parse(word) {
                    push(&mut self.aliases, alias);
                }
            }
            for order in orders_in(text) {
                push(&mut self.orders, order);
            }
        }
        let named = PREFIXES.iter().find_map(|prefix| text.strip_prefix(prefix));
        let bare = (EXTERNAL_IDS.contains(&field) || is_ours(text)).then_some(text);
        if let Some(thread) = named.or(bare).and_then(ThreadId::parse) {
            push(&mut self.threads, thread);
        }
    }

    /// The helpdesk's id of its ticket: the first of these places that holds one.
    pub(super) fn of_ticket(body: &Value, places: &[&str]) -> Self {
        let ticket = places.iter().find_map(|place| text(body.pointer(place)?));
        Self {
            ticket,
            ..Self::default()
        }
    }
}

/// Whether it has the form of an id that we make: 22 small letters and digits, with some of both.
fn is_ours(text: &str) -> bool {
    let plain = text.len() == 22 && text.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_lowercase());
    plain && text.starts_with("01") && text.bytes().any(|b| b.is_ascii_lowercase())
}

/// The address of `Name <address>` or of a bare address.
fn address(text: &str) -> Option<&str> {
    if text.len() > 320 {
        return None;
    }
    match text.rsplit_once('<') {
        Some((_, rest)) => rest.strip_suffix('>'),
        None => Some(text),
    }
}

fn push<T: PartialEq>(list: &mut Vec<T>, item: T) {
    if list.len() < MOST && !list.contains(&item) {
        list.push(item);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn gathered(body: &Value) -> Reference {
        let mut reference = Reference::default();
        reference.gather(body);
        reference
    }

    #[test]
    fn a_relay_address_counts_wherever_it_stands_alone() {
        let reference = gathered(&json!({
            "contact": {"email": "A1B2C3D4E5F6G7@marketplace.amazon.de"},
            "from": "Vera <a1b2c3d4e5f6g7+case-0001@marketplace.amazon.de>",
            "content": "write to other1234567@marketplace.amazon.de please",
        }));
        let found: Vec<&str> = reference.aliases.iter().map(Alias::expose).collect();
        assert_eq!(
            found,
            [
                "a1b2c3d4e5f6g7@marketplace.amazon.de",
                "a1b2c3d4e5f6g7+case-0001@marketplace.amazon.de"
            ]
        );
    }

    #[test]
    fn orders_count_in_subjects_and_where_they_stand_alone() {
        let reference = gathered(&json!({
            "subject": "Frage (Bestellung: 302-1234567-7654321)",
            "custom_fields": [{"id": 1, "value": "302-0000000-0000001"}],
            "comment": {"body": "not 302-9999999-9999999"},
        }));
        let found: Vec<&str> = reference.orders.iter().map(OrderId::as_str).collect();
        assert_eq!(found.len(), 2);
        assert!(found.contains(&"302-1234567-7654321") && found.contains(&"302-0000000-0000001"));
    }

    #[test]
    fn our_id_counts_as_external_id_or_as_tag() {
        let id = "01kjx0a1b2c3d4e5f6g7h8";
        for body in [
            json!({"detail": {"external_id": id}}),
            json!({"tags": ["vip", id]}),
            json!({"tags": [{"name": format!("within24-{id}")}]}),
        ] {
            let found: Vec<String> = gathered(&body).threads.iter().map(|t| t.as_str().to_owned()).collect();
            assert_eq!(found, [id], "{body}");
        }
        assert!(
            gathered(&json!({"tags": ["vip", "urgent"], "id": "42"}))
                .threads
                .is_empty()
        );
    }

    #[test]
    fn a_selector_of_what_cannot_be_fits_nothing() {
        let select = Select::new(None, Some("302-1"), None, None, None);
        assert!(select.impossible && select.order.is_none());
        let select = Select::new(None, Some("302-1234567-7654321"), None, None, Some("de"));
        assert!(!select.impossible && select.order.is_some());
    }
}
