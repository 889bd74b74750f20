//! Header fields: splitting, unfolding, encoded words (RFC 2047), addresses, message ids, dates.

use std::borrow::Cow;

use jiff::Timestamp;
use mail_parser::decoders::base64::base64_decode;
use mail_parser::parsers::MessageStream;
use mail_parser::{DateTime, HeaderValue};

use super::charset;
use super::data::is_invisible;
use super::defect::{BAD_HEADER, Defects, NO_BLANK_LINE, NUL_BYTES, TOO_MANY_HEADERS};
use crate::domain::message_id::MessageId;

/// Fields of one part that are looked at.
const MOST_FIELDS: usize = 2_000;
/// Bytes of one field that are looked at.
const LONGEST_FIELD: usize = 64 * 1024;
/// Bytes of one encoded word: far beyond the 75 of RFC 2047.
const LONGEST_WORD: usize = 4096;
/// Fields of one name that are looked at for addresses.
const MOST_REPEATS: usize = 20;
/// Addresses of one field that are looked at.
const MOST_ADDRESSES: usize = 200;

/// The header of a mail or part: names and raw values in order.
#[derive(Debug, Default)]
pub(super) struct Headers<'a>(Vec<(&'a [u8], &'a [u8])>);

/// A mailbox of an address field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mailbox {
    /// Display name, decoded.
    pub name: Option<String>,
    /// The bare address, as written.
    pub address: String,
}

impl<'a> Headers<'a> {
    /// Splits a header off the front of `raw`; returns it and what follows the blank line.
    pub(super) fn split(raw: &'a [u8], defects: &mut Defects) -> (Self, &'a [u8]) {
        let mut fields: Vec<(&[u8], &[u8])> = Vec::new();
        let mut at = 0;
        while at < raw.len() {
            let line_end = memchr::memchr(b'\n', &raw[at..]).map_or(raw.len(), |n| at + n + 1);
            let line = &raw[at..line_end];
            if trim_end(line).is_empty() {
                if fields.is_empty() && line_end < raw.len() && at == 0 && begins_with_field(&raw[line_end..]) {
                    // A stray blank line before the header of the mail.
                    at = line_end;
                    continue;
                }
                return (Self(fields), &raw[line_end..]);
            }
            let Some(colon) = field_name(line) else {
                if fields.is_empty() && begins_with_field(&raw[line_end..]) && is_mbox_line(line) {
                    at = line_end;
                    continue;
                }
                if !fields.is_empty() && begins_with_known_field(&raw[line_end..]) {
                    defects.add(BAD_HEADER);
                    at = line_end;
                    continue;
                }
                if !fields.is_empty() {
                    defects.add(NO_BLANK_LINE);
                }
                return (Self(fields), &raw[at..]);
            };
            let mut end = line_end;
            // Lines that begin with white space belong to the field; white space alone ends the header.
            while raw.get(end).is_some_and(|b| matches!(b, b' ' | b'\t')) {
                let next = memchr::memchr(b'\n', &raw[end..]).map_or(raw.len(), |n| end + n + 1);
                if trim_end(&raw[end..next]).is_empty() {
                    if trim_end(&raw[next..next + memchr::memchr(b'\n', &raw[next..]).unwrap_or(raw.len() - next)])
                        .is_empty()
                    {
                        break;
                    }
                    if !begins_with_field(&raw[next..]) && raw.get(next).is_none_or(|b| !matches!(b, b' ' | b'\t')) {
                        break;
                    }
                }
                end = next;
            }
            if fields.len() < MOST_FIELDS && end - at <= LONGEST_FIELD {
                let name = trim_end(&raw[at..at + colon]);
                fields.push((name, &raw[at + colon + 1..end]));
            } else {
                defects.add(TOO_MANY_HEADERS);
                if fields.len() < MOST_FIELDS {
                    let name = trim_end(&raw[at..at + colon]);
                    fields.push((name, &raw[at + colon + 1..at + LONGEST_FIELD.min(end - at)]));
                }
            }
            at = end;
        }
        (Self(fields), &[])
    }

