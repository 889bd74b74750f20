//! Bytes to text. Labels lie: what is valid UTF-8 is UTF-8, whatever its label says (contract of `within24 read`).
//!
//! Text in another charset is valid UTF-8 by chance only where it is short: in single-byte charsets a letter would have to be
//! followed by a control or a symbol, in those of the Far East two characters in ten fit. So one character is enough under
//! western labels, two under single-byte ones, four under the others, or fewer if the label's own charset cannot read them.

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

/// Decodes a text whose charset the mail says is `label`; one that is owned and right is not copied.
pub(super) fn decode_owned(bytes: Cow<'_, [u8]>, label: Option<&str>, defects: &mut Defects) -> String {
    let trusted = label.is_none_or(|label| label.eq_ignore_ascii_case("utf-8"));
    if !trusted || bytes.contains(&0x1b) {
        return decode(&bytes, label, defects);
    }
    let text = match bytes {
        Cow::Owned(bytes) => String::from_utf8(bytes).map_err(|error| Cow::Owned(error.into_bytes())),
        Cow::Borrowed(bytes) => std::str::from_utf8(bytes)
            .map(str::to_owned)
            .map_err(|_| Cow::Borrowed(bytes)),
    };
    match text {
        Ok(text) if text.starts_with('\u{feff}') => without_bom(&text).to_owned(),
        Ok(text) => text,
        Err(bytes) => decode(&bytes, label, defects),
    }
}

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
    if charset_decoder(label.as_bytes()).is_none() {
        note(UNKNOWN_CHARSET);
        return guess(bytes).into_owned();
    }
    let wide = label.starts_with("utf-16") || label.starts_with("utf-32") || label.starts_with("ucs-");
    if let Some(text) = utf8_behind(&label, bytes, wide) {
        defects.add(WRONG_CHARSET);
        return without_bom(text).to_owned();
    }
    without_bom(&call(&label, bytes)).to_owned()
}

/// The text, if it is UTF-8 behind the label of another charset.
fn utf8_behind<'a>(label: &str, bytes: &'a [u8], wide: bool) -> Option<&'a str> {
    if bytes.is_ascii() && !wide {
        return None;
    }
    let text = std::str::from_utf8(bytes).ok()?;
    if wide {
        // Every other byte of a western text is zero.
        return (memchr::memchr(0, bytes).is_none() && (bytes.is_ascii() || others(text) >= 4)).then_some(text);
    }
    let needed = match label {
        // All bytes of these are ASCII.
        "hz-gb-2312" | "hz" => 1,
        _ if label.starts_with("iso-2022") => 1,
        _ if FAR_EAST.iter().any(|name| label.contains(name)) => 4,
        _ => 2,
    };
    let broken = || call(label, bytes).contains('\u{fffd}');
    (others(text) >= needed || broken()).then_some(text)
}

/// What the labels of charsets with several bytes a character hold.
const FAR_EAST: [&str; 9] = ["gb", "big5", "jis", "euc", "ks_c", "ksc", "cp9", "windows-9", "ms9"];

/// Characters that are not ASCII, as far as they count.
fn others(text: &str) -> usize {
    text.chars().filter(|c| !c.is_ascii()).take(4).count()
}

/// The charset that the head of an HTML text names (HTML, 4.2.5.4), as in `<meta charset=iso-8859-2>`.
pub(super) fn named_in_html(bytes: &[u8]) -> Option<String> {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(1024)]).to_ascii_lowercase();
    let at = head.match_indices("<meta").find_map(|(at, _)| {
        let tag = head[at..].split('>').next()?;
        Some(at + tag.find("charset")? + "charset".len())
    })?;
    let value = head[at..]
        .trim_start()
        .strip_prefix('=')?
        .trim_start()
        .trim_start_matches(['"', '\'']);
    let end = value
        .find(|c: char| !c.is_ascii_alphanumeric() && !"-_:.+".contains(c))
        .unwrap_or(value.len());
    (end > 0).then(|| value[..end].to_owned())
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
    fn utf8_is_known_behind_any_label() {
        for label in [
            "gb2312",
            "gbk",
            "gb18030",
            "big5",
            "shift_jis",
            "euc-jp",
            "iso-2022-jp",
            "euc-kr",
            "ks_c_5601-1987",
            "koi8-r",
            "windows-1250",
            "windows-1251",
            "windows-1254",
            "windows-1256",
            "iso-8859-2",
            "iso-8859-9",
            "iso-8859-15",
            "utf-16",
        ] {
            for text in [
                "闹钟的指针不动了,请问可以换货吗?",
                "Größe über Übergröße",
                "Где моя посылка?",
                "時計が動きません",
            ] {
                assert_eq!(
                    read(text.as_bytes(), label),
                    (text.to_owned(), vec!["wrong-charset"]),
                    "{label}"
                );
            }
        }
    }

    #[test]
    fn text_in_its_own_charset_is_not_taken_for_utf8() {
        for (label, text) in [
            ("gb2312", "你好，请问闹钟可以换货吗"),
            ("big5", "請問可以退貨嗎"),
            ("shift_jis", "時計が動きません。ｶｰﾄﾞ"),
            ("euc-jp", "時計が動きません"),
            ("euc-kr", "시계가 움직이지 않아요"),
            ("koi8-r", "Где моя посылка"),
            ("windows-1251", "Где моя посылка"),
            ("windows-1254", "Paketim nerede, iğne kırık"),
            ("iso-8859-2", "Zażółć gęślą jaźń"),
        ] {
            let encoding = encoding_rs::Encoding::for_label(label.as_bytes()).unwrap();
            assert_eq!(
                read(&encoding.encode(text).0, label),
                (text.to_owned(), vec![]),
                "{label}"
            );
        }
    }

    #[test]
    fn html_names_its_own_charset() {
        for (html, label) in [
            ("<html><head><meta charset=iso-8859-2>", Some("iso-8859-2")),
            (
                "<META http-equiv=\"Content-Type\" content=\"text/html; charset=Shift_JIS\">",
                Some("shift_jis"),
            ),
            ("<meta charset = 'windows-1251' />", Some("windows-1251")),
            ("<p>charset=koi8-r</p>", None),
            ("<meta name=x><p>charset=koi8-r", None),
        ] {
            assert_eq!(named_in_html(html.as_bytes()).as_deref(), label, "{html}");
        }
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
