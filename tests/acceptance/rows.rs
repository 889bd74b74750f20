//! What stands in the table, row for row: one snapshot a kind of row.
//!
//! The kinds are those of the list at the top of `keys.rs`: one that no row is of fails, and a row that is of none does too. So does
//! an attribute that the adapter writes and no row has.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Write as _;
use std::path::Path;

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use regex::Regex;
use serde_json::Value;
use tempfile::TempDir;
use within24::adapters::dynamodb::Table;
use within24::app::erase::erase;
use within24::app::mark::{Mark, mark};
use within24::app::{endpoints, stores, tokens};
use within24::domain::alert::{LEVELS, OperatorLanguage};
use within24::domain::alias::Alias;
use within24::domain::clock::{Level, shift};
use within24::domain::deed::{By, Deed, Did};
use within24::domain::endpoint::Answer;
use within24::domain::event::{Event, EventType};
use within24::domain::key::Key;
use within24::domain::marketplace::Marketplace;
use within24::domain::metrics;
use within24::domain::outgoing::{CLAIM, Outgoing, State};
use within24::domain::quiet_hours::QuietHours;
use within24::domain::screening::{Draft, Settings, screen};
use within24::domain::store::{Store, StoreId};
use within24::domain::thread::{Status, Thread};
use within24::domain::token::{RANDOM_BYTES, Reach, Role, Scopes, TokenId};
use within24::ports::{Change, Commit, FindThreads, Handle, PublishEvents, ReadBuyer, RegistryChange};
use within24::testing::Outside;
use within24_local::machine::Machine;
use within24_local::{endpoints::Outgoing as Calls, replay, timeline};
use within24_tests::mails::BuyerMail;
use within24_tests::worlds;

use crate::snapshot;

/// Folders of timelines, each with its rows.
const TIMELINES: [&str; 9] = [
    "demo",
    "scenarios/alerts-levels",
    "scenarios/clock-imports-have-none",
    "scenarios/copies-before-their-question",
    "scenarios/delivery-bounce-puts-back",
    "scenarios/replies-with-files",
    "scenarios/threads-notice-alone",
    "scenarios/trust-quarantine",
    "scenarios/webhooks-facts-of-a-ticket",
];

type Row = BTreeMap<String, AttributeValue>;

/// A kind of row as the list of the keys has it.
struct Kind {
    name: String,
    pk: Regex,
    sk: Regex,
}

impl Kind {
    /// Out of a line of the list: `| item | pk | sk |`, the keys in backticks, with `<names>` for what differs.
    fn listed(line: &str) -> Option<Self> {
        let mut cells = line.strip_prefix("//! | ")?.split(" | ").skip(1);
        let mut key = || cells.next()?.split('`').nth(1).map(str::to_owned);
        let (pk, sk) = (key()?, key()?);
        let fixed = |key: &str| {
            let parts = key.split('#').filter(|part| !part.starts_with('<'));
            parts
                .map(|part| part.replace('~', "own").to_lowercase())
                .collect::<Vec<_>>()
        };
        let mut name = fixed(&pk);
        name.extend(fixed(&sk).into_iter().filter(|part| pk.to_lowercase() != *part));
        name.dedup();
        let pattern = |key: &str| {
            let parts = key.split('#').map(|part| {
                if part.starts_with('<') {
                    "[^#]+".to_owned()
                } else {
                    regex::escape(part)
                }
            });
            Regex::new(&format!("^{}$", parts.collect::<Vec<_>>().join("#"))).unwrap()
        };
        Some(Self {
            name: name.join("-"),
            pk: pattern(&pk),
            sk: pattern(&sk),
        })
    }

    fn is(&self, row: &Row) -> bool {
        let key = |name: &str| row[name].as_s().unwrap().as_str();
        self.pk.is_match(key("pk")) && self.sk.is_match(key("sk"))
    }
}

/// The list at the top of the file of keys.
fn kinds() -> Vec<Kind> {
    let file = adapter().into_iter().find(|(name, _)| name == "keys.rs").unwrap().1;
    file.lines().filter_map(Kind::listed).collect()
}

/// The files of the adapter.
fn adapter() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/src/adapters/dynamodb");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    files
        .map(|path| {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            (name, std::fs::read_to_string(path).unwrap())
        })
        .collect()
}

