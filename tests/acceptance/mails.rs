//! Mail as it leaves, word for word: to the operator, to buyers who named no order, and people's answers.

use std::fmt::Write as _;
use std::path::Path;

use jiff::Timestamp;
use mail_parser::{MessageParser, MimeHeaders as _};
use within24::adapters::mime;
use within24::app::answer::Answer;
use within24::app::deliver::{Delivery, deliver};
use within24::domain::alert::{self, LEVELS, OperatorLanguage};
use within24::domain::alias::Alias;
use within24::domain::attachment::Attachment;
use within24::domain::clock::{Level, due};
use within24::domain::event::Event;
use within24::domain::key::Key;
use within24::domain::language::Language;
use within24::domain::message_id::MessageId;
use within24::domain::order_id::OrderId;
use within24::domain::outgoing::{Letter, Outgoing};
use within24::domain::request;
use within24::domain::store::{Store, StoreId};
use within24::domain::thread::{Status, Thread};
use within24::ports::{Change, Commit, Handle};
use within24::testing::{Memory, Post};
use within24_tests::answers;

use crate::snapshot;

fn now() -> Timestamp {
    "2026-03-03T10:00:00Z".parse().unwrap()
}

fn store(name: &str) -> Store {
    let address = format!("messages@inbox.{name}.example");
    Store::new(StoreId::parse(name).unwrap(), "*", &address)
}

/// A thread of this buyer that waits since this time.
fn waiting(store: &Store, buyer: &str, since: &str) -> Thread {
    let since = since.parse().unwrap();
    let alias = Alias::parse(&format!("{buyer}+01234567-89ab@marketplace.amazon.de")).unwrap();
    let mut thread = Thread::open(store.id.clone(), alias, &Key::of(&[buyer]), since);
    thread.buyer_name = Some("Vera Muster".into());
    thread.subject = Some("Frage von Amazon-Kundin Vera Muster".into());
    thread.last_buyer_at = since;
    thread.last_buyer_id = MessageId::parse("0102-first@eu-west-1.amazonses.com");
    thread.language = Language::parse("de");
    thread.wait(Some(since), Status::NeedsResponse, store);
    thread
}

fn alert(thread: &Thread, level: Level) -> Event {
    let since = thread.waiting_since.unwrap();
    Event::alert(thread, level, since, due(since), now())
}

/// The mail about these events, with a long list cut in its middle.
fn written(title: &str, events: &[Event], language: OperatorLanguage) -> String {
    let mail = alert::mail(events, language, now()).unwrap();
    let lines: Vec<&str> = mail.text.lines().collect();
    let text = if lines.len() > 60 {
        let (head, tail) = (&lines[..6], &lines[lines.len() - 2..]);
        let left_out = format!("  ({} lines like this)", lines.len() - 8);
        [head, &[left_out.as_str()], tail].concat().join("\n")
    } else {
        mail.text.trim_end().to_owned()
    };
    format!("## {title}\n\nSubject: {}\n\n{text}\n\n", mail.subject)
}

/// The operator's languages are the files of words; the code knows each of them.
#[test]
fn the_operators_mail_in_each_language_is_as_its_snapshot_shows() {
    let words = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/src/domain/alert/text");
    let (de, gb) = (store("kontorhaus"), store("lampenhaus"));
    let mut with_order = waiting(&de, "a1b2c3d4e5f6g7", "2026-03-02T09:48:00Z");
    with_order.order_ids = ["302-1234567-7654321", "D01-1234567-7654321"]
        .iter()
        .filter_map(|id| OrderId::parse(id))
        .collect();
    let later = waiting(&gb, "b1b2c3d4e5f6g7", "2026-03-02T13:45:00Z");
    let critical = waiting(&de, "c1b2c3d4e5f6g7", "2026-03-02T10:59:00Z");
    let late = waiting(&de, "d1b2c3d4e5f6g7", "2026-03-01T08:00:00Z");
    let several = [
        alert(&later, Level::Nearing),
        alert(&with_order, Level::Overdue),
        alert(&critical, Level::Nearing),
        alert(&critical, Level::Critical),
        alert(&late, Level::Overdue),
    ];
    let many: Vec<Event> = (0..203)
        .map(|number| waiting(&de, &format!("e{number}"), "2026-03-02T08:00:00Z"))
        .map(|thread| alert(&thread, Level::Overdue))
        .collect();
    for file in std::fs::read_dir(words).unwrap() {
        let file = file.unwrap().path();
        let tag = file.file_stem().unwrap().to_str().unwrap();
        let language = OperatorLanguage::parse(tag).unwrap_or_else(|| panic!("{tag} is no language of the operator"));
        let mut page = String::new();
        for level in LEVELS {
            page += &written(
                &format!("one thread, {}", level.as_str()),
                &[alert(&with_order, level)],
                language,
            );
        }
        page += &written("several threads of two stores", &several, language);
        page += &written("more threads than a mail names", &many, language);
        snapshot("mails", &format!("alert-{tag}"), page.trim_end());
    }
}

