//! Rollups: whatever happens in whatever order, they end in the numbers that the facts alone give.

use std::collections::BTreeMap;
use std::sync::Mutex;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use within24::app::mark::{Mark, mark};
use within24::app::receive::{Arrival, receive};
use within24::app::roll_up::{LAG, roll_up, windows_at};
use within24::domain::clock::shift;
use within24::domain::marketplace::Marketplace;
use within24::domain::metrics::{Entry, WINDOWS, day, days_of, window};
use within24::domain::rollup::{Rollup, Windows};
use within24::domain::store::{Store, StoreId};
use within24::domain::thread::Thread;
use within24::domain::trust::Verdicts;
use within24::ports::{Change, Commit, CommitError, Ported, ReadFacts, ReadRollups, RollupState};
use within24::testing::{Memory, Strike};
use within24_tests::mails::BuyerMail;

type Fact = (Marketplace, Timestamp, Entry);

/// A world whose index of facts stays as it was when it last caught up.
struct Lagging {
    world: Memory,
    index: Mutex<BTreeMap<Date, Vec<Fact>>>,
}

impl Lagging {
    fn new() -> Self {
        let world = Memory::default();
        world.put_store(store());
        Self {
            world,
            index: Mutex::default(),
        }
    }

    async fn catch_up(&self, now: Timestamp) {
        let mut index = BTreeMap::new();
        let mut next = day(now);
        for _ in 0..200 {
            index.insert(next, self.world.facts(&store().id, next).await.unwrap());
            next = next.yesterday().unwrap();
        }
        *self.index.lock().unwrap() = index;
    }
}

impl ReadFacts for Lagging {
    async fn facts(&self, _: &StoreId, day: Date) -> Ported<Vec<Fact>> {
        Ok(self.index.lock().unwrap().get(&day).cloned().unwrap_or_default())
    }
}

impl ReadRollups for Lagging {
    async fn rollup_state(&self, store: &StoreId) -> Ported<RollupState> {
        self.world.rollup_state(store).await
    }

    async fn rollups(
        &self,
        store: &StoreId,
        marketplace: Option<Marketplace>,
        days: (Date, Date),
    ) -> Ported<BTreeMap<Date, Rollup>> {
        self.world.rollups(store, marketplace, days).await
    }

    async fn windows(&self, store: &StoreId, marketplace: Option<Marketplace>) -> Ported<Option<Windows>> {
        self.world.windows(store, marketplace).await
    }
}

impl Commit for Lagging {
    async fn commit(&self, changes: Vec<Change>) -> Result<(), CommitError> {
        self.world.commit(changes).await
    }
}

fn store() -> Store {
    Store::new(
        StoreId::parse("de").unwrap(),
        "shop@inbox.example",
        "shop@inbox.example",
    )
}

fn start() -> Timestamp {
    "2026-03-02T00:00:00Z".parse().unwrap()
}

fn minutes(minutes: u32) -> SignedDuration {
    SignedDuration::from_mins(i64::from(minutes))
}

/// One thing that happens, some minutes after the one before.
#[derive(Clone, Debug)]
enum Step {
    /// A buyer's mail is taken in, which was received so many minutes ago.
    Mail { buyer: u8, number: u8, ago: u32 },
    /// Seller Central's copy of an answer is taken in, which was received so many minutes ago.
    Copy { buyer: u8, number: u8, ago: u32 },
    /// Amazon says that the last answer did not arrive.
    Undo { buyer: u8, number: u8 },
    /// A person takes the waiting messages out.
    NoResponseNeeded { buyer: u8 },
    /// A person puts them back.
    Reopen { buyer: u8 },
    /// The index of facts catches up, or not.
    Index { catches_up: bool },
    /// The schedule runs, and may die at this call.
    RollUp { dies_at: Option<usize> },
}

fn steps() -> impl Strategy<Value = Vec<(u32, Step)>> {
    let buyer = 0..3u8;
    // Mostly at once, sometimes days late: a queue that stood still, a redrive of the dead-letter queue.
    let ago = || prop_oneof![3 => Just(0u32), 1 => 0..600u32, 1 => 0..12_000u32];
    let step = prop_oneof![
        5 => (buyer.clone(), 0..6u8, ago()).prop_map(|(buyer, number, ago)| Step::Mail { buyer, number, ago }),
        3 => (buyer.clone(), 0..6u8, ago()).prop_map(|(buyer, number, ago)| Step::Copy { buyer, number, ago }),
        1 => (buyer.clone(), 0..6u8).prop_map(|(buyer, number)| Step::Undo { buyer, number }),
        1 => buyer.clone().prop_map(|buyer| Step::NoResponseNeeded { buyer }),
        1 => buyer.prop_map(|buyer| Step::Reopen { buyer }),
        3 => any::<bool>().prop_map(|catches_up| Step::Index { catches_up }),
        4 => prop::option::weighted(0.3, 1..12usize).prop_map(|dies_at| Step::RollUp { dies_at }),
    ];
    let later = prop_oneof![4 => 0..120u32, 2 => 0..1500u32, 1 => 0..9000u32];
    prop::collection::vec((later, step), 1..40)
}

