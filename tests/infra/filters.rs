//! Which changes of the table reach which function: the stream's filters, on rows as the table really stores them.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use serde_json::{Value, json};
use within24::adapters::dynamodb::Table;
use within24::domain::alias::Alias;
use within24::domain::key::Key;
use within24::domain::language::Language;
use within24::domain::outgoing::{Content, Outgoing, State};
use within24::domain::store::{Store, StoreId};
use within24::domain::thread::{Status, Thread};
use within24::ports::{Change, Commit};

use crate::database;
use crate::template::Template;

/// Whether a filter's pattern lets a record through: each of its fields holds one of the values, or begins with the prefix.
pub(crate) fn passes(pattern: &Value, record: &Value) -> bool {
    match pattern {
        Value::Object(fields) => fields.iter().all(|(name, inner)| passes(inner, &record[name])),
        Value::Array(wanted) => wanted.iter().any(|one| match one["prefix"].as_str() {
            Some(prefix) => record.as_str().is_some_and(|text| text.starts_with(prefix)),
            None => one == record,
        }),
        other => panic!("a pattern has lists at its leaves, not {other}"),
    }
}

/// The filters of the stream mapping of a function.
fn filters(function: &str) -> Vec<Value> {
    let template = Template::load();
    let functions = template.functions();
    let function = functions.iter().find(|one| one.name == function).unwrap();
    let (_, _, source) = function
        .events()
        .into_iter()
        .find(|(_, kind, _)| *kind == "DynamoDB")
        .unwrap();
    let filters = source["FilterCriteria"]["Filters"].as_array().unwrap();
    filters
        .iter()
        .map(|filter| serde_json::from_str(filter["Pattern"].as_str().unwrap()).unwrap())
        .collect()
}

fn outgoing(thread: &Thread, state: State, content: Content) -> Outgoing {
    Outgoing {
        key: Key::of(&[state.as_str(), content.kind()]),
        store: thread.store.clone(),
        buyer: thread.buyer.clone(),
        thread: thread.id.clone(),
        content,
        state,
        created_at: thread.opened_at,
        claimed_until: None,
        held_on: None,
        findings: Vec::new(),
    }
}

/// Every row of a table that holds a thread, and an outbox item of each kind in each state.
async fn rows() -> Vec<HashMap<String, AttributeValue>> {
    let now: Timestamp = "2026-03-02T09:15:00Z".parse().unwrap();
    let alias = Alias::parse("a1b2c3d4e5f6g7h+01234567-89ab@marketplace.amazon.de").unwrap();
    let store = Store::new(StoreId::parse("de").unwrap(), "shop@x.example", "shop@x.example");
    let mut thread = Thread::open(store.id.clone(), alias, &Key::of(&["opening"]), now);
    thread.wait(Some(now), Status::NeedsResponse, &store);
    let client = database::client().await;
    let table = Table::new(client.clone(), "within24");
    table.create().await.unwrap();
    table.put_store(&store).await.unwrap();
    let mut changes = vec![Change::Thread(Box::new(thread.clone()))];
    for &state in State::ALL {
        let request = Content::OrderIdRequest {
            language: Language::parse("de").unwrap(),
            near_miss: None,
        };
        let reply = Content::Reply {
            text: "It is due on Friday.".into(),
            by: "Mara".into(),
            r#override: false,
            attachments: Vec::new(),
        };
        for content in [request, reply] {
            changes.push(Change::Outgoing(Box::new(outgoing(&thread, state, content))));
        }
    }
    table.commit(changes).await.unwrap();
    let scanned = client.scan().table_name("within24").send().await.unwrap();
    scanned.items.unwrap()
}

/// A row as a stream record shows it; texts are all that a filter looks at.
fn image(row: &HashMap<String, AttributeValue>) -> Value {
    let text =
        |(name, value): (&String, &AttributeValue)| value.as_s().ok().map(|text| (name.clone(), json!({"S": text})));
    Value::Object(row.iter().filter_map(text).collect())
}

#[tokio::test]
async fn a_function_that_sends_sees_the_pending_items_of_its_kind_and_nothing_else() {
    let rows = rows().await;
    for (function, kind) in [
        ("request-order-id", request_order_id::KIND),
        ("send-reply", send_reply::KIND),
    ] {
        let filters = filters(function);
        for event in ["INSERT", "MODIFY", "REMOVE"] {
            let mut seen = 0;
            for row in &rows {
                let image = image(row);
                let record = json!({"eventName": event, "dynamodb": {"NewImage": image}});
                let wanted = event != "REMOVE"
                    && image["sk"]["S"].as_str().unwrap().starts_with("OUT#")
                    && image["kind"]["S"] == kind
                    && image["state"]["S"] == State::Pending.as_str();
                let passed = filters.iter().any(|filter| passes(filter, &record));
                assert_eq!(passed, wanted, "{function}, {event}: {}", image["sk"]["S"]);
                seen += u32::from(passed);
            }
            assert_eq!(seen, u32::from(event != "REMOVE"), "{function}, {event}");
        }
    }
}
