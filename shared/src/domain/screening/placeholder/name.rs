//! What stands between brackets: the name of a variable, an expression over some, or plain words.

use std::collections::HashSet;
use std::sync::LazyLock;

use super::super::address::{spells_address, top_level};
use super::super::rule::Shade;
use super::super::text::folded;

/// Letters of a name: longer ones in scripts without spaces are sentences.
const LONGEST_NAME: usize = 60;
const LONGEST_NAME_EAST: usize = 10;

struct Vocabulary {
    roots: HashSet<String>,
    words: HashSet<String>,
}

static VOCABULARY: LazyLock<Vocabulary> = LazyLock::new(|| {
    let mut all = Vocabulary {
        roots: HashSet::new(),
        words: HashSet::new(),
    };
    let lines = include_str!("words.txt").lines();
    for line in lines.filter(|line| !line.starts_with('#')) {
        match line.strip_prefix("root ") {
            Some(roots) => all.roots.extend(roots.split_whitespace().map(folded)),
            None => all.words.extend(line.split_whitespace().map(folded)),
        }
    }
    all
});

/// A variable with filters and arguments, or a statement of a template language.
pub(super) fn is_expression(inner: &str, statement: bool) -> bool {
    let inner = inner.trim_matches(|c: char| c.is_whitespace() || "{}#/^&>!~-=@*$%".contains(c));
    let bare = outside_literals(inner);
    let mut tokens = bare
        .split(|c: char| c.is_whitespace() || "|,:=()<>!+&?".contains(c))
        .filter(|token| !token.is_empty());
    let Some(first) = tokens.next() else { return false };
    let rest: Vec<&str> = tokens.collect();
    if !is_name(first) || rest.len() > 24 || !rest.iter().all(|token| is_argument(token)) {
        return false;
    }
    let filtered = bare[first.len()..]
        .trim_start()
        .starts_with(['|', ',', ':', '=', '(', '<', '>', '!', '?']);
    rest.is_empty() || filtered || is_keyword(first) || (rest[0] == "or") || (statement && first.contains('.'))
}

/// The text with the words in quotation marks blanked.
fn outside_literals(inner: &str) -> String {
    let mut open = None;
    let blank = |c: char| match open {
        Some(quote) => {
            if c == quote {
                open = None;
            }
            ' '
        }
        None if matches!(c, '"' | '\'') => {
            open = Some(c);
            ' '
        }
        None => c,
    };
    inner.chars().map(blank).collect()
}

fn is_keyword(word: &str) -> bool {
    const KEYWORDS: [&str; 24] = [
        "if",
        "unless",
        "elsif",
        "else",
        "elseif",
        "endif",
        "for",
        "endfor",
        "each",
        "case",
        "when",
        "endcase",
        "assign",
        "capture",
        "set",
        "with",
        "include",
        "render",
        "end",
        "endunless",
        "partial",
        "block",
        "foreach",
        "endeach",
    ];
    KEYWORDS.contains(&word)
}

/// An argument of a filter: a number, a name.
fn is_argument(token: &str) -> bool {
    token
        .bytes()
        .all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'/' | b'*'))
        && token.len() < 7
        || is_name(token.trim_matches(['-', '/', '*']))
}

/// An identifier, with dots and indices perhaps, that is no address and no word for a dot or an @.
pub(super) fn is_name(name: &str) -> bool {
    let longest = if name.is_ascii() {
        LONGEST_NAME
    } else {
        LONGEST_NAME_EAST.max(name.len() / 2)
    };
    let count = name.chars().count();
    let letter = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '[' | ']' | '#' | ' ' | '?');
    let starts = name.starts_with(|c: char| c.is_alphabetic() || matches!(c, '_' | '.')) || count == 1;
    let digits = name.bytes().filter(u8::is_ascii_digit).count();
    (1..=longest).contains(&count)
        && starts
        && !name.contains(' ')
        && name.chars().all(letter)
        && (digits < 7 || name.contains('_'))
        && !spells_address(name)
        && !is_host(name)
}

