use super::super::Rule::{ContactEmail, ContactPhone};
use super::super::{DraftKind, Verdict};
use super::{each, each_in, of_kind, reply, rules};

#[test]
fn national_forms_and_other_signs_are_telephones() {
    each_in(
        &[ContactPhone],
        &[
            ("en", "Spare parts are on 1 (888) 555-0136, weekdays."),
            ("en", "The service line is 0800 4960 123."),
            ("en", "Reach the desk: 206-555-0147."),
            ("en", "Reach the desk: 206.555.0147."),
            ("en", "Call 0044 161 496 0444 at noon."),
            ("en", "☎ 07700 900123"),
            ("en", "✆: 07700 900123"),
            ("en", "T: 07700 900123"),
            ("en", "Ph 07700 900123"),
            ("en", "Send an SMS to 07700 900123."),
            ("en", "Text 07700 900123 please."),
            ("tr", "Cep: 0555 555 01 36, mesai saatlerinde."),
            ("de", "Handy: 0171 5550199"),
            ("fr", "Envoyez un SMS au 06 39 98 01 23."),
            ("es", "Tlf. 612 345 678"),
            ("it", "Cell. 333 5550123"),
            ("ja", "090-1234-5678までご連絡ください。"),
            ("en", "Call us about the parcel: 0800 4960 123."),
        ],
    );
}

#[test]
fn parcel_serial_and_size_numbers_are_no_telephones() {
    each_in(
        &[],
        &[
            ("en", "I will call UPS about parcel 12345678901234."),
            ("en", "We phoned the depot; package 7719023884 is there."),
            ("sv", "Vi ringer PostNord om kolli 84429107746."),
            ("sv", "Vi ringde om paketet 84429107746."),
            ("de", "Wir rufen DHL wegen Paket 00340434161094042557 an."),
            ("de", "Die Ringgrößen: 50 52 54 56 58."),
            ("en", "Ring sizes: 50 52 54 56"),
            ("en", "Serial number of the telephone: 2210448812"),
            ("en", "The part number for the phone clip is 10023847."),
            ("fr", "Nous appelons Chronopost pour le colis 8840212277415."),
            ("it", "Chiamiamo il corriere per il pacco 8840212277."),
            ("es", "Llamamos a Correos por el paquete 8840212277."),
            ("pl", "Dzwonimy do kuriera w sprawie paczki 8840212277."),
            ("tr", "Kargoyu arıyoruz, koli 8840212277."),
            ("ja", "電話機の製造番号は2210448812です。"),
            ("pt", "CEP: 01310-100"),
        ],
    );
}

#[test]
fn numbers_dictated_in_words_are_telephones_and_no_foreign_language() {
    each_in(
        &[ContactPhone],
        &[
            ("en", "Call us: zero eight zero zero, five five five, one two three."),
            ("en", "Phone: oh seven seven double zero nine hundred one two three"),
            ("de", "Rufen Sie an: null acht null null fünf fünf fünf eins zwei drei."),
            (
                "fr",
                "Appelez-nous : zéro six douze trente-quatre cinquante-six zéro deux.",
            ),
            ("es", "Llámenos al seis uno dos tres cuatro cero seis siete ocho."),
            ("zh", "请打电话〇七七〇〇九〇〇一二三。"),
            ("en", "Call O77OO 9OO123 now."),
        ],
    );
    assert!(rules(&reply("📞 07700 900123")).contains(&ContactPhone));
    let keycaps: String = "07700900123"
        .chars()
        .flat_map(|digit| [digit, '\u{fe0f}', '\u{20e3}'])
        .collect();
    assert!(rules(&reply(&keycaps)).contains(&ContactPhone));
    each_in(
        &[],
        &[
            (
                "en",
                "Two of the five screws and one of the three clips are missing, so we send four.",
            ),
            (
                "en",
                "Count one two three four five six seven eight nine, then call out.",
            ),
            (
                "de",
                "Eins bis drei sind da, vier und fünf kommen morgen, sechs am Freitag.",
            ),
        ],
    );
}

#[test]
fn the_number_of_a_maker_or_carrier_is_for_a_person() {
    for text in [
        "Order 205-2874521-5527382: the manufacturer's repair line is 0800 4960 123; which day suits you?",
        "Bestellung 302-9659081-7136632: Der Hersteller ist unter Telefon 0211 5550199 erreichbar. Welcher Tag passt Ihnen?",
    ] {
        let report = of_kind(DraftKind::Proactive, text);
        assert_eq!(
            (report.verdict, rules(&report)),
            (Verdict::Warn, vec![ContactPhone]),
            "{text}"
        );
    }
    let ours = "Order 205-2874521-5527382 is late. Call us on 0800 4960 123; which day suits you?";
    assert_eq!(of_kind(DraftKind::Proactive, ours).verdict, Verdict::Block);
}

#[test]
fn an_address_named_for_product_safety_is_for_a_person() {
    for text in [
        "Manufacturer: Tarnholz GmbH, Hafenweg 3, 24103 Kiel, info@tarnholz.de",
        "Verantwortliche Person (EU 2023/988): Tarnholz GmbH, Kiel, sicherheit@tarnholz.de",
        "Fabricant : Lampe Claire SARL, 12 rue du Port, Lyon, contact@lampeclaire.fr",
    ] {
        let report = reply(text);
        assert_eq!(
            (report.verdict, rules(&report)),
            (Verdict::Warn, vec![ContactEmail]),
            "{text}"
        );
    }
    assert_eq!(reply("Write to info@tarnholz.de.").verdict, Verdict::Block);
}

#[test]
fn mailboxes_without_their_ending_are_addresses() {
    each(
        &[ContactEmail],
        &[
            "Write to mara.blume@gmail please.",
            "My gmail: mara.blume",
            "Schreiben Sie an mara_at_northfell-dot-com.",
            "Write to mara#at#northfell.com please.",
            "Write to mara Ⓐ northfell.com please.",
            "Write to mara🅰northfell.com please.",
        ],
    );
    each(
        &[],
        &[
            "It works with Gmail and Hotmail.",
            "Gmail: open the app.",
            "The plug types Ⓐ and Ⓑ fit.",
        ],
    );
}