    /// True if there is no field at all.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Raw values of every field of that name, in order.
    pub(super) fn all<'s>(&'s self, name: &'s str) -> impl Iterator<Item = &'a [u8]> + 's {
        self.0
            .iter()
            .filter(move |(n, _)| n.eq_ignore_ascii_case(name.as_bytes()))
            .map(|(_, value)| *value)
    }

    /// True if a field of that name is there.
    pub(super) fn has(&self, name: &str) -> bool {
        self.all(name).next().is_some()
    }

    /// Value of the first field of that name, unfolded, not decoded; `None` if absent or blank.
    pub(super) fn plain(&self, name: &str) -> Option<String> {
        let value = unfold(self.all(name).next()?);
        let value = value.trim();
        (!value.is_empty()).then(|| value.to_owned())
    }

    /// Value of the first field of that name, unfolded, with encoded words decoded.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        let value = one_line(&decode_words(&unfold(self.all(name).next()?)));
        (!value.is_empty()).then_some(value)
    }

    /// Mailboxes of every field of that name.
    pub(super) fn mailboxes(&self, name: &str) -> Vec<Mailbox> {
        self.all(name)
            .take(MOST_REPEATS)
            .flat_map(|raw| parse_mailboxes(&unfold(raw)))
            .take(MOST_ADDRESSES)
            .collect()
    }

    /// Media type and parameters of a structured field such as `Content-Type`.
    pub(super) fn structured(&self, name: &str) -> Option<Structured> {
        let raw = self.all(name).next()?;
        let mut value = unfold(raw).into_owned();
        value.push('\n');
        let HeaderValue::ContentType(parsed) = MessageStream::new(value.as_bytes()).parse_content_type() else {
            return None;
        };
        let word = |text: &str| text.trim().to_ascii_lowercase();
        let kind = match parsed.c_subtype.as_deref() {
            Some(sub) => format!("{}/{}", word(&parsed.c_type), word(sub)),
            None => word(&parsed.c_type),
        };
        let parameters = parsed.attributes.unwrap_or_default();
        let parameters = parameters
            .into_iter()
            .map(|p| (p.name.to_ascii_lowercase(), decode_words(&p.value).into_owned()))
            .collect();
        Some(Structured { kind, parameters })
    }

    /// True if one of the fields holds a NUL byte.
    pub(super) fn note_nul(&self, defects: &mut Defects) {
        if self
            .0
            .iter()
            .any(|(name, value)| name.contains(&0) || value.contains(&0))
        {
            defects.add(NUL_BYTES);
        }
    }
}

/// The value of a field like `Content-Type`: `text/plain; charset=utf-8`.
#[derive(Debug)]
pub(super) struct Structured {
    /// What stands before the first semicolon, in lower case.
    pub kind: String,
    parameters: Vec<(String, String)>,
}

impl Structured {
    /// A parameter by its name in lower case; `None` where it is absent or blank.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, value)| value.trim())
            .filter(|v| !v.is_empty())
    }
}

/// A field's value on one line: folds become one space, bytes text, NULs nothing.
pub(super) fn unfold(raw: &[u8]) -> Cow<'_, str> {
    let text = charset::guess(trim_end(raw));
    if !text.bytes().any(|b| matches!(b, b'\r' | b'\n' | 0)) {
        return text;
    }
    let mut line = String::with_capacity(text.len());
    for part in text.split(['\r', '\n']) {
        let part = if line.is_empty() {
            part
        } else {
            part.trim_start_matches([' ', '\t'])
        };
        if !line.is_empty() && !part.is_empty() && !line.ends_with([' ', '\t']) {
            line.push(' ');
        }
        line.extend(part.chars().filter(|&c| c != '\0'));
    }
    Cow::Owned(line)
}

/// Text on one line: controls are gone, white space at the ends too.
pub(super) fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\t' | '\r' | '\n' => line.push(' '),
            c if c.is_control() => {}
            c => line.push(c),
        }
    }
    line.trim().to_owned()
}

/// Decodes the encoded words (RFC 2047) of a text. Neighbours of one charset are joined before they are decoded, since
/// many senders cut words inside characters.
pub(super) fn decode_words(text: &str) -> Cow<'_, str> {
    if memchr::memchr(b'?', text.as_bytes()).is_none() {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut pending: Option<(String, Vec<u8>)> = None;
    let mut rest = text;
    let flush = |pending: &mut Option<(String, Vec<u8>)>, out: &mut String| {
        if let Some((label, bytes)) = pending.take() {
            out.push_str(&charset::decode(&bytes, Some(&label), &mut Defects::default()));
        }
    };
    while let Some(at) = rest.find("=?") {
        let before = &rest[..at];
        let Some((label, bytes, length)) = encoded_word(&rest[at..]) else {
            flush(&mut pending, &mut out);
            out.push_str(&rest[..at + 2]);
            rest = &rest[at + 2..];
            continue;
        };
        let joined = before.trim().is_empty() && pending.is_some();
        if !joined {
            flush(&mut pending, &mut out);
            out.push_str(before);
        }
        match &mut pending {
            Some((last, so_far)) if last.eq_ignore_ascii_case(label) && !has_shifts(label) => {
                so_far.extend_from_slice(&bytes);
            }
            _ => {
                flush(&mut pending, &mut out);
                pending = Some((label.to_owned(), bytes));
            }
        }
        rest = &rest[at + length..];
    }
    flush(&mut pending, &mut out);
    out.push_str(rest);
    Cow::Owned(out)
}

