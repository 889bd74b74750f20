//! Mail servers that give a mail of ours back, in mails of their own.

use jiff::{SignedDuration, Timestamp};
use within24::app::answer::Answer;
use within24::app::deliver::{Delivery, deliver};
use within24::app::receive::{Arrival, Outcome, receive};
use within24::domain::clock::shift;
use within24::domain::outgoing::{Outgoing, State};
use within24::domain::store::{Store, StoreId};
use within24::domain::thread::Status;
use within24::domain::trust::Verdicts;
use within24::testing::{Memory, Post, Strike};
use within24_tests::answers;
use within24_tests::mails::BuyerMail;

const BUYER: &str = "a1b2c3d4e5f6g7h@marketplace.amazon.de";

fn now() -> Timestamp {
    "2026-03-02T09:15:00Z".parse().unwrap()
}

async fn arrive(world: &Memory, place: &str, raw: &[u8], at: Timestamp) -> Option<Outcome> {
    world.put_mail(place, raw);
    let arrival = Arrival {
        place: place.to_owned(),
        recipients: vec!["shop@inbox.example".to_owned()],
        received: at,
        verdicts: Verdicts::default(),
    };
    receive(world, world, &arrival, at)
        .await
        .ok()
        .map(|(outcome, _)| outcome)
}

/// A world in which a buyer who named no order was asked for it.
async fn asked() -> (Memory, Post) {
    let (world, post) = (Memory::default(), Post::new(now()));
    world.put_store(Store::new(
        StoreId::parse("de").unwrap(),
        "shop@inbox.example",
        "shop@inbox.example",
    ));
    let question = BuyerMail {
        order: None,
        ..BuyerMail::default()
    };
    arrive(&world, question.id, &question.raw(), now()).await.unwrap();
    let request = world.outbox().pop().unwrap();
    assert_eq!(send(&world, &post, &request).await, Delivery::Sent);
    (world, post)
}

async fn send(world: &Memory, post: &Post, item: &Outgoing) -> Delivery {
    deliver(world, world, post, (&item.store, &item.buyer, &item.key), now())
        .await
        .unwrap()
}

/// The same words whenever they are wished for.
async fn wish(world: &Memory) -> Outgoing {
    let thread = world.threads().pop().unwrap();
    let answer = Answer {
        text: "Das Paket kommt am Freitag.".into(),
        by: "Mara".into(),
        r#override: false,
        attachments: Vec::new(),
        idempotency_key: None,
    };
    answers::by_a_person(world, world, &thread, &answer, now())
        .await
        .unwrap()
}

