//! Who wrote: Amazon's hosts, relay addresses, robots. Hosts are compared exactly; names prove nothing.

use std::sync::LazyLock;

use super::address::Mailbox;
use super::data::{fold, phrases};
use super::header::{Headers, unfold};
use super::words::decode_words;
use crate::domain::alias::Alias;
use crate::domain::marketplace::Marketplace;

/// Fields that say who wrote. An Amazon address in one of them makes a mail one that claims to come from Amazon.
const SENDERS: [&str; 4] = ["From", "Reply-To", "Sender", "Return-Path"];
/// Fields in which a forwarder or the receiving server keeps the addresses of the envelope.
const ENVELOPE: [&str; 10] = [
    "Delivered-To",
    "X-Original-To",
    "X-Envelope-From",
    "X-Envelope-Sender",
    "X-Original-From",
    "X-Original-Sender",
    "Envelope-To",
    "X-Envelope-To",
    "X-Forwarded-For",
    "X-Forwarded-To",
];

const ROBOTS: &str = include_str!("data/robots.tsv");

struct Robots {
    addresses: Vec<String>,
    postmasters: Vec<String>,
    names: Vec<String>,
}

static ROBOT: LazyLock<Robots> = LazyLock::new(|| Robots {
    addresses: phrases(ROBOTS, "address"),
    postmasters: phrases(ROBOTS, "postmaster"),
    names: phrases(ROBOTS, "name"),
});

/// The addresses of a mail.
#[derive(Debug)]
pub(super) struct Sender {
    /// Mailboxes of From.
    pub from: Vec<Mailbox>,
    /// Mailboxes of every field that says who wrote, From first.
    pub all: Vec<Mailbox>,
    /// The buyer's address, the variant with a case id where one of that buyer is known.
    pub alias: Option<Alias>,
    /// The first Amazon address that is no buyer's: a notice's sender.
    pub notice: Option<String>,
    /// One of the addresses is at an Amazon host.
    pub claims_amazon: bool,
    /// Return path or From is there and empty (RFC 5321, 4.5.5): a machine that wants no answer.
    pub is_null: bool,
    /// The display name or comment of a From without an address, folded.
    bare_name: Option<String>,
    /// The one buyer to whom somebody else wrote: a seller's own answer in copy.
    pub written_to: Option<Mailbox>,
}

impl Sender {
    /// Reads the addresses out of the header.
    pub(super) fn read(headers: &Headers<'_>) -> Self {
        let from = headers.mailboxes("From");
        let others = SENDERS[1..].iter().flat_map(|name| headers.mailboxes(name));
        let all: Vec<Mailbox> = from.iter().cloned().chain(others).collect();
        let alias = all.iter().find_map(|m| Alias::parse(&m.address));
        let alias = alias.map(|first| {
            let envelope = ENVELOPE
                .iter()
                .flat_map(|name| headers.all(name))
                .flat_map(|raw| aliases(&unfold(raw)));
            let mut known = all.iter().filter_map(|m| Alias::parse(&m.address)).chain(envelope);
            if first.case_id().is_some() {
                return first;
            }
            known
                .find(|other| other.case_id().is_some() && other.buyer() == first.buyer())
                .unwrap_or(first)
        });
        let amazon = |m: &&Mailbox| host(&m.address).is_some_and(is_amazon);
        let notice = all.iter().filter(amazon).find(|m| Alias::parse(&m.address).is_none());
        let claims_amazon = all.iter().any(|m| amazon(&m));
        let bare_name = if from.is_empty() { bare_name(headers) } else { None };
        let null_path = headers.plain("Return-Path").is_some_and(|path| path.trim() == "<>");
        Self {
            claims_amazon,
            notice: notice.map(|m| m.address.to_lowercase()),
            is_null: null_path || bare_name.is_some(),
            bare_name,
            written_to: if claims_amazon {
                None
            } else {
                written_to(headers, &from)
            },
            from,
            all,
            alias,
        }
    }

    /// A mail server: by its address, or by its name where it shows no address.
    pub(super) fn is_mail_server(&self) -> bool {
        let address = self.from.first().map(|m| local_part(&m.address));
        address.is_some_and(|local| ROBOT.addresses.contains(&local))
            || self.bare_name.as_ref().is_some_and(|name| ROBOT.names.contains(name))
    }

    /// An address that mail servers write from, and people.
    pub(super) fn is_postmaster(&self) -> bool {
        self.from
            .first()
            .is_some_and(|m| ROBOT.postmasters.contains(&local_part(&m.address)))
    }

