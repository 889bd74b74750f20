//! The contract of `PublishEvents`, held by everything that stands for the event bus, and what each answer of EventBridge means.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use aws_sdk_eventbridge::Client;
use jiff::Timestamp;
use serde_json::{Value, json};
use tempfile::TempDir;
use within24::adapters::call_message::{self, Asked};
use within24::adapters::event_detail;
use within24::adapters::eventbridge::Bus;
use within24::domain::clock::Level;
use within24::domain::event::{Event, EventType, MOST_ORDERS, WindowCount};
use within24::domain::key::Key;
use within24::domain::language::Language;
use within24::domain::order_id::OrderId;
use within24::domain::outgoing::Outgoing;
use within24::domain::screening::{Draft, Settings, screen};
use within24::domain::thread::Thread;
use within24::domain::trust::Quarantine;
use within24::ports::PublishEvents;
use within24::testing::{Herald, Strike};
use within24_local::endpoints::Outgoing as CallQueue;
use within24_local::serve::{Board as EventLog, Calling};
use within24_local::sink::Board;

use super::aws::{Aws, Reply, Request};
use super::{now, store_id, thread};

/// Stands for the bus, and shows what arrived.
trait EventBus {
    fn port(&self) -> &impl PublishEvents;

    /// What arrived, in order.
    fn keys(&self) -> Vec<Key>;

    /// The same as events, where this one hands on more than names.
    fn events(&self) -> Option<Vec<Event>>;

    /// From now on nothing arrives, or all again. Gives whether this one can fail.
    fn fail(&self, fails: bool) -> bool;
}

fn keys(events: &[Event]) -> Vec<Key> {
    events.iter().map(|event| event.key.clone()).collect()
}

struct InMemory(Herald);

impl EventBus for InMemory {
    fn port(&self) -> &impl PublishEvents {
        &self.0
    }

    fn keys(&self) -> Vec<Key> {
        keys(&self.0.events())
    }

    fn events(&self) -> Option<Vec<Event>> {
        Some(self.0.events())
    }

    fn fail(&self, fails: bool) -> bool {
        self.0.faults.strike(usize::from(fails), Strike::Before);
        true
    }
}

/// A service that answers as EventBridge does.
#[derive(Default)]
struct Service {
    arrived: Vec<Event>,
    /// Code of the entry's failure, by the event's key.
    failing: BTreeMap<Key, &'static str>,
    down: bool,
}

/// Source: EventBridge user guide, "Calculating PutEvents event entry size": 14 bytes for the time, then the texts.
fn size(entry: &Value) -> usize {
    14 + ["Source", "DetailType", "Detail"]
        .map(|field| entry[field].as_str().unwrap().len())
        .iter()
        .sum::<usize>()
}

impl Service {
    fn answer(&mut self, request: &Request) -> Reply {
        assert_eq!(request.operation(), "PutEvents");
        let call = request.json();
        let entries = call["Entries"].as_array().unwrap();
        if self.down {
            return Reply::json_error(503, "ServiceUnavailable");
        }
        // Source: EventBridge API, PutEvents: 1 to 10 entries, below 256 KB together.
        if !(1..=10).contains(&entries.len()) || entries.iter().map(size).sum::<usize>() >= 256 * 1024 {
            return Reply::json_error(400, "ValidationException");
        }
        let results = entries.iter().map(|entry| {
            assert_eq!(
                (&entry["EventBusName"], &entry["Source"]),
                (&json!("bus"), &json!(event_detail::SOURCE))
            );
            let (kind, detail) = (entry["DetailType"].as_str().unwrap(), entry["Detail"].as_str().unwrap());
            let event = event_detail::read(kind, detail).unwrap();
            if let Some(code) = self.failing.get(&event.key) {
                return json!({"ErrorCode": code, "ErrorMessage": "Vera Muster"});
            }
            self.arrived.push(event);
            json!({"EventId": format!("{}", self.arrived.len())})
        });
        let results: Vec<Value> = results.collect();
        let failed = results.iter().filter(|result| !result["ErrorCode"].is_null()).count();
        Reply::json(&json!({"FailedEntryCount": failed, "Entries": results}))
    }
}

/// The adapter, on that service.
struct OnEventBridge {
    bus: Bus,
    aws: Aws,
    service: Arc<Mutex<Service>>,
}