/// The names under which the adapter puts something into a row.
fn attributes() -> BTreeSet<String> {
    let put = Regex::new(r#"\.(?:text|number|flag|time|list|bytes|long_text)(?:_if)?\(\s*"([a-z_]+)""#).unwrap();
    let set = Regex::new(r"(?:SET|ADD|,) #?([a-z_]+) (?:= )?:").unwrap();
    let files = adapter();
    let found = files.iter().flat_map(|(_, file)| {
        let names = put.captures_iter(file).chain(set.captures_iter(file));
        names.map(|found| found[1].to_owned())
    });
    found.collect()
}

/// The whole table.
async fn rows(machine: &Machine) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut pages = machine.client().scan().table_name("within24").into_paginator().send();
    while let Some(page) = pages.next().await {
        let items: Vec<HashMap<String, AttributeValue>> = page.unwrap().items.unwrap_or_default();
        rows.extend(items.into_iter().map(|item| item.into_iter().collect::<Row>()));
    }
    rows
}

/// A value by its type in DynamoDB; long texts are packed.
fn written(value: &AttributeValue) -> String {
    match value {
        AttributeValue::S(text) => format!("S {text:?}"),
        AttributeValue::N(number) => format!("N {number}"),
        AttributeValue::Bool(flag) => format!("BOOL {flag}"),
        AttributeValue::L(all) => format!("L [{}]", all.iter().map(written).collect::<Vec<_>>().join(", ")),
        AttributeValue::Ss(all) => format!("SS {:?}", all.iter().collect::<BTreeSet<_>>()),
        AttributeValue::B(bytes) => {
            let unpacked = miniz_oxide::inflate::decompress_to_vec(bytes.as_ref()).ok();
            match unpacked
                .and_then(|bytes| String::from_utf8(bytes).ok())
                .filter(|text| text.len() > 64)
            {
                Some(text) => format!("B packed {text:?}"),
                None => format!("B {}", hex::encode(bytes)),
            }
        }
        other => panic!("a type that no row has: {other:?}"),
    }
}

fn now() -> Timestamp {
    "2026-03-02T09:00:00Z".parse().unwrap()
}

fn hours(hours: i64) -> Timestamp {
    shift(now(), SignedDuration::from_hours(hours))
}

/// Who does things by a token, and who does by the command.
fn mara() -> By {
    By {
        token: TokenId::parse("0123456789abcdef"),
        name: "Mara Lind".into(),
    }
}

fn command() -> By {
    By {
        token: None,
        name: "command".into(),
    }
}

fn id(name: &str) -> StoreId {
    StoreId::parse(name).unwrap()
}

/// A store with every setting, and one that gave up its recipient; tokens in every state.
async fn registered(table: &Table) -> Store {
    let everything = Scopes::everywhere(Role::Admin);
    let mut store = Store::new(id("kontorhaus"), "shop@inbox.example", "shop@inbox.example");
    store.marketplaces = ["DE", "FR"]
        .iter()
        .filter_map(|code| Marketplace::parse(code))
        .collect();
    store.daily_orders = 12;
    store.quiet_hours = QuietHours::parse("22:00-07:00 Europe/Berlin");
    store.closed_needs_no_response = true;
    store.screen.set_rule("emoji", "off").unwrap();
    store.screen.add_phrase("marketing", "lamp* club").unwrap();
    store.screen.allow_host("track.example");
    store.screen.accept_the_risk(true);
    let moved = Store::new(id("lampenhaus"), "new@inbox.example", "new@inbox.example");
    let before = Store::new(id("lampenhaus"), "old@inbox.example", "old@inbox.example");
    for one in [&store, &before, &moved] {
        stores::register(table, one, &everything, &command(), now())
            .await
            .unwrap();
    }
    for (seed, name, ends_at) in [(1, "Jonas", None), (2, "Ayşe", Some(hours(24))), (3, "a script", None)] {
        let scopes = [("kontorhaus", Role::Agent), ("lampenhaus", Role::Lead)];
        let wanted = tokens::Wanted {
            name: name.into(),
            scopes: scopes
                .iter()
                .map(|(store, role)| (Reach::parse(store).unwrap(), *role))
                .collect(),
            ends_at,
        };
        let made = tokens::make(table, wanted, &everything, &mara(), &[seed; RANDOM_BYTES], now()).await;
        let made = made.unwrap().0;
        if seed == 1 {
            let used = RegistryChange::TokenUsed {
                id: made.id.clone(),
                day: metrics::day(now()),
            };
            table.commit(vec![Change::Registry(used)]).await.unwrap();
        }
        if seed == 3 {
            tokens::revoke(table, &made.id, &everything, &mara(), hours(1))
                .await
                .unwrap();
        }
    }
    store
}