    /// A machine, whatever it says.
    pub(super) fn is_robot(&self) -> bool {
        self.is_null || self.is_mail_server() || self.is_postmaster()
    }

    /// From names an Amazon address that is no buyer's.
    pub(super) fn is_notice_by_from(&self) -> bool {
        self.from.first().is_some_and(|m| {
            let host = host(&m.address).unwrap_or_default();
            let buyer = Alias::parse(&m.address).is_some()
                || Marketplace::is_new_relay(host) && Alias::is_buyer(&local_part(&m.address));
            is_amazon(host) && !buyer
        })
    }

    /// From is at the relay of a store that is not known yet: a buyer's message, without an address to be answered at.
    pub(super) fn is_at_new_relay(&self) -> bool {
        self.from
            .first()
            .is_some_and(|m| host(&m.address).is_some_and(Marketplace::is_new_relay))
    }

    /// Display name beside the buyer's address.
    pub(super) fn alias_name(&self) -> Option<&str> {
        let buyer = self.alias.as_ref()?.buyer();
        let named = self
            .all
            .iter()
            .filter(|m| Alias::parse(&m.address).is_some_and(|alias| alias.buyer() == buyer));
        named.into_iter().find_map(|m| m.name.as_deref())
    }
}

/// The name beside an empty address, folded: `MAILER-DAEMON <>`, `"" (Mail Delivery System)`, `<>`.
fn bare_name(headers: &Headers<'_>) -> Option<String> {
    let value = headers.plain("From")?;
    let value = decode_words(&value);
    if value.contains('@') {
        return None;
    }
    let name = value.replace("<>", " ").replace(['"', '(', ')'], " ");
    let empty = value.contains("<>") || name.len() < value.len();
    let name = fold(&name);
    (empty || ROBOT.names.contains(&name)).then_some(name)
}

/// The buyer among the recipients, if it is one alone, and From one person: two buyers, or a buyer whose address stands
/// also where a list puts the author's, make no answer of the seller's.
fn written_to(headers: &Headers<'_>, from: &[Mailbox]) -> Option<Mailbox> {
    let through_list = ["X-Original-From", "X-Original-Sender"];
    let listed = through_list
        .iter()
        .flat_map(|name| headers.all(name))
        .any(|raw| !aliases(&unfold(raw)).is_empty());
    if from.len() != 1 || listed || headers.all("From").nth(1).is_some() {
        return None;
    }
    let mut buyers = ["To", "Cc"]
        .iter()
        .flat_map(|name| headers.mailboxes(name))
        .filter(|m| Alias::parse(&m.address).is_some());
    let first = buyers.next()?;
    let other = |m: Mailbox| !m.address.eq_ignore_ascii_case(&first.address);
    (!buyers.any(other)).then_some(first)
}

/// The relay addresses that a text names, in order, at most 20.
pub(super) fn aliases(text: &str) -> Vec<Alias> {
    let lower = text.to_ascii_lowercase();
    let hits = memchr::memmem::find_iter(lower.as_bytes(), "marketplace.amazon.");
    let hits = hits.filter_map(|hit| {
        let before = &lower[..hit];
        before
            .ends_with('@')
            .then_some(hit - 1)
            .or_else(|| before.ends_with("@m.").then_some(hit - 3))
    });
    let read = |at: usize| {
        let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.' | '_');
        let before = &lower[..at];
        let start = before.trim_end_matches(is_word).len();
        // Marks around a word are no part of it: "_a1b2c3@…_".
        let start = at - lower[start..at].trim_start_matches(['+', '-', '.', '_']).len();
        let host = &lower[at + 1..];
        let end = host
            .find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '.' | '-'))
            .unwrap_or(host.len());
        let host = host[..end].trim_end_matches('.');
        Alias::parse(&lower[start..at + 1 + host.len()])
    };
    hits.take(20).filter_map(read).collect()
}

/// What stands behind the last `@`.
pub(super) fn host(address: &str) -> Option<&str> {
    address.rsplit_once('@').map(|(_, host)| host.trim())
}

/// What stands before the last `@`, in lower case.
pub(super) fn local_part(address: &str) -> String {
    address
        .rsplit_once('@')
        .map_or(address, |(local, _)| local)
        .trim()
        .to_lowercase()
}

