//! What each tool's events come to.

use serde_json::json;

use super::*;

fn event(source: Source, topic: Option<&str>, body: &Value) -> Event {
    match read(source, topic, body.to_string().as_bytes()) {
        Body::Event(event) => *event,
        Body::Unreadable => panic!("{source:?} cannot read {body}"),
    }
}

fn answered(event: &Event) -> Option<(String, String)> {
    let shown = |text: &Option<Personal>| text.clone().map(Personal::into_exposed).unwrap_or_default();
    event.facts.iter().find_map(|fact| match fact {
        Fact::Answered(answered) => Some((shown(&answered.by), shown(&answered.text))),
        _ => None,
    })
}

fn names(event: &Event) -> Vec<&'static str> {
    event.facts.iter().map(Fact::as_str).collect()
}

#[test]
fn what_is_no_json_object_is_unreadable_and_an_empty_body_tells_nothing() {
    for &source in Source::ALL {
        for body in ["not json", "[1]", "\"text\"", "{\"a\":", "\u{0}"] {
            assert_eq!(
                read(source, None, body.as_bytes()),
                Body::Unreadable,
                "{source:?} {body}"
            );
        }
        assert_eq!(read(source, None, b" \n"), Body::Event(Box::default()), "{source:?}");
        assert_eq!(read(source, None, &[0xff, 0xfe]), Body::Unreadable, "{source:?}");
        assert!(
            event(source, Some("new.topic"), &json!({"type": "news", "event": "news"}))
                .facts
                .is_empty()
        );
    }
}

#[test]
fn zendesk_tells_public_comments_of_staff_and_nobody_elses() {
    let comment = |public: bool, staff: bool, author: i64| {
        event(
            Source::Zendesk,
            None,
            &json!({"type": "zen:event-type:ticket.comment_added", "id": "e1", "time": "2026-01-02T03:04:05.123456789Z",
                "detail": {"id": "42", "subject": "Frage (Bestellung: 302-1234567-7654321)"},
                "event": {"comment": {"id": 9001, "body": "On its way.", "is_public": public,
                    "author": {"id": author, "is_staff": staff, "name": "Mara"}}}}),
        )
    };
    let told = comment(true, true, 7001);
    assert_eq!(answered(&told), Some(("Mara".to_owned(), "On its way.".to_owned())));
    assert_eq!(told.at, Some("2026-01-02T03:04:05.123456789Z".parse().unwrap()));
    assert_eq!(
        (told.id.as_deref(), told.reference.ticket.as_deref()),
        (Some("e1"), Some("42"))
    );
    assert_eq!(told.reference.orders[0].as_str(), "302-1234567-7654321");
    for (public, staff, author) in [(false, true, 7001), (true, false, 7001), (true, true, -1)] {
        assert!(comment(public, staff, author).facts.is_empty());
    }
}

#[test]
fn zendesk_tells_tags_assignees_and_ends() {
    let change = |name: &str, detail: Value, change: Value| {
        let body = json!({"type": format!("zen:event-type:ticket.{name}"), "detail": detail, "event": change});
        event(Source::Zendesk, None, &body).facts
    };
    let tags = |add: &[&str], remove: &[&str]| Fact::Tagged {
        add: add.iter().map(|tag| (*tag).to_owned()).collect(),
        remove: remove.iter().map(|tag| (*tag).to_owned()).collect(),
    };
    assert_eq!(
        change(
            "tags_changed",
            json!({"tags": ["a", "b"]}),
            json!({"current": ["a", "b"], "previous": ["b", "c"]})
        ),
        [tags(&["a"], &["c"])]
    );
    assert_eq!(
        change("tags_changed", json!({"tags": ["a"]}), json!({})),
        [Fact::TagsAre(vec!["a".to_owned()])]
    );
    assert_eq!(
        change(
            "tags_changed",
            json!({}),
            json!({"tags_added": ["a"], "tags_removed": []})
        ),
        [tags(&["a"], &[])]
    );
    let assigned = json!({"assignee_id": "7001"});
    assert_eq!(
        change(
            "agent_assignment_changed",
            assigned,
            json!({"current": "7001", "previous": null})
        ),
        [Fact::Assigned(Some("7001".into()))]
    );
    assert_eq!(
        change(
            "agent_assignment_changed",
            json!({"assignee_id": null}),
            json!({"current": null})
        ),
        [Fact::Assigned(None)]
    );
    assert_eq!(
        change("status_changed", json!({"status": "SOLVED"}), json!({})),
        [Fact::Closed]
    );
    assert!(change("status_changed", json!({"status": "OPEN"}), json!({})).is_empty());
}

