//! What SES tells of mails that it took.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use within24::app::answer::Answer;
use within24::app::deliver::{Delivery, deliver};
use within24::app::delivery::{Outcome, TrackError};
use within24::app::receive::{Arrival, receive};
use within24::domain::clock::shift;
use within24::domain::message::MessageKind;
use within24::domain::outgoing::{CLAIM, Outgoing, State};
use within24::domain::store::{Store, StoreId};
use within24::domain::thread::Status;
use within24::domain::trust::Verdicts;
use within24::testing::{Fate, Memory, Post, Strike};
use within24_tests::answers;
use within24_tests::mails::BuyerMail;

fn now() -> Timestamp {
    "2026-03-02T09:15:00Z".parse().unwrap()
}

fn later() -> Timestamp {
    shift(now(), SignedDuration::from_mins(10))
}

async fn take_in(world: &Memory, mail: &BuyerMail<'_>, at: Timestamp) {
    world.put_mail(mail.id, &mail.raw());
    let arrival = Arrival {
        place: mail.id.to_owned(),
        recipients: vec!["shop@inbox.example".to_owned()],
        received: at,
        verdicts: Verdicts::default(),
    };
    receive(world, world, &arrival, at).await.unwrap();
}

/// A world in which a person's answer waits in the outbox.
async fn answering() -> (Memory, Outgoing) {
    let world = Memory::default();
    let id = StoreId::parse("de").unwrap();
    world.put_store(Store::new(id, "shop@inbox.example", "shop@inbox.example"));
    take_in(&world, &BuyerMail::default(), now()).await;
    let thread = world.threads().pop().unwrap();
    let answer = Answer {
        text: "Das Paket kommt am Freitag.".into(),
        by: "Mara".into(),
        r#override: false,
        attachments: Vec::new(),
        idempotency_key: Some("wish".to_owned()),
    };
    let item = answers::by_a_person(&world, &world, &thread, &answer, now()).await;
    (world, item.unwrap())
}

async fn send(world: &Memory, post: &Post, item: &Outgoing) -> Delivery {
    deliver(world, world, post, (&item.store, &item.buyer, &item.key), now())
        .await
        .unwrap()
}

/// A world in which the answer went out.
async fn sent() -> (Memory, Outgoing) {
    let (world, item) = answering().await;
    assert_eq!(send(&world, &Post::new(now()), &item).await, Delivery::Sent);
    (world, item)
}

fn state(world: &Memory, item: &Outgoing) -> State {
    let all = world.outbox();
    all.iter().find(|one| one.key == item.key).unwrap().state
}

/// An event of SES about this item.
fn event(item: &Outgoing, kind: &str, inner: (&str, Value)) -> Value {
    let mut event = json!({
        "source": "aws.ses", "region": "eu-west-1", "time": later(),
        "detail": {"eventType": kind, "mail": {"timestamp": now(), "messageId": "0102-ses",
            "tags": {"outbox": [item.key.as_str()], "store": [item.store.as_str()], "thread": [item.thread.as_str()],
                "ses:configuration-set": ["within24"]}}},
    });
    event["detail"][inner.0] = inner.1;
    event
}

fn bounce(item: &Outgoing, kind: &str) -> Value {
    event(
        item,
        "Bounce",
        ("bounce", json!({"bounceType": kind, "timestamp": later()})),
    )
}

fn delivered(item: &Outgoing) -> Value {
    event(item, "Delivery", ("delivery", json!({"timestamp": later()})))
}

async fn tell(world: &Memory, event: &Value) -> Result<Outcome, TrackError> {
    track_delivery::handler(world, event, later()).await
}

#[tokio::test]
async fn a_bounce_puts_the_messages_back_on_the_clock_once() {
    for kind in ["Permanent", "Transient", "Undetermined"] {
        let (world, item) = sent().await;
        assert_eq!(world.threads()[0].status, Status::Answered);
        assert_eq!(tell(&world, &bounce(&item, kind)).await.unwrap(), Outcome::Undone);
        for again in [bounce(&item, kind), delivered(&item)] {
            assert_eq!(tell(&world, &again).await.unwrap(), Outcome::Known);
        }
        let thread = &world.threads()[0];
        assert_eq!(
            (thread.status, thread.waiting_since),
            (Status::NeedsResponse, Some(now()))
        );
        assert_eq!(thread.bounced_at.is_some(), kind == "Permanent");
        assert_eq!(state(&world, &item), State::Failed);
    }
}

/// What Lambda writes into the failures queue: AWS, "Capturing records of Lambda asynchronous invocations".
#[tokio::test]
async fn an_event_that_was_set_aside_is_taken_in_as_it_lies_there() {
    let (world, item) = sent().await;
    let set_aside = json!({
        "version": "1.0", "timestamp": later(), "requestContext": {"condition": "RetriesExhausted", "approximateInvokeCount": 3},
        "requestPayload": bounce(&item, "Permanent"), "responseContext": {"statusCode": 200, "functionError": "Unhandled"},
    });
    assert_eq!(tell(&world, &set_aside).await.unwrap(), Outcome::Undone);
    assert_eq!(world.threads()[0].status, Status::NeedsResponse);
}

