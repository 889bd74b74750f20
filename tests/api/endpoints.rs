//! Endpoints through the API: who is told, with which secret, and what is told again.

use std::sync::Arc;

use axum::Router;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use within24::domain::clock::shift;
use within24::domain::endpoint::{EndpointId, MOST_ENDPOINTS};
use within24::domain::event::{Event, WindowCount};
use within24::domain::store::StoreId;
use within24::domain::token::Role;
use within24::lambda::api::whole;
use within24::ports::{Change, Commit, FindEndpoints, ReadSigningKeys};
use within24::testing::{CallQueue, Memory};

use crate::calls::{DELETED, SHOWN, call, edge, now, router, token, world};

const ENDPOINTS: &str = "/v1/stores/kontorhaus/endpoints";

fn store() -> StoreId {
    StoreId::parse("kontorhaus").unwrap()
}

async fn admin(world: &Memory) -> String {
    token(world, 1, "Mara", &[("kontorhaus", Role::Admin)]).await
}

/// What was done, the oldest first.
async fn deeds(router: &Router, admin: &str) -> Vec<Value> {
    let path = "/v1/stores/kontorhaus/changes?limit=100";
    let changes = call(router, "GET", path).by(admin).send().await.json();
    let all = changes["changes"].as_array().unwrap().iter();
    let of_endpoints = all.filter(|one| one["what"].as_str().unwrap().starts_with("endpoint-"));
    let mut deeds: Vec<Value> = of_endpoints.map(|one| one["what"].clone()).collect();
    deeds.sort_by_key(Value::to_string);
    deeds
}

#[tokio::test]
async fn an_endpoint_is_made_and_its_secret_is_shown_once() {
    let world = world().await;
    let (router, admin) = (router(&world), admin(&world).await);
    let body =
        json!({"url": "https://chat.example.com/hook?token=t0ken", "events": ["ThreadOverdue.v1", "ThreadOverdue.v1"]});
    let made = call(&router, "POST", ENDPOINTS).by(&admin).json(&body).send().await;
    assert_eq!(made.status, 201, "{}", made.text());
    let (endpoint, secret) = (made.json(), made.json()["secret"].as_str().unwrap().to_owned());
    let id = endpoint["id"].as_str().unwrap();
    assert_eq!(made.header("location"), format!("{ENDPOINTS}/{id}"));
    assert_eq!(endpoint["events"], json!(["ThreadOverdue.v1"]));
    let keys = async || {
        let id = EndpointId::parse(id).unwrap();
        world.signing_keys(&store(), &id).await.unwrap()
    };
    assert_eq!(keys().await.unwrap().current.expose(), secret);

    let shown = call(&router, "GET", &format!("{ENDPOINTS}/{id}"))
        .by(&admin)
        .send()
        .await;
    let listed = call(&router, "GET", ENDPOINTS).by(&admin).send().await;
    assert_eq!(listed.json()["endpoints"].as_array().unwrap().len(), 3);
    for answer in [&shown, &listed] {
        assert_eq!(answer.status, 200);
        assert!(
            !answer.text().contains("secret\"") && !answer.text().contains(&secret[6..]),
            "{}",
            answer.text()
        );
    }

    let renewed = call(&router, "POST", &format!("{ENDPOINTS}/{id}/secret"))
        .by(&admin)
        .send()
        .await;
    assert_eq!(
        (renewed.status.as_u16(), &renewed.json()["previous_until"]),
        (200, &json!("2026-03-08T17:00:00Z"))
    );
    let both = keys().await.unwrap();
    assert_eq!(json!(both.current.expose()), renewed.json()["secret"]);
    assert_eq!(both.previous.unwrap().0.expose(), secret);

    let gone = call(&router, "DELETE", &format!("{ENDPOINTS}/{id}"))
        .by(&admin)
        .send()
        .await;
    assert_eq!((gone.status.as_u16(), gone.body.len()), (204, 0));
    assert_eq!(keys().await, None);
    for method in ["GET", "DELETE"] {
        let again = call(&router, method, &format!("{ENDPOINTS}/{id}"))
            .by(&admin)
            .send()
            .await;
        assert_eq!(again.status, 404);
    }
    let done = ["endpoint-deleted", "endpoint-made", "endpoint-secret-made"];
    assert_eq!(deeds(&router, &admin).await, done.map(Value::from));
}

