//! A megabyte of anything takes linear time.

use std::time::{Duration, Instant};

use super::super::super::language::Language;
use super::super::super::order_id::Asin;
use super::super::{Draft, DraftKind, Report, Settings, screen};
use super::reply;

/// The text as every part of a draft, judged by as many rules as there are.
fn everywhere(text: &str) -> Report {
    let draft = Draft {
        text: text.into(),
        html: Some(text.into()),
        subject: Some(text.into()),
        kind: DraftKind::Proactive,
        buyer_language: Language::parse("fi"),
        thread_asins: Asin::parse("B0FG3KQSB1").into_iter().collect(),
        ..Draft::default()
    };
    screen(&draft, &Settings::default())
}

#[test]
fn a_megabyte_of_ordinary_text_takes_under_a_tenth_of_a_second() {
    let _ = reply("warm up");
    let honest = "Hello Ms Kern, thank you for the photos of the lid. The replacement (part no. 4.117.220) went out on \
        12 March with DHL, tracking 00340434161094042557, and should be with you on Friday. If the hinge is loose again, \
        please send us the serial number. Das Paket ist heute um 14.30 Uhr abgeholt worden. Kind regards, Tom\n\n";
    // Unoptimised, a twenty-fifth of it.
    let size = if cfg!(debug_assertions) { 40_000 } else { 1_000_000 };
    let text = honest.repeat(size / honest.len());
    let took = (0..5).map(|_| {
        let start = Instant::now();
        assert!(reply(&text).findings.is_empty());
        start.elapsed()
    });
    let limit = Duration::from_millis(if cfg!(debug_assertions) { 2_000 } else { 100 });
    let took = took.min().unwrap_or_default();
    assert!(took < limit, "{took:?}");
}

/// What a hostile draft is made of.
const UNITS: &[&str] = &[
    "a",
    "a.",
    ". ",
    "@",
    "review ",
    "change your review ",
    "a b ",
    "+49 ",
    "1 ",
    "(1) ",
    "http://",
    "a@b.com ",
    "dot com ",
    "レビュー",
    "\n",
    "🎉",
    "а",
    "please not free gift card for if review ",
    "(dot) ",
    "<a href=",
    "://",
    "not ",
    "!",
    "ا",
    "e\u{301}",
    "1 . ",
    "1 @ ",
    "1-",
    "a dot ",
    "a at b dot ",
    "www . ",
    "a. b . ",
    "com.It.",
    "hp://a.b/",
    "hxxps://a.com ",
    "http://[",
    "a@",
    "a@b.",
    "-",
    "\r",
    "\r\n",
    "\u{200b}a",
    "ﷺ",
    "[a",
    "<",
    "&#",
    "<style></style>",
    "call 206 555 0147 ",
    "shop.com, 10% off ",
    "please rate us! ",
    "c0upon ",
    "c o u p o n ",
    "reviewgutschein",
    "a! ",
    "{{a}} ",
    "{{a",
    "[a] ",
    "[[",
    "%A% ",
    "XXX ",
    "> a\n",
    "> ",
    "On 3 May 2026 wrote:\n",
    "-----Original Message-----\n",
    "a·com ",
    "www a ",
    "dotcom ",
    "-dot-",
    "_at_",
    "a@gmail ",
    "gmail: a.b ",
    " .com name",
    "zero eight ",
    "〇七",
    "1O1O",
    "205-2874521-5527382 ",
    "\u{202e}",
    "<p>&amp;",
    "<blockquote type=cite>",
    "http://192.168.0.1 ",
    "northfell.中国",
    "ส่งสินค้าแล้ววันนี้ ",
    "तो यह है ",
];

#[test]
fn hostile_drafts_of_a_megabyte_take_linear_time() {
    let _ = reply("warm up");
    // Twice the time of ordinary text: what is made of nothing but signs and phrases gives more to look at. Unoptimised and
    // beside other tests a twenty-fifth of the size: still so much that a quadratic path takes a minute.
    let (size, runs, limit) = if cfg!(debug_assertions) {
        (40_000, 1, Duration::from_secs(4))
    } else {
        (1_000_000, 3, Duration::from_millis(200))
    };
    let mut slow = Vec::new();
    for unit in UNITS {
        let text = unit.repeat(size / unit.len());
        // The best of three: other processes take their share of the time. Clippy forbids the wall clock in the domain; this
        // is a test's stopwatch.
        let took = (0..runs).map(|_| {
            let start = Instant::now();
            let _ = reply(&text);
            start.elapsed()
        });
        let took = took.min().unwrap_or_default();
        if took > limit {
            slow.push(format!("{unit:?}: {took:?}"));
        }
        // As subject and HTML too, proactive and for a buyer of another language: three times the text.
        let start = Instant::now();
        let _ = everywhere(&text);
        let took = start.elapsed();
        if took > limit * 8 {
            slow.push(format!("{unit:?} everywhere: {took:?}"));
        }
    }
    assert!(slow.is_empty(), "over {limit:?}: {slow:#?}");
}
