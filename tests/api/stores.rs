//! Stores through the API: settings, and whose mail an address gets.

use serde_json::{Value, json};
use within24::domain::token::Role;
use within24::ports::FindStore;

use crate::calls::{call, router, token, world};

fn settings(recipient: &str) -> Value {
    json!({"recipient": recipient, "from": "messages@inbox.kontorhaus.example"})
}

async fn owner(world: &impl FindStore, recipient: &str) -> Option<String> {
    let store = world.store_for(&[recipient.to_owned()]).await.unwrap();
    store.map(|store| store.id.as_str().to_owned())
}

#[tokio::test]
async fn a_recipient_moves_with_its_store_and_leaves_nothing_behind() {
    let world = world().await;
    let router = router(&world);
    let admin = token(&*world, 1, "Mara", &[("*", Role::Admin)]).await;
    let put = async |store: &str, recipient: &str| {
        let call = call(&router, "PUT", &format!("/v1/stores/{store}")).by(&admin);
        call.json(&settings(recipient)).send().await
    };
    let old = "messages@inbox.kontorhaus.example";
    assert_eq!(owner(&*world, old).await.as_deref(), Some("kontorhaus"));
    let moved = put("kontorhaus", "New@inbox.kontorhaus.example").await;
    assert_eq!(
        (moved.status.as_u16(), &moved.json()["recipient"]),
        (200, &json!("new@inbox.kontorhaus.example"))
    );
    assert_eq!(owner(&*world, old).await, None);
    assert_eq!(
        owner(&*world, "new@inbox.kontorhaus.example").await.as_deref(),
        Some("kontorhaus")
    );
    let taken = put("lampenhaus", "new@inbox.kontorhaus.example").await;
    assert_eq!(taken.status, 409, "{}", taken.text());
    let made = put("third", old).await;
    assert_eq!(
        (made.status.as_u16(), made.header("location")),
        (201, "/v1/stores/third")
    );
    assert_eq!(owner(&*world, old).await.as_deref(), Some("third"));
    assert_eq!(put("third", old).await.status, 200, "again: nothing more happens");
    let changes = call(&router, "GET", "/v1/stores/third/changes")
        .by(&admin)
        .send()
        .await
        .json();
    assert_eq!(changes["changes"].as_array().unwrap().len(), 1, "{changes}");
    let changes = call(&router, "GET", "/v1/stores/kontorhaus/changes")
        .by(&admin)
        .send()
        .await
        .json();
    assert_eq!(changes["changes"][0]["about"], "recipient");
}

#[tokio::test]
async fn who_is_admin_of_one_store_changes_neither_its_recipient_nor_its_sender() {
    let world = world().await;
    let router = router(&world);
    let admin = token(&*world, 1, "Mara", &[("kontorhaus", Role::Admin)]).await;
    let put = async |store: &str, body: &Value| {
        let call = call(&router, "PUT", &format!("/v1/stores/{store}")).by(&admin);
        call.json(body).send().await
    };
    let mut body = settings("messages@inbox.kontorhaus.example");
    body["daily_orders"] = json!(40);
    assert_eq!(put("kontorhaus", &body).await.json()["daily_orders"], 40);
    assert_eq!(put("kontorhaus", &settings("*")).await.status, 403);
    body["from"] = json!("messages@inbox.lampenhaus.example");
    assert_eq!(put("kontorhaus", &body).await.status, 403);
    assert_eq!(
        put("third", &settings("third@inbox.kontorhaus.example")).await.status,
        404
    );
    let shown = call(&router, "GET", "/v1/stores/kontorhaus")
        .by(&admin)
        .send()
        .await
        .json();
    assert_eq!(
        (&shown["daily_orders"], &shown["from"]),
        (&json!(40), &json!("messages@inbox.kontorhaus.example"))
    );
}

#[tokio::test]
async fn settings_come_back_as_they_were_put() {
    let world = world().await;
    let router = router(&world);
    let admin = token(&*world, 1, "Mara", &[("*", Role::Admin)]).await;
    let put = async |body: &Value| {
        call(&router, "PUT", "/v1/stores/kontorhaus")
            .by(&admin)
            .json(body)
            .send()
            .await
    };
    let whole = json!({
        "recipient": "*", "from": "a@x.example", "marketplaces": ["DE", "JP"], "daily_orders": 7, "ask_order_id": "always",
        "nearing_minutes": 300, "critical_minutes": 30, "quiet_hours": "22:00-07:00 Europe/Berlin",
        "no_response_needed_tag": "done", "closed_needs_no_response": true,
        "screen": {"rules": {"emoji": "off"}, "phrases": {"marketing": ["lamp* club", "neon"]}, "allowed_hosts": ["x.example"],
            "i_accept_the_risk": true},
    });
    let answer = put(&whole).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let mut wanted = whole.clone();
    wanted["id"] = json!("kontorhaus");
    assert_eq!(answer.json(), wanted);
    assert_eq!(
        call(&router, "GET", "/v1/stores/kontorhaus")
            .by(&admin)
            .send()
            .await
            .json(),
        wanted
    );
    let least = put(&json!({"recipient": "*", "from": "a@x.example", "quiet_hours": null}))
        .await
        .json();
    let defaults = [
        "daily_orders",
        "ask_order_id",
        "nearing_minutes",
        "critical_minutes",
        "quiet_hours",
    ];
    let defaults = defaults.map(|name| least[name].clone());
    assert_eq!(defaults, [json!(0), json!("auto"), json!(240), json!(60), Value::Null]);

    let cases = [
        (json!({"recipient": "shop"}), "/recipient"),
        (json!({"from": "Shop <a@x.example>"}), "/from"),
        (json!({"marketplaces": ["DE", "UK"]}), "/marketplaces/1"),
        (json!({"marketplaces": ["DE", "DE"]}), "/marketplaces/1"),
        (json!({"daily_orders": -1}), "/daily_orders"),
        (json!({"ask_order_id": "sometimes"}), "/ask_order_id"),
        (json!({"nearing_minutes": 60}), "/critical_minutes"),
        (json!({"nearing_minutes": 1440}), "/nearing_minutes"),
        (json!({"quiet_hours": "22:00-07:00 Mars/Base"}), "/quiet_hours"),
        (json!({"no_response_needed_tag": " "}), "/no_response_needed_tag"),
        (json!({"screen": {"rules": {"humour": "off"}}}), "/screen/rules"),
        (json!({"screen": {"rules": {"emoji": "loud"}}}), "/screen/rules/emoji"),
        (
            json!({"screen": {"phrases": {"marketing": ["..."]}}}),
            "/screen/phrases/marketing/0",
        ),
        (
            json!({"screen": {"allowed_hosts": ["https://x.example"]}}),
            "/screen/allowed_hosts",
        ),
        (json!({"webhook_secrets": {}}), ""),
    ];
    for (change, place) in cases {
        let mut body = json!({"recipient": "*", "from": "a@x.example"});
        body.as_object_mut()
            .unwrap()
            .extend(change.as_object().unwrap().clone());
        let answer = put(&body).await;
        assert_eq!(answer.status, 422, "{change}");
        let pointer = answer.json()["errors"][0]["pointer"].clone();
        let place = if place.is_empty() { "/webhook_secrets" } else { place };
        assert_eq!(pointer, place, "{}", answer.text());
    }
}
