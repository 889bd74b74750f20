//! `within24 metrics`: response times out of mail archives, whole and broken ones.

use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};
use within24::domain::clock::shift;
use within24_local::metrics::archive::{Archive, Mails, Measured};
use within24_local::metrics::command::render;
use within24_tests::mails::BuyerMail;

fn start() -> Timestamp {
    "2026-03-02T09:00:00Z".parse().unwrap()
}

fn hours(hours: i64) -> Timestamp {
    shift(start(), SignedDuration::from_hours(hours))
}

fn dated(at: Timestamp, format: &str) -> String {
    at.strftime(format).to_string()
}

/// Seller Central's copy of the answer to that buyer.
fn copy(number: i64, date: &str) -> Vec<u8> {
    format!(
        "From: Seller Central <donotreply@amazon.com>\r\nTo: shop@inbox.example\r\nSubject: Your e-mail to Vera Muster\r\n\
         Message-ID: <c{number}@eu-west-1.amazonses.com>\r\nDate: {date}\r\n\
         X-Space-Notification-Type: BBC_MESSAGE_CONFIRMATION_TO_MERCHANT\r\nMIME-Version: 1.0\r\n\
         Content-Type: text/plain; charset=utf-8\r\n\r\nOrder ID 302-{number:07}-7654321:\r\n\
         ------------- Begin message -------------\r\nFrom Friday on it is with you.\r\n\
         ------------- End message -------------\r\n"
    )
    .into_bytes()
}

/// Mails with the hour of their receipt. `Date` says that all were moved into the archive at once.
fn mails() -> Vec<(i64, Vec<u8>)> {
    let moved = dated(hours(500), "%a, %d %b %Y %H:%M:%S +0000");
    let mail = |number: u8| {
        let (alias, order) = (format!("buyer{number}aaaaaaaaa"), format!("302-{number:07}-7654321"));
        let (id, domain) = (format!("m{number}"), if number == 3 { "fr" } else { "de" });
        BuyerMail {
            alias: &alias,
            order: Some(&order),
            id: &id,
            token: &id,
            date: &moved,
            domain,
            ..BuyerMail::default()
        }
        .raw()
    };
    let copy = |number| copy(number, &moved);
    let foreign = b"From: a@x.example\r\nTo: b@x.example\r\nSubject: Lunch\r\n\r\nAt noon?\r\n".to_vec();
    vec![
        // The answer comes first in the archive: order of receipt counts.
        (2, copy(0)),
        (0, mail(0)),
        (0, mail(1)),
        (30, copy(1)),
        (1, mail(2)),
        (40, mail(3)),
        (41, foreign),
        (42, copy(7)),
    ]
}

fn with_received(hour: i64, raw: &[u8]) -> Vec<u8> {
    let received = dated(hours(hour), "%a, %d %b %Y %H:%M:%S +0000");
    let line = format!("Received: from relay.example by mx.shop.example; {received}\r\n");
    [line.as_bytes(), raw].concat()
}

/// As mail programs write it: the time on the "From " line, such lines in the text marked with `>`.
fn mbox(folder: &Path) -> PathBuf {
    let mut whole = Vec::new();
    for (hour, raw) in mails() {
        let at = dated(hours(hour), "%a %b %e %H:%M:%S %Y");
        whole.extend_from_slice(format!("From relay@amazon.example {at}\n").as_bytes());
        let text = String::from_utf8(raw).unwrap().replace("\r\n", "\n");
        whole.extend_from_slice(text.replace("\nFrom ", "\n>From ").as_bytes());
        whole.push(b'\n');
    }
    let path = folder.join("archive.mbox");
    std::fs::write(&path, whole).unwrap();
    path
}

/// As a mail server keeps it: read mail in `cur`, new mail in `new`, a subfolder, and what is no mail beside them.
fn maildir(folder: &Path) -> PathBuf {
    let path = folder.join("Maildir");
    for part in ["cur", "new", "tmp", ".Amazon/cur"] {
        std::fs::create_dir_all(path.join(part)).unwrap();
    }
    for (number, (hour, raw)) in mails().into_iter().enumerate() {
        let part = ["cur", "new", ".Amazon/cur"][number % 3];
        std::fs::write(
            path.join(part).join(format!("{number}.host:2,S")),
            with_received(hour, &raw),
        )
        .unwrap();
    }
    std::fs::write(path.join("dovecot.index"), b"\0\x01index").unwrap();
    std::fs::write(path.join("tmp/half"), b"From: half a mail").unwrap();
    path
}

