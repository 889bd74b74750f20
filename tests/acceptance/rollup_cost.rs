//! What rollups cost, as DynamoDB reports it.

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use within24::adapters::dynamodb::Table;
use within24::app::roll_up::{roll_up, windows_at};
use within24::domain::alias::Alias;
use within24::domain::clock::shift;
use within24::domain::key::Key;
use within24::domain::message::{Fact, Message, MessageKind};
use within24::domain::metrics::{Window, day, midnight};
use within24::domain::rollup::Rollup;
use within24::domain::store::{Store, StoreId};
use within24::domain::thread::ThreadId;
use within24::ports::{Change, Commit, RollupChange};
use within24_tests::worlds;

const NOW: &str = "2026-03-31T12:00:00Z";

fn now() -> Timestamp {
    NOW.parse().unwrap()
}

fn store() -> StoreId {
    StoreId::parse("de").unwrap()
}

fn back(days: i64) -> Date {
    day(shift(now(), -SignedDuration::from_hours(24 * days)))
}

async fn write(table: &Table, changes: Vec<Change>) {
    for part in changes.chunks(100) {
        table.commit(part.to_vec()).await.unwrap();
    }
}

/// 100,000 messages in 90 days, and nobody has answered for 24 hours: the most that the rollups can hold.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_window_of_90_days_and_100_000_messages_costs_at_most_3_read_units() {
    let (machine, _folder) = worlds::machine(NOW).await;
    let table = machine.table();
    let a_day = 100_000 / 90;
    let changes = (0..90).map(|days| {
        let counts = Window {
            within: if days < 2 { 0 } else { a_day * 9 / 10 },
            unanswered: a_day / 50,
            answered_late: a_day / 12,
            answer_seconds: a_day * 41_234,
            automatic: a_day / 20,
            no_response_needed: a_day / 30,
        };
        // Uneven gaps, as people write.
        let waiting = (0..if days < 2 { a_day / 2 } else { 0 })
            .map(|number| i64::try_from(number * 77_000 + number * number % 70_001).unwrap())
            .map(|millis| shift(midnight(back(days)), SignedDuration::from_millis(millis)))
            .collect();
        let rollup = RollupChange::Day {
            marketplace: None,
            day: back(days),
            rollup: Rollup::kept(counts, waiting),
        };
        Change::Rollup(store(), rollup)
    });
    write(table, changes.collect()).await;
    table.meter().take();
    let [_, _, longest] = windows_at(table, &store(), None, now()).await.unwrap();
    let read = table.meter().take().read;
    assert!(longest.within + longest.late() > 90_000, "{longest:?}");
    assert!(read <= 3.0, "{read} read units");
}

fn message(day: Date, number: i64) -> Change {
    let alias = Alias::parse(&format!("buyer{}aaaaaaaa@marketplace.amazon.de", number % 7)).unwrap();
    let at = shift(midnight(day), SignedDuration::from_secs(number));
    let message = Message {
        key: Key::of(&[day.to_string(), number.to_string()]),
        thread: ThreadId::parse("t").unwrap(),
        at,
        by: None,
        kind: MessageKind::Buyer,
        mail: None,
        automatic: false,
        text: Some("Wo ist mein Paket?".into()),
        message_id: None,
        raw: None,
        attachments: 0,
        fact: Some(Fact::Answered(shift(at, SignedDuration::from_hours(3)))),
        failed: false,
    };
    Change::Message(Box::new(message), store(), alias.buyer())
}

/// Read units of a rollup of today, yesterday and one marked day with five messages each, where every other day has so many.
async fn cost_beside(others: i64) -> f64 {
    let (machine, _folder) = worlds::machine(NOW).await;
    let table = machine.table();
    table.put_store(&Store::new(store(), "*", "a@x.example")).await.unwrap();
    let marked = back(40);
    let days = (0..92).map(|days| (back(days), if days < 3 || days == 40 { 5 } else { others }));
    let messages = days.flat_map(|(day, count)| (0..count).map(move |number| message(day, number)));
    write(table, messages.collect()).await;
    let first = roll_up(table, &store(), shift(now(), -SignedDuration::from_hours(2)))
        .await
        .unwrap();
    assert_eq!(first.days, 92);
    let change = RollupChange::DayChanged { day: marked, at: now() };
    write(table, vec![message(marked, 99), Change::Rollup(store(), change)]).await;
    table.meter().take();
    let second = roll_up(table, &store(), now()).await.unwrap();
    assert_eq!(second.days, 3);
    table.meter().take().read
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_rollup_of_a_changed_day_reads_that_days_facts_and_no_others() {
    let (few, many) = (cost_beside(1).await, cost_beside(50).await);
    assert!(
        (many - few).abs() <= 1.0,
        "{few} read units beside few messages, {many} beside many"
    );
    assert!(many <= 12.0, "{many} read units");
}