/// Endpoints in every state, and what became of telling them: one has it, one not yet, one wants no more.
async fn told(table: &Table, store: &StoreId) {
    let by = mara();
    let mut made = Vec::new();
    let types = EventType::names();
    let none: &[&str] = &[];
    let wanted = [&types[0..1], &types[1..2], &types[2..3], none, none];
    for (number, events) in (1..).zip(wanted) {
        let url = format!("https://hooks.example.com/{number}");
        let one = endpoints::create(table, store, &url, events, &by, now(), &[number; 32]).await;
        made.push(one.unwrap().endpoint.id);
    }
    endpoints::rotate(table, store, &made[0], &by, hours(1), &[9; 32])
        .await
        .unwrap();
    endpoints::disable(table, store, &made[3], &by, hours(1)).await.unwrap();
    endpoints::delete(table, store, &made[4], &by, hours(1)).await.unwrap();

    let alias = Alias::parse("akeepmekeepmexx@marketplace.amazon.de").unwrap();
    let thread = Thread::open(store.clone(), alias, &Key::of(&["told"]), now());
    let alert = |level| Event::alert(&thread, level, now(), hours(24), hours(2));
    let (outside, calls) = (Outside::default(), Calls::new(|| hours(2)));
    for (event, status) in [
        (Event::opened(&thread), 200),
        (alert(Level::Nearing), 503),
        (alert(Level::Critical), 410),
    ] {
        outside.will_answer(Answer::Status(status, None));
        table
            .commit(vec![Change::Event(Box::new(event.clone()))])
            .await
            .unwrap();
        calls.publish(&[event]).await.unwrap();
        calls.turn(table, &outside, |_| {}).await.unwrap();
    }
}

/// Mail of three buyers: one who writes so often that marks of older mails are handed over, one who waits, one who is erased.
async fn written_to(machine: &mut Machine, store: &Store) {
    let pass = ["spam", "virus", "spf", "dkim", "dmarc"].map(|check| (check, "PASS".to_owned()));
    let recipients = [store.recipient.clone()];
    for number in 0..19 {
        let (words, token) = (format!("id-{number}"), format!("A{number}"));
        let alias = match number {
            17 => "awaitsananswer1",
            18 => "aforgetmeforget",
            _ => "akeepmekeepmexx",
        };
        let mail = BuyerMail {
            alias,
            // A new name is a new subject.
            name: if number == 16 { "Vera Neuname" } else { "Vera Muster" },
            id: &words,
            token: &token,
            ..BuyerMail::default()
        };
        machine.advance(shift(machine.now(), SignedDuration::from_mins(1)));
        let place = format!("mail-{number}");
        assert!(
            machine
                .mail_arrives(&place, &mail.raw(), &recipients, &pass)
                .await
                .unwrap()
        );
    }
}

/// An answer in each state, an entry for each deed, and a message of the day.
async fn stated(table: &Table, store: &StoreId, thread: &Thread, at: Timestamp) {
    for state in states() {
        let words = "Guten Tag, Ihr Paket kommt morgen an.".into();
        let item = Outgoing::reply(thread, words, "Mara Lind".into(), false, state.as_str(), at);
        let item = Outgoing {
            state,
            claimed_until: (state == State::Sending).then(|| shift(at, CLAIM)),
            held_on: (state == State::Held).then(|| metrics::day(at)),
            ..item
        };
        table.commit(vec![Change::Outgoing(Box::new(item))]).await.unwrap();
    }
    // What `send-reply` says of an answer that a webhook brought and the screen blocks.
    let words = "More of them: https://shop.kontorhaus.example/";
    let item = Outgoing::reply(thread, words.into(), "Mara Lind".into(), false, "blocked", at);
    let draft = Draft {
        text: words.into(),
        ..Draft::default()
    };
    let blocked = Event::blocked(thread, &item, &screen(&draft, &Settings::default()), at);
    table.commit(vec![Change::Event(Box::new(blocked))]).await.unwrap();
    for &what in Deed::ALL {
        let did = Did::new(Some(store), at, &mara(), what, Some(&thread.id), Some("about".into()));
        table.commit(vec![Change::Did(Box::new(did))]).await.unwrap();
    }
    let day: Date = metrics::day(at);
    let spend = Change::Spend {
        store: store.clone(),
        day,
        limit: 5,
    };
    table.commit(vec![spend]).await.unwrap();
}

