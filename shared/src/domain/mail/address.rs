//! Mailboxes in address fields: `"Vera" <a1b2c3@marketplace.amazon.de>`. A name never becomes an address.

use mail_parser::HeaderValue;
use mail_parser::parsers::MessageStream;

use super::data::is_invisible;
use super::header::one_line;
use super::words::{decode_words, encoded_word};

/// Addresses of one field that are looked at.
pub(super) const MOST_ADDRESSES: usize = 200;

/// A mailbox of an address field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mailbox {
    /// Display name, decoded.
    pub name: Option<String>,
    /// The bare address, as written.
    pub address: String,
}

/// The mailboxes of an unfolded address field, groups dissolved.
pub(super) fn parse_mailboxes(value: &str) -> Vec<Mailbox> {
    let mut field = quoted_words(value);
    field.push('\n');
    let HeaderValue::Address(addresses) = MessageStream::new(field.as_bytes()).parse_address() else {
        return Vec::new();
    };
    let mailbox = |addr: &mail_parser::Addr<'_>| {
        let words = |name: &str| {
            let line = one_line(name);
            if line.contains("  ") {
                line.split_whitespace().collect::<Vec<_>>().join(" ")
            } else {
                line
            }
        };
        let name = addr.name.as_deref().map(words).filter(|name| !name.is_empty());
        let address: String = addr
            .address
            .as_deref()?
            .chars()
            .filter(|c| !is_invisible(*c) && *c != '\0')
            .collect();
        Some(Mailbox {
            name,
            address: address.trim().to_owned(),
        })
    };
    addresses
        .iter()
        .take(MOST_ADDRESSES)
        .filter_map(mailbox)
        .filter(|m| !m.address.is_empty())
        .collect()
}

/// Puts decoded words into quotation marks, so that what they say is a name and never an address.
fn quoted_words(value: &str) -> String {
    if memchr::memchr(b'?', value.as_bytes()).is_none() && !has_quoted_words(value) {
        return value.to_owned();
    }
    let mut out = String::with_capacity(value.len());
    let mut quoted = false;
    let mut rest = value;
    let mut words = String::new();
    let flush = |words: &mut String, out: &mut String, quoted: bool, rest: &str| {
        if words.is_empty() {
            return;
        }
        let decoded = one_line(&decode_words(words))
            .replace('\\', "\\\\")
            .replace('"', "\\\"");
        if quoted {
            out.push_str(&decoded);
        } else {
            let before = if follows_words(out) { "\" " } else { "\"" };
            let behind = if rest.starts_with(char::is_whitespace) {
                " \""
            } else {
                "\""
            };
            out.extend([before, &decoded, behind]);
        }
        words.clear();
    };
    while let Some(c) = rest.chars().next() {
        if rest.starts_with("=?")
            && let Some((_, _, length)) = encoded_word(rest)
        {
            words.push_str(&rest[..length]);
            rest = &rest[length..];
            let spaces = rest.len() - rest.trim_start().len();
            if encoded_word(&rest[spaces..]).is_some() {
                words.push(' ');
                rest = &rest[spaces..];
            }
            continue;
        }
        flush(&mut words, &mut out, quoted, rest);
        match c {
            '"' => {
                quoted = !quoted;
                if quoted && follows_words(&out) {
                    out.push_str("\" ");
                    rest = &rest[1..];
                    continue;
                }
            }
            '\\' if quoted => {
                out.push(c);
                rest = &rest[1..];
                let Some(escaped) = rest.chars().next() else { break };
                out.push(escaped);
                rest = &rest[escaped.len_utf8()..];
                continue;
            }
            _ => {}
        }
        out.push(c);
        rest = &rest[c.len_utf8()..];
    }
    flush(&mut words, &mut out, quoted, "");
    out
}

/// Whether quotation marks stand anywhere but around the first words: most names are as a whole in them, or have none.
fn has_quoted_words(value: &str) -> bool {
    let mut marks = memchr::memchr_iter(b'"', value.as_bytes());
    match (marks.next(), marks.next(), marks.next()) {
        (None, ..) => false,
        (Some(first), Some(_), None) => !value[..first].trim_start().is_empty(),
        _ => true,
    }
}

/// Whether what comes is a further word of a name. The parser drops the spaces around quotation marks: they are put inside.
fn follows_words(out: &str) -> bool {
    let before = out.trim_end();
    before.len() < out.len() && !before.ends_with([',', ';', ':', '>']) && !before.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_inside_a_name_stays_a_name() {
        let name = "\"donotreply@amazon.com\" <kevin@account-check.example>";
        let encoded = "=?utf-8?Q?=3Ca=40marketplace.amazon.de=3E?= <kevin@account-check.example>";
        for field in [name, encoded] {
            let boxes = parse_mailboxes(field);
            assert_eq!(boxes.len(), 1, "{field}");
            assert_eq!(boxes[0].address, "kevin@account-check.example");
        }
    }

    #[test]
    fn encoded_names_are_read_inside_and_outside_quotation_marks() {
        for field in [
            "=?utf-8?B?QXnFn2U=?= <a@b.example>",
            "\"=?utf-8?B?QXnFn2U=?=\" <a@b.example>",
        ] {
            assert_eq!(parse_mailboxes(field)[0].name.as_deref(), Some("Ayşe"), "{field}");
        }
    }

    #[test]
    fn words_of_a_name_stay_apart_whatever_stands_in_quotation_marks_or_is_encoded() {
        for (field, name) in [
            (
                "Zofia =?utf-8?Q?=C5=BBak?= - Amazon Marketplace",
                "Zofia Żak - Amazon Marketplace",
            ),
            ("=?utf-8?Q?Zo=C3=AB?= Smith", "Zoë Smith"),
            (
                "Ana =?utf-8?Q?Mu=C3=B1oz?= de =?utf-8?Q?Le=C3=B3n?=",
                "Ana Muñoz de León",
            ),
            (
                "Anna Maria\t=?utf-8?Q?M=C3=BC?=\t=?utf-8?Q?ller?= - Amazon",
                "Anna Maria Müller - Amazon",
            ),
            ("Vera \"Vee\" Muster", "Vera Vee Muster"),
            ("\"Muster, Vera\" - Amazon", "Muster, Vera - Amazon"),
        ] {
            for list in [
                format!("{field} <a@b.example>"),
                format!("c@d.example, {field} <a@b.example>"),
            ] {
                let last = parse_mailboxes(&list).pop().unwrap();
                assert_eq!(last.name.as_deref(), Some(name), "{list}");
                assert_eq!(last.address, "a@b.example");
            }
        }
    }
}
