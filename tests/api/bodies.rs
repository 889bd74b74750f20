//! What every operation is sent and answers, word for word: one snapshot an operation, named by its `operationId`.
//!
//! The calls are the document's own examples, on the world of the demo and in the document's order, then the same with a fault in
//! them. An operation, or a status of one, that the document names and no snapshot shows fails.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Arc;

use axum::Router;
use jiff::SignedDuration;
use serde_json::{Value, json};
use within24::adapters::dynamodb::Table;
use within24::domain::alias::Alias;
use within24::domain::clock::shift;
use within24::domain::endpoint::{Call, CallId, Ended, Last, MOST_ENDPOINTS, Progress};
use within24::domain::event::Event;
use within24::domain::outgoing::{CLAIM, Outgoing, State};
use within24::domain::thread::ThreadId;
use within24::domain::token::Role;
use within24::lambda::api::MOST_BYTES;
use within24::ports::{Change, Commit, EndpointChange, FindEndpoints, FindThreads, Handle};
use within24::testing::{Memory, Strike, spread};

use crate::calls::{Answer, SHOWN, THREAD, call, edge, now, of_thread, router, router_at, store, token, world};
use crate::document::{load, operations};
use crate::examples::{demo, run, shown, text};

/// What every operation answers alike, save those that anybody may call; held by [`every_operation_refuses_alike`].
const ALIKE: [&str; 4] = ["401", "429", "500", "503"];

/// Headers of every answer, which `errors` holds.
const ALWAYS: [&str; 3] = ["cache-control", "x-content-type-options", "x-request-id"];

/// A request as it is written down.
struct Asked {
    method: String,
    path: String,
    kind: &'static str,
    body: Option<String>,
}

impl Asked {
    fn new(method: &str, path: impl Into<String>, body: Option<&Value>) -> Self {
        Self {
            method: method.to_owned(),
            path: path.into(),
            kind: "application/json",
            body: body.map(Value::to_string),
        }
    }

    async fn send(&self, router: &Router, token: Option<&str>) -> Answer {
        let mut call = call(router, &self.method, &self.path).header("idempotency-key", "another");
        if let Some(token) = token {
            call = call.by(token);
        }
        match &self.body {
            Some(body) => call.raw(self.kind, body.clone()).send().await,
            None => call.send().await,
        }
    }

    /// With what came back.
    fn with(&self, title: &str, answer: &Answer) -> String {
        let mut page = format!("## {title}\n\n{} {}\n", self.method, self.path);
        match &self.body {
            Some(body) if body.len() > 10_000 => writeln!(page, "({} bytes)", body.len()).unwrap(),
            Some(body) => writeln!(page, "{}", pretty(self.kind, body)).unwrap(),
            None => {}
        }
        format!("{page}\n{}\n", written(answer))
    }
}

/// A body as it is written down.
fn pretty(kind: &str, text: &str) -> String {
    match serde_json::from_str(text) {
        Ok(value) if kind.contains("json") => spread(&value, 0),
        _ => text.trim_end().to_owned(),
    }
}

/// Status, headers and body. The request's id is that of no other.
fn written(answer: &Answer) -> String {
    let id = answer.header("x-request-id");
    let mut page = format!("{}\n", answer.status.as_u16());
    let mut headers: Vec<(&str, &str)> = answer
        .headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.to_str().unwrap()))
        .filter(|(name, _)| !ALWAYS.contains(name))
        .collect();
    headers.sort_unstable();
    for (name, value) in headers {
        writeln!(page, "{name}: {value}").unwrap();
    }
    let body = pretty(answer.header("content-type"), &answer.text());
    page + &body.replace(&format!("\"{id}\""), "\"[request id]\"") + "\n"
}

fn snapshot(name: &str, page: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, page));
}

