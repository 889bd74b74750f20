//! What the API logs: who asked for what, and nothing of what was said.

use std::io::Write;
use std::sync::{Arc, Mutex};

use serde_json::json;
use within24::domain::token::Role;
use within24::lambda::telemetry;

use crate::calls::{THREAD, call, of_thread, router, token, world};

#[derive(Clone, Default)]
struct Captured(Arc<Mutex<Vec<u8>>>);

impl Write for Captured {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn the_log_names_requests_and_tokens_and_no_person() {
    let logs = Captured::default();
    let writer = logs.clone();
    // With one subscriber alone, a line that another test reaches first is judged by that test's thread, which has none, and is
    // off for all from then on; with two, by both.
    let _another = tracing::Dispatch::new(tracing::subscriber::NoSubscriber::new());
    let _guard = tracing::subscriber::set_default(telemetry::subscriber("trace", move || writer.clone()));
    let world = world().await;
    let router = router(&world);
    let lead = token(&*world, 1, "Mara Lind", &[("kontorhaus", Role::Lead)]).await;
    let buyer = format!("b{THREAD}@marketplace.amazon.co.uk");
    let list = call(&router, "GET", &format!("/v1/stores/kontorhaus/threads?buyer={buyer}"))
        .by(&lead)
        .send()
        .await;
    assert_eq!(list.json()["threads"].as_array().unwrap().len(), 1);
    let shown = call(&router, "GET", &of_thread("")).by(&lead).send().await;
    assert!(shown.text().contains("The lamp flickers"));
    for text in [
        "Dear Rosalind, it is due on Friday.",
        "For a 5-star review we send you a voucher.",
        "",
    ] {
        let call = call(&router, "POST", &of_thread("/answers"))
            .by(&lead)
            .header("idempotency-key", "key-of-mara");
        call.json(&json!({"text": text, "override": false})).send().await;
    }
    let call_ = call(&router, "POST", &of_thread("/tags")).by(&lead);
    call_
        .json(&json!({"add": ["Rosalind is angry"], "wrong": "Rosalind"}))
        .send()
        .await;
    call(&router, "GET", "/v1/stores").by(&format!("{lead}x")).send().await;
    call(&router, "GET", &of_thread("/export?format=text"))
        .by(&lead)
        .send()
        .await;
    let admin = token(&*world, 2, "Jonas", &[("kontorhaus", Role::Admin)]).await;
    let hook = json!({"url": "https://hooks.example.com/in/t0ken-of-the-hook"});
    let endpoints = "/v1/stores/kontorhaus/endpoints";
    let made = call(&router, "POST", endpoints).by(&admin).json(&hook).send().await;
    let signing = made.json()["secret"].as_str().unwrap().to_owned();

    let logs = String::from_utf8(logs.0.lock().unwrap().clone()).unwrap();
    for there in [
        "answered a request",
        "\"http.route\":\"/v1/stores/{store}/threads\"",
        "\"request.id\"",
        "\"store.id\":\"kontorhaus\"",
    ] {
        assert!(logs.contains(there), "{there}: {logs}");
    }
    assert!(logs.contains(lead.split('_').nth(1).unwrap()), "the token's id");
    let secret = lead.split('_').nth(2).unwrap();
    for hidden in [
        "Rosalind",
        "Mara",
        "flickers",
        "voucher",
        "Friday",
        "angry",
        "key-of-mara",
        &buyer,
        THREAD,
        secret,
        "t0ken-of-the-hook",
        &signing,
    ] {
        assert!(!logs.contains(hidden), "{hidden}: {logs}");
    }
}
