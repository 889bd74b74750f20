//! Amazon's stores: country, relay host, marketplace id, language. The table is `marketplace.tsv`.

use std::sync::LazyLock;

use super::language::Language;

/// One of Amazon's stores, named by its ISO 3166 country code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Marketplace(&'static str);

/// How a relay host begins.
const RELAY: &str = "marketplace.amazon.";

/// What stands before that in further relay hosts.
static FURTHER_HOSTS: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
    let rows = include_str!("relay_addresses.tsv")
        .lines()
        .filter_map(|line| line.split_once('\t'));
    rows.filter(|row| row.0 == "host").map(|row| row.1).collect()
});

/// What follows the beginning of a name, which matches in any case.
fn behind<'a>(name: &'a str, beginning: &str) -> Option<&'a str> {
    let (start, rest) = name.split_at_checked(beginning.len())?;
    start.eq_ignore_ascii_case(beginning).then_some(rest)
}

struct Row {
    code: &'static str,
    domain: &'static str,
    language: Language,
    amazon_id: &'static str,
}

static TABLE: LazyLock<Vec<Row>> = LazyLock::new(|| {
    let lines = include_str!("marketplace.tsv")
        .lines()
        .filter(|line| !line.starts_with('#'));
    lines
        .filter_map(|line| {
            let mut cells = line.split('\t');
            let (code, domain) = (cells.next()?, cells.next()?);
            let language = Language::parse(cells.next()?.split(',').next()?)?;
            Some(Row {
                code,
                domain,
                language,
                amazon_id: cells.next()?,
            })
        })
        .collect()
});

impl Marketplace {
    /// By ISO 3166 code, as the contract writes it: `DE`.
    pub fn parse(code: &str) -> Option<Self> {
        Self::find(|row| row.code == code)
    }

    /// By the exact relay host, `marketplace.amazon.de`, in any case. Look-alikes give `None`.
    pub fn by_relay_host(host: &str) -> Option<Self> {
        let domain = behind(host, RELAY).or_else(|| {
            let mut further = FURTHER_HOSTS.iter();
            further.find_map(|prefix| behind(behind(host, prefix)?, RELAY))
        })?;
        Self::find(|row| row.domain.eq_ignore_ascii_case(domain))
    }

    /// Whether a host is the relay of a store that the table lacks: `marketplace.amazon.co.kr`. A country's domain only;
    /// anything longer, or of more letters, is a look-alike.
    pub fn is_new_relay(host: &str) -> bool {
        let Some(domain) = behind(host, RELAY) else {
            return false;
        };
        let country = behind(domain, "co.")
            .or_else(|| behind(domain, "com."))
            .unwrap_or(domain);
        let letters = country.len() == 2 && country.bytes().all(|b| b.is_ascii_alphabetic());
        letters && !country.eq_ignore_ascii_case("co") && Self::by_relay_host(host).is_none()
    }

    /// By a host of Amazon's own: `amazon.it`, `sellercentral.amazon.it`, any depth of subdomain.
    pub fn by_amazon_host(host: &str) -> Option<Self> {
        // Subdomains hold no "amazon." of their own, so the first label that reads so begins the store's domain.
        let mut labels = host;
        loop {
            let (label, rest) = labels.split_once('.')?;
            if label.eq_ignore_ascii_case("amazon") {
                return Self::find(|row| row.domain.eq_ignore_ascii_case(rest));
            }
            labels = rest;
        }
    }

    /// By Amazon's marketplace id, as `X-Marketplace-ID` carries it.
    pub fn by_amazon_id(id: &str) -> Option<Self> {
        Self::find(|row| row.amazon_id == id)
    }

    /// ISO 3166 code.
    pub fn code(self) -> &'static str {
        self.0
    }

    /// What stands after `amazon.` in the store's host: `co.uk`.
    pub fn domain(self) -> &'static str {
        self.row().domain
    }

    /// The store's main language.
    pub fn language(self) -> Language {
        self.row().language
    }

    /// Every marketplace, in the order of the table.
    pub fn all() -> impl Iterator<Item = Self> {
        TABLE.iter().map(|row| Self(row.code))
    }

    fn row(self) -> &'static Row {
        TABLE
            .iter()
            .find(|row| row.code == self.0)
            .expect("only rows of the table become marketplaces")
    }

    fn find(fits: impl Fn(&Row) -> bool) -> Option<Self> {
        TABLE.iter().find(|row| fits(row)).map(|row| Self(row.code))
    }
}
