//! Files of answers: kept, screened and sent with the words, or nothing is sent at all.

use jiff::Timestamp;
use mail_parser::{MessageParser, MimeHeaders};
use within24::adapters::mime;
use within24::app::answer::{Answer, HandInError, MAX_ATTACHED_BYTES, MAX_ATTACHMENTS};
use within24::app::deliver::{DeliverError, Delivery, deliver};
use within24::app::receive::{Arrival, receive};
use within24::domain::attachment::{Attachment, PLACES};
use within24::domain::clock::shift;
use within24::domain::key::Key;
use within24::domain::outgoing::{CLAIM, Outgoing, State};
use within24::domain::store::{Store, StoreId};
use within24::domain::thread::Status;
use within24::domain::trust::Verdicts;
use within24::testing::{Memory, Post, Strike};
use within24_tests::answers;
use within24_tests::mails::BuyerMail;

const MEGABYTE: usize = 1024 * 1024;

fn now() -> Timestamp {
    "2026-03-02T09:15:00Z".parse().unwrap()
}

fn store() -> Store {
    Store::new(
        StoreId::parse("de").unwrap(),
        "shop@inbox.example",
        "shop@inbox.example",
    )
}

/// A world in which a buyer waits.
async fn waiting() -> Memory {
    let world = Memory::default();
    world.put_store(store());
    let mail = BuyerMail::default();
    world.put_mail(mail.id, &mail.raw());
    let arrival = Arrival {
        place: mail.id.to_owned(),
        recipients: vec!["shop@inbox.example".to_owned()],
        received: now(),
        verdicts: Verdicts::default(),
    };
    receive(&world, &world, &arrival, now()).await.unwrap();
    world
}

fn file(name: &str, content: &[u8]) -> Attachment {
    Attachment::new(name, None, content.to_vec()).unwrap()
}

/// Files of which each would suffer if it were taken for text: no UTF-8, lone carriage returns, NUL, boundaries.
fn files() -> Vec<Attachment> {
    vec![
        file("Rechnung.pdf", b"%PDF-1.7\r\n\x00\xff\xfe binary"),
        file(
            "説明書 – Größe \"XL\".txt",
            b"one\rtwo\nthree\r\n\x00From here\n--boundary--\n.\n\xe4\xf6",
        ),
        file("Foto.jpg", &[0xff; 3000]),
    ]
}

fn answer(files: Vec<Attachment>) -> Answer {
    Answer {
        text: "Anbei die Rechnung. Das Paket kommt am Freitag.".into(),
        by: "Mara".into(),
        r#override: false,
        attachments: files,
        idempotency_key: None,
    }
}

async fn try_to_hand_in(world: &Memory, answer: Answer) -> Result<Outgoing, HandInError> {
    let thread = world.threads().pop().unwrap();
    answers::by_a_person(world, world, &thread, &answer, now()).await
}

async fn handed_in(world: &Memory, answer: Answer) -> Outgoing {
    try_to_hand_in(world, answer).await.unwrap()
}

/// The item of an answer that a helpdesk brings, which nobody tells that the screen blocks it.
async fn brought(world: &Memory, answer: Answer) -> Outgoing {
    let thread = world.threads().pop().unwrap();
    let before = world.outbox();
    answers::by_webhook(world, world, &thread, &answer, now())
        .await
        .unwrap();
    let mut new = world.outbox();
    new.retain(|item| before.iter().all(|known| known.key != item.key));
    new.pop().unwrap()
}

fn item(world: &Memory, key: &Key) -> Outgoing {
    world.outbox().into_iter().find(|item| item.key == *key).unwrap()
}

async fn send(world: &Memory, post: &Post, item: &Outgoing, at: Timestamp) -> Result<Delivery, DeliverError> {
    deliver(world, world, post, (&item.store, &item.buyer, &item.key), at).await
}