#[test]
fn zendesk_through_eventbridge_tells_the_same() {
    let told = event(
        Source::Zendesk,
        None,
        &json!({"id": "b1", "source": "aws.partner/zendesk.com/1/default", "time": "2026-01-02T03:04:07Z",
            "detail-type": "Support Ticket: Comment Created",
            "detail": {"ticket_event": {"type": "Comment Created", "meta": {"occurred_at": "2026-01-02T03:04:05Z"},
                "comment": {"id": 9001, "body": "Yes.", "is_public": true, "author": {"id": 7, "is_staff": true, "name": "Mara"}},
                "ticket": {"id": 35436, "external_id": "302-1234567-7654321", "tags": []}}}}),
    );
    assert_eq!(answered(&told), Some(("Mara".to_owned(), "Yes.".to_owned())));
    assert_eq!(
        (told.at, told.reference.ticket.as_deref()),
        (Some(at(AT)), Some("35436"))
    );
    assert_eq!(told.reference.orders.len(), 1);
}

#[test]
fn front_tells_what_people_send_and_not_what_rules_send() {
    let sent = |event_source: Value, author: Value| {
        let inside = json!({"id": "evt_1", "type": "outbound", "emitted_at": 1_767_323_045.0,
            "conversation": {"id": "cnv_1", "subject": "s", "recipient": {"handle": "a1b2c3d4e5f6g7h@marketplace.amazon.de"}},
            "source": event_source, "target": {"_meta": {"type": "message"}, "data": {"id": "msg_1", "author": author, "text": "Yes."}}});
        let by_rule = event(Source::Front, None, &inside);
        let by_app = event(
            Source::Front,
            None,
            &json!({"type": "outbound_sent", "authorization": {"id": "cmp_1"}, "payload": inside}),
        );
        assert_eq!((&by_rule.facts, by_rule.at), (&by_app.facts, by_app.at));
        by_app
    };
    let teammate = json!({"_meta": {"type": "teammate"}, "data": {"email": "mara@x.example"}});
    let told = sent(teammate, json!({"email": "mara@x.example"}));
    assert_eq!(answered(&told), Some(("mara@x.example".to_owned(), "Yes.".to_owned())));
    assert_eq!((told.at, told.reference.aliases.len()), (Some(at(AT)), 1));
    assert!(sent(json!({"_meta": {"type": "rule"}}), Value::Null).facts.is_empty());
    let tag = json!({"type": "tag_added", "payload": {"target": {"data": {"name": "vip"}}}});
    assert_eq!(names(&event(Source::Front, None, &tag)), ["tagged"]);
    let assignee = json!({"type": "assign", "target": {"data": {"email": "mara@x.example"}}});
    assert_eq!(
        event(Source::Front, None, &assignee).facts,
        [Fact::Assigned(Some("mara@x.example".into()))]
    );
    let preview = json!({"type": "outbound_sent", "payload": {"id": "evt_1", "conversation": {"id": "cnv_1"}}});
    assert_eq!(names(&event(Source::Front, None, &preview)), ["answered"]);
}

#[test]
fn help_scout_tells_by_its_header() {
    let conversation = json!({"id": 1, "subject": "s", "status": "closed", "userUpdatedAt": "2026-01-02T03:05:00Z",
        "primaryCustomer": {"email": "a1b2c3d4e5f6g7h@marketplace.amazon.de"},
        "assignee": {"id": 5, "first": "Mara", "last": "Lind"}, "tags": [{"id": 1, "tag": "vip"}],
        "_embedded": {"threads": [
            {"id": 3, "type": "note", "body": "secret", "createdAt": "2026-01-02T03:06:00Z", "createdBy": {"type": "user", "email": "m@x.example"}},
            {"id": 2, "type": "reply", "body": "Yes.", "createdAt": "2026-01-02T03:04:05Z", "createdBy": {"type": "user", "email": "mara@x.example"}},
            {"id": 1, "type": "customer", "body": "?", "createdAt": "2026-01-02T03:00:00Z", "createdBy": {"type": "customer"}}]}});
    let tell = |topic| event(Source::HelpScout, Some(topic), &conversation);
    let reply = tell("convo.agent.reply.created");
    assert_eq!(answered(&reply), Some(("mara@x.example".to_owned(), "Yes.".to_owned())));
    assert_eq!((reply.at, reply.reference.aliases.len()), (Some(at(AT)), 1));
    assert_eq!(tell("convo.assigned").facts, [Fact::Assigned(Some("Mara Lind".into()))]);
    assert_eq!(tell("convo.tags").facts, [Fact::TagsAre(vec!["vip".to_owned()])]);
    assert_eq!(tell("convo.status").facts, [Fact::Closed]);
    assert!(tell("convo.note.created").facts.is_empty() && tell("convo.customer.reply.created").facts.is_empty());
}

