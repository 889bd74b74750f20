//! Bad mail beside good mail: each record for itself, nothing lost.

use std::fmt::Write as _;

use aws_lambda_events::sqs::SqsEvent;
use serde_json::json;
use within24::domain::alias::Alias;
use within24::domain::message::{CUT, MOST_TEXT};
use within24::domain::store::{Store, StoreId};
use within24::ports::ReadBuyer;
use within24::testing::Memory;
use within24_tests::mails::BuyerMail;
use within24_tests::worlds;

fn now() -> jiff::Timestamp {
    "2026-03-02T09:15:00Z".parse().unwrap()
}

fn world() -> Memory {
    let world = Memory::default();
    world.put_store(Store::new(
        StoreId::parse("de").unwrap(),
        "shop@inbox.example",
        "shop@inbox.example",
    ));
    world
}

fn body(place: &str) -> String {
    let pass = json!({"status": "PASS"});
    json!({"notificationType": "Received", "receipt": {
        "timestamp": "2026-03-02T09:15:00Z", "recipients": ["shop@inbox.example"],
        "spamVerdict": pass, "virusVerdict": pass, "spfVerdict": pass, "dkimVerdict": pass, "dmarcVerdict": pass,
        "action": {"type": "S3", "objectKey": place},
    }})
    .to_string()
}

async fn failed(world: &Memory, bodies: &[(&str, String)]) -> Vec<String> {
    let records: Vec<_> = bodies
        .iter()
        .map(|(name, body)| json!({"messageId": name, "body": body}))
        .collect();
    let event: SqsEvent = serde_json::from_value(json!({ "Records": records })).unwrap();
    let response = receive_mail::handler(world, world, event, now).await;
    response
        .batch_item_failures
        .into_iter()
        .map(|failure| failure.item_identifier)
        .collect()
}

#[tokio::test]
async fn what_cannot_be_taken_in_goes_back_to_the_queue_and_the_others_are_done() {
    let world = world();
    world.put_mail("good", &BuyerMail::default().raw());
    let bodies = [
        ("poison", "{\"not\":\"a receipt\"".to_owned()),
        ("good", body("good")),
        ("gone", body("no-such-mail")),
        ("empty", String::new()),
    ];
    assert_eq!(failed(&world, &bodies).await, ["poison", "gone", "empty"]);
    assert_eq!(world.threads().len(), 1);
}

#[tokio::test]
async fn no_mail_however_broken_fails_its_batch() {
    let world = world();
    let mut nested = String::new();
    for n in 0..10_000 {
        let boundary = n.to_string();
        for part in [
            "Content-Type: multipart/mixed; boundary=b",
            &boundary,
            "\r\n\r\n--b",
            &boundary,
            "\r\n",
        ] {
            nested.push_str(part);
        }
    }
    let flat = format!(
        "From: x@y.example\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n{}--b--\r\n",
        "--b\r\nContent-Type: text/plain\r\n\r\nx\r\n".repeat(10_000)
    );
    let mut huge = BuyerMail {
        id: "huge",
        token: "HUGE",
        alias: "hugehugehugehug",
        ..BuyerMail::default()
    }
    .raw();
    huge.resize(40 * 1024 * 1024, b'x');
    let nul = String::from_utf8(
        BuyerMail {
            id: "nul",
            token: "NUL",
            alias: "nulnulnulnulnul",
            ..BuyerMail::default()
        }
        .raw(),
    )
    .unwrap();
    let nul = nul.replace("wo ist", "wo\0\0 ist\0");
    let mails: [(&str, &[u8]); 8] = [
        ("empty", b""),
        ("no-mail", b"%PDF-1.7\n\xff\xfe\x00 not a mail at all"),
        ("nested", nested.as_bytes()),
        ("flat", flat.as_bytes()),
        ("huge", &huge),
        ("nul", nul.as_bytes()),
        ("binary", &[0xff; 4096]),
        ("good", &BuyerMail::default().raw()),
    ];
    let mut bodies = Vec::new();
    for (name, raw) in mails {
        world.put_mail(name, raw);
        bodies.push((name, body(name)));
    }
    assert!(failed(&world, &bodies).await.is_empty());
    let raws: Vec<String> = world
        .all_messages()
        .into_iter()
        .filter_map(|message| message.raw)
        .collect();
    for name in ["huge", "nul", "good"] {
        assert!(raws.iter().any(|raw| raw == name), "{name} is threaded: {raws:?}");
    }
    let told: Vec<String> = world.reports().into_iter().filter_map(|report| report.about).collect();
    for name in ["empty", "no-mail", "binary"] {
        assert!(told.iter().any(|about| about == name), "{name} is reported: {told:?}");
    }
}

#[tokio::test]
async fn mail_for_nobody_is_reported_and_kept() {
    let world = Memory::default();
    world.put_mail("stray", &BuyerMail::default().raw());
    assert!(failed(&world, &[("stray", body("stray"))]).await.is_empty());
    assert_eq!(world.reports()[0].reason, "unknown-recipient");
    assert!(world.threads().is_empty());
}

/// Words that no compression makes shorter, and more order ids than one write has rows for.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mail_with_more_words_and_orders_than_the_table_has_room_for_is_taken_in() {
    let (mut machine, _folder) = worlds::machine("2026-03-02T09:15:00Z").await;
    let store = Store::new(
        StoreId::parse("de").unwrap(),
        "shop@inbox.example",
        "shop@inbox.example",
    );
    machine.table().put_store(&store).await.unwrap();
    let mut words = "Guten Tag, das sind meine Bestellungen:\n".to_owned();
    for number in 0..150_u64 {
        let _ = writeln!(words, "302-1234567-{:07}", 7_000_000 + number);
    }
    for number in 0..60_000_u64 {
        let unlike = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let _ = write!(words, "w{unlike:016x}{}", if number % 6 == 0 { "\n" } else { " " });
    }
    let raw = BuyerMail {
        text: &words,
        order: None,
        ..BuyerMail::default()
    }
    .raw();
    assert!(words.len() > 1_000_000);
    let verdicts = ["spam", "virus", "spf", "dkim", "dmarc"].map(|check| (check, "PASS".to_owned()));
    let recipients = ["shop@inbox.example".to_owned()];
    let arrived = machine.mail_arrives("long", &raw, &recipients, &verdicts).await;
    assert!(arrived.unwrap(), "it would go back to the queue");
    let buyer = Alias::parse("a1b2c3d4e5f6g7h@marketplace.amazon.de").unwrap().buyer();
    let thread = machine
        .table()
        .buyer(&store.id, &buyer)
        .await
        .unwrap()
        .threads
        .remove(0);
    assert_eq!(thread.order_ids.len(), 50);
    let message = machine
        .table()
        .messages(&store.id, &buyer, &thread.id)
        .await
        .unwrap()
        .remove(0);
    let text = message.text.unwrap().into_exposed();
    assert!(
        text.starts_with("Guten Tag, das sind meine") && text.ends_with(CUT),
        "{}",
        text.len()
    );
    assert!(text.len() <= MOST_TEXT && text.len() > MOST_TEXT - 10, "{}", text.len());
    assert_eq!(message.raw.as_deref(), Some("long"));
}
