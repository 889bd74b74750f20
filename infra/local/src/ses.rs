//! What SES tells of mail, as SNS and EventBridge bring it.
//!
//! Sources: AWS, "Contents of notifications for Amazon SES email receiving"; "Monitor email sending using Amazon SES event
//! publishing".

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::sink::REGION;

/// What SES finds of a mail, by its own names.
pub const CHECKS: [&str; 5] = ["spam", "virus", "spf", "dkim", "dmarc"];

/// The message of the queue that says: a mail for these recipients came at this time, and lies at `place`.
pub fn receipt<'a>(
    place: &str,
    at: Timestamp,
    recipients: &[String],
    verdicts: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> String {
    let mut receipt = json!({
        "timestamp": at,
        "recipients": recipients,
        "action": {"type": "S3", "bucketName": "local", "objectKey": place},
    });
    for (check, status) in verdicts {
        receipt[format!("{check}Verdict")] = json!({"status": status});
    }
    let notification = json!({"notificationType": "Received", "mail": {"messageId": place}, "receipt": receipt});
    json!({"Type": "Notification", "Message": notification.to_string()}).to_string()
}

/// A batch of the queue with this one message.
///
/// # Errors
/// Never in practice: the form is the queue's.
pub fn batch<T: serde::de::DeserializeOwned>(name: &str, body: &str) -> serde_json::Result<T> {
    serde_json::from_value(json!({"Records": [{"messageId": name, "body": body}]}))
}

/// A mail that went out, as SES names it.
pub struct Mail<'a> {
    /// When SES took it.
    pub accepted: Timestamp,
    /// SES's own id of it.
    pub id: &'a str,
    /// Its tags.
    pub tags: &'a [(&'static str, String)],
}

/// The event that tells what became of a mail: `kind` is SES's name of it, `part` the field with its particulars.
pub fn event(mail: &Mail<'_>, (kind, part): (&str, &str), particulars: Value, at: Timestamp) -> Value {
    let tags = mail.tags.iter();
    let tags = tags.map(|(name, value)| ((*name).to_owned(), json!([value])));
    let mut event = json!({
        "version": "0",
        "source": "aws.ses",
        "region": REGION,
        "time": at,
        "detail": {
            "eventType": kind,
            "mail": {
                "timestamp": mail.accepted,
                "messageId": mail.id,
                "tags": tags.collect::<Map<_, _>>(),
            },
        },
    });
    event["detail"][part] = particulars;
    event
}
