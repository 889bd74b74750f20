//! Stable keys: short names derived from what a thing is, so that the same mail always gets the same key.

use jiff::Timestamp;
use sha2::{Digest, Sha256};

/// Crockford's base 32 in lower case: sorts as its number does, has no letters that look alike.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// A key of 26 characters, 130 bits of SHA-256 over its parts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(String);

impl Key {
    /// The key of these parts. Parts are told apart: `["ab", "c"]` and `["a", "bc"]` differ.
    pub fn of<P: AsRef<[u8]>>(parts: &[P]) -> Self {
        let mut hash = Sha256::new();
        for part in parts {
            let part = part.as_ref();
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        let digest = hash.finalize();
        Self((0..26).map(|index| base32(&digest, index * 5)).collect())
    }

    /// A key read back from storage: 1 to 64 letters, digits and dashes.
    pub fn parse(text: &str) -> Option<Self> {
        let usable = (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        usable.then(|| Self(text.to_owned()))
    }

    /// The key as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Ten characters of time in milliseconds, then twelve of this key: sorts by time.
    pub(crate) fn timed(&self, at: Timestamp) -> String {
        let millis = u64::try_from(at.as_millisecond()).unwrap_or(0);
        let time = (0..10)
            .rev()
            .map(|place| char::from(ALPHABET[usize::try_from(millis >> (5 * place) & 31).unwrap_or(0)]));
        time.chain(self.0.chars().take(12)).collect()
    }
}

/// All of `bytes` as letters, five bits each; the last is filled up with zeros.
pub(crate) fn letters(bytes: &[u8]) -> String {
    (0..(8 * bytes.len()).div_ceil(5))
        .map(|index| base32(bytes, index * 5))
        .collect()
}

/// Whether all of a text are such letters.
pub(super) fn are_letters(text: &str) -> bool {
    text.bytes().all(|letter| ALPHABET.contains(&letter))
}

/// The five bits of `bytes` that start at bit `at`, as a letter.
fn base32(bytes: &[u8], at: usize) -> char {
    let pair = u16::from(bytes[at / 8]) << 8 | u16::from(bytes.get(at / 8 + 1).copied().unwrap_or(0));
    char::from(ALPHABET[usize::from(pair >> (11 - at % 8)) & 31])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_told_apart() {
        assert_ne!(Key::of(&["ab", "c"]), Key::of(&["a", "bc"]));
        assert_eq!(Key::of(&["ab", "c"]), Key::of(&["ab", "c"]));
        assert_eq!(Key::of(&["x"]).as_str().len(), 26);
    }

    #[test]
    fn timed_keys_sort_by_time() {
        let key = Key::of(&["x"]);
        let times = [
            "2026-01-01T00:00:00Z",
            "2026-01-01T00:00:00.001Z",
            "2031-07-01T00:00:00Z",
        ];
        let keys: Vec<_> = times.iter().map(|t| key.timed(t.parse().unwrap())).collect();
        assert!(keys.is_sorted());
        assert_eq!(keys[0].len(), 22);
    }
}
