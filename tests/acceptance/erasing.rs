//! A buyer is forgotten: nothing of him is left, whatever was said, and whoever died in between.

use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use within24::app::answer::Answer;
use within24::app::erase::{EraseError, Erased, erase};
use within24::domain::alias::{Alias, Buyer};
use within24::domain::attachment::Attachment;
use within24::domain::clock::shift;
use within24::domain::metrics::day;
use within24::domain::outgoing::State;
use within24::domain::report::{Report, ReportKind};
use within24::domain::store::{Store, StoreId};
use within24::domain::webhook::Source;
use within24::ports::{Change, Commit, ReadBuyer, ReadFacts, ReadHoldings};
use within24::testing::{Memory, Strike};
use within24_local::machine::Machine;
use within24_tests::answers;
use within24_tests::mails::BuyerMail;
use within24_tests::worlds;

const NOW: &str = "2026-03-02T09:00:00Z";

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

fn buyer(alias: &str) -> Buyer {
    Alias::parse(&format!("{alias}@marketplace.amazon.de")).unwrap().buyer()
}

/// Two buyers who write, are asked and are answered alike; the first changes his name, and a helpdesk has a ticket of his.
async fn lived_in(machine: &mut Machine) {
    machine.table().put_store(&store()).await.unwrap();
    let pass = ["spam", "virus", "spf", "dkim", "dmarc"].map(|check| (check, "PASS".to_owned()));
    let mut number = 0;
    for (alias, names) in [
        ("aforgetmeforget", ["Xaver Vergissmein", "Xaver Neuname"]),
        ("akeepmekeepmexx", ["Klara Bleibt", "Klara Bleibt"]),
    ] {
        for (name, words) in names
            .into_iter()
            .zip(["Wo bleibt meine Quittenpresse?", "Noch immer keine Quittenpresse!"])
        {
            number += 1;
            let (id, token) = (format!("id-{number}"), format!("TOKEN{number}"));
            let mail = BuyerMail {
                alias,
                name,
                id: &id,
                token: &token,
                order: None,
                text: words,
                ..BuyerMail::default()
            };
            machine.advance(shift(machine.now(), SignedDuration::from_mins(5)));
            let recipients = ["shop@inbox.example".to_owned()];
            let place = format!("mail-{number}");
            assert!(
                machine
                    .mail_arrives(&place, &mail.raw(), &recipients, &pass)
                    .await
                    .unwrap()
            );
            machine.settle().await.unwrap();
        }
        let whose = buyer(alias);
        let threads = machine.table().buyer(&store().id, &whose).await.unwrap().threads;
        let ticket = within24::app::find::ticket(Source::Zendesk, "77");
        let linked = Change::Handle(ticket, Box::new(threads[0].clone()));
        machine.table().commit(vec![linked]).await.unwrap();
        let answer = Answer {
            text: "Ihre Quittenpresse ist unterwegs und kommt am Freitag an.".into(),
            by: "mara@inbox.example".into(),
            r#override: false,
            attachments: vec![
                Attachment::new("lieferschein.pdf", None, format!("%PDF-1.7 {alias}").into_bytes()).unwrap(),
            ],
            idempotency_key: Some(alias.to_owned()),
        };
        let at = machine.now();
        answers::by_a_person(machine.table(), machine.folder(), &threads[0], &answer, at)
            .await
            .unwrap();
        machine.settle().await.unwrap();
    }
    assert_eq!(machine.sink().sent().len(), 4, "two requests and two answers");
}

/// The whole table as text.
async fn table(machine: &Machine) -> String {
    let page = machine.client().scan().table_name("within24").send().await.unwrap();
    assert!(page.last_evaluated_key().is_none());
    format!("{:?}", page.items())
}

/// Every file in the folder and below it, as text.
fn texts_below(folder: &Path) -> Vec<String> {
    let mut texts = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            texts.extend(texts_below(&path));
        } else {
            texts.push(String::from_utf8_lossy(&std::fs::read(path).unwrap()).into_owned());
        }
    }
    texts
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_of_an_erased_buyer_is_left_and_the_numbers_stay() {
    let (mut machine, folder) = worlds::machine(NOW).await;
    lived_in(&mut machine).await;
    let (forgotten, kept) = (buyer("aforgetmeforget"), buyer("akeepmekeepmexx"));
    let before = machine.table().facts(&store().id, day(now())).await.unwrap();
    assert!(table(&machine).await.contains("aforgetmeforget"));
    let his_before = machine.table().holdings(&store().id, &kept).await.unwrap();

    let erased = erase(
        machine.table(),
        machine.folder(),
        &store().id,
        &forgotten,
        machine.now(),
        |_| None,
    )
    .await
    .unwrap();
    assert_eq!(
        erased,
        Erased {
            threads: 1,
            // Two mails, a request, an answer.
            messages: 4,
            outbox: 2,
            // The thread, two names, a ticket, and two ids of each of two mails that were sent.
            traces: 8,
            // Two raw mails, and the file of the answer.
            files: 3,
            versions: 3,
            facts_kept: 3,
        }
    );
    let left = table(&machine).await.to_lowercase();
    for trace in ["aforgetmeforget", "vergissmein", "neuname", "xaver"] {
        assert!(!left.contains(trace), "{trace}");
    }
    // What both were told and told us is there once, not twice.
    assert_eq!(
        left.matches("ist unterwegs").count() + left.matches("noch immer keine").count(),
        3
    );
    let texts = texts_below(folder.path());
    assert!(texts.iter().all(|text| !text.contains("aforgetmeforget")));
    assert!(texts.iter().any(|text| text.contains("akeepmekeepmexx")));

    let mut after = machine.table().facts(&store().id, day(now())).await.unwrap();
    let mut same = before;
    after.sort_by_key(|(_, at, entry)| (*at, format!("{entry:?}")));
    same.sort_by_key(|(_, at, entry)| (*at, format!("{entry:?}")));
    assert_eq!(after, same);
    // The other buyer is as he was.
    let his = machine.table().holdings(&store().id, &kept).await.unwrap();
    assert_eq!(
        (his.threads, his.messages.len()),
        (his_before.threads, his_before.messages.len())
    );
    // Again: nothing is left to be removed.
    let again = erase(
        machine.table(),
        machine.folder(),
        &store().id,
        &forgotten,
        machine.now(),
        |_| None,
    )
    .await
    .unwrap();
    assert_eq!(again, Erased::default());
}

