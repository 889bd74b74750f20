//! Events told to endpoints: each once to each that wants it, along the ladder, wherever a function dies.

use std::io;
use std::sync::{Arc, Mutex};

use aws_lambda_events::sqs::SqsEvent;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use within24::adapters::call_message;
use within24::app::endpoints::{self, EndpointError};
use within24::domain::clock::shift;
use within24::domain::endpoint::{Answer, Ended, LADDER, MOST_ENDPOINTS, Missed, Progress, WhyDisabled};
use within24::domain::event::Event;
use within24::domain::key::Key;
use within24::domain::store::StoreId;
use within24::lambda::emf::Metric;
use within24::lambda::telemetry;
use within24::ports::ReadSigningKeys;
use within24::testing::Strike;
use within24_tests::endpoints::{Stack, person, store};

fn now() -> Timestamp {
    "2026-03-02T09:15:00Z".parse().unwrap()
}

fn after(seconds: i64) -> Timestamp {
    shift(now(), SignedDuration::from_secs(seconds))
}

const HOUR: i64 = 3600;

const DOWN: Answer = Answer::Status(503, None);

#[tokio::test]
async fn an_event_is_told_once_to_each_endpoint_that_wants_it_however_often_the_bus_tells_it() {
    let stack = Stack::new(now());
    let all = stack.endpoint("all", &[]).await;
    let numbers = stack.endpoint("numbers", &["MetricsRolledUp.v1"]).await;
    let overdue = stack.endpoint("overdue", &["ThreadOverdue.v1"]).await;
    let event = stack.happens(now()).await;
    stack.publish(&event);
    stack.until(after(60)).await;
    stack.publish(&event);
    stack.until(after(HOUR)).await;
    for made in [&all, &numbers] {
        let arrived = stack.arrived(made);
        assert_eq!(arrived.iter().map(|one| &one.event).collect::<Vec<_>>(), [&event.key]);
        assert_eq!(stack.calls(made)[0].progress, Progress::Delivered);
    }
    assert!(stack.arrived(&overdue).is_empty() && stack.calls(&overdue).is_empty());
    assert_eq!(stack.measured(Metric::CallsDelivered), 2);
}

#[tokio::test]
async fn an_event_that_the_table_does_not_know_is_told_to_nobody() {
    let stack = Stack::new(now());
    let made = stack.endpoint("all", &[]).await;
    let forged = Event::rolled_up(&store(), Vec::new(), now());
    stack.publish(&forged);
    stack.until(after(HOUR)).await;
    assert!(stack.arrived(&made).is_empty() && stack.world.all_calls().is_empty());
}

#[tokio::test]
async fn a_call_that_fails_is_tried_along_the_ladder_and_given_up_with_a_report() {
    let stack = Stack::new(now());
    let made = stack.endpoint("down", &[]).await;
    let answers = [
        DOWN,
        Answer::Missed(Missed::Timeout),
        Answer::Missed(Missed::NotPublic),
        Answer::Status(302, None),
    ];
    for number in 0..=LADDER.len() {
        stack.outside.will_answer(answers[number % answers.len()]);
    }
    let event = stack.happens(now()).await;
    stack.until(after(100 * HOUR)).await;
    let arrived = stack.arrived(&made);
    assert_eq!(arrived.len(), 1 + LADDER.len());
    assert_eq!(arrived[0].at, now());
    for (pair, rung) in arrived.windows(2).zip(LADDER) {
        let waited = pair[1].at.duration_since(pair[0].at);
        // A tenth more by chance, and five minutes more where a tick has to bring it.
        let most = rung * 11 / 10 + SignedDuration::from_mins(5);
        assert!(rung <= waited && waited <= most, "{rung}: {waited}");
        assert_eq!(pair[1].event, event.key, "the same id at every attempt");
    }
    let short = arrived[2].at.duration_since(arrived[0].at);
    assert!(
        short < SignedDuration::from_secs(340),
        "the queue brings what is due soon to the second: {short}"
    );
    let call = &stack.calls(&made)[0];
    assert_eq!((call.attempts, call.progress), (10, Progress::Ended(Ended::Exhausted)));
    assert_eq!(stack.reported(), [("call", "exhausted".to_owned())]);
    let counted = [
        Metric::CallsGivenUp,
        Metric::CallsDelivered,
        Metric::EndpointsGone,
        Metric::CallLag,
    ];
    assert_eq!(counted.map(|metric| stack.measured(metric)), [1, 0, 0, 0]);
}