#[tokio::test]
async fn what_was_delivered_delayed_or_complained_of_stands() {
    let (world, item) = sent().await;
    let delay = event(&item, "DeliveryDelay", ("deliveryDelay", json!({"timestamp": later()})));
    let complaint = event(&item, "Complaint", ("complaint", json!({"timestamp": later()})));
    assert_eq!(tell(&world, &delivered(&item)).await.unwrap(), Outcome::Known);
    assert_eq!(tell(&world, &delay).await.unwrap(), Outcome::Known);
    assert_eq!(tell(&world, &complaint).await.unwrap(), Outcome::Recorded);
    assert_eq!(tell(&world, &complaint).await.unwrap(), Outcome::Known);
    assert_eq!(
        (world.threads()[0].status, state(&world, &item)),
        (Status::Answered, State::Sent)
    );
    let notices: Vec<_> = world
        .all_messages()
        .into_iter()
        .filter(|message| message.kind == MessageKind::Notice)
        .collect();
    assert_eq!(notices.len(), 1);
}

/// A world in which the answer went out, but nobody learned of it.
async fn in_doubt() -> (Memory, Outgoing) {
    let (world, item) = answering().await;
    let post = Post::new(now());
    post.set(Fate::LostAnswer);
    assert_eq!(send(&world, &post, &item).await, Delivery::Unknown);
    (world, item)
}

#[tokio::test]
async fn an_item_in_doubt_is_settled_by_whatever_ses_tells_of_it() {
    let kinds = [
        ("Delivery", "delivery", Outcome::Settled, State::Sent, Status::Answered),
        ("Send", "send", Outcome::Settled, State::Sent, Status::Answered),
        (
            "Complaint",
            "complaint",
            Outcome::Recorded,
            State::Sent,
            Status::Answered,
        ),
        (
            "Bounce",
            "bounce",
            Outcome::Undone,
            State::Failed,
            Status::NeedsResponse,
        ),
        (
            "Reject",
            "reject",
            Outcome::Settled,
            State::Failed,
            Status::NeedsResponse,
        ),
    ];
    for (kind, part, outcome, wanted, status) in kinds {
        let (world, item) = in_doubt().await;
        assert_eq!(world.threads()[0].status, Status::NeedsResponse);
        let told = event(&item, kind, (part, json!({"timestamp": later()})));
        assert_eq!(tell(&world, &told).await.unwrap(), outcome, "{kind}");
        let thread = &world.threads()[0];
        assert_eq!((state(&world, &item), thread.status), (wanted, status), "{kind}");
        if status == Status::Answered {
            assert_eq!(thread.last_answer_at, Some(now()), "when SES took it, not when it told");
        }
    }
}

#[tokio::test]
async fn a_sender_that_is_still_at_work_is_waited_for() {
    let (world, item) = answering().await;
    let post = Post::new(now());
    // Dies after the mail went out and before it is marked.
    for number in 1.. {
        world.faults.strike(number, Strike::Before);
        let _ = deliver(&world, &world, &post, (&item.store, &item.buyer, &item.key), now()).await;
        if state(&world, &item) == State::Sending {
            break;
        }
    }
    world.faults.calm();
    let at_once = track_delivery::handler(&world, &delivered(&item), now()).await;
    assert!(at_once.is_err_and(|error| error.retry()));
    let after_the_claim = track_delivery::handler(&world, &delivered(&item), shift(now(), CLAIM)).await;
    assert_eq!(after_the_claim.unwrap(), Outcome::Settled);
    assert_eq!((post.sent().len(), state(&world, &item)), (1, State::Sent));
    assert_eq!(world.threads()[0].status, Status::Answered);
}

#[tokio::test]
async fn an_event_is_taken_in_once_wherever_the_function_dies() {
    for doubt in [false, true] {
        for strike in [Strike::Before, Strike::After] {
            for number in 1.. {
                let (world, item) = if doubt { in_doubt().await } else { sent().await };
                world.faults.strike(number, strike);
                while tell(&world, &bounce(&item, "Permanent")).await.is_err() {}
                let calls = world.faults.calls();
                world.faults.calm();
                assert_eq!(tell(&world, &bounce(&item, "Permanent")).await.unwrap(), Outcome::Known);
                let what = format!("doubt {doubt}, {strike:?} call {number}");
                let thread = &world.threads()[0];
                assert_eq!(
                    (thread.waiting_since, state(&world, &item)),
                    (Some(now()), State::Failed),
                    "{what}"
                );
                assert_eq!(world.all_messages().len(), 3, "{what}: question, answer, notice");
                if number > calls {
                    break;
                }
            }
        }
    }
}

#[tokio::test]
async fn a_buyer_whose_mail_came_back_for_good_is_not_asked_any_more() {
    let (world, item) = sent().await;
    tell(&world, &bounce(&item, "Permanent")).await.unwrap();
    let long_after = shift(now(), SignedDuration::from_hours(24 * 100));
    let mail = BuyerMail {
        order: None,
        id: "second",
        token: "SECOND",
        date: "Wed, 10 Jun 2026 09:00:00 +0000",
        ..BuyerMail::default()
    };
    take_in(&world, &mail, long_after).await;
    assert_eq!(world.threads().len(), 2);
    assert_eq!(world.outbox().len(), 1, "the answer, and no request");
}

#[tokio::test]
async fn what_is_about_no_mail_of_ours_is_left_alone() {
    let (world, item) = sent().await;
    let mut foreign = delivered(&item);
    foreign["detail"]["mail"]["tags"]["thread"] = json!(["01unknown0thread000000"]);
    let mut untagged = delivered(&item);
    untagged["detail"]["mail"]["tags"] = json!({});
    let mut opened = delivered(&item);
    opened["detail"]["eventType"] = json!("Open");
    for event in [foreign, untagged, opened, json!({}), json!("text")] {
        assert_eq!(tell(&world, &event).await.unwrap(), Outcome::Unrelated);
    }
    assert_eq!(world.threads()[0].status, Status::Answered);
}
