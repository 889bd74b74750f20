//! Calls over real HTTPS: what arrives, and where no call ever goes.

use std::collections::BTreeMap;
use std::io;
use std::net::IpAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use http::{HeaderMap, HeaderName, HeaderValue};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use standardwebhooks::Webhook;
use within24::adapters::https::{Caller, Resolve};
use within24::domain::alias::Alias;
use within24::domain::clock::{Level, shift};
use within24::domain::endpoint::address::{self, NotPublic};
use within24::domain::endpoint::{Answer, Endpoint, EndpointUrl, Missed, SigningKeys, SigningSecret, Wanted};
use within24::domain::event::Event;
use within24::domain::key::Key;
use within24::domain::order_id::OrderId;
use within24::domain::store::StoreId;
use within24::domain::thread::Thread;
use within24::lambda::clock;
use within24::ports::CallEndpoint;
use within24_tests::receiver::{NAME, Received, Receiver, Reply};

/// Stands for an address of the public internet; all others are judged as everywhere.
const PUBLIC: &str = "127.0.0.2";

fn judge(address: IpAddr) -> Result<(), NotPublic> {
    match address.to_string().as_str() {
        PUBLIC => Ok(()),
        _ => address::public(address),
    }
}

/// Gives the same addresses for every name, the first list when it is asked first, and so on; the last for ever.
struct Names {
    answers: Vec<Vec<IpAddr>>,
    asked: AtomicUsize,
}

impl Names {
    fn new(answers: &[&[&str]]) -> Self {
        let addresses = |list: &&[&str]| list.iter().map(|one| one.parse().unwrap()).collect();
        Self {
            answers: answers.iter().map(addresses).collect(),
            asked: AtomicUsize::new(0),
        }
    }
}

impl Resolve for &Names {
    async fn resolve(&self, _: &str, _: u16) -> io::Result<Vec<IpAddr>> {
        let asked = self.asked.fetch_add(1, Ordering::SeqCst);
        Ok(self.answers[asked.min(self.answers.len() - 1)].clone())
    }
}

fn caller<'a>(names: &'a Names, receiver: &Receiver) -> Caller<&'a Names> {
    Caller::anywhere(vec![receiver.certificate.clone()], names, judge).unwrap()
}

fn store() -> StoreId {
    StoreId::parse("de").unwrap()
}

fn event(now: Timestamp) -> Event {
    let alias = Alias::parse("a1b2c3d4e5f6g7h+01234567-89ab@marketplace.amazon.de").unwrap();
    let mut thread = Thread::open(store(), alias, &Key::of(&["opening"]), now);
    thread.buyer_name = Some("Vera Muster".into());
    thread.subject = Some("Wo ist mein Paket?".into());
    thread.order_ids = vec![OrderId::parse("302-1234567-7654321").unwrap()];
    Event::alert(&thread, Level::Overdue, now, now, now)
}

fn endpoint(host: &str, port: u16) -> Endpoint {
    let url = EndpointUrl::parse(&format!("https://{host}:{port}/within24?key=a%20b")).unwrap();
    Endpoint::new(store(), url, Wanted::default(), clock::now())
}

fn secret(byte: u8) -> SigningSecret {
    SigningSecret::of(&[byte; 32]).unwrap()
}

/// One call by this caller to the receiver's name.
async fn call(caller: &Caller<&Names>, receiver: &Receiver) -> Answer {
    let keys = SigningKeys::new(secret(1));
    let now = clock::now();
    caller
        .call_endpoint(&endpoint(NAME, receiver.port), &keys, &event(now), now)
        .await
}

/// Whether the official library takes it under this secret.
fn verifies(received: &Received, secret: &SigningSecret) -> bool {
    let header = |(name, value): (&String, &String)| {
        Some((HeaderName::try_from(name).ok()?, HeaderValue::try_from(value).ok()?))
    };
    let headers: HeaderMap = received.headers.iter().filter_map(header).collect();
    let webhook = Webhook::new(&secret.expose()).unwrap();
    webhook.verify(&received.body, &headers).is_ok()
}

