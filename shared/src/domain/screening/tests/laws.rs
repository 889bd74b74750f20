use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::super::super::language::Language;
use super::super::super::order_id::Asin;
use super::super::{Draft, DraftKind, Report, Rule, Settings, screen};
use super::{reply, rules};

/// One violation of each rule that reads the text, in several languages.
const VIOLATIONS: [(Rule, &str); 18] = [
    (Rule::ExternalLink, "see brightlamp-help.com"),
    (Rule::ExternalLink, "unter lampenhilfe punkt de"),
    (Rule::ContactEmail, "help@lamp-care.com"),
    (Rule::ContactEmail, "nome chiocciola gmail punto it"),
    (Rule::ContactPhone, "+44 161 496 0444"),
    (Rule::ContactPhone, "telefonisch 0211 5550 199"),
    (Rule::ReviewManipulation, "please change your review"),
    (Rule::ReviewManipulation, "merci de modifier votre note"),
    (Rule::ReviewIncentive, "Gutschein für Ihre Bewertung"),
    (Rule::ReviewIncentive, "レビューでギフト券"),
    (Rule::OffPlatform, "find us on Instagram"),
    (Rule::OffPlatform, "pague por PayPal y se lo enviamos"),
    (Rule::PrivateDataRequest, "send us your bank details"),
    (Rule::PrivateDataRequest, "prosimy o numer karty"),
    (Rule::Marketing, "abonnieren Sie unseren Newsletter"),
    (Rule::CancelSteering, "could you cancel it on your side"),
    (Rule::CrossSell, "our customers also buy the stand"),
    (Rule::OptOutLink, "unsubscribe here"),
];

const INNOCENT: [&str; 8] = [
    "The parcel goes out today.",
    "Das Paket geht heute raus.",
    "Nous ne pouvons pas livrer avant lundi.",
    "本日発送いたします。",
    "Order 205-2874521-5527382 is not lost.",
    "No, thank you!",
    "الطرد في الطريق.",
    "👍",
];

fn found(text: &str) -> BTreeSet<Rule> {
    reply(text).findings.iter().map(|finding| finding.rule).collect()
}

/// The same letters, full-width where there are such.
fn wide(c: char) -> char {
    match c {
        '!'..='~' => char::from_u32(u32::from(c) + 0xfee0).unwrap_or(c),
        other => other,
    }
}

fn disguise(text: &str, seed: &[u8]) -> String {
    const INVISIBLE: [char; 5] = ['\u{200b}', '\u{200d}', '\u{2060}', '\u{ad}', '\u{202e}'];
    let mut out = String::new();
    for (index, c) in text.chars().enumerate() {
        let dice = seed[index % seed.len()];
        match dice % 4 {
            0 => out.extend(c.to_uppercase()),
            1 => out.push(wide(c)),
            _ => out.push(c),
        }
        if dice & 8 != 0 {
            out.push(INVISIBLE[usize::from(dice >> 4) % INVISIBLE.len()]);
        }
    }
    out
}

fn spans_fit(text: &str, report: &Report) {
    for finding in &report.findings {
        if let Some(span) = finding.span {
            assert!(span.start < span.end);
            let excerpt: String = text.chars().skip(span.start).take(span.end - span.start).collect();
            assert_eq!(
                finding.excerpt.as_ref().map(crate::domain::personal::Personal::expose),
                Some(excerpt.as_str())
            );
            assert_eq!(excerpt.chars().count(), span.end - span.start);
        }
    }
}

#[test]
fn every_violation_of_the_laws_is_one() {
    for (rule, text) in VIOLATIONS {
        assert!(found(text).contains(&rule), "{rule:?}: {text}");
    }
    for text in INNOCENT {
        assert!(rules(&reply(text)).iter().all(|rule| *rule == Rule::Emoji), "{text}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(debug_assertions) { 256 } else { 4096 }))]

    #[test]
    fn appending_innocent_text_never_removes_a_finding(
        violation in prop::sample::select(&VIOLATIONS[..]),
        before in prop::collection::vec(prop::sample::select(&INNOCENT[..]), 0..4),
        after in prop::collection::vec(prop::sample::select(&INNOCENT[..]), 0..4),
    ) {
        let text = format!("{}\n{}.\n{}", before.join("\n"), violation.1, after.join("\n"));
        prop_assert!(found(&text).contains(&violation.0), "{}", text);
    }

    #[test]
    fn case_width_and_invisible_characters_never_hide_a_violation(
        violation in prop::sample::select(&VIOLATIONS[..]),
        seed in prop::collection::vec(any::<u8>(), 1..40),
    ) {
        // Turkish and German letters change under upper-casing; what is meant stays readable.
        let text = disguise(violation.1, &seed);
        prop_assert!(found(&text).contains(&violation.0), "{}", text);
        spans_fit(&text, &reply(&text));
    }

    #[test]
    fn spans_are_valid_and_equal_to_the_excerpt(text in "\\PC{0,200}", at in 0..VIOLATIONS.len()) {
        let text = format!("{text} {} {text}", VIOLATIONS[at].1);
        spans_fit(&text, &reply(&text));
    }

    #[test]
    fn screening_is_total(text in any::<String>(), html in any::<String>(), subject in any::<String>(), kind in 0..3) {
        let kind = [DraftKind::Reply, DraftKind::Proactive, DraftKind::ReviewRequest][usize::try_from(kind).unwrap()];
        let draft = Draft { text: text.as_str().into(), html: Some(html.into()), subject: Some(subject.into()), kind, ..Draft::default() };
        spans_fit(&text, &screen(&draft, &Settings::default()));
    }
}

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
    let units = [
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
    ];
    let mut slow = Vec::new();
    for unit in units {
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
