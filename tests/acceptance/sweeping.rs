//! Sweeps: each alert once, told at least once, however they overlap and wherever they die.

use std::cell::Cell;

use jiff::{SignedDuration, Timestamp};
use within24::app::announce::Announcing;
use within24::app::receive::{Arrival, receive};
use within24::app::sweep::{Swept, sweep};
use within24::domain::alert::OperatorLanguage;
use within24::domain::clock::{Level, shift};
use within24::domain::event::{Event, What};
use within24::domain::store::{Store, StoreId};
use within24::domain::thread::Status;
use within24::domain::trust::Verdicts;
use within24::ports::{Change, Commit, FindDue, PortError};
use within24::testing::{Herald, Memory, Strike};
use within24_tests::mails::BuyerMail;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// A store with threads of so many buyers, the first waiting since then, each next one a minute less.
async fn waiting(buyers: u32, since: Timestamp) -> Memory {
    let world = Memory::default();
    world.put_store(Store::new(
        StoreId::parse("de").unwrap(),
        "shop@inbox.example",
        "shop@inbox.example",
    ));
    let silent = Herald::default();
    for number in 0..buyers {
        let (alias, id, token) = (format!("b{number:013}"), format!("m{number}"), format!("T{number}"));
        let mail = BuyerMail {
            alias: &alias,
            id: &id,
            token: &token,
            ..BuyerMail::default()
        };
        world.put_mail("mail", &mail.raw());
        let arrival = Arrival {
            place: "mail".to_owned(),
            recipients: vec!["shop@inbox.example".to_owned()],
            received: shift(since, SignedDuration::from_mins(i64::from(number))),
            verdicts: Verdicts::default(),
        };
        receive(&Announcing::new(&world, &silent), &world, &arrival, arrival.received)
            .await
            .unwrap();
    }
    assert_eq!(silent.events().len(), buyers as usize, "each new thread is told");
    world
}

async fn run(world: &Memory, herald: &Herald, now: Timestamp) -> Result<Swept, PortError> {
    sweep(world, herald, herald, OperatorLanguage::En, now, || true).await
}

/// The alerts among these events, as level and deadline.
fn alerts(events: &[Event]) -> Vec<(Level, Timestamp)> {
    let alert = |event: &Event| match &event.what {
        What::Alert { level, due, .. } => Some((*level, *due)),
        _ => None,
    };
    events.iter().filter_map(alert).collect()
}

fn raised(world: &Memory) -> Vec<(Level, Timestamp)> {
    let events: Vec<Event> = world.events().into_iter().map(|(event, _)| event).collect();
    alerts(&events)
}

#[tokio::test]
async fn a_sweep_raises_what_is_due_tells_it_in_one_mail_and_is_quiet_afterwards() {
    let world = waiting(3, at("2026-03-02T10:00:00Z")).await;
    let herald = Herald::default();
    let now = at("2026-03-03T06:01:00Z");
    let swept = run(&world, &herald, now).await.unwrap();
    assert_eq!((swept.raised.len(), swept.told, swept.left), (2, 2, 0));
    assert_eq!(alerts(&herald.events()).len(), 2);
    assert_eq!(herald.mails().len(), 1);
    let text = &herald.mails()[0].text;
    assert!(
        text.contains("Nearing (2)") && text.contains("3 h 59 min left"),
        "{text}"
    );
    let again = run(&world, &herald, now).await.unwrap();
    assert_eq!((again.raised.len(), again.told), (0, 0));
    assert_eq!(herald.mails().len(), 1, "no news, no mail");
}

#[tokio::test]
async fn a_sweep_that_dies_at_any_call_raises_each_alert_once_and_tells_it() {
    let since = at("2026-03-02T10:00:00Z");
    let ticks = ["2026-03-03T06:05:00Z", "2026-03-03T09:05:00Z", "2026-03-03T10:10:00Z"];
    for strike in [Strike::Before, Strike::After] {
        for number in 1.. {
            let world = waiting(3, since).await;
            let herald = Herald::default();
            world.faults.strike(number, strike);
            for tick in ticks {
                // The scheduler comes again until a run goes through; forgotten events are older than a minute by then.
                let mut now = at(tick);
                while run(&world, &herald, now).await.map_or(true, |swept| swept.failed > 0) {
                    now = shift(now, SignedDuration::from_mins(2));
                }
            }
            let calls = world.faults.calls();
            world.faults.calm();
            run(&world, &herald, at("2026-03-03T10:30:00Z")).await.unwrap();
            let expected = [Level::Nearing, Level::Critical, Level::Overdue]
                .map(|level| [level; 3])
                .concat();
            let levels: Vec<Level> = raised(&world).into_iter().map(|(level, _)| level).collect();
            assert_eq!(levels, expected, "{strike:?} call {number}");
            assert!(
                world.events().iter().all(|(_, told)| *told),
                "{strike:?} call {number}: all are told"
            );
            let told: std::collections::BTreeSet<_> = herald.events().iter().map(|event| event.key.clone()).collect();
            let alerts = world.events().iter().filter(|(event, _)| event.only_once()).count();
            assert!(told.len() >= alerts, "{strike:?} call {number}");
            if number > calls {
                break;
            }
        }
    }
}

