use super::*;

fn own(text: &str) -> String {
    part(text, false).own
}

#[test]
fn quotations_and_their_introduction_go() {
    let parted = part(
        "Yes.\n\nOn Tue, Mar 3, 2026 at 9:14 AM Shop <a@b.example> wrote:\n\n> order 111-4583805-4334052\n> bye",
        false,
    );
    assert_eq!(parted.own, "Yes.");
    assert!(parted.history.contains("111-4583805-4334052"));
}

#[test]
fn an_introduction_may_run_over_lines_and_speak_any_language() {
    for intro in [
        "Am Di., 3. März 2026 um 09:14 Uhr schrieb Laden <a@b.example>:",
        "Le mar. 3 mars 2026 à 09:14, Boutique <a@b.example> a\nécrit :",
        "El mar, 3 mar 2026 a las 9:14, Casa (<a@b.example>) escribió:",
        "Il giorno mar 3 mar 2026 alle ore 09:14 Negozio <a@b.example> ha scritto:",
        "Em ter., 3 de mar. de 2026 às 09:14, Loja <a@b.example>\nescreveu:",
        "2026年3月3日(火) 9:14 店 <a@b.example>:",
        "Op di 3 mrt 2026 om 09:14 schreef Winkel <a@b.example>:",
    ] {
        assert_eq!(own(&format!("mine\n\n{intro}\nthe old text")), "mine", "{intro}");
    }
}

#[test]
fn answers_below_the_quotation_stay() {
    assert_eq!(
        own("On 3 Mar 2026 at 9:14 Shop wrote:\n> Which size?\n\nSize 39."),
        "Size 39."
    );
}

#[test]
fn sentences_that_only_sound_like_an_introduction_stay() {
    for text in [
        "Em relação ao pedido:\nfalta uma peça",
        "On 3 March you wrote:\nwe will refund it",
        "Nota: 12\nok",
    ] {
        assert_eq!(own(text), text);
    }
}

#[test]
fn separators_and_written_out_headers_end_the_text() {
    assert_eq!(own("mine\n-----Ursprüngliche Nachricht-----\nVon: x"), "mine");
    assert_eq!(
        own("mine\n\n________________________________\nFrom: a\nSent: b\nTo: c\nSubject: d\n\nold"),
        "mine"
    );
    assert_eq!(own("mine\n\n*De :* a\n*Envoyé :* b\n*À :* c\n*Objet :* d\nold"), "mine");
    assert_eq!(own("From: Berlin\nTo: Hamburg"), "From: Berlin\nTo: Hamburg");
    let forwarded = "Begin forwarded message:\n\nFrom: a\nSubject: b\nDate: c\n\nold";
    assert_eq!(own(&format!("mine\n\n{forwarded}")), "mine");
    assert_eq!(own(forwarded), forwarded);
    assert_eq!(
        own("The original message:\nFrom: Berlin"),
        "The original message:\nFrom: Berlin"
    );
}

#[test]
fn signatures_go_and_lines_of_dashes_stay() {
    assert_eq!(own("mine\n-- \nJoe\nSales"), "mine");
    assert_eq!(own("a\n-----\nb"), "a\n-----\nb");
}

#[test]
fn a_text_that_is_all_quotation_stays() {
    assert_eq!(own("> all of it\n> is quoted"), "> all of it\n> is quoted");
}

#[test]
fn one_comparison_is_no_quotation() {
    assert_eq!(own("Is it\n> 5 kg?"), "Is it\n> 5 kg?");
}

