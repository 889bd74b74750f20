//! The reader: takes a mail apart, decides what it is, then fills in what that kind of mail can tell.

use std::borrow::Cow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::LazyLock;

use aho_corasick::AhoCorasick;
use jiff::Timestamp;

use super::data::{fold, rows};
use super::defect::{
    BAD_DATE, CR_LINE_ENDS, Defects, EMPTY, FRAME_CUT, NO_HEADERS, PACKED_BODY, READER_FAILED, REPEATED_HEADER,
    TRUNCATED,
};
use super::header::{Headers, date};
use super::html::Converted;
use super::mime::Body;
use super::sender::Sender;
use super::{
    Defect, Kind, Mail, OrderIdFrom, automatic, delivery, fill, footer, frame, history, html, kind, name, relay,
};
use crate::domain::language;
use crate::domain::personal::Personal;

/// Bytes of a mail that are read. Amazon takes in 10 MB of attachments, which are 14 MB in Base64; what matters stands first.
const LARGEST: usize = 12 * 1024 * 1024;

static PRESALE: LazyLock<AhoCorasick> = LazyLock::new(|| {
    let words = rows(include_str!("data/presale.tsv")).filter_map(|cells| cells.get(1).map(|words| fold(words)));
    AhoCorasick::new(words).expect("the phrases are few and short")
});

/// Reads a mail; a fault of the reader itself becomes a defect.
pub(super) fn guarded(raw: &[u8]) -> (Mail, Vec<Defect>) {
    catch_unwind(AssertUnwindSafe(|| read(raw))).unwrap_or_else(|_| (blank(), vec![READER_FAILED]))
}

/// The text of a mail, taken apart.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Words<'a> {
    /// Amazon's part before the words.
    pub head: &'a str,
    /// The words, with what they quote.
    pub own: &'a str,
    /// Amazon's part behind the words.
    pub footer: &'a str,
    /// The end of the frame is missing.
    pub cut: bool,
    /// A frame, or a message of Amazon's customer service, was recognised.
    pub framed: bool,
}

fn read(raw: &[u8]) -> (Mail, Vec<Defect>) {
    let mut defects = Defects::default();
    let raw = if raw.len() > LARGEST {
        defects.add(TRUNCATED);
        &raw[..LARGEST]
    } else {
        raw
    };
    if raw.iter().all(u8::is_ascii_whitespace) {
        defects.add(EMPTY);
        return (blank(), defects.into_vec());
    }
    let raw = line_ends(raw, &mut defects);
    let (headers, content) = Headers::split(&raw, &mut defects);
    note_headers(&headers, &mut defects);
    let mut body = Body::read(&headers, content, &mut defects);
    let (plain, converted) = texts(&mut body);
    let readable = plain
        .as_deref()
        .or(converted.as_ref().map(|c| c.text.as_str()))
        .unwrap_or_default();
    if body.packed && readable.trim().is_empty() {
        defects.add(PACKED_BODY);
    }
    let sender = Sender::read(&headers);
    let subject = headers.text("Subject");
    let folded_subject = subject.as_deref().map(fold).unwrap_or_default();
    let kind = kind::classify(&headers, &sender, &body, &folded_subject, readable);
    let words = take_apart(kind, readable, plain.is_some(), converted.as_ref());
    if words.cut && kind == Kind::BuyerMessage {
        defects.add(FRAME_CUT);
    }
    let cited = plain.is_none() && converted.as_ref().is_some_and(|c| c.cited);
    let parted = part(kind, words.own, cited);
    let automatic = || automatic::is_automatic(&headers, &sender, body.report.is_some(), &folded_subject, &parted.own);

    let mut mail = blank();
    mail.automatic = !matches!(kind, Kind::BuyerMessage | Kind::Other) || automatic();
    mail.kind = kind;
    if kind == Kind::Other && sender.written_to.is_some() && !mail.automatic {
        mail.kind = Kind::OwnCopy;
    }
    mail.claims_amazon = sender.claims_amazon;
    mail.message_id = fill::message_id(&headers, &mut defects);
    mail.answers = fill::answers(&headers);
    mail.date = sent_at(&headers, &mut defects);
    mail.attachments = std::mem::take(&mut body.attachments);
    fill::addresses(&mut mail, &headers, &sender, &body, readable, &words);
    fill::order_ids(
        &mut mail,
        subject.as_deref().unwrap_or_default(),
        &words,
        &parted,
        &body,
    );
    fill_frame(&mut mail, &words, &folded_subject);
    mail.buyer_name = buyer_name(mail.kind, &sender, subject.as_deref().unwrap_or_default());
    if matches!(mail.kind, Kind::DeliveryFailure) || sender.claims_amazon && mail.kind != Kind::BuyerMessage {
        mail.embedded_ids = fill::embedded_ids(&body, readable, mail.message_id.as_ref());
    }
    mail.delivery = (mail.kind == Kind::DeliveryFailure).then(|| delivery::delivery(&body.reports));
    mail.language = language::detect(&parted.own);
    mail.text = (!parted.own.is_empty()).then(|| Personal::new(parted.own));
    mail.subject = subject.map(Personal::new);
    (mail, defects.into_vec())
}