#[tokio::test]
async fn a_bus_or_a_topic_that_fails_is_told_later() {
    for strike in [Strike::Before, Strike::After] {
        for number in 1..=2 {
            let world = waiting(2, at("2026-03-02T10:00:00Z")).await;
            let herald = Herald::default();
            herald.faults.strike(number, strike);
            assert!(run(&world, &herald, at("2026-03-03T10:05:00Z")).await.is_err());
            run(&world, &herald, at("2026-03-03T10:10:00Z")).await.unwrap();
            assert_eq!(raised(&world).len(), 2);
            assert!(world.events().iter().all(|(_, told)| *told));
            assert!(!herald.mails().is_empty() && alerts(&herald.events()).len() >= 2);
        }
    }
}

#[tokio::test]
async fn two_sweeps_at_once_raise_each_alert_once() {
    let world = waiting(40, at("2026-03-02T10:00:00Z")).await;
    let (one, two) = (Herald::default(), Herald::default());
    let now = at("2026-03-03T12:00:00Z");
    let (a, b) = tokio::join!(run(&world, &one, now), run(&world, &two, now));
    assert_eq!(a.unwrap().raised.len() + b.unwrap().raised.len(), 40);
    assert_eq!(raised(&world).len(), 40);
}

#[tokio::test]
async fn an_index_that_lags_raises_nothing_twice_and_nothing_that_was_answered() {
    let world = waiting(3, at("2026-03-02T10:00:00Z")).await;
    world.hold_index();
    let herald = Herald::default();
    let mut answered = world.threads().remove(0);
    answered.wait(
        None,
        Status::Answered,
        &Store::new(answered.store.clone(), "*", "a@x.example"),
    );
    world.commit(vec![Change::Thread(Box::new(answered))]).await.unwrap();
    let now = at("2026-03-03T12:00:00Z");
    assert_eq!(run(&world, &herald, now).await.unwrap().raised.len(), 2);
    let again = run(&world, &herald, now).await.unwrap();
    assert_eq!((again.raised.len(), again.failed), (0, 0));
    assert_eq!(raised(&world).len(), 2);
}

#[tokio::test]
async fn a_run_without_time_leaves_the_least_urgent_and_the_next_goes_on() {
    let world = waiting(250, at("2026-03-02T10:00:00Z")).await;
    let herald = Herald::default();
    let now = at("2026-03-03T20:00:00Z");
    let parts = Cell::new(0);
    let time_left = || {
        parts.set(parts.get() + 1);
        parts.get() <= 2
    };
    let first = sweep(&world, &herald, &herald, OperatorLanguage::En, now, time_left)
        .await
        .unwrap();
    assert_eq!((first.raised.len(), first.left), (200, 50));
    assert!(first.lag > SignedDuration::from_hours(10), "{:?}", first.lag);
    let dues: Vec<Timestamp> = alerts(&first.raised).into_iter().map(|(_, due)| due).collect();
    assert!(dues.is_sorted(), "most urgent first");
    assert_eq!(
        alerts(&herald.events()).len(),
        200,
        "what was raised is told in the same run"
    );
    let second = run(&world, &herald, now).await.unwrap();
    assert_eq!(
        (second.raised.len(), second.left, second.lag),
        (50, 0, SignedDuration::ZERO)
    );
    assert_eq!(raised(&world).len(), 250);
}

#[tokio::test]
async fn a_level_is_raised_once_for_a_waiting_period_even_if_an_answer_bounced_in_between() {
    let since = at("2026-03-02T10:00:00Z");
    let world = waiting(1, since).await;
    let herald = Herald::default();
    run(&world, &herald, at("2026-03-03T06:05:00Z")).await.unwrap();
    // Answered, and put back by a bounce: the same period waits again, with a clean slate.
    let mut thread = world.threads().remove(0);
    thread.alerted = None;
    thread.next_alert_at = Some(at("2026-03-03T06:00:00Z"));
    world.commit(vec![Change::Thread(Box::new(thread))]).await.unwrap();
    let again = run(&world, &herald, at("2026-03-03T06:10:00Z")).await.unwrap();
    assert!(again.raised.is_empty());
    assert!(
        world.due(at("2026-03-03T06:10:00Z"), 10).await.unwrap().is_empty(),
        "its place has moved on"
    );
    assert_eq!(
        run(&world, &herald, at("2026-03-03T09:00:00Z"))
            .await
            .unwrap()
            .raised
            .len(),
        1
    );
    let levels: Vec<Level> = raised(&world).into_iter().map(|(level, _)| level).collect();
    assert_eq!(levels, [Level::Nearing, Level::Critical]);
}

#[tokio::test]
async fn an_event_that_a_function_could_not_tell_is_told_by_the_next_sweep() {
    let world = waiting(0, at("2026-03-02T10:00:00Z")).await;
    let deaf = Herald::default();
    deaf.faults.strike(1, Strike::Before);
    world.put_mail("mail", &BuyerMail::default().raw());
    let arrival = Arrival {
        place: "mail".to_owned(),
        recipients: vec!["shop@inbox.example".to_owned()],
        received: at("2026-03-02T10:00:00Z"),
        verdicts: Verdicts::default(),
    };
    receive(&Announcing::new(&world, &deaf), &world, &arrival, arrival.received)
        .await
        .unwrap();
    assert!(deaf.events().is_empty());
    let herald = Herald::default();
    run(&world, &herald, at("2026-03-02T10:05:00Z")).await.unwrap();
    assert!(matches!(herald.events()[0].what, What::ThreadOpened { .. }));
    assert!(herald.mails().is_empty(), "an open thread is no alert");
}
