use super::super::Rule::{CarrierLink, ContactEmail, ContactPhone, CrossSell, ExternalLink, InsecureLink};
use super::super::{Draft, Settings, screen};
use super::{each, reply, rules};
use crate::domain::order_id::Asin;

#[test]
fn links_are_found_however_they_are_written() {
    each(
        &[ExternalLink],
        &[
            "The guide is at brightlamp-help.com.",
            "Das steht unter lampenhilfe punkt de",
            "Voyez www . lampeclaire . fr pour cela",
            "説明書はｌａｍｐ－ｈｅｌｐ．ｊｐにございます。",
            "Open hxxps://lamp-help.net/a today",
            "Open lamp[.]help[.]com today",
            "Visit lamphelp (dot) com",
            "Log in at https://amazon.de@example.com/x",
            "See https://amazon-refund.com",
            "See https://amazon.de.example.com/orders",
            "See https://аmazon.de/orders",
            "Short: amzn.to/3abc",
            "EXAMPLE-LAMPS.DE has it",
            "see lamp\u{200b}help.com",
            "go to l a m p h e l p . c o m",
            "w w w . shop . com",
        ],
    );
}

#[test]
fn amazons_own_links_pass_and_carriers_warn() {
    each(
        &[],
        &[
            "See https://www.amazon.co.jp/dp/B0FG3KQSB1",
            "Open amazon.de/orders",
            "https://sellercentral.amazon.it/help",
        ],
    );
    each(
        &[CarrierLink],
        &["Track it: https://www.dhl.de/sendung", "ups.com/track"],
    );
    each(&[InsecureLink], &["See http://amazon.fr/x"]);
    each(&[CarrierLink, InsecureLink], &["See http://www.dhl.de/x"]);
    each(&[ExternalLink], &["https://dhl.de.example.com/x"]);
}

#[test]
fn numbers_names_and_forgotten_blanks_are_no_links() {
    each(
        &[],
        &[
            "It is packed.It goes out today. Alles bereit.Es folgt die Rechnung.",
            "Version 1.2.3, 12.5kg.The box, z.B. grau, e.g.this one, p.ej. azul, X-T30.II and KX-3.Pro fit.",
            "See manual.pdf, rechnung.docx and firmware_v2.zip, or wait...then press at 14.30.",
            "The red dot in the corner and the com port at the back. El punto es que la pieza encaja.",
            "The parcel is packed.it goes out today.",
        ],
    );
}

#[test]
fn addresses_are_found_in_every_language() {
    each(
        &[ContactEmail],
        &[
            "Write to help@lamp-care.com",
            "Write to jo@lampcare.lighthouse",
            "max dot muster at gmail dot com",
            "info(at)lampe.de",
            "info [at] lampe [dot] com",
            "nombre arroba gmail punto com",
            "nome chiocciola gmail punto it",
            "nom arobase free point fr",
            "imię małpa wp kropka pl",
            "naam apenstaartje ziggo punt nl",
            "namn snabel-a telia punkt se",
            "name ät web punkt de",
            "name(アットマーク)shop.jp",
            "name＠gmail．com",
            "a1b2c3d4e5@marketplace.amazon.com.example.ru",
        ],
    );
    each(
        &[],
        &[
            "It went to q9w8e7r6t5y4u3i+abcd-1234@marketplace.amazon.de",
            "It works at home and in Gmail.",
        ],
    );
}

#[test]
fn telephone_numbers_are_told_from_other_numbers() {
    each(
        &[ContactPhone],
        &[
            "+44 161 496 0444",
            "(206) 555-0147",
            "Telefonisch unter 0211 5550 199",
            "お電話は06-5550-4321で承っております。",
            "هاتف ٠٢١٢٣٤٥٦٧٨",
            "Tel. ０２１１ ５５５ ０１９９",
            "call us: 0 2 1 1 5 5 5 0 1 9 9",
        ],
    );
    each(
        &[],
        &[
            "Order 205-2874521-5527382, tracking 00036650099603072079, EAN 5012345678900.",
            "Article 0049-8911-2233, serial number 12345678, RMA 20251107.",
            "For your phone case order 205-2874521-5527382 the price is $1,234,567.",
            "We call the carrier on 2026-04-02 about parcel number 1234567890.",
        ],
    );
}

#[test]
fn asins_outside_the_thread_are_other_products() {
    let known = Asin::parse("B0FG3KQSB1").unwrap();
    let judge = |text: &str, asins: Vec<Asin>| {
        let draft = Draft {
            text: text.into(),
            thread_asins: asins,
            ..Draft::default()
        };
        rules(&screen(&draft, &Settings::default()))
    };
    assert_eq!(judge("Take B0DB648S14.", vec![known.clone()]), [CrossSell]);
    assert_eq!(
        judge("See https://www.amazon.de/dp/B0DB648S14", vec![known.clone()]),
        [CrossSell]
    );
    assert_eq!(judge("That is B0FG3KQSB1.", vec![known]), []);
    assert_eq!(judge("That is B0DB648S14.", vec![]), []);
}

#[test]
fn hrefs_are_judged_and_image_sources_are_not() {
    let judge = |html: &str| {
        let draft = Draft {
            text: "See here.".into(),
            html: Some(html.into()),
            ..Draft::default()
        };
        rules(&screen(&draft, &Settings::default()))
    };
    assert_eq!(judge(r#"<a href="https://lamp.example.com">here</a>"#), [ExternalLink]);
    assert_eq!(judge("<a href='http&#58;//www.amazon.de/x'>here</a>"), [InsecureLink]);
    assert_eq!(
        judge(r#"<a href="https://www.amazon.de/x">here</a><img src="https://x.example.com/a.png" width="90">"#),
        []
    );
}

#[test]
fn spans_point_into_the_text_as_given() {
    let report = reply("Grüße 🎉: see lamp\u{200b}help.com now");
    let finding = report
        .findings
        .iter()
        .find(|finding| finding.rule == ExternalLink)
        .unwrap();
    let span = finding.span.unwrap();
    assert_eq!((span.start, span.end), (13, 26));
    assert_eq!(finding.excerpt.as_ref().unwrap().expose(), "lamp\u{200b}help.com");
}
