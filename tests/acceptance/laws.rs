//! Laws: what holds for any mails in any order.

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use within24::app::receive::{Arrival, receive};
use within24::domain::clock::shift;
use within24::domain::store::{Store, StoreId};
use within24::domain::trust::{Verdict, Verdicts};
use within24::testing::Memory;
use within24_tests::mails::BuyerMail;

/// One mail of a law: its buyer, its case, whether it names its order, its minute.
#[derive(Clone, Debug)]
struct Sample {
    buyer: u8,
    case: u8,
    order: bool,
    machine: bool,
    minute: u16,
}

fn samples() -> impl Strategy<Value = Vec<Sample>> {
    let one = (0..3u8, 0..3u8, any::<bool>(), prop::bool::weighted(0.2), 0..3000u16);
    let one = one.prop_map(|(buyer, case, order, machine, minute)| Sample {
        buyer,
        case,
        order,
        machine,
        minute,
    });
    prop::collection::vec(one, 1..9)
}

fn start() -> Timestamp {
    "2026-03-02T00:00:00Z".parse().unwrap()
}

/// Lets the mails arrive in this order (by their number; a number again is a redelivery), under their own receipt times.
fn world_of(samples: &[Sample], order: &[usize], copies: bool) -> Memory {
    let world = Memory::default();
    world.put_store(Store::new(
        StoreId::parse("de").unwrap(),
        "shop@inbox.example",
        "shop@inbox.example",
    ));
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    for (step, number) in order.iter().enumerate() {
        let sample = &samples[*number];
        let alias = format!("buyer{}aaaaaaaaa", sample.buyer);
        let case = format!("0000000{}-89ab-4cde-8f01-23456789abcd", sample.case);
        let order_id = format!("302-{:07}-{:07}", sample.buyer, sample.case);
        let token = format!("TOKEN{number}");
        // A second copy of the same Amazon message under another Message-ID.
        let id = if copies && step % 2 == 1 {
            format!("copy-{step}-{number}")
        } else {
            format!("id-{number}")
        };
        let mail = BuyerMail {
            alias: &alias,
            case: Some(&case),
            order: sample.order.then_some(order_id.as_str()),
            id: &id,
            token: &token,
            headers: if sample.machine {
                "Auto-Submitted: auto-replied\r\n"
            } else {
                ""
            },
            ..BuyerMail::default()
        };
        world.put_mail("mail", &mail.raw());
        let received = shift(start(), SignedDuration::from_mins(i64::from(sample.minute)));
        let recipients = vec!["shop@inbox.example".to_owned()];
        let arrival = Arrival {
            place: "mail".to_owned(),
            recipients,
            received,
            verdicts: Verdicts::default(),
        };
        runtime.block_on(receive(&world, &world, &arrival, received)).unwrap();
    }
    world
}

/// Threads with their case, messages and clock, without what the order of arrival may decide: ids, and which of several
/// mails of a thread made the request.
fn picture(world: &Memory) -> Vec<String> {
    let messages = world.all_messages();
    let line = |thread: &within24::domain::thread::Thread| {
        let mut keys: Vec<_> = messages
            .iter()
            .filter(|m| m.thread == thread.id)
            .map(|m| (m.at, m.key.as_str().to_owned()))
            .collect();
        keys.sort();
        let orders = thread
            .order_ids
            .iter()
            .map(within24::domain::mail::OrderId::as_str)
            .collect::<Vec<_>>()
            .join(",");
        format!(
            "{} {:?} {orders} {:?} {:?} {keys:?}",
            thread.buyer.expose(),
            thread.case_id,
            thread.waiting_since,
            thread.status
        )
    };
    let mut lines: Vec<String> = world.threads().iter().map(line).collect();
    lines.sort();
    lines
}

