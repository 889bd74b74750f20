//! Mail whose words are packed in a container: signed S/MIME, which holds them in clear, and what cannot be opened here.

use bcder::decode::{Constructed, DecodeError, Source};
use bcder::{Mode, OctetString, Oid, Tag};

use super::defect::Defects;
use super::encoding::{Encoding, decode};

/// `id-signedData`, 1.2.840.113549.1.7.2 (RFC 5652, 5.1).
const SIGNED_DATA: Oid<&[u8]> = Oid(&[42, 134, 72, 134, 247, 13, 1, 7, 2]);

/// True if a part of this type or name is a container that may hold a mail's words: Outlook's TNEF, S/MIME (RFC 8551),
/// encrypted OpenPGP (RFC 3156).
pub(super) fn is_container(media_type: &str, name: Option<&str>) -> bool {
    let types = [
        "application/ms-tnef",
        "application/vnd.ms-tnef",
        "application/pgp-encrypted",
    ];
    let named = name.is_some_and(|name| name.eq_ignore_ascii_case("winmail.dat"));
    named || types.contains(&media_type) || is_smime(media_type, name)
}

/// The mail inside a part that is signed and not encrypted (`smime-type=signed-data`); the signature is not checked.
pub(super) fn signed(media_type: &str, name: Option<&str>, raw: &[u8], encoding: Encoding) -> Option<Vec<u8>> {
    if !is_smime(media_type, name) {
        return None;
    }
    let container = decode(raw, encoding, &mut Defects::default());
    let content = Mode::Ber.decode(&*container, content_info).ok()??;
    Some(content.to_bytes().to_vec()).filter(|content| !content.is_empty())
}

fn is_smime(media_type: &str, name: Option<&str>) -> bool {
    matches!(media_type, "application/pkcs7-mime" | "application/x-pkcs7-mime")
        || name.is_some_and(|name| name.to_ascii_lowercase().ends_with(".p7m"))
}

/// `ContentInfo` with `SignedData` (RFC 5652, 3 and 5.1), as far as its content; the rest is passed over.
fn content_info<S: Source>(cons: &mut Constructed<'_, S>) -> Result<Option<OctetString>, DecodeError<S::Error>> {
    cons.take_sequence(|cons| {
        SIGNED_DATA.skip_if(cons)?;
        cons.take_constructed_if(Tag::CTX_0, |cons| {
            cons.take_sequence(|cons| {
                // version, digestAlgorithms
                cons.skip_one()?;
                cons.skip_one()?;
                let content = cons.take_sequence(|cons| {
                    // eContentType
                    cons.skip_one()?;
                    cons.take_opt_constructed_if(Tag::CTX_0, OctetString::take_from)
                })?;
                // certificates, crls, signerInfos
                cons.skip_all()?;
                Ok(content)
            })
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A value with its tag and definite length.
    fn value(tag: u8, content: &[u8]) -> Vec<u8> {
        let length = u8::try_from(content.len()).expect("short");
        assert!(length < 128);
        [&[tag, length], content].concat()
    }

    /// `SignedData` around a text, the octets in one piece or, as OpenSSL streams them, in several of indefinite length.
    fn container(text: &[u8], streamed: bool) -> Vec<u8> {
        let octets = if streamed {
            let (first, second) = text.split_at(text.len() / 2);
            [&[0x24, 0x80][..], &value(4, first), &value(4, second), &[0, 0]].concat()
        } else {
            value(4, text)
        };
        let data = [6, 9, 42, 134, 72, 134, 247, 13, 1, 7, 1];
        let inner = value(0x30, &[&data[..], &value(0xa0, &octets)].concat());
        let signed = value(
            0x30,
            &[&[2, 1, 1][..], &value(0x31, &[]), &inner, &value(0x31, &[])].concat(),
        );
        let oid = [6, 9, 42, 134, 72, 134, 247, 13, 1, 7, 2];
        if streamed {
            [&[0x30, 0x80][..], &oid, &value(0xa0, &signed), &[0, 0]].concat()
        } else {
            value(0x30, &[&oid[..], &value(0xa0, &signed)].concat())
        }
    }

    #[test]
    fn a_signed_mail_is_read_in_clear() {
        let text = b"Content-Type: text/plain\n\nWhere is it?";
        for streamed in [false, true] {
            let raw = container(text, streamed);
            let found = signed("application/pkcs7-mime", None, &raw, Encoding::Plain);
            assert_eq!(found.as_deref(), Some(&text[..]), "{streamed}");
            let named = signed("application/octet-stream", Some("smime.P7M"), &raw, Encoding::Plain);
            assert_eq!(named, found);
        }
    }

    #[test]
    fn what_is_not_signed_stays_closed() {
        let mut encrypted = container(b"x", false);
        encrypted[12] = 3;
        let nested = [0x24, 0x80].repeat(100_000);
        for raw in [&encrypted[..], b"", b"\x30\x80", &nested, b"no container at all"] {
            assert_eq!(signed("application/pkcs7-mime", None, raw, Encoding::Plain), None);
        }
        assert_eq!(
            signed("image/png", Some("x.png"), &container(b"x", false), Encoding::Plain),
            None
        );
    }
}
