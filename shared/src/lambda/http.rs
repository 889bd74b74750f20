//! What functions behind the HTTP API share.

/// Decodes the body of an event that came base64-encoded (RFC 4648, section 4); `None` if it is none.
pub fn decode_base64(text: &str) -> Option<Vec<u8>> {
    mail_parser::decoders::base64::base64_decode(text.as_bytes()).filter(|_| {
        let bytes = text.trim_end_matches('=');
        bytes
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'+' || b == b'/')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_base64_is_decoded() {
        assert_eq!(decode_base64("aGk=").as_deref(), Some(&b"hi"[..]));
        assert_eq!(decode_base64("%%%"), None);
    }
}
