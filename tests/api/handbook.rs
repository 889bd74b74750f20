//! The calls that the page for integrators shows, sent as they stand there: each is answered as it shows.

use std::path::Path;
use std::sync::Arc;

use axum::Router;
use serde_json::Value;
use within24::domain::token::Role;
use within24_local::{replay, timeline};

use crate::calls::{Answer, call, token};

/// The words of a command line: quotes of both kinds, no other magic.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
    for c in line.chars() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (None, '"' | '\'') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, ' ') => words.extend(word.take()),
            (_, c) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}

/// What `curl` would send: a body makes a POST.
async fn send(router: &Router, token: &str, line: &str) -> Answer {
    let mut words = words(line).into_iter();
    assert_eq!(words.next().as_deref(), Some("api"), "{line}");
    let (mut path, mut method, mut headers, mut body) = (String::new(), None, Vec::new(), None);
    while let Some(word) = words.next() {
        let mut next = || words.next().unwrap();
        match word.as_str() {
            "-X" => method = Some(next()),
            "-H" => headers.push(next()),
            "-d" => body = Some(next()),
            _ => path = word.replace("$API", "/v1/stores/kontorhaus"),
        }
    }
    let usual = if body.is_some() { "POST" } else { "GET" };
    let mut call = call(router, method.as_deref().unwrap_or(usual), &path).by(token);
    for header in headers {
        let (name, value) = header.split_once(": ").unwrap();
        call = call.header(name, value);
    }
    call.raw("application/json", body.unwrap_or_default()).send().await
}

/// Whether an answer holds all that is shown of it: fields may be left out, and the ends of lists.
fn holds(shown: &Value, real: &Value) -> bool {
    match (shown, real) {
        (Value::Object(shown), Value::Object(real)) => shown
            .iter()
            .all(|(name, one)| real.get(name).is_some_and(|other| holds(one, other))),
        (Value::Array(shown), Value::Array(real)) => {
            shown.len() <= real.len() && shown.iter().zip(real).all(|(one, other)| holds(one, other))
        }
        _ => shown == real,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_calls_of_the_handbook_are_answered_as_it_shows() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let page = std::fs::read_to_string(root.join("infra/docs/integrate.md")).unwrap();
    let section = page
        .split("\n## API\n")
        .nth(1)
        .expect("infra/docs/integrate.md has the section API")
        .split("\n## ")
        .next()
        .unwrap();
    let folder = root.join("tests/fixtures/demo");
    let text = std::fs::read_to_string(folder.join("timeline.jsonl")).unwrap();
    let raw = tempfile::tempdir().unwrap();
    let replayed = replay::run(timeline::parse(&text), &folder, raw.path()).await.unwrap();
    let world = Arc::new(replayed.machine.table().clone());
    // Each call a second after the one before, as from people.
    let mut edge = crate::calls::edge();
    let seconds = std::sync::atomic::AtomicI64::new(0);
    edge.now = Arc::new(move || {
        let passed = seconds.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        within24::domain::clock::shift(crate::calls::now(), jiff::SignedDuration::from_secs(passed))
    });
    let router = crate::calls::router_at(&world, edge);
    let mara = token(&*world, 1, "Mara Lind", &[("kontorhaus", Role::Admin)]).await;
    let mut sent = 0;
    for block in section.split("```console\n").skip(1) {
        let block = block.split("\n```").next().unwrap();
        for step in block.split("$ api ").skip(1) {
            let (line, shown) = step.split_once('\n').unwrap();
            let answer = send(&router, &mara, &format!("api {line}")).await;
            assert!(answer.status.is_success(), "{line}: {}", answer.text());
            match serde_json::from_str::<Value>(shown.trim()) {
                Ok(shown) => assert!(holds(&shown, &answer.json()), "{line}: {}", answer.text()),
                Err(_) => assert!(answer.text().starts_with(shown), "{line}: {}", answer.text()),
            }
            sent += 1;
        }
    }
    assert!(sent >= 11, "{sent}");
}