#[tokio::test]
async fn what_arrives_is_a_standard_webhook_without_a_word_of_the_buyer() {
    let receiver = Receiver::start(PUBLIC).await;
    let names = Names::new(&[&[PUBLIC]]);
    for status in [200, 201, 202, 204] {
        receiver.will(Reply::status(status));
        assert_eq!(
            call(&caller(&names, &receiver), &receiver).await,
            Answer::Status(status, None)
        );
    }
    let all = receiver.received();
    assert_eq!(all.len(), 4);
    for received in &all {
        assert!(verifies(received, &secret(1)) && !verifies(received, &secret(2)));
        let mut changed = received.clone();
        changed.body.push(b' ');
        assert!(!verifies(&changed, &secret(1)));
    }
    let first = &all[0];
    assert_eq!(first.line, "POST /within24?key=a%20b");
    let mut headers: BTreeMap<&str, &str> = first
        .headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let [signature, time] = ["webhook-signature", "webhook-timestamp"].map(|name| headers.remove(name).unwrap());
    assert!(signature.starts_with("v1,"), "{signature}");
    let sent: Timestamp = Timestamp::from_second(time.parse().unwrap()).unwrap();
    assert!(clock::now().duration_since(sent) < SignedDuration::from_secs(60));
    let body: Value = serde_json::from_slice(&first.body).unwrap();
    let (host, length) = (format!("{NAME}:{}", receiver.port), first.body.len().to_string());
    let id = body["data"]["id"].as_str().unwrap();
    let wanted = [
        ("content-length", length.as_str()),
        ("content-type", "application/json"),
        ("host", &host),
        ("user-agent", concat!("within24/", env!("CARGO_PKG_VERSION"))),
        ("webhook-id", id),
    ];
    assert_eq!(headers, BTreeMap::from(wanted));
    assert_eq!(
        (&body["type"], &body["timestamp"]),
        (&json!("ThreadOverdue.v1"), &body["data"]["at"])
    );
    assert_eq!(body["data"]["order_ids"], json!(["302-1234567-7654321"]));
    let text = String::from_utf8_lossy(&first.body);
    for word in [
        "Vera",
        "Paket",
        "a1b2c3d4e5f6g7h",
        "marketplace.amazon.de",
        "01234567-89ab",
    ] {
        assert!(!text.contains(word), "{word}");
    }
}

#[tokio::test]
async fn while_a_secret_takes_over_both_verify() {
    let receiver = Receiver::start(PUBLIC).await;
    let names = Names::new(&[&[PUBLIC]]);
    let (caller, endpoint) = (caller(&names, &receiver), endpoint(NAME, receiver.port));
    let now = clock::now();
    let yesterday = shift(now, SignedDuration::from_hours(-25));
    for rotated in [now, yesterday] {
        let keys = SigningKeys::new(secret(1)).rotated(secret(2), rotated);
        caller.call_endpoint(&endpoint, &keys, &event(now), now).await;
    }
    let both = receiver
        .received()
        .iter()
        .map(|one| [secret(1), secret(2)].map(|secret| verifies(one, &secret)))
        .collect::<Vec<_>>();
    assert_eq!(both, [[true, true], [false, true]]);
}

#[tokio::test]
async fn a_redirect_is_followed_nowhere() {
    let receiver = Receiver::start(PUBLIC).await;
    // What it redirects to is there, and would be glad.
    let inside = Receiver::start("127.0.0.1").await;
    let names = Names::new(&[&[PUBLIC]]);
    let caller = caller(&names, &receiver);
    for status in [301, 302, 303, 307, 308] {
        for place in [
            "https://169.254.169.254/latest/meta-data/".to_owned(),
            format!("https://127.0.0.1:{}/", inside.port),
            format!("https://{NAME}:{}/elsewhere", receiver.port),
        ] {
            receiver.will(Reply::with(status, &format!("location: {place}\r\n")));
            assert_eq!(call(&caller, &receiver).await, Answer::Status(status, None));
        }
    }
    let lines: Vec<String> = receiver.received().into_iter().map(|one| one.line).collect();
    assert_eq!(lines, vec!["POST /within24?key=a%20b"; 15]);
    assert_eq!((receiver.connections(), inside.connections()), (15, 0));
    assert_eq!(names.asked.load(Ordering::SeqCst), 15);
}

#[tokio::test]
async fn a_name_that_leads_into_a_private_network_is_not_called() {
    let receiver = Receiver::start("127.0.0.1").await;
    let beside = Receiver::start_at(PUBLIC, receiver.port).await;
    for addresses in [
        &["127.0.0.1"][..],
        &[PUBLIC, "127.0.0.1"],
        &["127.0.0.1", PUBLIC],
        &["::ffff:127.0.0.1"],
        &["64:ff9b::7f00:1"],
        &["0.0.0.0"],
        &["::"],
        &["::1"],
        &["10.0.0.7"],
        &["169.254.169.254"],
        &["fd00:ec2::254"],
    ] {
        let names = Names::new(&[addresses]);
        let answer = call(&caller(&names, &receiver), &receiver).await;
        assert_eq!(answer, Answer::Missed(Missed::NotPublic), "{addresses:?}");
    }
    assert_eq!((receiver.connections(), beside.connections()), (0, 0));
}

/// DNS rebinding: the answer is public while it is judged, and private a moment later.
#[tokio::test]
async fn a_name_that_changes_its_answer_is_called_where_it_was_judged_or_not_at_all() {
    let judged = Receiver::start(PUBLIC).await;
    let inside = Receiver::start_at("127.0.0.1", judged.port).await;
    let names = Names::new(&[&[PUBLIC], &["127.0.0.1"]]);
    let caller = caller(&names, &judged);
    assert_eq!(call(&caller, &judged).await, Answer::Status(200, None));
    assert_eq!(names.asked.load(Ordering::SeqCst), 1, "looked up once a call");
    // The next call looks it up anew, and judges anew.
    assert_eq!(call(&caller, &judged).await, Answer::Missed(Missed::NotPublic));
    assert_eq!((judged.connections(), inside.connections()), (1, 0));
}

