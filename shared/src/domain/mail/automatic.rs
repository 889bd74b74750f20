//! Mail that a machine wrote: by header (RFC 3834 and what the wild adds), or by its words where the relay stripped them.
//!
//! Precision comes first: a person who mentions that he is out of the office is a person.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

use super::data::{fold, phrases, rows};
use super::header::{Headers, unfold};
use super::sender::{Sender, local_part};

const OUT_OF_OFFICE: &str = include_str!("data/out_of_office.tsv");
/// How much of a text is read, in bytes: an automatic answer says so at once.
const READ: usize = 1200;

struct Words {
    openings: Vec<String>,
    /// The parts of the usual sentences.
    sentences: AhoCorasick,
    /// Which part each pattern is, as a bit.
    parts: Vec<u8>,
}

const AWAY: u8 = 1;
const PROMISE: u8 = 2;
const BACK: u8 = 4;
const MAIL: u8 = 8;
const MACHINE: u8 = 16;

static WORDS: LazyLock<Words> = LazyLock::new(|| {
    let mut all = Vec::new();
    let mut parts = Vec::new();
    for (name, part) in [
        ("away", AWAY),
        ("promise", PROMISE),
        ("back", BACK),
        ("mail", MAIL),
        ("machine", MACHINE),
    ] {
        all.extend(phrases(OUT_OF_OFFICE, name));
        parts.resize(all.len(), part);
    }
    Words {
        openings: phrases(OUT_OF_OFFICE, "opening"),
        sentences: AhoCorasick::new(all).expect("the phrases are few and short"),
        parts,
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

static FIELDS: LazyLock<Vec<(&'static str, Tells)>> = LazyLock::new(|| {
    rows(include_str!("data/automatic_headers.tsv"))
        .filter_map(|cells| {
            let [name, rule, ..] = cells[..] else { return None };
            let words = |list: &'static str| list.split(' ').collect();
            Some(match rule.split_once(' ') {
                Some(("not", list)) => (name, Tells::Not(words(list))),
                Some((_, list)) => (name, Tells::Is(words(list))),
                None => (name, Tells::Present),
            })
        })
        .collect()
});

/// True where header or words show that a machine wrote. `subject` is folded, `own` is the writer's own text.
pub(super) fn is_automatic(headers: &Headers<'_>, sender: &Sender, report: bool, subject: &str, own: &str) -> bool {
    report || sender.null_return_path || is_robot(sender) || by_header(headers) || by_words(subject, own)
}

fn is_robot(sender: &Sender) -> bool {
    sender
        .from
        .first()
        .is_some_and(|m| matches!(local_part(&m.address).as_str(), "mailer-daemon" | "postmaster"))
}

fn by_header(headers: &Headers<'_>) -> bool {
    FIELDS.iter().any(|(name, tells)| {
        let mut values = headers.all(name);
        let first = |raw: &[u8]| {
            let value = unfold(raw);
            let word = value
                .trim_start()
                .split([';', ',', ' ', '(', '\t'])
                .next()
                .unwrap_or_default();
            word.trim().to_ascii_lowercase()
        };
        match tells {
            Tells::Present => values.next().is_some(),
            Tells::Not(list) => values
                .map(first)
                .any(|word| !word.is_empty() && !list.contains(&word.as_str())),
            Tells::Is(list) => values.map(first).any(|word| list.contains(&word.as_str())),
        }
    })
}

fn by_words(subject: &str, own: &str) -> bool {
    let mut end = own.len().min(READ);
    while !own.is_char_boundary(end) {
        end -= 1;
    }
    let opening = own[..end].trim_start();
    let first_line = opening.lines().next().unwrap_or_default();
    if opens(subject) || opens(&fold(first_line)) {
        return true;
    }
    // Both halves of the usual sentence, and no question: people ask.
    if own.len() > READ || own.contains(['?', '？', '؟']) {
        return false;
    }
    let text = fold(opening);
    let found = WORDS
        .sentences
        .find_overlapping_iter(&text)
        .fold(0, |all, hit| all | WORDS.parts[hit.pattern().as_usize()]);
    let has = |parts: u8| found & parts == parts;
    has(AWAY | PROMISE) || has(AWAY | BACK | MAIL) || has(MACHINE)
}

/// The line opens with words like "Automatic reply", and they stand for themselves.
fn opens(folded: &str) -> bool {
    let line = folded.trim_start_matches(['[', '(', '*', '"', '\'', '【', '<', ' ', '#', '-', '=']);
    WORDS.openings.iter().any(|opening| {
        line.strip_prefix(opening.as_str()).is_some_and(|rest| {
            let rest = rest.trim_start_matches(' ');
            let ends = rest.is_empty()
                || rest.starts_with([
                    ':', '：', ']', ')', '】', '>', '!', '.', '。', '-', '–', '—', '*', '|', '"', '=',
                ]);
            ends || rest.starts_with("re:") || rest.starts_with("aw:")
        })
    })
}

#[cfg(test)]
mod tests {
    use super::super::defect::Defects;
    use super::*;

    fn by_fields(fields: &str) -> bool {
        let raw = format!("From: a1b2c3@marketplace.amazon.de\n{fields}\n\n");
        let (headers, _) = Headers::split(raw.as_bytes(), &mut Defects::default());
        is_automatic(&headers, &Sender::read(&headers), false, "", "")
    }

    #[test]
    fn machines_say_so_in_the_header() {
        for fields in [
            "Auto-Submitted: auto-replied",
            "Auto-Submitted: auto-generated (rejected)",
            "X-Autoreply: yes",
            "X-Autorespond: x",
            "Precedence: bulk",
            "precedence: Auto_Reply",
            "List-Id: <a.b>",
            "Return-Path: <>",
        ] {
            assert!(by_fields(fields), "{fields}");
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
            assert!(!by_fields(fields), "{fields}");
        }
    }

    #[test]
    fn words_of_a_machine_are_known_without_a_header() {
        for text in [
            "Automatic reply: I am out.",
            "Abwesenheitsnotiz\n\nIch bin bis Montag nicht da.",
            "自動返信\n不在です",
            "Ich bin derzeit nicht im Büro. Ihre E-Mail wird nicht weitergeleitet.",
            "Hello, I am currently out of the office and will respond to your email when I return.",
            "Je suis actuellement absente. Votre message sera traité à mon retour.",
            "Ich bin bis einschließlich 20.03. nicht im Büro und habe keinen Zugriff auf meine E-Mails.",
            "I am currently on annual leave and will return on 20 March. This mail will not be forwarded.",
            "Olá, estou ausente do escritório e só responderei a partir de segunda-feira.",
            "Thank you for contacting ACME. This is an automated message, we have got your request.",
            "Wir haben Ihre Anfrage erhalten. Bitte antworten Sie nicht auf diese E-Mail.",
        ] {
            assert!(by_words("", text), "{text}");
        }
        assert!(by_words(&fold("Out of Office: your order"), "x"));
        assert!(by_words(&fold("Automatische Antwort: Ihre Bestellung"), "x"));
    }

    #[test]
    fn people_who_mention_an_office_are_people() {
        for text in [
            "I'll be out of the office until Thursday, so please don't ship before then.",
            "Out of office chairs like this one I like yours best.",
            "Your automatic reply said two days. Where is my parcel?",
            "Ich bin im Urlaub, bitte erst danach liefern.",
            "Ich bin bis Freitag nicht erreichbar, bitte liefern Sie nach meiner Rückkehr.",
            "Je suis absente jusqu'à lundi, livrez à mon retour s'il vous plaît.",
            "I am on holiday until Monday. Can you send it when I return?",
            "I got a mail from you: this is an automated message. Does a person read this?",
            "Please do not reply with a template again, I want my money back.",
            "Do not reply to this message before you have talked to the carrier.",
            "In meiner Abwesenheit kann der Nachbar das Paket nehmen.",
            "Je suis en vacances ; en mon absence, laissez le colis chez le voisin.",
            "I am on vacation. In my absence, please leave the parcel at the door.",
        ] {
            assert!(
                !by_words(&fold("Inquiry from Amazon customer Sam (Order: 1)"), text),
                "{text}"
            );
        }
    }
}
