//! Addresses with another sign, or a whole word, where the dot or the @ belongs: `northfell·com`, `northfell-dot-com`,
//! `www northfell com`, `northfelldotcom`, `mara@gmail`, "put .com behind our name".
//!
//! What is spelled out with blanks around, or in brackets, is read by `disguise`.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};

use super::super::text::{Clean, is_cjk};
use super::hosts::is_tld;
use super::links::Address;
use super::separators::{is_everyday_ending, is_no_name, is_of_one_case, is_provider};

/// What such an address cannot do without. Nearly no text has any of them.
const SIGNS: [&str; 58] = [
    "·",
    "•",
    "∙",
    "⋅",
    "‧",
    ",com",
    ";com",
    "*com",
    "/com",
    ",net",
    ";net",
    "*net",
    ",org",
    ";org",
    "*org",
    "www ",
    "www,",
    "dotcom",
    "닷컴",
    "ドットコム",
    ".c0m",
    "-dot-",
    "_dot_",
    "#dot#",
    "-at-",
    "_at_",
    "#at#",
    "-punkt-",
    "_punkt_",
    "-punto-",
    "_punto_",
    "-point-",
    "_point_",
    "-ponto-",
    "-punt-",
    "-kropka-",
    "-nokta-",
    "@gmail",
    "@googlemail",
    "@hotmail",
    "@outlook",
    "@yahoo",
    "@icloud",
    "@gmx",
    "@web",
    "gmail",
    "hotmail",
    "icloud",
    "protonmail",
    " .com",
    " .de",
    " .net",
    " .org",
    " .fr",
    " .it",
    " .es",
    "\".",
    "„.",
];

static FINDER: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    let builder = AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .match_kind(MatchKind::LeftmostFirst)
        .build(SIGNS);
    builder.ok()
});

/// Adds the addresses of this kind.
pub(super) fn addresses(clean: &Clean, found: &mut Vec<Address>) {
    let Some(finder) = &*FINDER else { return };
    let text = clean.text.as_str();
    let mut until = 0;
    for sign in finder.find_iter(text) {
        if sign.start() < until {
            continue;
        }
        let word = text[sign.range()].to_ascii_lowercase();
        let address = match word.as_str() {
            "www " | "www," => after_www(text, sign.start()),
            "dotcom" | "닷컴" | "ドットコム" => dotcom(text, sign.start(), sign.end()),
            ".c0m" => joined(text, sign.start(), 1),
            _ if word.starts_with(['-', '_', '#']) => spelled(text, sign.start()),
            _ if word.starts_with('@') => mailbox(text, sign.start(), sign.end()),
            "gmail" | "hotmail" | "icloud" | "protonmail" => named_mailbox(text, sign.start(), sign.end()),
            _ if word.starts_with([' ', '"', '„']) => appended(text, sign.start() + word.find('.').unwrap_or(0)),
            _ => joined(text, sign.start(), word.chars().next().map_or(1, char::len_utf8)),
        };
        if let Some(address) = address {
            until = address.end;
            found.push(address);
        }
    }
}

/// Bytes that are looked at before and behind a sign: no name is longer.
const NEAR: usize = 128;

/// The bytes right before a place.
fn near_before(text: &str, at: usize) -> &str {
    &text[text.ceil_char_boundary(at.saturating_sub(NEAR))..at]
}

/// The bytes right behind a place.
fn near_behind(text: &str, at: usize) -> &str {
    &text[at..text.floor_char_boundary((at + NEAR).min(text.len()))]
}

fn part(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '-'
}

/// A character of what stands before the @ of an address.
fn local(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '+')
}

/// The length of the name that ends before `at`.
fn name_before(text: &str, at: usize) -> usize {
    let before = near_before(text, at);
    before.len() - before.trim_end_matches(part).len()
}

fn link(start: usize, end: usize, plain: String) -> Address {
    Address {
        start,
        end,
        plain,
        email: false,
        disguised: true,
    }
}

/// `name·com`: one sign between a name and an ending, nothing apart.
fn joined(text: &str, at: usize, sign: usize) -> Option<Address> {
    let name = name_before(text, at);
    let rest = near_behind(text, at + sign);
    let len = rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
    let ending = if rest[..len].eq_ignore_ascii_case("c0m") {
        "com"
    } else {
        &rest[..len]
    };
    let plain = &text[at - name..at];
    let letters = plain.bytes().filter(u8::is_ascii_alphabetic).count();
    let dull = is_everyday_ending(ending) && !plain.contains('-') && plain.len() < 6;
    // "Größe:S/com", "a,com": a name of a letter or two is a name of nothing.
    let found = letters >= 3
        && is_of_one_case(ending)
        && is_tld(ending)
        && !dull
        && !text[..at - name].ends_with(['.', '@', '/']);
    found.then(|| link(at - name, at + sign + len, format!("{plain}.{ending}")))
}

/// `www name com`.
fn after_www(text: &str, at: usize) -> Option<Address> {
    if text[..at].ends_with(char::is_alphanumeric) {
        return None;
    }
    let mut end = at + 3;
    let mut labels = Vec::new();
    while labels.len() < 4 {
        let rest = near_behind(text, end);
        let skipped = rest.len() - rest.trim_start_matches([' ', ',', '.', '\u{a0}']).len();
        let word = &rest[skipped..];
        let len = word.find(|c| !part(c)).unwrap_or(word.len());
        let named = labels.is_empty() && len >= 3 && !is_no_name(&word[..len]) || !labels.is_empty();
        if skipped == 0 || skipped > 3 || len == 0 || !named {
            return None;
        }
        labels.push(&word[..len]);
        end += skipped + len;
        if labels.len() > 1 && is_tld(&word[..len]) {
            return Some(link(at, end, format!("www.{}", labels.join("."))));
        }
    }
    None
}

