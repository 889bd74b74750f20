//! Sent once, or reported: whatever the mail service says, whenever it says it.

use jiff::Timestamp;
use serde_json::json;
use within24::adapters::event_detail;
use within24::app::announce::Announcing;
use within24::app::answer::{Answer, HandInError};
use within24::app::deliver::{DeliverError, Delivery, deliver};
use within24::app::receive::{Arrival, receive};
use within24::app::release::release;
use within24::domain::attachment::Attachment;
use within24::domain::clock::shift;
use within24::domain::event::What;
use within24::domain::outgoing::{CLAIM, Outgoing, State};
use within24::domain::request::Withheld;
use within24::domain::store::{Store, StoreId};
use within24::domain::thread::Status;
use within24::domain::trust::Verdicts;
use within24::testing::{Fate, Herald, Memory, Post, Strike};
use within24_tests::answers;
use within24_tests::mails::BuyerMail;

const NOW: &str = "2026-03-02T09:15:00Z";

fn now() -> Timestamp {
    NOW.parse().unwrap()
}

fn store() -> Store {
    Store::new(
        StoreId::parse("de").unwrap(),
        "shop@inbox.example",
        "shop@inbox.example",
    )
}

async fn take_in(world: &Memory, mail: &BuyerMail<'_>, at: Timestamp) {
    world.put_mail(mail.id, &mail.raw());
    let recipients = vec!["shop@inbox.example".to_owned()];
    let arrival = Arrival {
        place: mail.id.to_owned(),
        recipients,
        received: at,
        verdicts: Verdicts::default(),
    };
    receive(world, world, &arrival, at).await.unwrap();
}

/// A world in which a buyer left out the order id, so that a request waits in the outbox.
async fn asking() -> (Memory, Outgoing) {
    let world = Memory::default();
    world.put_store(store());
    take_in(
        &world,
        &BuyerMail {
            order: None,
            ..BuyerMail::default()
        },
        now(),
    )
    .await;
    let item = world.outbox().pop().expect("a request");
    (world, item)
}

async fn answer(world: &Memory, wish: &str) -> Outgoing {
    let thread = world.threads().pop().unwrap();
    let answer = Answer {
        text: "Das Paket kommt am Freitag.".into(),
        by: "Mara".into(),
        r#override: false,
        attachments: Vec::new(),
        idempotency_key: Some(wish.to_owned()),
    };
    answers::by_a_person(world, world, &thread, &answer, now())
        .await
        .unwrap()
}

async fn send(world: &Memory, post: &Post, item: &Outgoing, at: Timestamp) -> Result<Delivery, DeliverError> {
    deliver(world, world, post, (&item.store, &item.buyer, &item.key), at).await
}

fn state(world: &Memory, item: &Outgoing) -> State {
    world
        .outbox()
        .into_iter()
        .find(|one| one.key == item.key)
        .unwrap()
        .state
}

#[tokio::test]
async fn a_request_goes_out_once_however_often_the_stream_repeats_it() {
    let (world, item) = asking().await;
    let post = Post::new(now());
    assert_eq!(send(&world, &post, &item, now()).await.unwrap(), Delivery::Sent);
    for _ in 0..3 {
        assert_eq!(send(&world, &post, &item, now()).await.unwrap(), Delivery::NotPending);
    }
    assert_eq!(post.sent().len(), 1);
    let thread = &world.threads()[0];
    assert_eq!(
        (thread.status, thread.waiting_since),
        (Status::NeedsResponse, Some(now()))
    );
}

#[tokio::test]
async fn an_answer_stops_the_clock_when_it_is_accepted_and_the_same_wish_sends_nothing_more() {
    let (world, _) = asking().await;
    let accepted = shift(now(), jiff::SignedDuration::from_mins(30));
    let post = Post::new(accepted);
    let item = answer(&world, "wish-1").await;
    assert_eq!(send(&world, &post, &item, now()).await.unwrap(), Delivery::Sent);
    assert_eq!(answer(&world, "wish-1").await.key, item.key);
    assert_eq!(send(&world, &post, &item, now()).await.unwrap(), Delivery::NotPending);
    let thread = &world.threads()[0];
    assert_eq!(
        (thread.status, thread.last_answer_at),
        (Status::Answered, Some(accepted))
    );
    let letter = &post.sent()[0];
    assert_eq!(letter.in_reply_to.as_ref(), thread.last_buyer_id.as_ref());
    assert_eq!(letter.to, thread.alias);
    assert!(letter.references.contains(&letter.message_id) && !letter.automatic);
}