fn requests(world: &Memory) -> Vec<String> {
    let mut threads: Vec<String> = world
        .outbox()
        .iter()
        .map(|item| item.thread.as_str().to_owned())
        .collect();
    threads.sort();
    threads
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    /// The same mails again, also under other Message-IDs, change nothing.
    #[test]
    fn redelivery_changes_nothing(samples in samples(), again in prop::collection::vec(any::<prop::sample::Index>(), 0..8)) {
        let once: Vec<usize> = (0..samples.len()).collect();
        let mut more = Vec::new();
        for number in &once {
            more.push(*number);
            more.extend(again.iter().map(|index| index.index(number + 1)));
        }
        let (calm, noisy) = (world_of(&samples, &once, false), world_of(&samples, &more, true));
        prop_assert_eq!(picture(&calm), picture(&noisy));
        prop_assert_eq!(requests(&calm), requests(&noisy));
    }

    /// Mails that name their case end in the same threads, messages and clocks in whatever order they arrive.
    #[test]
    fn reordering_changes_nothing(samples in samples(), seed in prop::collection::vec(any::<u32>(), 9)) {
        let straight: Vec<usize> = (0..samples.len()).collect();
        let mut mixed = straight.clone();
        mixed.sort_by_key(|number| seed[*number]);
        let (a, b) = (world_of(&samples, &straight, false), world_of(&samples, &mixed, false));
        prop_assert_eq!(picture(&a), picture(&b));
    }

    /// Where no mail lacks what another has, the number of requests does not depend on the order either.
    #[test]
    fn reordering_asks_the_same_buyers(samples in samples(), seed in prop::collection::vec(any::<u32>(), 9)) {
        let samples: Vec<Sample> = samples.into_iter().map(|sample| Sample { order: sample.buyer == 0, ..sample }).collect();
        let straight: Vec<usize> = (0..samples.len()).collect();
        let mut mixed = straight.clone();
        mixed.sort_by_key(|number| seed[*number]);
        let asked = |world: &Memory| {
            let mut buyers: Vec<String> = world.outbox().iter().map(|item| item.buyer.expose().to_owned()).collect();
            buyers.sort();
            buyers.dedup();
            buyers
        };
        prop_assert_eq!(asked(&world_of(&samples, &straight, false)), asked(&world_of(&samples, &mixed, false)));
    }

    /// A machine, spam and quarantined mail are never answered automatically; nobody is asked twice within 24 hours.
    #[test]
    fn a_buyer_is_asked_at_most_once_a_day_and_machines_never(samples in samples()) {
        let order: Vec<usize> = (0..samples.len()).collect();
        let world = world_of(&samples, &order, false);
        let mut asked: Vec<(String, Timestamp)> =
            world.outbox().iter().map(|item| (item.buyer.expose().to_owned(), item.created_at)).collect();
        asked.sort();
        for pair in asked.windows(2) {
            let apart = pair[1].1.duration_since(pair[0].1);
            prop_assert!(pair[0].0 != pair[1].0 || apart >= SignedDuration::from_hours(24), "{:?}", pair);
        }
        let human = samples.iter().any(|sample| !sample.machine && !sample.order);
        prop_assert!(human || asked.is_empty());
    }

    /// One buyer's mail never lands in another's thread.
    #[test]
    fn two_buyers_never_share_a_thread(samples in samples()) {
        let order: Vec<usize> = (0..samples.len()).collect();
        let world = world_of(&samples, &order, false);
        let buyers: std::collections::BTreeSet<u8> = samples.iter().map(|sample| sample.buyer).collect();
        let threads: std::collections::BTreeSet<_> = world.threads().iter().map(|t| t.buyer.expose().to_owned()).collect();
        prop_assert_eq!(buyers.len(), threads.len());
    }
}

#[test]
fn an_older_mail_that_comes_late_asks_nobody_who_was_asked_after_it() {
    let mail = |case: u8, minute: u16| Sample {
        buyer: 2,
        case,
        order: false,
        machine: false,
        minute,
    };
    let samples = [mail(1, 0), mail(2, 2015), mail(0, 0)];
    assert_eq!(world_of(&samples, &[0, 1, 2], false).outbox().len(), 2);
}

#[test]
fn spam_is_never_answered_automatically() {
    let world = Memory::default();
    world.put_store(Store::new(
        StoreId::parse("de").unwrap(),
        "shop@inbox.example",
        "shop@inbox.example",
    ));
    world.put_mail(
        "mail",
        &BuyerMail {
            order: None,
            ..BuyerMail::default()
        }
        .raw(),
    );
    let verdicts = Verdicts {
        spam: Verdict::Fail,
        ..Verdicts::default()
    };
    let recipients = vec!["shop@inbox.example".to_owned()];
    let arrival = Arrival {
        place: "mail".to_owned(),
        recipients,
        received: start(),
        verdicts,
    };
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(receive(&world, &world, &arrival, start())).unwrap();
    assert!(world.outbox().is_empty());
    assert!(world.threads()[0].tags.contains("spam") && world.threads()[0].waiting_since.is_some());
}
