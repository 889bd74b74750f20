//! Intercom: a notification by topic, with the conversation as its item. Source:
//! developers.intercom.com/docs/webhooks/webhook-notifications.

use serde_json::Value;

use super::payload::{first_time, person, tags, text, time};
use super::reference::Reference;
use super::{Answered, Event, Fact};

pub(super) fn event(body: &Value) -> Event {
    let topic = body["topic"].as_str().unwrap_or_default();
    let item = &body["data"]["item"];
    let conversation = if item["conversation"].is_object() {
        &item["conversation"]
    } else {
        item
    };
    let sent = first_time(body, &["first_sent_at", "created_at"]);
    let (fact, at) = match topic {
        "conversation.admin.replied" => {
            let part = last_part(conversation);
            (answered(part), part.and_then(|part| time(&part["created_at"])))
        }
        "conversation.admin.assigned" => {
            let assignee = ["assignee", "admin_assignee", "admin_assignee_id"];
            let to = assignee.iter().find_map(|name| person(&conversation[name]));
            (Some(Fact::Assigned(to.filter(|to| to.expose() != "0"))), None)
        }
        "conversation.admin.closed" => (Some(Fact::Closed), None),
        _ if topic.contains("tag.") => (tagged(topic, item), None),
        _ => (None, None),
    };
    Event {
        id: text(&body["id"]),
        at: at.or_else(|| first_time(body, &["created_at"])).or(sent),
        reference: Reference::of_ticket(body, &["/data/item/conversation/id", "/data/item/id"]),
        facts: fact.into_iter().collect(),
    }
}

/// The newest part of the conversation, where the item holds parts.
fn last_part(conversation: &Value) -> Option<&Value> {
    let parts = conversation["conversation_parts"]["conversation_parts"].as_array();
    parts?.iter().max_by_key(|part| time(&part["created_at"]))
}

/// An operator that writes by itself is no person; a note is no answer.
fn answered(part: Option<&Value>) -> Option<Fact> {
    let Some(part) = part else {
        return Some(Fact::Answered(Answered::default()));
    };
    let person_wrote = part["author"]["type"]
        .as_str()
        .is_none_or(|kind| ["admin", "team", "teammate"].contains(&kind));
    let note = part["part_type"].as_str().is_some_and(|kind| kind.contains("note"));
    (person_wrote && !note).then(|| {
        Fact::Answered(Answered {
            by: person(&part["author"]),
            text: text(&part["body"]).map(Into::into),
            id: text(&part["id"]),
        })
    })
}

fn tagged(topic: &str, item: &Value) -> Option<Fact> {
    let one = text(&item["tag"]["name"]).map(|tag| vec![tag]);
    let names = one
        .or_else(|| tags(&item["tags_added"]))
        .or_else(|| tags(&item["tags"]))?;
    let gone = topic.ends_with("deleted") || topic.ends_with("removed");
    let (add, remove) = if gone { (Vec::new(), names) } else { (names, Vec::new()) };
    Some(Fact::Tagged { add, remove })
}
