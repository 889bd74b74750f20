//! What a mail is: by Amazon's header, then by sender, then by subject and text. All of it is data.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;
use memchr::memmem::Finder;

use super::Kind;
use super::data::{fold, rows};
use super::header::Headers;
use super::mime::Body;
use super::sender::{Sender, host, local_part};

/// The field in which Amazon says what a mail is.
const NOTIFICATION_TYPE: &str = "X-Space-Notification-Type";
/// How much of a text is searched for phrases, in bytes.
const SEARCHED: usize = 4096;

struct Phrase {
    kind: Kind,
    parts: Vec<Finder<'static>>,
}

/// The phrases of one place. They are many and most mails hold none, so one search for their first parts goes before.
struct Phrases {
    rows: Vec<Phrase>,
    first: AhoCorasick,
}

impl Phrases {
    /// The rows of a place: kind, and parts that must all occur, parted by ` … `.
    fn of(place: &str) -> Self {
        let row = |cells: Vec<&'static str>| match cells[..] {
            [name, kind, phrase, ..] if name == place => Some(Phrase {
                kind: Kind::parse(kind)?,
                parts: parts(phrase),
            }),
            _ => None,
        };
        let rows: Vec<Phrase> = rows(include_str!("data/notices.tsv")).filter_map(row).collect();
        let first = rows.iter().filter_map(|row| row.parts.first()).map(Finder::needle);
        Self {
            first: AhoCorasick::new(first).expect("the phrases are few and short"),
            rows,
        }
    }

    /// The kind of the first row that fits a folded text.
    fn kind(&self, folded: &str) -> Option<Kind> {
        let mut found: Option<usize> = None;
        for hit in self.first.find_overlapping_iter(folded) {
            let row = hit.pattern().as_usize();
            if found.is_none_or(|first| row < first) && in_order(folded, &self.rows[row].parts) {
                found = Some(row);
            }
        }
        found.map(|row| self.rows[row].kind)
    }
}

static IN_SUBJECT: LazyLock<Phrases> = LazyLock::new(|| Phrases::of("subject"));
static IN_TEXT: LazyLock<Phrases> = LazyLock::new(|| Phrases::of("text"));
static IN_BOUNCE: LazyLock<Phrases> = LazyLock::new(|| Phrases::of("bounce"));

/// Values of Amazon's header.
static HEADER_KINDS: LazyLock<Vec<(&'static str, Kind)>> = LazyLock::new(|| {
    rows(include_str!("data/kinds.tsv"))
        .filter_map(|cells| Some((cells[0], Kind::parse(cells.get(1)?)?)))
        .collect()
});

/// Who writes certain notices, and which.
static SENDERS: LazyLock<Vec<(&'static str, Vec<Kind>)>> = LazyLock::new(|| {
    let kinds = |list: &str| list.split(',').filter_map(|kind| Kind::parse(kind.trim())).collect();
    rows(include_str!("data/senders.tsv"))
        .filter_map(|cells| Some((cells[0], kinds(cells.get(1)?))))
        .collect()
});

/// Who asks to confirm a forwarding: local part, host, words of the subject.
static FORWARDING: LazyLock<Vec<(&'static str, &'static str, Vec<Finder<'static>>)>> = LazyLock::new(|| {
    rows(include_str!("data/forwarding.tsv"))
        .filter_map(|cells| {
            let [address, phrase, ..] = cells[..] else { return None };
            let (local, host) = address.split_once('@')?;
            Some((local, host, if phrase == "*" { Vec::new() } else { parts(phrase) }))
        })
        .collect()
});

