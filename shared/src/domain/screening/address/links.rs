//! Links, bare domains and e-mail addresses, as written and as disguised.

use std::cell::LazyCell;

use linkify::{LinkFinder, LinkKind};

use super::super::super::language::Language;
use super::super::super::marketplace::Marketplace;
use super::super::text::{Clean, is_cjk};
use super::bare::{self, FullStops};
use super::hosts::{host_of, is_tld};
use super::schemes::broken_schemes;
use super::{disguise, dots};

/// An address in the normalised copy, as a byte range.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::domain::screening) struct Address {
    pub(in crate::domain::screening) start: usize,
    pub(in crate::domain::screening) end: usize,
    /// The link with its disguise taken off; an e-mail address where `email` is true.
    pub(in crate::domain::screening) plain: String,
    pub(in crate::domain::screening) email: bool,
    /// Written to look like something else: spelled out, or with letters of another script.
    pub(in crate::domain::screening) disguised: bool,
}

/// Every link and e-mail address, in order, none inside another. The buyer's relay alias is none.
///
/// `languages` tells those the draft may be in, none where that is not known; few drafts ask.
pub(in crate::domain::screening) fn addresses(clean: &Clean, languages: &dyn Fn() -> Vec<Language>) -> Vec<Address> {
    let mut found = disguise::addresses(clean);
    dots::addresses(clean, &mut found);
    written(clean, languages, &mut found);
    found.sort_by_key(|address| (address.start, std::cmp::Reverse(address.end)));
    let mut until = 0;
    found.retain(|address| {
        let fresh = address.start >= until;
        if fresh {
            until = address.end;
        }
        fresh
    });
    found.retain(|address| !(address.email && is_relay(&address.plain)));
    found
}

/// The exact relay host of a store; a look-alike is not.
fn is_relay(address: &str) -> bool {
    address
        .rsplit('@')
        .next()
        .is_some_and(|host| Marketplace::by_relay_host(host.trim_end_matches('.')).is_some())
}

fn written(clean: &Clean, languages: &dyn Fn() -> Vec<Language>, found: &mut Vec<Address>) {
    let masked = mask(&clean.text);
    let text = masked.as_deref().unwrap_or(&clean.text);
    if !text.contains(['.', ':', '@']) {
        return;
    }
    let stops = LazyCell::new(|| FullStops::of(&languages()));
    let mut finder = LinkFinder::new();
    finder
        .url_must_have_scheme(false)
        .kinds(&[LinkKind::Url, LinkKind::Email]);
    for link in finder.links(text) {
        let (start, end) = (link.start(), link.end());
        if *link.kind() == LinkKind::Email {
            email(clean, link.as_str(), start, found);
        } else if let Some((start, end)) = bare::url(text, start, end, &|label| stops.go_on(label)) {
            push_link(clean, text, start, end, found);
        }
    }
    broken_schemes(clean, text, found);
    if !clean.text.is_ascii() {
        foreign_hosts(clean, found);
    }
}

fn push_link(clean: &Clean, text: &str, start: usize, end: usize, found: &mut Vec<Address>) {
    let plain = &text[start..end];
    if let Some(address) = strip_prefix_ignoring_case(plain, "mailto:") {
        let plain = address.split('?').next().unwrap_or(address).to_owned();
        found.push(Address {
            start,
            end,
            plain,
            email: true,
            disguised: false,
        });
        return;
    }
    let host = host_of(plain);
    let at = plain.find(host).unwrap_or(0) + start;
    let disguised = clean.is_disguised(at, at + host.len());
    found.push(Address {
        start,
        end,
        plain: plain.to_owned(),
        email: false,
        disguised,
    });
}

fn email(clean: &Clean, address: &str, start: usize, found: &mut Vec<Address>) {
    let Some((local, host)) = address.rsplit_once('@') else {
        return;
    };
    // A sentence may go on without a space: `name@shop.com.Please`. Where no ending is a known one, what is written with
    // an @ is meant as an address all the same.
    let ends = std::iter::successors(Some(host.len()), |&end| host[..end].rfind('.'));
    let known = ends
        .into_iter()
        .find(|&end| host[..end].rsplit('.').next().is_some_and(is_tld));
    let Some(end) = known.or_else(|| shaped_like_host(host).then_some(host.len())) else {
        return;
    };
    let local = strip_prefix_ignoring_case(local, "mailto:").map_or(local, |local| local);
    let start = start + address.len() - local.len() - 1 - host.len();
    let whole = start + local.len() + 1 + end;
    let host_at = start + local.len() + 1;
    let disguised = clean.is_disguised(host_at, whole);
    let plain = format!("{local}@{}", &host[..end]);
    // A relay alias in foreign letters is no relay alias.
    let plain = if disguised { format!("{plain}.disguised") } else { plain };
    found.push(Address {
        start,
        end: whole,
        plain,
        email: true,
        disguised,
    });
}

