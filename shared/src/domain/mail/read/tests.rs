use super::*;
use crate::domain::alias::Alias;

fn mail(raw: &str) -> (Mail, Vec<&'static str>) {
    let (mail, defects) = read(raw.as_bytes());
    (mail, defects.into_iter().map(Defect::code).collect())
}

fn text(mail: &Mail) -> Option<&str> {
    mail.text.as_ref().map(Personal::expose)
}

const BUYER: &str = "a1b2c3+0a1b2c3d@marketplace.amazon.de";

#[test]
fn an_answer_in_copy_is_the_sellers_own() {
    let raw = format!(
        "From: Shop <shop@muster.example>\nTo: Vera Muster <{BUYER}>\nCc: desk@muster.example\nSubject: Re: Lampe\n\n\
         Sie ist unterwegs, 305-2871693-4776814.\n\nAm 16.11.2026 um 09:12 schrieb Vera Muster:\n> Wo ist sie?\n"
    );
    let (read, _) = mail(&raw);
    assert_eq!((read.kind, read.automatic), (Kind::OwnCopy, false));
    assert_eq!(read.alias.as_ref().map(Alias::expose), Some(BUYER));
    assert_eq!(read.buyer_name.as_ref().map(Personal::expose), Some("Vera Muster"));
    assert_eq!(text(&read), Some("Sie ist unterwegs, 305-2871693-4776814."));
    assert_eq!((read.order_ids.len(), read.claims_amazon), (1, false));
}

#[test]
fn what_no_person_of_the_sellers_wrote_is_no_own_copy() {
    let other = "z9y8x7@marketplace.amazon.de";
    for (fields, kind) in [
        (
            format!("From: shop@muster.example\nTo: {BUYER}\nAuto-Submitted: auto-replied"),
            Kind::Other,
        ),
        (format!("From: shop@muster.example\nTo: {BUYER}, {other}"), Kind::Other),
        (
            format!("From: shop@muster.example\nTo: {BUYER}\nX-Original-From: {other}"),
            Kind::Other,
        ),
        (
            format!("From: shop@muster.example\nTo: {BUYER}\nReply-To: {other}"),
            Kind::BuyerMessage,
        ),
        (
            format!("From: shop@muster.example, x@y.example\nTo: {BUYER}"),
            Kind::Other,
        ),
        (format!("From: {other}\nTo: {BUYER}"), Kind::BuyerMessage),
        (format!("From: donotreply@amazon.de\nTo: {BUYER}"), Kind::SystemNotice),
        (
            "From: shop@muster.example\nTo: no-reply@marketplace.amazon.de".to_owned(),
            Kind::Other,
        ),
        (format!("From: MAILER-DAEMON <>\nTo: {BUYER}"), Kind::DeliveryFailure),
    ] {
        let (read, _) = mail(&format!("{fields}\nSubject: Lampe\n\nText"));
        assert_eq!(read.kind, kind, "{fields}");
    }
}

#[test]
fn a_mail_server_without_an_address_says_what_failed() {
    for from in [
        "MAILER-DAEMON <>",
        "\"\" (Mail Delivery System)",
        "Mail Delivery Subsystem",
        "<>",
    ] {
        let raw = format!(
            "From: {from}\nTo: shop@muster.example\nSubject: Mail delivery failed\n\n<{BUYER}>: 550 unavailable\n\n\
             Message-ID: <01020193aa@within24.example>\n"
        );
        let (read, _) = mail(&raw);
        assert_eq!((read.kind, read.automatic), (Kind::DeliveryFailure, true), "{from}");
        assert_eq!(read.embedded_ids.len(), 1, "{from}");
    }
    let (read, _) = mail("From: <>\nSubject: hello\n\nx");
    assert_eq!((read.kind, read.automatic), (Kind::Other, true));
}

#[test]
fn words_that_cannot_be_unpacked_are_told_of() {
    let part = |media_type: &str, name: &str| {
        format!("--b\nContent-Type: {media_type}; name={name}\nContent-Transfer-Encoding: base64\n\nAAECAwQ=\n")
    };
    let with = |parts: &str| {
        mail(&format!(
            "From: {BUYER}\nSubject: x\nContent-Type: multipart/mixed; boundary=b\n\n{parts}--b--\n"
        ))
    };
    for (media_type, name) in [
        ("application/ms-tnef", "x.dat"),
        ("application/octet-stream", "WINMAIL.DAT"),
        ("application/pkcs7-mime", "smime.p7m"),
        ("application/pgp-encrypted", "x"),
    ] {
        let (read, defects) = with(&part(media_type, name));
        assert_eq!((text(&read), defects), (None, vec!["packed-body"]), "{media_type}");
        assert_eq!(read.attachments.len(), 1);
        let plain = "--b\nContent-Type: text/plain\n\nHier steht alles.\n";
        let (read, defects) = with(&format!("{plain}{}", part(media_type, name)));
        assert_eq!(
            (text(&read), defects),
            (Some("Hier steht alles."), vec![]),
            "{media_type}"
        );
    }
    let (_, defects) = with(&part("image/jpeg", "x.jpg"));
    assert_eq!(defects, [""; 0], "a photo alone is no packed mail");
}

