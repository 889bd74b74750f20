use super::super::Rule::{
    AttachmentType, ContactEmail, Emoji, ExternalLink, HtmlStyling, ImportantTag, Marketing, OtherOrder,
    ReviewIncentive, ReviewManipulation, ReviewRequestTone,
};
use super::super::{Attachment, Draft, LONGEST_EXCERPT, Part, Report, Rule, Settings, Severity, Verdict, screen};
use super::{reply, rules};

fn html(html: &str) -> Report {
    screen(
        &Draft {
            text: "ok".into(),
            html: Some(html.into()),
            ..Draft::default()
        },
        &Settings::default(),
    )
}

#[test]
fn what_is_seen_of_the_html_is_read_as_text() {
    for (rule, markup) in [
        (ContactEmail, "<p>Mail mara@north<b>fell</b>.com</p>"),
        (Emoji, "<p>Sorted &#128512;</p>"),
        (
            ReviewIncentive,
            "<div>Ein <i>Gutschein</i> f&uuml;r Ihre Bewertung</div>",
        ),
        (ReviewManipulation, "<p>Merci de modifier<br>votre note.</p>"),
        (ExternalLink, "<p>See lamp<!-- x -->help.com</p>"),
    ] {
        let report = html(markup);
        assert_eq!(rules(&report), [rule], "{markup}");
        assert_eq!((report.findings[0].part, report.findings[0].span), (Part::Html, None));
        assert!(report.findings[0].excerpt.is_some(), "{markup}");
    }
}

#[test]
fn frames_forms_bases_and_scripts_lead_away() {
    for markup in [
        "<iframe src='https://lamp-help.com'></iframe>",
        "<base href='https://lamp-help.com/'>",
        "<a href='javascript:open()'>here</a>",
        "<form action='https://lamp-help.com/x'><button>Go</button></form>",
        "<meta http-equiv=refresh content='0;url=https://lamp-help.com'>",
        "<p onclick='go()'>here</p>",
        "<object data='https://lamp-help.com/x.swf'></object>",
    ] {
        assert!(rules(&html(markup)).contains(&ExternalLink), "{markup}");
    }
    assert_eq!(
        rules(&html(
            "<p><a href='#top'>up</a> <img src='https://x.example.com/a.png' width=90></p>"
        )),
        []
    );
}

#[test]
fn one_act_in_text_and_html_is_one_finding() {
    let draft = Draft {
        text: "Mail mara@northfell.com now.".into(),
        html: Some("<p>Mail <a href='mailto:mara@northfell.com'>mara@northfell.com</a> now.</p><p>Bye</p>".into()),
        ..Draft::default()
    };
    let report = screen(&draft, &Settings::default());
    assert_eq!(report.findings.len(), 1);
    assert_eq!(report.findings[0].part, Part::Text);
}

#[test]
fn quoted_lines_are_judged_one_step_milder() {
    for text in [
        "It is on its way.\n\n> Write me at jo@lamp-care.com\n> Thanks",
        "It is on its way.\n\nOn 3 May 2026 at 14:02, Jo <a1b2@marketplace.amazon.com> wrote:\nWrite me at jo@lamp-care.com",
        "Unterwegs.\n\n-----Ursprüngliche Nachricht-----\nSchreiben Sie an jo@lamp-care.com",
    ] {
        let report = reply(text);
        let finding = report
            .findings
            .iter()
            .find(|finding| finding.rule == ContactEmail)
            .unwrap();
        assert_eq!(
            (finding.quoted, finding.severity, report.verdict),
            (true, Severity::Warn, Verdict::Warn),
            "{text}"
        );
    }
    let own = reply("Write me at jo@lamp-care.com\n\n> Thanks\n> Jo");
    assert_eq!((own.verdict, own.findings[0].quoted), (Verdict::Block, false));
    assert_eq!(
        reply("> Please leave a review?\n> Jo\n\nThank you, noted.").verdict,
        Verdict::Allow
    );
}

#[test]
fn spans_in_quoted_lines_point_into_the_text_as_given() {
    let text = "Ja.\n> Bitte an\n> jo@lamp-care.com schreiben\n> Gruß";
    let report = reply(text);
    let span = report.findings[0].span.unwrap();
    let excerpt: String = text.chars().skip(span.start).take(span.end - span.start).collect();
    assert_eq!(excerpt, "jo@lamp-care.com");
}

