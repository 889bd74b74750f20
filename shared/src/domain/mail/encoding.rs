//! Transfer encodings (RFC 2045): Base64 and quoted-printable, broken ones too.

use std::borrow::Cow;

use mail_parser::decoders::base64::base64_decode;

use super::defect::{BAD_BASE64, BAD_QUOTED_PRINTABLE, Defects, UNKNOWN_ENCODING};
use super::header::{Headers, trim_end};
use super::words::{hex_pair, is_base64};

/// How the bytes of a part were made fit for mail.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Encoding {
    Plain,
    Base64,
    QuotedPrintable,
}

/// The transfer encoding that a part names.
pub(super) fn encoding(headers: &Headers<'_>, defects: &mut Defects) -> Encoding {
    let Some(name) = headers.plain("Content-Transfer-Encoding") else {
        return Encoding::Plain;
    };
    let name = name
        .split(['(', ';', ' '])
        .next()
        .unwrap_or_default()
        .trim_matches('"')
        .to_ascii_lowercase();
    match name.as_str() {
        "base64" | "x-base64" => Encoding::Base64,
        "quoted-printable" | "quotedprintable" | "x-qp" => Encoding::QuotedPrintable,
        "7bit" | "8bit" | "binary" | "7-bit" | "8-bit" | "" => Encoding::Plain,
        _ => {
            defects.add(UNKNOWN_ENCODING);
            Encoding::Plain
        }
    }
}

/// Undoes the transfer encoding; what is broken is read as far as it goes.
pub(super) fn decode<'a>(raw: &'a [u8], encoding: Encoding, defects: &mut Defects) -> Cow<'a, [u8]> {
    match encoding {
        Encoding::Plain => raw.into(),
        Encoding::QuotedPrintable => decode_quoted_printable(raw, defects).into(),
        Encoding::Base64 => {
            let symbols = raw.iter().filter(|b| is_base64(**b)).count();
            if symbols % 4 == 1 || symbols % 4 != 0 && !raw.contains(&b'=') {
                defects.add(BAD_BASE64);
            }
            base64_decode(raw).map_or_else(
                || {
                    defects.add(BAD_BASE64);
                    lenient_base64(raw).into()
                },
                Into::into,
            )
        }
    }
}

/// Base64 among other characters. Where most lines are none, the label is wrong and the text stands there as it is.
fn lenient_base64(raw: &[u8]) -> Vec<u8> {
    let others = raw
        .iter()
        .filter(|b| !is_base64(**b) && !matches!(b, b'=' | b' ' | b'\t' | b'\r' | b'\n'))
        .count();
    let spaces = memchr::memchr_iter(b' ', raw).count();
    if others * 50 > raw.len() || spaces * 20 > raw.len() {
        return raw.to_vec();
    }
    let kept: Vec<u8> = raw.iter().copied().filter(|b| is_base64(*b) || *b == b'=').collect();
    base64_decode(&kept).unwrap_or_default()
}

fn decode_quoted_printable(raw: &[u8], defects: &mut Defects) -> Vec<u8> {
    let mut out = Vec::with_capacity(raw.len());
    let mut at = 0;
    while let Some(n) = memchr::memchr2(b'=', b'\n', &raw[at..]) {
        let hit = at + n;
        out.extend_from_slice(&raw[at..hit]);
        at = hit + 1;
        if raw[hit] == b'\n' {
            // White space before a line end was added on the way.
            let end = out.len();
            let cr = out.last() == Some(&b'\r');
            let mut keep = end - usize::from(cr);
            while keep > 0 && matches!(out[keep - 1], b' ' | b'\t') {
                keep -= 1;
            }
            out.truncate(keep);
            out.push(b'\n');
            continue;
        }
        if let Some(byte) = raw.get(at..at + 2).and_then(hex_pair) {
            out.push(byte);
            at += 2;
            continue;
        }
        // A soft line break, with or without white space behind it.
        let line_end = memchr::memchr(b'\n', &raw[at..raw.len().min(at + 80)]);
        match line_end {
            Some(n) if trim_end(&raw[at..at + n]).is_empty() => at += n + 1,
            None if trim_end(&raw[at..]).is_empty() => at = raw.len(),
            _ => {
                defects.add(BAD_QUOTED_PRINTABLE);
                out.push(b'=');
            }
        }
    }
    out.extend_from_slice(&raw[at..]);
    out
}

/// How many bytes a part has once decoded, without decoding it.
pub(super) fn decoded_length(raw: &[u8], encoding: Encoding) -> usize {
    match encoding {
        Encoding::Plain => raw.len(),
        Encoding::QuotedPrintable => decode_quoted_printable(raw, &mut Defects::default()).len(),
        Encoding::Base64 => {
            let rest = |symbols: usize| symbols / 4 * 3 + [0, 0, 1, 2][symbols % 4];
            let whole = |run: &[u8]| rest(run.iter().filter(|b| is_base64(**b)).count());
            raw.split(|b| *b == b'=').map(whole).sum()
        }
    }
}
