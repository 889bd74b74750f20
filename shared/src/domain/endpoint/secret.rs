//! The secrets by which an endpoint knows our calls, and the signatures they make.
//!
//! Source: Standard Webhooks 1.0.0, "Signature scheme" (github.com/standard-webhooks/standard-webhooks): HMAC-SHA256 over
//! `id.timestamp.body`, one signature for each secret that is valid now, so that a receiver can change over in his own time.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::digest::KeyInit;
use hmac::{Hmac, Mac};
use jiff::{SignedDuration, Timestamp};
use sha2::Sha256;

use crate::domain::clock::shift;
use crate::domain::key::Key;

/// How long the secret before is still valid after a new one was made.
pub const OVERLAP: SignedDuration = SignedDuration::from_hours(24);

/// How secrets begin, so that people and scanners know them.
const PREFIX: &str = "whsec_";

/// The bytes that a secret may have.
const BYTES: std::ops::RangeInclusive<usize> = 24..=64;

/// What is no secret. Nothing of it is in the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a signing secret is {PREFIX} and 24 to 64 bytes in base64")]
pub struct NoSecret;

/// A secret of an endpoint. Cannot be printed.
#[derive(Clone, PartialEq, Eq)]
pub struct SigningSecret(Vec<u8>);

impl SigningSecret {
    /// A secret of these bytes, which nobody can guess.
    ///
    /// # Errors
    /// Fewer than 24 bytes, or more than 64.
    pub fn of(bytes: &[u8]) -> Result<Self, NoSecret> {
        if BYTES.contains(&bytes.len()) {
            Ok(Self(bytes.to_vec()))
        } else {
            Err(NoSecret)
        }
    }

    /// Reads a secret as it is handed out: `whsec_` and base64.
    ///
    /// # Errors
    /// Where it is none.
    pub fn parse(text: &str) -> Result<Self, NoSecret> {
        let encoded = text.strip_prefix(PREFIX).ok_or(NoSecret)?;
        Self::of(&STANDARD.decode(encoded).map_err(|_| NoSecret)?)
    }

    /// The secret as it is handed out. Never for logs, metrics or error messages.
    pub fn expose(&self) -> String {
        format!("{PREFIX}{}", STANDARD.encode(&self.0))
    }

    /// The signature of these parts, one after the other.
    fn sign(&self, parts: [&[u8]; 5]) -> Option<String> {
        let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(&self.0).ok()?;
        for part in parts {
            mac.update(part);
        }
        Some(format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())))
    }
}

impl fmt::Debug for SigningSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<secret>")
    }
}

/// The secrets of an endpoint: one, or two while it changes over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SigningKeys {
    /// The newest.
    pub current: SigningSecret,
    /// The one before, and until when it is valid.
    pub previous: Option<(SigningSecret, Timestamp)>,
}

impl SigningKeys {
    /// One secret.
    pub fn new(secret: SigningSecret) -> Self {
        Self {
            current: secret,
            previous: None,
        }
    }

    /// With a new secret; what was the newest is valid for [`OVERLAP`] more, and one before that no longer.
    #[must_use]
    pub fn rotated(self, secret: SigningSecret, now: Timestamp) -> Self {
        Self {
            current: secret,
            previous: Some((self.current, shift(now, OVERLAP))),
        }
    }

    /// The headers of a call made at this time: its id, the time in seconds, and a signature for each valid secret.
    pub fn sign(&self, id: &Key, body: &[u8], at: Timestamp) -> [(&'static str, String); 3] {
        let (id, seconds) = (id.as_str(), at.as_second().to_string());
        let parts = [id.as_bytes(), b".", seconds.as_bytes(), b".", body];
        let previous = self.previous.as_ref().filter(|(_, until)| at < *until);
        let valid = std::iter::once(&self.current).chain(previous.map(|(secret, _)| secret));
        let signatures: Vec<String> = valid.filter_map(|secret| secret.sign(parts)).collect();
        [
            ("webhook-id", id.to_owned()),
            ("webhook-timestamp", seconds),
            ("webhook-signature", signatures.join(" ")),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// That of the specification's own vectors.
    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn the_vectors_of_the_specification_come_out() {
        let keys = SigningKeys::new(SigningSecret::parse(SECRET).unwrap());
        // Keys of ours have no underscore; the vector's id goes in as it is.
        let signature = |id: &str, second: i64, body: &str| {
            let seconds = second.to_string();
            let parts = [id.as_bytes(), b".", seconds.as_bytes(), b".", body.as_bytes()];
            keys.current.sign(parts).unwrap()
        };
        assert_eq!(
            signature("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, r#"{"test": 2432232314}"#),
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
        );
        assert_eq!(
            signature("msg_test", 1_767_323_045, r#"{"event":"ticket.solved","id":"42"}"#),
            "v1,UbcDi99JdkKM1r0Ba3/HZt52K8oA52+TV70miA1rblU="
        );
        let [id, time, signed] = keys.sign(&Key::parse("abc").unwrap(), b"{}", at(1_614_265_330));
        assert_eq!(id, ("webhook-id", "abc".to_owned()));
        assert_eq!(time, ("webhook-timestamp", "1614265330".to_owned()));
        assert_eq!(signed, ("webhook-signature", signature("abc", 1_614_265_330, "{}")));
    }

    #[test]
    fn a_secret_has_24_to_64_bytes() {
        for (bytes, usable) in [(0, false), (23, false), (24, true), (32, true), (64, true), (65, false)] {
            let bytes = vec![7; bytes];
            assert_eq!(SigningSecret::of(&bytes).is_ok(), usable, "{}", bytes.len());
        }
        for text in [
            "",
            "whsec_",
            "whsec_!!!",
            "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "whsec_c2hvcnQ=",
            "whsk_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        ] {
            assert_eq!(SigningSecret::parse(text), Err(NoSecret), "{text}");
        }
        assert_eq!(SigningSecret::parse(SECRET).unwrap().expose(), SECRET);
    }

    #[test]
    fn two_secrets_sign_while_one_takes_over_from_the_other() {
        let secret = |byte| SigningSecret::of(&[byte; 32]).unwrap();
        let id = Key::of(&["event"]);
        let signatures = |keys: &SigningKeys, now| {
            let [_, _, (_, signatures)] = keys.sign(&id, b"{}", now);
            signatures.split(' ').map(str::to_owned).collect::<Vec<_>>()
        };
        let alone = |byte, now| signatures(&SigningKeys::new(secret(byte)), now).remove(0);
        let keys = SigningKeys::new(secret(1)).rotated(secret(2), at(0));
        let (last, over) = (at(24 * 3600 - 1), at(24 * 3600));
        assert_eq!(signatures(&keys, last), [alone(2, last), alone(1, last)]);
        assert_eq!(signatures(&keys, over), [alone(2, over)]);
        let again = keys.rotated(secret(3), at(10));
        assert_eq!(signatures(&again, at(20)), [alone(3, at(20)), alone(2, at(20))]);
    }

    #[test]
    fn a_secret_is_not_printed() {
        let keys = SigningKeys::new(SigningSecret::parse(SECRET).unwrap());
        let printed = format!("{:?}", keys.clone().rotated(keys.current, at(0)));
        assert!(!printed.contains("MfKQ") && printed.contains("<secret>"), "{printed}");
    }
}
