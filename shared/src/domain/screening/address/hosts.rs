//! Whose host is it: Amazon's, a carrier's, one the store allows, or anybody's?

use std::sync::LazyLock;

use super::super::super::marketplace::Marketplace;
use super::super::rule::{Rule, Shade};
use super::super::settings::Settings;

static CARRIERS: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
    let lines = include_str!("carriers.txt")
        .lines()
        .filter(|line| !line.starts_with('#'));
    lines.flat_map(str::split_whitespace).collect()
});

/// The owner of a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::domain::screening) enum Owner {
    Amazon,
    Carrier,
    Allowed,
    /// The buyer's own device or network.
    Device,
    Other,
}

/// Judges a bare host in any case. `example.amazon.de` is Amazon's, `amazon.de.example.com` is not.
pub(in crate::domain::screening) fn owner(host: &str, settings: &Settings) -> Owner {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    let under = |parent: &str| host == parent || host.strip_suffix(parent).is_some_and(|before| before.ends_with('.'));
    if Marketplace::by_amazon_host(&host).is_some() {
        Owner::Amazon
    } else if is_device(&host) {
        Owner::Device
    } else if CARRIERS.iter().any(|carrier| under(carrier)) {
        Owner::Carrier
    } else if settings.allowed_hosts().iter().any(|allowed| under(allowed)) {
        Owner::Allowed
    } else {
        Owner::Other
    }
}

/// The host of a link: scheme, user part, port, path and query taken off.
pub(in crate::domain::screening) fn host_of(link: &str) -> &str {
    let rest = link.find("://").map_or(link, |at| &link[at + 3..]);
    let rest = rest.trim_start_matches('/');
    let authority = &rest[..rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len())];
    let host = authority.rsplit('@').next().unwrap_or(authority);
    host.split(':').next().unwrap_or(host)
}

/// Addresses in the buyer's own network: private IPv4 ranges (RFC 1918, RFC 3927, loopback), `.local` (RFC 6762), `.home.arpa`
/// (RFC 8375), and names that routers answer to.
pub(super) fn is_device(host: &str) -> bool {
    let host = host
        .split([':', '/'])
        .next()
        .unwrap_or(host)
        .trim_end_matches('.')
        .to_ascii_lowercase();
    let under = |parent: &str| {
        host.strip_suffix(parent)
            .is_some_and(|before| before.is_empty() || before.ends_with('.'))
    };
    if host == "localhost"
        || ["local", "lan", "internal", "home.arpa", "fritz.box", "speedport.ip"]
            .into_iter()
            .any(under)
    {
        return host.contains('.') || host == "localhost";
    }
    let numbers: Vec<Option<u8>> = host.split('.').map(|part| part.parse().ok()).collect();
    matches!(
        numbers[..],
        [Some(10 | 127), Some(_), Some(_), Some(_)]
            | [Some(192), Some(168), Some(_), Some(_)]
            | [Some(169), Some(254), Some(_), Some(_)]
            | [Some(172), Some(16..=31), Some(_), Some(_)]
    )
}

/// What the seller's own pages on Amazon advertise: a store front, a promotion code, the form for a review.
pub(in crate::domain::screening) fn advertised(link: &str) -> Option<(Rule, Shade)> {
    let rest = link.find("://").map_or(link, |at| &link[at + 3..]);
    let path = rest.find('/').map_or("", |at| &rest[at..]).to_ascii_lowercase();
    let query = path.split_once('?').map_or("", |(_, query)| query);
    let has = |part: &str| path.contains(part);
    if has("/stores/")
        || has("/shops/")
        || has("/promocode/")
        || path.starts_with("/s") && query.split('&').any(|pair| pair.starts_with("me="))
    {
        Some((Rule::Marketing, Shade::Plain))
    } else if has("/review/create-review") || has("/gp/feedback") || has("/hz/feedback") {
        Some((Rule::ReviewRequestTone, Shade::Neutral))
    } else {
        None
    }
}

/// Is this the last label of a host that exists, in any script?
pub(in crate::domain::screening) fn is_tld(label: &str) -> bool {
    if label.is_ascii() {
        // `example` is reserved for documents (RFC 2606): whoever writes it means a host all the same.
        return label.len() >= 2 && (tld::exist_case_insensitive(label) || label.eq_ignore_ascii_case("example"));
    }
    // The list has the others in Punycode.
    match url::Host::parse(label) {
        Ok(url::Host::Domain(plain)) => tld::exist(&plain),
        _ => false,
    }
}
