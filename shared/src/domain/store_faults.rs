//! What is wrong with the settings of a store, each with what to write instead; and what differs between two of them.

use super::alias::Alias;
use super::store::Store;

/// The longest address (RFC 5321, section 4.5.3.1.3).
const MAX_ADDRESS: usize = 254;

/// The longest label, phrase or host, in characters.
pub const MAX_WORDS: usize = 200;

/// The most phrases, and the most hosts: a store is one row.
pub const MAX_PHRASES: usize = 200;

/// The most orders a day: beyond any seller.
pub const MAX_ORDERS: u32 = 1_000_000;

/// The minutes of a day: no level is reached before the clock starts.
const DAY: u32 = 24 * 60;

/// A setting that cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The setting, by its name in API and timeline.
    pub field: &'static str,
    /// What to write instead.
    pub instead: &'static str,
}

/// All that is wrong with the settings.
pub fn faults(store: &Store) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut need = |holds: bool, field, instead| {
        if !holds {
            faults.push(Fault { field, instead });
        }
    };
    let own = |address: &str| Alias::parse(address).is_none();
    need(
        store.recipient == "*" || is_address(&store.recipient),
        "recipient",
        "write the address to which Amazon sends this store's mail, like amazon@mail.shop.example, or * for all mail that no \
         other store takes",
    );
    need(
        own(&store.recipient),
        "recipient",
        "this is a buyer's address at Amazon; write your own, which Seller Central shows as approved",
    );
    need(
        is_address(&store.from),
        "from",
        "write the bare address that mail is sent from, like amazon@mail.shop.example; Amazon takes approved senders only",
    );
    need(
        own(&store.from),
        "from",
        "this is a buyer's address at Amazon; write your own",
    );
    need(
        store.daily_orders <= MAX_ORDERS,
        "daily_orders",
        "write the average number of orders a day, at most 1000000",
    );
    need(
        (2..DAY).contains(&store.nearing_minutes),
        "nearing_minutes",
        "write minutes before the deadline: 2 to 1439",
    );
    need(
        (1..store.nearing_minutes.max(2)).contains(&store.critical_minutes),
        "critical_minutes",
        "write minutes before the deadline: at least 1 and fewer than nearing_minutes, since critical follows nearing",
    );
    need(
        is_words(&store.no_response_needed_tag),
        "no_response_needed_tag",
        "write the helpdesk's tag, 1 to 200 characters",
    );
    need(
        store.screen.phrases().count() <= MAX_PHRASES,
        "screen/phrases",
        "write at most 200 phrases",
    );
    need(
        store.screen.phrases().all(|(_, phrase)| is_words(phrase)),
        "screen/phrases",
        "write phrases of 1 to 200 characters",
    );
    let hosts = store.screen.allowed_hosts();
    need(
        hosts.len() <= MAX_PHRASES,
        "screen/allowed_hosts",
        "write at most 200 hosts",
    );
    need(
        hosts.iter().all(|host| is_host(host)),
        "screen/allowed_hosts",
        "write hosts alone, like help.shop.example, without https:// and path",
    );
    faults
}

/// The settings that differ.
pub fn changes(before: &Store, after: &Store) -> Vec<&'static str> {
    let differ = [
        ("recipient", before.recipient != after.recipient),
        ("from", before.from != after.from),
        ("marketplaces", before.marketplaces != after.marketplaces),
        ("daily_orders", before.daily_orders != after.daily_orders),
        ("ask_order_id", before.ask_order_id != after.ask_order_id),
        ("nearing_minutes", before.nearing_minutes != after.nearing_minutes),
        ("critical_minutes", before.critical_minutes != after.critical_minutes),
        ("quiet_hours", before.quiet_hours != after.quiet_hours),
        (
            "no_response_needed_tag",
            before.no_response_needed_tag != after.no_response_needed_tag,
        ),
        (
            "closed_needs_no_response",
            before.closed_needs_no_response != after.closed_needs_no_response,
        ),
        ("screen", before.screen != after.screen),
    ];
    differ
        .into_iter()
        .filter(|(_, differs)| *differs)
        .map(|(name, _)| name)
        .collect()
}

fn is_address(text: &str) -> bool {
    let good = |c: char| !c.is_whitespace() && !c.is_control() && !"<>,;:\"()[]\\".contains(c);
    let whole = text.len() <= MAX_ADDRESS && text.chars().all(good);
    whole
        && text
            .split_once('@')
            .is_some_and(|(local, host)| !local.is_empty() && host.contains('.') && is_host(host))
}

fn is_host(text: &str) -> bool {
    let label =
        |label: &str| (1..=63).contains(&label.len()) && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    text.len() <= 253 && text.split('.').all(label)
}

fn is_words(text: &str) -> bool {
    !text.trim().is_empty() && text.chars().count() <= MAX_WORDS && !text.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::super::quiet_hours::QuietHours;
    use super::super::store::{AskOrderId, StoreId};
    use super::*;

    fn store() -> Store {
        Store::new(
            StoreId::parse("de").unwrap(),
            "amazon@mail.shop.example",
            "amazon@mail.shop.example",
        )
    }

    fn fields(change: impl Fn(&mut Store)) -> Vec<&'static str> {
        let mut store = store();
        change(&mut store);
        faults(&store).into_iter().map(|fault| fault.field).collect()
    }

    #[test]
    fn what_cannot_be_used_is_told_all_at_once() {
        assert!(fields(|_| {}).is_empty());
        assert!(fields(|store| store.recipient = "*".to_owned()).is_empty());
        for wrong in [
            "",
            "shop",
            "shop@",
            "@x.example",
            "shop@x",
            "Shop <shop@x.example>",
            "a b@x.example",
            "a@b@x.example",
        ] {
            assert_eq!(
                fields(|store| store.recipient = wrong.to_owned()),
                ["recipient"],
                "{wrong}"
            );
            assert_eq!(fields(|store| store.from = wrong.to_owned()), ["from"], "{wrong}");
        }
        let buyer = "a1b2c3d4e5f6g7h@marketplace.amazon.de";
        assert_eq!(fields(|store| store.from = buyer.to_owned()), ["from"]);
        let all = fields(|store| {
            store.daily_orders = MAX_ORDERS + 1;
            store.nearing_minutes = DAY;
            store.critical_minutes = 0;
            store.no_response_needed_tag = " ".to_owned();
            store.screen.allow_host("https://x.example");
        });
        let wanted = [
            "daily_orders",
            "nearing_minutes",
            "critical_minutes",
            "no_response_needed_tag",
            "screen/allowed_hosts",
        ];
        assert_eq!(all, wanted);
        assert_eq!(fields(|store| store.critical_minutes = 240), ["critical_minutes"]);
    }

    #[test]
    fn every_setting_that_differs_is_named() {
        let mut other = store();
        assert!(changes(&store(), &other).is_empty());
        other.recipient = "*".to_owned();
        other.from = "b@x.example".to_owned();
        other.marketplaces = vec!["DE", "FR"]
            .into_iter()
            .filter_map(super::super::marketplace::Marketplace::parse)
            .collect();
        other.daily_orders = 1;
        other.ask_order_id = AskOrderId::Never;
        other.nearing_minutes = 1;
        other.critical_minutes = 2;
        other.quiet_hours = QuietHours::parse("22:00-07:00 UTC");
        other.no_response_needed_tag = "x".to_owned();
        other.closed_needs_no_response = true;
        other.screen.allow_host("x.example");
        assert_eq!(changes(&store(), &other).len(), 11);
    }
}
