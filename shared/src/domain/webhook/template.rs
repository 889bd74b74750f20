//! Tools that send what a template says: ours is flat, one object with the fact and what it needs. Freshdesk and Gorgias
//! users paste it; a Zendesk trigger may send it too. Tools' own shapes are read where they tell enough.
//!
//! `{"fact": "answered", "id": "…", "at": "…", "by": "…", "to": "…", "tags": "…", "ticket_id": "…", "subject": "…",
//! "email": "…", "external_id": "…"}`; facts are `answered`, `no-response-needed`, `assigned`, `tagged`, `closed`, `reply`.

use serde_json::Value;

use super::payload::{attachments, first, first_time, flag, person, tags, text};
use super::reference::Reference;
use super::{Answered, Event, Fact, Wanted, own};

/// Where tools put the id of the ticket.
const TICKETS: [&str; 5] = [
    "/ticket_id",
    "/freshdesk_webhook/ticket_id",
    "/ticket/id",
    "/ticket",
    "/message/ticket_id",
];

/// Fields that hold the time of the event.
const TIMES: [&str; 8] = [
    "at",
    "timestamp",
    "time",
    "occurred_at",
    "created_at",
    "created_datetime",
    "sent_datetime",
    "updated_at",
];

/// The fact that the template names.
pub(super) fn event(body: &Value) -> Event {
    if let Some(event) = own::event(body) {
        return event;
    }
    let name = first(body, &["fact", "type", "event", "event_type"]).unwrap_or_default();
    Event {
        id: first(body, &["id", "event_id", "delivery_id"]),
        at: first_time(body, &TIMES),
        reference: Reference::of_ticket(body, &TICKETS),
        facts: named(&name, body).into_iter().collect(),
    }
}

fn named(name: &str, body: &Value) -> Option<Fact> {
    let by = || {
        let people = [
            "by",
            "agent",
            "agent_email",
            "agent_name",
            "ticket_agent_email",
            "ticket_agent_name",
        ];
        people.iter().find_map(|name| person(&body[name]))
    };
    let name = name.trim().to_lowercase().replace(['_', ' '], "-");
    match name.strip_prefix("thread.").unwrap_or(&name) {
        "answered" => Some(Fact::Answered(Answered {
            by: by(),
            text: first(body, &["text"]).map(Into::into),
            id: first(body, &["message_id"]),
        })),
        "no-response-needed" => Some(Fact::NoResponseNeeded),
        "closed" => Some(Fact::Closed),
        "assigned" => {
            let people = [
                "to",
                "assignee",
                "agent",
                "agent_email",
                "ticket_agent_email",
                "ticket_agent_name",
            ];
            Some(Fact::Assigned(people.iter().find_map(|name| person(&body[name]))))
        }
        "tagged" => {
            let listed = |name: &str| tags(&body[name]);
            match (
                listed("add"),
                listed("remove"),
                listed("tags").or_else(|| listed("ticket_tags")),
            ) {
                (None, None, Some(now)) => Some(Fact::TagsAre(now)),
                (None, None, None) => None,
                (add, remove, _) => Some(Fact::Tagged {
                    add: add.unwrap_or_default(),
                    remove: remove.unwrap_or_default(),
                }),
            }
        }
        "reply" => Some(Fact::Reply(Wanted {
            text: first(body, &["text"])?.into(),
            by: by().unwrap_or_default(),
            r#override: flag(&body["override"]) == Some(true),
            attachments: attachments(&body["attachments"]),
        })),
        _ => None,
    }
}

/// Freshdesk: our template, or its own "simple" content, which tells what happened in `triggered_event`.
pub(super) fn freshdesk(body: &Value) -> Event {
    let inside = if body["freshdesk_webhook"].is_object() {
        &body["freshdesk_webhook"]
    } else {
        body
    };
    let mut event = event(inside);
    if event.facts.is_empty() && std::ptr::eq(inside, body) {
        return event;
    }
    if event.facts.is_empty() {
        let outer = first(body, &["fact", "type", "event"]).unwrap_or_default();
        let told = text(&inside["triggered_event"]).unwrap_or_default();
        let name = match told.as_str() {
            _ if !outer.is_empty() => outer.as_str(),
            told if told.contains("reply_sent") => "answered",
            told if told.contains("responder_id") => "assigned",
            told if told.contains("tag") => "tagged",
            _ => "",
        };
        event.facts = named(name, inside).into_iter().collect();
    }
    event.at = event.at.or_else(|| first_time(body, &TIMES));
    event.reference.ticket = Reference::of_ticket(body, &TICKETS).ticket;
    event
}

/// Gorgias: our template, or its own names of events with the ticket and its message.
pub(super) fn gorgias(body: &Value) -> Event {
    let mut read = event(body);
    if !read.facts.is_empty() {
        return read;
    }
    let ticket = &body["ticket"];
    let message = if body["message"].is_object() {
        &body["message"]
    } else {
        &ticket["last_message"]
    };
    let name = first(body, &["fact", "type", "event", "trigger", "event_type"]).unwrap_or_default();
    let of_ticket = |field: &str| {
        if ticket[field].is_null() {
            &body[field]
        } else {
            &ticket[field]
        }
    };
    let fact = match name.as_str() {
        "ticket-message-created" => answered(if message.is_object() { message } else { body }),
        "ticket-updated" => tags(of_ticket("tags")).map(Fact::TagsAre),
        "ticket-assignment-updated" | "ticket-handed-over" => Some(Fact::Assigned(
            person(of_ticket("assignee_user")).or_else(|| person(of_ticket("assignee"))),
        )),
        "" if message.is_object() => answered(message),
        _ => None,
    };
    read.at = read
        .at
        .or_else(|| first_time(message, &TIMES))
        .or_else(|| first_time(ticket, &["updated_datetime", "updated_at"]));
    read.facts = fact.into_iter().collect();
    read
}

fn answered(message: &Value) -> Option<Fact> {
    let from_agent = flag(&message["from_agent"]) == Some(true);
    let public = flag(&message["public"]) == Some(true);
    let automatic = ["rule", "api"].contains(&message["via"].as_str().unwrap_or_default());
    (from_agent && public && !automatic).then(|| {
        Fact::Answered(Answered {
            by: person(&message["sender"]).or_else(|| person(&message["by"])),
            text: first(message, &["body_text", "stripped_text", "text"]).map(Into::into),
            id: first(message, &["id", "message_id"]),
        })
    })
}
