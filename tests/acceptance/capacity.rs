//! What a mail costs, as DynamoDB reports it.

use jiff::SignedDuration;
use within24::adapters::dynamodb::keys;
use within24::app::answer::Answer;
use within24::app::list::list;
use within24::app::{endpoints, notify};
use within24::domain::alert::OperatorLanguage;
use within24::domain::alias::Alias;
use within24::domain::clock;
use within24::domain::event::{Event, WindowCount};
use within24::domain::key::Key;
use within24::domain::listing::Filter;
use within24::domain::order_id::OrderId;
use within24::domain::store::{Store, StoreId};
use within24::domain::thread::{Status, Thread};
use within24::ports::{Change, Commit, ReadBuyer};
use within24::testing::{CallQueue, Outside};
use within24_tests::answers;
use within24_tests::endpoints::person;
use within24_tests::mails::BuyerMail;
use within24_tests::worlds;

const PASS: [(&str, &str); 5] = [
    ("spam", "PASS"),
    ("virus", "PASS"),
    ("spf", "PASS"),
    ("dkim", "PASS"),
    ("dmarc", "PASS"),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_buyers_message_in_a_known_thread_costs_at_most_8_write_and_3_read_units() {
    let (mut machine, _folder) = worlds::machine("2026-03-02T09:00:00Z").await;
    let store = Store::new(
        StoreId::parse("de").unwrap(),
        "shop@inbox.example",
        "shop@inbox.example",
    );
    machine.table().put_store(&store).await.unwrap();
    let verdicts = PASS.map(|(check, verdict)| (check, verdict.to_owned()));
    let recipients = ["shop@inbox.example".to_owned()];
    // A kilobyte of a buyer's words, hardly any of them twice.
    let words = "Guten Tag, die Laterne kam gestern an, doch das Glas hat einen Sprung und der Docht fehlt im Karton. \
        Auf der Schachtel steht Modell 14, bestellt war Modell 12 mit Messinggriff. Mein Nachbar hat dieselbe und meint, \
        sie sei kleiner. Können Sie mir die richtige schicken, oder soll ich erst Fotos machen? Am Freitag fahren wir in \
        den Urlaub, darum wäre es schön, wenn das Paket vorher käme; sonst bitte an die Adresse meiner Schwester, die Sie \
        schon haben. Der Bote hat übrigens nicht geklingelt, sondern alles neben die Mülltonne gestellt, im Regen, und der \
        Deckel war offen. Das Kabel passt auch nicht zur Dose im Flur, obwohl es in der Beschreibung so steht. Ich habe bei \
        Ihnen schon dreimal gekauft und war immer zufrieden, deshalb hoffe ich auf eine gute Lösung. Falls die Farbe Kupfer \
        aus ist, nehme ich notfalls Zink, aber bitte kein Schwarz. Vielen Dank im Voraus für Ihre Mühe und einen schönen Tag \
        noch wünscht Ihnen Vera Muster aus Kiel, die gern wieder bestellt.";
    assert!((900..=1024).contains(&words.len()), "{}", words.len());
    let buyer = Alias::parse("a1b2c3d4e5f6g7h@marketplace.amazon.de").unwrap().buyer();
    let mut before = (0.0, 0.0);
    let mut dearest = (0.0_f64, 0.0_f64);
    // Long enough that a thread hands over marks of older mails several times. In between people say that it is done, so
    // that some messages begin a waiting period and others do not, now this way and now that.
    for number in 0..60 {
        let (id, token) = (format!("id-{number}"), format!("A{number}"));
        let raw = BuyerMail {
            id: &id,
            token: &token,
            text: words,
            case: Some("01234567-89ab-4cde-8f01-23456789abcd"),
            ..BuyerMail::default()
        }
        .raw();
        machine.advance(clock::shift(machine.now(), SignedDuration::from_mins(1)));
        let name = format!("mail-{number}");
        let arrived = machine.mail_arrives(&name, &raw, &recipients, &verdicts);
        assert!(arrived.await.unwrap());
        let usage = machine.usage()["receive-mail"];
        let (read, write) = (usage.read - before.0, usage.write - before.1);
        before = (usage.read, usage.write);
        if number > 0 {
            assert!(
                write <= 8.0 && read <= 3.0,
                "mail {number}: {write} write units, {read} read units"
            );
            dearest = (dearest.0.max(read), dearest.1.max(write));
        }
        let threads = machine.table().buyer(&store.id, &buyer).await.unwrap().threads;
        assert_eq!(threads.len(), 1);
        if number % 3 == 0 || number % 7 == 0 {
            let answer = Answer {
                text: "Guten Tag, wir schicken Ihnen heute ein neues Glas.".into(),
                by: "mara@lampen.example".into(),
                r#override: false,
                attachments: Vec::new(),
                idempotency_key: Some(number.to_string()),
            };
            let (now, files) = (machine.now(), machine.folder().clone());
            let submitted = machine
                .operate(async |table| answers::by_a_person(table, &files, &threads[0], &answer, now).await)
                .await;
            submitted.unwrap();
            machine.settle().await.unwrap();
        }
    }
    assert!(machine.sink().sent().len() > 20);
    assert!(
        dearest.1 >= 7.0,
        "what was measured is less than what is written: {dearest:?}"
    );
}

/// A waiting thread of its own buyer, written as it stands.
fn waiting(number: usize, since: jiff::Timestamp, store: &Store) -> Thread {
    let alias = Alias::parse(&format!("b{number:013}@marketplace.amazon.de")).unwrap();
    let mut thread = Thread::open(store.id.clone(), alias, &Key::of(&[number.to_string()]), since);
    thread.wait(Some(since), Status::NeedsResponse, store);
    thread
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sweep_costs_what_is_due_and_not_what_is_open() {
    let mut costs = Vec::new();
    for open in [50, 1500] {
        let (mut machine, _folder) = worlds::machine("2026-03-03T06:00:00Z").await;
        let store = Store::new(StoreId::parse("de").unwrap(), "*", "shop@inbox.example");
        machine.table().put_store(&store).await.unwrap();
        machine.sweep(OperatorLanguage::En).await.unwrap();
        let idle = machine.usage()["sweep-sla"];
        let shards = f64::from(keys::DUE_SHARDS);
        assert!(idle.read <= shards, "nothing due: {} read units", idle.read);

        let due = "2026-03-02T05:30:00Z".parse().unwrap();
        let fresh = "2026-03-02T12:00:00Z".parse().unwrap();
        let threads = (0..50).map(|number| waiting(number, due, &store));
        let threads = threads.chain((50..50 + open).map(|number| waiting(number, fresh, &store)));
        let changes: Vec<Change> = threads.map(|thread| Change::Thread(Box::new(thread))).collect();
        for part in changes.chunks(100) {
            machine.table().commit(part.to_vec()).await.unwrap();
        }
        machine.sweep(OperatorLanguage::En).await.unwrap();
        assert_eq!(machine.board().events().len(), 50);
        costs.push(machine.usage()["sweep-sla"].read - idle.read);
    }
    assert!((costs[0] - costs[1]).abs() <= costs[0] * 0.05, "{costs:?} read units");
}

/// A thread with all that a list shows, at its usual length.
fn full(number: usize, store: &Store) -> Thread {
    let since = clock::shift(
        "2026-03-02T05:30:00Z".parse().unwrap(),
        SignedDuration::from_mins(i64::try_from(number).unwrap()),
    );
    let alias = format!("b{number:013}+01234567-89ab-4cde-8f01-23456789abcd@marketplace.amazon.de");
    let alias = Alias::parse(&alias).unwrap();
    let mut thread = Thread::open(store.id.clone(), alias, &Key::of(&[number.to_string()]), since);
    thread.case_id = thread.alias.case_id();
    thread.order_ids = OrderId::parse("302-1234567-7654321").into_iter().collect();
    thread.buyer_name = Some("Annemarie Musterfrau".into());
    thread.subject = Some("Frage von Amazon-Kunde Annemarie Musterfrau (Bestellung: 302-1234567-7654321)".into());
    thread.last_buyer_at = since;
    thread.assign(Some("mara.beispiel@lampen.example".into()), since);
    thread.tags.extend(["vip".to_owned(), "damaged".to_owned()]);
    if number.is_multiple_of(2) {
        thread.wait(Some(since), Status::NeedsResponse, store);
    }
    thread
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_of_50_threads_costs_at_most_5_read_units_however_many_there_are() {
    let (mut machine, _folder) = worlds::machine("2026-03-03T06:00:00Z").await;
    let store = Store::new(StoreId::parse("de").unwrap(), "*", "shop@inbox.example");
    let changes: Vec<Change> = (0..800)
        .map(|number| Change::Thread(Box::new(full(number, &store))))
        .collect();
    for part in changes.chunks(100) {
        machine.table().commit(part.to_vec()).await.unwrap();
    }
    let waiting = Filter {
        status: Some(Status::NeedsResponse),
        ..Filter::default()
    };
    for (name, filter) in [("all", Filter::default()), ("waiting", waiting)] {
        let mut after = None;
        let mut used = machine.usage().get("operator").map_or(0.0, |usage| usage.read);
        for page in 0..4 {
            let now = machine.now();
            let found = machine
                .operate(async |table| list(table, &store.id, &filter, after.clone(), 50, now).await)
                .await
                .unwrap();
            assert_eq!(found.threads.len(), 50);
            let read = machine.usage()["operator"].read - used;
            assert!(read <= 5.0, "page {page} of {name}: {read} read units");
            used += read;
            after = found.next;
        }
    }
}

/// What infra/docs/operate.md counts with: an event told to one endpoint that takes it at once, and one told to nobody.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_that_an_endpoint_takes_at_once_costs_6_write_and_6_read_units() {
    let (mut machine, _folder) = worlds::machine("2026-03-02T09:00:00Z").await;
    let now = machine.now();
    let store = StoreId::parse("de").unwrap();
    let mut used = async |endpoint: bool| {
        let table = machine.table();
        if endpoint {
            let known = Store::new(store.clone(), "shop@inbox.example", "shop@inbox.example");
            table.put_store(&known).await.unwrap();
            let url = "https://hooks.example.com/";
            endpoints::create(table, &store, url, &[], &person(), now, &[7; 32])
                .await
                .unwrap();
        }
        let event = Event::rolled_up(
            &store,
            vec![WindowCount {
                days: 7,
                within: 1,
                late: 0,
            }],
            now,
        );
        table
            .commit(vec![Change::Event(Box::new(event.clone()))])
            .await
            .unwrap();
        let (queue, outside) = (CallQueue::default(), Outside::default());
        queue.set(now);
        let before = machine.usage().get("call-webhook").copied().unwrap_or_default();
        machine
            .call("call-webhook", async |table| {
                notify::plan(table, &queue, (&store, &event.key), now).await.unwrap();
                for due in queue.take(now) {
                    notify::attempt(table, &queue, &outside, &due, || now).await.unwrap();
                }
            })
            .await;
        assert_eq!(outside.arrived().len(), usize::from(endpoint));
        let after = machine.usage()["call-webhook"];
        (after.write - before.write, after.read - before.read)
    };
    assert_eq!(used(false).await, (0.0, 2.0));
    assert_eq!(used(true).await, (6.0, 6.0));
}
