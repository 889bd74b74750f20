//! Long threads: the marks of older mails stand in rows of their own, and count as those of the newest.

use jiff::{SignedDuration, Timestamp};
use within24::app::receive::{Arrival, Outcome, receive};
use within24::domain::clock::shift;
use within24::domain::store::{Store, StoreId};
use within24::domain::thread::Rule;
use within24::domain::trust::Verdicts;
use within24::testing::Memory;
use within24_tests::mails::BuyerMail;

const MAILS: usize = 40;

async fn arrive(world: &Memory, place: &str, mail: &BuyerMail<'_>, at: Timestamp) -> Outcome {
    world.put_mail(place, &mail.raw());
    let arrival = Arrival {
        place: place.to_owned(),
        recipients: vec!["shop@inbox.example".to_owned()],
        received: at,
        verdicts: Verdicts::default(),
    };
    receive(world, world, &arrival, at).await.unwrap().0
}

#[tokio::test]
async fn what_a_long_thread_handed_over_is_still_told_and_found() {
    let world = Memory::default();
    world.put_store(Store::new(StoreId::parse("de").unwrap(), "*", "shop@inbox.example"));
    let start: Timestamp = "2026-03-02T09:00:00Z".parse().unwrap();
    let names: Vec<(String, String)> = (0..MAILS)
        .map(|number| (format!("id-{number}"), format!("A{number}")))
        .collect();
    let mail = |number: usize| BuyerMail {
        id: &names[number].0,
        token: &names[number].1,
        order: None,
        ..BuyerMail::default()
    };
    let mut at = start;
    for (number, (name, _)) in names.iter().enumerate() {
        arrive(&world, name, &mail(number), at).await;
        at = shift(at, SignedDuration::from_mins(1));
    }
    let thread = world.threads()[0].id.clone();
    assert_eq!((world.threads().len(), world.all_messages().len()), (1, MAILS));

    // Weeks later nothing but the answered mail leads to the thread: the first, one in between, the last.
    let later = shift(start, SignedDuration::from_hours(24 * 45));
    for number in [0, 7, 8, MAILS / 2, MAILS - 1] {
        // The same Message-ID with another token of Amazon's is the same mail.
        let again = BuyerMail {
            token: "AOTHER",
            ..mail(number)
        };
        assert_eq!(
            arrive(&world, "again", &again, later).await,
            Outcome::Duplicate,
            "{number}"
        );
    }
    let answers = "In-Reply-To: <id-0@eu-west-1.amazonses.com>\n";
    let reply = BuyerMail {
        id: "reply",
        token: "AREPLY",
        order: None,
        date: "Thu, 16 Apr 2026 09:00:00 +0000",
        headers: answers,
        ..BuyerMail::default()
    };
    let outcome = arrive(&world, "reply", &reply, later).await;
    assert!(
        matches!(&outcome, Outcome::Threaded { thread: found, rule: Some(Rule::Answers), .. } if *found == thread),
        "{outcome:?}"
    );
    // Another buyer who names the same mail gets a thread of his own.
    let other = BuyerMail {
        alias: "a9z9z9z9z9z9z9z",
        id: "foreign",
        token: "AFOREIGN",
        ..reply
    };
    let outcome = arrive(&world, "foreign", &other, later).await;
    assert!(matches!(outcome, Outcome::Threaded { rule: None, .. }), "{outcome:?}");
}
