//! Each tool's signature, by published or recomputed vectors and under rotation, stale times and changed bodies.

use hmac::{Hmac, KeyInit, Mac};
use serde_json::json;
use sha1::Sha1;
use sha2::Sha256;

use super::*;

/// 35 bytes, no newline.
const B: &str = r#"{"event":"ticket.solved","id":"42"}"#;
/// 56 bytes of UTF-8: fails where a body is read and written again.
const U: &str = r#"{"event":"ticket.solved","id":"42","name":"Zoë 東京"}"#;
const SECRET: &str = "test-secret";
const WHSEC: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const TIME: &str = "2026-01-02T03:04:05Z";

fn secrets(source: Source, texts: &[&str]) -> Secrets {
    let mut secrets = Secrets::default();
    for text in texts {
        secrets.add(StoreId::parse("de").unwrap(), source, text);
    }
    secrets
}

fn check(source: Source, headers: &[(&str, &str)], body: &str, secret: &str, now: i64) -> Result<Verified, Untrusted> {
    let call = Call::new(headers.iter().copied(), body.as_bytes().to_vec());
    verify(source, &call, &secrets(source, &[secret]), at(now))
}

/// Source, time, id, body, signature.
const VECTORS: [(Source, &str, &str, &str, &str); 10] = [
    (
        Source::Zendesk,
        TIME,
        "",
        B,
        "KafDI5sgRV8ngCxj3KE99BA8KYdgSRYlomATFnCm/Y8=",
    ),
    (
        Source::Zendesk,
        TIME,
        "",
        "",
        "nftpQP8NlkNo6r336CewylIF0/2Mu5BGW9caDDrq4Hg=",
    ),
    (
        Source::Zendesk,
        TIME,
        "",
        U,
        "aXteP2x1OwqSzdYfhD+1haG450yhwIKfpDRrwndlr7M=",
    ),
    (
        Source::Front,
        "1767323045000",
        "",
        B,
        "hDb49JeY2de//xKtyfOj/X1xTUztTS6hF8PJJy+Dcrc=",
    ),
    (Source::Front, "", "", B, "H+GiOaYopwDEXmmelflAoXs6QyE="),
    (Source::HelpScout, "", "", B, "H+GiOaYopwDEXmmelflAoXs6QyE="),
    (Source::HelpScout, "", "", U, "KDDkqLCBQ5V6k/PvlGpPzHln9gI="),
    (
        Source::Intercom,
        "",
        "",
        B,
        "sha1=1fe1a239a628a700c45e699e95f940a17b3a4321",
    ),
    (
        Source::Chatwoot,
        "1767323045",
        "",
        B,
        "sha256=2b29567919106bda420101726553d86639600a8ef5a19d961b9dbdfeb6b24fb4",
    ),
    (
        Source::Standard,
        "1767323045",
        "msg_test",
        B,
        "v1,UbcDi99JdkKM1r0Ba3/HZt52K8oA52+TV70miA1rblU=",
    ),
];

fn vector(
    source: Source,
    time: &'static str,
    id: &'static str,
    signature: &'static str,
) -> Vec<(&'static str, &'static str)> {
    let (signed, timed) = match source {
        Source::Zendesk => ("X-Zendesk-Webhook-Signature", "X-Zendesk-Webhook-Signature-Timestamp"),
        Source::Front => ("X-Front-Signature", "X-Front-Request-Timestamp"),
        Source::HelpScout => ("X-HelpScout-Signature", ""),
        Source::Intercom => ("X-Hub-Signature", ""),
        Source::Chatwoot => ("X-Chatwoot-Signature", "X-Chatwoot-Timestamp"),
        _ => ("webhook-signature", "webhook-timestamp"),
    };
    vec![(signed, signature), (timed, time), ("webhook-id", id)]
}

#[test]
fn every_vector_is_verified_and_no_other_body() {
    for (source, time, id, body, signature) in VECTORS {
        let secret = if source == Source::Standard { WHSEC } else { SECRET };
        let headers = vector(source, time, id, signature);
        let verified = check(source, &headers, body, secret, AT);
        assert!(verified.is_ok(), "{source:?}: {verified:?}");
        let changed = format!("{body} ");
        assert_eq!(
            check(source, &headers, &changed, secret, AT),
            Err(Untrusted::WrongSignature),
            "{source:?}"
        );
    }
}

