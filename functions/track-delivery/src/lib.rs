//! `track-delivery`: an event of SES through EventBridge in, one call of [`within24::app::delivery::track`], nothing out.
//!
//! Source of the format: AWS, "Monitor email sending using Amazon SES event publishing".

use jiff::Timestamp;
use serde_json::Value;
use within24::adapters::mime::{OUTBOX_TAG, STORE_TAG, THREAD_TAG};
use within24::app::delivery::{Fate, Outcome, TrackError, Tracked, track};
use within24::domain::key::Key;
use within24::domain::message_id::MessageId;
use within24::domain::store::StoreId;
use within24::domain::thread::ThreadId;
use within24::lambda::env::{ConfigError, Settings};
use within24::ports::{Commit, FindStore, FindThreads, ReadBuyer, ReadOutbox};

/// Settings.
#[derive(Debug)]
pub struct Config {
    /// The DynamoDB table.
    pub table: String,
    /// How much is logged.
    pub log_level: Option<String>,
}

impl Config {
    /// Reads the settings.
    ///
    /// # Errors
    /// All that is missing, at once.
    pub fn from_lookup(lookup: &dyn Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let mut settings = Settings::new(lookup);
        let config = Self {
            table: settings.required("TABLE_NAME"),
            log_level: settings.optional("LOG_LEVEL"),
        };
        settings.finish(config)
    }
}

/// Takes in one event, also one that was set aside and is brought again as it lies in the queue: there Lambda has wrapped it
/// as `requestPayload`. What is no event about a mail of ours is left alone.
///
/// # Errors
/// Where the event is to be brought again.
pub async fn handler<W>(world: &W, event: &Value, now: Timestamp) -> Result<Outcome, TrackError>
where
    W: FindStore + FindThreads + ReadBuyer + ReadOutbox + Commit,
{
    let Some(tracked) = tracked(event.get("requestPayload").unwrap_or(event)) else {
        tracing::info!("an event about no mail of ours, ignored");
        return Ok(Outcome::Unrelated);
    };
    let outcome = track(world, &tracked, now).await;
    tracing::info!(
        outbox.key = tracked.outbox.as_str(),
        thread.id = tracked.thread.as_str(),
        delivery.fate = tracked.fate.as_str(),
        delivery.outcome = outcome.as_ref().map_or("failed", |outcome| outcome.as_str()),
        "took in what became of a mail"
    );
    outcome
}

fn tracked(event: &Value) -> Option<Tracked> {
    let (detail, region) = (&event["detail"], event["region"].as_str());
    let mail = &detail["mail"];
    let tag = |name: &str| mail["tags"][name][0].as_str();
    let time = |value: &Value| -> Option<Timestamp> { value.as_str()?.parse().ok() };
    let (fate, part) = match detail["eventType"].as_str()? {
        "Send" | "DeliveryDelay" => (Fate::OnItsWay, "deliveryDelay"),
        "Delivery" => (Fate::Delivered, "delivery"),
        "Bounce" => {
            let permanent = detail["bounce"]["bounceType"] == "Permanent";
            (Fate::Bounced { permanent }, "bounce")
        }
        "Reject" => (Fate::Rejected, "reject"),
        "Complaint" => (Fate::Complained, "complaint"),
        _ => return None,
    };
    let accepted_at = time(&mail["timestamp"])?;
    let message_id = mail["messageId"].as_str().zip(region);
    Some(Tracked {
        store: StoreId::parse(tag(STORE_TAG)?)?,
        thread: ThreadId::parse(tag(THREAD_TAG)?)?,
        outbox: Key::parse(tag(OUTBOX_TAG)?)?,
        fate,
        at: time(&detail[part]["timestamp"])
            .or_else(|| time(&event["time"]))
            .unwrap_or(accepted_at),
        accepted_at,
        message_id: message_id.and_then(|(id, region)| MessageId::of_ses(id, region)),
    })
}