/// Two labels or more, the last of letters alone.
fn shaped_like_host(host: &str) -> bool {
    host.rsplit_once('.').is_some_and(|(name, last)| {
        !name.is_empty() && (2..=24).contains(&last.len()) && last.bytes().all(|byte| byte.is_ascii_alphabetic())
    })
}

/// Bytes of a label that are looked at: no label is longer (RFC 1035).
const LONGEST_LABEL: usize = 63;

/// Hosts with a label in another script: `例え.jp`, `northfell.中国`, `northfell.рф`.
fn foreign_hosts(clean: &Clean, found: &mut Vec<Address>) {
    let text = clean.text.as_str();
    for at in memchr::memchr_iter(b'.', text.as_bytes()) {
        let (before, after) = (&text[..at], &text[at + 1..]);
        // Nearly every dot ends a sentence or stands in a host of Latin letters.
        let latin =
            after.as_bytes().first().is_none_or(u8::is_ascii) && before.as_bytes().last().is_none_or(u8::is_ascii);
        if latin || after.starts_with(char::is_whitespace) {
            continue;
        }
        let before = &before[before.ceil_char_boundary(before.len().saturating_sub(LONGEST_LABEL))..];
        let after = &after[..after.floor_char_boundary(LONGEST_LABEL)];
        if let Some((name, ending)) = foreign_labels(before, after) {
            let (start, end) = (at - name, at + 1 + ending);
            found.push(Address {
                start,
                end,
                plain: text[start..end].to_owned(),
                email: false,
                disguised: false,
            });
        }
    }
}

/// The lengths of the labels before and behind a dot, if they are a host's and one is in another script.
fn foreign_labels(before: &str, after: &str) -> Option<(usize, usize)> {
    const ENDS: [&str; 11] = [
        "com", "jp", "net", "org", "cn", "tokyo", "shop", "tw", "hk", "kr", "info",
    ];
    /// Countries' own endings, behind a name in their script; others are everyday words there.
    const COUNTRIES: [&str; 8] = ["рф", "бел", "укр", "срб", "мкд", "қаз", "бг", "ελ"];
    let part = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let name_east: usize = before
        .chars()
        .rev()
        .take_while(|&c| is_cjk(c))
        .map(char::len_utf8)
        .sum();
    let name_plain = before.len() - before.trim_end_matches(part).len();
    let end_plain = after.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(after.len());
    let end_east: usize = after.chars().take_while(|&c| is_cjk(c)).map(char::len_utf8).sum();
    if name_east > 0 && ENDS.contains(&after[..end_plain].to_ascii_lowercase().as_str()) {
        return Some((name_east, end_plain));
    }
    if name_east + name_plain > 1 && end_east > 0 {
        // The sentence may go on behind the ending without a space.
        let places = after.char_indices().skip(1).map(|(at, _)| at).take(4);
        let mut ends = places.chain([end_east]).filter(|&end| end <= end_east);
        return ends
            .find(|&end| is_tld(&after[..end]))
            .map(|end| (name_plain.max(name_east), end));
    }
    let letter = |c: char| c.is_alphabetic() && !c.is_ascii() && !is_cjk(c);
    let end = after.find(|c| !letter(c)).unwrap_or(after.len());
    let name = before.len() - before.trim_end_matches(|c: char| c.is_alphanumeric() || c == '-').len();
    let named = name_plain > 1 || (name > 1 && COUNTRIES.contains(&&after[..end]));
    (end > 0 && named && is_tld(&after[..end])).then_some((name_plain.max(name), end))
}

/// The same text with characters of scripts without spaces, and Arabic ones, blanked: `…はshop.jpをご覧` ends at `jp`.
fn mask(text: &str) -> Option<String> {
    if text.is_ascii() {
        return None;
    }
    let blank = |c: char| {
        is_cjk(c)
            || matches!(c, '\u{600}'..='\u{6ff}' | '\u{3001}'..='\u{3003}' | '\u{3008}'..='\u{301f}' | '\u{2018}'..='\u{201f}' | '…' | '«' | '»')
    };
    if !text.contains(blank) {
        return None;
    }
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if blank(c) {
            out.extend(std::iter::repeat_n(' ', c.len_utf8()));
        } else {
            out.push(c);
        }
    }
    Some(out)
}

pub(super) fn strip_prefix_ignoring_case<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    text.get(..prefix.len())
        .filter(|head| head.eq_ignore_ascii_case(prefix))
        .map(|_| &text[prefix.len()..])
}