/// Notes what is wrong with a header as a whole.
fn note_headers(headers: &Headers<'_>, defects: &mut Defects) {
    if headers.is_empty() {
        defects.add(NO_HEADERS);
    }
    headers.note_nul(defects);
    for field in ["From", "Subject", "Message-ID", "Date"] {
        if headers.all(field).nth(1).is_some() {
            defects.add(REPEATED_HEADER);
        }
    }
}

/// The plain text, and the HTML as text where it is needed: beside a plain text it is of use only for Amazon's anchor.
fn texts(body: &mut Body) -> (Option<String>, Option<Converted>) {
    let plain = plain_text(body);
    let html = body
        .html
        .take()
        .filter(|html| plain.is_none() || memchr::memmem::find(html.as_bytes(), html::ANCHOR.as_bytes()).is_some());
    (plain, html.map(|html| html::to_text(&html)))
}

/// The writer's own words and what they quote; a notice is not taken apart.
fn part(kind: Kind, words: &str, cited: bool) -> history::Parted {
    if matches!(kind, Kind::BuyerMessage | Kind::Other | Kind::ReplyCopy) {
        return history::part(words, cited);
    }
    history::Parted {
        own: words.trim().to_owned(),
        history: String::new(),
    }
}

fn sent_at(headers: &Headers<'_>, defects: &mut Defects) -> Option<Timestamp> {
    let value = headers.plain("Date")?;
    let read = date(&value);
    if read.is_none() {
        defects.add(BAD_DATE);
    }
    read
}

/// What Amazon's frame says beside the words: products, token, link.
fn fill_frame(mail: &mut Mail, words: &Words<'_>, folded_subject: &str) {
    if !matches!(mail.kind, Kind::BuyerMessage | Kind::ReplyCopy) {
        return;
    }
    let link = footer::no_response_link(words.footer);
    mail.token = footer::token(words.footer, link);
    if mail.kind == Kind::BuyerMessage {
        mail.asins = footer::asins(words.head);
        mail.presale = is_presale(mail, folded_subject);
        mail.no_response_link = link.map(|link| Personal::from(link.url));
    }
}

/// The name beside the buyer's address, else the one in the subject.
fn buyer_name(kind: Kind, sender: &Sender, subject: &str) -> Option<Personal> {
    let beside = match kind {
        Kind::BuyerMessage => sender.alias_name(),
        Kind::OwnCopy => sender.written_to.as_ref().and_then(|m| m.name.as_deref()),
        Kind::ReplyCopy => None,
        _ => return None,
    };
    let found = beside
        .and_then(name::from_display)
        .or_else(|| name::from_subject(subject));
    found.map(Personal::new)
}