/// One attribution for each mail program and language, as they write them.
const ATTRIBUTIONS: [&str; 36] = [
    "On Mon, Nov 16, 2026 at 9:12 AM Muster Shop <shop@muster.example> wrote:",
    "On 16/11/2026 09:12, Muster Shop wrote:",
    "On Nov 16, 2026, at 9:12 AM, Muster Shop - Amazon Marketplace <k3m9x2c7@marketplace.amazon.com> wrote:",
    "Am 16.11.2026 um 09:12 schrieb Muster Shop:",
    "Am 16.11.26 um 09:12 schrieb shop@muster.example:",
    "Muster Shop <shop@muster.example> hat am Montag, 16. November 2026 um 09:12:44 MEZ Folgendes geschrieben:",
    "Le 16/11/2026 à 09:12, Muster Shop a écrit :",
    "Le lun. 16 nov. 2026 à 09:12, Muster Shop <shop@muster.example> a écrit :",
    "El lun, 16 nov 2026 a las 9:12, Muster Shop (<shop@muster.example>) escribió:",
    "Il giorno lun 16 nov 2026 alle ore 09:12 Muster Shop <shop@muster.example> ha scritto:",
    "Il 16/11/2026 09:12, Muster Shop ha scritto:",
    "Em seg., 16 de nov. de 2026 às 09:12, Muster Shop <shop@muster.example> escreveu:",
    "Op ma 16 nov 2026 om 09:12 schreef Muster Shop <shop@muster.example>:",
    "Den mån 16 nov. 2026 kl 09:12 skrev Muster Shop <shop@muster.example>:",
    "Den 16.11.2026 kl. 09.12 skrev Muster Shop:",
    "man. 16. nov. 2026 kl. 09:12 skrev Muster Shop <shop@muster.example>:",
    "ma 16. marrask. 2026 klo 9.12 Muster Shop (shop@muster.example) kirjoitti:",
    "pon., 16 lis 2026 o 09:12 Muster Shop <shop@muster.example> napisał(a):",
    "Wiadomość napisana przez Muster Shop <shop@muster.example> w dniu 16 lis 2026, o godz. 09:12:",
    "po 16. 11. 2026 v 9:12 odesílatel Muster Shop <shop@muster.example> napsal:",
    "Muster Shop <shop@muster.example> ezt írta (időpont: 2026. nov. 16., H, 9:12):",
    "lun., 16 nov. 2026, 09:12 Muster Shop <shop@muster.example> a scris:",
    "Muster Shop <shop@muster.example>, 16 Kas 2026 Pzt, 09:12 tarihinde şunu yazdı:",
    "пн, 16 нояб. 2026 г. в 09:12, Muster Shop <shop@muster.example>:",
    "16 листопада 2026 р. о 09:12 Muster Shop <shop@muster.example> пише:",
    "Στις Δευ 16 Νοε 2026 στις 9:12 π.μ., ο Muster Shop <shop@muster.example> έγραψε:",
    "في الاثنين، 16 نوفمبر 2026 في 9:12 ص تمت كتابة ما يلي بواسطة Muster Shop <shop@muster.example>:",
    "2026年11月16日(月) 9:12 Muster Shop <shop@muster.example>:",
    "2026/11/16 9:12、Muster Shop <shop@muster.example>のメール:",
    "Muster Shop <shop@muster.example> 于2026年11月16日周一 09:12写道：",
    "2026년 11월 16일 (월) 오전 9:12, Muster Shop <shop@muster.example>님이 작성:",
    "2026. 11. 16. 오전 9:12, Muster Shop <shop@muster.example> 작성:",
    "\u{202b}בתאריך יום ב׳, 16 בנוב׳ 2026 ב-9:12 מאת \u{202a}Muster Shop\u{202c}\u{200f} <\u{202a}shop@muster.example\u{202c}\u{200f}>:\u{202c}",
    "Missatge de Muster Shop <shop@muster.example> del dia dl., 16 de nov. 2026 a les 9:12:",
    "ons. 18. nov. 2026 kl. 21:16 skrev Muster Shop <shop@muster.example>:",
    "Vào Th 2, 16 thg 11, 2026 lúc 09:12 Muster Shop <shop@muster.example> đã viết:",
];

#[test]
fn words_right_above_an_attribution_stay() {
    let words = [
        "danke für die Antwort",
        "the lid was missing\nand the plug is bent",
        "this is the number\n113-4490217-6623385",
        "numéro 403-8827164-3390125\nmerci beaucoup\nà bientôt",
        "First.\nsecond, ordered on 3 March 2026\nthird",
        "届きましたが\n動きません。",
    ];
    for attribution in ATTRIBUTIONS {
        for words in words {
            for quoted in ["\n> old text\n> bye", "\n\n> old text\n> bye"] {
                assert_eq!(own(&format!("{words}\n{attribution}{quoted}")), words, "{attribution}");
            }
        }
    }
}

