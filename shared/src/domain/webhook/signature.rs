//! Whose secret made the signature: over the raw bytes, before anything is parsed, in constant time.
//!
//! Each tool signs in its own way; sources stand beside the schemes. Where a time is signed it must be within five minutes
//! of ours. Tools that cannot sign send a long secret along.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use hmac::digest::KeyInit;
use hmac::{Hmac, Mac};
use jiff::{SignedDuration, Timestamp};
use sha1::Sha1;
use sha2::Sha256;
use subtle::ConstantTimeEq;

use super::secrets::{Secret, Secrets};
use super::{Call, Source};
use crate::domain::store::StoreId;

/// A signed time may differ from ours by this much.
const TOLERANCE: SignedDuration = SignedDuration::from_mins(5);

/// The header in which tools that cannot sign send their secret.
const TOKEN_HEADER: &str = "x-within24-token";

/// Base64 with or without its padding: tools differ.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// A call whose signature holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// The stores whose secret made the signature: several where they share a helpdesk and its secret.
    pub stores: Vec<StoreId>,
    /// The time that was signed.
    pub signed_at: Option<Timestamp>,
    /// The tool's id of the delivery, where it is a header.
    pub delivery: Option<String>,
    /// The event's name, where it is a header.
    pub topic: Option<String>,
}

/// Why a call is not believed. For our logs; the caller learns nothing of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Untrusted {
    /// No store has a secret for this source, or none that is long enough.
    NoSecret,
    /// A header of the signature is missing or cannot be read.
    Unsigned,
    /// The signed time is more than five minutes off.
    Stale,
    /// No active secret makes this signature.
    WrongSignature,
}

impl Untrusted {
    /// The name in reports, metrics and logs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NoSecret => "no-secret",
            Self::Unsigned => "unsigned",
            Self::Stale => "stale",
            Self::WrongSignature => "wrong-signature",
        }
    }
}

/// What a tool claims to have signed, and the signatures it gives.
struct Signed<'a> {
    scheme: Scheme,
    /// What comes before the body.
    before: Vec<&'a str>,
    /// Any one that holds will do.
    signatures: Vec<Vec<u8>>,
    at: Option<Timestamp>,
}

/// How a signature is made.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Scheme {
    Sha256,
    Sha1,
    /// SHA-256 under the key that the secret holds in base64.
    Standard,
    /// The secret itself.
    Token,
}

/// Finds the stores whose secrets verify the call.
///
/// # Errors
/// Why it is not to be believed.
pub fn verify(source: Source, call: &Call, secrets: &Secrets, now: Timestamp) -> Result<Verified, Untrusted> {
    let secrets = secrets.of(source);
    if secrets.is_empty() {
        return Err(Untrusted::NoSecret);
    }
    let signed = signed(source, call).ok_or(Untrusted::Unsigned)?;
    if signed.at.is_some_and(|at| now.duration_since(at).abs() > TOLERANCE) {
        return Err(Untrusted::Stale);
    }
    if signed.scheme == Scheme::Token && !secrets.iter().any(|(_, secret)| secret.is_token()) {
        return Err(Untrusted::NoSecret);
    }
    let mut stores: Vec<StoreId> = Vec::new();
    for (store, secret) in secrets {
        // Every secret is tried, so that time tells nothing of which one holds.
        if holds(&signed, secret, call.body()) && !stores.contains(store) {
            stores.push(store.clone());
        }
    }
    if stores.is_empty() {
        return Err(Untrusted::WrongSignature);
    }
    let delivery = match source {
        Source::Standard => call.header("webhook-id"),
        Source::Chatwoot => call.header("x-chatwoot-delivery"),
        _ => None,
    };
    let topic = (source == Source::HelpScout)
        .then(|| call.header("x-helpscout-event"))
        .flatten();
    Ok(Verified {
        stores,
        signed_at: signed.at,
        delivery: delivery.map(str::to_owned),
        topic: topic.map(str::to_owned),
    })
}

