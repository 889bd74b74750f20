//! A believed call as a message of the queue between `helpdesk-webhook` and `apply-webhook`.
//!
//! Instead of a raw `body` a message may hold an `event`: so a rule of EventBridge can put events of a partner source
//! (`aws.partner/zendesk.com/…`) into the same queue, with an input transformer that names source and store.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::domain::store::StoreId;
use crate::domain::webhook::{Source, Told};

#[derive(Deserialize, Serialize)]
struct Message {
    source: String,
    stores: Vec<String>,
    received: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    signed_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    delivery: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    topic: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    body: Option<String>,
    /// What is no UTF-8.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    body_base64: Option<String>,
    #[serde(default, skip_serializing)]
    event: Option<Value>,
}

/// The message.
pub fn write(told: &Told) -> String {
    let text = std::str::from_utf8(&told.body).ok();
    let message = Message {
        source: told.source.as_str().to_owned(),
        stores: told.stores.iter().map(|store| store.as_str().to_owned()).collect(),
        received: told.received,
        signed_at: told.signed_at,
        delivery: told.delivery.clone(),
        topic: told.topic.clone(),
        body: text.map(str::to_owned),
        body_base64: text.is_none().then(|| STANDARD.encode(&told.body)),
        event: None,
    };
    serde_json::to_string(&message).unwrap_or_default()
}

/// Reads a message; `None` if it is none.
pub fn read(text: &str) -> Option<Told> {
    let message: Message = serde_json::from_str(text).ok()?;
    let body = match (message.body, message.body_base64, message.event) {
        (Some(text), ..) => text.into_bytes(),
        (None, Some(encoded), _) => STANDARD.decode(encoded).ok()?,
        (None, None, Some(event)) => event.to_string().into_bytes(),
        (None, None, None) => return None,
    };
    let stores: Option<Vec<StoreId>> = message.stores.iter().map(|store| StoreId::parse(store)).collect();
    Some(Told {
        source: Source::parse(&message.source)?,
        stores: stores.filter(|stores| !stores.is_empty())?,
        received: message.received,
        signed_at: message.signed_at,
        delivery: message.delivery,
        topic: message.topic,
        body,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_comes_out_of_the_queue_as_it_went_in() {
        for body in ["{\"a\":\"Zoë 東京\"}".as_bytes(), &[0xff, 0x00, 0x7b], b""] {
            let told = Told {
                source: Source::HelpScout,
                stores: vec![StoreId::parse("de").unwrap(), StoreId::parse("us").unwrap()],
                received: "2026-03-02T09:00:00Z".parse().unwrap(),
                signed_at: None,
                delivery: None,
                topic: Some("convo.tags".to_owned()),
                body: body.to_vec(),
            };
            assert_eq!(read(&write(&told)), Some(told));
        }
    }

    #[test]
    fn an_event_of_a_partner_source_is_a_message_too() {
        let text = r#"{"source":"zendesk","stores":["de"],"received":"2026-03-02T09:00:00Z","event":{"id":"e1"}}"#;
        assert_eq!(read(text).unwrap().body, br#"{"id":"e1"}"#);
        for text in [
            "",
            "{}",
            r#"{"source":"zendesk","stores":[],"received":"2026-03-02T09:00:00Z","body":""}"#,
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