#[tokio::test]
async fn a_server_that_comes_back_has_it_at_the_next_attempt() {
    for failures in 1..=LADDER.len() {
        let stack = Stack::new(now());
        let made = stack.endpoint("flaky", &[]).await;
        (0..failures).for_each(|_| stack.outside.will_answer(DOWN));
        stack.happens(now()).await;
        stack.until(after(100 * HOUR)).await;
        assert_eq!(stack.arrived(&made).len(), failures + 1);
        assert_eq!(stack.calls(&made)[0].progress, Progress::Delivered, "{failures}");
        assert_eq!(stack.reported(), []);
    }
}

#[tokio::test]
async fn an_endpoint_that_is_gone_is_called_no_more_until_a_person_enables_it() {
    let stack = Stack::new(now());
    let (gone, other) = (stack.endpoint("gone", &[]).await, stack.endpoint("other", &[]).await);
    // Two events are on their way when it says so: the first fails and waits.
    stack.outside.will_answer(DOWN);
    stack.happens(now()).await;
    stack.until(after(1)).await;
    let second = stack.happens(after(1)).await;
    stack.outside.will_answer(Answer::Status(410, None));
    stack.until(after(HOUR)).await;
    let stored = endpoints::show(&stack.world, &store(), &gone.endpoint.id)
        .await
        .unwrap();
    let (at, why) = stored.disabled.unwrap();
    assert_eq!((at, why), (stack.arrived(&gone)[1].at, WhyDisabled::Gone));
    assert_eq!(stack.arrived(&gone).len(), 2, "the one that waited is not tried again");
    let ended: Vec<Progress> = stack.calls(&gone).iter().map(|call| call.progress).collect();
    assert_eq!(ended, [Progress::Ended(Ended::Disabled), Progress::Ended(Ended::Gone)]);
    assert_eq!(stack.reported(), [("endpoint", "gone".to_owned())]);
    assert_eq!(stack.measured(Metric::EndpointsGone), 1);
    let third = stack.happens(after(HOUR)).await;
    stack.until(after(2 * HOUR)).await;
    assert_eq!((stack.arrived(&gone).len(), stack.arrived(&other).len()), (2, 3));

    // It comes back, and is told what it missed, and only that.
    let refused = endpoints::replay_ended(
        &stack.world,
        &stack.queue,
        (&store(), &stored.id),
        now(),
        None,
        &person(),
        after(2 * HOUR),
    )
    .await;
    assert!(matches!(refused, Err(EndpointError::Disabled)));
    let enabled = endpoints::enable(&stack.world, &store(), &stored.id, &person(), after(2 * HOUR))
        .await
        .unwrap();
    assert_eq!(enabled.disabled, None);
    let since = second.at;
    let replayed = endpoints::replay_ended(
        &stack.world,
        &stack.queue,
        (&store(), &stored.id),
        since,
        None,
        &person(),
        after(2 * HOUR),
    )
    .await
    .unwrap();
    assert_eq!((replayed.started, replayed.after), (2, None));
    stack.until(after(3 * HOUR)).await;
    let told: Vec<Key> = stack.arrived(&gone)[2..].iter().map(|one| one.event.clone()).collect();
    assert_eq!(told, [third.key, second.key]);
    assert_eq!(stack.arrived(&other).len(), 3);
}