impl OnEventBridge {
    async fn new() -> Self {
        let service = Arc::new(Mutex::new(Service::default()));
        let answering = Arc::clone(&service);
        let aws = Aws::new(move |request| answering.lock().unwrap().answer(request));
        let bus = Bus::new(Client::new(&aws.config().await), "bus");
        Self { bus, aws, service }
    }

    fn failing<'a>(&self, events: impl IntoIterator<Item = &'a Event>, code: &'static str) {
        let failing = events.into_iter().map(|event| (event.key.clone(), code));
        self.service.lock().unwrap().failing.extend(failing);
    }
}

impl EventBus for OnEventBridge {
    fn port(&self) -> &impl PublishEvents {
        &self.bus
    }

    fn keys(&self) -> Vec<Key> {
        keys(&self.service.lock().unwrap().arrived)
    }

    fn events(&self) -> Option<Vec<Event>> {
        Some(self.service.lock().unwrap().arrived.clone())
    }

    fn fail(&self, fails: bool) -> bool {
        self.service.lock().unwrap().down = fails;
        true
    }
}

/// What `demo` and `replay` publish to.
struct OnTheMachine(Board);

impl EventBus for OnTheMachine {
    fn port(&self) -> &impl PublishEvents {
        &self.0
    }

    fn keys(&self) -> Vec<Key> {
        keys(&self.0.events())
    }

    fn events(&self) -> Option<Vec<Event>> {
        Some(self.0.events())
    }

    fn fail(&self, fails: bool) -> bool {
        !fails
    }
}

/// What `serve` publishes to: a file, and the queue of calls to endpoints.
struct InAFile {
    log: EventLog,
    calls: Arc<Calling>,
    folder: TempDir,
}

