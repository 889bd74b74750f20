//! Mail that a machine wrote: by header (RFC 3834 and what the wild adds), or by its first words where the relay stripped
//! them.
//!
//! Precision comes first: a person who writes about being away, or who tells of a machine's mail, is a person.

use std::sync::LazyLock;

use super::data::{Beginnings, fold, phrases, rows};
use super::header::{Headers, unfold};
use super::sender::Sender;

const OUT_OF_OFFICE: &str = include_str!("data/out_of_office.tsv");
/// How much of a text is read, in bytes: an automatic answer says so at once.
const READ: usize = 1200;
/// Sentences of it.
const MOST_SENTENCES: usize = 6;
/// Words of a greeting.
const MOST_WORDS: usize = 4;
/// Fields of a list that a mail came through.
const LIST_FIELDS: [&str; 5] = ["List-Id", "List-Post", "List-Unsubscribe", "Mailing-List", "List-Help"];

struct Words {
    openings: Beginnings,
    alone: Beginnings,
    mail: Vec<String>,
    machine: Beginnings,
    no_reply: Beginnings,
    receipt: Beginnings,
}

static WORDS: LazyLock<Words> = LazyLock::new(|| {
    let of = |key| Beginnings::of(OUT_OF_OFFICE, key);
    Words {
        openings: of("opening"),
        alone: of("alone"),
        mail: phrases(OUT_OF_OFFICE, "mail"),
        machine: of("machine"),
        no_reply: of("noreply"),
        receipt: of("receipt"),
    }
});