#[test]
fn intercom_tells_by_its_topic() {
    let notification = |topic: &str, item: Value| {
        let body = json!({"type": "notification_event", "id": "notif_1", "topic": topic, "created_at": AT + 5,
            "data": {"type": "notification_event_data", "item": item}});
        event(Source::Intercom, None, &body)
    };
    let part = |author: &str, kind: &str| {
        json!({"id": "215", "source": {"author": {"email": "a1b2c3d4e5f6g7h@marketplace.amazon.de"}},
            "conversation_parts": {"conversation_parts": [{"id": "p1", "part_type": kind, "body": "Yes.", "created_at": AT,
                "author": {"type": author, "email": "mara@x.example"}}]}})
    };
    let told = notification("conversation.admin.replied", part("admin", "comment"));
    assert_eq!(answered(&told), Some(("mara@x.example".to_owned(), "Yes.".to_owned())));
    assert_eq!((told.at, told.reference.aliases.len()), (Some(at(AT)), 1));
    assert!(
        notification("conversation.admin.replied", part("bot", "comment"))
            .facts
            .is_empty()
    );
    assert!(
        notification("conversation.admin.replied", part("admin", "note"))
            .facts
            .is_empty()
    );
    assert!(notification("ping", json!({})).facts.is_empty());
    assert_eq!(
        names(&notification("conversation.admin.replied", json!({}))),
        ["answered"]
    );
    let tag = json!({"conversation": {"id": "215"}, "tag": {"name": "vip"}});
    assert_eq!(names(&notification("conversation_part.tag.created", tag)), ["tagged"]);
    let assigned = notification("conversation.admin.assigned", json!({"admin_assignee_id": 5}));
    assert_eq!(assigned.facts, [Fact::Assigned(Some("5".into()))]);
    assert_eq!(
        notification("conversation.admin.closed", json!({})).facts,
        [Fact::Closed]
    );
}

#[test]
fn chatwoot_tells_what_people_write_and_not_what_machines_write() {
    let message = |extra: Value| {
        let mut body = json!({"event": "message_created", "id": "1", "content": "Yes.", "created_at": "2026-01-02 03:04:05 UTC",
            "message_type": "outgoing", "content_attributes": {}, "sender": {"id": 1, "name": "Mara", "type": "user"},
            "conversation": {"id": 7, "meta": {"sender": {"email": "a1b2c3d4e5f6g7h@marketplace.amazon.de"}}}});
        for (name, value) in extra.as_object().unwrap() {
            body[name] = value.clone();
        }
        event(Source::Chatwoot, None, &body)
    };
    let told = message(json!({}));
    assert_eq!(answered(&told), Some(("Mara".to_owned(), "Yes.".to_owned())));
    assert_eq!((told.at, told.reference.ticket.as_deref()), (Some(at(AT)), Some("7")));
    let silent = [
        json!({"private": true}),
        json!({"message_type": "template"}),
        json!({"message_type": "incoming"}),
        json!({"sender": {"type": "agent_bot"}}),
        json!({"content_attributes": {"automation_rule_id": 3}}),
    ];
    for extra in silent {
        assert!(message(extra.clone()).facts.is_empty(), "{extra}");
    }
    let updated = json!({"event": "conversation_updated", "id": 7, "labels": ["a"], "updated_at": AT,
        "meta": {"assignee": {"email": "mara@x.example"}},
        "changed_attributes": [{"label_list": {"current_value": ["a"], "previous_value": ["b"]}},
            {"assignee_id": {"current_value": 1, "previous_value": null}}]});
    assert_eq!(names(&event(Source::Chatwoot, None, &updated)), ["tagged", "assigned"]);
    let resolved = json!({"event": "conversation_status_changed", "id": 7, "status": "resolved"});
    assert_eq!(event(Source::Chatwoot, None, &resolved).facts, [Fact::Closed]);
}

