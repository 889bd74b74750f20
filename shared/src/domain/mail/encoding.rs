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
            let symbols = symbols(raw);
            if symbols % 4 == 1 || !symbols.is_multiple_of(4) && !raw.contains(&b'=') {
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

/// Base64 among other characters, which are ignored (RFC 2045, 6.8). If no text comes out of it, the label is wrong, and
/// what stands there is the text.
fn lenient_base64(raw: &[u8]) -> Vec<u8> {
    let kept: Vec<u8> = raw.iter().copied().filter(|b| is_base64(*b)).collect();
    // Without its last symbol where that is too few for a byte.
    let whole = if kept.len() % 4 == 1 {
        &kept[..kept.len() - 1]
    } else {
        &kept[..]
    };
    base64_decode(whole)
        .filter(|bytes| !bytes.is_empty() && is_text(bytes))
        .unwrap_or_else(|| raw.to_vec())
}

/// No controls but those of lines and of Japanese charsets. Words that are read as Base64 come out as noise: one byte in nine
/// is a control, and hardly any of it is valid UTF-8.
fn is_text(bytes: &[u8]) -> bool {
    let control = |b: &u8| b.is_ascii_control() && !matches!(b, b'\t' | b'\r' | b'\n' | 0x0c | 0x1b);
    let sure = bytes.len() >= 24 || std::str::from_utf8(bytes).is_ok();
    sure && !bytes.iter().any(control)
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
            let mut length = 0;
            let mut at = 0;
            for end in memchr::memchr_iter(b'=', raw).chain([raw.len()]) {
                length += rest(symbols(&raw[at..end]));
                at = (end + 1).min(raw.len());
            }
            length
        }
    }
}

/// How many bytes are of the Base64 alphabet; files are long, so many are counted at once.
#[expect(
    clippy::needless_bitwise_bool,
    reason = "without branches many bytes are looked at in one step"
)]
fn symbols(raw: &[u8]) -> usize {
    let symbol = |b: u8| {
        let letter = (b | 0x20).wrapping_sub(b'a') < 26;
        let digit = b.wrapping_sub(b'0') < 10;
        u8::from(letter | digit | (b == b'+') | (b == b'/'))
    };
    let chunk = |bytes: &[u8]| usize::from(bytes.iter().map(|b| symbol(*b)).sum::<u8>());
    raw.chunks(128).map(chunk).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base64(raw: &str) -> String {
        let decoded = decode(raw.as_bytes(), Encoding::Base64, &mut Defects::default());
        String::from_utf8(decoded.into_owned()).unwrap()
    }

    #[test]
    fn characters_that_are_no_base64_are_ignored() {
        let text = "Wo bleibt mein Paket? Größe 39.";
        let plain = "V28gYmxlaWJ0IG1laW4gUGFrZXQ/IEdyw7bDn2UgMzku";
        for raw in [
            plain.to_owned(),
            format!("{plain}\n!"),
            plain.replace("IG1l", "*I!G1l"),
            plain.chars().flat_map(|c| [c, '-']).collect(),
            plain.chars().flat_map(|c| [c, ' ', '.']).collect(),
            format!(">{}\n>{}", &plain[..20], &plain[20..]),
        ] {
            assert_eq!(base64(&raw), text, "{raw}");
        }
    }

    #[test]
    fn words_with_the_wrong_label_are_kept() {
        for text in [
            "Hello, where is my parcel? It isn't here.",
            "Guten Tag, die Uhr geht nicht! Bitte um Ersatz; danke.",
            "Où est mon colis ?",
            "時計が動きません。",
            "ok, thanks!",
        ] {
            assert_eq!(base64(text), text);
        }
    }

    #[test]
    fn a_file_is_as_long_as_what_it_decodes_to() {
        for (raw, length) in [
            ("", 0),
            ("aGVsbG8=", 5),
            ("aGVs\r\nbG8=\r\n", 5),
            ("aGVsbG8", 5),
            ("aGk=aGk=", 4),
            ("a!G-V_s", 3),
        ] {
            assert_eq!(decoded_length(raw.as_bytes(), Encoding::Base64), length, "{raw}");
        }
        let long = "q83v".repeat(10_000);
        assert_eq!(decoded_length(long.as_bytes(), Encoding::Base64), 30_000);
    }
}