/// The operation's path as its examples fill it, and the same with each of the names in it changed, by the name's place.
fn paths(path: &str, operation: &Value) -> (String, Vec<(String, String)>) {
    let all = operation["parameters"].as_array().unwrap().iter();
    let named: Vec<(String, String)> = all
        .filter(|one| one["in"] == "path")
        .map(|one| (text(&one["name"]), text(&one["example"])))
        .collect();
    let filled = |changed: &str| {
        named.iter().fold(path.to_owned(), |path, (name, example)| {
            let value = if name == changed {
                format!("x{}", &example[1..])
            } else {
                example.clone()
            };
            path.replace(&format!("{{{name}}}"), &value)
        })
    };
    let changed = named.iter().map(|(name, _)| (name.clone(), filled(name))).collect();
    (filled(""), changed)
}

/// Calls with a fault in them, each with the token that it is made with: `true` is the one that may do everything.
fn faulty(path: &str, method: &str, operation: &Value) -> Vec<(String, Asked, bool)> {
    let listed = |status: &str| operation["responses"].get(status).is_some();
    let examples = operation["requestBody"]["content"]["application/json"]["examples"].as_object();
    let body = examples.and_then(|all| all.values().next()).map(|one| &one["value"]);
    let (path, changed) = paths(path, operation);
    let mut all = vec![(
        "a parameter that it has not".to_owned(),
        Asked::new(method, format!("{path}?unheard=1"), body),
        true,
    )];
    let with = |kind: &'static str, body: String| Asked {
        kind,
        body: Some(body),
        ..Asked::new(method, path.as_str(), None)
    };
    if let Some(body) = body {
        let unheard = json!({"unheard": 1}).to_string();
        all.extend([
            ("no JSON".to_owned(), with("application/json", "{".to_owned()), true),
            ("no object".to_owned(), with("application/json", "7".to_owned()), true),
            (
                "a field that it has not".to_owned(),
                with("application/json", unheard),
                true,
            ),
            (
                "another media type".to_owned(),
                with("text/plain", body.to_string()),
                true,
            ),
        ]);
    }
    if listed("413") {
        let large = format!("\"{}\"", "x".repeat(MOST_BYTES));
        all.push(("too much".to_owned(), with("application/json", large), true));
    }
    if listed("403") {
        let mut asked = Asked::new(method, path.as_str(), body);
        if operation["x-role"] == "agent" {
            // What an agent may not is to overrule the screen.
            let mut body = body.unwrap().clone();
            body["override"] = json!(true);
            asked.body = Some(body.to_string());
        }
        all.push(("a token of too low a role".to_owned(), asked, false));
    }
    if listed("404") {
        for (name, path) in changed {
            all.push((format!("another {name}"), Asked::new(method, path, body), true));
        }
    }
    all
}

/// What can be answered only after something else: on worlds of their own, or on this one.
async fn after(id: &str, router: &Router, [mara, narrow]: [&str; 2]) -> Option<String> {
    let kontorhaus = "/v1/stores/kontorhaus";
    let (title, asked, answer) = match id {
        "putStore" => {
            let body =
                json!({"recipient": "messages@inbox.lampenhaus.example", "from": "messages@inbox.lampenhaus.example"});
            let new = Asked::new("PUT", "/v1/stores/lampenhaus", Some(&body));
            let made = new.with("a new store", &new.send(router, Some(mara)).await);
            let body = json!({"recipient": "messages@inbox.kontorhaus.example", "from": "a@lampenhaus.example"});
            let taken = Asked::new("PUT", "/v1/stores/lampenhaus", Some(&body));
            let taken = taken.with("a recipient of another store", &taken.send(router, Some(mara)).await);
            let third = Asked::new("PUT", "/v1/stores/third", Some(&body));
            let third = third.with(
                "a new store, by an admin of one store",
                &third.send(router, Some(narrow)).await,
            );
            return Some(made + &taken + &third);
        }
        "reopenThread" => {
            let again = Asked::new("POST", of_thread("/reopen"), None);
            let answer = again.send(router, Some(mara)).await;
            ("one that waits already", again, answer)
        }
        "makeEndpoint" => {
            let (_, router, admin) = small().await;
            let path = format!("{kontorhaus}/endpoints");
            for number in 2..MOST_ENDPOINTS {
                let body = json!({"url": format!("https://hooks.example.com/{number}")});
                Asked::new("POST", path.as_str(), Some(&body))
                    .send(&router, Some(&admin))
                    .await;
            }
            let more = Asked::new("POST", path, Some(&json!({"url": "https://hooks.example.com/more"})));
            let answer = more.send(&router, Some(&admin)).await;
            ("one too many", more, answer)
        }
        "replayCalls" => {
            let (world, router, admin) = small().await;
            let all = world.endpoints(&store("kontorhaus").id).await.unwrap();
            let endpoint = all.iter().find(|one| one.url.expose() == SHOWN).unwrap();
            let path = format!("{kontorhaus}/endpoints/{}", endpoint.id.as_str());
            Asked::new("POST", format!("{path}/disable"), None)
                .send(&router, Some(&admin))
                .await;
            let body = json!({"since": "2026-03-01T00:00:00Z"});
            let replay = Asked::new("POST", format!("{path}/replay"), Some(&body));
            let answer = replay.send(&router, Some(&admin)).await;
            ("one that is disabled", replay, answer)
        }
        "eraseBuyer" => {
            let (world, router, admin) = small().await;
            sending(&world).await;
            let buyer = Alias::parse(&format!("b{THREAD}@marketplace.amazon.co.uk")).unwrap();
            let path = format!("{kontorhaus}/buyers/{}", buyer.buyer().expose());
            let erase = Asked::new("DELETE", path, None);
            let answer = erase.send(&router, Some(&admin)).await;
            ("one who is being answered at this moment", erase, answer)
        }
        _ => return None,
    };
    Some(asked.with(title, &answer))
}