/// `www.shop.com`, `lamps.de`; but `ticket.id` and `contact.email` are names.
fn is_host(name: &str) -> bool {
    let lower = name.to_lowercase();
    let mut labels = lower.split('.');
    let (Some(first), Some(last)) = (labels.next(), lower.rsplit('.').next()) else {
        return false;
    };
    let dots = lower.matches('.').count();
    if first == "www" || dots == 0 {
        return first == "www";
    }
    // Variables of two parts seldom end like countries, of three parts never.
    let country = last.len() == 2 && top_level(last) && !matches!(last, "id" | "no" | "to" | "cc" | "is");
    let plain = (country || last == "org") && dots == 1 && !VOCABULARY.roots.contains(&folded(first));
    matches!(last, "com" | "net" | "biz") || plain || lower.ends_with(".co.uk")
}

/// The words of a name: parted at marks and where a capital follows a small letter.
pub(super) fn words_of(name: &str) -> impl Iterator<Item = &str> {
    let marks = |c: char| c.is_whitespace() || matches!(c, '_' | '-' | '.' | '/' | '\'' | '\u{2019}' | '#');
    name.split(marks).filter(|word| !word.is_empty())
}

/// Does a name hold a word that placeholders are made of?
pub(super) fn is_known(name: &str) -> bool {
    let vocabulary = &*VOCABULARY;
    let mut parts: Vec<String> = words_of(name).map(folded).collect();
    parts.extend(words_of(name).flat_map(humps).map(folded));
    let dotted = name.contains('.') && parts.first().is_some_and(|first| vocabulary.roots.contains(first));
    dotted || parts.iter().any(|part| vocabulary.words.contains(part))
}

/// `firstName` as `first`, `Name`.
fn humps(word: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut from = 0;
    let mut small = false;
    for (at, c) in word.char_indices() {
        if small && c.is_uppercase() {
            parts.push(&word[from..at]);
            from = at;
        }
        small = c.is_lowercase();
    }
    parts.push(&word[from..]);
    parts
}

/// Nothing but words that placeholders are made of.
pub(super) fn is_known_phrase(inner: &str) -> bool {
    let vocabulary = &*VOCABULARY;
    let known = |word: &str| vocabulary.words.contains(&folded(word));
    let mut words = words_of(inner);
    inner.chars().any(char::is_alphabetic)
        && words
            .all(|word| known(word) || humps(word).into_iter().all(known) || word.bytes().all(|b| b.is_ascii_digit()))
}

/// What people do write in brackets: keys of devices, notes, tags of subjects.
const WRITTEN: [&str; 46] = [
    "important",
    "wichtig",
    "importante",
    "belangrijk",
    "viktigt",
    "wazne",
    "onemli",
    "asin",
    "sku",
    "ean",
    "enter",
    "menu",
    "reset",
    "start",
    "stop",
    "power",
    "mode",
    "setup",
    "home",
    "back",
    "exit",
    "play",
    "pause",
    "shift",
    "ctrl",
    "info",
    "note",
    "hinweis",
    "achtung",
    "warning",
    "solved",
    "urgent",
    "dringend",
    "external",
    "spam",
    "test",
    "code",
    "link",
    "text",
    "time",
    "day",
    "size",
    "add",
    "model",
    "subject",
    "number",
];

/// What single square brackets hold: the words of a form, or something written like a variable.
pub(super) fn bracketed(inner: &str) -> Option<Shade> {
    let words: Vec<String> = words_of(inner).map(folded).collect();
    let count = inner.chars().count();
    if words.is_empty() || words.len() > 6 || count > 48 || inner.contains([':', '@']) || spells_address(inner.trim()) {
        return None;
    }
    if words.len() == 1 && WRITTEN.contains(&words[0].as_str()) || words.iter().any(|word| word == "asin") {
        return None;
    }
    let letters = inner.chars().filter(|c| c.is_alphabetic());
    let capitals = letters.clone().count() >= 3
        && letters.clone().all(|c| !c.is_lowercase())
        && letters.clone().any(char::is_uppercase);
    let titled =
        inner.trim().starts_with(|c: char| c.is_uppercase()) || capitals || inner.contains('_') || !inner.is_ascii();
    let insert = [
        "insert", "enter", "your", "ihr", "ihre", "votre", "su", "uw", "wstaw", "hier", "inserer", "insertar",
    ];
    let asked = words.len() > 1 && insert.contains(&words[0].as_str());
    if (is_known_phrase(inner) && (titled || asked || words.len() > 1)) || asked && capitals {
        return Some(Shade::Plain);
    }
    let variable = inner.contains('_') && !inner.contains(' ') && inner.is_ascii();
    (variable || (capitals && words.iter().any(|word| word.len() > 3))).then_some(Shade::Mild)
}