#[test]
fn the_words_of_a_signed_mail_are_read() {
    // SignedData without signers around a mail of one part.
    let inner = b"Content-Type: text/plain; charset=utf-8\r\n\r\nDie Lampe flackert.\r\n";
    let short = |n: usize| u8::try_from(n).expect("short");
    let value = |tag: u8, content: &[u8]| [&[tag, short(content.len())], content].concat();
    let oid = |last: u8| [6, 9, 42, 134, 72, 134, 247, 13, 1, 7, last];
    let content = value(0x30, &[&oid(1)[..], &value(0xa0, &value(4, inner))].concat());
    let signed = [&[2, 1, 1][..], &value(0x31, &[]), &content, &value(0x31, &[])].concat();
    let signed = [&[0x30, 0x81, short(signed.len())], &signed[..]].concat();
    let body = [&oid(2)[..], &[0xa0, 0x81, short(signed.len())], &signed].concat();
    let packed = [&[0x30, 0x81, short(body.len())], &body[..]].concat();
    let head = format!(
        "From: {BUYER}\r\nSubject: x\r\nContent-Type: application/pkcs7-mime; smime-type=signed-data; name=smime.p7m\r\n\
         Content-Transfer-Encoding: binary\r\n\r\n"
    );
    let (mail, defects) = read(&[head.as_bytes(), &packed].concat());
    assert_eq!(text(&mail), Some("Die Lampe flackert."));
    assert!(defects.is_empty() && mail.attachments.is_empty());
}

#[test]
fn a_saved_file_may_begin_with_a_byte_order_mark() {
    let (read, defects) = mail(&format!(
        "\u{feff}From: {BUYER}\r\nSubject: Frage\r\n\r\nWo ist sie?\r\n"
    ));
    assert_eq!(
        (read.kind, text(&read), defects),
        (Kind::BuyerMessage, Some("Wo ist sie?"), vec![])
    );
}

#[test]
fn a_store_not_known_yet_has_no_address_to_answer_at() {
    let fields = "X-Space-Notification-Type: BBC_MESSAGE_SENT_TO_MERCHANT\nSubject: x\n\nWhere is it?";
    let (read, _) = mail(&format!("From: a1b2c3@marketplace.amazon.co.kr\n{fields}"));
    assert_eq!(
        (read.kind, read.alias, read.claims_amazon),
        (Kind::BuyerMessage, None, true)
    );
    let (read, _) = mail(&format!(
        "From: no-reply-amazon-iba-buyer@marketplace.amazon.es\n{fields}"
    ));
    assert!(read.kind == Kind::BuyerMessage && read.alias.is_some_and(|alias| alias.is_shared()));
}

#[test]
fn words_above_a_quotation_stay_in_html_too() {
    for (html, own) in [
        // Yahoo: the attribution stands in a block of its own, without a blank line.
        (
            "<div>der Deckel fehlt</div><div>und das Kabel auch</div><div class=\"yahoo_quoted\"><div>Am Montag, 16. \
             November 2026 um 09:12:44 MEZ hat Muster Shop &lt;shop@muster.example&gt; Folgendes geschrieben:</div>\
             <div>alter Text</div></div>",
            "der Deckel fehlt\nund das Kabel auch",
        ),
        (
            "the number is<br>113-4490217-6623385<br>On Nov 16, 2026, at 9:12 AM, Muster Shop wrote:<br>\
             <blockquote type=\"cite\">old<br>text</blockquote>",
            "the number is\n113-4490217-6623385",
        ),
        (
            "<p>Il manque :</p><p>&gt; le couvercle<br>&gt; le câble</p><p>Merci.</p>",
            "Il manque :\n\n> le couvercle\n> le câble\n\nMerci.",
        ),
        (
            "<p>mine</p><blockquote type=\"cite\">which size?</blockquote><p>39</p>",
            "mine\n\n39",
        ),
    ] {
        let (read, _) = mail(&format!(
            "From: {BUYER}\nSubject: x\nContent-Type: text/html; charset=utf-8\n\n{html}"
        ));
        assert_eq!(text(&read).unwrap().replace("\n\n\n", "\n\n"), own);
    }
}

#[test]
fn html_is_read_in_the_charset_that_it_names() {
    let html = "From: a1b2c3@marketplace.amazon.pl\nSubject: x\nContent-Type: text/html\n\n\
                <html><head><meta charset=\"iso-8859-2\"></head><p>Za\u{bf}\u{f3}\u{b3}\u{e6} g\u{ea}\u{b6}l\u{b1}</p>";
    let bytes: Vec<u8> = html
        .chars()
        .map(|c| u8::try_from(u32::from(c)).expect("one byte"))
        .collect();
    let (mail, _) = read(&bytes);
    assert_eq!(text(&mail), Some("Zażółć gęślą"));
}