/// What this tool has signed; `None` where a part of it is missing.
fn signed(source: Source, call: &Call) -> Option<Signed<'_>> {
    let (scheme, before, signatures, at) = match source {
        // developer.zendesk.com/documentation/webhooks/verifying
        Source::Zendesk => {
            let time = call.header("x-zendesk-webhook-signature-timestamp")?;
            let signature = base64(call.header("x-zendesk-webhook-signature")?)?;
            (Scheme::Sha256, vec![time], vec![signature], Some(time.parse().ok()?))
        }
        // dev.frontapp.com/docs/application-webhooks, dev.frontapp.com/docs/rule-webhooks: only applications send a time.
        Source::Front => {
            let signature = base64(call.header("x-front-signature")?)?;
            match call.header("x-front-request-timestamp") {
                Some(time) => {
                    let at = Timestamp::from_millisecond(time.parse().ok()?).ok()?;
                    (Scheme::Sha256, vec![time, ":"], vec![signature], Some(at))
                }
                None => (Scheme::Sha1, Vec::new(), vec![signature], None),
            }
        }
        // developer.helpscout.com/webhooks
        Source::HelpScout => {
            let signature = base64(call.header("x-helpscout-signature")?)?;
            (Scheme::Sha1, Vec::new(), vec![signature], None)
        }
        // developers.intercom.com/docs/webhooks/webhook-notifications
        Source::Intercom => {
            let signature = hex::decode(call.header("x-hub-signature")?.strip_prefix("sha1=")?).ok()?;
            (Scheme::Sha1, Vec::new(), vec![signature], None)
        }
        // github.com/chatwoot/chatwoot, pull request 13573
        Source::Chatwoot => {
            let time = call.header("x-chatwoot-timestamp")?;
            let signature = hex::decode(call.header("x-chatwoot-signature")?.strip_prefix("sha256=")?).ok()?;
            let at = Timestamp::from_second(time.parse().ok()?).ok()?;
            (Scheme::Sha256, vec![time, "."], vec![signature], Some(at))
        }
        // github.com/standard-webhooks/standard-webhooks, spec/standard-webhooks.md
        Source::Standard => {
            let (id, time) = (call.header("webhook-id")?, call.header("webhook-timestamp")?);
            let listed = call.header("webhook-signature")?.split_ascii_whitespace();
            let signatures: Vec<_> = listed.filter_map(|one| base64(one.strip_prefix("v1,")?)).collect();
            let at = Timestamp::from_second(time.parse().ok()?).ok()?;
            (Scheme::Standard, vec![id, ".", time, "."], signatures, Some(at))
        }
        Source::Freshdesk | Source::Gorgias => {
            let token = call.header(TOKEN_HEADER).map(|token| token.as_bytes().to_vec());
            (Scheme::Token, Vec::new(), vec![token.or_else(|| password(call))?], None)
        }
    };
    (!signatures.is_empty()).then_some(Signed {
        scheme,
        before,
        signatures,
        at,
    })
}

/// The password of basic authentication (RFC 7617), for tools that offer nothing else.
fn password(call: &Call) -> Option<Vec<u8>> {
    let (scheme, given) = call.header("authorization")?.split_once(' ')?;
    let pair = scheme.eq_ignore_ascii_case("basic").then(|| base64(given.trim()))??;
    let colon = pair.iter().position(|b| *b == b':')?;
    Some(pair[colon + 1..].to_vec())
}

fn base64(text: &str) -> Option<Vec<u8>> {
    BASE64.decode(text).ok()
}

/// Whether this secret made one of the signatures.
fn holds(signed: &Signed<'_>, secret: &Secret, body: &[u8]) -> bool {
    match signed.scheme {
        Scheme::Sha256 => matches::<Hmac<Sha256>>(secret.bytes(), signed, body),
        Scheme::Sha1 => matches::<Hmac<Sha1>>(secret.bytes(), signed, body),
        Scheme::Standard => {
            let text = secret.text();
            let text = text.strip_prefix("whsec_").unwrap_or(text);
            let key = base64(text).unwrap_or_else(|| text.as_bytes().to_vec());
            matches::<Hmac<Sha256>>(&key, signed, body)
        }
        Scheme::Token => {
            let same = |given: &Vec<u8>| bool::from(given.as_slice().ct_eq(secret.bytes()));
            secret.is_token() && signed.signatures.iter().any(same)
        }
    }
}

fn matches<M: Mac + KeyInit + Clone>(key: &[u8], signed: &Signed<'_>, body: &[u8]) -> bool {
    let Ok(mut mac) = <M as KeyInit>::new_from_slice(key) else {
        return false;
    };
    for part in &signed.before {
        mac.update(part.as_bytes());
    }
    mac.update(body);
    let mut holds = false;
    for signature in &signed.signatures {
        holds |= mac.clone().verify_slice(signature).is_ok();
    }
    holds
}
