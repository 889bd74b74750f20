//! Zendesk: events that a webhook is subscribed to, the same events through EventBridge, and what a trigger's own
//! template says. Sources: developer.zendesk.com/api-reference/webhooks/event-types/ticket-events and
//! developer.zendesk.com/api-reference/amazon-eventbridge/tickets.

use serde_json::Value;

use super::payload::{difference, first_time, flag, person, tags, text};
use super::reference::Reference;
use super::{Answered, Event, Fact, template};

pub(super) fn event(body: &Value) -> Event {
    if let Some(name) = event_type(body) {
        return subscribed(name, body);
    }
    // Through EventBridge: the same event inside of the bus's own frame, or that of the partner source.
    let inside = &body["detail"];
    if let Some(name) = event_type(inside) {
        return subscribed(name, inside);
    }
    if inside["ticket_event"].is_object() {
        return bus_event(body, &inside["ticket_event"]);
    }
    template::event(body)
}

/// What happened, in an event that the webhook is subscribed to.
fn event_type(body: &Value) -> Option<&str> {
    body["type"].as_str()?.strip_prefix("zen:event-type:")
}

/// An event that the webhook is subscribed to: `detail` is the ticket, `event` what changed.
fn subscribed(name: &str, body: &Value) -> Event {
    let (ticket, change) = (&body["detail"], &body["event"]);
    Event {
        id: text(&body["id"]),
        at: first_time(body, &["time"]),
        reference: Reference::of_ticket(body, &["/detail/id"]),
        facts: facts(name, ticket, change),
    }
}

/// An event of the partner source `aws.partner/zendesk.com/…`: the ticket stands inside of what changed.
fn bus_event(body: &Value, change: &Value) -> Event {
    let name = change["type"]
        .as_str()
        .unwrap_or_default()
        .to_lowercase()
        .replace(' ', "_");
    let name = match name.as_str() {
        "comment_created" => "ticket.comment_added".to_owned(),
        _ => format!("ticket.{name}"),
    };
    Event {
        id: text(&body["id"]),
        at: first_time(&change["meta"], &["occurred_at"]).or_else(|| first_time(body, &["time"])),
        reference: Reference::of_ticket(body, &["/detail/ticket_event/ticket/id"]),
        facts: facts(&name, &change["ticket"], change),
    }
}

fn facts(name: &str, ticket: &Value, change: &Value) -> Vec<Fact> {
    let fact = match name {
        "ticket.comment_added" => answered(ticket, &change["comment"]),
        "ticket.agent_assignment_changed" => {
            let to = person(&ticket["assignee"]).or_else(|| person(&ticket["assignee_id"]));
            Some(Fact::Assigned(to.or_else(|| person(&change["current"]))))
        }
        "ticket.tags_changed" => tagged(ticket, change),
        "ticket.status_changed" => {
            let status = text(&change["current"])
                .or_else(|| text(&ticket["status"]))
                .unwrap_or_default();
            let ended = ["solved", "closed"].contains(&status.to_lowercase().as_str());
            ended.then_some(Fact::Closed)
        }
        _ => None,
    };
    fact.into_iter().collect()
}

/// Zendesk's own system user, who writes for triggers and automations.
const SYSTEM: &str = "-1";

fn answered(ticket: &Value, comment: &Value) -> Option<Fact> {
    let author = &comment["author"];
    let public = flag(&comment["is_public"]).or_else(|| flag(&ticket["is_public"])) == Some(true);
    let staff = flag(&author["is_staff"]) == Some(true) && text(&author["id"]).as_deref() != Some(SYSTEM);
    (public && staff).then(|| {
        Fact::Answered(Answered {
            by: text(&author["name"]).map(Into::into).or_else(|| person(author)),
            text: text(&comment["body"]).map(Into::into),
            id: text(&comment["id"]),
        })
    })
}

fn tagged(ticket: &Value, change: &Value) -> Option<Fact> {
    let came_and_went = (tags(&change["tags_added"]), tags(&change["tags_removed"]));
    if let (Some(_), _) | (_, Some(_)) = &came_and_went {
        return Some(Fact::Tagged {
            add: came_and_went.0.unwrap_or_default(),
            remove: came_and_went.1.unwrap_or_default(),
        });
    }
    let now = tags(&ticket["tags"]).or_else(|| tags(&change["current"]))?;
    Some(match tags(&change["previous"]) {
        Some(before) => difference(&before, &now),
        None => Fact::TagsAre(now),
    })
}