async fn measured(fill: impl FnOnce(&mut Archive)) -> Measured {
    let mut archive = Archive::new().unwrap();
    fill(&mut archive);
    archive.measure(Some(hours(50))).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_mbox_and_a_maildir_of_the_same_mails_give_the_same_numbers() {
    let folder = tempfile::tempdir().unwrap();
    let from_mbox = measured(|archive| archive.add_mbox(&mbox(folder.path())).unwrap()).await;
    let from_maildir = measured(|archive| {
        assert!(archive.add_maildir(&maildir(folder.path())).unwrap().is_empty());
    })
    .await;
    for measured in [from_mbox, from_maildir] {
        let mails = Mails {
            read: 8,
            buyer_messages: 4,
            reply_copies: 3,
            unmatched_copies: 1,
            undated: 0,
        };
        assert_eq!(measured.mails, mails);
        let [week, ..] = &measured.metrics[..] else {
            panic!("no windows");
        };
        // Answered after 2 and after 30 hours, not at all, and one inside its 24 hours.
        assert_eq!(
            (
                week.counts.within_24h,
                week.counts.responded_over_24h,
                week.counts.no_response_over_24h
            ),
            (1, 1, 1)
        );
        assert_eq!(week.counts.average_response_seconds, Some(16.0 * 3600.0));
        let codes: Vec<_> = measured.metrics.iter().filter_map(|line| line.marketplace).collect();
        assert_eq!(codes, ["DE", "DE", "DE", "FR", "FR", "FR"]);
        assert_eq!(measured.response_days.len(), 90);
        assert_eq!(
            measured
                .response_days
                .iter()
                .map(|day| day.within_24h + day.late)
                .sum::<u64>(),
            3
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_at_once_count_each_message_once() {
    let folder = tempfile::tempdir().unwrap();
    let once = measured(|archive| archive.add_mbox(&mbox(folder.path())).unwrap()).await;
    let twice = measured(|archive| {
        archive.add_mbox(&mbox(folder.path())).unwrap();
        archive.add_maildir(&maildir(folder.path())).unwrap();
    })
    .await;
    assert_eq!(once.metrics, twice.metrics);
    assert_eq!(twice.mails.buyer_messages, 8);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn broken_archives_give_what_is_whole() {
    let folder = tempfile::tempdir().unwrap();
    let path = mbox(folder.path());
    let whole = std::fs::read(&path).unwrap();
    let mut seen = 0;
    for end in (0..whole.len()).step_by(97) {
        // Cut off anywhere, with bytes that are no text.
        let mut cut = whole[..end].to_vec();
        cut.extend_from_slice(b"\xff\xfe\0>From \n\nFrom nobody at no time\n\nFrom \n");
        std::fs::write(&path, cut).unwrap();
        let mut archive = Archive::new().unwrap();
        if archive.add_mbox(&path).is_ok() {
            seen += 1;
        } else {
            assert!(end < 5, "only what does not begin as an mbox is none: {end}");
        }
    }
    assert!(seen > 50);
    let cut_short = &whole[..whole.len() / 2];
    std::fs::write(&path, cut_short).unwrap();
    let measured = measured(|archive| archive.add_mbox(&path).unwrap()).await;
    assert!(measured.mails.buyer_messages >= 1);
}

/// A shop's three months: a message or some on most days, answered in Seller Central after hours, or a day, or not.
fn three_months(folder: &Path) -> PathBuf {
    let mut whole = String::new();
    let mut add = |at: Timestamp, raw: Vec<u8>| {
        let text = String::from_utf8(raw).unwrap().replace("\r\n", "\n");
        let line = dated(at, "%a %b %e %H:%M:%S %Y");
        let text = text.replace("\nFrom F", "\n>From F");
        whole.push_str(&["From relay@amazon.example ", &line, "\n", &text, "\n"].concat());
    };
    for number in 0..180_i64 {
        let at = hours(number * 12 + number * number % 11);
        let name = format!("Buyer {number}");
        let (alias, id, date) = (
            format!("b{number}aaaaaaaaaaa"),
            format!("m{number}"),
            dated(at, "%a, %d %b %Y %T +0000"),
        );
        let order = format!("302-{number:07}-7654321");
        let mail = BuyerMail {
            alias: &alias,
            name: &name,
            order: Some(&order),
            id: &id,
            token: &id,
            date: &date,
            domain: if number % 4 == 3 { "fr" } else { "de" },
            ..BuyerMail::default()
        };
        add(at, mail.raw());
        let took = 1 + number * 7 % 23 + if number % 17 == 5 { 20 } else { 0 };
        if number % 29 != 11 {
            add(
                shift(at, SignedDuration::from_hours(took)),
                copy(number, &dated(at, "%a, %d %b %Y %T +0000")),
            );
        }
    }
    let path = folder.join("archive.mbox");
    std::fs::write(&path, whole).unwrap();
    path
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_page_of_the_command_shows_what_an_archive_comes_to() {
    let folder = tempfile::tempdir().unwrap();
    let mut archive = Archive::new().unwrap();
    archive.add_mbox(&three_months(folder.path())).unwrap();
    let page = render(&archive.measure(None).await.unwrap(), 110);
    let command = concat!(env!("CARGO_MANIFEST_DIR"), "/../infra/docs/command.md");
    let command = std::fs::read_to_string(command).unwrap();
    let shown = page.lines().map(str::trim_end).collect::<Vec<_>>().join("\n");
    assert!(command.contains(&shown), "{shown}");
}
