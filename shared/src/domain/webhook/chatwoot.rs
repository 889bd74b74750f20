//! Chatwoot: messages and changes of conversations. Source: chatwoot.com/docs/product/others/webhook-events.

use serde_json::Value;

use super::payload::{difference, first_time, flag, person, tags, text};
use super::reference::Reference;
use super::{Answered, Event, Fact};

pub(super) fn event(body: &Value) -> Event {
    let (facts, times, ticket): (Vec<Fact>, &[&str], &[&str]) = match body["event"].as_str().unwrap_or_default() {
        "message_created" => (
            answered(body).into_iter().collect(),
            &["created_at"],
            &["/conversation/id", "/conversation/display_id"],
        ),
        "conversation_updated" => (
            changes(body),
            &["updated_at", "timestamp", "last_activity_at"],
            &["/id"],
        ),
        "conversation_status_changed" => {
            let resolved = body["status"] == "resolved";
            let facts = resolved.then_some(Fact::Closed).into_iter().collect();
            (facts, &["updated_at", "timestamp", "last_activity_at"], &["/id"])
        }
        _ => (Vec::new(), &[], &[]),
    };
    Event {
        // Ids of messages count from 1 on in each account, and conversations keep theirs: no names of events.
        id: None,
        at: first_time(body, times),
        reference: Reference::of_ticket(body, ticket),
        facts,
    }
}

/// Outgoing, not private, by a person: templates, bots and automation rules answer nothing.
fn answered(body: &Value) -> Option<Fact> {
    let outgoing = body["message_type"] == "outgoing" || body["message_type"] == 1;
    let private = flag(&body["private"]) == Some(true);
    let bot = body["sender"]["type"].as_str().is_some_and(|kind| kind.contains("bot"));
    let rule = !body["content_attributes"]["automation_rule_id"].is_null();
    (outgoing && !private && !bot && !rule).then(|| {
        Fact::Answered(Answered {
            by: person(&body["sender"]),
            text: text(&body["content"]).map(Into::into),
            id: text(&body["id"]),
        })
    })
}

/// What changed; where Chatwoot does not tell, labels and assignee as they are now.
fn changes(body: &Value) -> Vec<Fact> {
    let taken_care_of = || {
        let to = person(&body["meta"]["assignee"]).or_else(|| person(&body["assignee"]));
        Fact::Assigned(to)
    };
    let labels = tags(&body["labels"]);
    let Some(changed) = body["changed_attributes"].as_array() else {
        let told = !body["meta"]["assignee"].is_null() || !body["assignee"].is_null();
        let assigned = told.then(taken_care_of);
        return labels.map(Fact::TagsAre).into_iter().chain(assigned).collect();
    };
    let mut facts = Vec::new();
    for (name, values) in changed.iter().filter_map(Value::as_object).flatten() {
        match name.as_str() {
            "label_list" | "cached_label_list" | "labels" => {
                let now = tags(&values["current_value"]).or_else(|| labels.clone());
                let before = tags(&values["previous_value"]);
                facts.extend(now.map(|now| match before {
                    Some(before) => difference(&before, &now),
                    None => Fact::TagsAre(now),
                }));
            }
            "assignee_id" => facts.push(taken_care_of()),
            _ => {}
        }
    }
    facts
}
