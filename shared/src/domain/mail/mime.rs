//! The parts of a mail: which text to read, which files came with it.
//!
//! Fields, charsets and Base64 are read by `mail-parser`; the walk over the parts is our own. `mail-parser` keeps a nested
//! mail as a nested value, so 12 MB of `Content-Type: message/rfc822` lines overflow the stack where that value is dropped,
//! it decodes every attachment although only its size is wanted, and it throws away the bytes of mislabelled text. The walk
//! here goes over the bytes at most [`DEEPEST`] times, decodes texts only, and makes one value of a bounded size.

use memchr::memmem;

use super::Attachment;
use super::charset;
use super::data::is_invisible;
use super::defect::{Defects, NO_BOUNDARY, NUL_BYTES, TOO_DEEP, TOO_MANY_PARTS, UNCLOSED_MULTIPART};
use super::encoding::{Encoding, decode, decoded_length};
use super::header::{Headers, Structured, trim_end};
use super::packed;
use crate::domain::personal::Personal;

/// Levels of multiparts that are followed.
const DEEPEST: usize = 40;
/// Parts that are looked at.
const MOST_PARTS: usize = 500;
/// Mails inside a mail that are kept for their ids.
const MOST_EMBEDDED: usize = 10;
/// Bytes of an embedded mail that are kept: enough for its header.
const EMBEDDED_BYTES: usize = 64 * 1024;

/// What the body of a mail consists of.
#[derive(Debug, Default)]
pub(super) struct Body {
    /// The plain text, line ends as `\n`.
    pub plain: Option<String>,
    /// The HTML text.
    pub html: Option<String>,
    /// The files.
    pub attachments: Vec<Attachment>,
    /// The `report-type` of a `multipart/report`, blank where it names none.
    pub report: Option<String>,
    /// Starts of delivery reports and of mails that were returned.
    pub embedded: Vec<String>,
    /// The delivery reports alone.
    pub reports: Vec<String>,
    /// A part is a container that is not opened.
    pub packed: bool,
    parts: usize,
}

/// What a report brings back, beside its words (RFC 6522).
const RETURNED: [&str; 8] = [
    "message/delivery-status",
    "message/global-delivery-status",
    "text/rfc822-headers",
    "message/rfc822",
    "message/global",
    "message/global-headers",
    "message/disposition-notification",
    "message/feedback-report",
];

#[derive(Clone, Copy, PartialEq)]
enum Inside {
    Mixed,
    Alternative,
    Report,
}

impl Body {
    /// Walks over the parts of a mail.
    pub(super) fn read(headers: &Headers<'_>, raw: &[u8], defects: &mut Defects) -> Self {
        let mut body = Self::default();
        body.walk(headers, raw, 0, Inside::Mixed, defects);
        body
    }

    fn walk(&mut self, headers: &Headers<'_>, raw: &[u8], depth: usize, inside: Inside, defects: &mut Defects) {
        self.parts += 1;
        let kind = headers.structured("Content-Type");
        let media_type = kind
            .as_ref()
            .map_or("text/plain", |k| if k.kind.is_empty() { "text/plain" } else { &k.kind });
        if !media_type.starts_with("multipart/") {
            self.leaf(headers, kind.as_ref(), raw, depth, inside, defects);
            return;
        }
        if depth >= DEEPEST {
            defects.add(TOO_DEEP);
            self.attach(None, media_type, raw.len());
            return;
        }
        let inside = match media_type {
            "multipart/alternative" => Inside::Alternative,
            "multipart/report" => {
                let report = kind
                    .as_ref()
                    .and_then(|k| k.parameter("report-type"))
                    .unwrap_or_default();
                self.report.get_or_insert_with(|| report.to_ascii_lowercase());
                Inside::Report
            }
            _ => Inside::Mixed,
        };
        let boundary = kind.as_ref().and_then(|k| k.parameter("boundary"));
        self.multipart(boundary, raw, depth, inside, defects);
    }

