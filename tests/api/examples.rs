//! Every example of the document, called on the world of the demo: it is answered as the document says.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use axum::Router;
use serde_json::{Value, json};
use tempfile::TempDir;
use within24::adapters::dynamodb::Table;
use within24::domain::token::Role;
use within24::testing::openapi::response_faults;
use within24_local::machine::Machine;
use within24_local::{replay, timeline};

use crate::calls::{Answer, call, router, token};
use crate::document::{load, operations, resolved};

/// One call that the document shows.
pub(crate) struct Shown<'a> {
    pub(crate) path: String,
    pub(crate) method: String,
    pub(crate) operation: &'a Value,
    /// The name of its example; `example` where it has no body.
    pub(crate) name: String,
    pub(crate) query: String,
    pub(crate) body: Option<Value>,
    status: String,
}

pub(crate) fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn encoded(text: &str) -> String {
    text.bytes()
        .fold(String::new(), |whole, byte| format!("{whole}%{byte:02x}"))
}

/// The first answer that is no problem.
fn usual(operation: &Value) -> String {
    operation["responses"]
        .as_object()
        .unwrap()
        .keys()
        .find(|status| status.starts_with('2'))
        .unwrap()
        .clone()
}

/// All calls that an operation shows: with each of its bodies, and with each parameter of the query.
pub(crate) fn shown<'a>(path: &str, method: &str, operation: &'a Value) -> Vec<Shown<'a>> {
    let parameters = operation["parameters"].as_array().unwrap();
    let mut filled = path.to_owned();
    for parameter in parameters.iter().filter(|one| one["in"] == "path") {
        let name = parameter["name"].as_str().unwrap();
        filled = filled.replace(&format!("{{{name}}}"), &text(&parameter["example"]));
    }
    let one = |name: &str, query: String, body: Option<Value>, status: String| Shown {
        path: filled.clone(),
        method: method.to_owned(),
        operation,
        name: name.to_owned(),
        query,
        body,
        status,
    };
    let content = &operation["requestBody"]["content"]["application/json"];
    let Some(bodies) = content["examples"].as_object() else {
        let mut all = vec![one("example", String::new(), None, usual(operation))];
        for parameter in parameters
            .iter()
            .filter(|one| one["in"] == "query" && !one["example"].is_null())
        {
            let query = format!(
                "?{}={}",
                parameter["name"].as_str().unwrap(),
                encoded(&text(&parameter["example"]))
            );
            all.push(one("parameter", query, None, usual(operation)));
        }
        return all;
    };
    let of_body = |(name, example): (&String, &Value)| {
        let status = example
            .get("x-status")
            .map_or_else(|| usual(operation), ToString::to_string);
        one(name, String::new(), Some(example["value"].clone()), status)
    };
    let refused = content["x-refused"].as_object().into_iter().flatten();
    bodies.iter().chain(refused).map(of_body).collect()
}

pub(crate) async fn run(router: &Router, token: &str, shown: &Shown<'_>) -> Answer {
    let mut call = call(router, &shown.method, &format!("{}{}", shown.path, shown.query)).by(token);
    for parameter in shown.operation["parameters"].as_array().unwrap() {
        if parameter["in"] == "header" {
            // What is refused is a request of its own, not another one under the same key.
            let own = if shown.status.starts_with('2') { "" } else { &shown.name };
            call = call.header(
                parameter["name"].as_str().unwrap(),
                &format!("{}{own}", text(&parameter["example"])),
            );
        }
    }
    match &shown.body {
        Some(body) => call.json(body).send().await,
        None => call.send().await,
    }
}

/// What is wrong with an answer, held against what the document says of it.
fn wrong(document: &Value, shown: &Shown, answer: &Answer) -> Vec<String> {
    let status = answer.status.as_u16().to_string();
    if status != shown.status {
        return vec![format!("answered {status}: {}", answer.text())];
    }
    let response = resolved(document, &shown.operation["responses"][&status]);
    let mut wrong = Vec::new();
    for (name, header) in response["headers"].as_object().into_iter().flatten() {
        let header = resolved(document, header);
        if header["required"] == true && answer.header(name).is_empty() {
            wrong.push(format!("no header {name}"));
        }
    }
    let kind = answer.header("content-type");
    let status = answer.status.as_u16();
    wrong.extend(response_faults(document, shown.operation, status, kind, &answer.body));
    let kind = kind.split(';').next().unwrap();
    if let Some(example) = response["content"][kind]["examples"].get(&shown.name) {
        let body = if kind.ends_with("json") {
            answer.json()
        } else {
            json!(answer.text())
        };
        // Every request has another id.
        let without = |mut value: Value| {
            if let Some(fields) = value.as_object_mut() {
                fields.remove("request_id");
            }
            value
        };
        let (example, body) = (without(example["value"].clone()), without(body));
        if shown.query.is_empty() && example != body {
            wrong.push(format!("the example is not what is answered: {body}"));
        }
    }
    wrong
}

/// The world of the demo at its end: the table, and what it lives in.
pub(crate) async fn demo() -> (Arc<Table>, Machine, TempDir) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/demo");
    let timeline_text = std::fs::read_to_string(folder.join("timeline.jsonl")).unwrap();
    let raw = tempfile::tempdir().unwrap();
    let replayed = replay::run(timeline::parse(&timeline_text), &folder, raw.path())
        .await
        .unwrap();
    (Arc::new(replayed.machine.table().clone()), replayed.machine, raw)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_example_is_answered_as_the_document_says() {
    let document = load();
    let (world, _machine, _raw) = demo().await;
    let router = router(&world);
    let mara = token(&*world, 1, "Mara Lind", &[("*", Role::Admin)]).await;
    token(&*world, 2, "Jonas Petersen", &[("kontorhaus", Role::Agent)]).await;

    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let mut all = Vec::new();
    for (path, method, operation) in &operations(&document) {
        for one in shown(path, method, operation) {
            let answer = run(&router, &mara, &one).await;
            *seen.entry(operation["operationId"].to_string()).or_default() += 1;
            let wrong = wrong(&document, &one, &answer).into_iter();
            all.extend(wrong.map(|fault| format!("{method} {}{} ({}): {fault}", one.path, one.query, one.name)));
        }
    }
    assert!(all.is_empty(), "{}", all.join("\n"));
    assert!(seen.len() >= 25 && seen.values().sum::<usize>() >= 45, "{seen:?}");
}

/// A list is gone through with the cursors it gives.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_inbox_of_the_demo_is_the_same_in_pages() {
    let (world, _machine, _raw) = demo().await;
    let router = router(&world);
    let mara = token(&*world, 1, "Mara Lind", &[("kontorhaus", Role::Agent)]).await;
    for filter in [
        "",
        "&status=needs-response",
        "&marketplace=GB",
        "&buyer=auqspb7kx674fgi@marketplace.amazon.co.uk",
    ] {
        let page = async |rest: String| {
            let path = format!("/v1/stores/kontorhaus/threads?limit={rest}{filter}");
            call(&router, "GET", &path).by(&mara).send().await.json()
        };
        let whole = page("100".to_owned()).await["threads"].as_array().unwrap().clone();
        assert!(!whole.is_empty());
        let (mut parts, mut next) = (Vec::new(), String::new());
        for _ in 0..40 {
            let got = page(format!("2{next}")).await;
            parts.extend(got["threads"].as_array().unwrap().clone());
            match got["next"].as_str() {
                Some(cursor) => next = format!("&cursor={cursor}"),
                None => break,
            }
        }
        assert_eq!(parts, whole, "{filter}");
    }
}
