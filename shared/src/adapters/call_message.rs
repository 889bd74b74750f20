//! Messages of the queue of `call-webhook`.
//!
//! | who puts it there | message | asks for |
//! |---|---|---|
//! | the rule on the event bus | the event as EventBridge has it: `{"source":"within24","detail":{"id","store",…}}` | the calls that tell of it |
//! | the schedule | `{"bring":"due"}` | what is due to be brought |
//! | `call-webhook` itself | `{"call":{"store","endpoint","event_at","event","version"}}` | one attempt |

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::event_detail;
use crate::domain::endpoint::{CallId, EndpointId};
use crate::domain::event::Event;
use crate::domain::key::Key;
use crate::domain::store::StoreId;
use crate::ports::DueCall;

/// What a message asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// The calls that tell of this event.
    Plan(StoreId, Key),
    /// What is due to be brought.
    Bring,
    /// This attempt.
    Attempt(DueCall),
}

#[derive(Deserialize, Serialize)]
#[serde(untagged)]
enum Message {
    Call { call: Attempt },
    Bring { bring: Due },
    Event { source: String, detail: Named },
}

#[derive(Deserialize, Serialize)]
struct Attempt {
    store: String,
    endpoint: String,
    event_at: Timestamp,
    event: String,
    version: u64,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
enum Due {
    Due,
}

/// Of an event only its name: what it says stands in the table.
#[derive(Deserialize, Serialize)]
struct Named {
    id: String,
    store: String,
}

/// The message that asks for this attempt.
pub fn attempt(due: &DueCall) -> String {
    let CallId {
        store,
        endpoint,
        event_at,
        event,
    } = &due.id;
    let call = Attempt {
        store: store.as_str().to_owned(),
        endpoint: endpoint.as_str().to_owned(),
        event_at: *event_at,
        event: event.as_str().to_owned(),
        version: due.version,
    };
    serde_json::to_string(&Message::Call { call }).unwrap_or_default()
}

/// The message that asks for the calls that tell of this event, as the rule on the bus makes it; for whoever stands in for
/// the bus.
pub fn event(event: &Event) -> String {
    let message = Message::Event {
        source: event_detail::SOURCE.to_owned(),
        detail: Named {
            id: event.key.as_str().to_owned(),
            store: event.store.as_str().to_owned(),
        },
    };
    serde_json::to_string(&message).unwrap_or_default()
}

/// The message that asks for what is due, as the schedule makes it; for whoever stands in for it.
pub fn bring() -> String {
    serde_json::to_string(&Message::Bring { bring: Due::Due }).unwrap_or_default()
}

/// Reads a message; `None` if it is none.
pub fn read(text: &str) -> Option<Asked> {
    match serde_json::from_str(text).ok()? {
        Message::Bring { .. } => Some(Asked::Bring),
        Message::Event { source, detail } => {
            let event = (StoreId::parse(&detail.store)?, Key::parse(&detail.id)?);
            (source == event_detail::SOURCE).then_some(Asked::Plan(event.0, event.1))
        }
        Message::Call { call } => Some(Asked::Attempt(DueCall {
            id: CallId {
                store: StoreId::parse(&call.store)?,
                endpoint: EndpointId::parse(&call.endpoint)?,
                event_at: call.event_at,
                event: Key::parse(&call.event)?,
            },
            version: call.version,
        })),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_come_out_of_the_queue_as_they_went_in() {
        let due = DueCall {
            id: CallId {
                store: StoreId::parse("de").unwrap(),
                endpoint: EndpointId::parse("e1").unwrap(),
                event_at: "2026-03-02T09:15:00.123456789Z".parse().unwrap(),
                event: Key::of(&["event"]),
            },
            version: 7,
        };
        assert_eq!(read(&attempt(&due)), Some(Asked::Attempt(due)));
        assert_eq!(read(&bring()), Some(Asked::Bring));
        let told = Event::rolled_up(&StoreId::parse("de").unwrap(), Vec::new(), Timestamp::UNIX_EPOCH);
        assert_eq!(read(&event(&told)), Some(Asked::Plan(told.store, told.key)));
    }

    #[test]
    fn an_event_as_eventbridge_has_it_asks_for_its_calls() {
        let text = r#"{"version":"0","id":"6a7e8feb-b491-4cf7-a9f1-bf3703467718","detail-type":"ThreadOverdue.v1",
            "source":"within24","account":"111122223333","time":"2026-03-02T09:15:00Z","region":"eu-west-1","resources":[],
            "detail":{"id":"01kk22s3907r832mr580w9","store":"de","at":"2026-03-02T09:15:00Z","level":"overdue"}}"#;
        let wanted = Asked::Plan(
            StoreId::parse("de").unwrap(),
            Key::parse("01kk22s3907r832mr580w9").unwrap(),
        );
        assert_eq!(read(text), Some(wanted));
        for text in [
            "",
            "{}",
            r#"{"bring":"nothing"}"#,
            r#"{"call":{"store":"de"}}"#,
            r#"{"source":"aws.ses","detail":{"id":"a","store":"de"}}"#,
            r#"{"source":"within24","detail":{"id":"a#b","store":"de"}}"#,
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