    /// A part that holds no others: text, what came back, a container, or a file.
    fn leaf(
        &mut self,
        headers: &Headers<'_>,
        kind: Option<&Structured>,
        raw: &[u8],
        depth: usize,
        inside: Inside,
        defects: &mut Defects,
    ) {
        let media_type = kind.map_or("text/plain", |k| if k.kind.is_empty() { "text/plain" } else { &k.kind });
        let disposition = headers.structured("Content-Disposition");
        let name = disposition.as_ref().and_then(|d| d.parameter("filename"));
        let name = name
            .or_else(|| kind.and_then(|k| k.parameter("name")))
            .and_then(clean_name);
        let attached = disposition.as_ref().is_some_and(|d| d.kind == "attachment") || name.is_some();
        let encoding = super::encoding::encoding(headers, defects);
        let charset = kind.and_then(|k| k.parameter("charset"));
        if inside == Inside::Report && RETURNED.contains(&media_type) {
            let place = self.embedded.len();
            self.embed(raw, encoding, defects);
            if media_type.ends_with("delivery-status") {
                self.reports.extend(self.embedded.get(place).cloned());
            }
        } else if !attached && (media_type == "text/plain" || kind.is_none()) {
            if inside != Inside::Alternative || self.plain.as_deref().is_none_or(|text| text.trim().is_empty()) {
                let text = charset::decode_owned(decode(raw, encoding, defects), charset, defects);
                append(&mut self.plain, clean_text(text, defects));
            }
        } else if !attached && media_type == "text/html" {
            if inside != Inside::Alternative || self.html.is_none() {
                let bytes = decode(raw, encoding, defects);
                let named = if charset.is_none() {
                    charset::named_in_html(&bytes)
                } else {
                    None
                };
                let text = charset::decode_owned(bytes, charset.or(named.as_deref()), defects);
                append(&mut self.html, clean_text(text, defects));
            }
        } else if let Some(mail) =
            packed::signed(media_type, name.as_deref(), raw, encoding).filter(|_| depth < DEEPEST)
        {
            let (headers, content) = part(&mail, defects);
            self.walk(&headers, content, depth + 1, Inside::Mixed, defects);
        } else {
            self.packed |= packed::is_container(media_type, name.as_deref());
            if media_type == "message/rfc822" {
                self.embed(raw, encoding, defects);
            }
            self.attach(name, media_type, decoded_length(raw, encoding));
        }
    }

    fn multipart(&mut self, boundary: Option<&str>, raw: &[u8], depth: usize, inside: Inside, defects: &mut Defects) {
        let mut sections = boundary.map(|boundary| sections(raw, boundary.as_bytes()));
        if sections.as_ref().is_none_or(|found| found.0.is_empty()) {
            defects.add(NO_BOUNDARY);
            sections = likely_boundary(raw).map(|boundary| self::sections(raw, boundary));
        }
        let Some((found, closed)) = sections.filter(|found| !found.0.is_empty()) else {
            append(&mut self.plain, clean_text(charset::guess(raw).into_owned(), defects));
            return;
        };
        if !closed {
            defects.add(UNCLOSED_MULTIPART);
        }
        for section in found {
            if self.parts >= MOST_PARTS {
                defects.add(TOO_MANY_PARTS);
                return;
            }
            let (headers, content) = part(section, defects);
            self.walk(&headers, content, depth + 1, inside, defects);
        }
    }

    fn attach(&mut self, name: Option<String>, media_type: &str, bytes: usize) {
        let is_token = |b: u8| b.is_ascii_alphanumeric() || b"!#$&^_.+-/".contains(&b);
        let usable = media_type.len() <= 100 && media_type.bytes().filter(|b| *b == b'/').count() == 1;
        let usable = usable && media_type.bytes().all(is_token);
        let media_type = if usable { media_type } else { "application/octet-stream" }.to_owned();
        self.attachments.push(Attachment {
            name: name.map(Personal::new),
            media_type,
            bytes: bytes as u64,
        });
    }

    fn embed(&mut self, raw: &[u8], encoding: Encoding, defects: &mut Defects) {
        if self.embedded.len() < MOST_EMBEDDED {
            let raw = &raw[..raw.len().min(EMBEDDED_BYTES)];
            let text = clean_text(charset::guess(&decode(raw, encoding, defects)).into_owned(), defects);
            self.embedded.push(text);
        }
    }
}

