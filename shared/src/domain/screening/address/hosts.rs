//! Whose host is it: Amazon's, a carrier's, one the store allows, or anybody's?

use std::sync::LazyLock;

use super::super::super::marketplace::Marketplace;
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
    Other,
}

/// Judges a bare host in any case. `example.amazon.de` is Amazon's, `amazon.de.example.com` is not.
pub(in crate::domain::screening) fn owner(host: &str, settings: &Settings) -> Owner {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    let under = |parent: &str| host == parent || host.strip_suffix(parent).is_some_and(|before| before.ends_with('.'));
    if Marketplace::by_amazon_host(&host).is_some() {
        Owner::Amazon
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

/// Is this the last label of a host that exists?
pub(in crate::domain::screening) fn is_tld(label: &str) -> bool {
    // `example` is reserved for documents (RFC 2606): whoever writes it means a host all the same.
    let known = tld::exist_case_insensitive(label) || label.eq_ignore_ascii_case("example") || international_tld(label);
    label.len() >= 2 && known
}

fn international_tld(label: &str) -> bool {
    [
        "рф",
        "бел",
        "укр",
        "中国",
        "中國",
        "みんな",
        "コム",
        "السعودية",
        "مصر",
        "امارات",
    ]
    .contains(&label.to_lowercase().as_str())
}