fn alias(buyer: u8) -> String {
    format!("buyer{buyer}aaaaaaaaa")
}

/// The first two buyers write from Germany, the third from France.
fn domain(buyer: u8) -> &'static str {
    if buyer == 2 { "fr" } else { "de" }
}

fn order(buyer: u8) -> String {
    format!("302-{buyer:07}-7654321")
}

async fn take_in(world: &Memory, raw: &[u8], received: Timestamp, now: Timestamp) {
    world.put_mail("mail", raw);
    let arrival = Arrival {
        place: "mail".to_owned(),
        recipients: vec!["shop@inbox.example".to_owned()],
        received,
        verdicts: Verdicts::default(),
    };
    receive(world, world, &arrival, now).await.unwrap();
}

fn buyers_mail(buyer: u8, number: u8, received: Timestamp) -> Vec<u8> {
    let (alias, order, id) = (alias(buyer), order(buyer), format!("m-{buyer}-{number}"));
    let date = received.strftime("%a, %d %b %Y %H:%M:%S +0000").to_string();
    BuyerMail {
        alias: &alias,
        domain: domain(buyer),
        order: Some(&order),
        id: &id,
        token: &id,
        date: &date,
        ..BuyerMail::default()
    }
    .raw()
}

/// A mail from Amazon itself about a buyer's order.
fn amazons_mail(kind: &str, id: &str, buyer: u8) -> Vec<u8> {
    format!(
        "From: Seller Central <donotreply@amazon.com>\r\nTo: shop@inbox.example\r\nSubject: Order {order}\r\n\
         Message-ID: <{id}@eu-west-1.amazonses.com>\r\nX-Space-Notification-Type: {kind}\r\nMIME-Version: 1.0\r\n\
         Content-Type: text/plain; charset=utf-8\r\n\r\nOrder ID {order}:\r\n\
         ------------- Begin message -------------\r\nIt comes on Friday.\r\n------------- End message -------------\r\n",
        order = order(buyer),
    )
    .into_bytes()
}

fn thread(world: &Memory, buyer: u8) -> Option<Thread> {
    let address = format!("{}@marketplace.amazon.{}", alias(buyer), domain(buyer));
    world
        .threads()
        .into_iter()
        .find(|thread| thread.buyer.expose() == address)
}

async fn decide(world: &Memory, buyer: u8, decision: &Mark, now: Timestamp) {
    if let Some(thread) = thread(world, buyer) {
        // "Nothing to reopen" is an answer too.
        let _ = mark(world, &store(), &thread.buyer, &thread.id, decision, None, now).await;
    }
}

/// The windows from all facts of the world, as the index would give them.
async fn from_scratch(world: &Memory, marketplace: Option<Marketplace>, now: Timestamp) -> Windows {
    let mut entries = Vec::new();
    let (mut next, last) = days_of(90, now);
    while next <= last {
        let facts = world.facts(&store().id, next).await.unwrap();
        let here = facts
            .into_iter()
            .filter(|(of, ..)| marketplace.is_none_or(|wanted| wanted == *of));
        entries.extend(here.map(|(_, at, entry)| (at, entry)));
        next = next.tomorrow().unwrap();
    }
    WINDOWS.map(|days| window(entries.iter().copied(), days, now))
}

async fn run(steps: &[(u32, Step)]) -> Result<(), TestCaseError> {
    let world = Lagging::new();
    let id = store().id;
    let mut now = start();
    let mut caught_up = now;
    for (later, step) in steps {
        now = shift(now, minutes(*later));
        // The index lags, but not for ever.
        if now.duration_since(caught_up) > shift_back(LAG) {
            world.catch_up(now).await;
            caught_up = now;
        }
        match step {
            Step::Mail { buyer, number, ago } => {
                let received = shift(now, -minutes(*ago));
                take_in(&world.world, &buyers_mail(*buyer, *number, received), received, now).await;
            }
            Step::Copy { buyer, number, ago } => {
                let copy = amazons_mail(
                    "BBC_MESSAGE_CONFIRMATION_TO_MERCHANT",
                    &format!("c-{buyer}-{number}"),
                    *buyer,
                );
                take_in(&world.world, &copy, shift(now, -minutes(*ago)), now).await;
            }
            Step::Undo { buyer, number } => {
                let kind = "BUYER_OPTED_OUT_BSM_MESSAGES";
                let notice = amazons_mail(kind, &format!("n-{buyer}-{number}"), *buyer);
                take_in(&world.world, &notice, now, now).await;
            }
            Step::NoResponseNeeded { buyer } => decide(&world.world, *buyer, &Mark::NoResponseNeeded, now).await,
            Step::Reopen { buyer } => decide(&world.world, *buyer, &Mark::Reopen, now).await,
            Step::Index { catches_up: true } => {
                world.catch_up(now).await;
                caught_up = now;
            }
            Step::Index { catches_up: false } => {}
            Step::RollUp { dies_at: None } => drop(roll_up(&world, &id, now).await.unwrap()),
            Step::RollUp { dies_at: Some(call) } => {
                world.world.faults.strike(*call, Strike::After);
                let _ = roll_up(&world, &id, now).await;
                world.world.faults.calm();
            }
        }
    }
    world.catch_up(now).await;
    roll_up(&world, &id, now).await.unwrap();
    // Read at once, and later, when messages have become late by themselves.
    for hours in [0, 7, 23, 30] {
        let read = shift(now, SignedDuration::from_hours(hours));
        for marketplace in [
            None,
            Marketplace::parse("DE"),
            Marketplace::parse("FR"),
            Marketplace::parse("IT"),
        ] {
            let kept = windows_at(&world, &id, marketplace, read).await.unwrap();
            prop_assert_eq!(
                kept,
                from_scratch(&world.world, marketplace, read).await,
                "{:?} {}",
                marketplace,
                hours
            );
        }
    }
    Ok(())
}