/// Charsets that begin every word in their first state: their words are complete, and escapes may not follow each other.
fn has_shifts(label: &str) -> bool {
    label.len() > 7 && label.as_bytes()[..8].eq_ignore_ascii_case(b"iso-2022")
}

/// Reads one encoded word at the front of `text`: its charset, its bytes, its length.
fn encoded_word(text: &str) -> Option<(&str, Vec<u8>, usize)> {
    let body = text.strip_prefix("=?")?;
    let charset_end = body.bytes().take(60).position(|b| b == b'?')?;
    let charset = body[..charset_end].split('*').next()?;
    let encoding = *body.as_bytes().get(charset_end + 1)?;
    if charset.is_empty() || body.as_bytes().get(charset_end + 2) != Some(&b'?') {
        return None;
    }
    let data = body.get(charset_end + 3..)?;
    let data_end = memchr::memmem::find(&data.as_bytes()[..data.len().min(LONGEST_WORD)], b"?=")?;
    // A quoted word may end in `=`: `=?utf-8?Q?a=3D?=`; nothing more to look for there.
    let payload = &data[..data_end];
    let bytes = match encoding {
        b'b' | b'B' => base64_decode(payload.as_bytes()).or_else(|| {
            let kept: Vec<u8> = payload.bytes().filter(|b| is_base64(*b)).collect();
            base64_decode(&kept)
        })?,
        b'q' | b'Q' => quoted_word(payload.as_bytes()),
        _ => return None,
    };
    Some((charset, bytes, 2 + charset_end + 3 + data_end + 2))
}

pub(super) fn is_base64(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/')
}

fn quoted_word(payload: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(payload.len());
    let mut at = 0;
    while at < payload.len() {
        match payload[at] {
            b'_' => bytes.push(b' '),
            b'=' => {
                if let Some(byte) = payload.get(at + 1..at + 3).and_then(hex_pair) {
                    bytes.push(byte);
                    at += 2;
                } else {
                    bytes.push(b'=');
                }
            }
            byte => bytes.push(byte),
        }
        at += 1;
    }
    bytes
}

/// The byte that two hexadecimal digits stand for.
pub(super) fn hex_pair(pair: &[u8]) -> Option<u8> {
    let digit = |b: u8| char::from(b).to_digit(16);
    let [high, low] = pair else { return None };
    u8::try_from(digit(*high)? * 16 + digit(*low)?).ok()
}

