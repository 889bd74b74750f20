//! Every operation, called with every kind of token.

use axum::Router;
use serde_json::Value;
use within24::domain::token::Role;
use within24::testing::Memory;

use crate::calls::{Answer, THREAD, call, of_thread, router, token, world};
use crate::document::{load, operations};

/// What somebody may, by store.
type Scoped = &'static [(&'static str, Role)];

/// Who calls, and what he may.
const CALLERS: [(&str, Scoped); 7] = [
    ("an agent", &[("kontorhaus", Role::Agent)]),
    ("a lead", &[("kontorhaus", Role::Lead)]),
    ("an admin", &[("kontorhaus", Role::Admin)]),
    ("another store's admin", &[("lampenhaus", Role::Admin)]),
    (
        "an admin there, an agent here",
        &[("lampenhaus", Role::Admin), ("kontorhaus", Role::Agent)],
    ),
    ("an agent everywhere", &[("*", Role::Agent)]),
    ("an admin everywhere", &[("*", Role::Admin)]),
];

fn filled(path: &str, operation: &Value) -> String {
    let mut filled = path.to_owned();
    for parameter in operation["parameters"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|one| one["in"] == "path")
    {
        let name = format!("{{{}}}", parameter["name"].as_str().unwrap());
        filled = filled.replace(&name, parameter["example"].as_str().unwrap());
    }
    filled
}

async fn send(router: &Router, token: Option<&str>, path: &str, method: &str, operation: &Value) -> Answer {
    let mut call = call(router, method, path).header("idempotency-key", "k1");
    if let Some(token) = token {
        call = call.by(token);
    }
    let examples = operation["requestBody"]["content"]["application/json"]["examples"].as_object();
    let usual = examples.and_then(|all| all.values().next());
    match usual {
        Some(example) => call.json(&example["value"]).send().await,
        None => call.send().await,
    }
}

fn role(scopes: &[(&str, Role)], reach: &str) -> Option<Role> {
    let of = |wanted: &str| scopes.iter().find(|(reach, _)| *reach == wanted).map(|(_, role)| *role);
    match reach {
        "store" => of("kontorhaus").max(of("*")),
        "everywhere" => of("*"),
        _ => scopes.iter().map(|(_, role)| *role).max(),
    }
}

/// What a refusal must leave as it is.
fn state(world: &Memory) -> String {
    format!(
        "{:?} {:?} {:?} {:?}",
        world.threads(),
        world.outbox(),
        world.reports(),
        world.deeds_done()
    )
}

#[tokio::test]
async fn every_operation_is_open_to_whom_the_document_says_and_to_nobody_else() {
    let mut walked = 0;
    for (path, method, operation) in operations(&load()) {
        let path = filled(&path, &operation);
        let (wanted, reach) = (operation["x-role"].as_str().unwrap(), operation["x-reach"].as_str());
        let Some(reach) = reach else {
            let world = world().await;
            assert_eq!(
                send(&router(&world), None, &path, &method, &operation).await.status,
                200,
                "{path}"
            );
            continue;
        };
        let wanted = Role::parse(wanted).unwrap();
        let world_without = world().await;
        let before = state(&world_without);
        let answer = send(&router(&world_without), None, &path, &method, &operation).await;
        assert_eq!(
            (answer.status.as_u16(), state(&world_without)),
            (401, before),
            "nobody: {method} {path}"
        );
        for (who, scopes) in CALLERS {
            let world = world().await;
            let bearer = token(&*world, 1, who, scopes).await;
            let before = state(&world);
            let answer = send(&router(&world), Some(&bearer), &path, &method, &operation).await;
            let (status, told) = (
                answer.status.as_u16(),
                format!("{who}: {method} {path}: {}", answer.text()),
            );
            walked += 1;
            // Whoever gives tokens is admin somewhere, and this one is for the store of the examples.
            if operation["operationId"] == "makeToken" && role(scopes, "store") != Some(Role::Admin) {
                assert_eq!((status, state(&world)), (403, before), "{told}");
                continue;
            }
            match role(scopes, reach) {
                Some(role) if role >= wanted => {
                    assert!(![401, 403].contains(&status), "{told}");
                    // What the examples name is there, but for an answer that nobody handed in and a token that nobody made.
                    let there = ["answers/", "tokens/"].iter().all(|part| !path.contains(part));
                    assert!(status != 404 || !there, "{told}");
                }
                None if reach == "store" => assert_eq!((status, state(&world)), (404, before), "{told}"),
                _ => assert_eq!((status, state(&world)), (403, before), "{told}"),
            }
        }
    }
    assert!(walked >= 24 * CALLERS.len(), "{walked}");
}

