//! Calls as helpdesks make them: bodies, and signatures made as each tool makes them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use serde_json::{Value, json};
use sha1::Sha1;
use sha2::Sha256;
use standardwebhooks::Webhook;
use within24::domain::webhook::Source;

/// The secret under which everything here is signed, as the tool's user enters it.
pub fn secret(source: Source) -> &'static str {
    match source {
        Source::Standard => "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        _ => "a-secret-of-some-length",
    }
}

fn sha256(key: &str, parts: &[&[u8]]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).expect("any length");
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().to_vec()
}

fn sha1(key: &str, body: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha1>::new_from_slice(key.as_bytes()).expect("any length");
    mac.update(body);
    mac.finalize().into_bytes().to_vec()
}

/// The headers with which this tool sends the body at this time, signed with `secret`. Standard Webhooks are signed by the
/// scheme's own library.
pub fn headers(source: Source, secret: &str, body: &[u8], now: Timestamp) -> Vec<(&'static str, String)> {
    let seconds = now.as_second().to_string();
    match source {
        Source::Zendesk => {
            let time = now.to_string();
            let signature = STANDARD.encode(sha256(secret, &[time.as_bytes(), body]));
            vec![
                ("x-zendesk-webhook-signature", signature),
                ("x-zendesk-webhook-signature-timestamp", time),
            ]
        }
        Source::Front => {
            let time = now.as_millisecond().to_string();
            let signature = STANDARD.encode(sha256(secret, &[time.as_bytes(), b":", body]));
            vec![("x-front-signature", signature), ("x-front-request-timestamp", time)]
        }
        Source::HelpScout => vec![
            ("x-helpscout-signature", STANDARD.encode(sha1(secret, body))),
            ("x-helpscout-event", "convo.agent.reply.created".to_owned()),
        ],
        Source::Intercom => vec![("x-hub-signature", format!("sha1={}", hex::encode(sha1(secret, body))))],
        Source::Chatwoot => {
            let signature = hex::encode(sha256(secret, &[seconds.as_bytes(), b".", body]));
            vec![
                ("x-chatwoot-signature", format!("sha256={signature}")),
                ("x-chatwoot-timestamp", seconds),
                ("x-chatwoot-delivery", "d-0001".to_owned()),
            ]
        }
        Source::Freshdesk | Source::Gorgias => vec![("x-within24-token", secret.to_owned())],
        Source::Standard => {
            let signer = Webhook::new(secret).expect("a secret of the scheme");
            let signature = signer.sign("msg_0001", now.as_second(), body).expect("text");
            vec![
                ("webhook-id", "msg_0001".to_owned()),
                ("webhook-timestamp", seconds),
                ("webhook-signature", signature),
            ]
        }
    }
}

/// The body with which this tool tells that a person answered this buyer at this time.
pub fn answered(source: Source, buyer: &str, at: Timestamp) -> Value {
    let by = json!({"email": "mara@shop.example"});
    match source {
        Source::Zendesk => json!({
            "type": "zen:event-type:ticket.comment_added", "id": "e-0001", "time": at,
            "detail": {"id": "42", "subject": "Frage", "requester": {"email": buyer}},
            "event": {"comment": {"id": 9001, "is_public": true, "author": {"id": 7001, "is_staff": true, "name": "Mara"}}},
        }),
        Source::Front => json!({
            "type": "outbound_sent", "payload": {"id": "evt_1", "emitted_at": at,
                "conversation": {"id": "cnv_1", "recipient": {"handle": buyer}},
                "source": {"_meta": {"type": "teammate"}}, "target": {"data": {"id": "msg_1", "author": by}}},
        }),
        Source::HelpScout => json!({
            "id": 1, "primaryCustomer": {"email": buyer},
            "_embedded": {"threads": [{"id": 2, "type": "reply", "createdAt": at, "createdBy": {"type": "user", "email": "mara@shop.example"}}]},
        }),
        Source::Intercom => json!({
            "id": "notif_1", "topic": "conversation.admin.replied", "created_at": at.as_second(),
            "data": {"item": {"id": "215", "source": {"author": {"email": buyer}}}},
        }),
        Source::Chatwoot => json!({
            "event": "message_created", "id": "1", "message_type": "outgoing", "created_at": at, "sender": by,
            "conversation": {"id": 7, "meta": {"sender": {"email": buyer}}},
        }),
        Source::Freshdesk | Source::Gorgias => json!({
            "fact": "answered", "id": "f-0001", "at": at, "by": "mara@shop.example", "email": buyer,
        }),
        Source::Standard => json!({
            "type": "thread.answered", "timestamp": at, "data": {"thread": {"buyer": buyer}, "by": "mara@shop.example"},
        }),
    }
}

/// The event by which the HTTP API (payload format 2.0) passes on a call.
pub fn api_event(source: &str, headers: &[(&'static str, String)], body: &[u8], base64: bool) -> Value {
    let headers: serde_json::Map<String, Value> = headers
        .iter()
        .map(|(name, value)| ((*name).to_owned(), json!(value)))
        .collect();
    let text = if base64 {
        STANDARD.encode(body)
    } else {
        String::from_utf8_lossy(body).into_owned()
    };
    json!({
        "version": "2.0", "rawPath": format!("/webhooks/{source}"), "pathParameters": {"source": source},
        "headers": headers, "requestContext": {"http": {"method": "POST"}}, "body": text, "isBase64Encoded": base64,
    })
}