/// Decides what a mail is. `subject` is folded, `text` is the readable text, frame and all.
pub(super) fn classify(headers: &Headers<'_>, sender: &Sender, body: &Body, subject: &str, text: &str) -> Kind {
    if is_delivery_failure(headers, sender, body, subject) {
        return Kind::DeliveryFailure;
    }
    if is_forwarding_confirmation(sender, subject) {
        return Kind::ForwardingConfirmation;
    }
    if !sender.claims_amazon {
        return Kind::Other;
    }
    if let Some(kind) = headers.plain(NOTIFICATION_TYPE).and_then(|value| by_header(&value)) {
        return kind;
    }
    let at_relay = sender.alias.is_some() || sender.is_at_new_relay();
    if at_relay && !sender.is_notice_by_from() {
        return Kind::BuyerMessage;
    }
    let opening = fold(opening(text));
    let local = sender.notice.as_deref().map(local_part).unwrap_or_default();
    by_sender(&local, subject, &opening)
        .or_else(|| IN_SUBJECT.kind(subject))
        .or_else(|| IN_TEXT.kind(&opening))
        .unwrap_or(Kind::SystemNotice)
}

fn parts(phrase: &str) -> Vec<Finder<'static>> {
    let finder = |part: &str| Finder::new(&fold(part)).into_owned();
    phrase.split('…').map(finder).collect()
}