async fn arrive(world: &Memory, number: usize, minutes: i64) {
    let (id, token, place) = (
        format!("id-{number}"),
        format!("TOKEN{number}"),
        format!("mail-{number}"),
    );
    let mail = BuyerMail {
        id: &id,
        token: &token,
        order: None,
        ..BuyerMail::default()
    };
    world.put_mail(&place, &mail.raw());
    let arrival = within24::app::receive::Arrival {
        place,
        recipients: vec!["shop@inbox.example".to_owned()],
        received: shift(now(), SignedDuration::from_mins(minutes)),
        verdicts: within24::domain::trust::Verdicts::default(),
    };
    within24::app::receive::receive(world, world, &arrival, now())
        .await
        .unwrap();
}

async fn in_memory() -> Memory {
    let world = Memory::default();
    world.put_store(store());
    for number in 0..120 {
        arrive(&world, number, i64::try_from(number).unwrap()).await;
    }
    world
}

#[tokio::test]
async fn whoever_dies_while_a_buyer_is_erased_is_started_again_and_ends_it() {
    let whose = buyer(BuyerMail::default().alias);
    let calm = in_memory().await;
    let facts = calm.facts(&store().id, day(now())).await.unwrap();
    for strike in [Strike::Before, Strike::After] {
        // All that is short, and samples of what repeats itself a hundred times.
        for number in (1..8).chain((8..130).step_by(17)).chain(118..135) {
            let world = in_memory().await;
            world.faults.strike(number, strike);
            let run = async || erase(&world, &world, &store().id, &whose, now(), |_| None).await;
            if run().await.is_err() {
                run().await.unwrap();
            }
            world.faults.calm();
            assert!(
                world.holdings(&store().id, &whose).await.unwrap().is_empty(),
                "{strike:?} {number}"
            );
            assert_eq!(world.facts(&store().id, day(now())).await.unwrap().len(), facts.len());
        }
    }
}

#[tokio::test]
async fn a_mail_that_arrives_meanwhile_is_erased_too_or_opens_a_thread_of_its_own() {
    let whose = buyer(BuyerMail::default().alias);
    let world = in_memory().await;
    let store = store().id;
    let erasing = erase(&world, &world, &store, &whose, now(), |_| None);
    let arriving = arrive(&world, 500, 500);
    let (erased, ()) = tokio::join!(erasing, arriving);
    assert!(erased.unwrap().messages >= 120);
    let held = world.holdings(&store, &whose).await.unwrap();
    assert!(held.threads.len() <= 1 && held.messages.len() == held.threads.len());
}

#[tokio::test]
async fn a_buyer_to_whom_a_mail_is_being_sent_is_erased_afterwards() {
    let whose = buyer(BuyerMail::default().alias);
    let world = in_memory().await;
    let item = world.outbox().remove(0);
    let claimed = within24::domain::outgoing::Outgoing {
        state: State::Sending,
        claimed_until: Some(shift(now(), SignedDuration::from_mins(2))),
        ..item
    };
    let moved = Change::Move {
        item: Box::new(claimed),
        from: State::Pending,
    };
    world.commit(vec![moved]).await.unwrap();
    let run = async |at: Timestamp| erase(&world, &world, &store().id, &whose, at, |_| None).await;
    assert!(matches!(run(now()).await, Err(EraseError::Sending)));
    assert!(!world.holdings(&store().id, &whose).await.unwrap().is_empty());
    run(shift(now(), SignedDuration::from_mins(3))).await.unwrap();
    assert!(world.holdings(&store().id, &whose).await.unwrap().is_empty());
}

#[tokio::test]
async fn the_proof_is_written_with_the_last_part() {
    let whose = buyer(BuyerMail::default().alias);
    let world = in_memory().await;
    let proof = |gone: &Erased| {
        let text = format!("{} messages", gone.messages);
        Some(Change::Report(Report::new(
            &store().id,
            now(),
            ReportKind::Webhook,
            &text,
            None,
        )))
    };
    erase(&world, &world, &store().id, &whose, now(), proof).await.unwrap();
    let reasons: Vec<String> = world.reports().into_iter().map(|report| report.reason).collect();
    assert!(reasons.iter().any(|reason| reason == "120 messages"), "{reasons:?}");
}
