//! What can be wrong with a mail and is worked around. The codes are part of the contract of `within24 read`: a code may be
//! added, never renamed.

use super::Defect;

/// The input holds nothing but white space.
pub(super) const EMPTY: Defect = Defect("empty");
/// Larger than the reader takes in: the rest was left unread.
pub(super) const TRUNCATED: Defect = Defect("truncated");
/// No header field at all: read as plain text.
pub(super) const NO_HEADERS: Defect = Defect("no-headers");
/// The text follows the header without the blank line that should part them.
pub(super) const NO_BLANK_LINE: Defect = Defect("no-blank-line");
/// A line of the header is no header field: left out.
pub(super) const BAD_HEADER: Defect = Defect("bad-header");
/// More or longer header fields than any mail needs: the rest was left out.
pub(super) const TOO_MANY_HEADERS: Defect = Defect("too-many-headers");
/// Lines end in a bare carriage return.
pub(super) const CR_LINE_ENDS: Defect = Defect("cr-line-ends");
/// NUL bytes in header or text: left out.
pub(super) const NUL_BYTES: Defect = Defect("nul-bytes");
/// A multipart without a boundary parameter, or with one that never occurs.
pub(super) const NO_BOUNDARY: Defect = Defect("no-boundary");
/// A multipart whose last boundary is missing: the mail may have been cut short.
pub(super) const UNCLOSED_MULTIPART: Defect = Defect("unclosed-multipart");
/// More parts than the reader looks at: the rest was left out.
pub(super) const TOO_MANY_PARTS: Defect = Defect("too-many-parts");
/// Parts nested deeper than the reader follows: kept as one attachment.
pub(super) const TOO_DEEP: Defect = Defect("too-deep");
/// Base64 with foreign characters or cut short: read as far as it goes.
pub(super) const BAD_BASE64: Defect = Defect("bad-base64");
/// Quoted-printable with wrong escapes: these are kept as they stand.
pub(super) const BAD_QUOTED_PRINTABLE: Defect = Defect("bad-quoted-printable");
/// A transfer encoding nobody knows: read as it stands.
pub(super) const UNKNOWN_ENCODING: Defect = Defect("unknown-encoding");
/// A charset nobody knows: read as UTF-8 or windows-1252.
pub(super) const UNKNOWN_CHARSET: Defect = Defect("unknown-charset");
/// The text is not in the charset that its label says.
pub(super) const WRONG_CHARSET: Defect = Defect("wrong-charset");
/// The words are packed in a container that is not opened (Outlook's `winmail.dat`, encrypted mail), and no text stands
/// beside it: the mail is not empty, it cannot be shown.
pub(super) const PACKED_BODY: Defect = Defect("packed-body");
/// A `Date` that is no date.
pub(super) const BAD_DATE: Defect = Defect("bad-date");
/// A `Message-ID` that is no message id.
pub(super) const BAD_MESSAGE_ID: Defect = Defect("bad-message-id");
/// A field that may stand once stands more often: the first counts.
pub(super) const REPEATED_HEADER: Defect = Defect("repeated-header");
/// Amazon's frame is there, its end is not: the text ends where the footer begins.
pub(super) const FRAME_CUT: Defect = Defect("frame-cut");
/// The reader failed over this mail; what is known is its size. Please report it.
pub(super) const READER_FAILED: Defect = Defect("reader-failed");

/// Every code there is, for documentation and tests.
pub(super) const ALL: [Defect; 23] = [
    EMPTY,
    TRUNCATED,
    NO_HEADERS,
    NO_BLANK_LINE,
    BAD_HEADER,
    TOO_MANY_HEADERS,
    CR_LINE_ENDS,
    NUL_BYTES,
    NO_BOUNDARY,
    UNCLOSED_MULTIPART,
    TOO_MANY_PARTS,
    TOO_DEEP,
    BAD_BASE64,
    BAD_QUOTED_PRINTABLE,
    UNKNOWN_ENCODING,
    UNKNOWN_CHARSET,
    WRONG_CHARSET,
    PACKED_BODY,
    BAD_DATE,
    BAD_MESSAGE_ID,
    REPEATED_HEADER,
    FRAME_CUT,
    READER_FAILED,
];

/// The defects of one mail, in the order met, each once.
#[derive(Debug, Default)]
pub(super) struct Defects(Vec<Defect>);

impl Defects {
    pub(super) fn add(&mut self, defect: Defect) {
        if !self.0.contains(&defect) {
            self.0.push(defect);
        }
    }

    pub(super) fn into_vec(self) -> Vec<Defect> {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_kebab_case_and_unique() {
        for (at, defect) in ALL.iter().enumerate() {
            assert!(
                defect
                    .code()
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
            );
            assert!(!ALL[..at].contains(defect), "{} stands twice", defect.code());
        }
    }
}