#[tokio::test]
async fn an_answer_lost_on_the_way_back_is_unknown_and_never_sent_again() {
    let (world, item) = asking().await;
    let post = Post::new(now());
    post.set(Fate::LostAnswer);
    assert_eq!(send(&world, &post, &item, now()).await.unwrap(), Delivery::Unknown);
    post.set(Fate::Accept);
    assert_eq!(send(&world, &post, &item, now()).await.unwrap(), Delivery::NotPending);
    assert_eq!((post.sent().len(), state(&world, &item)), (1, State::Unknown));
    assert!(world.reports()[0].reason.starts_with("unknown"));
}

#[tokio::test]
async fn a_refusal_is_reported_and_a_pause_is_waited_out() {
    let (world, item) = asking().await;
    let post = Post::new(now());
    post.set(Fate::NotNow);
    let error = send(&world, &post, &item, now()).await.unwrap_err();
    assert!(error.retry() && state(&world, &item) == State::Deferred);
    post.set(Fate::Refuse);
    assert_eq!(send(&world, &post, &item, now()).await.unwrap(), Delivery::Refused);
    assert_eq!(
        (post.sent().len(), state(&world, &item), world.reports().len()),
        (0, State::Failed, 1)
    );
}

#[tokio::test]
async fn wherever_a_sender_dies_the_mail_goes_out_at_most_once() {
    for reply in [false, true] {
        for strike in [Strike::Before, Strike::After] {
            for number in 1.. {
                let (world, request) = asking().await;
                let item = if reply { answer(&world, "wish").await } else { request };
                let post = Post::new(now());
                world.faults.strike(number, strike);
                let first = send(&world, &post, &item, now()).await;
                let calls = world.faults.calls();
                world.faults.calm();
                // The stream repeats it at once, and again when the claim has ended.
                let again = send(&world, &post, &item, now()).await;
                let later = shift(now(), CLAIM);
                let last = send(&world, &post, &item, later).await.unwrap();
                let sent = post.sent().len();
                let end = state(&world, &item);
                let what = format!("reply {reply}, {strike:?} call {number}: {first:?}, {again:?}, {last:?}, {end:?}");
                assert!(sent <= 1, "sent {sent} times: {what}");
                assert!(matches!(end, State::Sent | State::Unknown), "{what}");
                assert!(end == State::Unknown || sent == 1, "{what}");
                assert!(
                    end == State::Sent
                        || world
                            .reports()
                            .iter()
                            .any(|report| report.reason.starts_with("unknown")),
                    "{what}"
                );
                if number > calls {
                    break;
                }
            }
        }
    }
}

