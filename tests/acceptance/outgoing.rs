//! All of it in one: from a buyer's mail to somebody's server, on an embedded DynamoDB and over real HTTPS.

use std::io;
use std::net::IpAddr;
use std::sync::Mutex;

use http::{HeaderMap, HeaderName, HeaderValue};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use standardwebhooks::Webhook;
use within24::adapters::https::{Caller, Resolve};
use within24::app::endpoints;
use within24::domain::alert::OperatorLanguage;
use within24::domain::clock::shift;
use within24::domain::endpoint::Progress;
use within24::domain::endpoint::address::{self, NotPublic};
use within24::domain::store::{Store, StoreId};
use within24::lambda::clock;
use within24::ports::PublishEvents;
use within24_local::endpoints::Outgoing;
use within24_tests::endpoints::person;
use within24_tests::mails::BuyerMail;
use within24_tests::receiver::{NAME, Received, Receiver, Reply};
use within24_tests::worlds::machine;

/// Stands for an address of the public internet.
const PUBLIC: &str = "127.0.0.2";

struct Public;

impl Resolve for Public {
    async fn resolve(&self, host: &str, _: u16) -> io::Result<Vec<IpAddr>> {
        assert_eq!(host, NAME);
        Ok(vec![PUBLIC.parse().unwrap()])
    }
}

fn judge(address: IpAddr) -> Result<(), NotPublic> {
    match address.to_string().as_str() {
        PUBLIC => Ok(()),
        _ => address::public(address),
    }
}

fn verified(received: &Received, secret: &str) -> Value {
    let header = |(name, value): (&String, &String)| {
        Some((HeaderName::try_from(name).ok()?, HeaderValue::try_from(value).ok()?))
    };
    let headers: HeaderMap = received.headers.iter().filter_map(header).collect();
    Webhook::new(secret).unwrap().verify(&received.body, &headers).unwrap();
    serde_json::from_slice(&received.body).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thread_that_nobody_answers_is_told_to_an_endpoint_that_was_down_for_a_moment() {
    let now = clock::now();
    let a_day_ago = shift(now, SignedDuration::from_mins(-(24 * 60 + 1)));
    let (mut machine, _folder) = machine(&a_day_ago.to_string()).await;
    let store = StoreId::parse("de").unwrap();
    machine
        .table()
        .put_store(&Store::new(store.clone(), "shop@inbox.example", "shop@inbox.example"))
        .await
        .unwrap();
    let receiver = Receiver::start(PUBLIC).await;
    let url = format!("https://{NAME}:{}/", receiver.port);
    let made = endpoints::create(
        machine.table(),
        &store,
        &url,
        &["ThreadOverdue.v1"],
        &person(),
        a_day_ago,
        &[7; 32],
    )
    .await
    .unwrap();

    let passed = ["spam", "virus", "spf", "dkim", "dmarc"].map(|check| (check, "PASS".to_owned()));
    let mail = BuyerMail {
        date: &a_day_ago.strftime("%a, %d %b %Y %H:%M:%S +0000").to_string(),
        ..BuyerMail::default()
    };
    machine
        .mail_arrives("first", &mail.raw(), &["shop@inbox.example".to_owned()], &passed)
        .await
        .unwrap();
    machine.advance(now);
    machine.sweep(OperatorLanguage::En).await.unwrap();

    let time = Mutex::new(now);
    let outgoing = Outgoing::new(|| *time.lock().unwrap());
    let caller = Caller::anywhere(vec![receiver.certificate.clone()], Public, judge).unwrap();
    outgoing.publish(&machine.board().events()).await.unwrap();
    receiver.will(Reply::status(502));
    outgoing.turn(machine.table(), &caller, |_| {}).await.unwrap();
    assert_eq!(receiver.received().len(), 1);
    let next: Timestamp = outgoing.next().unwrap();
    let waited = next.duration_since(now);
    assert!((5000..=5500).contains(&waited.as_millis()), "{waited}");
    *time.lock().unwrap() = next;
    outgoing.turn(machine.table(), &caller, |_| {}).await.unwrap();
    // A tick finds nothing more to do.
    outgoing.tick();
    outgoing.turn(machine.table(), &caller, |_| {}).await.unwrap();

    let arrived = receiver.received();
    assert_eq!(arrived.len(), 2);
    let bodies = [0, 1].map(|number| verified(&arrived[number], &made.secret.expose()));
    assert_eq!(bodies[0], bodies[1]);
    assert_eq!(arrived[0].headers["webhook-id"], arrived[1].headers["webhook-id"]);
    assert_eq!(bodies[0]["type"], "ThreadOverdue.v1");
    let thread = machine.table().all_threads().await.unwrap().remove(0);
    assert_eq!(bodies[0]["data"]["thread"], thread.id.as_str());
    assert_eq!(bodies[0]["data"]["order_ids"][0], "302-1234567-7654321");
    let calls = endpoints::calls(machine.table(), &store, &made.endpoint.id, None, 10)
        .await
        .unwrap();
    assert_eq!(
        calls
            .iter()
            .map(|call| (call.attempts, call.progress))
            .collect::<Vec<_>>(),
        [(2, Progress::Delivered)]
    );
}