#[tokio::test]
async fn an_answer_goes_out_with_its_files_byte_for_byte() {
    let (world, post) = (waiting().await, Post::new(now()));
    let item = handed_in(&world, answer(files())).await;
    assert_eq!(send(&world, &post, &item, now()).await.unwrap(), Delivery::Sent);
    let letters = post.sent();
    assert_eq!(letters[0].attachments, files());
    let raw = mime::raw(&letters[0]).unwrap();
    let mail = MessageParser::default().parse(&raw).unwrap();
    assert!(
        mail.content_type()
            .is_some_and(|kind| kind.ctype() == "multipart" && kind.subtype() == Some("mixed"))
    );
    assert_eq!(
        mail.body_text(0).unwrap().trim_end(),
        "Anbei die Rechnung. Das Paket kommt am Freitag."
    );
    let parts: Vec<_> = mail.attachments().collect();
    assert_eq!(parts.len(), 3);
    for (part, file) in parts.into_iter().zip(files()) {
        assert_eq!(part.attachment_name(), Some(file.name().expose()));
        let body = &raw[part.raw_body_offset() as usize..part.raw_end_offset() as usize];
        let sent = Attachment::decode("x", None, std::str::from_utf8(body).unwrap()).unwrap();
        assert_eq!(sent.content(), file.content(), "{}", file.name().expose());
        let kind = part.content_type().unwrap();
        assert_eq!(
            format!("{}/{}", kind.ctype(), kind.subtype().unwrap()),
            file.media_type()
        );
    }
    let messages = world.all_messages();
    let message = messages.iter().find(|message| message.answers()).unwrap();
    assert_eq!((message.attachments, world.threads()[0].status), (3, Status::Answered));
}

/// What goes over the wire; the boundary, which the library makes up, is written as B.
const LETTER: &str = "\
From: <shop@inbox.example>
To: <a1b2c3d4e5f6g7h@marketplace.amazon.de>
Subject: Re: Frage von Amazon-Kunde Vera Muster (Bestellung:
 302-1234567-7654321)
Date: Mon, 2 Mar 2026 09:15:00 +0000
Message-ID: <KEY@inbox.example>
In-Reply-To: <0102-test-0001@eu-west-1.amazonses.com>
References: <0102-test-0001@eu-west-1.amazonses.com>
 <KEY@inbox.example>
MIME-Version: 1.0
Content-Type: multipart/mixed;
 boundary=\"B\"

--B
Content-Type: text/plain; charset=\"utf-8\"
Content-Transfer-Encoding: 7bit

Anbei die Rechnung. Das Paket kommt am Freitag.
--B
Content-Type: application/pdf
Content-Disposition: attachment; filename=\"Rechnung.pdf\"
Content-Transfer-Encoding: base64

JVBERg==

--B
Content-Type: text/plain
Content-Disposition: attachment;
 filename*=UTF-8''Gr%C3%B6%C3%9Fe%20%22XL%22.txt
Content-Transfer-Encoding: base64

MTA0IGNt

--B
Content-Type: application/octet-stream
Content-Disposition: attachment; filename=\"old.eml\"
Content-Transfer-Encoding: base64

U3ViamVjdDogeA==

--B--
";

#[tokio::test]
async fn a_letter_with_files_reads_as_the_rfcs_say() {
    let (world, post) = (waiting().await, Post::new(now()));
    let old_mail = Attachment::new("old.eml", Some("message/rfc822"), b"Subject: x".to_vec()).unwrap();
    let files = vec![
        file("Rechnung.pdf", b"%PDF"),
        file("Größe \"XL\".txt", b"104 cm"),
        old_mail,
    ];
    let overridden = Answer {
        r#override: true,
        ..answer(files)
    };
    let item = handed_in(&world, overridden).await;
    assert_eq!(send(&world, &post, &item, now()).await.unwrap(), Delivery::Sent);
    let raw = String::from_utf8(mime::raw(&post.sent()[0]).unwrap()).unwrap();
    assert!(raw.lines().all(|line| line.len() <= 78), "{raw}");
    let boundary = raw.split("boundary=\"").nth(1).unwrap().split('"').next().unwrap();
    let seen = raw.replace(boundary, "B").replace(item.key.as_str(), "KEY");
    assert_eq!(seen.replace("\r\n", "\n"), LETTER);
}

