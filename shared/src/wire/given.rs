//! Values as JSON has them, where serde alone reads more or less.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

/// A value that may be left out but is not null.
pub(super) fn value<'de, D: Deserializer<'de>, T: Deserialize<'de>>(from: D) -> Result<Option<T>, D::Error> {
    T::deserialize(from).map(Some)
}

/// The most that a whole number of JSON is read as by everybody (RFC 8259, section 6).
const MOST: f64 = 9_007_199_254_740_991.0;

/// A whole number that is not negative; `3.0` is one too (JSON Schema 2020-12, section 6.1.1).
fn whole<E: serde::de::Error>(number: &serde_json::Number) -> Result<u64, E> {
    let most = |whole: &u64| *whole <= 9_007_199_254_740_991;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "whole, and between 0 and 2^53"
    )]
    let from_float = |float: f64| (float.fract() == 0.0 && (0.0..=MOST).contains(&float)).then_some(float as u64);
    let read = number
        .as_u64()
        .filter(most)
        .or_else(|| number.as_f64().and_then(from_float));
    read.ok_or_else(|| E::custom("invalid value, expected a whole number from 0 to 9007199254740991"))
}

/// A count.
pub(super) fn count<'de, D: Deserializer<'de>>(from: D) -> Result<u32, D::Error> {
    let read = whole(&serde_json::Number::deserialize(from)?)?;
    u32::try_from(read).map_err(|_| D::Error::custom("invalid value, expected a smaller number"))
}

/// A count, or null.
pub(super) fn count_or_null<'de, D: Deserializer<'de>>(from: D) -> Result<Option<u32>, D::Error> {
    let Some(number) = Option::<serde_json::Number>::deserialize(from)? else {
        return Ok(None);
    };
    let read = whole(&number)?;
    u32::try_from(read)
        .map(Some)
        .map_err(|_| D::Error::custom("invalid value, expected a smaller number"))
}

/// A size, or null.
pub(super) fn size_or_null<'de, D: Deserializer<'de>>(from: D) -> Result<Option<u64>, D::Error> {
    let number = Option::<serde_json::Number>::deserialize(from)?;
    number.map(|number| whole(&number)).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize)]
    struct Sized {
        #[serde(default, deserialize_with = "size_or_null")]
        bytes: Option<u64>,
    }

    #[test]
    fn whole_numbers_are_read_however_they_are_written() {
        let read = |text: &str| serde_json::from_str::<Sized>(text).map(|read| read.bytes).ok();
        for (text, wanted) in [
            ("{}", Some(None)),
            (r#"{"bytes":null}"#, Some(None)),
            (r#"{"bytes":3}"#, Some(Some(3))),
            (r#"{"bytes":3.0}"#, Some(Some(3))),
            (r#"{"bytes":1e3}"#, Some(Some(1000))),
            (r#"{"bytes":9007199254740991}"#, Some(Some(9_007_199_254_740_991))),
            (r#"{"bytes":9007199254740992}"#, None),
            (r#"{"bytes":3.5}"#, None),
            (r#"{"bytes":-1}"#, None),
            (r#"{"bytes":1e99}"#, None),
            (r#"{"bytes":"3"}"#, None),
        ] {
            assert_eq!(read(text), wanted, "{text}");
        }
    }
}
