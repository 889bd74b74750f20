//! Zendesk through EventBridge: what the rule lets through and makes of it is what `apply-webhook` reads.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use within24::adapters::webhook_message::{self, Read};
use within24::domain::store::StoreId;
use within24::domain::webhook::{self, Body, Event, Fact, Source};

use crate::filters::passes;
use crate::template::{Template, list, text};

const AT: &str = "2026-03-02T09:15:00Z";
const ID: &str = "22ead012-a8fe-48bc-b6ad-11e1e2c09524";

/// An event in the frame of a bus.
fn framed(source: &str, detail: &Value) -> Value {
    json!({"version": "0", "id": ID, "detail-type": "any", "source": source, "account": "123456789012",
        "time": "2026-03-02T09:15:03Z", "region": "eu-west-1", "resources": [], "detail": detail})
}

fn ticket() -> Value {
    json!({"id": 35436, "external_id": "302-1234567-7654321", "status": "solved", "assignee_id": 235_324,
        "tags": ["no-response-needed"]})
}

/// What the partner source tells. Source: developer.zendesk.com/api-reference/amazon-eventbridge/tickets.
fn by_partner(kind: &str) -> Value {
    let mut change = json!({"type": kind, "meta": {"version": "1.0", "occurred_at": AT}, "ticket": ticket()});
    match kind {
        "Comment Created" => {
            change["comment"] = json!({"id": 9001, "is_public": true, "body": "On Friday.",
                "author": {"id": 7001, "is_staff": true, "name": "Mara"}});
        }
        "Status Changed" => change["current"] = json!("solved"),
        "Tags Changed" => change["tags_added"] = json!(["no-response-needed"]),
        _ => {}
    }
    framed(
        "aws.partner/zendesk.com/9242270/default",
        &json!({"ticket_event": change}),
    )
}

/// The same as a webhook's body that a function of the user's own put onto a bus.
fn by_recipe(name: &str) -> Value {
    let body = json!({"type": format!("zen:event-type:{name}"), "id": "e-0001", "time": AT, "detail": ticket(),
        "event": {"current": "SOLVED", "comment": {"id": 9001, "is_public": true, "body": "On Friday.",
            "author": {"id": 7001, "is_staff": true, "name": "Mara"}}}});
    framed("webhook", &body)
}

fn rule(template: &Template) -> &Value {
    let rule = template.resource("ZendeskRule");
    assert_eq!(rule["Condition"], "HearsZendesk");
    &rule["Properties"]
}

/// Whether the rule lets it through: all alternatives of `$or` stand alone here.
fn let_through(template: &Template, event: &Value) -> bool {
    let alternatives = rule(template)["EventPattern"]["$or"].as_array().unwrap();
    alternatives.iter().any(|pattern| passes(pattern, event))
}

/// What the rule puts into the queue for the event, in these stores.
fn transformed(template: &Template, event: &Value, stores: &[&str]) -> String {
    let transformer = &rule(template)["Targets"][0]["InputTransformer"];
    assert_eq!(transformer["InputPathsMap"], json!({"at": "$.time"}));
    let (text, parts) = (
        &transformer["InputTemplate"]["Fn::Sub"][0],
        &transformer["InputTemplate"]["Fn::Sub"][1],
    );
    let join = &parts["Stores"]["Fn::Join"];
    assert_eq!(join[1]["Ref"], "ZendeskStores");
    let text = text
        .as_str()
        .unwrap()
        .replace("${Stores}", &stores.join(join[0].as_str().unwrap()));
    text.replace("<at>", event["time"].as_str().unwrap())
        .replace("<aws.events.event.json>", &event.to_string())
}

fn read(template: &Template, event: &Value) -> Box<Event> {
    let message = transformed(template, event, &["de", "us"]);
    let Some(Read::Whole(told)) = webhook_message::read(&message) else {
        panic!("{message}");
    };
    let stores: Vec<&str> = told.stores.iter().map(StoreId::as_str).collect();
    assert_eq!((told.source, stores), (Source::Zendesk, vec!["de", "us"]));
    match webhook::read(told.source, told.topic.as_deref(), &told.body) {
        Body::Event(event) => event,
        Body::Unreadable => panic!("{message}"),
    }
}

#[test]
fn what_the_rule_lets_through_is_what_is_read() {
    let template = Template::load();
    let names = [
        ("Comment Created", "ticket.comment_added", Some("answered")),
        (
            "Agent Assignment Changed",
            "ticket.agent_assignment_changed",
            Some("assigned"),
        ),
        ("Tags Changed", "ticket.tags_changed", Some("tagged")),
        ("Status Changed", "ticket.status_changed", Some("closed")),
        ("Priority Changed", "ticket.priority_changed", None),
        ("Ticket Created", "ticket.created", None),
    ];
    for (kind, name, fact) in names {
        for event in [by_partner(kind), by_recipe(name)] {
            assert_eq!(let_through(&template, &event), fact.is_some(), "{kind}");
            let told = read(&template, &event);
            let facts: BTreeSet<&str> = told.facts.iter().map(Fact::as_str).collect();
            assert_eq!(
                facts.into_iter().collect::<Vec<_>>(),
                fact.into_iter().collect::<Vec<_>>(),
                "{kind}"
            );
            assert_eq!(told.at, Some(AT.parse().unwrap()), "when it happened, not when it came");
            assert_eq!(told.reference.ticket.as_deref(), Some("35436"));
            assert_eq!(told.reference.orders.len(), 1);
        }
    }
    assert!(
        !let_through(&template, &framed("within24", &json!({"id": "x"}))),
        "what is none of Zendesk's"
    );
}

#[test]
fn an_event_that_comes_by_webhook_as_well_has_one_name() {
    let template = Template::load();
    let through_bus = by_recipe("ticket.comment_added");
    let body = through_bus["detail"].to_string();
    let Body::Event(by_webhook) = webhook::read(Source::Zendesk, None, body.as_bytes()) else {
        panic!("{body}");
    };
    assert_eq!(*read(&template, &through_bus), *by_webhook);
}

/// The queue takes what this rule sends, from no other bus and under no other name.
#[test]
fn the_queue_lets_this_rule_in() {
    let template = Template::load();
    let (queue, _) = template.target(&rule(&template)["Targets"][0]["Arn"]);
    assert_eq!(queue, "WebhookQueue");
    let statements = &template.resource("FailuresPolicy")["Properties"]["PolicyDocument"]["Statement"];
    let statement = statements
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["Sid"] == "ZendeskTells")
        .unwrap();
    let sources = list(&statement["Condition"]["ArnEquals"]["aws:SourceArn"]);
    let sources: Vec<String> = sources.into_iter().map(text).collect();
    let name = text(&rule(&template)["Name"]);
    assert_eq!(
        sources,
        [format!("rule/${{ZendeskEventBus}}/{name}"), format!("rule/{name}")]
    );
    assert_eq!(rule(&template)["EventBusName"]["Ref"], "ZendeskEventBus");
}
