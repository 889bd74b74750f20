//! SES's notification of a received mail, as it comes through SNS and SQS.
//!
//! Source: AWS, "Contents of notifications for Amazon SES email receiving". Only what is needed is read: SES adds fields.

use jiff::Timestamp;
use serde::Deserialize;
use within24::app::receive::Arrival;
use within24::domain::trust::{Verdict, Verdicts};

/// What a message of the queue says.
#[derive(Debug)]
pub(crate) enum Notification {
    /// A mail lies in the bucket.
    Received(Arrival),
    /// SES's test message when the rule was set up.
    Other,
}

/// A message of the queue that says nothing usable. Its text is not repeated: it may hold addresses.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotificationError {
    #[error("the message is no JSON of an SES receipt (line {line}, column {column})")]
    NotAReceipt { line: usize, column: usize },
    #[error("the receipt names no S3 object: the rule needs an S3 action that publishes to the topic")]
    NoObject,
}

impl From<serde_json::Error> for NotificationError {
    fn from(error: serde_json::Error) -> Self {
        Self::NotAReceipt {
            line: error.line(),
            column: error.column(),
        }
    }
}

#[derive(Deserialize)]
struct Envelope {
    #[serde(rename = "Message")]
    message: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Body {
    notification_type: Option<String>,
    receipt: Option<Receipt>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Receipt {
    timestamp: Timestamp,
    #[serde(default)]
    recipients: Vec<String>,
    spam_verdict: Option<Status>,
    virus_verdict: Option<Status>,
    spf_verdict: Option<Status>,
    dkim_verdict: Option<Status>,
    dmarc_verdict: Option<Status>,
    action: Option<Action>,
}

#[derive(Deserialize)]
struct Status {
    status: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Action {
    object_key: Option<String>,
}

/// SES writes this object once, when the rule is set up.
const SETUP: &str = "AMAZON_SES_SETUP_NOTIFICATION";

/// Reads the body of a queue message: the SNS envelope, or the notification itself with raw message delivery.
pub(crate) fn parse(body: &str) -> Result<Notification, NotificationError> {
    let envelope: Envelope = serde_json::from_str(body)?;
    let inner = envelope.message.as_deref().unwrap_or(body);
    let Ok(notification) = serde_json::from_str::<Body>(inner) else {
        // SNS and SES send plain sentences when a topic is set up.
        if envelope.message.is_some() && !inner.trim_start().starts_with('{') {
            return Ok(Notification::Other);
        }
        return Err(serde_json::from_str::<Body>(inner).map_or_else(Into::into, |_| NotificationError::NoObject));
    };
    let Some(receipt) = notification.receipt else {
        return if notification.notification_type.is_some_and(|kind| kind != "Received") {
            Ok(Notification::Other)
        } else {
            Err(NotificationError::NoObject)
        };
    };
    let key = receipt
        .action
        .and_then(|action| action.object_key)
        .ok_or(NotificationError::NoObject)?;
    if key.ends_with(SETUP) {
        return Ok(Notification::Other);
    }
    // A verdict that is missing was not reached: unclear, never a pass.
    let verdict = |status: Option<Status>| status.map_or(Verdict::Unclear, |status| Verdict::parse(&status.status));
    let verdicts = Verdicts {
        spam: verdict(receipt.spam_verdict),
        virus: verdict(receipt.virus_verdict),
        spf: verdict(receipt.spf_verdict),
        dkim: verdict(receipt.dkim_verdict),
        dmarc: verdict(receipt.dmarc_verdict),
    };
    Ok(Notification::Received(Arrival {
        place: key,
        recipients: receipt.recipients,
        received: receipt.timestamp,
        verdicts,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn receipt(action: &str) -> String {
        format!(
            r#"{{"notificationType":"Received","mail":{{"messageId":"x"}},"receipt":{{"timestamp":"2026-01-02T03:04:05.000Z",
            "recipients":["a@x.example"],"spamVerdict":{{"status":"PASS"}},"virusVerdict":{{"status":"FAIL"}},"spfVerdict":{{"status":"GRAY"}},
            "dkimVerdict":{{"status":"PASS"}},"dmarcVerdict":{{"status":"PASS"}},"action":{action}}}}}"#
        )
    }

    #[test]
    fn a_receipt_is_read_with_and_without_the_sns_envelope() {
        let plain = receipt(r#"{"type":"S3","bucketName":"b","objectKey":"mail/x"}"#);
        let wrapped = serde_json::json!({"Type": "Notification", "Message": plain}).to_string();
        for body in [plain, wrapped] {
            let Notification::Received(arrival) = parse(&body).unwrap() else {
                panic!("a receipt")
            };
            assert_eq!(
                (arrival.place.as_str(), arrival.verdicts.virus),
                ("mail/x", Verdict::Fail)
            );
            assert_eq!(arrival.verdicts.spf, Verdict::Unclear);
            assert_eq!(arrival.received.to_string(), "2026-01-02T03:04:05Z");
        }
    }

    #[test]
    fn set_up_messages_are_no_mail() {
        let setup = receipt(r#"{"type":"S3","objectKey":"mail/AMAZON_SES_SETUP_NOTIFICATION"}"#);
        assert!(matches!(parse(&setup), Ok(Notification::Other)));
        let words =
            serde_json::json!({"Type": "Notification", "Message": "Successfully validated SNS topic"}).to_string();
        assert!(matches!(parse(&words), Ok(Notification::Other)));
    }

    #[test]
    fn what_is_no_receipt_is_an_error_that_repeats_nothing() {
        for body in ["", "a1b2c3@marketplace.amazon.de", "[]", "{}", &receipt("{}")] {
            let error = parse(body).unwrap_err().to_string();
            assert!(!error.contains("a1b2c3"), "{error}");
        }
    }
}