impl InAFile {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("log")).unwrap();
        let calls = Arc::new(Calling::new(now));
        let events = folder.path().join("log/events.jsonl");
        let log = EventLog::new(events, folder.path().to_owned(), Arc::clone(&calls));
        Self { log, calls, folder }
    }

    fn place(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

impl EventBus for InAFile {
    fn port(&self) -> &impl PublishEvents {
        &self.log
    }

    fn keys(&self) -> Vec<Key> {
        let logged = keys(&self.events().unwrap());
        assert_eq!(
            planned(&self.calls.waiting()),
            logged,
            "endpoints are told of what is in the log"
        );
        logged
    }

    fn events(&self) -> Option<Vec<Event>> {
        let text = std::fs::read_to_string(self.place("log/events.jsonl")).unwrap_or_default();
        let event = |line: &str| {
            let line: Value = serde_json::from_str(line).unwrap();
            assert_eq!(line["source"], event_detail::SOURCE);
            event_detail::read(line["detail-type"].as_str().unwrap(), &line["detail"].to_string()).unwrap()
        };
        Some(text.lines().map(event).collect())
    }

    fn fail(&self, fails: bool) -> bool {
        // A folder that is not there takes no file.
        let (from, to) = if fails { ("log", "away") } else { ("away", "log") };
        let from = self.place(from);
        if from.exists() {
            std::fs::rename(from, self.place(to)).unwrap();
        }
        true
    }
}

/// The events that messages of the queue of calls name.
fn planned(messages: &[String]) -> Vec<Key> {
    let key = |message: &String| match call_message::read(message) {
        Some(Asked::Plan(store, key)) if store == store_id() => key,
        other => panic!("{other:?}"),
    };
    messages.iter().map(key).collect()
}

/// What brings events to endpoints where everything runs in one process.
struct OnTheQueue(CallQueue<fn() -> Timestamp>);

impl EventBus for OnTheQueue {
    fn port(&self) -> &impl PublishEvents {
        &self.0
    }

    fn keys(&self) -> Vec<Key> {
        planned(&self.0.waiting())
    }

    fn events(&self) -> Option<Vec<Event>> {
        None
    }

    fn fail(&self, fails: bool) -> bool {
        !fails
    }
}

/// One event of each type.
fn one_of_each() -> Vec<Event> {
    let thread = thread("t");
    let german = Language::parse("de").unwrap();
    let item = Outgoing::order_id_request(&thread, german, None, now());
    let draft = Draft {
        text: "Rabatt auf https://shop.example".into(),
        ..Draft::default()
    };
    let events = vec![
        Event::opened(&thread),
        Event::alert(&thread, Level::Nearing, now(), now(), now()),
        Event::alert(&thread, Level::Critical, now(), now(), now()),
        Event::alert(&thread, Level::Overdue, now(), now(), now()),
        Event::requested(&thread, &item, german, now()),
        Event::blocked(&thread, &item, &screen(&draft, &Settings::default()), now()),
        Event::quarantined(&store_id(), Quarantine::Forged, "mail/1", now()),
        rolled_up(0),
    ];
    let types: Vec<EventType> = events.iter().map(Event::event_type).collect();
    assert_eq!(types, EventType::ALL);
    events
}

fn rolled_up(second: i64) -> Event {
    let windows = vec![WindowCount {
        days: 7,
        within: 34,
        late: 6,
    }];
    let at = now() + jiff::SignedDuration::from_secs(second);
    Event::rolled_up(&store_id(), windows, at)
}

fn many() -> Vec<Event> {
    (0..23).map(rolled_up).collect()
}

async fn every_type_of_event_arrives_whole_and_in_order(bus: impl EventBus) {
    let events = one_of_each();
    assert_eq!(bus.port().publish(&events).await.unwrap(), keys(&events));
    assert_eq!(bus.keys(), keys(&events));
    if let Some(arrived) = bus.events() {
        assert_eq!(arrived, events);
    }
}

async fn more_events_than_a_call_takes_all_arrive(bus: impl EventBus) {
    let events = many();
    assert_eq!(bus.port().publish(&events).await.unwrap(), keys(&events));
    assert_eq!(bus.keys(), keys(&events));
}

async fn an_event_that_is_published_twice_arrives_twice_under_one_key(bus: impl EventBus) {
    let event = [rolled_up(0)];
    for times in 1..=2 {
        assert_eq!(bus.port().publish(&event).await.unwrap(), keys(&event));
        assert_eq!(bus.keys(), vec![event[0].key.clone(); times]);
    }
}

async fn nothing_to_publish_is_no_failure(bus: impl EventBus) {
    assert_eq!(bus.port().publish(&[]).await.unwrap(), []);
    assert_eq!(bus.keys(), []);
}

async fn what_did_not_arrive_is_not_named_and_can_be_published_again(bus: impl EventBus) {
    let events = many();
    if bus.fail(true) {
        let error = bus.port().publish(&events).await.unwrap_err();
        assert!(error.retry(), "{error}");
    }
    bus.fail(false);
    assert_eq!(bus.keys(), []);
    assert_eq!(bus.port().publish(&events).await.unwrap(), keys(&events));
    assert_eq!(bus.keys(), keys(&events));
}

macro_rules! contracts {
    ($($name:ident),* $(,)?) => {
        mod in_memory {
            use super::*;
            $(#[tokio::test] async fn $name() { super::$name(InMemory(Herald::default())).await; })*
        }
        mod on_eventbridge {
            use super::*;
            $(#[tokio::test] async fn $name() { super::$name(OnEventBridge::new().await).await; })*
        }
        mod on_the_machine {
            use super::*;
            $(#[tokio::test] async fn $name() { super::$name(OnTheMachine(Board::default())).await; })*
        }
        mod in_a_file {
            use super::*;
            $(#[tokio::test] async fn $name() { super::$name(InAFile::new()).await; })*
        }
        mod on_the_queue_of_calls {
            use super::*;
            $(#[tokio::test] async fn $name() { super::$name(OnTheQueue(CallQueue::new(now))).await; })*
        }
    };
}

contracts!(
    every_type_of_event_arrives_whole_and_in_order,
    more_events_than_a_call_takes_all_arrive,
    an_event_that_is_published_twice_arrives_twice_under_one_key,
    nothing_to_publish_is_no_failure,
    what_did_not_arrive_is_not_named_and_can_be_published_again,
);

#[tokio::test]
async fn an_entry_that_failed_is_not_published_wherever_it_stands() {
    let events = many();
    for step in 1..=events.len() {
        let bus = OnEventBridge::new().await;
        bus.failing(events.iter().skip(step - 1).step_by(step), "ThrottlingException");
        let published = bus.port().publish(&events).await;
        if step == 1 {
            let error = published.unwrap_err();
            assert!(
                error.retry() && error.to_string().contains("ThrottlingException"),
                "{error}"
            );
            assert_eq!(bus.keys(), []);
            continue;
        }
        let published = published.unwrap();
        assert_eq!(published, bus.keys(), "each {step}th failed");
        assert_eq!(published.len(), events.len() - events.len() / step);
        assert_eq!(
            bus.aws.asked().len(),
            3,
            "what failed is brought again by the sweep, not at once"
        );
    }
}

/// A thread with more orders than an entry has room for.
fn full(name: &str) -> Thread {
    let mut thread = thread(name);
    let id = |number: u32| OrderId::parse(&format!("302-{:07}-{:07}", number / 100, number)).unwrap();
    thread.order_ids = (0..12_000).map(id).collect();
    thread
}

#[tokio::test]
async fn the_largest_events_keep_no_others_from_being_published() {
    let mut events = vec![Event::opened(&full("first"))];
    events.extend(one_of_each());
    events.extend((0..9).map(|number| Event::opened(&full(&number.to_string()))));
    let bus = OnEventBridge::new().await;
    bus.failing([&events[1], &events[10]], "InternalFailure");
    let published = bus.port().publish(&events).await.unwrap();
    assert_eq!(published, bus.keys());
    assert_eq!(published.len(), events.len() - 2);
    assert!(published.contains(&events[0].key) && !published.contains(&events[1].key));
    let arrived = bus.events().unwrap();
    assert_eq!(arrived[0].subject().unwrap().order_ids.len(), MOST_ORDERS);
}

#[tokio::test]
async fn what_earlier_calls_took_is_told_though_a_later_one_fails() {
    let events = many();
    let taken: Vec<Value> = (0..10).map(|number| json!({"EventId": number.to_string()})).collect();
    let taken = Reply::json(&json!({"FailedEntryCount": 0, "Entries": taken}));
    for failure in [
        Reply::Cut,
        Reply::json_error(400, "AccessDeniedException"),
        Reply::ok("<html>"),
    ] {
        let aws = Aws::replying([taken.clone(), failure]);
        let bus = Bus::new(Client::new(&aws.config().await), "bus");
        assert_eq!(bus.publish(&events).await.unwrap(), keys(&events[..10]));
    }
}

/// An answer that says nothing of an event, or not that it was taken, is no proof that it was.
#[tokio::test]
async fn only_what_has_an_event_id_is_published() {
    let events = many();
    for (results, taken) in [
        (json!([{"EventId": "1"}, {"EventId": "2"}]), 2),
        (json!([{"EventId": "1"}, {}, {}]), 1),
        (
            json!([{"EventId": "1"}, {"EventId": "2", "ErrorCode": "InternalFailure"}]),
            1,
        ),
        (json!([]), 0),
    ] {
        let aws = Aws::replying([Reply::json(&json!({"FailedEntryCount": 0, "Entries": results}))]);
        let bus = Bus::new(Client::new(&aws.config().await), "bus");
        let published = bus.publish(&events[..9]).await.unwrap_or_default();
        assert_eq!(published, keys(&events[..taken]), "{results}");
    }
}

/// Source: EventBridge API, PutEvents, Errors; "Common errors".
#[tokio::test]
async fn each_answer_of_eventbridge_is_for_good_or_for_the_moment() {
    let json = Reply::json_error;
    for (reply, code, retry, attempts) in [
        (json(400, "AccessDeniedException"), "AccessDeniedException", false, 1),
        (
            json(400, "ResourceNotFoundException"),
            "ResourceNotFoundException",
            false,
            1,
        ),
        (json(400, "ValidationException"), "ValidationException", false, 1),
        (json(400, "ThrottlingException"), "ThrottlingException", true, 3),
        (json(500, "InternalException"), "InternalException", true, 3),
        (json(503, "ServiceUnavailable"), "ServiceUnavailable", true, 3),
        (json(400, "ExpiredTokenException"), "ExpiredTokenException", true, 1),
        (Reply::Cut, "dispatch", true, 3),
        (Reply::Silence, "timeout", true, 1),
        (Reply::ok("<html>"), "HTTP 200", true, 1),
    ] {
        let aws = Aws::replying([reply]);
        let bus = Bus::new(Client::new(&aws.config().await), "bus");
        let error = bus.publish(&[rolled_up(0)]).await.unwrap_err();
        assert_eq!(error.retry(), retry, "{code}: {error}");
        assert!(error.to_string().ends_with(code), "{error}");
        assert_eq!(aws.asked().len(), attempts, "{code}");
    }
}