#[tokio::test]
async fn what_cannot_be_an_endpoint_is_refused_with_its_place() {
    let world = world().await;
    let (router, admin) = (router(&world), admin(&world).await);
    for (body, place) in [
        (json!({"url": "http://hooks.example.com/"}), "/url"),
        (json!({"url": "https://169.254.169.254/latest"}), "/url"),
        (json!({"url": "https://intranet/"}), "/url"),
        (
            json!({"url": SHOWN, "events": ["ThreadOverdue.v1", "overdue"]}),
            "/events/1",
        ),
        (json!({"url": SHOWN, "events": null}), "/events"),
        (json!({"events": []}), ""),
    ] {
        let refused = call(&router, "POST", ENDPOINTS).by(&admin).json(&body).send().await;
        assert_eq!(refused.status, 422, "{body}");
        assert_eq!(refused.json()["errors"][0]["pointer"], place, "{}", refused.text());
    }
    for number in 2..MOST_ENDPOINTS {
        let body = json!({"url": format!("https://hooks.example.com/{number}")});
        let made = call(&router, "POST", ENDPOINTS).by(&admin).json(&body).send().await;
        assert_eq!(made.status, 201, "{}", made.text());
    }
    let body = json!({"url": "https://hooks.example.com/more"});
    let refused = call(&router, "POST", ENDPOINTS).by(&admin).json(&body).send().await;
    assert_eq!(refused.status, 409);
    assert!(
        refused.json()["type"]
            .as_str()
            .unwrap()
            .ends_with("#too-many-endpoints")
    );
    assert_eq!(world.endpoints(&store()).await.unwrap().len(), MOST_ENDPOINTS);
}

#[tokio::test]
async fn another_stores_endpoints_are_not_there() {
    let world = world().await;
    let router = router(&world);
    let everywhere = token(&*world, 2, "everywhere", &[("*", Role::Admin)]).await;
    let of_both = ["lampenhaus", "kontorhaus"];
    let id = world.endpoints(&store()).await.unwrap()[0].id.as_str().to_owned();
    for (store, status) in of_both.into_iter().zip([404, 200]) {
        let path = format!("/v1/stores/{store}/endpoints/{id}");
        for (method, part) in [
            ("GET", ""),
            ("GET", "/calls"),
            ("POST", "/disable"),
            ("POST", "/secret"),
        ] {
            let answer = call(&router, method, &format!("{path}{part}"))
                .by(&everywhere)
                .send()
                .await;
            assert_eq!(answer.status, status, "{method} {path}{part}");
        }
    }
    let deleted = call(&router, "DELETE", &format!("/v1/stores/lampenhaus/endpoints/{id}"))
        .by(&everywhere)
        .send()
        .await;
    assert_eq!(
        (deleted.status.as_u16(), world.endpoints(&store()).await.unwrap().len()),
        (404, 2)
    );
}

fn rolled_up(at: Timestamp) -> Event {
    let windows = vec![WindowCount {
        days: 7,
        within: 1,
        late: 0,
    }];
    Event::rolled_up(&store(), windows, at)
}