#[tokio::test]
async fn an_address_instead_of_a_name_is_judged_too() {
    let receiver = Receiver::start(PUBLIC).await;
    let names = Names::new(&[&[PUBLIC]]);
    let refuse = |_| address::public("10.0.0.1".parse().unwrap());
    let caller = Caller::anywhere(vec![receiver.certificate.clone()], &names, refuse).unwrap();
    let (keys, now) = (SigningKeys::new(secret(1)), clock::now());
    let answer = caller
        .call_endpoint(&endpoint("8.8.8.8", 443), &keys, &event(now), now)
        .await;
    assert_eq!(answer, Answer::Missed(Missed::NotPublic));
    assert_eq!(names.asked.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_server_that_cannot_prove_its_name_is_told_nothing() {
    let receiver = Receiver::start(PUBLIC).await;
    let stranger = Receiver::start(PUBLIC).await;
    let names = Names::new(&[&[PUBLIC]]);
    // Somebody else's certificate is trusted, not this one.
    assert_eq!(
        call(&caller(&names, &stranger), &receiver).await,
        Answer::Missed(Missed::Tls)
    );
    // The certificate is trusted, for another name.
    let (keys, now) = (SigningKeys::new(secret(1)), clock::now());
    let other = endpoint("other.example.com", receiver.port);
    let answer = caller(&names, &receiver)
        .call_endpoint(&other, &keys, &event(now), now)
        .await;
    assert_eq!(answer, Answer::Missed(Missed::Tls));
    assert!(receiver.received().is_empty());
}

#[tokio::test]
async fn the_status_counts_however_the_body_goes_on() {
    let receiver = Receiver::start(PUBLIC).await;
    let names = Names::new(&[&[PUBLIC]]);
    let caller = caller(&names, &receiver);
    for reply in [Reply::SlowBody, Reply::EndlessBody] {
        receiver.will(reply.clone());
        let begun = Instant::now();
        assert_eq!(call(&caller, &receiver).await, Answer::Status(200, None), "{reply:?}");
        assert!(
            begun.elapsed() < Duration::from_secs(6),
            "{reply:?}: {:?}",
            begun.elapsed()
        );
    }
}

#[tokio::test]
async fn what_is_no_answer_is_told_apart() {
    let receiver = Receiver::start(PUBLIC).await;
    let names = Names::new(&[&[PUBLIC]]);
    let caller = caller(&names, &receiver);
    let head = format!("HTTP/1.1 200 OK\r\nx: {}\r\n\r\n", "x".repeat(200_000));
    for bytes in ["", "SSH-2.0-OpenSSH_9.6\r\n", "HTTP/1.1 200", &head] {
        receiver.will(Reply::Bytes(bytes.as_bytes().to_vec()));
        assert_eq!(
            call(&caller, &receiver).await,
            Answer::Missed(Missed::Broken),
            "{bytes:.30}"
        );
    }
    let nowhere = Names::new(&[&[]]);
    let answer = call(&self::caller(&nowhere, &receiver), &receiver).await;
    assert_eq!(answer, Answer::Missed(Missed::NoSuchHost));
    let (keys, now) = (SigningKeys::new(secret(1)), clock::now());
    let closed = {
        let listener = std::net::TcpListener::bind((PUBLIC, 0)).unwrap();
        listener.local_addr().unwrap().port()
    };
    let answer = caller
        .call_endpoint(&endpoint(NAME, closed), &keys, &event(now), now)
        .await;
    assert_eq!(answer, Answer::Missed(Missed::Unreachable));
}

#[tokio::test]
async fn a_server_that_says_nothing_is_waited_for_so_long_and_no_longer() {
    let receiver = Receiver::start(PUBLIC).await;
    let names = Names::new(&[&[PUBLIC]]);
    receiver.will(Reply::Silence);
    let begun = Instant::now();
    assert_eq!(
        call(&caller(&names, &receiver), &receiver).await,
        Answer::Missed(Missed::Timeout)
    );
    let waited = begun.elapsed().as_secs_f64();
    assert!((14.5..20.0).contains(&waited), "{waited} s");
}

#[tokio::test]
async fn a_wait_that_the_endpoint_asks_for_is_read() {
    let receiver = Receiver::start(PUBLIC).await;
    let names = Names::new(&[&[PUBLIC]]);
    let caller = caller(&names, &receiver);
    let asked = async |header: &str| {
        receiver.will(Reply::with(503, &format!("retry-after: {header}\r\n")));
        match call(&caller, &receiver).await {
            Answer::Status(503, asked) => asked,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(asked("120").await, Some(SignedDuration::from_secs(120)));
    let past = asked("Wed, 21 Oct 2015 07:28:00 GMT").await.unwrap();
    assert!(past.is_negative());
    for nonsense in ["soon", "-5", "99999999999999999999"] {
        assert_eq!(asked(nonsense).await, None, "{nonsense}");
    }
}
