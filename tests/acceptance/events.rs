//! Events as others are told of them: on the bus, at endpoints, and as messages of our queues.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io;
use std::net::IpAddr;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use within24::adapters::https::{Caller, Resolve};
use within24::adapters::{call_message, event_detail, webhook_message};
use within24::domain::alias::Alias;
use within24::domain::clock::{Level, due, shift};
use within24::domain::endpoint::{Answer, CallId, Endpoint, EndpointUrl, SigningKeys, SigningSecret, Wanted};
use within24::domain::event::{Event, EventType, WindowCount};
use within24::domain::key::Key;
use within24::domain::language::Language;
use within24::domain::order_id::OrderId;
use within24::domain::outgoing::Outgoing;
use within24::domain::screening::{Attachment, Draft, Settings, screen};
use within24::domain::store::{Store, StoreId};
use within24::domain::thread::{Status, Thread};
use within24::domain::trust::Quarantine;
use within24::domain::webhook::{Source, Told};
use within24::ports::{CallEndpoint, DueCall};
use within24_tests::receiver::{NAME, Receiver};

use crate::snapshot;

/// Stands for an address of the public internet.
const PUBLIC: &str = "127.0.0.2";

fn now() -> Timestamp {
    "2026-03-03T09:15:00.25Z".parse().unwrap()
}

fn store() -> Store {
    Store::new(
        StoreId::parse("kontorhaus").unwrap(),
        "*",
        "messages@inbox.kontorhaus.example",
    )
}

fn thread() -> Thread {
    let opened = "2026-03-02T09:00:00Z".parse().unwrap();
    let alias = Alias::parse("a1b2c3d4e5f6g7h+01234567-89ab@marketplace.amazon.de").unwrap();
    let mut thread = Thread::open(store().id, alias, &Key::of(&["opening"]), opened);
    thread.order_ids = OrderId::parse("302-1234567-7654321").into_iter().collect();
    thread.wait(Some(opened), Status::NeedsResponse, &store());
    thread
}

/// At least one event of each type; a second one where it may say something else.
fn events() -> Vec<Event> {
    let (thread, store) = (thread(), store().id);
    let since = thread.opened_at;
    let german = Language::parse("de").unwrap();
    let request = Outgoing::order_id_request(&thread, german, None, since);
    let draft = Draft {
        text: "Wir geben Rabatt auf https://shop.example, schreiben Sie an shop@mail.example 😀".into(),
        attachments: vec![Attachment {
            name: "a.exe".into(),
            media_type: None,
            bytes: 1,
        }],
        ..Draft::default()
    };
    let screened = screen(&draft, &Settings::default());
    let mut reply = Outgoing::reply(&thread, draft.text, "Mara Lind".into(), false, "one", since);
    reply.findings = screened
        .findings
        .iter()
        .map(|found| found.rule.id().to_owned())
        .collect();
    let alert = |level| Event::alert(&thread, level, since, due(since), now());
    let count = |days| WindowCount {
        days,
        within: 34,
        late: 6,
    };
    let mut quiet = thread.clone();
    (quiet.waiting_since, quiet.order_ids) = (None, Vec::new());
    vec![
        Event::opened(&thread),
        Event::opened(&quiet),
        alert(Level::Nearing),
        alert(Level::Critical),
        alert(Level::Overdue),
        Event::requested(&thread, &request, german, now()),
        Event::blocked(&thread, &reply, &screened, now()),
        Event::quarantined(&store, Quarantine::Forged, "mail/0102-forged", now()),
        Event::quarantined(&store, Quarantine::Virus, "mail/0102-virus", now()),
        Event::rolled_up(&store, [7, 30, 90].map(count).into(), now()),
    ]
}

struct Public;

impl Resolve for Public {
    async fn resolve(&self, _: &str, _: u16) -> io::Result<Vec<IpAddr>> {
        Ok(vec![PUBLIC.parse().unwrap()])
    }
}

#[tokio::test]
async fn every_type_of_event_is_told_as_its_snapshot_shows() {
    let receiver = Receiver::start(PUBLIC).await;
    let caller = Caller::anywhere(vec![receiver.certificate.clone()], Public, |_| Ok(())).unwrap();
    let url = EndpointUrl::parse(&format!("https://{NAME}:{}/within24?key=a%20b", receiver.port)).unwrap();
    let endpoint = Endpoint::new(store().id, url, Wanted::default(), now());
    let secret = |byte| SigningSecret::of(&[byte; 32]).unwrap();
    // An hour ago it was given a new secret: both sign.
    let rotated = shift(now(), SignedDuration::from_hours(-1));
    let keys = SigningKeys::new(secret(1)).rotated(secret(2), rotated);

    let all = events();
    for &kind in EventType::ALL {
        let name = kind.as_str();
        let mut page = String::new();
        for event in all.iter().filter(|event| event.event_type() == kind) {
            let (detail_type, detail) = event_detail::write(event);
            let fields: Value = serde_json::from_str(&detail).unwrap();
            let named: BTreeSet<&String> = fields.as_object().unwrap().keys().collect();
            writeln!(
                page,
                "## on the bus\n\nsource: {}\ndetail-type: {detail_type}",
                event_detail::SOURCE
            )
            .unwrap();
            for field in named {
                writeln!(page, "{field}: {}", fields[field]).unwrap();
            }
            let answer = caller.call_endpoint(&endpoint, &keys, event, now()).await;
            assert_eq!(answer, Answer::Status(200, None));
            let arrived = receiver.received().pop().unwrap();
            write!(page, "\n## at an endpoint\n\n{}\n", arrived.line).unwrap();
            for (name, value) in &arrived.headers {
                let value = value
                    .replace(&receiver.port.to_string(), "[port]")
                    .replace(env!("CARGO_PKG_VERSION"), "[version]");
                writeln!(page, "{name}: {value}").unwrap();
            }
            write!(page, "\n{}\n\n", String::from_utf8(arrived.body).unwrap()).unwrap();
        }
        assert!(!page.is_empty(), "{name}");
        snapshot("events", name, page.trim_end());
    }
}

/// They lie in queues for days and outlive a deployment.
#[test]
fn messages_of_the_queues_are_as_the_snapshot_shows() {
    let event = Event::opened(&thread());
    let endpoint = within24::domain::endpoint::EndpointId::parse("endpoint-1").unwrap();
    let due = DueCall {
        id: CallId::of(&endpoint, &event),
        version: 3,
    };
    let told = |body: &[u8]| Told {
        source: Source::HelpScout,
        stores: vec![store().id],
        received: now(),
        signed_at: Some(now()),
        delivery: Some("delivery-1".to_owned()),
        topic: Some("convo.assigned".to_owned()),
        body: body.to_vec(),
    };
    let large = vec![b'x'; webhook_message::MOST_BYTES];
    let mut page = String::new();
    for (title, message) in [
        ("the bus tells call-webhook of an event", call_message::event(&event)),
        ("the schedule wakes call-webhook", call_message::bring()),
        ("call-webhook asks itself for an attempt", call_message::attempt(&due)),
        ("a helpdesk's call", webhook_message::write(&told(b"{\"id\": 7}")).text),
        (
            "a helpdesk's call that is no text",
            webhook_message::write(&told(b"\xff\xfe")).text,
        ),
        ("a helpdesk's large call", webhook_message::write(&told(&large)).text),
    ] {
        write!(page, "## {title}\n\n{message}\n\n").unwrap();
    }
    snapshot("events", "queues", page.trim_end());
}
