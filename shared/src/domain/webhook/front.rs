//! Front: events of an application (wrapped, perhaps a preview) and of a rule. Sources: dev.frontapp.com/docs/application-webhooks,
//! dev.frontapp.com/docs/rule-webhooks, dev.frontapp.com/reference/events.

use serde_json::Value;

use super::payload::{first_time, person, text};
use super::reference::Reference;
use super::{Answered, Event, Fact};
use crate::domain::personal::Personal;

pub(super) fn event(body: &Value) -> Event {
    // An application wraps the event; what it says itself counts where the inside says nothing.
    let inside = if body["payload"].is_object() {
        &body["payload"]
    } else {
        body
    };
    let name = text(&body["type"])
        .or_else(|| text(&inside["type"]))
        .unwrap_or_default();
    let target = &inside["target"]["data"];
    let named = || text(&target["name"]).or_else(|| text(&inside["tag"]["name"]));
    let fact = match name.as_str() {
        "outbound_sent" | "outbound" | "out_reply" => answered(inside, target),
        "tag_added" | "tag" => named().map(|tag| Fact::Tagged {
            add: vec![tag],
            remove: Vec::new(),
        }),
        "tag_removed" | "untag" => named().map(|tag| Fact::Tagged {
            add: Vec::new(),
            remove: vec![tag],
        }),
        "assignee_changed" | "assign" | "unassign" => {
            let to = person(target).or_else(|| person(&inside["conversation"]["assignee"]));
            Some(Fact::Assigned(to.filter(|_| name != "unassign")))
        }
        "conversation_archived" | "archive" => Some(Fact::Closed),
        _ => None,
    };
    let places = ["/payload/conversation/id", "/conversation/id"];
    Event {
        id: text(&inside["id"]).or_else(|| text(&body["id"])),
        at: first_time(inside, &["emitted_at", "created_at"]).or_else(|| first_time(body, &["emitted_at"])),
        reference: Reference::of_ticket(body, &places),
        facts: fact.into_iter().collect(),
    }
}

/// Sent by a person: a teammate stands as the source of the event, or as the author of the message. Where rules send by
/// themselves, the source is a rule and the author is null; where the event is a preview, both may be missing.
fn answered(event: &Value, message: &Value) -> Option<Fact> {
    let source = &event["source"];
    let kind = text(&source["_meta"]["type"]);
    let author: Option<Personal> = person(&message["author"]);
    let machine = match kind.as_deref() {
        Some("teammate") => false,
        Some("rule" | "api" | "gateway" | "reminder" | "recipient") => author.is_none(),
        _ => message.get("author").is_some_and(Value::is_null),
    };
    (!machine).then(|| {
        Fact::Answered(Answered {
            by: author.or_else(|| person(&source["data"])),
            text: text(&message["text"])
                .or_else(|| text(&message["body"]))
                .or_else(|| text(&message["blurb"]))
                .map(Into::into),
            id: text(&message["id"]),
        })
    })
}