/// A buyer whose thread is long, read and held, and another of whom nothing is left.
async fn lived_in() -> (Machine, TempDir) {
    let (mut machine, folder) = worlds::machine(&now().to_string()).await;
    let store = registered(machine.table()).await;
    told(machine.table(), &store.id).await;
    written_to(&mut machine, &store).await;
    machine.settle().await.unwrap();
    machine.roll_up().await.unwrap();
    machine.advance(hours(21));
    machine.sweep(OperatorLanguage::En).await.unwrap();
    let (table, at) = (machine.table(), hours(22));
    let buyer = |alias: &str| Alias::parse(&format!("{alias}@marketplace.amazon.de")).unwrap().buyer();
    let forgotten = buyer("aforgetmeforget");
    let erased = erase(table, machine.folder(), &store.id, &forgotten, at, |_| None)
        .await
        .unwrap();
    assert_eq!(erased.messages, 1);

    let thread = table
        .buyer(&store.id, &buyer("akeepmekeepmexx"))
        .await
        .unwrap()
        .threads
        .remove(0);
    let assigned = Mark::Assign(Some("jonas@kontorhaus.example".into()));
    for decision in [Mark::Read, assigned] {
        mark(table, &store, &thread.buyer, &thread.id, &decision, Some(&mara()), at)
            .await
            .unwrap();
    }
    let thread = table
        .find(&store.id, &Handle::Thread(thread.id))
        .await
        .unwrap()
        .remove(0);
    stated(table, &store.id, &thread, at).await;
    // Days later what a past day counts is changed, and counted anew.
    let later = hours(24 * 4);
    mark(
        table,
        &store,
        &thread.buyer,
        &thread.id,
        &Mark::NoResponseNeeded,
        Some(&mara()),
        later,
    )
    .await
    .unwrap();
    machine.advance(shift(later, SignedDuration::from_hours(2)));
    machine.roll_up().await.unwrap();
    (machine, folder)
}

/// The states of an answer, as the API's document lists them.
fn states() -> Vec<State> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../infra/openapi.yaml");
    let document: Value = yaml_serde::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let names = &document["components"]["schemas"]["Answer"]["properties"]["state"]["enum"];
    let names = names.as_array().unwrap().iter();
    names
        .map(|name| State::parse(name.as_str().unwrap()).unwrap())
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_kind_of_row_is_as_its_snapshot_shows() {
    let mut all = Vec::new();
    for folder in TIMELINES {
        let base = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(folder);
        let events = timeline::parse(&std::fs::read_to_string(base.join("timeline.jsonl")).unwrap());
        let raw = tempfile::tempdir().unwrap();
        let replayed = replay::run(events, &base, raw.path()).await.unwrap();
        all.push((folder, rows(&replayed.machine).await));
    }
    let (machine, _folder) = lived_in().await;
    all.push(("a world that was lived in", rows(&machine).await));

    let kinds = kinds();
    let mut pages: BTreeMap<&str, String> = kinds.iter().map(|kind| (kind.name.as_str(), String::new())).collect();
    let mut seen = BTreeSet::new();
    for (folder, mut rows) in all {
        rows.sort_by_key(|row| (row["pk"].as_s().unwrap().clone(), row["sk"].as_s().unwrap().clone()));
        let mut titled = BTreeSet::new();
        for row in rows {
            let kind = kinds.iter().find(|kind| kind.is(&row));
            let kind = kind.unwrap_or_else(|| {
                panic!(
                    "the list of keys has no row like {} {}",
                    written(&row["pk"]),
                    written(&row["sk"])
                )
            });
            let page = pages.get_mut(kind.name.as_str()).unwrap();
            if titled.insert(&kind.name) {
                write!(page, "## {folder}\n\n").unwrap();
            }
            for (name, value) in &row {
                writeln!(page, "{name}: {}", written(value)).unwrap();
                seen.insert(name.clone());
            }
            page.push('\n');
        }
    }
    for (name, page) in &pages {
        assert!(!page.is_empty(), "no row is of the kind {name}");
        snapshot("rows", name, page.trim_end());
    }
    let values = |kind: &str, name: &str, all: &mut dyn Iterator<Item = &'static str>| {
        let line = |value: &str| format!("\n{name}: S {value:?}\n");
        all.filter(|value| !pages[kind].contains(&line(value)))
            .map(|value| format!("{kind}: {name}: {value}"))
            .collect::<Vec<String>>()
    };
    let missing = [
        values(
            "buyer-thread",
            "status",
            &mut Status::ALL.iter().map(|one| one.as_str()),
        ),
        values("buyer-thread", "alerted", &mut LEVELS.iter().map(|one| one.as_str())),
        values("buyer-out", "state", &mut states().iter().map(|one| one.as_str())),
        values("deed", "what", &mut Deed::ALL.iter().map(|one| one.as_str())),
        values("event", "type", &mut EventType::names().into_iter()),
    ];
    assert_eq!(missing.concat(), [""; 0], "values that no row has");
    let unseen: Vec<String> = attributes().difference(&seen).cloned().collect();
    assert_eq!(unseen, [""; 0], "attributes that no row has");
}