#[test]
fn overlapping_findings_of_a_rule_are_one() {
    for text in [
        "Please leave us a positive 5-star review, we would be happy about five stars and good feedback!",
        "Bitte geben Sie uns eine positive Bewertung mit fünf Sternen, über 5 Sterne freuen wir uns.",
        "10% off your next order with code SAVE10, our coupon for you.",
    ] {
        let report = reply(text);
        for (index, finding) in report.findings.iter().enumerate() {
            for other in &report.findings[index + 1..] {
                let apart = finding.rule != other.rule || finding.span.unwrap().end <= other.span.unwrap().start;
                assert!(apart, "{text}: {:?} {:?}", finding.span, other.span);
            }
        }
    }
}

#[test]
fn excerpts_are_short_whatever_was_found() {
    let style = format!("<p style='{}'>x</p>", "color:red;".repeat(1_000));
    let long = format!("see lamp-help.com/{}", "a".repeat(1_000));
    for report in [html(&style), reply(&long)] {
        let excerpt = report.findings[0].excerpt.as_ref().unwrap().expose();
        assert_eq!(excerpt.chars().count(), LONGEST_EXCERPT);
    }
}

#[test]
fn ids_of_other_orders_are_other_buyers() {
    let judge = |text: &str, known: &[&str], others: Option<Vec<&str>>| {
        let draft = Draft {
            text: text.into(),
            order_id: Some("205-2874521-5527382".into()),
            thread_order_ids: known.iter().map(|id| (*id).into()).collect(),
            other_buyers_order_ids: others.map(|ids| ids.into_iter().map(Into::into).collect()),
            ..Draft::default()
        };
        let report = screen(&draft, &Settings::default());
        (report.verdict, rules(&report))
    };
    let other = "Your order 205-2874521-5527382 and 701-9864260-5000308 are here.";
    let fine = (Verdict::Allow, vec![]);
    assert_eq!(judge(other, &[], None), (Verdict::Block, vec![OtherOrder]));
    assert_eq!(judge(other, &["701-9864260-5000308"], None), fine);
    assert_eq!(judge(other, &[], Some(vec![])), (Verdict::Warn, vec![OtherOrder]));
    assert_eq!(
        judge(other, &[], Some(vec!["701-9864260-5000308"])),
        (Verdict::Block, vec![OtherOrder])
    );
    assert_eq!(judge("An id looks like 123-1234567-1234567.", &[], None), fine);
    assert_eq!(judge("Noted.\n> It was 701-9864260-5000308\n> Jo", &[], None), fine);
    assert_eq!(rules(&reply(other)), [], "nothing is known of the buyer's orders");
}

#[test]
fn turned_text_is_flagged() {
    assert_eq!(rules(&reply("The word \u{202e}pmal\u{202c} is here.")), [HtmlStyling]);
    assert_eq!(rules(&reply("\u{202b}الطرد في الطريق\u{202c}")), []);
}

#[test]
fn the_tag_is_found_in_the_subject() {
    let draft = Draft {
        text: "Which floor?".into(),
        subject: Some("[Important] your order".into()),
        ..Draft::default()
    };
    let report = screen(&draft, &Settings::default());
    assert_eq!(
        (report.findings[0].rule, report.findings[0].part),
        (ImportantTag, Part::Subject)
    );
    assert!(report.findings[0].why.contains("removed"));
}

#[test]
fn our_own_pages_on_amazon_advertise() {
    let judge = |text: &str| rules(&reply(text));
    for link in ["/stores/page/1", "/shops/A1", "/s?me=A1&x=2", "/promocode/A1"] {
        assert_eq!(
            judge(&format!("See https://www.amazon.de{link}")),
            [Marketing],
            "{link}"
        );
    }
    assert_eq!(
        judge("https://www.amazon.de/review/create-review?asin=B0"),
        [ReviewRequestTone]
    );
    assert_eq!(judge("https://www.amazon.de/gp/feedback/x"), [ReviewRequestTone]);
    assert_eq!(
        judge("https://www.amazon.de/gp/your-account/order-history"),
        Vec::<Rule>::new()
    );
}

#[test]
fn an_electronic_invoice_is_for_a_person() {
    let judge = |name: &str, media: &str| {
        let file = Attachment {
            name: name.into(),
            media_type: Some(media.into()),
            bytes: 9,
        };
        let draft = Draft {
            text: "Attached.".into(),
            attachments: vec![file],
            ..Draft::default()
        };
        let report = screen(&draft, &Settings::default());
        (report.verdict, rules(&report))
    };
    assert_eq!(
        judge("invoice.xml", "application/xml"),
        (Verdict::Warn, vec![AttachmentType])
    );
    assert_eq!(
        judge("invoice.pdf.xml", "text/xml"),
        (Verdict::Block, vec![AttachmentType])
    );
    assert_eq!(
        judge("invoice.xml", "text/html"),
        (Verdict::Block, vec![AttachmentType])
    );
}