#[tokio::test]
async fn files_are_kept_before_the_answer_is_wished_for_and_the_same_wish_keeps_nothing_more() {
    let world = waiting().await;
    let first = handed_in(&world, answer(files())).await;
    let kept = world.objects(PLACES);
    assert_eq!(kept.len(), 3);
    for (named, file) in first.content.attachments().iter().zip(files()) {
        assert_eq!(kept[&named.place], file.content());
        assert!(
            named
                .place
                .starts_with(&format!("answers/de/{}/", first.thread.as_str()))
        );
    }
    world.faults.strike(0, Strike::Before);
    assert_eq!(handed_in(&world, answer(files())).await.key, first.key);
    assert_eq!(
        world.faults.calls(),
        3,
        "store, thread, outbox: nothing is kept and nothing written"
    );
    let mut fewer = files();
    fewer.pop();
    assert_ne!(
        handed_in(&world, answer(fewer)).await.key,
        first.key,
        "other files, another answer"
    );
    assert_eq!(world.objects(PLACES), kept, "the same bytes lie once");
}

#[tokio::test]
async fn a_file_that_is_gone_or_changed_stops_the_answer_and_is_reported() {
    let changed = b"%PDF-1.7\r\n\x00\xff\xfe BINARY";
    let longer = [&changed[..], b"!"].concat();
    for content in [None, Some(&b""[..]), Some(&changed[..]), Some(&longer[..])] {
        let (world, post) = (waiting().await, Post::new(now()));
        let item = handed_in(&world, answer(files())).await;
        world.put_object(&item.content.attachments()[0].place, content);
        assert_eq!(
            send(&world, &post, &item, now()).await.unwrap(),
            Delivery::Refused,
            "{content:?}"
        );
        assert_eq!(send(&world, &post, &item, now()).await.unwrap(), Delivery::NotPending);
        let ended = self::item(&world, &item.key);
        assert!(post.sent().is_empty() && ended.state == State::Failed);
        assert_eq!(world.reports()[0].reason, "attachment-missing");
        assert_eq!(world.threads()[0].status, Status::NeedsResponse);
        // The same answer again is a new wish, and brings its files again.
        let again = handed_in(&world, answer(files())).await;
        assert_eq!(send(&world, &post, &again, now()).await.unwrap(), Delivery::Sent);
        assert_eq!(post.sent()[0].attachments, files());
    }
}

#[tokio::test]
async fn what_amazon_takes_no_files_of_is_handed_back_with_the_rules() {
    let image = |name: &str, megabytes: usize| file(name, &vec![7; megabytes * MEGABYTE]);
    let cases = [
        (vec![file("Rechnung.pdf.exe", b"MZ")], "attachment-type"),
        (
            vec![Attachment::new("a.pdf", Some("text/html"), b"<p>".to_vec()).unwrap()],
            "attachment-type",
        ),
        (
            (0..6).map(|n| file(&format!("{n}.txt"), b"x")).collect(),
            "attachment-count",
        ),
        (vec![image("a.png", 6), image("b.png", 5)], "attachment-size"),
    ];
    for (files, rule) in cases {
        for r#override in [false, true] {
            let (world, post) = (waiting().await, Post::new(now()));
            let wished = Answer {
                r#override,
                ..answer(files.clone())
            };
            // A person may know better than the rule what a buyer needs, but not what the relay carries.
            let goes = r#override && rule != "attachment-size";
            match try_to_hand_in(&world, wished.clone()).await {
                Err(HandInError::Blocked(blocked)) if !goes => assert_eq!(blocked.rules, [rule]),
                Ok(item) if goes => assert_eq!(item.findings, [rule]),
                other => panic!("{rule}: {other:?}"),
            }
            assert_eq!(
                world.objects(PLACES).is_empty(),
                !goes,
                "nothing is kept of what is refused"
            );
            let item = if goes {
                world.outbox().pop().unwrap()
            } else {
                brought(&world, wished).await
            };
            let delivery = send(&world, &post, &item, now()).await.unwrap();
            let ended = self::item(&world, &item.key);
            assert!(
                ended.findings.iter().any(|found| found == rule),
                "{rule}: {:?}",
                ended.findings
            );
            assert_eq!(
                delivery,
                if goes { Delivery::Sent } else { Delivery::Blocked },
                "{rule}"
            );
            assert_eq!(post.sent().len(), usize::from(goes));
            if !goes {
                assert_eq!(world.reports()[0].reason, rule);
            }
        }
    }
}

