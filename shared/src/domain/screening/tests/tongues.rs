use super::super::super::marketplace::Marketplace;
use super::super::Rule::{Marketing, ReviewManipulation, SensitiveContent, WrongLanguage};
use super::super::{Draft, Settings, screen};
use super::{each_in, rules};

#[test]
fn words_that_are_rude_in_another_language_are_harmless_in_their_own() {
    each_in(
        &[],
        &[
            ("sv", "Lampan har slutat lysa."),
            ("sv", "Tyvärr slutsåld."),
            ("sv", "Garantin tar slut 2027-03-01."),
            ("sv", "Färg: svart (slut), vit (finns)"),
            ("fr", "Désolés du retard."),
            ("fr", "Une bite d'amarrage, 12 cm."),
            ("es", "La copa negra y la pinta azul."),
            ("it", "Il solco è troppo fine."),
            ("nl", "De slot en de dop zijn er."),
            ("pt", "A pia está com a cor errada."),
            ("de", "Die dicke Kordel ist da."),
            ("pl", "Kurka i zawór są w paczce."),
        ],
    );
}

#[test]
fn a_stores_language_counts_where_the_buyers_is_unknown() {
    let judge = |store: &str, text: &str| {
        let draft = Draft {
            text: text.into(),
            marketplace: Marketplace::parse(store),
            ..Draft::default()
        };
        rules(&screen(&draft, &Settings::default()))
    };
    assert_eq!(judge("SE", "Sluta använda brödrosten."), []);
    assert_eq!(judge("SE", "Lampan är slut."), []);
    assert_eq!(
        judge(
            "DE",
            "Please change your review, it is the only one that we have got from you."
        ),
        [ReviewManipulation]
    );
    assert_eq!(
        judge(
            "BE",
            "Veuillez modifier votre note sur Amazon, ce serait gentil de votre part."
        ),
        [ReviewManipulation]
    );
}

#[test]
fn a_draft_in_the_wrong_language_is_judged_in_its_own_too() {
    each_in(
        &[ReviewManipulation, WrongLanguage],
        &[
            (
                "de",
                "We would be glad if you could change your review after the exchange of the lamp.",
            ),
            (
                "en",
                "Die neue Lampe ist unterwegs. Bitte ändern Sie Ihre Bewertung, sobald sie bei Ihnen ist.",
            ),
            (
                "ja",
                "We would be glad if you could change your review after the exchange of the lamp.",
            ),
        ],
    );
    each_in(
        &[ReviewManipulation],
        &[
            (
                "de",
                "Die neue Lampe ist heute mit der Post unterwegs und kommt am Freitag bei Ihnen an. Please change your review.",
            ),
            (
                "fr",
                "La lampe est en route. お手数ですがレビューを修正していただけませんか。",
            ),
        ],
    );
}

#[test]
fn acts_are_found_in_the_buyers_language_however_short() {
    each_in(
        &[SensitiveContent],
        &[
            ("en", "You slut."),
            ("sv", "Din idiot."),
            ("de", "Sie Vollidiot."),
            ("fr", "Espèce de connard."),
        ],
    );
    each_in(
        &[Marketing],
        &[
            ("fr", "Profitez de nos soldes !"),
            ("de", "Hier ist ein Gutschein für Sie."),
        ],
    );
}
