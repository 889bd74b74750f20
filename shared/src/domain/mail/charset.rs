//! Bytes to text. Labels lie: text in one of the plain western charsets is often UTF-8 (contract of `within24 read`).

use std::borrow::Cow;

use encoding_rs::WINDOWS_1252;
use mail_parser::decoders::charsets::map::charset_decoder;

use super::Defect;
use super::defect::{Defects, UNKNOWN_CHARSET, WRONG_CHARSET};

/// Labels under which UTF-8 is looked for first, as the contract names them, with their aliases.
const WESTERN: [&str; 12] = [
    "us-ascii",
    "ascii",
    "ansi_x3.4-1968",
    "iso-8859-1",
    "iso8859-1",
    "iso_8859-1",
    "latin1",
    "l1",
    "cp819",
    "windows-1252",
    "cp1252",
    "cp-1252",
];

/// Decodes a text whose charset the mail says is `label`.
pub(super) fn decode(bytes: &[u8], label: Option<&str>, defects: &mut Defects) -> String {
    let label = label
        .unwrap_or("")
        .trim()
        .trim_matches(['"', '\''])
        .to_ascii_lowercase();
    let plain = bytes.is_ascii() && !bytes.contains(&0x1b);
    let mut note = |defect: Defect| {
        if !plain {
            defects.add(defect);
        }
    };
    let western = label.is_empty() || WESTERN.contains(&label.as_str());
    let utf8 = matches!(label.as_str(), "utf-8" | "utf8" | "unicode-1-1-utf-8" | "utf-8mb4");
    if plain && (western || utf8) {
        return ascii(bytes);
    }
    if western || utf8 {
        if has_japanese_escape(bytes) && bytes.is_ascii() {
            note(WRONG_CHARSET);
            return call("iso-2022-jp", bytes);
        }
        return match std::str::from_utf8(bytes) {
            Ok(text) => {
                if WESTERN.contains(&label.as_str()) {
                    note(WRONG_CHARSET);
                }
                without_bom(text).to_owned()
            }
            Err(_) if utf8 && is_mostly_utf8(bytes) => {
                note(WRONG_CHARSET);
                without_bom(&String::from_utf8_lossy(bytes)).to_owned()
            }
            Err(_) => {
                if utf8 || matches!(label.as_str(), "us-ascii" | "ascii") {
                    note(WRONG_CHARSET);
                }
                WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned()
            }
        };
    }
    if label == "utf-7" && !bytes.contains(&b'+') {
        return guess(bytes).into_owned();
    }
    if charset_decoder(label.as_bytes()).is_some() {
        return without_bom(&call(&label, bytes)).to_owned();
    }
    note(UNKNOWN_CHARSET);
    guess(bytes).into_owned()
}

/// Text without a label: UTF-8 where it is valid, else windows-1252.
pub(super) fn guess(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) if is_mostly_utf8(bytes) => String::from_utf8_lossy(bytes),
        Err(_) => WINDOWS_1252.decode_without_bom_handling(bytes).0,
    }
}

fn ascii(bytes: &[u8]) -> String {
    std::str::from_utf8(bytes).map(str::to_owned).unwrap_or_default()
}

fn call(label: &str, bytes: &[u8]) -> String {
    charset_decoder(label.as_bytes()).map_or_else(|| guess(bytes).into_owned(), |decoder| decoder(bytes))
}

fn without_bom(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
}

/// More characters of several bytes than broken ones: UTF-8 that was cut or damaged, not another charset.
fn is_mostly_utf8(bytes: &[u8]) -> bool {
    let (mut good, mut bad) = (0_usize, 0_usize);
    for chunk in bytes.utf8_chunks() {
        good += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        bad += usize::from(!chunk.invalid().is_empty());
    }
    good > bad
}

fn has_japanese_escape(bytes: &[u8]) -> bool {
    memchr::memmem::find(bytes, b"\x1b$B").is_some() || memchr::memmem::find(bytes, b"\x1b$@").is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8], label: &str) -> (String, Vec<&'static str>) {
        let mut defects = Defects::default();
        let text = decode(bytes, Some(label), &mut defects);
        (text, defects.into_vec().into_iter().map(Defect::code).collect())
    }

    #[test]
    fn utf8_behind_a_western_label_is_read_as_utf8() {
        for label in ["us-ascii", "ISO-8859-1", "windows-1252"] {
            assert_eq!(
                read("Größe “M”".as_bytes(), label),
                ("Größe “M”".to_owned(), vec!["wrong-charset"])
            );
        }
    }

    #[test]
    fn western_bytes_are_windows_1252() {
        assert_eq!(
            read(b"caf\xe9 \x93x\x94", "iso-8859-1"),
            ("café “x”".to_owned(), vec![])
        );
        assert_eq!(read(b"caf\xe9", "us-ascii").0, "café");
    }

    #[test]
    fn western_bytes_behind_a_utf8_label_are_not_lost() {
        assert_eq!(read(b"caf\xe9 cr\xe8me", "utf-8").0, "café crème");
    }

    #[test]
    fn utf8_that_was_cut_inside_a_character_keeps_the_rest() {
        let whole = "Zażółć gęślą";
        assert_eq!(
            read(&whole.as_bytes()[..whole.len() - 1], "utf-8").0,
            "Zażółć gęśl\u{fffd}"
        );
    }

    #[test]
    fn other_charsets_are_taken_at_their_word() {
        assert_eq!(read(b"\xddade", "windows-1254").0, "İade");
        assert_eq!(read(b"\x1b$B;3ED\x1b(B", "iso-2022-jp").0, "山田");
        assert_eq!(read(b"\x1b$B;3ED\x1b(B", "us-ascii").0, "山田");
    }

    #[test]
    fn an_unknown_charset_is_guessed() {
        assert_eq!(
            read("Größe".as_bytes(), "x-klingon"),
            ("Größe".to_owned(), vec!["unknown-charset"])
        );
    }
}