#[test]
fn templates_name_the_fact() {
    let flat = json!({"fact": "answered", "id": "f1", "at": "2026-01-02T03:04:05Z", "by": "Mara", "ticket_id": 42,
        "subject": "s", "email": "a1b2c3d4e5f6g7h@marketplace.amazon.de"});
    for source in [Source::Freshdesk, Source::Gorgias, Source::Zendesk] {
        let told = event(source, None, &flat);
        assert_eq!(answered(&told), Some(("Mara".to_owned(), String::new())), "{source:?}");
        assert_eq!((told.at, told.id.as_deref()), (Some(at(AT)), Some("f1")), "{source:?}");
        assert_eq!(told.reference.ticket.as_deref(), Some("42"), "{source:?}");
        assert_eq!(told.reference.aliases.len(), 1, "{source:?}");
        for (name, fact) in [
            ("no_response_needed", "no-response-needed"),
            ("no-response-needed", "no-response-needed"),
            ("assigned", "assigned"),
            ("thread.closed", "closed"),
        ] {
            let told = event(source, None, &json!({"fact": name, "to": "Mara"}));
            assert_eq!(names(&told), [fact], "{source:?}");
        }
    }
}

#[test]
fn freshdesk_and_gorgias_are_read_in_their_own_shapes() {
    let freshdesk = json!({"freshdesk_webhook": {"ticket_id": 42, "ticket_subject": "Frage 302-1234567-7654321",
        "ticket_contact_email": "a1b2c3d4e5f6g7h@marketplace.amazon.de", "triggered_event": "{reply_sent:true}"}});
    let told = event(Source::Freshdesk, None, &freshdesk);
    assert_eq!(names(&told), ["answered"]);
    assert_eq!((told.reference.orders.len(), told.reference.aliases.len()), (1, 1));
    let message = |agent: &str, public: bool| {
        json!({"type": "ticket-message-created", "ticket": {"id": 1, "external_id": "302-1234567-7654321"},
            "message": {"id": 2, "from_agent": agent, "public": public, "body_text": "Yes.",
                "created_datetime": "2026-01-02T03:04:05Z", "sender": {"name": "Mara"}}})
    };
    let told = event(Source::Gorgias, None, &message("true", true));
    assert_eq!(answered(&told), Some(("Mara".to_owned(), "Yes.".to_owned())));
    assert_eq!(told.at, Some(at(AT)));
    assert!(event(Source::Gorgias, None, &message("false", true)).facts.is_empty());
    assert!(event(Source::Gorgias, None, &message("true", false)).facts.is_empty());
}

#[test]
fn our_own_events_name_the_thread_by_a_selector() {
    let tell = |name: &str, data: Value| {
        let body = json!({"type": name, "timestamp": "2026-01-02T03:04:05Z", "data": data});
        event(Source::Standard, None, &body)
    };
    let order = json!({"order_id": "302-1234567-7654321"});
    let told = tell("thread.answered", json!({"thread": order, "by": "Mara"}));
    assert_eq!(answered(&told).map(|(by, _)| by).as_deref(), Some("Mara"));
    assert_eq!(told.at, Some(at(AT)));
    let select = told.reference.select.unwrap();
    assert_eq!(select.order.unwrap().as_str(), "302-1234567-7654321");
    let reply = tell("thread.reply", json!({"thread": order, "by": "Mara", "text": "Yes."}));
    assert_eq!(names(&reply), ["reply"]);
    assert_eq!(
        names(&tell("thread.tagged", json!({"thread": order, "add": ["vip"]}))),
        ["tagged"]
    );
    assert_eq!(
        names(&tell("thread.no_response_needed", json!({"thread": order}))),
        ["no-response-needed"]
    );
    assert!(tell("thread.sneezed", json!({"thread": order})).facts.is_empty());
    assert!(tell("thread.reply", json!({"thread": order})).facts.is_empty());
}