/// The plain text, where there is one. "Your program shows no HTML" stands in for the other one; if that is a buyer's sentence
/// after all, the other one says the same.
fn plain_text(body: &mut Body) -> Option<String> {
    const LONGEST: usize = 300;
    let plain = body.plain.take()?;
    let words = plain.trim();
    let points_at_html =
        || body.html.is_some() && words.len() <= LONGEST && words.to_ascii_lowercase().contains("html");
    (!words.is_empty() && !points_at_html()).then_some(plain)
}

fn blank() -> Mail {
    Mail {
        kind: Kind::Other,
        automatic: false,
        marketplace: None,
        alias: None,
        order_ids: Vec::new(),
        order_id_from: None,
        near_order_ids: Vec::new(),
        asins: Vec::new(),
        buyer_name: None,
        language: None,
        text: None,
        attachments: Vec::new(),
        subject: None,
        message_id: None,
        answers: Vec::new(),
        embedded_ids: Vec::new(),
        delivery: None,
        date: None,
        token: None,
        presale: false,
        no_response_link: None,
        claims_amazon: false,
    }
}

/// Makes bare carriage returns line feeds, if that is how the lines of this mail end.
fn line_ends<'a>(raw: &'a [u8], defects: &mut Defects) -> Cow<'a, [u8]> {
    let start = &raw[..raw.len().min(8192)];
    let feeds = memchr::memchr_iter(b'\n', start).count();
    // Most lines end in both.
    if memchr::memchr_iter(b'\r', start).count() <= feeds.max(1) {
        return Cow::Borrowed(raw);
    }
    let bare = start
        .windows(2)
        .filter(|pair| pair[0] == b'\r' && !matches!(pair[1], b'\n' | b'\r'))
        .count();
    if bare <= feeds.max(1) {
        return Cow::Borrowed(raw);
    }
    defects.add(CR_LINE_ENDS);
    let mut mended = raw.to_vec();
    for at in 0..mended.len() {
        if mended[at] == b'\r' && mended.get(at + 1) != Some(&b'\n') {
            mended[at] = b'\n';
        }
    }
    Cow::Owned(mended)
}

/// Takes the readable text apart. The anchor in the HTML is the surest sign of where the words stand.
fn take_apart<'a>(kind: Kind, readable: &'a str, has_plain: bool, converted: Option<&'a Converted>) -> Words<'a> {
    if !matches!(kind, Kind::BuyerMessage | Kind::ReplyCopy) {
        return Words {
            own: readable,
            ..Words::default()
        };
    }
    if kind == Kind::BuyerMessage
        && let Some(relayed) = relay::split(readable)
    {
        return Words {
            head: relayed.head,
            own: relayed.words,
            framed: true,
            ..Words::default()
        };
    }
    let framed = frame::split(readable);
    if let Some((converted, anchor)) = converted.and_then(|c| Some((c, c.anchor.clone()?))) {
        let typed = &converted.text[anchor.clone()];
        let empty_but_for_the_plain_text = typed.trim().is_empty() && has_plain && !framed.words.trim().is_empty();
        if !empty_but_for_the_plain_text || !framed.recognised {
            return Words {
                head: &converted.text[..anchor.start],
                own: typed,
                footer: &converted.text[anchor.end..],
                cut: false,
                framed: true,
            };
        }
    }
    Words {
        head: framed.head,
        own: framed.words,
        footer: framed.footer,
        cut: framed.cut && framed.recognised,
        framed: framed.recognised,
    }
}

/// A question about a product before an order: Amazon's subject says so, or the frame names a product and no order.
fn is_presale(mail: &Mail, subject: &str) -> bool {
    if matches!(mail.order_id_from, Some(OrderIdFrom::Subject | OrderIdFrom::Frame)) {
        return false;
    }
    !mail.asins.is_empty() || PRESALE.is_match(subject)
}

#[cfg(test)]
mod tests;
