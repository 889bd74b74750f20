//! The masked address that stands for one buyer at one seller.
//!
//! `a1b2c3d4e5f6g7h+01234567-89ab-4cde-8f01-23456789abcd@marketplace.amazon.de`: the part before `+` and the host are the
//! buyer, the same for every later contact; what stands after `+` is Seller Central's case id.
//! Source: Amazon help GTV8NTY5RM6N9LUN and real mail.

use std::fmt;

use super::marketplace::Marketplace;

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
        let (_, host) = address.rsplit_once('@')?;
        if !host
            .as_bytes()
            .get(..12)
            .is_some_and(|start| start.eq_ignore_ascii_case(b"marketplace."))
        {
            return None;
        }
        let address = address.to_ascii_lowercase();
        let at = address.find('@')?;
        let (local, host) = (&address[..at], &address[at + 1..]);
        let marketplace = Marketplace::by_relay_host(host)?;
        let plus = local.find('+');
        let base = &local[..plus.unwrap_or(at)];
        let word = |s: &str| !s.is_empty() && s.len() <= 64 && s.bytes().all(|b| b.is_ascii_alphanumeric());
        let case = |s: &str| (4..=64).contains(&s.len()) && s.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        let robot = ["donotreply", "noreply"].contains(&base);
        let usable = word(base) && !robot && plus.is_none_or(|p| case(&local[p + 1..]));
        usable.then_some(Self {
            address,
            plus,
            at,
            marketplace,
        })
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
        self.plus.map(|plus| CaseId(self.address[plus + 1..self.at].to_owned()))
    }

    /// The marketplace whose relay the address belongs to.
    pub fn marketplace(&self) -> Marketplace {
        self.marketplace
    }
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
    /// Reads a case id: 4 to 64 letters, digits and dashes; kept in lower case.
    pub fn parse(text: &str) -> Option<Self> {
        let usable = (4..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        usable.then(|| Self(text.to_ascii_lowercase()))
    }

    /// The id in lower case.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