#[tokio::test]
async fn an_endpoint_is_told_again_what_it_missed() {
    let world = world().await;
    let (bucket, queue) = (Arc::new(Memory::default()), Arc::new(CallQueue::default()));
    let part = serve_api::part(Arc::clone(&world), bucket, Arc::clone(&queue), edge());
    let router = whole([part], edge());
    let admin = admin(&world).await;
    let all = world.endpoints(&store()).await.unwrap();
    let endpoint = all.iter().find(|one| one.url.expose() == SHOWN).unwrap();
    assert!(all.iter().any(|one| one.url.expose() == DELETED));
    let path = format!("{ENDPOINTS}/{}", endpoint.id.as_str());
    let post = async |part: &str, body: Value| {
        call(&router, "POST", &format!("{path}{part}"))
            .by(&admin)
            .json(&body)
            .send()
            .await
    };
    let events: Vec<Event> = (0..3)
        .map(|n| rolled_up(shift(now(), SignedDuration::from_hours(n - 3))))
        .collect();
    for event in &events {
        world
            .commit(vec![Change::Event(Box::new(event.clone()))])
            .await
            .unwrap();
    }

    // One that was never called, by its id.
    let one = post("/replay", json!({"event": events[0].key.as_str()})).await;
    assert_eq!(
        (one.status.as_u16(), one.json()),
        (200, json!({"started": 1, "next": null}))
    );
    assert_eq!(queue.take(now()).len(), 1);
    let calls = call(&router, "GET", &format!("{path}/calls"))
        .by(&admin)
        .send()
        .await
        .json();
    let told = &calls["calls"][0];
    assert_eq!(
        (&told["event"], &told["state"], &told["attempts"], &told["last"]),
        (
            &json!(events[0].key.as_str()),
            &json!("waiting"),
            &json!(0),
            &Value::Null
        )
    );

    // While it is disabled nothing is told, once or twice disabled alike.
    for _ in 0..2 {
        let off = post("/disable", json!({})).await.json();
        assert_eq!(off["disabled"], json!({"at": "2026-03-07T17:00:00Z", "why": "person"}));
    }
    let refused = post("/replay", json!({"since": "2026-03-01T00:00:00Z"})).await;
    assert_eq!(refused.status, 409);
    assert!(refused.json()["type"].as_str().unwrap().ends_with("#endpoint-disabled"));
    assert_eq!(post("/enable", json!({})).await.json()["disabled"], Value::Null);

    // What is on its way is not begun again, and what it has neither.
    let missed = post("/replay", json!({"since": "2026-03-01T00:00:00Z"})).await;
    assert_eq!(missed.json(), json!({"started": 0, "next": null}));
    for body in [
        json!({}),
        json!({"event": "x", "since": "2026-03-01T00:00:00Z"}),
        json!({"event": "x", "cursor": "x"}),
        json!({"cursor": "x"}),
        json!({"since": "2026-03-01T00:00:00Z", "cursor": "no cursor"}),
        json!({"since": "yesterday"}),
    ] {
        assert_eq!(post("/replay", body.clone()).await.status, 422, "{body}");
    }
    assert_eq!(post("/replay", json!({"event": "none"})).await.status, 404);
    assert!(queue.take(now()).is_empty());
    let done = ["endpoint-disabled", "endpoint-enabled", "endpoint-replayed"];
    assert_eq!(deeds(&router, &admin).await, done.map(Value::from));
}

#[tokio::test]
async fn calls_are_listed_in_pages_the_latest_event_first() {
    let world = world().await;
    let (router, admin) = (router(&world), admin(&world).await);
    let endpoint = world.endpoints(&store()).await.unwrap().remove(0);
    let path = format!("{ENDPOINTS}/{}", endpoint.id.as_str());
    let mut wanted = Vec::new();
    for hours in 0..5 {
        let event = rolled_up(shift(now(), SignedDuration::from_hours(-hours)));
        world
            .commit(vec![Change::Event(Box::new(event.clone()))])
            .await
            .unwrap();
        let body = json!({"event": event.key.as_str()});
        let told = call(&router, "POST", &format!("{path}/replay"))
            .by(&admin)
            .json(&body)
            .send()
            .await;
        assert_eq!(told.status, 200, "{}", told.text());
        wanted.push(event.key.as_str().to_owned());
    }
    let (mut got, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = call(&router, "GET", &format!("{path}/calls?limit=2{cursor}"))
            .by(&admin)
            .send()
            .await
            .json();
        let calls = page["calls"].as_array().unwrap();
        got.extend(calls.iter().map(|one| one["event"].as_str().unwrap().to_owned()));
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(got, wanted);
}
