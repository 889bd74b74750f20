//! The buyer's name: beside the relay address, else in the subject. Patterns are in `data/names.tsv`.

use std::sync::LazyLock;

use super::data::{fold, rows};
use super::header::one_line;

/// Longest name, in characters.
const LONGEST: usize = 120;

struct Words {
    suffixes: Vec<&'static str>,
    generic: Vec<String>,
    /// What stands before and behind a name in a subject.
    around: Vec<(&'static str, &'static str)>,
}

static WORDS: LazyLock<Words> = LazyLock::new(|| {
    let all = || rows(include_str!("data/names.tsv"));
    let second = |key: &'static str| {
        all()
            .filter(move |cells| cells[0] == key)
            .filter_map(|cells| cells.get(1).copied())
    };
    Words {
        suffixes: second("suffix").collect(),
        generic: second("generic").map(fold).collect(),
        around: all()
            .filter(|cells| cells[0] == "subject")
            .map(|cells| {
                (
                    cells.get(1).copied().unwrap_or_default(),
                    cells.get(2).copied().unwrap_or_default(),
                )
            })
            .collect(),
    }
});

/// The name beside the address, without what Amazon adds to it; `None` if it is no one's name.
pub(super) fn from_display(display: &str) -> Option<String> {
    let mut name = one_line(display);
    for suffix in &WORDS.suffixes {
        if let Some(opening) = suffix.strip_suffix('…') {
            if let Some(at) = find(&name, opening) {
                name.truncate(at);
            }
            continue;
        }
        let cut = name
            .len()
            .checked_sub(suffix.len())
            .filter(|at| name.is_char_boundary(*at));
        if let Some(at) = cut.filter(|at| name[*at..].eq_ignore_ascii_case(suffix)) {
            name.truncate(at);
        }
    }
    usable(&name)
}

/// The name in a subject of Amazon's.
pub(super) fn from_subject(subject: &str) -> Option<String> {
    WORDS
        .around
        .iter()
        .find_map(|(before, after)| between(subject, before, after).and_then(usable))
}

fn between<'a>(subject: &'a str, before: &str, after: &str) -> Option<&'a str> {
    let mut from = if before.is_empty() {
        0
    } else {
        find(subject, before)? + before.len()
    };
    if before.is_empty() {
        // A name that opens the subject stands behind "Re: ".
        while let Some((mark, rest)) = subject[from..].split_once(':') {
            if mark.chars().count() > 4 || mark.contains(char::is_whitespace) {
                break;
            }
            from = subject.len() - rest.len();
        }
    }
    let rest = &subject[from..];
    if after.is_empty() {
        return Some(rest.split(['(', ')', '（', '）']).next().unwrap_or(rest));
    }
    let name = &rest[..find(rest, after)?];
    (!name.contains(['(', ')'])).then_some(name)
}

/// Where a phrase stands, in any case of ASCII letters; with `^` in front only at the beginning.
fn find(text: &str, phrase: &str) -> Option<usize> {
    let (text_bytes, wanted) = (text.as_bytes(), phrase.as_bytes());
    let last = text_bytes.len().checked_sub(wanted.len())?;
    let first = *wanted.first()?;
    let (lower, upper) = (first.to_ascii_lowercase(), first.to_ascii_uppercase());
    memchr::memchr2_iter(lower, upper, &text_bytes[..=last])
        .find(|at| text_bytes[*at..*at + wanted.len()].eq_ignore_ascii_case(wanted))
}

fn usable(name: &str) -> Option<String> {
    let name = name.trim().trim_matches(['"', '\'']).trim();
    let letters = name.chars().any(char::is_alphabetic);
    let fits = letters && name.chars().count() <= LONGEST && !name.contains('@');
    (fits && !WORDS.generic.contains(&fold(name))).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_amazon_adds_is_taken_off() {
        assert_eq!(
            from_display("Vera Muster - Amazon Marketplace").as_deref(),
            Some("Vera Muster")
        );
        assert_eq!(from_display("Vera - Amazon").as_deref(), Some("Vera"));
        assert_eq!(from_display("山田 翔太").as_deref(), Some("山田 翔太"));
        assert_eq!(
            from_display("Vera Muster via marketplace.amazon.co.uk").as_deref(),
            Some("Vera Muster")
        );
    }

    #[test]
    fn nobodys_names_are_no_names() {
        for display in [
            "Amazon Marketplace",
            "Cliente Amazon",
            "Amazon Customer via marketplace.amazon.fr",
            "a1@marketplace.amazon.de",
            "",
            "123",
        ] {
            assert_eq!(from_display(display), None, "{display}");
        }
    }

    #[test]
    fn subjects_name_the_buyer_in_many_languages() {
        for (subject, name) in [
            (
                "Inquiry from Amazon customer Siobhan O'Brien(Order: 1)",
                "Siobhan O'Brien",
            ),
            (
                "AW: Frage von Amazon-Kunde Jörg Müßigbrodt (Bestellung: 1)",
                "Jörg Müßigbrodt",
            ),
            (
                "Demande de renseignements de la part du client Amazon Aïssata Diarra",
                "Aïssata Diarra",
            ),
            (
                "Consulta sobre detalles del producto del cliente de Amazon Ximena Ñuñez",
                "Ximena Ñuñez",
            ),
            (
                "Domanda del cliente Amazon Beatrice Lo Verso relativa ad un ordine (Ordine: 1)",
                "Beatrice Lo Verso",
            ),
            (
                "Detalhes do produto Amazon João Gonçalves pergunta do cliente",
                "João Gonçalves",
            ),
            (
                "Amazon müşterisi Ayşe Yıldız tarafından soru (Sipariş: 1)",
                "Ayşe Yıldız",
            ),
            (
                "Zapytanie od klienta Amazon Grażyna Żółkiewska (Zamówienie: 1)",
                "Grażyna Żółkiewska",
            ),
            ("Fråga från Amazon-kund Åsa Lindqvist (Beställning: 1)", "Åsa Lindqvist"),
            ("山田 翔太 様からの配送に関するお問い合わせ(注文: 1)", "山田 翔太"),
            ("استفسار من عميل أمازون محمد الزهراني (الطلب: 1)", "محمد الزهراني"),
            ("Your e-mail to Marisol", "Marisol"),
            (
                "Amazonのカスタマー 佐倉ひかり 様から商品の詳細情報に関するお問い合わせ(注文: 1)",
                "佐倉ひかり",
            ),
        ] {
            assert_eq!(from_subject(subject).as_deref(), Some(name), "{subject}");
        }
        for subject in [
            "Le colis n'est pas arrivé(Commande: 1)",
            "Re: Order information from Amazon seller Muster Shop",
            "RE: Your Amazon Marketplace Purchase",
        ] {
            assert_eq!(from_subject(subject), None, "{subject}");
        }
    }
}