#[tokio::test]
async fn no_setting_lets_more_through_than_the_relay_carries() {
    let (world, post) = (waiting().await, Post::new(now()));
    let mut store = store();
    store.screen.set_rule("attachment-size", "off").unwrap();
    world.put_store(store);
    let too_large = answer(vec![file("a.png", &vec![7; 10 * MEGABYTE + 1])]);
    let refused = try_to_hand_in(&world, too_large.clone()).await;
    assert!(matches!(refused, Err(HandInError::Blocked(_))), "{refused:?}");
    let item = brought(&world, too_large).await;
    assert_eq!(send(&world, &post, &item, now()).await.unwrap(), Delivery::Blocked);
    assert_eq!(self::item(&world, &item.key).findings, ["attachment-size"]);
    let item = handed_in(&world, answer(vec![file("a.png", &vec![7; 10 * MEGABYTE])])).await;
    assert_eq!(send(&world, &post, &item, now()).await.unwrap(), Delivery::Sent);
    let raw = mime::raw(&post.sent()[0]).unwrap();
    assert!(raw.len() < 15 * MEGABYTE, "SES takes 40 MB: {}", raw.len());
}

#[tokio::test]
async fn what_is_beyond_all_measure_is_not_even_kept() {
    let world = waiting().await;
    let many = (0..=MAX_ATTACHMENTS).map(|n| file(&format!("{n}.txt"), b"x")).collect();
    let refused = try_to_hand_in(&world, answer(many)).await;
    assert!(
        matches!(refused, Err(HandInError::TooManyAttachments(21))),
        "{refused:?}"
    );
    let large = vec![file("a.png", &vec![7; MAX_ATTACHED_BYTES]), file("b.png", b"7")];
    let refused = try_to_hand_in(&world, answer(large)).await;
    assert!(
        matches!(refused, Err(HandInError::AttachmentsTooLarge(_))),
        "{refused:?}"
    );
    assert!(world.objects(PLACES).is_empty() && world.outbox().is_empty());
}

#[tokio::test]
async fn wherever_a_function_dies_the_answer_goes_out_at_most_once_and_never_without_its_files() {
    for strike in [Strike::Before, Strike::After] {
        for number in 1.. {
            let (world, post) = (waiting().await, Post::new(now()));
            world.faults.strike(number, strike);
            // Whoever hands it in tries again; the stream does so at once, and when the claim has ended.
            let item = loop {
                if let Ok(item) = try_to_hand_in(&world, answer(files())).await {
                    break item;
                }
            };
            assert_eq!(world.outbox().len(), 1);
            let mut deliveries = Vec::new();
            for at in [now(), now(), shift(now(), CLAIM)] {
                deliveries.push(send(&world, &post, &item, at).await);
            }
            let what = format!("{strike:?} call {number}: {deliveries:?}");
            let (sent, end) = (post.sent(), self::item(&world, &item.key).state);
            assert!(matches!(end, State::Sent | State::Unknown), "{what}");
            assert!(sent.len() <= 1 && (end == State::Unknown || sent.len() == 1), "{what}");
            assert!(sent.iter().all(|letter| letter.attachments == files()), "{what}");
            let told = world
                .reports()
                .iter()
                .any(|report| report.reason.starts_with("unknown"));
            assert!(end == State::Sent || told, "{what}");
            if number > world.faults.calls() {
                break;
            }
        }
    }
}