#[test]
fn the_vector_of_the_standard_webhooks_project_is_verified() {
    let headers = vector(
        Source::Standard,
        "1614265330",
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    );
    let body = r#"{"test": 2432232314}"#;
    assert!(check(Source::Standard, &headers, body, WHSEC, 1_614_265_330).is_ok());
}

fn sha256(parts: &[&str]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    for part in parts {
        mac.update(part.as_bytes());
    }
    mac.finalize().into_bytes().to_vec()
}

fn sha1(parts: &[&str]) -> Vec<u8> {
    let mut mac = Hmac::<Sha1>::new_from_slice(SECRET.as_bytes()).unwrap();
    for part in parts {
        mac.update(part.as_bytes());
    }
    mac.finalize().into_bytes().to_vec()
}

fn base64(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

/// Headers of a call that this tool signs at this time with [`SECRET`].
fn signed(source: Source, body: &str, now: i64) -> Vec<(&'static str, String)> {
    let seconds = now.to_string();
    match source {
        Source::Zendesk => {
            let time = at(now).to_string();
            vec![
                ("x-zendesk-webhook-signature", base64(&sha256(&[&time, body]))),
                ("x-zendesk-webhook-signature-timestamp", time),
            ]
        }
        Source::Front => {
            let time = format!("{seconds}000");
            vec![
                ("x-front-signature", base64(&sha256(&[&time, ":", body]))),
                ("x-front-request-timestamp", time),
            ]
        }
        Source::HelpScout => vec![("x-helpscout-signature", base64(&sha1(&[body])))],
        Source::Intercom => vec![("x-hub-signature", format!("sha1={}", hex::encode(sha1(&[body]))))],
        Source::Chatwoot => {
            let signature = hex::encode(sha256(&[&seconds, ".", body]));
            vec![
                ("x-chatwoot-signature", format!("sha256={signature}")),
                ("x-chatwoot-timestamp", seconds),
            ]
        }
        Source::Freshdesk | Source::Gorgias => vec![("x-within24-token", SECRET.repeat(2))],
        Source::Standard => {
            let signature = base64(&sha256(&["m1", ".", &seconds, ".", body]));
            vec![
                ("webhook-id", "m1".to_owned()),
                ("webhook-signature", format!("v1,AAAA v1a,BBBB v1,{signature}")),
                ("webhook-timestamp", seconds),
            ]
        }
    }
}

/// The secret as the tool's user enters it.
fn secret(source: Source) -> String {
    match source {
        Source::Freshdesk | Source::Gorgias => SECRET.repeat(2),
        Source::Standard => format!("whsec_{}", base64(SECRET.as_bytes())),
        _ => SECRET.to_owned(),
    }
}

fn called(
    source: Source,
    headers: &[(&'static str, String)],
    body: &str,
    secrets: &Secrets,
) -> Result<Verified, Untrusted> {
    let headers = headers.iter().map(|(name, value)| (*name, value.clone()));
    verify(source, &Call::new(headers, body.as_bytes().to_vec()), secrets, at(AT))
}

#[test]
fn of_each_source_a_call_is_believed_under_an_active_secret_only() {
    for &source in Source::ALL {
        let good = signed(source, U, AT);
        let own = secret(source);
        let believed = |texts: &[&str]| called(source, &good, U, &secrets(source, texts)).map(|_| ());
        assert_eq!(believed(&[&own]), Ok(()), "{source:?}");
        assert_eq!(believed(&["another-secret-0001", &own]), Ok(()), "{source:?}: rotated");
        assert_eq!(
            believed(&["another-secret-0001"]),
            Err(Untrusted::WrongSignature),
            "{source:?}"
        );
        assert_eq!(believed(&[]), Err(Untrusted::NoSecret), "{source:?}");
        let unsigned = called(source, &[], U, &secrets(source, &[&own]));
        assert_eq!(unsigned, Err(Untrusted::Unsigned), "{source:?}");
    }
}

#[test]
fn where_a_time_is_signed_five_minutes_are_allowed_and_a_second_more_is_not() {
    let timed = [Source::Zendesk, Source::Front, Source::Chatwoot, Source::Standard];
    for source in timed {
        let known = secrets(source, &[&secret(source)]);
        for (off, wanted) in [(-301, false), (-300, true), (300, true), (301, false)] {
            let headers = signed(source, B, AT + off);
            let verified = called(source, &headers, B, &known);
            assert_eq!(verified.is_ok(), wanted, "{source:?} {off}");
            assert!(wanted || verified == Err(Untrusted::Stale), "{source:?} {off}");
        }
        let mut headers = signed(source, B, AT);
        let time = headers
            .iter_mut()
            .find(|(name, _)| name.ends_with("timestamp"))
            .unwrap();
        time.1 = "yesterday".to_owned();
        assert_eq!(
            called(source, &headers, B, &known),
            Err(Untrusted::Unsigned),
            "{source:?}"
        );
    }
}

#[test]
fn a_short_secret_is_no_token() {
    let headers = [("x-within24-token", "short".to_owned())];
    let known = secrets(Source::Gorgias, &["short"]);
    assert_eq!(called(Source::Gorgias, &headers, B, &known), Err(Untrusted::NoSecret));
}

#[test]
fn a_token_may_come_as_a_password() {
    let token = SECRET.repeat(2);
    let known = secrets(Source::Freshdesk, &[&token]);
    let pair = base64(format!("within24:{token}").as_bytes());
    let headers = [("authorization", format!("Basic {pair}"))];
    assert!(called(Source::Freshdesk, &headers, B, &known).is_ok());
}

#[test]
fn stores_that_share_a_secret_are_all_meant() {
    let mut known = secrets(Source::Intercom, &[SECRET]);
    known.add(StoreId::parse("us").unwrap(), Source::Intercom, SECRET);
    known.add(StoreId::parse("fr").unwrap(), Source::Intercom, "another");
    let verified = called(Source::Intercom, &signed(Source::Intercom, B, AT), B, &known).unwrap();
    let stores: Vec<&str> = verified.stores.iter().map(StoreId::as_str).collect();
    assert_eq!(stores, ["de", "us"]);
}

#[test]
fn a_repetition_is_told_by_the_tools_id_or_by_the_bytes() {
    let stores = [StoreId::parse("de").unwrap()];
    let with_id = Event {
        id: Some("e1".to_owned()),
        ..Event::default()
    };
    let none = Event::default();
    let zendesk = |event: &Event, body: &str| claims(Source::Zendesk, &stores, None, event, body.as_bytes());
    assert_eq!(zendesk(&with_id, B), zendesk(&with_id, U));
    assert_ne!(zendesk(&none, B), zendesk(&none, U));
    let chatwoot = |id: &str| claims(Source::Chatwoot, &stores, Some(id), &none, B.as_bytes());
    let shared: Vec<_> = chatwoot("d1")
        .into_iter()
        .filter(|key| chatwoot("d2").contains(key))
        .collect();
    assert_eq!(
        shared.len(),
        1,
        "its delivery header is not signed: the bytes are claimed too"
    );
    let standard = |id: &str| claims(Source::Standard, &stores, Some(id), &none, B.as_bytes());
    assert_ne!(standard("m1"), standard("m2"));
}

#[test]
fn verifying_and_reading_take_far_less_than_ten_milliseconds() {
    let long = "x".repeat(200_000);
    let body = json!({"type": "zen:event-type:ticket.comment_added", "detail": {"id": "1"},
        "event": {"comment": {"id": 1, "is_public": true, "body": long, "author": {"id": 1, "is_staff": true}}}})
    .to_string();
    let known = secrets(Source::Zendesk, &["first-secret", "second-secret", SECRET]);
    let headers = signed(Source::Zendesk, &body, AT);
    let round = |_| {
        let started = std::time::Instant::now();
        let verified = called(Source::Zendesk, &headers, &body, &known).unwrap();
        assert!(matches!(
            read(Source::Zendesk, verified.topic.as_deref(), body.as_bytes()),
            Body::Event(_)
        ));
        started.elapsed()
    };
    // The fastest of some: others share the processor. A debug build takes many times what Lambda's takes; a hundred
    // milliseconds here are far below ten there.
    let fastest = (0..20).map(round).min().unwrap();
    assert!(fastest.as_millis() < 100, "{fastest:?}");
}