#[test]
fn an_attribution_is_known_without_quoted_lines() {
    for attribution in ATTRIBUTIONS {
        assert_eq!(
            own(&format!("mine\n{attribution}\n\nold text")),
            "mine",
            "{attribution}"
        );
    }
}

#[test]
fn an_attribution_may_break_anywhere_between_its_words() {
    for attribution in ATTRIBUTIONS.iter().filter(|line| line.contains('@')) {
        for at in [" <", " shop@", " (shop"]
            .iter()
            .filter_map(|mark| attribution.find(mark))
        {
            let broken = format!("{}\n{}", &attribution[..at], &attribution[at + 1..]);
            let text = format!("mine too,\nand mine\n{broken}\n> old text\n> bye");
            assert!(!own(&text).contains("old text"), "{broken}");
            assert!(own(&text).starts_with("mine too,\nand mine"), "{broken}");
        }
    }
    let broken = "mine\nLe lun. 16 nov. 2026 à 09:12, Muster Shop <shop@muster.example> a\nécrit :\n> old";
    assert_eq!(own(broken), "mine");
    for tail in [">:", "> wrote:", ">\u{a0}a écrit :"] {
        let broken =
            format!("mine\nOn Mon, Nov 16, 2026 at 9:12 AM Muster Shop <shop@muster.example\n{tail}\n\n> old\n> bye");
        assert_eq!(own(&broken), "mine", "{broken}");
    }
    let four = "mine\nOn Thu, Nov 12, 2026 at 10:33 AM Muster Shop - Amazon Marketplace\n<\na1b2c3@marketplace.amazon.com>\nwrote:\n\n> old";
    assert_eq!(own(four), "mine");
    let late =
        "mine\nMissatge de Muster Shop <shop@muster.example> del dia dj., 12 de nov.\n2026 a les 10:33:\n\n> old";
    assert_eq!(own(late), "mine");
    let thrice = "mine\nOn Mon, Nov 16, 2026 at 9:12 AM\nMuster Shop\n<shop@muster.example> wrote:\n> old";
    assert_eq!(own(thrice), "mine");
}

#[test]
fn an_attribution_that_is_quoted_itself_takes_no_words() {
    assert_eq!(
        own("danke für die Antwort\n> Am 16.11.2026 um 09:12 schrieb Muster Shop:\n>> Was ist kaputt?\n"),
        "danke für die Antwort"
    );
}

#[test]
fn people_who_cite_somebody_lose_nothing() {
    for cited in [
        "DHL schrieb am 12.11. um 10:30 Uhr:\nZugestellt.",
        "Am 12.11. um 10:30 schrieb mir der Fahrer:\nAbgestellt.",
        "Am 12.11.2026 um 10:30 schrieb der Fahrer:\nAbgestellt.",
        "On 12 November 2026 at 10:30 the carrier wrote:\nleft with a neighbour.",
        "On 12 November 2026 at 10:30 DHL wrote:\nleft with a neighbour.",
        "Der Fahrer hat am 12.11.2026 um 10:30 Uhr Folgendes geschrieben:\nAbgestellt.",
        "DHL schrieb am 12.11.2026 um 10:30 Uhr:\nZugestellt.",
        "2026年11月12日10:30快递员写道：\n已签收。",
        "2026年11月12日 10:30 作成：\n写真のとおりです。",
        "On 12 November 2026 at 10:30 your support (help@muster.example) wrote to me:\nwe will refund it.",
        "Your colleague wrote to me on 3 Nov at 9.14:\nwe send a new one.",
        "On 3 November 2026 at 10:15 I wrote to help@muster.example:\nit is broken.",
        "Le 12 novembre à 10:30 le transporteur a écrit :\ncolis remis en main propre.",
        "Le 12 novembre 2026 à 10h30 le livreur m'a écrit :\nabsent.",
        "Il 12 novembre alle 10:30 il corriere ha scritto:\nconsegnato.",
        "El 12 de noviembre a las 10:30 el transportista escribió:\nentregado.",
        "Em 12 de novembro às 10:30 a transportadora escreveu:\nentregue.",
        "Op 12 november om 10:30 schreef de bezorger:\nafgeleverd.",
        "Den 12 november kl 10:30 skrev budet:\nlevererat.",
        "12 listopada o 10:30 kurier napisał:\ndoręczono.",
        "12 Kasım saat 10:30'da kargo yazdı:\nteslim edildi.",
        "12 ноября в 10:30 курьер написал:\nдоставлено.",
        "11月12日10:30に配送業者は書きました：\n配達済み。",
        "11月12日10:30快递员写道：\n已签收。",
    ] {
        let text = format!("Hello,\n\n{cited}\n\nNobody rang. Order 113-4490217-6623385.");
        assert_eq!(own(&text), text);
    }
}

