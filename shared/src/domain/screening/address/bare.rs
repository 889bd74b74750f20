//! Hosts without a scheme: is it one, or a full stop with the space forgotten, a file name, a company, a number?

use super::super::super::language::Language;
use super::hosts::{is_device, is_tld};
use super::links::strip_prefix_ignoring_case;
use super::separators::spells_separator;

/// The words that go on behind a forgotten space in the languages of a draft.
pub(super) struct FullStops(Vec<&'static str>);

impl FullStops {
    pub(super) fn of(languages: &[Language]) -> Self {
        let mut words = Vec::new();
        for line in include_str!("full_stops.txt")
            .lines()
            .filter(|line| !line.starts_with('#'))
        {
            let mut cells = line.split(' ');
            let of = cells.next().unwrap_or("");
            if of == "any" || languages.iter().any(|language| language.as_str() == of) {
                words.extend(cells);
            }
        }
        Self(words)
    }

    pub(super) fn go_on(&self, label: &str) -> bool {
        self.0.contains(&label)
    }
}

/// Is what the detector found a link? Its range, without what belongs to the sentence.
pub(super) fn url(text: &str, start: usize, mut end: usize, goes_on: &dyn Fn(&str) -> bool) -> Option<(usize, usize)> {
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
    if is_device(host) || !path && is_file(host) {
        return None;
    }
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
    let place = Place { text, start, end };
    bare(host, path, &place, goes_on).then_some((start, end))
}

/// A name with the extension of a file, the code of a language before it perhaps: `anleitung.de.pdf`, `manual_it.docx`. A host
/// before it is one all the same: `shop.com.pdf`.
fn is_file(host: &str) -> bool {
    const EXTENSIONS: [&str; 24] = [
        "pdf", "doc", "docx", "xls", "xlsx", "csv", "txt", "rtf", "odt", "jpg", "jpeg", "png", "gif", "heic", "webp",
        "mp3", "mp4", "avi", "exe", "apk", "xml", "json", "html", "htm",
    ];
    let lower = host.to_lowercase();
    let Some((name, extension)) = lower.rsplit_once('.') else {
        return false;
    };
    let before = name.rsplit('.').next().unwrap_or("");
    EXTENSIONS.contains(&extension)
        && !matches!(before, "com" | "net" | "org" | "shop" | "store" | "online")
        && !name.starts_with("www.")
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

/// Endings that are endings of files.
const FILES: [&str; 13] = [
    "zip", "mov", "md", "sh", "py", "ps", "so", "cab", "rs", "bin", "ini", "doc", "pub",
];
/// Hosts of one letter.
const SHORT: [&str; 8] = ["a.co", "t.me", "t.co", "x.com", "g.co", "m.me", "v.gd", "t.ly"];

/// Legal forms of companies and the words between them: `Co.KG`, `San.ve Tic.`, `Pvt.Ltd`.
const COMPANY: [&str; 42] = [
    "co", "kg", "gmbh", "ltd", "inc", "llc", "pvt", "pte", "pty", "san", "tic", "sti", "ve", "ag", "se", "sa", "sas",
    "sarl", "srl", "spa", "bv", "nv", "ab", "oy", "as", "corp", "sdn", "bhd", "kgaa", "ohg", "ug", "mbh", "ek", "eg",
    "kft", "zrt", "sro", "doo", "cia", "ltda", "int", "intl",
];

/// Shortened words that a full stop belongs to.
const SHORTENED: [&str; 58] = [
    "vs", "etc", "ca", "inkl", "incl", "exkl", "excl", "bzw", "usw", "evtl", "ggf", "zzgl", "max", "min", "nr", "art",
    "tel", "approx", "vol", "fig", "ref", "mfg", "sog", "bspw", "abb", "bd", "str", "usf", "zb", "dh", "env", "ex",
    "cf", "num", "réf", "pag", "pág", "aprox", "ej", "dto", "núm", "resp", "bijv", "enz", "evt", "ong", "nl", "ev",
    "tzn", "itp", "itd", "np", "ok", "vb", "vd", "örn", "pl", "stk",
];

/// Names of software that end like hosts, as they are written.
const SOFTWARE: [&str; 8] = [
    "ASP.NET",
    "VB.NET",
    "ADO.NET",
    "ML.NET",
    "Paint.NET",
    "ASP.Net",
    "VB.Net",
    "Node.JS",
];

/// Words that lead to a place.
const LEADS: [&str; 59] = [
    "at",
    "on",
    "see",
    "visit",
    "via",
    "open",
    "site",
    "website",
    "under",
    "unter",
    "auf",
    "bei",
    "über",
    "sur",
    "chez",
    "visitez",
    "su",
    "sul",
    "visiti",
    "visita",
    "visite",
    "em",
    "op",
    "via",
    "bij",
    "bezoek",
    "på",
    "besök",
    "pod",
    "odwiedź",
    "adresinden",
    "adresi",
    "على",
    "domain",
    "seite",
    "sito",
    "sitio",
    "strona",
    "webseite",
    "webbplats",
    "se",
    "lees",
    "zie",
    "siehe",
    "voir",
    "voyez",
    "ver",
    "vea",
    "vedi",
    "veda",
    "zobacz",
    "bkz",
    "adres",
    "adress",
    "adresse",
    "address",
    "besuchen",
    "besuche",
    "webshop",
];

/// Prepositions of everyday words too: "merci de la photo.je vérifie" is no host.
const WEAK: [&str; 9] = ["to", "from", "von", "en", "no", "na", "de", "da", "till"];

/// Where a host stands.
struct Place<'a> {
    text: &'a str,
    start: usize,
    end: usize,
}

fn bare(host: &str, path: bool, place: &Place<'_>, goes_on: &dyn Fn(&str) -> bool) -> bool {
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
    let preceded = place.text[..place.start].chars().next_back();
    if preceded.is_some_and(|c| matches!(c, '.' | '\\' | '_' | '@')) {
        return false;
    }
    if path {
        return true;
    }
    if FILES.contains(&last) || SOFTWARE.contains(&host) || lower.split('.').all(|label| COMPANY.contains(&label)) {
        return false;
    }
    if goes_on(last) {
        if SHORTENED.contains(&name) && labels.clone().next().is_none() {
            return false;
        }
        // "MP3.to", "USB2.is": a short name with its number tells no host.
        let numbered = name.bytes().any(|byte| byte.is_ascii_digit()) && name.len() > 4;
        let own = last_is_own(host, place);
        let sure = name.contains('-') || numbered || own || labels.next().is_some_and(|label| label.len() > 2);
        return sure || place.ends_here() || place.introduced(last);
    }
    true
}

/// A name with a capital inside a sentence, before an ending in small letters: "Lampenwelt.de heeft".
fn last_is_own(host: &str, place: &Place<'_>) -> bool {
    let capital = host.starts_with(char::is_uppercase) && host.chars().skip(1).all(|c| !c.is_uppercase());
    let inside = place.text[..place.start]
        .trim_end_matches([' ', '\u{a0}'])
        .ends_with(|c: char| c.is_lowercase() || c == ',');
    capital && inside && !matches!(host.rsplit('.').next(), Some("es" | "am" | "im" | "so" | "er"))
}

impl Place<'_> {
    /// Nothing of a sentence follows: a host at the end of one, or before a comma or bracket.
    fn ends_here(&self) -> bool {
        let mut chars = self.text[self.end..].chars();
        match chars.next() {
            None => true,
            Some(c) if c.is_whitespace() => !chars
                .next()
                .is_some_and(|next| next.is_lowercase() || next.is_ascii_digit()),
            Some(c) => !c.is_alphanumeric() && !matches!(c, '\'' | '\u{2019}'),
        }
    }

    /// A word stands before that leads to a place: "see shop.it", "auf shop.it".
    fn introduced(&self, last: &str) -> bool {
        let before = self.text[..self.start]
            .trim_end()
            .trim_end_matches([':', '"', '\'', '„', '“', '«', '('])
            .trim_end();
        let word = before
            .rsplit(|c: char| !c.is_alphanumeric())
            .next()
            .unwrap_or("")
            .to_lowercase();
        // Endings of whole countries, which sites of the draft's own language have.
        let main = [
            "it", "is", "in", "so", "to", "me", "no", "at", "be", "us", "la", "il", "es", "se",
        ]
        .contains(&last);
        LEADS.contains(&word.as_str()) || (main && WEAK.contains(&word.as_str()))
    }
}

/// Is a name an address, or a word for a dot or an @? Then it is no variable of a template.
pub(in crate::domain::screening) fn spells_address(name: &str) -> bool {
    name.contains("://") || name.contains('@') && !name.starts_with('@') || spells_separator(name)
}