/// When a header field tells that a machine wrote.
enum Tells {
    /// It is there.
    Present,
    /// Its first word is none of these.
    Not(Vec<&'static str>),
    /// Its first word is one of these.
    Is(Vec<&'static str>),
}

struct Field {
    name: &'static str,
    tells: Tells,
    /// It names the list that the mail came through.
    of_list: bool,
}

static FIELDS: LazyLock<Vec<Field>> = LazyLock::new(|| {
    rows(include_str!("data/automatic_headers.tsv"))
        .filter_map(|cells| {
            let [name, rule, ..] = cells[..] else { return None };
            let words = |list: &'static str| list.split(' ').collect();
            let tells = match rule.split_once(' ') {
                Some(("not", list)) => Tells::Not(words(list)),
                Some((_, list)) => Tells::Is(words(list)),
                None => Tells::Present,
            };
            let of_list = cells.get(2) == Some(&"list");
            Some(Field { name, tells, of_list })
        })
        .collect()
});

/// True where header or words show that a machine wrote. `subject` is folded, `own` is the writer's own text.
pub(super) fn is_automatic(headers: &Headers<'_>, sender: &Sender, report: bool, subject: &str, own: &str) -> bool {
    report || sender.is_robot() || by_header(headers, sender.alias.is_some()) || by_words(subject, own)
}

/// `by_buyer`: a relay address wrote, so what a list on the way added tells nothing of it.
fn by_header(headers: &Headers<'_>, by_buyer: bool) -> bool {
    let through_list = by_buyer && (LIST_FIELDS.iter().any(|name| headers.has(name)) || is_list(headers));
    FIELDS
        .iter()
        .any(|field| !(through_list && field.of_list) && field.fits(headers))
}

fn is_list(headers: &Headers<'_>) -> bool {
    headers.all("Precedence").any(|raw| first_word(raw) == "list")
}

fn first_word(raw: &[u8]) -> String {
    let value = unfold(raw);
    let word = value
        .trim_start()
        .split([';', ',', ' ', '(', '\t'])
        .next()
        .unwrap_or_default();
    word.trim().to_ascii_lowercase()
}

impl Field {
    fn fits(&self, headers: &Headers<'_>) -> bool {
        let mut values = headers.all(self.name);
        match &self.tells {
            Tells::Present => values.next().is_some(),
            Tells::Not(list) => values
                .map(first_word)
                .any(|word| !word.is_empty() && !list.contains(&word.as_str())),
            Tells::Is(list) => values.map(first_word).any(|word| list.contains(&word.as_str())),
        }
    }
}

fn by_words(subject: &str, own: &str) -> bool {
    let opening = own[..own.floor_char_boundary(READ)].trim_start();
    let first_line = fold(opening.lines().next().unwrap_or_default());
    if opens(subject) || opens(&first_line) || titles(subject) {
        return true;
    }
    let bare = first_line.trim_matches(is_ornament);
    if WORDS.alone.behind(bare).any(str::is_empty) && contains_any(&fold(opening), &WORDS.mail) {
        return true;
    }
    own.len() <= READ && !asks(own) && says_so(opening)
}

/// People ask.
fn asks(text: &str) -> bool {
    memchr::memchr(b'?', text.as_bytes()).is_some() || !text.is_ascii() && text.contains(['？', '؟'])
}

fn contains_any(text: &str, phrases: &[String]) -> bool {
    phrases.iter().any(|phrase| text.contains(phrase.as_str()))
}

fn is_ornament(c: char) -> bool {
    matches!(
        c,
        '[' | ']' | '(' | ')' | '*' | '"' | '\'' | '【' | '】' | '<' | '>' | ' ' | '#' | '-' | '=' | '!' | '.' | ':'
    )
}

/// The line opens with words like "Automatic reply", and they stand for themselves.
fn opens(folded: &str) -> bool {
    let line = folded.trim_start_matches(is_ornament);
    WORDS.openings.behind(line).any(|rest| {
        let rest = rest.trim_start_matches(' ');
        let ends = rest.is_empty()
            || rest.starts_with([
                ':', '：', ']', ')', '】', '>', '!', '.', '。', '-', '–', '—', '*', '|', '"', '=',
            ]);
        ends || rest.starts_with("re:") || rest.starts_with("aw:")
    })
}

/// A subject that is such a state, or names it before the subject that is answered: "Abwesend: Ihre Bestellung".
fn titles(subject: &str) -> bool {
    let line = subject.trim_start_matches(is_ornament);
    let mut behind = WORDS.alone.behind(line).map(str::trim_start);
    behind.any(|rest| rest.is_empty() || rest.starts_with([':', '：', ']', ')', '】']))
}

/// The text begins by saying that no one wrote it, behind a greeting or the words of a receipt.
fn says_so(opening: &str) -> bool {
    let sentences = opening
        .split(['.', '!', '。', '！', '\n'])
        .map(str::trim)
        .filter(|text| !text.is_empty());
    let mut sentences = sentences.take(MOST_SENTENCES).map(fold);
    let Some(opening) = sentences.next() else {
        return false;
    };
    let greeted = opening.split(' ').count() <= MOST_WORDS;
    let second = if greeted { sentences.next() } else { None };
    let first = without_greeting(second.as_ref().unwrap_or(&opening));
    if WORDS.machine.open(first) || WORDS.machine.open(&opening) {
        return true;
    }
    let confirms = |text: String| WORDS.machine.open(&text) || WORDS.no_reply.open(&text);
    WORDS.receipt.open(first) && sentences.any(confirms)
}

/// "Hello Vera, this is …" without its greeting.
fn without_greeting(sentence: &str) -> &str {
    match sentence.split_once([',', '،', '、']) {
        Some((before, rest)) if before.split(' ').count() <= MOST_WORDS => rest.trim_start(),
        _ => sentence,
    }
}

#[cfg(test)]
mod tests {
    use super::super::defect::Defects;
    use super::*;

    fn by_fields(from: &str, fields: &str) -> bool {
        let raw = format!("From: {from}\n{fields}\n\n");
        let (headers, _) = Headers::split(raw.as_bytes(), &mut Defects::default());
        is_automatic(&headers, &Sender::read(&headers), false, "", "")
    }

    const BUYER: &str = "a1b2c3@marketplace.amazon.de";
    const STRANGER: &str = "news@shop.example";

    #[test]
    fn machines_say_so_in_the_header() {
        for fields in [
            "Auto-Submitted: auto-replied",
            "Auto-Submitted: auto-generated (rejected)",
            "X-Autoreply: yes",
            "X-Autorespond: x",
            "Precedence: bulk",
            "precedence: Auto_Reply",
            "Return-Path: <>",
        ] {
            assert!(by_fields(BUYER, fields), "{fields}");
            assert!(by_fields(STRANGER, fields), "{fields}");
        }
    }

    #[test]
    fn people_say_no_or_nothing() {
        for fields in [
            "Auto-Submitted: no",
            "Auto-Submitted: No (human)",
            "Precedence: first-class",
            "Return-Path: <a@b.example>",
            "X: y",
        ] {
            assert!(!by_fields(BUYER, fields), "{fields}");
        }
    }

    #[test]
    fn a_list_on_the_way_makes_no_machine_of_a_buyer() {
        for fields in [
            "List-Id: <a.b>",
            "Precedence: list",
            "List-ID: <a.b>\nPrecedence: bulk\nList-Post: <mailto:a@b.example>",
            "Mailing-list: list a@b.example\nPrecedence: list\nX-Precedence: list",
        ] {
            assert!(!by_fields(BUYER, fields), "{fields}");
            assert!(
                !by_fields(&format!("Sales <sales@b.example>\nReply-To: {BUYER}"), fields),
                "{fields}"
            );
            assert!(by_fields(STRANGER, fields), "{fields}");
            let answered = format!("{fields}\nAuto-Submitted: auto-replied");
            assert!(by_fields(BUYER, &answered), "{answered}");
        }
    }

    #[test]
    fn words_of_a_machine_are_known_without_a_header() {
        for text in [
            "Automatic reply: I am out.",
            "Abwesenheitsnotiz\n\nIch bin bis Montag nicht da.",
            "自動返信\n不在です",
            "自动答复: 我不在",
            "부재중 자동 응답: 휴가 중입니다",
            "Automatikus válasz: szabadságon vagyok",
            "Răspuns automat\nSunt plecat.",
            "Out of Office\n\nI will read your message when I am back.",
            "Abwesend!\n\nIhre Nachricht lese ich am Montag.",
            "This is an automated message. Nobody reads this mailbox.",
            "Hallo,\ndies ist eine automatisch erstellte Nachricht.",
            "Guten Tag, dies ist eine automatisch erzeugte Antwort.",
            "Bu otomatik bir yanıttır.",
            "Thank you for contacting ACME. This is an automated message, we have got your request.",
            "Wir haben Ihre Anfrage erhalten. Bitte antworten Sie nicht auf diese E-Mail.",
        ] {
            assert!(by_words("", text), "{text}");
        }
        for subject in [
            "Out of Office: your order",
            "Automatische Antwort: Ihre Bestellung",
            "自动答复: Re: 订单",
            "Automatikus válasz: Re: rendelés",
            "Abwesend: Ihre Bestellung",
            "부재중: 주문",
            "[Afwezig] uw bestelling",
            "Fuera de la oficina",
        ] {
            assert!(by_words(&fold(subject), "x"), "{subject}");
        }
    }

    #[track_caller]
    fn is_person(text: &str) {
        assert!(
            !by_words(&fold("Inquiry from Amazon customer Sam (Order: 1)"), text),
            "{text}"
        );
    }

    #[test]
    fn people_who_are_away_are_people() {
        for text in [
            "I'll be out of the office until Thursday, so please don't ship before then.",
            "Out of office chairs like this one I like yours best.",
            "Ich bin im Urlaub, bitte erst danach liefern.",
            "Ich bin bis Freitag nicht erreichbar, bitte liefern Sie nach meiner Rückkehr.",
            "Je suis absente jusqu'à lundi, livrez à mon retour s'il vous plaît.",
            "I am on holiday until Monday. Can you send it when I return?",
            "In meiner Abwesenheit kann der Nachbar das Paket nehmen.",
            "Je suis en vacances ; en mon absence, laissez le colis chez le voisin.",
            "I am on vacation. In my absence, please leave the parcel at the door.",
            "We are on holiday, I have read your message, deliver when we are back.",
            "Wir sind im Urlaub und haben keinen Zugriff auf E-Mails am PC, Ihre Nachricht sah ich erst heute.",
            "Nous sommes en vacances, j'ai lu votre message, livrez à notre retour. En cas d'urgence, voyez le voisin.",
            "Estamos de vacaciones, he leído su mensaje, entreguen a mi vuelta.",
            "Siamo in ferie, ho letto il suo messaggio, consegnate al mio rientro.",
            "Estamos de férias, li a sua mensagem, entreguem no meu regresso.",
            "We zijn op vakantie, ik las uw bericht, lever bij terugkomst.",
            "Vi är på semester, jag läste ditt meddelande, leverera när jag är tillbaka.",
            "Jesteśmy na urlopie, przeczytałam wiadomość, proszę dostarczyć po powrocie.",
            "Tatildeyim, mesajınızı okudum, döndüğümde teslim edin.",
            "休暇中です。メールを拝見しました。戻り次第受け取ります。",
            "휴가 중입니다. 메일을 읽었습니다. 복귀 후 배송해 주세요.",
            "我在休假，邮件收到了，回来后再送。",
            "أنا في إجازة، قرأت رسالتك، سلموا بعد عودتي.",
            "부재중: 기사님이 이렇게 적어 두셨어요.",
            "Afwezig. Het pakket is teruggestuurd.",
            "Abwesend: so stand es auf der Karte des Boten.",
            "Out of office.\nThe parcel was left with the porter.",
            "不在通知\nが入っていました。再配達をお願いします。",
        ] {
            is_person(text);
        }
    }

    #[test]
    fn people_who_tell_of_a_machine_are_people() {
        for text in [
            "Your automatic reply said two days. Where is my parcel?",
            "I got a mail from you: this is an automated message. Does a person read this?",
            "Please do not reply with a template again, I want my money back.",
            "Do not reply to this message before you have talked to the carrier.",
            "Do not reply to this e-mail address, it is my husband's.",
            "your mail says do not reply to this email, so I write here",
            "Ich bekam nur: diese Nachricht wurde automatisch erstellt",
            "Je n'ai reçu que ceci : ceci est un message automatique. J'attends une vraie réponse.",
            "Solo recibí: este es un mensaje automático. Sigo esperando.",
            "Ho ricevuto solo: questo è un messaggio automatico. Aspetto ancora.",
            "Ik kreeg alleen: dit is een automatisch bericht. Ik wacht nog.",
            "届いたのは自動送信されているメールだけです。担当の方からお返事をください。",
        ] {
            is_person(text);
        }
    }

    #[test]
    fn first_words_that_products_are_called_by_are_no_machines() {
        for text in [
            "Auto: Opel Corsa D, Baujahr 2011.",
            "AUTO - Fiat Panda 2015",
            "Auto. Volkswagen Golf 7",
            "Auto\nSkoda Fabia, de achterruitenwisser past niet",
            "Automatik: die Uhr geht nach.",
            "Automatic: the watch stops at night.",
            "Automatico: l'orologio si ferma.",
            "Dies ist eine automatische Uhr, sie steht.",
            "This is an automatic watch and it stopped.",
            "Bu otomatik bir saat, durdu.",
            "Dit is een automatische pomp, hij lekt.",
        ] {
            is_person(text);
            assert!(!by_words(&fold(text), "x"), "{text}");
        }
    }
}
