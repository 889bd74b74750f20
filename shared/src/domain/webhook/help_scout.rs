//! Help Scout: the conversation as it is now; what happened stands in a header. Source: developer.helpscout.com/webhooks.

use serde_json::Value;

use super::payload::{first_time, person, tags, text, time};
use super::reference::Reference;
use super::{Answered, Event, Fact};

pub(super) fn event(topic: &str, body: &Value) -> Event {
    let changed = || first_time(body, &["userUpdatedAt", "userModifiedAt", "modifiedAt", "updatedAt"]);
    let (fact, at) = match topic {
        "convo.agent.reply.created" => {
            let reply = last_reply(body);
            let at = reply.and_then(|reply| time(&reply["createdAt"])).or_else(changed);
            (Some(answered(reply)), at)
        }
        "convo.assigned" => {
            let to = person(&body["assignee"]).or_else(|| person(&body["owner"]));
            (Some(Fact::Assigned(to)), changed())
        }
        "convo.tags" => (tags(&body["tags"]).map(Fact::TagsAre), changed()),
        "convo.status" => {
            let closed = text(&body["status"]).is_some_and(|status| status.eq_ignore_ascii_case("closed"));
            let at = first_time(body, &["closedAt"]).or_else(changed);
            (closed.then_some(Fact::Closed), at)
        }
        _ => (None, changed()),
    };
    Event {
        // The conversation's own id is no id of the event: what is told twice is told by its bytes.
        id: None,
        at,
        reference: Reference::of_ticket(body, &["/id"]),
        facts: fact.into_iter().collect(),
    }
}

/// The newest public part that a user wrote, where the body holds parts.
fn last_reply(body: &Value) -> Option<&Value> {
    let embedded = body["_embedded"]["threads"].as_array();
    let parts = embedded.or_else(|| body["threads"].as_array())?;
    let by_user = |part: &&Value| part["createdBy"]["type"].as_str().is_none_or(|kind| kind == "user");
    let public = |part: &&Value| {
        part["type"]
            .as_str()
            .is_none_or(|kind| ["message", "reply", "chat"].contains(&kind))
    };
    parts
        .iter()
        .filter(by_user)
        .filter(public)
        .max_by_key(|part| time(&part["createdAt"]))
}

fn answered(reply: Option<&Value>) -> Fact {
    let Some(reply) = reply else {
        return Fact::Answered(Answered::default());
    };
    Fact::Answered(Answered {
        by: person(&reply["createdBy"]),
        text: text(&reply["body"]).map(Into::into),
        id: text(&reply["id"]),
    })
}
