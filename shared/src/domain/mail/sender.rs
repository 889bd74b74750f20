//! Who wrote: Amazon's hosts, relay addresses, robots. Hosts are compared exactly; names prove nothing.

use super::address::Mailbox;
use super::header::{Headers, unfold};
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
    /// The return path is there and empty: a machine that wants no answer.
    pub null_return_path: bool,
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
        Self {
            claims_amazon: all.iter().any(|m| amazon(&m)),
            notice: notice.map(|m| m.address.to_lowercase()),
            null_return_path: headers.plain("Return-Path").is_some_and(|path| path.trim() == "<>"),
            from,
            all,
            alias,
        }
    }

    /// From names an Amazon address that is no buyer's.
    pub(super) fn is_notice_by_from(&self) -> bool {
        self.from
            .first()
            .is_some_and(|m| host(&m.address).is_some_and(is_amazon) && Alias::parse(&m.address).is_none())
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

/// The relay addresses that a text names, in order, at most 20.
pub(super) fn aliases(text: &str) -> Vec<Alias> {
    let lower = text.to_ascii_lowercase();
    let hits = memchr::memmem::find_iter(lower.as_bytes(), "@marketplace.amazon.").take(20);
    let read = |at: usize| {
        let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-');
        let before = &lower[..at];
        let start = before.trim_end_matches(is_word).len();
        let host = &lower[at + 1..];
        let end = host
            .find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '.' | '-'))
            .unwrap_or(host.len());
        let host = host[..end].trim_end_matches('.');
        Alias::parse(&lower[start..at + 1 + host.len()])
    };
    hits.filter_map(read).collect()
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

/// True for `amazon.<tld>` of a known store and its real subdomains.
pub(super) fn is_amazon(host: &str) -> bool {
    Marketplace::by_amazon_host(host).is_some()
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
        let read = sender("From: no-reply@marketplace.amazon.it\n\n");
        assert!(read.alias.is_none() && read.is_notice_by_from());
    }
}
