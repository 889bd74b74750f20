//! The masked address that stands for one buyer at one seller.
//!
//! `a1b2c3d4e5f6g7h+01234567-89ab-4cde-8f01-23456789abcd@marketplace.amazon.de`: the part before `+` and the host are the
//! buyer, the same for every later contact; what stands after `+` is Seller Central's case id.
//! Source: Amazon help GTV8NTY5RM6N9LUN and real mail.
//!
//! Both parts are 15 letters and digits and a UUID in the mail seen so far. Others are taken, too, since the 24 hours run
//! at Amazon whatever we think of an address: letters, digits, full stops, dashes and underscores. `relay_addresses.tsv` has
//! what is no buyer's, and the address that many buyers share.

use std::fmt;
use std::sync::LazyLock;

use super::marketplace::Marketplace;

/// Longest part of an address, in characters (RFC 5321, 4.5.3.1).
const LONGEST: usize = 64;

struct Known {
    robots: Vec<&'static str>,
    shared: Vec<&'static str>,
}

static KNOWN: LazyLock<Known> = LazyLock::new(|| {
    let rows = || {
        include_str!("relay_addresses.tsv")
            .lines()
            .filter_map(|line| line.split_once('\t'))
    };
    let of = |key: &'static str| rows().filter(move |row| row.0 == key).map(|row| row.1).collect();
    Known {
        robots: of("robot"),
        shared: of("shared"),
    }
});

/// A buyer's relay address as received, in lower case, its `+case` part kept. Answers go to exactly this address.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Alias {
    address: String,
    plus: Option<usize>,
    at: usize,
    marketplace: Marketplace,
}

impl Alias {
    /// Reads a bare address; `None` unless its host is exactly a relay host and its local part could be a buyer.
    pub fn parse(address: &str) -> Option<Self> {
        let address = address.trim();
        // Most addresses are no aliases: seen before anything is copied.
        let (local, host) = address.rsplit_once('@')?;
        let marketplace = Marketplace::by_relay_host(host)?;
        if !Self::is_buyer(&local.to_ascii_lowercase()) {
            return None;
        }
        let plus = local.find('+');
        let usable = plus.is_none_or(|p| p + 1 == local.len() || CaseId::parse(&local[p + 1..]).is_some());
        usable.then(|| Self {
            address: address.to_ascii_lowercase(),
            plus,
            at: local.len(),
            marketplace,
        })
    }

    /// Whether the part before the `@`, in lower case, can be a buyer's; what stands after `+` is not looked at.
    pub(super) fn is_buyer(local: &str) -> bool {
        let base = local.split('+').next().unwrap_or_default();
        let letters = base.bytes().any(|b| b.is_ascii_alphanumeric());
        if !letters || base.len() > LONGEST || !base.bytes().all(is_part) {
            return false;
        }
        let marks_apart = || base.bytes().filter(u8::is_ascii_alphanumeric);
        let robot = |name: &&str| marks_apart().take(name.len()).eq(name.bytes());
        is_shared(base) || !KNOWN.robots.iter().any(robot)
    }

    /// The full address, with the case part.
    pub fn expose(&self) -> &str {
        &self.address
    }

    /// The buyer behind the address.
    pub fn buyer(&self) -> Buyer {
        let base = &self.address[..self.plus.unwrap_or(self.at)];
        Buyer(format!("{base}{}", &self.address[self.at..]))
    }

    /// Seller Central's case id: what stands after `+`.
    pub fn case_id(&self) -> Option<CaseId> {
        CaseId::parse(&self.address[self.plus? + 1..self.at])
    }

    /// Whether many buyers write from this address: who they are says only the conversation or the order.
    pub fn is_shared(&self) -> bool {
        is_shared(&self.address[..self.plus.unwrap_or(self.at)])
    }

    /// The marketplace whose relay the address belongs to.
    pub fn marketplace(&self) -> Marketplace {
        self.marketplace
    }
}

/// What an address holds before and after `+`.
fn is_part(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_')
}

fn is_shared(base: &str) -> bool {
    KNOWN.shared.contains(&base)
}

impl fmt::Debug for Alias {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<alias at {}>", self.marketplace.code())
    }
}