#[tokio::test]
async fn a_disabled_endpoint_misses_and_a_deleted_one_is_forgotten() {
    let stack = Stack::new(now());
    let (disabled, deleted) = (
        stack.endpoint("disabled", &[]).await,
        stack.endpoint("deleted", &[]).await,
    );
    for _ in 0..2 {
        stack.outside.will_answer(DOWN);
    }
    stack.happens(now()).await;
    stack.until(after(1)).await;
    let (one, two) = (&disabled.endpoint.id, &deleted.endpoint.id);
    endpoints::disable(&stack.world, &store(), one, &person(), after(1))
        .await
        .unwrap();
    let again = endpoints::disable(&stack.world, &store(), one, &person(), after(2))
        .await
        .unwrap();
    assert_eq!(again.disabled, Some((after(1), WhyDisabled::Person)));
    endpoints::delete(&stack.world, &store(), two, &person(), after(1))
        .await
        .unwrap();
    stack.happens(after(2)).await;
    stack.until(after(90 * HOUR)).await;
    assert_eq!((stack.arrived(&disabled).len(), stack.arrived(&deleted).len()), (1, 1));
    let ended = |made| stack.calls(made).iter().map(|call| call.progress).collect::<Vec<_>>();
    assert_eq!(ended(&disabled), [Progress::Ended(Ended::Disabled); 2]);
    assert_eq!(ended(&deleted), [Progress::Ended(Ended::Deleted)]);
    assert_eq!(stack.reported(), [], "a person wanted it so");
    assert_eq!(stack.world.signing_keys(&store(), two).await.unwrap(), None);
    let gone = endpoints::show(&stack.world, &store(), two).await;
    assert!(matches!(gone, Err(EndpointError::NoEndpoint)));
    assert_eq!(endpoints::list(&stack.world, &store()).await.unwrap().len(), 1);
}

#[tokio::test]
async fn an_event_is_told_again_on_request_with_the_same_id() {
    let stack = Stack::new(now());
    let made = stack.endpoint("all", &["ThreadOverdue.v1"]).await;
    let event = stack.happens(now()).await;
    stack.until(after(60)).await;
    assert!(stack.arrived(&made).is_empty(), "it is not wanted");
    let place = (&store(), &made.endpoint.id);
    for number in 1..=2 {
        let call = endpoints::replay(
            &stack.world,
            &stack.queue,
            place,
            &event.key,
            &person(),
            stack.now.get(),
        )
        .await
        .unwrap();
        assert!(call.waits());
        stack.until(after(60 + number * 60)).await;
        let arrived = stack.arrived(&made);
        assert_eq!(arrived.len(), usize::try_from(number).unwrap());
        assert!(arrived.iter().all(|one| one.event == event.key));
    }
    let unknown = endpoints::replay(&stack.world, &stack.queue, place, &Key::of(&["none"]), &person(), now()).await;
    assert!(matches!(unknown, Err(EndpointError::NoEvent)));
}

#[tokio::test]
async fn many_missed_events_are_told_in_parts() {
    let stack = Stack::new(now());
    let made = stack.endpoint("all", &[]).await;
    let place = (&store(), &made.endpoint.id);
    endpoints::disable(&stack.world, &store(), place.1, &person(), now())
        .await
        .unwrap();
    for second in 0..450 {
        stack.happens(after(second)).await;
    }
    stack.until(after(500)).await;
    endpoints::enable(&stack.world, &store(), place.1, &person(), after(500))
        .await
        .unwrap();
    let (mut started, mut after_call) = (Vec::new(), None);
    loop {
        let part = endpoints::replay_ended(
            &stack.world,
            &stack.queue,
            place,
            after(50),
            after_call,
            &person(),
            after(500),
        )
        .await
        .unwrap();
        started.push(part.started);
        after_call = part.after;
        if after_call.is_none() {
            break;
        }
    }
    assert_eq!(started, [200, 200]);
    stack.until(after(600)).await;
    assert_eq!(stack.arrived(&made).len(), 400);
    let page = endpoints::calls(&stack.world, &store(), place.1, None, 2)
        .await
        .unwrap();
    assert_eq!(
        page.iter().map(|call| call.id.event_at).collect::<Vec<_>>(),
        [after(449), after(448)]
    );
}

