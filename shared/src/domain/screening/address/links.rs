//! Links, bare domains and e-mail addresses, as written and as disguised.

use linkify::{LinkFinder, LinkKind};

use super::super::super::marketplace::Marketplace;
use super::super::text::{Clean, is_cjk};
use super::disguise;
use super::hosts::{host_of, is_tld};

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
pub(in crate::domain::screening) fn addresses(clean: &Clean) -> Vec<Address> {
    let mut found = disguise::addresses(clean);
    written(clean, &mut found);
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

fn written(clean: &Clean, found: &mut Vec<Address>) {
    let masked = mask(&clean.text);
    let text = masked.as_deref().unwrap_or(&clean.text);
    if !text.contains(['.', ':', '@']) {
        return;
    }
    let mut finder = LinkFinder::new();
    finder
        .url_must_have_scheme(false)
        .kinds(&[LinkKind::Url, LinkKind::Email]);
    for link in finder.links(text) {
        let (start, end) = (link.start(), link.end());
        if *link.kind() == LinkKind::Email {
            email(clean, link.as_str(), start, found);
        } else if let Some((start, end)) = url(text, start, end) {
            push_link(clean, text, start, end, found);
        }
    }
    broken_schemes(clean, text, found);
    if masked.is_some() {
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

/// Is what the detector found a link, or a full stop with the space forgotten, a file name, a number, an abbreviation?
fn url(text: &str, start: usize, mut end: usize) -> Option<(usize, usize)> {
    let link = &text[start..end];
    if link.contains("://") {
        return Some((start, end));
    }
    if strip_prefix_ignoring_case(link, "mailto:").is_some() {
        return link.contains('@').then_some((start, end));
    }
    let host_len = link.find(['/', '?', '#', ':']).unwrap_or(link.len());
    let mut host = &link[..host_len];
    let path = host_len < link.len();
    // The detector takes "shop.com.Bitte" whole: give back labels that end no host.
    while !host
        .rsplit('.')
        .next()
        .is_some_and(|label| bare_end(host, label, path, text, start))
    {
        if path {
            return None;
        }
        let dot = host.rfind('.')?;
        if !host[..dot].contains('.') {
            return None;
        }
        host = &host[..dot];
        end = start + dot;
    }
    bare(host, path, text, start, end).then_some((start, end))
}

/// Is this last label the end of a host, judged by itself?
fn bare_end(host: &str, label: &str, path: bool, text: &str, start: usize) -> bool {
    let before = &host[..host.len() - label.len()];
    if !is_tld(label) {
        return false;
    }
    // "packed.It": capital, then small letters, after a word without capitals inside.
    let capital = label.chars().next().is_some_and(char::is_uppercase) && label.chars().skip(1).all(char::is_lowercase);
    if !capital || path {
        return true;
    }
    // No host is longer than 253 characters: what stands before tells nothing.
    let letters: Vec<char> = before.chars().rev().take(LONGEST_HOST).collect();
    let turns = letters
        .windows(2)
        .filter(|pair| pair[1].is_lowercase() && pair[0].is_uppercase())
        .count();
    let www = letters
        .windows(4)
        .any(|four| four[0] == '.' && four[1..].iter().all(|c| matches!(c, 'w' | 'W')));
    let odd = turns >= 2 || www;
    let ends = text[start + host.len()..]
        .chars()
        .next()
        .is_none_or(|c| !c.is_whitespace());
    let known = ["Com", "Net", "Org", "Info"].contains(&label);
    odd || (known && (ends || label != "Com"))
}

const LONGEST_HOST: usize = 253;
/// `https` with a letter more.
const LONGEST_SCHEME: usize = 6;

/// Endings that are everyday words: alone they need a sign that a host is meant.
const WORDS: [&str; 20] = [
    "it", "is", "in", "so", "to", "me", "no", "at", "be", "am", "as", "us", "my", "do", "we", "la", "il", "are", "by",
    "id",
];
/// Endings that are endings of files.
const FILES: [&str; 14] = [
    "zip", "mov", "md", "sh", "py", "ps", "so", "cab", "rs", "bin", "app", "ini", "doc", "pub",
];
/// Hosts of one letter.
const SHORT: [&str; 8] = ["a.co", "t.me", "t.co", "x.com", "g.co", "m.me", "v.gd", "t.ly"];

fn bare(host: &str, path: bool, text: &str, start: usize, end: usize) -> bool {
    let lower = host.to_lowercase();
    if lower.starts_with("www.") {
        return true;
    }
    let mut labels = lower.rsplit('.');
    let (Some(last), Some(name)) = (labels.next(), labels.next()) else {
        return false;
    };
    if name.is_empty() || name.bytes().all(|byte| byte.is_ascii_digit()) && !path {
        return false;
    }
    if SHORT.contains(&lower.as_str()) {
        return true;
    }
    if name.chars().count() < 2 && labels.clone().all(|label| label.chars().count() < 2) {
        return false;
    }
    // "7.5kg.to": a number with its unit.
    let unit = name.starts_with(|c: char| c.is_ascii_digit())
        && labels.clone().any(|label| label.bytes().all(|b| b.is_ascii_digit()));
    if unit {
        return false;
    }
    let preceded = text[..start].chars().next_back();
    if preceded.is_some_and(|c| matches!(c, '.' | '\\' | '_' | '@')) {
        return false;
    }
    if FILES.contains(&last) && !path {
        return false;
    }
    if WORDS.contains(&last) && !path {
        let sure = name.contains('-')
            || name.bytes().any(|byte| byte.is_ascii_digit())
            || labels.next().is_some_and(|label| label.len() > 2);
        return sure || ends_here(text, end) || introduced(text, start);
    }
    true
}

/// Nothing of a sentence follows: a host at the end of one, or before a comma or bracket.
fn ends_here(text: &str, end: usize) -> bool {
    let rest = &text[end..];
    let mut chars = rest.chars();
    match chars.next() {
        None => true,
        Some(c) if c.is_whitespace() => !chars
            .next()
            .is_some_and(|next| next.is_lowercase() || next.is_ascii_digit()),
        Some(c) => !c.is_alphanumeric(),
    }
}

/// A word stands before that leads to a place: "see shop.it", "auf shop.it".
fn introduced(text: &str, start: usize) -> bool {
    const LEADS: [&str; 44] = [
        "at",
        "on",
        "see",
        "visit",
        "to",
        "via",
        "from",
        "open",
        "site",
        "website",
        "under",
        "unter",
        "auf",
        "bei",
        "über",
        "von",
        "sur",
        "chez",
        "visitez",
        "su",
        "sul",
        "visiti",
        "visita",
        "en",
        "visite",
        "em",
        "no",
        "op",
        "via",
        "bij",
        "bezoek",
        "på",
        "besök",
        "na",
        "pod",
        "odwiedź",
        "adresinden",
        "adresi",
        "على",
        "de",
        "domain",
        "seite",
        "sito",
        "sitio",
    ];
    let before = text[..start]
        .trim_end()
        .trim_end_matches([':', '"', '\'', '„', '“', '«', '('])
        .trim_end();
    let word = before.rsplit(|c: char| !c.is_alphanumeric()).next().unwrap_or("");
    LEADS.contains(&word.to_lowercase().as_str())
}

/// `hxxps://`, `http : //`, `https:/`: a scheme written so that it is not seen. The host alone may have been found already.
fn broken_schemes(clean: &Clean, text: &str, found: &mut Vec<Address>) {
    let mut broken: Vec<Address> = Vec::new();
    let mut whole: Vec<(usize, usize)> = found.iter().map(|address| (address.start, address.end)).collect();
    whole.sort_unstable();
    let mut until = 0;
    for (at, _) in text.match_indices("//") {
        if at < until {
            continue;
        }
        let before = text[until..at].trim_end();
        let Some(before) = before.strip_suffix([':', ';']) else {
            continue;
        };
        let before = before.trim_end();
        let letters = before
            .bytes()
            .rev()
            .take(LONGEST_SCHEME + 1)
            .take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'*')
            .count();
        let from = until + before.len() - letters;
        let scheme = text[from..from + letters].to_ascii_lowercase();
        if !(scheme.starts_with('h') && scheme.len() <= LONGEST_SCHEME && scheme.ends_with(['p', 's', 'x'])) {
            continue;
        }
        let rest = text[at + 2..].trim_start();
        let begin = text.len() - rest.len();
        let len = rest
            .find(|c: char| c.is_whitespace() || matches!(c, '"' | '<' | '>' | ')' | ','))
            .unwrap_or(rest.len());
        until = begin + len;
        let end = begin + rest[..len].trim_end_matches(['.', '!', '?', ';']).len();
        let host = host_of(&text[begin..end]);
        let seen = whole
            .partition_point(|&(start, _)| start <= from)
            .checked_sub(1)
            .is_some_and(|last| whole[last].1 >= end);
        if host.contains('.') && !seen {
            let secure = if scheme.contains('s') { "https" } else { "http" };
            let disguised = clean.is_disguised(begin, end);
            broken.push(Address {
                start: from,
                end,
                plain: format!("{secure}://{}", &text[begin..end]),
                email: false,
                disguised,
            });
        }
    }
    if !broken.is_empty() {
        found.retain(|other| {
            let first = broken.partition_point(|address| address.end <= other.start);
            broken.get(first).is_none_or(|address| address.start >= other.end)
        });
        found.append(&mut broken);
    }
}

/// Hosts whose name is in a script without spaces: `例え.jp`.
fn foreign_hosts(clean: &Clean, found: &mut Vec<Address>) {
    for (at, _) in clean.text.match_indices('.') {
        let name = clean.text[..at]
            .chars()
            .rev()
            .take_while(|&c| is_cjk(c))
            .map(char::len_utf8)
            .sum::<usize>();
        let rest = &clean.text[at + 1..];
        let len = rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
        if name > 0
            && ["com", "jp", "net", "org", "cn", "tokyo", "shop"].contains(&rest[..len].to_ascii_lowercase().as_str())
        {
            let (start, end) = (at - name, at + 1 + len);
            found.push(Address {
                start,
                end,
                plain: clean.text[start..end].to_owned(),
                email: false,
                disguised: false,
            });
        }
    }
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

fn strip_prefix_ignoring_case<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    text.get(..prefix.len())
        .filter(|head| head.eq_ignore_ascii_case(prefix))
        .map(|_| &text[prefix.len()..])
}