/// A report of the fixtures, about this buyer and the mail with this id, with this action and status.
fn report(file: &str, buyer: &str, id: &str, action: &str, status: &str) -> Vec<u8> {
    let path = format!("{}/fixtures/mail/{file}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).unwrap();
    let mut seen = 0;
    let lines = text.lines().map(|line| {
        let name = line.split(':').next().unwrap().to_lowercase();
        seen += u32::from(name == "message-id");
        match name.as_str() {
            // The first is the report's own.
            "message-id" if seen > 1 => format!("Message-ID: <{id}>"),
            "final-recipient" => format!("Final-Recipient: rfc822; {buyer}"),
            "to" if seen > 1 || line.contains("marketplace") => format!("To: {buyer}"),
            "action" => format!("Action: {action}"),
            "status" => format!("Status: {status}"),
            _ => line.to_owned(),
        }
    });
    let text: String = lines.map(|line| line + "\r\n").collect();
    let old = regex::Regex::new(r"[a-z0-9]{12,}@marketplace\.amazon\.[a-z.]+").unwrap();
    old.replace_all(&text, buyer).into_owned().into_bytes()
}

const REPORTS: [&str; 5] = [
    "amazon/dsn-postfix.eml",
    "amazon/dsn-ses.eml",
    "made/dsn-ses-mime.eml",
    "made/dsn-sendmail.eml",
    "made/dsn-exchange-postmaster-german.eml",
];

/// Whether the buyer is asked again when he writes anew, long afterwards.
async fn is_asked_again(world: &Memory) -> bool {
    let before = world.outbox().len();
    let mail = BuyerMail {
        order: None,
        id: "second",
        token: "SECOND",
        date: "Wed, 10 Jun 2026 09:00:00 +0000",
        ..BuyerMail::default()
    };
    let long_after = shift(now(), SignedDuration::from_hours(24 * 100));
    arrive(world, mail.id, &mail.raw(), long_after).await.unwrap();
    world.outbox().len() > before
}

#[tokio::test]
async fn a_request_that_came_back_for_good_is_the_last_automatic_mail_to_that_buyer() {
    for file in REPORTS {
        let cases = [
            ("failed", "5.1.1", false),
            ("failed", "5.7.1", false),
            ("failed", "5.3.4", true),
            ("failed", "4.4.7", true),
            ("delayed", "4.4.1", true),
            ("relayed", "2.0.0", true),
        ];
        for (action, status, asked_again) in cases {
            let (world, post) = asked().await;
            let id = post.sent()[0].message_id.expose().to_owned();
            let raw = report(file, BUYER, &id, action, status);
            let outcome = arrive(&world, "report", &raw, now()).await.unwrap();
            let thread = &world.threads()[0];
            assert_eq!(outcome, Outcome::Attached(thread.id.clone()), "{file}");
            assert_eq!(
                (thread.status, thread.waiting_since),
                (Status::NeedsResponse, Some(now()))
            );
            assert_eq!(is_asked_again(&world).await, asked_again, "{file}: {action} {status}");
        }
    }
}

#[tokio::test]
async fn an_answer_that_came_back_waits_again_and_the_same_words_may_go_out_anew() {
    for (status, for_good) in [("5.1.1", true), ("4.4.7", false)] {
        let (world, post) = asked().await;
        let item = wish(&world).await;
        assert_eq!(send(&world, &post, &item).await, Delivery::Sent);
        assert_eq!(wish(&world).await.key, item.key, "pressed twice");
        let id = post.sent()[1].message_id.expose().to_owned();
        let raw = report("amazon/dsn-ses.eml", BUYER, &id, "failed", status);
        arrive(&world, "report", &raw, now()).await.unwrap();
        let thread = world.threads().pop().unwrap();
        assert_eq!(
            (thread.status, thread.bounced_at.is_some()),
            (Status::NeedsResponse, for_good)
        );
        let again = wish(&world).await;
        assert_ne!(again.key, item.key);
        assert_eq!(send(&world, &post, &again).await, Delivery::Sent, "a person may try");
        assert_eq!(world.threads()[0].status, Status::Answered);
    }
}

#[tokio::test]
async fn a_report_that_knows_no_mail_of_ours_counts_for_the_buyer_it_names_and_for_no_other() {
    let other = "zr09as405j3zqha@marketplace.amazon.de";
    for (buyer, asked_again) in [(BUYER, false), (other, true)] {
        let (world, _) = asked().await;
        let raw = report(
            "amazon/dsn-ses.eml",
            buyer,
            "unknown@elsewhere.example",
            "failed",
            "5.1.1",
        );
        arrive(&world, "report", &raw, now()).await.unwrap();
        assert_eq!(is_asked_again(&world).await, asked_again, "{buyer}");
    }
}

#[tokio::test]
async fn a_report_is_taken_in_once_wherever_the_function_dies() {
    for strike in [Strike::Before, Strike::After] {
        for number in 1.. {
            let (world, post) = asked().await;
            let item = wish(&world).await;
            assert_eq!(send(&world, &post, &item).await, Delivery::Sent);
            let id = post.sent()[1].message_id.expose().to_owned();
            let raw = report("amazon/dsn-postfix.eml", BUYER, &id, "failed", "5.1.1");
            world.faults.strike(number, strike);
            while arrive(&world, "report", &raw, now()).await.is_none() {}
            let calls = world.faults.calls();
            world.faults.calm();
            assert_eq!(arrive(&world, "report", &raw, now()).await, Some(Outcome::Duplicate));
            let what = format!("{strike:?} call {number}");
            let thread = &world.threads()[0];
            assert_eq!(
                (thread.status, thread.bounced_at),
                (Status::NeedsResponse, Some(now())),
                "{what}"
            );
            let state = world
                .outbox()
                .into_iter()
                .find(|one| one.key == item.key)
                .unwrap()
                .state;
            assert_eq!(state, State::Failed, "{what}");
            assert_eq!(
                world.all_messages().len(),
                4,
                "{what}: question, request, answer, notice"
            );
            if number > calls {
                break;
            }
        }
    }
}
