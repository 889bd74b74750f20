//! Our own events, as anyone can send them with a Standard Webhooks library:
//! `{"type": "thread.answered", "timestamp": TIME, "data": {"thread": SELECT, …}}`.

use serde_json::Value;

use super::payload::{attachments, flag, person, tags, text, time};
use super::reference::{Reference, Select};
use super::{Answered, Event, Fact, Wanted};

/// The event, if it is one of ours; one of ours that we do not know has no facts.
pub(super) fn event(body: &Value) -> Option<Event> {
    let name = body["type"].as_str()?.strip_prefix("thread.")?;
    let data = &body["data"];
    if !data.is_object() {
        return None;
    }
    let by = person(&data["by"]);
    let fact = match name {
        "answered" => Some(Fact::Answered(Answered {
            by,
            text: text(&data["text"]).map(Into::into),
            id: None,
        })),
        "no_response_needed" => Some(Fact::NoResponseNeeded),
        "assigned" => Some(Fact::Assigned(person(&data["to"]))),
        "tagged" => Some(Fact::Tagged {
            add: tags(&data["add"]).unwrap_or_default(),
            remove: tags(&data["remove"]).unwrap_or_default(),
        }),
        "reply" => text(&data["text"]).map(|words| {
            Fact::Reply(Wanted {
                text: words.into(),
                by: by.unwrap_or_default(),
                r#override: flag(&data["override"]) == Some(true),
                attachments: attachments(&data["attachments"]),
            })
        }),
        _ => None,
    };
    Some(Event {
        id: text(&body["id"]),
        at: time(&body["timestamp"]),
        reference: Reference {
            select: Some(select(&data["thread"])),
            ..Reference::default()
        },
        facts: fact.into_iter().collect(),
    })
}

/// A selector, or the thread's id alone. One that names nothing fits nothing.
fn select(value: &Value) -> Select {
    if let Some(id) = value.as_str() {
        return Select::new(Some(id), None, None, None, None);
    }
    let field = |name: &str| text(&value[name]);
    Select::new(
        field("thread").as_deref(),
        field("order_id").as_deref(),
        field("case_id").as_deref(),
        field("buyer").as_deref(),
        field("store").as_deref(),
    )
}