/// To whom a store is not, it looks like one that is not there.
#[tokio::test]
async fn a_store_of_others_looks_like_none() {
    let world = world().await;
    let router = router(&world);
    let other = token(&*world, 1, "other", &[("lampenhaus", Role::Admin)]).await;
    for (path, method, operation) in operations(&load()) {
        if operation["x-reach"] != "store" {
            continue;
        }
        let path = filled(&path, &operation);
        let without_id = |answer: Answer| {
            let mut told = answer.json();
            told["request_id"].take();
            (answer.status, answer.headers.len(), told)
        };
        let others = send(&router, Some(&other), &path, &method, &operation).await;
        let none = send(
            &router,
            Some(&other),
            &path.replace("kontorhaus", "nowhere"),
            &method,
            &operation,
        )
        .await;
        assert_eq!(without_id(others), without_id(none), "{method} {path}");
    }
}

/// A thread of another store is not found by its id either.
#[tokio::test]
async fn a_thread_is_found_in_its_own_store_only() {
    let world = world().await;
    let router = router(&world);
    let both = [("lampenhaus", Role::Admin), ("kontorhaus", Role::Agent)];
    let token = token(&*world, 1, "both", &both).await;
    let there = format!("/v1/stores/lampenhaus/threads/{THREAD}");
    for rest in ["", "/answers", "/export"] {
        assert_eq!(
            call(&router, "GET", &format!("{there}{rest}"))
                .by(&token)
                .send()
                .await
                .status,
            404,
            "{rest}"
        );
    }
    assert_eq!(
        call(&router, "POST", &format!("{there}/read"))
            .by(&token)
            .send()
            .await
            .status,
        404
    );
    assert_eq!(call(&router, "GET", &of_thread("")).by(&token).send().await.status, 200);
    for query in [
        "order_id=205-3308416-7752091",
        "case_id=abcd",
        &format!("buyer=b{THREAD}@marketplace.amazon.co.uk"),
    ] {
        let list = call(&router, "GET", &format!("/v1/stores/lampenhaus/threads?{query}"))
            .by(&token)
            .send()
            .await;
        assert_eq!(list.json()["threads"].as_array().unwrap().len(), 0, "{query}");
    }
}

/// What the screen blocks is sent under a lead's name, never an agent's.
#[tokio::test]
async fn an_agent_never_overrides_the_screen() {
    let world = world().await;
    let router = router(&world);
    let body = serde_json::json!({"text": "For a 5-star review we send you a voucher.", "override": true});
    for (seed, role, status) in [(1, Role::Agent, 403), (2, Role::Lead, 202), (3, Role::Admin, 202)] {
        let token = token(
            &*world,
            seed,
            role.as_str(),
            &[("kontorhaus", role), ("lampenhaus", Role::Admin)],
        )
        .await;
        let call = call(&router, "POST", &of_thread("/answers"))
            .by(&token)
            .header("idempotency-key", "k");
        let answer = call.json(&body).send().await;
        assert_eq!(answer.status, status, "{}", answer.text());
        let there = world
            .outbox()
            .iter()
            .any(|item| format!("{:?}", item.content).contains("override: true"));
        assert_eq!(there, status == 202);
    }
}