/// One buyer at one seller: the alias without its case part.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Buyer(String);

impl Buyer {
    /// Reads the address of a buyer; a `+case` part is dropped.
    pub fn parse(address: &str) -> Option<Self> {
        Alias::parse(address).map(|alias| alias.buyer())
    }

    /// The address without the case part.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether this is the address of many buyers.
    pub fn is_shared(&self) -> bool {
        self.0.rsplit_once('@').is_some_and(|(base, _)| is_shared(base))
    }

    /// The marketplace whose relay the address belongs to.
    pub fn marketplace(&self) -> Marketplace {
        let host = self.0.rsplit_once('@').map_or("", |(_, host)| host);
        Marketplace::by_relay_host(host).expect("a buyer is parsed from an alias at a relay host")
    }
}

impl fmt::Debug for Buyer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<buyer>")
    }
}

/// The case id of Seller Central, by which Amazon itself threads.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CaseId(String);

impl CaseId {
    /// Reads a case id: 1 to 64 letters, digits, full stops, dashes, underscores and plus signs; kept in lower case.
    pub fn parse(text: &str) -> Option<Self> {
        let usable = (1..=LONGEST).contains(&text.len())
            && text.bytes().any(|b| b.is_ascii_alphanumeric())
            && text.bytes().all(|b| is_part(b) || b == b'+');
        usable.then(|| Self(text.to_ascii_lowercase()))
    }

    /// The id in lower case.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buyers_are_known_whatever_alphabet_their_address_is_in() {
        for (address, buyer, case) in [
            ("a1b2c3d4e5f6g7h", "a1b2c3d4e5f6g7h", None),
            ("A1-B2.c3_D4", "a1-b2.c3_d4", None),
            ("a1b2+01234567-89AB", "a1b2", Some("01234567-89ab")),
            ("a1b2+x_1.y", "a1b2", Some("x_1.y")),
            ("a1b2+abc", "a1b2", Some("abc")),
            ("a1b2+one+two", "a1b2", Some("one+two")),
            ("a1b2+", "a1b2", None),
            ("noble-4711", "noble-4711", None),
        ] {
            let alias = Alias::parse(&format!("{address}@marketplace.amazon.de")).expect(address);
            assert_eq!(
                alias.expose(),
                format!("{}@marketplace.amazon.de", address.to_lowercase())
            );
            assert_eq!(alias.buyer().expose(), format!("{buyer}@marketplace.amazon.de"));
            assert_eq!(alias.case_id().as_ref().map(CaseId::as_str), case);
            assert_eq!(Buyer::parse(alias.buyer().expose()), Some(alias.buyer()));
            assert!(!alias.is_shared());
        }
        assert!(Alias::parse("a1b2c3@m.marketplace.amazon.co.jp").is_some());
    }

    #[test]
    fn robots_and_look_alikes_are_no_buyers() {
        for address in [
            "no-reply@marketplace.amazon.de",
            "No.Reply@marketplace.amazon.de",
            "no_reply+x@marketplace.amazon.de",
            "donotreply@marketplace.amazon.de",
            "do-not-reply-x@marketplace.amazon.de",
            "mailer-daemon@marketplace.amazon.de",
            "-@marketplace.amazon.de",
            "a b@marketplace.amazon.de",
            "ä1@marketplace.amazon.de",
            "a@b@marketplace.amazon.de",
            "a1b2c3@marketplace.amazon.xyz",
            "a1b2c3@x.marketplace.amazon.de",
            "a1b2c3@marketplace.amazon.de.evil.example",
        ] {
            assert!(Alias::parse(address).is_none(), "{address}");
        }
    }

    #[test]
    fn the_address_of_all_business_buyers_is_shared() {
        for address in ["no-reply-amazon-iba-buyer", "No-Reply-Amazon-IBA-Buyer+01234567"] {
            let alias = Alias::parse(&format!("{address}@marketplace.amazon.it")).expect(address);
            assert!(alias.is_shared() && alias.buyer().is_shared());
        }
        assert!(Alias::parse("no-reply-amazon-iba-buyers@marketplace.amazon.it").is_none());
    }
}
