//! A believed call as a message of the queue between `helpdesk-webhook` and `apply-webhook`.
//!
//! A body that has no room in a message (an answer with its files) is put into the bucket first, and the message names its
//! place; so the place can never be a caller's own word.
//!
//! Instead of a raw `body` a message may hold an `event`: so a rule of EventBridge can put events of a partner source
//! (`aws.partner/zendesk.com/…`) into the same queue, with an input transformer that names source and store.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::domain::key::Key;
use crate::domain::store::StoreId;
use crate::domain::webhook::{Source, Told};

/// The most bytes of a message. SQS takes 256 KiB everywhere, 1 MiB since August 2025 where the queue says so; but a message
/// must also fit on a command line (128 KiB on Linux), where a person brings it back from the dead letters, and what
/// helpdesks tell is a few kilobytes.
pub const MOST_BYTES: usize = 120 * 1024;

/// Where bodies lie in the bucket that have no room in a message: `calls/<key of the body>`.
pub const CALLS: &str = "calls/";

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
    /// What is no UTF-8, or has characters that SQS does not take.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    body_base64: Option<String>,
    /// Where the body lies in the bucket.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    body_place: Option<String>,
    #[serde(default, skip_serializing)]
    event: Option<Value>,
}

/// A message to be queued.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// The message.
    pub text: String,
    /// Where the body must lie before the message is queued; `None` where it is in the message.
    pub body_place: Option<String>,
}

/// A message out of the queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Read {
    /// The call.
    Whole(Told),
    /// The call without its body, which lies at this place.
    WithoutBody(Told, String),
}

/// The message for a call.
pub fn write(told: &Told) -> Written {
    let mut message = Message {
        source: told.source.as_str().to_owned(),
        stores: told.stores.iter().map(|store| store.as_str().to_owned()).collect(),
        received: told.received,
        signed_at: told.signed_at,
        delivery: told.delivery.clone(),
        topic: told.topic.clone(),
        body: None,
        body_base64: None,
        body_place: None,
        event: None,
    };
    let text = |message: &Message| serde_json::to_string(message).unwrap_or_default();
    let readable = std::str::from_utf8(&told.body)
        .ok()
        .filter(|text| !text.contains(UNTAKEN));
    match readable {
        Some(body) => message.body = Some(body.to_owned()),
        None => message.body_base64 = Some(STANDARD.encode(&told.body)),
    }
    let whole = text(&message);
    if whole.len() <= MOST_BYTES {
        return Written {
            text: whole,
            body_place: None,
        };
    }
    let key = Key::of(&[b"call".as_slice(), &told.body]);
    let place = format!("{CALLS}{}", key.as_str());
    message.body = None;
    message.body_base64 = None;
    message.body_place = Some(place.clone());
    Written {
        text: text(&message),
        body_place: Some(place),
    }
}

/// Characters that no message may hold as they are; JSON escapes the others. Source: AWS, SQS API, SendMessage.
const UNTAKEN: [char; 2] = ['\u{fffe}', '\u{ffff}'];

/// Reads a message; `None` if it is none.
pub fn read(text: &str) -> Option<Read> {
    let message: Message = serde_json::from_str(text).ok()?;
    let stores: Option<Vec<StoreId>> = message.stores.iter().map(|store| StoreId::parse(store)).collect();
    let told = |body: Vec<u8>| {
        Some(Told {
            source: Source::parse(&message.source)?,
            stores: stores.filter(|stores| !stores.is_empty())?,
            received: message.received,
            signed_at: message.signed_at,
            delivery: message.delivery,
            topic: message.topic,
            body,
        })
    };
    Some(
        match (message.body, message.body_base64, message.body_place, message.event) {
            (Some(text), ..) => Read::Whole(told(text.into_bytes())?),
            (None, Some(encoded), ..) => Read::Whole(told(STANDARD.decode(encoded).ok()?)?),
            (None, None, Some(place), _) => Read::WithoutBody(told(Vec::new())?, place),
            (None, None, None, Some(event)) => Read::Whole(told(event.to_string().into_bytes())?),
            (None, None, None, None) => return None,
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(body: &[u8]) -> Told {
        Told {
            source: Source::HelpScout,
            stores: vec![StoreId::parse("de").unwrap(), StoreId::parse("us").unwrap()],
            received: "2026-03-02T09:00:00Z".parse().unwrap(),
            signed_at: None,
            delivery: None,
            topic: Some("convo.tags".to_owned()),
            body: body.to_vec(),
        }
    }

    #[test]
    fn a_call_comes_out_of_the_queue_as_it_went_in() {
        for body in [
            "{\"a\":\"Zoë 東京\"}".as_bytes(),
            &[0xff, 0x00, 0x7b],
            b"",
            b"\x00\x1b",
            "\u{ffff}\u{fffe}".as_bytes(),
        ] {
            let written = write(&told(body));
            assert!(!written.text.contains(UNTAKEN) && written.body_place.is_none());
            assert_eq!(read(&written.text), Some(Read::Whole(told(body))));
        }
    }

    #[test]
    fn whatever_a_body_holds_its_message_fits_into_the_queue() {
        let largest = crate::domain::webhook::MOST_BYTES_WITH_FILES;
        for (byte, size, in_the_message) in [
            (b'x', 122_000, true),
            (b'x', 123_000, false),
            (b'"', 61_000, true),
            (b'"', 62_000, false),
            (0x01, 21_000, false),
            (0xff, 93_000, false),
            (b'x', largest, false),
        ] {
            let call = told(&vec![byte; size]);
            let written = write(&call);
            assert!(written.text.len() <= MOST_BYTES, "{byte} {size}");
            assert_eq!(written.body_place.is_none(), in_the_message, "{byte} {size}");
            if let Some(place) = written.body_place {
                assert!(place.starts_with(CALLS) && write(&call).body_place.as_ref() == Some(&place));
                assert_eq!(read(&written.text), Some(Read::WithoutBody(told(b""), place)));
            }
        }
    }

    #[test]
    fn an_event_of_a_partner_source_is_a_message_too() {
        let text = r#"{"source":"zendesk","stores":["de"],"received":"2026-03-02T09:00:00Z","event":{"id":"e1"}}"#;
        let Some(Read::Whole(told)) = read(text) else {
            panic!("{text}");
        };
        assert_eq!(told.body, br#"{"id":"e1"}"#);
        for text in [
            "",
            "{}",
            r#"{"source":"zendesk","stores":[],"received":"2026-03-02T09:00:00Z","body":""}"#,
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
