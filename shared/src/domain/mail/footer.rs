//! What Amazon's own parts of a mail hold besides words: links, the message's token, ids of stores and products.

use crate::domain::marketplace::Marketplace;
use crate::domain::order_id::Asin;

use super::sender::is_amazon;

/// Links looked at in one text.
const MOST_LINKS: usize = 200;
/// Products kept.
const MOST_ASINS: usize = 100;

/// A link to a true Amazon host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Link<'a> {
    /// All of it, verbatim.
    pub url: &'a str,
    /// What stands behind the host, the query included.
    pub path: &'a str,
}

impl<'a> Link<'a> {
    /// A parameter of the query, verbatim.
    pub(super) fn parameter(&self, name: &str) -> Option<&'a str> {
        let query = self.path.split_once('?')?.1;
        let query = query.split('#').next()?;
        query
            .split('&')
            .find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
            .filter(|value| !value.is_empty())
    }
}

/// Links to Amazon's hosts, in order.
pub(super) fn links(text: &str) -> impl Iterator<Item = Link<'_>> {
    let bytes = text.as_bytes();
    memchr::memmem::find_iter(bytes, "://")
        .take(MOST_LINKS)
        .filter_map(move |at| {
            let before = &bytes[..at];
            let scheme = [5, 4].into_iter().find(|n| before.ends_with(&b"https"[..*n]))?;
            let rest = &text[at + 3..];
            let stop = |b: &u8| matches!(b, b'/' | b'?' | b'#') || ends_link(*b);
            let host = &rest[..rest.bytes().position(|b| stop(&b)).unwrap_or(rest.len())];
            if !is_amazon(host) {
                return None;
            }
            // Other white space than ASCII ends a link, too.
            let rest = &rest[..rest.bytes().position(ends_link).unwrap_or(rest.len())];
            let rest = if rest.is_ascii() {
                rest
            } else {
                rest.split(char::is_whitespace).next().unwrap_or(rest)
            };
            Some(Link {
                url: &text[at - scheme..at + 3 + rest.len()],
                path: rest.get(host.len()..)?,
            })
        })
}

fn ends_link(b: u8) -> bool {
    b.is_ascii_whitespace() || matches!(b, b'<' | b'>' | b'"' | b'\'' | b')' | b']')
}

/// The signed link that marks a message as needing no response.
pub(super) fn no_response_link(footer: &str) -> Option<Link<'_>> {
    links(footer).find(|link| {
        link.path
            .split('?')
            .next()
            .is_some_and(|path| path.contains("/no-response-needed"))
    })
}

/// Amazon's token of a message: the same for every copy of it, another for any other message.
pub(super) fn token(footer: &str, link: Option<Link<'_>>) -> Option<String> {
    if let Some(at) = memchr::memmem::find(footer.as_bytes(), b"[commMgrTok:") {
        let rest = &footer[at + 12..];
        let token = rest.split(']').next().unwrap_or_default().trim();
        if !token.is_empty() && token.len() <= 64 && token.bytes().all(|b| b.is_ascii_alphanumeric()) {
            return Some(token.to_owned());
        }
    }
    let message = link.and_then(|link| link.parameter("msg"));
    if let Some(message) = message.filter(|m| m.len() <= 64 && m.bytes().all(|b| b.is_ascii_alphanumeric())) {
        return Some(message.to_owned());
    }
    // The link of today names no message, so all that its signature covers is taken, and the number in the report link.
    let mut parts: Vec<&str> = Vec::new();
    parts.extend(links(footer).find_map(|link| {
        let number = link.path.strip_prefix("/messaging/")?.split('?').next()?;
        (number.len() >= 10 && number.bytes().all(|b| b.is_ascii_digit())).then_some(number)
    }));
    if let Some(link) = link {
        parts.extend(["t", "m", "c", "h"].iter().filter_map(|name| link.parameter(name)));
    }
    let usable = |b: u8| b.is_ascii_alphanumeric() || b"-_.%".contains(&b);
    let token = parts.join(".");
    (!token.is_empty() && token.len() <= 500 && token.bytes().all(usable)).then_some(token)
}

/// The store that the links of a footer name.
pub(super) fn marketplace(footer: &str) -> Option<Marketplace> {
    links(footer).find_map(|link| {
        let id = link.parameter("mp").or_else(|| link.parameter("marketplaceId"))?;
        Marketplace::by_amazon_id(id)
    })
}

/// Products named as `[ASIN: B0ABCDEFGH]`, or after the label `ASIN:`.
pub(super) fn asins(head: &str) -> Vec<Asin> {
    let mut found: Vec<Asin> = Vec::new();
    for at in memchr::memmem::find_iter(head.as_bytes(), "ASIN").take(1000) {
        let rest = head[at + 4..].trim_start_matches([' ', '\u{a0}', '#']);
        let Some(rest) = rest.strip_prefix([':', '：']) else {
            continue;
        };
        let rest = rest.trim_start_matches([' ', '\u{a0}', '\n']);
        let word = &rest[..rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len())];
        if let Some(asin) = Asin::parse(word).filter(|asin| !found.contains(asin))
            && found.len() < MOST_ASINS
        {
            found.push(asin);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const NEW: &str = "Risolvi caso https://sellercentral.amazon.it/messaging/no-response-needed?t=A1&m=A2&mp=APJ6JRA9NG5V4&c=A3&h=0f&s=1\n\
                       Segnala https://www.amazon.it/messaging/1234567890123456789?marketplaceId=APJ6JRA9NG5V4&report=true\n";

    #[test]
    fn the_link_is_kept_verbatim() {
        let url =
            "https://sellercentral.amazon.it/messaging/no-response-needed?t=A1&m=A2&mp=APJ6JRA9NG5V4&c=A3&h=0f&s=1";
        assert_eq!(no_response_link(NEW).unwrap().url, url);
    }

    #[test]
    fn links_of_other_hosts_do_not_count() {
        assert_eq!(
            no_response_link("https://sellercentral.amazon.it.evil.example/messaging/no-response-needed?t=1"),
            None
        );
        assert_eq!(
            no_response_link("https://evil.example/?x=https:/amazon.it/no-response-needed"),
            None
        );
    }

    #[test]
    fn the_token_is_the_old_one_or_all_that_is_signed() {
        assert_eq!(
            token("x [commMgrTok:A1B2C3] y", no_response_link("x [commMgrTok:A1B2C3] y")).as_deref(),
            Some("A1B2C3")
        );
        let old = "http://www.amazon.com/gp/communication-manager/no-response-needed.html?msg=A1B2&d=1&mp=X";
        assert_eq!(token(old, no_response_link(old)).as_deref(), Some("A1B2"));
        assert_eq!(
            token(NEW, no_response_link(NEW)).as_deref(),
            Some("1234567890123456789.A1.A2.A3.0f")
        );
        assert_eq!(token("nothing", no_response_link("nothing")), None);
    }

    #[test]
    fn the_store_stands_in_the_links() {
        assert_eq!(marketplace(NEW).map(Marketplace::code), Some("IT"));
    }

    #[test]
    fn products_are_read_from_amazons_brackets() {
        let found = asins("1 / A [ASIN: B0ABCDEFGH]\n1 / B [ASIN: B0ABCDEFGH]\n1 of C [ASIN:3161484100]\nASIN: B012\n");
        assert_eq!(
            found.iter().map(Asin::as_str).collect::<Vec<_>>(),
            ["B0ABCDEFGH", "3161484100"]
        );
    }
}