/// `northfell dotcom`, `northfelldotcom`, `노스펠닷컴`.
fn dotcom(text: &str, at: usize, end: usize) -> Option<Address> {
    let letter = |c: char| c.is_alphanumeric() || c == '-';
    if text[end..].starts_with(|c: char| c.is_ascii_alphanumeric()) {
        return None;
    }
    let from = at - near_before(text, at).len();
    let before = near_before(text, at).trim_end_matches([' ', '-', '\u{a0}']);
    let name = &before[before.trim_end_matches(letter).len()..];
    let known = ["dieser", "einer", "new", "bubble", "boom", "era", "the", "former", "ex"]
        .contains(&name.to_lowercase().as_str());
    let named = name.chars().count() >= 2 && !is_no_name(name) && !known;
    named.then(|| link(from + before.len() - name.len(), end, format!("{name}.com")))
}

/// `name-dot-com`, `mara_at_northfell-dot-com`, `mara#at#northfell.com`.
fn spelled(text: &str, at: usize) -> Option<Address> {
    const DOTS: [&str; 8] = ["dot", "punkt", "punto", "point", "ponto", "punt", "kropka", "nokta"];
    let inside = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '#' | '.');
    let before = near_before(text, at);
    let start = at - (before.len() - before.trim_end_matches(inside).len());
    let rest = &text[start..text.floor_char_boundary((at + NEAR).min(text.len()))];
    let len = rest.find(|c| !inside(c)).unwrap_or(rest.len());
    let token = rest[..len].trim_end_matches(['.', '-', '_', '#']);
    let mut plain = String::new();
    let mut marked = false;
    let words = token.split_inclusive(['-', '_', '#']);
    for word in words {
        let bare = word.trim_end_matches(['-', '_', '#']).to_ascii_lowercase();
        let framed = plain.ends_with(['-', '_', '#']) && bare.len() < word.len();
        if framed && (DOTS.contains(&bare.as_str()) || bare == "at") {
            plain.pop();
            plain.push(if bare == "at" { '@' } else { '.' });
            marked = true;
        } else {
            plain.push_str(word);
        }
    }
    let host = plain.rsplit('@').next().unwrap_or(&plain);
    let (name, ending) = host.rsplit_once('.')?;
    let email = plain.contains('@');
    let fits = marked && name.len() >= 2 && is_tld(ending) && (!email || plain.find('@') > Some(0));
    fits.then(|| Address {
        email,
        ..link(start, start + token.len(), plain.clone())
    })
}

/// `mara.blume@gmail`, without its ending.
fn mailbox(text: &str, at: usize, end: usize) -> Option<Address> {
    let before = near_before(text, at);
    let name = before.len() - before.trim_end_matches(local).len();
    let cut = text[end..]
        .chars()
        .next()
        .is_none_or(|c| !(c.is_alphanumeric() || matches!(c, '-' | '@')))
        && !text[end..]
            .strip_prefix('.')
            .is_some_and(|rest| rest.starts_with(|c: char| c.is_alphanumeric()));
    (name >= 2 && cut && is_provider(&text[at + 1..end])).then(|| Address {
        email: true,
        ..link(at - name, end, text[at - name..end].to_owned())
    })
}

/// `gmail: mara.blume`, "my gmail is mara.blume".
fn named_mailbox(text: &str, at: usize, end: usize) -> Option<Address> {
    if text[..at].ends_with(|c: char| c.is_alphanumeric() || c == '@') {
        return None;
    }
    let behind = near_behind(text, end);
    let mut rest = behind.trim_start_matches([' ', ':', '-', '=', '>', '\u{a0}']);
    let led = behind.trim_start().starts_with([':', '=', '-']);
    let mut verb = false;
    for word in ["is ", "ist ", "est ", "es ", "è ", "é ", "to ", "an ", "är ", "to: "] {
        if let Some(behind) = rest.strip_prefix(word) {
            (rest, verb) = (behind.trim_start(), true);
            break;
        }
    }
    let len = rest.find(|c| !local(c)).unwrap_or(rest.len());
    let name = rest[..len].trim_end_matches(['.', '-']);
    let letters = name.bytes().filter(u8::is_ascii_alphabetic).count();
    let dressed = name
        .bytes()
        .skip(1)
        .any(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'_'));
    let start = end + behind.len() - rest.len();
    (dressed && letters >= 4 && (led || verb)).then(|| Address {
        email: true,
        ..link(at, start + name.len(), format!("{name}@gmail.com"))
    })
}

/// "Put .com behind our name": an ending alone, and a word for a name close by.
fn appended(text: &str, dot: usize) -> Option<Address> {
    const NAMES: [&str; 22] = [
        "name",
        "names",
        "namen",
        "brand",
        "marke",
        "nom",
        "marque",
        "nombre",
        "marca",
        "nome",
        "naam",
        "merk",
        "namn",
        "varumärke",
        "nazwa",
        "nazwy",
        "nazwie",
        "marki",
        "isim",
        "adımız",
        "ismimiz",
        "markamız",
    ];
    let rest = near_behind(text, dot + 1);
    let len = rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
    if !is_tld(&rest[..len])
        || rest[..len].chars().any(char::is_uppercase)
        || is_cjk(rest[len..].chars().next().unwrap_or(' '))
    {
        return None;
    }
    let line = format!("{} {}", near_before(text, dot), near_behind(text, dot + 1 + len)).to_lowercase();
    let mut words = line.split(|c: char| !c.is_alphanumeric());
    words
        .any(|word| NAMES.contains(&word))
        .then(|| link(dot, dot + 1 + len, format!("name.{}", &rest[..len])))
}