/// A mail as it goes over the wire, and its words as a client reads them.
fn wire(letter: &Letter) -> String {
    let raw = String::from_utf8(mime::raw(letter).unwrap()).unwrap();
    assert!(!raw.replace("\r\n", "").contains(['\r', '\n']), "lines end in CRLF");
    let read = MessageParser::default().parse(raw.as_bytes()).unwrap();
    // Chance makes the boundary of a mail with files.
    let boundary = read
        .content_type()
        .and_then(|kind| kind.attribute("boundary"))
        .unwrap_or("none");
    let mut page = raw.replace("\r\n", "\n").replace(boundary, "[boundary]");
    writeln!(page, "\n--- as it is read").unwrap();
    writeln!(page, "Subject: {}", read.subject().unwrap()).unwrap();
    for file in read.attachments() {
        let name = file.attachment_name().unwrap();
        writeln!(page, "File: {name} ({} bytes)", file.contents().len()).unwrap();
    }
    writeln!(page, "\n{}", read.body_text(0).unwrap().trim_end()).unwrap();
    writeln!(page, "\n--- its tags at SES").unwrap();
    for (name, value) in mime::tags(letter) {
        writeln!(page, "{name}: {value}").unwrap();
    }
    page.replace("\r\n", "\n")
}

/// A world with this thread.
async fn world(store: &Store, thread: &Thread) -> Memory {
    let world = Memory::default();
    world.put_store(store.clone());
    let handle = Change::Handle(Handle::Thread(thread.id.clone()), Box::new(thread.clone()));
    let changes = vec![Change::Thread(Box::new(thread.clone())), handle];
    world.commit(changes).await.unwrap();
    world
}

/// What leaves when this item is delivered.
async fn delivered(world: &Memory, thread: &Thread, key: &Key) -> Letter {
    let post = Post::new(now());
    let delivery = deliver(world, world, &post, (&thread.store, &thread.buyer, key), now()).await;
    assert_eq!(delivery.unwrap(), Delivery::Sent);
    post.sent().remove(0)
}

#[tokio::test]
async fn the_request_for_an_order_id_in_each_language_is_as_its_snapshot_shows() {
    let store = store("kontorhaus");
    for tag in request::languages() {
        let language = Language::parse(tag).unwrap();
        let mut page = String::new();
        for (title, near_miss) in [("no order", None), ("a mistyped order", Some("302-1234567-765432"))] {
            let thread = waiting(&store, "a1b2c3d4e5f6g7", "2026-03-03T09:00:00Z");
            let world = world(&store, &thread).await;
            let item = Outgoing::order_id_request(&thread, language, near_miss.map(Into::into), thread.opened_at);
            let key = item.key.clone();
            world.commit(vec![Change::Outgoing(Box::new(item))]).await.unwrap();
            write!(
                page,
                "## {title}\n\n{}\n",
                wire(&delivered(&world, &thread, &key).await)
            )
            .unwrap();
        }
        snapshot("mails", &format!("order-id-request-{tag}"), page.trim_end());
    }
}

#[tokio::test]
async fn answers_of_people_are_as_their_snapshots_show() {
    let store = store("kontorhaus");
    let plain = waiting(&store, "a1b2c3d4e5f6g7", "2026-03-03T09:00:00Z");
    let mut first = plain.clone();
    (first.last_buyer_id, first.subject) = (None, None);
    let mut long = plain.clone();
    long.newest_subject = Some(
        "AW: Wo bleibt meine Bestellung – für meine Großmutter? 注文はどこですか。"
            .repeat(3)
            .into(),
    );
    let file = |name: &str, kind: Option<&str>, content: &[u8]| Attachment::new(name, kind, content.to_vec()).unwrap();
    let files = vec![
        file("Rechnung für Vera.pdf", Some("application/pdf"), b"%PDF-1.4 %%EOF"),
        file("Maße.txt", Some("text/plain"), "Höhe: 12 cm\nBreite: 7 cm\n".as_bytes()),
        file("请求.png", Some("image/png"), b"\x89PNG"),
    ];
    let words = "Guten Tag,\n\nIhr Paket ist unterwegs und kommt am Freitag an.\n.\nFrom the top: ganz ohne Gewähr.\n\nHerzliche Grüße";
    let off = "Write to shop@gmail.com, please.";
    for (name, thread, text, r#override, attachments) in [
        ("answer", &plain, words, false, Vec::new()),
        ("answer-to-no-message-id", &first, words, false, Vec::new()),
        ("answer-under-a-long-subject", &long, words, false, Vec::new()),
        ("answer-with-files", &plain, words, false, files),
        ("answer-that-a-person-overrode", &plain, off, true, Vec::new()),
    ] {
        let world = world(&store, thread).await;
        let answer = Answer {
            text: text.into(),
            by: "Mara Lind".into(),
            r#override,
            attachments,
            idempotency_key: Some("one".to_owned()),
        };
        let item = answers::by_a_person(&world, &world, thread, &answer, now())
            .await
            .unwrap();
        let letter = delivered(&world, thread, &item.key).await;
        snapshot("mails", name, wire(&letter).trim_end());
    }
}