/// The mailboxes of an unfolded address field, groups dissolved.
pub(super) fn parse_mailboxes(value: &str) -> Vec<Mailbox> {
    let mut field = quoted_words(value);
    field.push('\n');
    let HeaderValue::Address(addresses) = MessageStream::new(field.as_bytes()).parse_address() else {
        return Vec::new();
    };
    let mailbox = |addr: &mail_parser::Addr<'_>| {
        let name = addr.name.as_deref().map(one_line).filter(|name| !name.is_empty());
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
    if memchr::memchr(b'?', value.as_bytes()).is_none() {
        return value.to_owned();
    }
    let mut out = String::with_capacity(value.len());
    let mut quoted = false;
    let mut rest = value;
    let mut words = String::new();
    let flush = |words: &mut String, out: &mut String, quoted: bool| {
        if words.is_empty() {
            return;
        }
        let decoded = one_line(&decode_words(words))
            .replace('\\', "\\\\")
            .replace('"', "\\\"");
        if quoted {
            out.push_str(&decoded);
        } else {
            out.push('"');
            out.push_str(&decoded);
            out.push('"');
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
        flush(&mut words, &mut out, quoted);
        match c {
            '"' => quoted = !quoted,
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
    flush(&mut words, &mut out, quoted);
    out
}

/// Message ids of a field such as `References`, in order, at most 100.
pub(super) fn message_ids(value: &str) -> Vec<MessageId> {
    let mut ids = Vec::new();
    let mut rest = value;
    while let Some(open) = rest.find('<') {
        let Some(close) = rest[open..].find('>') else { break };
        let id: String = rest[open + 1..open + close]
            .chars()
            .filter(|c| !c.is_whitespace())
            .collect();
        ids.extend(MessageId::parse(&id));
        rest = &rest[open + close + 1..];
        if ids.len() == 100 {
            break;
        }
    }
    if ids.is_empty() && !value.contains('<') {
        ids.extend(
            value
                .split_whitespace()
                .filter(|id| id.contains('@'))
                .filter_map(MessageId::parse)
                .take(100),
        );
    }
    ids
}

/// The point in time that a `Date` field names.
pub(super) fn date(value: &str) -> Option<Timestamp> {
    let parsed = DateTime::parse_rfc822(value)?;
    if !parsed.is_valid() || parsed.year < 1970 {
        return None;
    }
    Timestamp::from_second(parsed.to_timestamp()).ok()
}

/// Where the colon of a field stands; `None` if the line is no field.
fn field_name(line: &[u8]) -> Option<usize> {
    let colon = line.iter().take(80).position(|b| *b == b':')?;
    let name = trim_end(&line[..colon]);
    let usable = !name.is_empty() && name.iter().all(|b| b.is_ascii_graphic() && *b != b':');
    usable.then_some(colon)
}

fn begins_with_field(raw: &[u8]) -> bool {
    let line = &raw[..memchr::memchr(b'\n', raw).unwrap_or(raw.len())];
    field_name(line).is_some()
}

fn begins_with_known_field(raw: &[u8]) -> bool {
    const KNOWN: [&str; 16] = [
        "from",
        "to",
        "cc",
        "subject",
        "date",
        "message-id",
        "mime-version",
        "received",
        "return-path",
        "reply-to",
        "sender",
        "delivered-to",
        "references",
        "in-reply-to",
        "dkim-signature",
        "authentication-results",
    ];
    let line = &raw[..memchr::memchr(b'\n', raw).unwrap_or(raw.len())];
    field_name(line).is_some_and(|colon| {
        let name = String::from_utf8_lossy(trim_end(&line[..colon])).to_ascii_lowercase();
        KNOWN.contains(&name.as_str()) || name.starts_with("x-") || name.starts_with("content-")
    })
}

fn is_mbox_line(line: &[u8]) -> bool {
    line.starts_with(b"From ") || line.starts_with(b">From ")
}

pub(super) fn trim_end(line: &[u8]) -> &[u8] {
    let end = line
        .iter()
        .rposition(|b| !matches!(b, b' ' | b'\t' | b'\r' | b'\n'))
        .map_or(0, |last| last + 1);
    &line[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(raw: &str) -> (Headers<'_>, &str, Vec<&'static str>) {
        let mut defects = Defects::default();
        let (headers, body) = Headers::split(raw.as_bytes(), &mut defects);
        let codes = defects.into_vec().into_iter().map(super::super::Defect::code).collect();
        (headers, std::str::from_utf8(body).unwrap(), codes)
    }

    #[test]
    fn fields_are_unfolded_and_names_match_in_any_case() {
        let (headers, body, defects) = split("SUBJECT: Hello\r\n world\r\nX: y\r\n\r\nbody\r\n");
        assert_eq!(headers.text("Subject").as_deref(), Some("Hello world"));
        assert_eq!((body, defects), ("body\r\n", vec![]));
    }

    #[test]
    fn a_missing_blank_line_does_not_eat_the_text() {
        let (headers, body, defects) = split("From: a@b.example\nSubject: x\nYou have received a message.\nbye\n");
        assert_eq!(headers.text("Subject").as_deref(), Some("x"));
        assert_eq!(
            (body, defects),
            ("You have received a message.\nbye\n", vec!["no-blank-line"])
        );
    }

    #[test]
    fn a_broken_line_inside_the_header_is_left_out() {
        let (headers, body, defects) = split("From: a@b.example\nthis is no field\nSubject: x\n\nbody");
        assert_eq!(headers.text("Subject").as_deref(), Some("x"));
        assert_eq!((body, defects), ("body", vec!["bad-header"]));
    }

    #[test]
    fn encoded_words_cut_inside_a_character_are_joined() {
        assert_eq!(
            decode_words("=?utf-8?B?xYF1a2FzeiDF?= =?UTF-8?B?gQ==?= end"),
            "Łukasz Ł end"
        );
        assert_eq!(decode_words("=?utf-8?Q?Caf=C3?=\t=?utf-8?Q?=A9_a?="), "Café a");
    }

    #[test]
    fn what_is_no_encoded_word_stays() {
        assert_eq!(decode_words("a =? b ?= =?x?"), "a =? b ?= =?x?");
        assert_eq!(decode_words("=?utf-8?Q?broken=ZZ?="), "broken=ZZ");
    }

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
    fn message_ids_are_found_with_or_without_brackets() {
        let expose = |value: &str| {
            message_ids(value)
                .iter()
                .map(|id| id.expose().to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(expose("<a@b> (comment) <c@d>"), ["a@b", "c@d"]);
        assert_eq!(expose("a@b"), ["a@b"]);
        assert!(expose("nothing here").is_empty());
    }

    #[test]
    fn dates_are_points_in_time() {
        assert_eq!(
            date("Mon, 21 Sep 2026 00:42:00 +0100").unwrap().to_string(),
            "2026-09-20T23:42:00Z"
        );
        assert_eq!(date("yesterday"), None);
    }
}