#[tokio::test]
async fn an_endpoint_is_made_with_a_secret_that_is_shown_once() {
    let stack = Stack::new(now());
    let made = stack.endpoint("all", &[]).await;
    assert!(made.secret.expose().starts_with("whsec_"));
    let listed = endpoints::list(&stack.world, &store()).await.unwrap();
    assert_eq!(listed, std::slice::from_ref(&made.endpoint));
    let keys = async || {
        stack
            .world
            .signing_keys(&store(), &made.endpoint.id)
            .await
            .unwrap()
            .unwrap()
    };
    assert_eq!(keys().await.current, made.secret);
    let rotated = endpoints::rotate(&stack.world, &store(), &made.endpoint.id, &person(), after(5), &[8; 64])
        .await
        .unwrap();
    let stored = keys().await;
    assert_eq!(
        (stored.current, stored.previous.map(|(secret, _)| secret)),
        (rotated, Some(made.secret))
    );
    let shown = endpoints::show(&stack.world, &store(), &made.endpoint.id)
        .await
        .unwrap();
    assert_eq!(shown.rotated_at, Some(after(5)));
}

#[tokio::test]
async fn what_cannot_be_an_endpoint_is_refused_with_what_to_do_instead() {
    let stack = Stack::new(now());
    let create = async |store: &str, url: &str, events: &[&str], secret: &[u8]| {
        let store = StoreId::parse(store).unwrap();
        let made = endpoints::create(&stack.world, &store, url, events, &person(), now(), secret).await;
        made.unwrap_err().to_string()
    };
    let (url, secret) = ("https://hooks.example.com/", &[7; 32][..]);
    assert!(
        create("de", "https://10.0.0.1/", &[], secret)
            .await
            .contains("write the receiver's public name")
    );
    assert!(create("de", url, &["overdue"], secret).await.contains("write one of"));
    assert!(create("de", url, &[], &[7; 23]).await.contains("24 to 64 bytes"));
    assert_eq!(create("fr", url, &[], secret).await, "no such store");
    for number in 0..MOST_ENDPOINTS {
        stack.endpoint(&number.to_string(), &[]).await;
    }
    assert!(create("de", url, &[], secret).await.contains("delete one"));
}

/// Faults at every call to the table and to the queue, before and after they take effect, at every point of a call's life:
/// planned, tried, failed, waiting for the queue and for a tick. However it goes, each endpoint has each event in the end.
#[tokio::test]
async fn wherever_the_function_dies_each_call_is_made_and_none_is_given_up() {
    /// How many calls were made to the table and the queue; `None` for a fault that was never reached.
    async fn life(table: Option<(usize, Strike)>, queue: Option<(usize, Strike)>) -> (usize, usize) {
        let stack = Stack::new(now());
        let made = [stack.endpoint("one", &[]).await, stack.endpoint("two", &[]).await];
        // The first four attempts fail: short waits and long ones.
        for _ in 0..8 {
            stack.outside.will_answer(DOWN);
        }
        let event = stack.happens(now()).await;
        let fault = |at: Option<(usize, Strike)>| at.unwrap_or((0, Strike::Before));
        let ((t, strike), (q, other)) = (fault(table), fault(queue));
        stack.world.faults.strike(t, strike);
        stack.queue.faults.strike(q, other);
        stack.until(after(8 * HOUR)).await;
        let calls = (stack.world.faults.calls(), stack.queue.faults.calls());
        stack.world.faults.calm();
        stack.queue.faults.calm();
        stack.until(after(100 * HOUR)).await;
        for made in &made {
            let arrived = stack.arrived(made);
            assert!(
                arrived.len() >= 3 && arrived.iter().all(|one| one.event == event.key),
                "{table:?} {queue:?}"
            );
            let progress: Vec<Progress> = stack.calls(made).iter().map(|call| call.progress).collect();
            assert_eq!(progress, [Progress::Delivered], "{table:?} {queue:?}");
        }
        assert_eq!(stack.reported(), [], "{table:?} {queue:?}");
        calls
    }
    let (table, queue) = life(None, None).await;
    assert!(table > 40 && queue > 8, "{table} {queue}");
    for strike in [Strike::Before, Strike::After] {
        for number in 1..=table {
            life(Some((number, strike)), None).await;
        }
        for number in 1..=queue {
            life(None, Some((number, strike))).await;
        }
    }
}