/// The beginning of a text, cut between characters.
fn opening(text: &str) -> &str {
    let mut end = text.len().min(SEARCHED);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

fn by_header(value: &str) -> Option<Kind> {
    let value = value.trim();
    let known = HEADER_KINDS.iter().find(|(name, _)| name.eq_ignore_ascii_case(value))?;
    Some(known.1)
}

/// Senders that write one sort of notice: kind, or several kinds of which subject and text decide; the first is the default.
fn by_sender(local: &str, subject: &str, opening: &str) -> Option<Kind> {
    let fits = |address: &str| match address.strip_suffix('*') {
        Some(opening) => local.starts_with(opening),
        None => address == local,
    };
    let (_, kinds) = SENDERS.iter().find(|(address, _)| fits(address))?;
    if kinds.len() == 1 {
        return Some(kinds[0]);
    }
    let told = IN_SUBJECT.kind(subject).or_else(|| IN_TEXT.kind(opening));
    told.filter(|kind| kinds.contains(kind))
        .or_else(|| kinds.first().copied())
}

fn in_order(text: &str, parts: &[Finder<'_>]) -> bool {
    let mut rest = text.as_bytes();
    parts.iter().all(|part| match part.find(rest) {
        Some(at) => {
            rest = &rest[at + part.needle().len()..];
            true
        }
        None => false,
    })
}

fn is_delivery_failure(headers: &Headers<'_>, sender: &Sender, body: &Body, subject: &str) -> bool {
    if body
        .report
        .as_deref()
        .is_some_and(|report| report == "delivery-status" || report.is_empty())
    {
        return true;
    }
    if body.report.is_some() {
        return false;
    }
    if headers.has("X-Failed-Recipients") || sender.is_mail_server() {
        return true;
    }
    (sender.is_postmaster() || sender.is_null) && IN_BOUNCE.kind(subject).is_some()
}

fn is_forwarding_confirmation(sender: &Sender, subject: &str) -> bool {
    let Some(from) = sender.from.first() else { return false };
    let (local, host) = (
        local_part(&from.address),
        host(&from.address).unwrap_or_default().to_lowercase(),
    );
    FORWARDING.iter().any(|(wanted, domain, phrase)| {
        (*wanted == "*" || *wanted == local) && *domain == host && in_order(subject, phrase)
    })
}

#[cfg(test)]
mod tests {
    use super::super::defect::Defects;
    use super::*;

    fn kind(raw: &str) -> &'static str {
        let mut defects = Defects::default();
        let (headers, rest) = Headers::split(raw.as_bytes(), &mut defects);
        let body = Body::read(&headers, rest, &mut defects);
        let subject = headers.text("Subject").unwrap_or_default();
        let text = body.plain.clone().unwrap_or_default();
        classify(&headers, &Sender::read(&headers), &body, &fold(&subject), &text).as_str()
    }

    #[test]
    fn the_header_decides_only_for_true_amazon_hosts() {
        let fields = "X-Space-Notification-Type: REFUND_ISSUED\nSubject: x\n\nx";
        assert_eq!(
            kind(&format!("From: payments-messages@amazon.fr\n{fields}")),
            "refund-notice"
        );
        assert_eq!(
            kind(&format!("From: payments-messages@amazon.fr.example\n{fields}")),
            "other"
        );
    }

    #[test]
    fn an_unknown_header_value_is_kept_as_what_its_sender_says() {
        let unknown = "X-Space-Notification-Type: NEVER_SEEN";
        assert_eq!(
            kind(&format!("From: donotreply@amazon.com\n{unknown}\n\nx")),
            "system-notice"
        );
        assert_eq!(
            kind(&format!("From: a1b2c3@marketplace.amazon.com\n{unknown}\n\nx")),
            "buyer-message"
        );
    }

    #[test]
    fn notices_without_a_header_are_known_by_their_subject() {
        for (subject, expected) in [
            ("Demande d’annulation de commande 402-8494578-2241561", "cancel-request"),
            (
                "Notificacion de autorizacion de devolucion para el pedido 1",
                "return-request",
            ),
            ("Richiesta di rimborso ricevuta per l'ordine 1", "a-to-z-claim"),
            ("Remboursement initié pour la commande 1", "refund-notice"),
            ("Décision concernant la réclamation", "a-to-z-decision"),
            ("Seu e-mail para João", "reply-copy"),
            ("Your message to João has been sent", "reply-copy"),
            ("Your message to the buyer was not delivered", "system-notice"),
            ("Your e-mail to the buyer was not delivered", "opt-out-notice"),
            ("You have received feedback for order 1", "feedback-notice"),
            ("Sie haben eine Bewertung erhalten", "feedback-notice"),
            ("[CASE 12345678901] Your listing", "support-mail"),
            ("Ihre Fall-ID 12345678901", "support-mail"),
            ("Something else", "system-notice"),
        ] {
            assert_eq!(
                kind(&format!("From: donotreply@amazon.com\nSubject: {subject}\n\nx")),
                expected,
                "{subject}"
            );
        }
    }

    #[test]
    fn some_senders_write_one_sort_of_notice() {
        for (from, expected) in [
            ("auto-communication@amazon.de", "opt-out-notice"),
            ("seller-support@amazon.co.jp", "support-mail"),
            ("merch.service05@amazon.com", "support-mail"),
            ("seller-performance@amazon.fr", "performance-notice"),
            ("auto-communications@amazon.de", "system-notice"),
            ("seller-support@amazon.de.example", "other"),
        ] {
            assert_eq!(
                kind(&format!("From: {from}\nSubject: Hinweis\n\nx")),
                expected,
                "{from}"
            );
        }
    }

    #[test]
    fn a_store_not_known_yet_is_not_silent() {
        for (host, expected) in [
            ("marketplace.amazon.co.kr", "buyer-message"),
            ("marketplace.amazon.cn", "buyer-message"),
            ("marketplace.amazon.com.ar", "buyer-message"),
            ("marketplace.amazon.xyz", "other"),
            ("marketplace.amazon.com.evil.example", "other"),
            ("xmarketplace.amazon.cn", "other"),
        ] {
            assert_eq!(
                kind(&format!("From: a1b2c3@{host}\nSubject: x\n\nx")),
                expected,
                "{host}"
            );
        }
        assert_eq!(
            kind("From: no-reply@marketplace.amazon.cn\nSubject: x\n\nx"),
            "system-notice"
        );
    }

    #[test]
    fn a_reply_of_a_robot_is_not_a_delivery_failure() {
        let raw = "From: postmaster@example.org\nReturn-Path: <>\nSubject: Out of office\n\nx";
        assert_eq!(kind(raw), "other");
        assert_eq!(
            kind(&raw.replace("Out of office", "Undeliverable: Re: x")),
            "delivery-failure"
        );
    }
}