#[test]
fn lines_with_the_words_of_a_mail_header_are_the_writers() {
    for form in [
        "From: Nan\nTo: Ottilie\nDate: 24 December 2026",
        "To: Ottilie\nFrom: Nan\nDate: 24 December 2026",
        "Von: Oma\nAn: Lena\nDatum: 24.12.2026",
        "Von: der Laterne fehlt der Haken\nAn: wen schicke ich sie\nBetreff: Ersatz",
        "De : Mamie\nÀ : Léa\nDate : 24 décembre",
        "De: la abuela\nPara: Lucía\nFecha: 24 de diciembre",
        "Da: nonna\nA: Giulia\nData: 24 dicembre 2026",
        "De: vovó\nPara: Ana\nData: 24/12/2026",
        "Van: oma\nAan: Lotte\nDatum: 24 december",
        "Från: mormor\nTill: Elsa\nDatum: 24 december",
        "Od: babcia\nDo: Zosia\nData: 24 grudnia",
        "Kimden: anneannen\nKime: Elif\nTarih: 24 Aralık",
        "差出人：祖母\n宛先：ひかり\n日付：12月24日",
        "From: Berlin\nTo: Porto\nDate: 24 December 2026 14:35\nFlight: XY 123",
        "From: nan@home.example\nTo: ottilie@home.example\nDate: 24 December",
        "Subject: gift\nFrom: Nan\nTo: Ottilie",
        "From: Grandma\nTo: Oliver\nDate: December 24, 2026\nSubject: a little star",
        "Von: Oma\nDatum: 24.12.2026\nAn: Lena\nBetreff: nur ein Stern",
    ] {
        let text = format!("this is what should be on it:\n\n{form}\n\nin italics, order 113-4490217-6623385");
        assert_eq!(own(&text), text);
    }
}

#[test]
fn the_header_of_an_older_mail_ends_the_text() {
    for block in [
        "From: Muster Shop <shop@muster.example>\nSent: Monday, November 16, 2026 9:12 AM\nTo: Vera\nSubject: Re: lamp",
        "From: Muster Shop\nSent: Monday, November 16, 2026 9:12 AM\nTo: Vera\nSubject: Re: lamp",
        "From: Muster Shop\n<a-very-long-address@muster.example>\nSent: Monday, 16 November 2026 9:12\nTo: Vera\nSubject: x",
        "Von: Muster Shop\nGesendet: Montag, 16. November 2026 09:12\nAn: Vera\nBetreff: AW: Lampe",
        "Gesendet: Montag, 16. November 2026 um 09:12 Uhr\nVon: \"Muster\" <shop@muster.example>\nAn: v@x.example\nBetreff: x",
        "De : Muster Shop <shop@muster.example>\nEnvoyé : lundi 16 novembre 2026 09:12\nÀ : Vera\nObjet : lampe",
        "Message du : 16/11/2026 09:12\nDe : \"Muster\" <shop@muster.example>\nA : vera@x.example\nCopie à :\nSujet : lampe",
        "От: Muster Shop <shop@muster.example>\nОтправлено: 16 ноября 2026 г. 9:12\nКому: Vera\nТема: Re: лампа",
        "Feladó: Muster Shop <shop@muster.example>\nElküldve: 2026. november 16., hétfő 9:12\nCímzett: Vera\nTárgy: lámpa",
        "Od: Muster Shop\nOdesláno: pondělí 16. listopadu 2026 9:12\nKomu: Vera\nPředmět: lampa",
        "De la: Muster Shop\nTrimis: luni, 16 noiembrie 2026 09:12\nCătre: Vera\nSubiect: lampa",
        "Från: Muster Shop <shop@muster.example>\nSkickat: den 16 november 2026 09:12\nTill: Vera\nÄmne: lampa",
        "Fra: Muster Shop <shop@muster.example>\nSendt: 16. november 2026 09:12\nTil: Vera\nEmne: lampe",
        "差出人: Muster Shop <shop@muster.example>\n送信日時: 2026年11月16日 9:12\n宛先: Vera\n件名: ランプ",
        "发件人: \"Muster\" <shop@muster.example>;\n发送时间: 2026年11月16日(星期一) 上午9:12\n收件人: \"Vera\";\n主题: 灯",
        "보낸 사람: Muster Shop <shop@muster.example>\n보낸 날짜: 2026년 11월 16일 월요일 오전 9:12\n받는 사람: Vera\n제목: 램프",
        "*From:* Muster Shop <shop@muster.example>\n*Date:* Monday, 16 November 2026 at 9:12\n*To:* Vera\n*Subject:* lamp",
    ] {
        for above in [
            "mine\n",
            "mine\n\n",
            "mine\n\n________________________________\n",
            "mine\n\n====\n\n",
        ] {
            assert_eq!(own(&format!("{above}{block}\n\nold text")), "mine", "{block}");
        }
    }
}