/// The longest the index lags behind in these runs: a step less than what rollups allow for.
fn shift_back(lag: SignedDuration) -> SignedDuration {
    lag - SignedDuration::from_mins(1)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    /// Late mails, late answers, bounces, decisions, redeliveries, runs that die, an index that lags: in any order.
    #[test]
    fn rollups_end_in_the_numbers_of_the_facts(steps in steps()) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(run(&steps))?;
    }
}

#[tokio::test]
async fn facts_that_change_days_later_are_rolled_up() {
    let world = Lagging::new();
    let id = store().id;
    let hours = |hours| shift(start(), SignedDuration::from_hours(hours));
    let seen = async |now| {
        world.catch_up(now).await;
        let rolled = roll_up(&world, &id, now).await.unwrap();
        let [week, ..] = windows_at(&world, &id, None, now).await.unwrap();
        (
            rolled.days,
            week.within,
            week.answered_late,
            week.unanswered,
            week.no_response_needed,
        )
    };
    let scratch = &world.world;
    take_in(scratch, &buyers_mail(0, 0, hours(1)), hours(1), hours(1)).await;
    assert_eq!(
        seen(hours(2)).await,
        (92, 0, 0, 0, 0),
        "the first run takes all days of the windows"
    );
    assert_eq!(seen(hours(26)).await, (3, 0, 0, 1, 0), "late by itself");
    let copy = amazons_mail("BBC_MESSAGE_CONFIRMATION_TO_MERCHANT", "c", 0);
    take_in(scratch, &copy, hours(73), hours(73)).await;
    assert_eq!(scratch.rollup_state(&id).await.unwrap().changed.len(), 1);
    assert_eq!(seen(hours(73)).await.2, 1, "answered three days later");
    let notice = amazons_mail("BUYER_OPTED_OUT_BSM_MESSAGES", "n", 0);
    take_in(scratch, &notice, hours(75), hours(75)).await;
    assert_eq!(seen(hours(75)).await.3, 1, "the answer did not arrive");
    decide(scratch, 0, &Mark::NoResponseNeeded, hours(76)).await;
    assert_eq!(seen(hours(76)).await.4, 1, "marked afterwards");
    decide(scratch, 0, &Mark::Reopen, hours(77)).await;
    assert_eq!(
        seen(hours(77)).await,
        (3, 0, 0, 1, 0),
        "reopened: today, yesterday, the marked day"
    );
    assert_eq!(
        seen(hours(79)).await.0,
        3,
        "looked at once more, when the index must have caught up"
    );
    assert_eq!(scratch.rollup_state(&id).await.unwrap().changed, []);
    assert_eq!(seen(hours(80)).await, (2, 0, 0, 1, 0), "then left alone");
    // Three days in a dead-letter queue, then taken in and inside no rollup's own days.
    take_in(scratch, &buyers_mail(1, 0, hours(8)), hours(8), hours(81)).await;
    assert_eq!(seen(hours(81)).await, (3, 0, 0, 2, 0));
}

#[tokio::test]
async fn what_the_index_shows_only_after_midnight_is_not_lost() {
    let world = Lagging::new();
    let id = store().id;
    let at = |minutes| shift(start(), SignedDuration::from_mins(minutes));
    let midnight = 2 * 24 * 60;
    take_in(&world.world, &buyers_mail(0, 0, at(1000)), at(1000), at(1000)).await;
    world.catch_up(at(1000)).await;
    roll_up(&world, &id, at(midnight - 60)).await.unwrap();
    // Answered a minute before midnight, on the last day on which its own day is yesterday: nothing is marked.
    let copy = amazons_mail("BBC_MESSAGE_CONFIRMATION_TO_MERCHANT", "c", 0);
    take_in(&world.world, &copy, at(midnight - 1), at(midnight - 1)).await;
    assert_eq!(world.world.rollup_state(&id).await.unwrap().changed, []);
    roll_up(&world, &id, at(midnight + 1)).await.unwrap();
    world.catch_up(at(midnight + 2)).await;
    let now = at(midnight + 61);
    roll_up(&world, &id, now).await.unwrap();
    assert_eq!(
        windows_at(&world, &id, None, now).await.unwrap(),
        from_scratch(&world.world, None, now).await
    );
}