/// True for `amazon.<tld>` of a known store and its real subdomains, and for the relay of a store not known yet.
pub(super) fn is_amazon(host: &str) -> bool {
    Marketplace::by_amazon_host(host).is_some() || Marketplace::is_new_relay(host)
}

#[cfg(test)]
mod tests {
    use super::super::defect::Defects;
    use super::*;

    fn sender(header: &str) -> Sender {
        Sender::read(&Headers::split(header.as_bytes(), &mut Defects::default()).0)
    }

    #[test]
    fn the_variant_with_a_case_id_wins_if_it_is_the_same_buyer() {
        let read = sender(
            "From: a1b2c3@marketplace.amazon.de\nDelivered-To: other9+0a1b2c3d@marketplace.amazon.de\n\
             Delivered-To: a1b2c3+0a1b2c3d@marketplace.amazon.de\n\n",
        );
        assert_eq!(read.alias.unwrap().expose(), "a1b2c3+0a1b2c3d@marketplace.amazon.de");
    }

    #[test]
    fn a_buyer_among_the_recipients_is_not_the_writer() {
        let read = sender(
            "From: shop@example.org\nTo: a1b2c3@marketplace.amazon.de\nDelivered-To: a1b2c3@marketplace.amazon.de\n\n",
        );
        assert!(read.alias.is_none() && !read.claims_amazon);
    }

    #[test]
    fn look_alikes_are_not_amazon() {
        for host in [
            "amazon.com.evil.example",
            "xamazon.de",
            "marketplace-amazon.com",
            "amazon.de.",
            "amazon",
            "amazоn.com",
        ] {
            assert!(!is_amazon(host), "{host}");
        }
        for host in [
            "amazon.de",
            "AMAZON.com",
            "sellercentral.amazon.co.uk",
            "marketplace.amazon.com.br",
        ] {
            assert!(is_amazon(host), "{host}");
        }
    }

    #[test]
    fn robots_at_the_relay_are_no_buyers() {
        for local in [
            "no-reply",
            "DoNotReply",
            "do-not-reply",
            "no_reply",
            "auto-confirm",
            "mailer-daemon",
        ] {
            let read = sender(&format!("From: {local}@marketplace.amazon.it\n\n"));
            assert!(read.alias.is_none() && read.is_notice_by_from(), "{local}");
        }
    }

    #[test]
    fn a_from_without_an_address_is_a_machine() {
        for from in [
            "MAILER-DAEMON <>",
            "<>",
            "\"\" (Mail Delivery System)",
            "Mail Delivery Subsystem",
            "=?utf-8?Q?Mail_Delivery_System?= <>",
        ] {
            let read = sender(&format!("From: {from}\nSubject: x\n\n"));
            assert!(read.is_robot(), "{from}");
            assert_eq!(read.is_mail_server(), from != "<>", "{from}");
        }
        for from in ["Vera Muster", "Vera <vera@home.example>", ""] {
            assert!(!sender(&format!("From: {from}\nSubject: x\n\n")).is_robot(), "{from}");
        }
    }

    #[test]
    fn an_answer_in_copy_goes_to_one_buyer() {
        let to = |fields: &str| sender(&format!("From: Shop <shop@example.org>\n{fields}\n\n")).written_to;
        let (vera, tom) = ("a1b2c3+0a1b@marketplace.amazon.de", "z9y8x7@marketplace.amazon.de");
        assert_eq!(to(&format!("To: {vera}\nBcc: x@y.example")).unwrap().address, vera);
        assert_eq!(
            to(&format!("To: x@y.example\nCc: Vera <{vera}>")).unwrap().address,
            vera
        );
        for none in [
            format!("To: {vera}, {tom}"),
            format!("To: {vera}\nReply-To: {tom}"),
            format!("To: {vera}\nX-Original-From: {tom}"),
            "To: x@y.example".to_owned(),
        ] {
            assert!(to(&none).is_none(), "{none}");
        }
    }

    #[test]
    fn relay_addresses_stand_in_texts_in_any_shape() {
        let text =
            "_a-1.b_2+x_y.z@marketplace.amazon.de_, <q9@m.marketplace.amazon.co.jp>. no-reply@marketplace.amazon.it";
        let found: Vec<_> = aliases(text).iter().map(|alias| alias.expose().to_owned()).collect();
        assert_eq!(
            found,
            ["a-1.b_2+x_y.z@marketplace.amazon.de", "q9@m.marketplace.amazon.co.jp"]
        );
    }
}
