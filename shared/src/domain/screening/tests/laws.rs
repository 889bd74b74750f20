use std::collections::BTreeSet;
use std::fmt::Write as _;

use proptest::prelude::*;

use super::super::super::language::Language;
use super::super::{Draft, DraftKind, LONGEST_EXCERPT, Report, Rule, Settings, Verdict, screen};
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

/// Both sorts, for laws about where a sentence stands.
const SENTENCES: [&str; 20] = [
    "See brightlamp-help.com for the guide.",
    "Write to help@lamp-care.com.",
    "Ruf an: +44 161 496 0444",
    "Please change your review.",
    "A gift card for a 5-star review.",
    "Sorted 🎉",
    "Please leave a review on Amazon.",
    "Your order has left our warehouse.",
    "Danke für Ihre Bestellung.",
    "Order 205-2874521-5527382 is late; we are sorry.",
    "Could you cancel it on your side?",
    "Hi {{contact.name}}",
    "Nous ne pouvons pas livrer avant lundi.",
    "The parcel goes out today.",
    "本日発送いたします。",
    "The lamp is 230 V & < 5 kg.",
    "",
    "",
    "Here is a coupon for you.",
    "Find us on Instagram",
];

const VARIABLES: [&str; 14] = [
    "{{ticket.requester.name}}",
    "{{ticket.id}}",
    "{{agent.email}}",
    "{{contact.name | default: 'there'}}",
    "{%mailbox.name%}",
    "{%customer.firstName,fallback=there%}",
    "{customer.name}",
    "{{item.link}}",
    "[[OrderId]]",
    "${shop.name}",
    "<%= ticket.link %>",
    "%TRACKING_CODE%",
    "@Model.Name",
    "{{#if order.info}}",
];

/// Words that are an act in one language and harmless in others, or in none of these sentences.
const FOREIGN: [(&str, &str); 11] = [
    ("en", "slut"),
    ("en", "retard"),
    ("fr", "soldes"),
    ("en", "call 04112233"),
    ("de", "Gutschein"),
    ("es", "puta"),
    ("pt", "puta"),
    ("it", "stronzo"),
    ("nl", "korting"),
    ("pl", "rabat"),
    ("tr", "indirim"),
];

const SENTENCE_IN: [(&str, &str, &str); 8] = [
    (
        "sv",
        "Fjärrkontrollen har tagit",
        "så vi skickar en ny till er i morgon.",
    ),
    ("sv", "Färg: svart (", "), vit (finns)."),
    ("fr", "Nous avons reçu", "et la pièce part demain."),
    ("it", "Il pacco è", "e arriva domani da Lei."),
    ("de", "Die Lampe ist", "und kommt morgen bei Ihnen an."),
    ("ja", "商品は", "本日発送いたしました。"),
    ("pl", "Paczka jest", "i będzie u Pana jutro."),
    ("ar", "الطرد", "وسيصل إليكم غدا."),
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
            assert!(span.end - span.start <= LONGEST_EXCERPT);
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
    fn text_moved_to_html_keeps_its_verdict(
        words in prop::collection::vec(prop::sample::select(&SENTENCES[..]), 1..5),
        kind in 0..3,
    ) {
        let text = words.join("\n");
        let html = format!("<p>{}</p>", text.replace('&', "&amp;").replace('<', "&lt;").replace('\n', "<br>"));
        let kind = [DraftKind::Reply, DraftKind::Proactive, DraftKind::ReviewRequest][usize::try_from(kind).unwrap()];
        let plain = Draft { text: text.as_str().into(), kind, buyer_language: Language::parse("en"), ..Draft::default() };
        let moved = Draft { text: "".into(), html: Some(html.as_str().into()), ..plain.clone() };
        let both = Draft { html: Some(html.as_str().into()), ..plain.clone() };
        let settings = Settings::default();
        let (plain, moved, both) = (screen(&plain, &settings), screen(&moved, &settings), screen(&both, &settings));
        prop_assert_eq!((plain.verdict, rules(&plain)), (moved.verdict, rules(&moved)), "{}", html);
        prop_assert_eq!(plain.findings, both.findings, "one act in both is one finding: {}", html);
    }

    #[test]
    fn quoting_a_draft_never_makes_it_graver(
        words in prop::collection::vec(prop::sample::select(&SENTENCES[..]), 1..5),
        noise in "\\PC{0,40}",
        marks in prop::sample::select(&["> ", ">", ">> ", " > "][..]),
    ) {
        let text = format!("{}\n{noise}", words.join("\n"));
        let quoted: Vec<String> = text.split('\n').map(|line| format!("{marks}{line}")).collect();
        let quoted = quoted.join("\n");
        let below = format!("Am 3. Mai 2026 um 14:02 schrieb Jo <jo@marketplace.amazon.de>:\n{text}");
        let (plain, marked, below) = (reply(&text), reply(&quoted), reply(&below));
        prop_assert!(marked.verdict <= plain.verdict, "{:?} {}", marked, quoted);
        prop_assert!(below.verdict <= plain.verdict, "{:?} {}", below, text);
        prop_assert!(marked.verdict < Verdict::Block, "{:?} {}", marked, quoted);
    }

    #[test]
    fn a_placeholder_never_makes_a_finding_in_a_template(
        words in prop::collection::vec(prop::sample::select(&INNOCENT[..7]), 1..5),
        variables in prop::collection::vec(prop::sample::select(&VARIABLES[..]), 1..5),
        root in "[a-z]{2,8}", name in "[a-z]{2,8}(_[a-z]{2,8})?", ending in prop::sample::select(&["name", "id", "email", "link", "shop", "to"][..]),
    ) {
        let mut text = String::new();
        for (word, variable) in words.iter().zip(variables.iter().cycle()) {
            writeln!(text, "{variable} {word} {{{{ {root}.{name}.{ending} }}}} {variable}").unwrap();
        }
        let draft = Draft { text: text.as_str().into(), template: true, ..Draft::default() };
        prop_assert_eq!(rules(&screen(&draft, &Settings::default())), [], "{}", text);
    }

    #[test]
    fn words_of_another_language_never_fire_where_the_language_is_known(
        word in prop::sample::select(&FOREIGN[..]),
        sentence in prop::sample::select(&SENTENCE_IN[..]),
    ) {
        let (of, word) = word;
        let (language, before, after) = sentence;
        prop_assume!(of != language);
        let text = format!("{before} {word} {after}");
        let draft = Draft { text: text.as_str().into(), buyer_language: Language::parse(language), ..Draft::default() };
        prop_assert_eq!(rules(&screen(&draft, &Settings::default())), [], "{}: {}", language, text);
    }

    #[test]
    fn screening_is_total(text in any::<String>(), html in any::<String>(), subject in any::<String>(), kind in 0..3) {
        let kind = [DraftKind::Reply, DraftKind::Proactive, DraftKind::ReviewRequest][usize::try_from(kind).unwrap()];
        let draft = Draft { text: text.as_str().into(), html: Some(html.into()), subject: Some(subject.into()), kind, ..Draft::default() };
        spans_fit(&text, &screen(&draft, &Settings::default()));
    }
}
