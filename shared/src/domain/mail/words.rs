//! Encoded words in header fields (RFC 2047): `=?utf-8?Q?caf=C3=A9?=`.

use std::borrow::Cow;

use mail_parser::decoders::base64::base64_decode;

use super::charset;
use super::defect::Defects;

/// Bytes of one encoded word: far beyond the 75 of RFC 2047.
const LONGEST_WORD: usize = 4096;

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
pub(super) fn encoded_word(text: &str) -> Option<(&str, Vec<u8>, usize)> {
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

#[cfg(test)]
mod tests {
    use super::*;

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
}