/// Header and content of a part; one that begins with a blank line has no header.
fn part<'a>(section: &'a [u8], defects: &mut Defects) -> (Headers<'a>, &'a [u8]) {
    let first = &section[..memchr::memchr(b'\n', section).map_or(section.len(), |n| n + 1)];
    if trim_end(first).is_empty() {
        return (Headers::default(), &section[first.len()..]);
    }
    Headers::split(section, defects)
}

fn append(to: &mut Option<String>, text: String) {
    match to {
        Some(so_far) if !so_far.trim().is_empty() => {
            if !text.trim().is_empty() {
                if !so_far.ends_with('\n') {
                    so_far.push('\n');
                }
                so_far.push_str(&text);
            }
        }
        _ => *to = Some(text),
    }
}

/// The stretches between the lines of a boundary, and whether the closing one is there.
fn sections<'a>(raw: &'a [u8], boundary: &[u8]) -> (Vec<&'a [u8]>, bool) {
    let mut found = Vec::new();
    let mut open: Option<usize> = None;
    let delimiter = [b"--", boundary].concat();
    let finder = memmem::Finder::new(&delimiter);
    let mut at = 0;
    while let Some(hit) = finder.find(&raw[at..]).map(|n| at + n) {
        let after = hit + delimiter.len();
        at = after;
        if hit > 0 && raw[hit - 1] != b'\n' {
            continue;
        }
        let line_end = memchr::memchr(b'\n', &raw[after..]).map_or(raw.len(), |n| after + n + 1);
        let tail = trim_end(&raw[after..line_end]);
        let closing = tail.starts_with(b"--");
        if !tail.is_empty() && !closing {
            continue;
        }
        if let Some(start) = open {
            found.push(without_line_end(&raw[start..hit.max(start)]));
            if found.len() > MOST_PARTS {
                return (found, true);
            }
        }
        open = Some(line_end);
        at = line_end;
        if closing && tail == b"--" {
            return (found, true);
        }
    }
    if let Some(start) = open.filter(|start| *start < raw.len()) {
        found.push(&raw[start..]);
    }
    (found, false)
}

fn without_line_end(raw: &[u8]) -> &[u8] {
    let raw = raw.strip_suffix(b"\n").unwrap_or(raw);
    raw.strip_suffix(b"\r").unwrap_or(raw)
}

/// A boundary that the mail does not name: the first line that begins with two dashes and stands before a part's header.
fn likely_boundary(raw: &[u8]) -> Option<&[u8]> {
    let mut at = 0;
    for _ in 0..200 {
        let line_end = memchr::memchr(b'\n', &raw[at..]).map(|n| at + n + 1)?;
        let line = trim_end(&raw[at..line_end]);
        let next = &raw[line_end..];
        let header = next.len() > 8 && next[..8].eq_ignore_ascii_case(b"content-");
        if line.len() > 2 && line.starts_with(b"--") && header && !line.contains(&b' ') {
            return Some(&line[2..]);
        }
        at = line_end;
    }
    None
}

/// Line ends as `\n`, no NUL bytes.
fn clean_text(text: String, defects: &mut Defects) -> String {
    let nul = memchr::memchr(0, text.as_bytes()).is_some();
    if nul {
        defects.add(NUL_BYTES);
    }
    if !nul && memchr::memchr(b'\r', text.as_bytes()).is_none() {
        return text;
    }
    let mut clean = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(at) = memchr::memchr2(b'\r', 0, rest.as_bytes()) {
        clean.push_str(&rest[..at]);
        let carriage_return = rest.as_bytes()[at] == b'\r';
        rest = &rest[at + 1..];
        if carriage_return && !rest.starts_with(['\n', '\r']) {
            clean.push('\n');
        }
    }
    clean.push_str(rest);
    clean
}

/// A file name without path, controls and marks of direction.
fn clean_name(name: &str) -> Option<String> {
    let last = name.rsplit(['/', '\\']).next()?;
    let clean: String = last
        .chars()
        .filter(|c| !c.is_control() && !is_invisible(*c))
        .take(255)
        .collect();
    let clean = clean.trim();
    (!clean.is_empty() && clean != "." && clean != "..").then(|| clean.to_owned())
}

#[cfg(test)]
mod tests;
