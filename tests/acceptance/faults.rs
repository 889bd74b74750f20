//! A function that dies at any call is started again: nothing is lost, nothing is there twice.

use jiff::Timestamp;
use within24::app::mark::{Mark, mark};
use within24::app::receive::{Arrival, receive};
use within24::domain::store::{Store, StoreId};
use within24::domain::thread::Thread;
use within24::domain::trust::Verdicts;
use within24::testing::{Memory, Strike};
use within24_tests::mails::BuyerMail;

fn now() -> Timestamp {
    "2026-03-02T09:15:00Z".parse().unwrap()
}

fn world() -> Memory {
    let world = Memory::default();
    world.put_store(Store::new(
        StoreId::parse("de").unwrap(),
        "shop@inbox.example",
        "shop@inbox.example",
    ));
    let first = BuyerMail {
        order: None,
        ..BuyerMail::default()
    };
    let second = BuyerMail {
        order: None,
        id: "second",
        token: "SECOND",
        ..BuyerMail::default()
    };
    world.put_mail("first", &first.raw());
    world.put_mail("second", &second.raw());
    world
}

async fn arrive(world: &Memory, place: &str) -> bool {
    let recipients = vec!["shop@inbox.example".to_owned()];
    let arrival = Arrival {
        place: place.to_owned(),
        recipients,
        received: now(),
        verdicts: Verdicts::default(),
    };
    receive(world, world, &arrival, now()).await.is_ok()
}

fn picture(world: &Memory) -> String {
    let threads: Vec<Thread> = world
        .threads()
        .into_iter()
        .map(|thread| Thread { version: 0, ..thread })
        .collect();
    format!(
        "{threads:?} {:?} {:?} {:?}",
        world.all_messages(),
        world.outbox(),
        world.reports()
    )
}

#[tokio::test]
async fn a_mail_is_taken_in_once_wherever_the_function_dies() {
    let calm = world();
    assert!(arrive(&calm, "first").await && arrive(&calm, "second").await);
    for strike in [Strike::Before, Strike::After] {
        for number in 1.. {
            let world = world();
            world.faults.strike(number, strike);
            for place in ["first", "second"] {
                while !arrive(&world, place).await {}
            }
            assert_eq!(picture(&world), picture(&calm), "{strike:?} call {number}");
            if number > world.faults.calls() {
                break;
            }
        }
    }
}

#[tokio::test]
async fn hundreds_of_waiting_messages_are_marked_in_parts() {
    let world = world();
    for number in 0..230 {
        let (id, token) = (format!("m{number}"), format!("T{number}"));
        world.put_mail(
            &id,
            &BuyerMail {
                id: &id,
                token: &token,
                ..BuyerMail::default()
            }
            .raw(),
        );
        assert!(arrive(&world, &id).await);
    }
    let thread = world.threads().pop().unwrap();
    let store = Store::new(thread.store.clone(), "shop@inbox.example", "shop@inbox.example");
    mark(
        &world,
        &store,
        &thread.buyer,
        &thread.id,
        &Mark::NoResponseNeeded,
        None,
        now(),
    )
    .await
    .unwrap();
    assert_eq!(world.threads()[0].waiting_since, None);
    mark(&world, &store, &thread.buyer, &thread.id, &Mark::Reopen, None, now())
        .await
        .unwrap();
    assert_eq!(world.threads()[0].waiting_since, Some(now()));
}