/// The small world in memory, and the token that may do everything there.
async fn small() -> (Arc<Memory>, Router, String) {
    let world = world().await;
    let router = router(&world);
    let admin = token(&*world, 1, "Mara Lind", &[("*", Role::Admin)]).await;
    (world, router, admin)
}

/// Lets an answer in the thread of the small world be on its way to SES.
async fn sending(world: &Memory) {
    let id = ThreadId::parse(THREAD).unwrap();
    let handle = Handle::Thread(id);
    let thread = world.find(&store("kontorhaus").id, &handle).await.unwrap().remove(0);
    let item = Outgoing {
        state: State::Sending,
        claimed_until: Some(shift(now(), CLAIM)),
        ..Outgoing::reply(&thread, "It is due.".into(), "Mara".into(), false, "k", now())
    };
    world.commit(vec![Change::Outgoing(Box::new(item))]).await.unwrap();
}

/// Puts calls to each endpoint that there is into the table: in every state, after no attempt and after one.
async fn called(world: &Table) {
    let store = store("kontorhaus").id;
    let last = Some(Last {
        at: now(),
        answer: "503".to_owned(),
    });
    let next_at = shift(now(), SignedDuration::from_mins(5));
    let waiting = Progress::Waiting {
        next_at,
        look_at: next_at,
    };
    let progresses = [
        (waiting, None),
        (waiting, last.clone()),
        (Progress::Delivered, last.clone()),
    ];
    let ends = [Ended::Exhausted, Ended::Gone, Ended::Disabled, Ended::Deleted];
    let ended = ends.map(|why| (Progress::Ended(why), last.clone()));
    for endpoint in world.endpoints(&store).await.unwrap() {
        for (minutes, (progress, last)) in (1..).zip(progresses.clone().into_iter().chain(ended.clone())) {
            let event = Event::rolled_up(&store, Vec::new(), shift(now(), SignedDuration::from_mins(-minutes)));
            let call = Call {
                id: CallId::of(&endpoint.id, &event),
                event_type: event.event_type().as_str().to_owned(),
                attempts: u32::from(last.is_some()),
                progress,
                last,
                version: 0,
            };
            let call = EndpointChange::Call(Box::new(call), now());
            let changes = vec![Change::Event(Box::new(event)), Change::Endpoint(call)];
            world.commit(changes).await.unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_operation_answers_as_its_snapshot_shows() {
    let document = load();
    let (world, _machine, _raw) = demo().await;
    let mara = token(&*world, 1, "Mara Lind", &[("*", Role::Admin)]).await;
    token(&*world, 2, "Jonas Petersen", &[("kontorhaus", Role::Agent)]).await;
    let low = token(&*world, 3, "Ayşe Kaya", &[("kontorhaus", Role::Agent)]).await;
    let narrow = token(&*world, 4, "Olga Brandt", &[("kontorhaus", Role::Admin)]).await;
    let mut missing = Vec::new();
    for (path, method, operation) in &operations(&document) {
        let id = text(&operation["operationId"]);
        // Chance begins anew: what one operation makes does not depend on what others made before.
        let mut edge = edge();
        if id == "unassignThread" {
            // Of two words at the same moment neither is the later.
            edge.now = Arc::new(|| shift(now(), SignedDuration::from_mins(1)));
        }
        if id == "listCalls" {
            called(&world).await;
        }
        let router = router_at(&world, edge);
        let mut page = format!("# {id}\n\n{method} {path}\n\n");
        for one in shown(path, method, operation) {
            let answer = run(&router, &mara, &one).await;
            let asked = Asked::new(method, format!("{}{}", one.path, one.query), one.body.as_ref());
            if id == "getOpenApi" {
                assert_eq!(answer.json(), document, "it is infra/openapi.yaml as JSON");
                write!(page, "## example\n\n{}\n", answer.status.as_u16()).unwrap();
            } else {
                page += &asked.with(&one.name, &answer);
            }
        }
        page += &after(&id, &router, [&mara, &narrow]).await.unwrap_or_default();
        for (title, asked, everything) in faulty(path, method, operation) {
            let token = if everything { &mara } else { &low };
            page += &asked.with(&title, &asked.send(&router, Some(token)).await);
        }
        let seen: BTreeSet<&str> = page.lines().filter(|line| line.len() == 3).collect();
        let statuses = operation["responses"].as_object().unwrap().keys();
        let unseen = statuses.filter(|status| !ALIKE.contains(&status.as_str()) && !seen.contains(status.as_str()));
        missing.extend(unseen.map(|status| format!("{id}: no call answers {status}")));
        snapshot(&id, page.trim_end());
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

#[tokio::test]
async fn every_operation_refuses_alike() {
    let mut pages = BTreeSet::new();
    for (path, method, operation) in &operations(&load()) {
        if operation.get("x-reach").is_none() {
            continue;
        }
        let (path, _) = paths(path, operation);
        let asked = Asked::new(method, path, None);
        let (world, whole, admin) = small().await;
        let mut narrow = edge();
        (narrow.limit.at_once, narrow.limit.a_second) = (0.0, 0.1);
        let mut broken = edge();
        broken.now = Arc::new(|| panic!("a clock that broke"));
        let mut page = String::new();
        for (title, router, token) in [
            ("no token", &whole, None),
            ("too many requests", &router_at(&world, narrow), Some(admin.as_str())),
            ("a fault of ours", &router_at(&world, broken), Some(&admin)),
        ] {
            write!(page, "## {title}\n\n{}\n", written(&asked.send(router, token).await)).unwrap();
        }
        world.faults.strike(1, Strike::Before);
        let answer = asked.send(&whole, Some(&admin)).await;
        write!(page, "## a table that does not answer\n\n{}", written(&answer)).unwrap();
        pages.insert(page);
    }
    assert_eq!(pages.len(), 1, "{pages:#?}");
    snapshot("every-operation", pages.first().unwrap());
}

#[tokio::test]
async fn paths_and_methods_that_there_are_not_answer_as_the_snapshot_shows() {
    let (_, router, admin) = small().await;
    let mut page = String::new();
    for (title, method, path) in [
        ("a path that there is not", "GET", "/v1/unheard"),
        ("a method that it has not", "PATCH", "/v1/tokens"),
        ("a path that is no text", "GET", "/v1/stores/%ff/threads"),
    ] {
        let asked = Asked::new(method, path, None);
        page += &asked.with(title, &asked.send(&router, Some(&admin)).await);
    }
    snapshot("no-operation", page.trim_end());
}
