//! Header fields: splitting, unfolding, encoded words (RFC 2047), addresses, message ids, dates.

use std::borrow::Cow;

use jiff::Timestamp;
use mail_parser::parsers::MessageStream;
use mail_parser::{DateTime, HeaderValue};

use super::address::{MOST_ADDRESSES, Mailbox, parse_mailboxes};
use super::charset;
use super::defect::{BAD_HEADER, Defects, NO_BLANK_LINE, NUL_BYTES, TOO_MANY_HEADERS};
use super::words::decode_words;
use crate::domain::message_id::MessageId;

/// Fields of one part that are looked at.
const MOST_FIELDS: usize = 2_000;
/// Bytes of one field that are looked at.
const LONGEST_FIELD: usize = 64 * 1024;
/// Fields of one name that are looked at for addresses.
const MOST_REPEATS: usize = 20;

/// The header of a mail or part: names and raw values in order.
#[derive(Debug, Default)]
pub(super) struct Headers<'a>(Vec<(&'a [u8], &'a [u8])>);

impl<'a> Headers<'a> {
    /// Splits a header off the front of `raw`; returns it and what follows the blank line.
    pub(super) fn split(raw: &'a [u8], defects: &mut Defects) -> (Self, &'a [u8]) {
        let mut fields: Vec<(&[u8], &[u8])> = Vec::new();
        // Editors put a byte order mark in front of a file.
        let raw = raw.strip_prefix(b"\xef\xbb\xbf").unwrap_or(raw);
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
    fn a_byte_order_mark_is_no_part_of_the_header() {
        let (headers, body, defects) = split("\u{feff}From: a@b.example\nSubject: x\n\nbody");
        assert!(headers.has("From"));
        assert_eq!((body, defects), ("body", vec![]));
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