#[test]
fn a_mail_that_the_writer_shows_stays() {
    for announced in [
        "the carrier sent me this:",
        "Das hat mir der Paketdienst geschickt:\n",
        "業者からのメール：",
    ] {
        let text = format!(
            "{announced}\nFrom: Carrier\nSent: Monday, 16 November 2026 9:12\nSubject: your parcel\n\nwrong number\n\nIt is 17a."
        );
        assert_eq!(own(&text), text);
    }
}

#[test]
fn words_between_dashes_announce_an_older_mail() {
    for separator in [
        "-----Original Message-----",
        "-------- Ursprüngliche Nachricht --------",
        "-------- Oprindelig besked --------",
        "-------- 원본 이메일 --------",
        "---------- 원본 메일 ----------",
        "-------- Исходное сообщение --------",
        "-------- Eredeti üzenet --------",
        "----- Mail original -----",
        "-------- Whatever they call it --------\nFrom: Muster <shop@muster.example>\nTo: Vera\nSubject: lamp\n",
        "-------- Original message --------From: Muster Shop <shop@muster.example> Date: 16/11/2026 09:12 To: Vera Subject: x",
        "---- On Mon, 16 Nov 2026 09:12:44 +0100 shop@muster.example wrote ----",
    ] {
        assert_eq!(own(&format!("mine\n\n{separator}\nold text")), "mine", "{separator}");
    }
    for line in ["----- Foto 1 -----", "-------- wichtig --------", "--"] {
        let text = format!("mine\n{line}\nmore of mine, 113-4490217-6623385");
        assert_eq!(own(&text), text);
    }
}

#[test]
fn a_list_of_lines_with_a_greater_than_sign_stays() {
    for text in [
        "Two parts were not in the box:\n> the lid\n> the power cable\n\nPlease send them.",
        "> the lid\n> the cable\nare missing.",
        "Es fehlen:\n> der Deckel\n> das Kabel",
        "Mancano:\n\n> il coperchio\n> il cavo\n\nGrazie",
        "足りないもの\n> ふた\n> ケーブル\nよろしくお願いします。",
        "a\n> one\nb\n> two\nc",
    ] {
        assert_eq!(own(text), text);
    }
}

#[test]
fn quoted_lines_go_where_something_says_what_they_are() {
    assert_eq!(own("mine\n\n> old\n> text"), "mine");
    assert_eq!(own("mine\n> > older\n> old\nmine too"), "mine\nmine too");
    assert_eq!(own("Shop wrote:\n> which size?\nSize 39."), "Shop wrote:\nSize 39.");
    let inline = "Hi,\nOn 16/11/2026 09:12, Muster Shop wrote:\n> which size?\nSize 39.\n> which colour?\nRed.";
    assert_eq!(own(inline), "Hi,\nSize 39.\nRed.");
    assert_eq!(part("> the lid\n\nmine", true).own, "mine");
}