/// The schedule is switched off for a day: what waits long waits longer, and nothing is lost.
#[tokio::test]
async fn without_ticks_what_waits_long_waits_longer() {
    let mut stack = Stack::new(now());
    stack.ticks = false;
    let made = stack.endpoint("down", &[]).await;
    for _ in 0..4 {
        stack.outside.will_answer(DOWN);
    }
    stack.happens(now()).await;
    stack.until(after(24 * HOUR)).await;
    assert_eq!(
        stack.arrived(&made).len(),
        3,
        "at once, after 5 seconds, after 5 minutes"
    );
    stack.ticks = true;
    stack.until(after(30 * HOUR)).await;
    assert_eq!(stack.calls(&made)[0].progress, Progress::Delivered);
}

/// A message that comes twice, and a tick that finds what the queue is about to bring.
#[tokio::test]
async fn of_two_who_make_the_same_attempt_one_counts() {
    let stack = Stack::new(now());
    let made = stack.endpoint("down", &[]).await;
    stack.outside.will_answer(DOWN);
    let event = stack.happens(now()).await;
    stack.work().await;
    let first = format!(
        r#"{{"call":{{"store":"de","endpoint":"{}","event_at":"{}","event":"{}","version":1}}}}"#,
        made.endpoint.id.as_str(),
        event.at,
        event.key.as_str()
    );
    stack.messages.borrow_mut().extend(vec![(now(), first); 3]);
    stack.work().await;
    assert_eq!(
        stack.arrived(&made).len(),
        1,
        "the attempt was made; the next one has its time"
    );
    stack.until(after(HOUR)).await;
    assert_eq!(stack.arrived(&made).len(), 2);
    assert_eq!(stack.calls(&made)[0].attempts, 2);
}

#[tokio::test]
async fn what_is_no_message_goes_to_the_dead_letters_and_its_neighbours_are_done() {
    let stack = Stack::new(now());
    let made = stack.endpoint("all", &[]).await;
    let event = stack.happens(now()).await;
    let records = json!({"Records": [
        {"messageId": "1", "body": "nonsense"},
        {"messageId": "2", "body": call_message::event(&event)},
    ]});
    let batch: SqsEvent = serde_json::from_value(records).unwrap();
    let done = call_webhook::handler(&stack.world, &stack.queue, &stack.outside, batch, now, |_| {}).await;
    let failed: Vec<&str> = done
        .batch_item_failures
        .iter()
        .map(|one| one.item_identifier.as_str())
        .collect();
    assert_eq!(failed, ["1"]);
    stack.work().await;
    assert_eq!(stack.arrived(&made).len(), 1);
}

/// What is logged at the most talkative level, as the function writes it.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn the_log_names_endpoint_event_and_answer_and_neither_address_nor_secret() {
    let log = Log::default();
    let writer = log.clone();
    let _guard = tracing::subscriber::set_default(telemetry::subscriber("trace", move || writer.clone()));
    let stack = Stack::new(now());
    let made = stack.endpoint("T0KEN?key=T0KEN", &[]).await;
    stack.outside.will_answer(Answer::Missed(Missed::Tls));
    stack.outside.will_answer(Answer::Status(410, None));
    let event = stack.happens(now()).await;
    stack.until(after(HOUR)).await;
    let bytes = log.0.lock().unwrap().clone();
    let text = String::from_utf8(bytes).unwrap();
    for word in [
        made.endpoint.id.as_str(),
        event.key.as_str(),
        "\"tls\"",
        "\"410\"",
        "\"gone\"",
    ] {
        assert!(text.contains(word), "{word}: {text}");
    }
    let secret = made.secret.expose();
    for word in ["T0KEN", "hooks.example.com", "whsec_", &secret] {
        assert!(!text.contains(word), "{word}");
    }
}