#[tokio::test]
async fn what_is_over_the_budget_is_held_and_goes_out_the_next_day_if_it_is_still_needed() {
    let world = Memory::default();
    world.put_store(store());
    let post = Post::new(now());
    let budget = usize::try_from(store().daily_budget(true)).unwrap();
    let mut items = Vec::new();
    for number in 0..budget + 2 {
        let alias = format!("a{number:014}");
        let id = format!("m{number}");
        take_in(
            &world,
            &BuyerMail {
                alias: &alias,
                id: &id,
                token: &id,
                order: None,
                ..BuyerMail::default()
            },
            now(),
        )
        .await;
    }
    for item in world.outbox() {
        match send(&world, &post, &item, now()).await.unwrap() {
            Delivery::Sent => {}
            Delivery::Held => items.push(item),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!((post.sent().len(), items.len()), (budget, 2));
    assert_eq!(
        world
            .reports()
            .iter()
            .filter(|report| report.reason == "daily-budget")
            .count(),
        2
    );
    // A person can still answer: a fifth of the budget is his.
    let reply = answer(&world, "person").await;
    assert_eq!(send(&world, &post, &reply, now()).await.unwrap(), Delivery::Sent);
    // One of the two buyers names his order in the meantime.
    let named = items[0].buyer.expose().split('@').next().unwrap().to_owned();
    take_in(
        &world,
        &BuyerMail {
            alias: &named,
            id: "later",
            token: "LATER",
            ..BuyerMail::default()
        },
        now(),
    )
    .await;
    assert_eq!(release(&world, now(), 10).await.unwrap(), 0);
    let tomorrow: Timestamp = "2026-03-03T00:00:00Z".parse().unwrap();
    assert_eq!(release(&world, tomorrow, 10).await.unwrap(), 2);
    assert_eq!(
        send(&world, &post, &items[0], tomorrow).await.unwrap(),
        Delivery::Withdrawn(Withheld::OrderOnThread)
    );
    assert_eq!(send(&world, &post, &items[1], tomorrow).await.unwrap(), Delivery::Sent);
}

#[test]
fn every_request_in_every_language_passes_the_screen() {
    use within24::domain::language::Language;
    use within24::domain::request::{languages, render};
    use within24::domain::screening::{Draft, DraftKind, Settings, Verdict, screen};

    for tag in languages() {
        let language = Language::parse(tag).unwrap();
        for near_miss in [None, Some("113-4471902-663105"), Some("4O6-71l8840-2293315")] {
            for kind in [DraftKind::Reply, DraftKind::Proactive] {
                let text = render(language, near_miss);
                let draft = Draft {
                    text: text.into(),
                    kind,
                    buyer_language: Some(language),
                    ..Draft::default()
                };
                let report = screen(&draft, &Settings::default());
                assert_eq!(report.verdict, Verdict::Allow, "{tag} {kind:?}: {:?}", report.findings);
            }
        }
    }
}

#[tokio::test]
async fn a_blocked_answer_is_handed_back_and_a_named_person_may_override() {
    let (world, _) = asking().await;
    let post = Post::new(now());
    let thread = world.threads().pop().unwrap();
    let rules = ["external-link", "off-platform"];
    let answer = |by: &str, r#override: bool| Answer {
        text: "Please order in our own shop at https://shop.inbox.example/lids instead.".into(),
        by: by.into(),
        r#override,
        attachments: Vec::new(),
        idempotency_key: None,
    };
    for (by, r#override) in [("Mara", false), (" ", true)] {
        let answer = answer(by, r#override);
        // Who waits is told at once; who does not finds it in the outbox and in the reports.
        let refused = answers::by_a_person(&world, &world, &thread, &answer, now()).await;
        let Err(HandInError::Blocked(blocked)) = refused else {
            panic!("{refused:?}")
        };
        assert_eq!(blocked.rules, rules);
        let before = world.outbox();
        answers::by_webhook(&world, &world, &thread, &answer, now())
            .await
            .unwrap();
        let mut new = world.outbox();
        new.retain(|item| before.iter().all(|known| known.key != item.key));
        let [item] = new.as_slice() else { panic!("{new:?}") };
        assert_eq!(send(&world, &post, item, now()).await.unwrap(), Delivery::Blocked);
        let ended = world.outbox().into_iter().find(|one| one.key == item.key).unwrap();
        assert_eq!(
            (ended.state, ended.findings),
            (State::Blocked, rules.map(str::to_owned).to_vec())
        );
    }
    assert!(post.sent().is_empty() && world.threads()[0].waiting_since.is_some());
    let reasons: Vec<String> = world.reports().into_iter().map(|report| report.reason).collect();
    assert_eq!(reasons, [rules.join(", "), rules.join(", ")]);
    let overridden = answers::by_a_person(&world, &world, &thread, &answer("Mara", true), now()).await;
    let item = overridden.unwrap();
    assert_eq!(send(&world, &post, &item, now()).await.unwrap(), Delivery::Sent);
    assert_eq!((state(&world, &item), post.sent().len()), (State::Sent, 1));
    assert_eq!(item.findings, rules, "the override is on record");
}

#[tokio::test]
async fn a_blocked_answer_is_told_on_the_bus_with_the_findings_and_without_its_words() {
    let (world, _) = asking().await;
    let (post, bus) = (Post::new(now()), Herald::default());
    let thread = world.threads().pop().unwrap();
    let text = "Grüße! Please order in our own shop at https://shop.inbox.example/lids instead.";
    let attachment = Attachment::new("Vera Muster.exe", None, b"MZ".to_vec()).unwrap();
    let answer = Answer {
        text: text.into(),
        by: "Mara".into(),
        r#override: false,
        attachments: vec![attachment],
        idempotency_key: None,
    };
    let before = world.outbox().len();
    answers::by_webhook(&world, &world, &thread, &answer, now())
        .await
        .unwrap();
    let mut outbox = world.outbox();
    assert_eq!(outbox.len(), before + 1);
    outbox.retain(|item| !item.content.attachments().is_empty());
    let key = outbox.pop().unwrap().key;
    let records = json!({"Records": [{"eventID": "1", "eventName": "INSERT", "awsRegion": "eu-west-1", "dynamodb": {"SequenceNumber": "1",
        "ApproximateCreationDateTime": 1_772_442_000, "SizeBytes": 1, "Keys": {}, "StreamViewType": "NEW_IMAGE", "NewImage": {
            "pk": {"S": format!("BUYER#de#{}", thread.buyer.expose())}, "sk": {"S": format!("OUT#{}", key.as_str())},
            "kind": {"S": "reply"}, "state": {"S": "pending"}}}}]});
    let records = serde_json::from_value(records).unwrap();
    let response = send_reply::handler(&Announcing::new(&world, &bus), &world, &post, records, now).await;
    assert!(response.batch_item_failures.is_empty() && post.sent().is_empty());
    let events = bus.events();
    let told = events
        .iter()
        .find(|event| matches!(event.what, What::ReplyBlocked { .. }))
        .unwrap();
    let (kind, detail) = event_detail::write(told);
    assert_eq!(kind, "ReplyBlocked.v1");
    for word in ["Vera", "exe", "shop.inbox", "Grüße"] {
        assert!(!detail.contains(word), "{word}: {detail}");
    }
    let detail: serde_json::Value = serde_json::from_str(&detail).unwrap();
    assert_eq!(
        (&detail["outbox"], &detail["thread"]),
        (&json!(key.as_str()), &json!(thread.id.as_str()))
    );
    let of = |rule: &str| {
        let found = detail["findings"]
            .as_array()
            .unwrap()
            .iter()
            .find(|one| one["rule"] == rule);
        found.unwrap_or_else(|| panic!("{rule}: {detail}")).clone()
    };
    let link = of("external-link");
    let place = |end: &str| usize::try_from(link[end].as_u64().unwrap()).unwrap();
    let excerpt: String = text.chars().take(place("end")).skip(place("start")).collect();
    assert_eq!(
        (excerpt.as_str(), &link["severity"]),
        ("https://shop.inbox.example/lids", &json!("block"))
    );
    assert!(link["why"].as_str().is_some_and(|why| why.ends_with('.')));
    let file = of("attachment-type");
    assert_eq!((&file["start"], &file["end"]), (&json!(null), &json!(null)));
}

#[tokio::test]
async fn the_same_words_are_one_answer_until_the_buyer_writes_again_or_they_come_to_nothing() {
    let (world, _) = asking().await;
    let submitted = async |text: &str, by: &str| {
        let thread = world.threads().pop().unwrap();
        let answer = Answer {
            text: text.into(),
            by: by.into(),
            r#override: false,
            attachments: Vec::new(),
            idempotency_key: None,
        };
        answers::by_a_person(&world, &world, &thread, &answer, now())
            .await
            .unwrap()
    };
    let post = Post::new(now());
    let words = "Das Paket kommt am Freitag.";
    let first = submitted(words, "Mara").await;
    assert_eq!(submitted(words, "Mara").await.key, first.key, "pressed twice");
    assert_eq!(send(&world, &post, &first, now()).await.unwrap(), Delivery::Sent);
    assert_eq!(submitted(" Das Paket kommt am Freitag.\n", "Mara").await.key, first.key);
    assert_ne!(submitted(words, "Jonna").await.key, first.key);
    let again = BuyerMail {
        order: None,
        id: "again",
        token: "AGAIN",
        ..BuyerMail::default()
    };
    take_in(&world, &again, shift(now(), jiff::SignedDuration::from_hours(1))).await;
    let second = submitted(words, "Mara").await;
    assert_ne!(second.key, first.key, "it answers another question");
    post.set(Fate::Refuse);
    assert_eq!(send(&world, &post, &second, now()).await.unwrap(), Delivery::Refused);
    let third = submitted(words, "Mara").await;
    assert!(
        third.key != second.key && third.state == State::Pending,
        "it came to nothing"
    );
    assert_eq!(submitted(words, "Mara").await.key, third.key);
}

#[tokio::test]
async fn a_mail_server_that_still_tries_undoes_nothing_and_one_that_gave_up_does() {
    let (world, _) = asking().await;
    let post = Post::new(now());
    let item = answer(&world, "wish").await;
    assert_eq!(send(&world, &post, &item, now()).await.unwrap(), Delivery::Sent);
    let id = post.sent()[0].message_id.expose().to_owned();
    for (action, status) in [("delayed", Status::Answered), ("failed", Status::NeedsResponse)] {
        let report = format!(
            "From: MAILER-DAEMON@mx.inbox.example\r\nTo: shop@inbox.example\r\nSubject: Delivery report\r\n\
             Message-ID: <{action}@mx.inbox.example>\r\nMIME-Version: 1.0\r\n\
             Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n\
             --b\r\nContent-Type: text/plain\r\n\r\nAbout your mail.\r\n\
             --b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.inbox.example\r\n\r\n\
             Final-Recipient: rfc822; x@y.example\r\nAction: {action}\r\nStatus: 4.4.1\r\n\r\n\
             --b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: <{id}>\r\nSubject: Re: Frage\r\n\r\n--b--\r\n"
        );
        world.put_mail(action, report.as_bytes());
        let recipients = vec!["shop@inbox.example".to_owned()];
        let arrival = Arrival {
            place: action.to_owned(),
            recipients,
            received: now(),
            verdicts: Verdicts::default(),
        };
        receive(&world, &world, &arrival, now()).await.unwrap();
        assert_eq!(world.threads()[0].status, status, "{action}");
    }
    assert_eq!(world.threads()[0].waiting_since, Some(now()));
}
