use super::super::Rule::{
    AttachmentCount, AttachmentSize, AttachmentType, Emoji, ExcessLineBreaks, HtmlStyling, ImportantTag, InsecureImage,
    MissingOrderId, OrderConfirmation, ThanksOnly, TrackingPixel, WrongLanguage,
};
use super::super::{Attachment, Draft, DraftKind, Rule, Settings, Verdict, screen};
use super::{each, of_kind, reply, rules};
use crate::domain::language::Language;

fn styled(html: &str) -> Vec<Rule> {
    rules(&screen(
        &Draft {
            text: "Hello.".into(),
            html: Some(html.into()),
            ..Draft::default()
        },
        &Settings::default(),
    ))
}

fn attached(files: &[(&str, &str, u64)]) -> (Verdict, Vec<Rule>) {
    let file = |&(name, media, bytes): &(&str, &str, u64)| Attachment {
        name: name.into(),
        media_type: Some(media.into()),
        bytes,
    };
    let attachments = files.iter().map(file).collect();
    let report = screen(
        &Draft {
            text: "Attached.".into(),
            attachments,
            ..Draft::default()
        },
        &Settings::default(),
    );
    (report.verdict, rules(&report))
}

#[test]
fn emoji_are_what_is_shown_as_one() {
    each(
        &[Emoji],
        &["Sorted 🎉", "Danke ❤\u{fe0f}", "1\u{fe0f}\u{20e3} first", "🇩🇪", "👩‍👩‍👧"],
    );
    each(&[], &["menu → clock ★ ™ © ® ✓ • 20 °C :)"]);
}

#[test]
fn three_line_breaks_are_a_note_in_a_reply_and_a_block_elsewhere() {
    let report = reply("Hello\r\n \r\n\r\nBye");
    assert_eq!(
        (report.verdict, rules(&report)),
        (Verdict::Allow, vec![ExcessLineBreaks])
    );
    assert_eq!(rules(&reply("Hello\r\n\r\nBye")), []);
    let report = of_kind(DraftKind::Proactive, "Order 205-6973112-3405822 is late.\n\n\nSorry.");
    assert_eq!(
        (report.verdict, rules(&report)),
        (Verdict::Block, vec![ExcessLineBreaks])
    );
}

#[test]
fn styling_and_images_follow_the_policy() {
    for html in [
        "<center>x</center>",
        "<p align=right>x</p>",
        "<p style='text-align:center'>x</p>",
        "<font size=2>x</font>",
        "<p style='line-height:2'>x</p>",
        "<div style='margin: 0 25%'>x</div>",
        "<img src='https://x.de/a.png' width='90%'>",
        "<i style='font-size:1px'></i><i style='font-size:2px'></i><i style='font-size:3px'></i><i style='font-size:4px'></i>",
    ] {
        assert_eq!(styled(html), [HtmlStyling], "{html}");
    }
    assert_eq!(
        styled("<p dir=\"rtl\" align=left><b>x</b></p><ul><li>y</li></ul><img src=https://x.de/a.png width=80%>"),
        []
    );
    assert_eq!(
        styled("<img src='https://x.de/a.gif' width=1 height=1>"),
        [TrackingPixel]
    );
    assert_eq!(
        styled("<img src='https://x.de/a.gif' style='display:none'>"),
        [TrackingPixel]
    );
    assert_eq!(
        styled("<img src='http://x.de/a.gif' width=0 height=0>"),
        [TrackingPixel, InsecureImage]
    );
}

#[test]
fn attachments_are_judged_by_last_extension_type_size_and_count() {
    assert_eq!(attached(&[("Invoice.PDF", "application/pdf", 9)]).1, []);
    assert_eq!(attached(&[("a.b.jpg", "image/jpeg", 9)]).1, []);
    assert_eq!(
        attached(&[("invoice.pdf.exe", "application/pdf", 9)]).1,
        [AttachmentType]
    );
    assert_eq!(attached(&[("readme", "text/plain", 9)]).1, [AttachmentType]);
    assert_eq!(attached(&[("a.pdf", "text/html", 9)]).1, [AttachmentType]);
    assert_eq!(
        attached(&[("a.pdf", "application/pdf", 8 << 20)]),
        (Verdict::Warn, vec![AttachmentSize])
    );
    assert_eq!(
        attached(&[("a.pdf", "application/pdf", 11 << 20)]),
        (Verdict::Block, vec![AttachmentSize])
    );
    assert_eq!(attached(&[("a.pdf", "application/pdf", 1); 6]).1, [AttachmentCount]);
}

#[test]
fn the_tag_needs_its_brackets() {
    let judge = |subject: &str| {
        let draft = Draft {
            text: "Which floor?".into(),
            subject: Some(subject.into()),
            ..Draft::default()
        };
        rules(&screen(&draft, &Settings::default()))
    };
    for subject in [
        "[important] x",
        "Re: [Wichtig]",
        "【重要】配送",
        "[Önemli] x",
        "[WAŻNE] y",
        "[مهم] z",
    ] {
        assert_eq!(judge(subject), [ImportantTag], "{subject}");
    }
    assert_eq!(judge("Important: your parcel"), []);
}

#[test]
fn proactive_mail_needs_an_order_id_and_a_purpose() {
    let judge = |text: &str| rules(&of_kind(DraftKind::Proactive, text));
    assert_eq!(judge("Which colour do you want? Please tell us."), [MissingOrderId]);
    assert_eq!(
        judge("Your order 701-9864260-5000308 has left our warehouse today."),
        [OrderConfirmation]
    );
    assert_eq!(judge("Danke für Ihre Bestellung 302-9659081-7136632."), [ThanksOnly]);
    assert_eq!(judge("Order 701-9864260-5000308 is delayed; we are sorry."), []);
    assert_eq!(judge("D01-1234567-1234567: your invoice is attached."), []);
}

#[test]
fn the_language_is_the_buyers_or_the_draft_is_too_short_to_tell() {
    let judge = |text: &str, language: &str| {
        let draft = Draft {
            text: text.into(),
            buyer_language: Language::parse(language),
            ..Draft::default()
        };
        rules(&screen(&draft, &Settings::default()))
    };
    let english = "We are sorry for the delay. The new lamp was handed to the carrier this morning.";
    assert_eq!(judge(english, "fr"), [WrongLanguage]);
    assert_eq!(judge(english, "en"), []);
    assert_eq!(judge("Thanks, noted.", "ja"), []);
    assert_eq!(
        judge(
            &format!("{english} Nous sommes désolés du retard. La nouvelle lampe est partie ce matin."),
            "fr"
        ),
        []
    );
}
