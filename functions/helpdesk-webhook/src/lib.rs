//! `helpdesk-webhook`: a call of a helpdesk in through the HTTP API (payload format 2.0, a path a source), verified over
//! its raw bytes, into the queue, answered at once. What it means is worked out by `apply-webhook` behind the queue.
//!
//! 200: taken, or none of our business. 401: not believed, without a word why. 404: no such source. 413: too large.
//! 503: try again, the queue, the bucket or the secrets cannot be reached.

use jiff::Timestamp;
use serde_json::{Value, json};
use within24::domain::webhook::{self, Body, Call, MOST_BYTES, MOST_BYTES_WITH_FILES, Source, Told, Untrusted};
use within24::lambda::emf::{Measurement, Metric};
use within24::lambda::env::{ConfigError, Settings};
use within24::lambda::http::decode_base64;
use within24::ports::{QueueWebhook, ReadSecrets};

/// Settings.
#[derive(Debug)]
pub struct Config {
    /// The secret in Secrets Manager that holds the stores' webhook secrets.
    pub secrets: String,
    /// The queue.
    pub queue: String,
    /// The bucket of calls that the queue has no room for.
    pub bucket: String,
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
            secrets: settings.required("WEBHOOK_SECRETS"),
            queue: settings.required("WEBHOOK_QUEUE_URL"),
            bucket: settings.required("MAIL_BUCKET"),
            log_level: settings.optional("LOG_LEVEL"),
        };
        settings.finish(config)
    }
}

/// What becomes of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Answer {
    /// In the queue.
    Taken,
    /// Believed, and nothing to do.
    Acknowledged,
    /// Front asks, at set-up, whether we are there.
    Challenge(String),
    /// Not to be believed.
    Untrusted(Untrusted),
    /// No such source.
    NoSuchSource,
    /// Larger than [`MOST_BYTES`], or than [`MOST_BYTES_WITH_FILES`] where it brings files.
    TooLarge,
    /// The body is not the base64 that the gateway says it is.
    Garbled,
    /// To be sent again.
    Unavailable,
}

impl Answer {
    fn as_str(&self) -> &'static str {
        match self {
            Self::Taken => "taken",
            Self::Acknowledged => "acknowledged",
            Self::Challenge(_) => "challenge",
            Self::Untrusted(reason) => reason.as_str(),
            Self::NoSuchSource => "no-such-source",
            Self::TooLarge => "too-large",
            Self::Garbled => "garbled",
            Self::Unavailable => "unavailable",
        }
    }

    /// The caller learns whether to send again, and nothing of why.
    fn response(&self) -> Value {
        let status = match self {
            Self::Taken | Self::Acknowledged | Self::Challenge(_) => 200,
            Self::Untrusted(_) | Self::Garbled => 401,
            Self::NoSuchSource => 404,
            Self::TooLarge => 413,
            Self::Unavailable => 503,
        };
        let body = match self {
            Self::Challenge(challenge) => json!({ "challenge": challenge }),
            _ => json!({}),
        };
        json!({
            "statusCode": status,
            "headers": {"content-type": "application/json"},
            "body": body.to_string(),
            "isBase64Encoded": false,
        })
    }
}

/// Takes a call.
pub async fn handler<S, Q>(
    secrets: &S,
    queue: &Q,
    event: &Value,
    now: Timestamp,
    measure: impl Fn(&Measurement),
) -> Value
where
    S: ReadSecrets,
    Q: QueueWebhook,
{
    let source = source(event);
    let answer = match source {
        Some(source) => take(secrets, queue, source, event, now).await,
        None => Answer::NoSuchSource,
    };
    let name = source.map_or("none", Source::as_str);
    let refused = matches!(answer, Answer::Untrusted(_) | Answer::Garbled | Answer::TooLarge);
    measure(
        &Measurement::new(now)
            .value(Metric::WebhooksRefused, f64::from(u8::from(refused)))
            .property("source", name)
            .property("outcome", answer.as_str()),
    );
    tracing::info!(webhook.source = name, webhook.outcome = answer.as_str(), "took a call");
    answer.response()
}

/// The source that the path names: `/webhooks/zendesk`.
fn source(event: &Value) -> Option<Source> {
    let named = event["pathParameters"]["source"].as_str();
    let path = || event["rawPath"].as_str()?.trim_end_matches('/').rsplit('/').next();
    Source::parse(named.or_else(path)?)
}

async fn take<S, Q>(secrets: &S, queue: &Q, source: Source, event: &Value, now: Timestamp) -> Answer
where
    S: ReadSecrets,
    Q: QueueWebhook,
{
    let text = event["body"].as_str().unwrap_or_default();
    let encoded = event["isBase64Encoded"].as_bool() == Some(true);
    if text.len()
        > if encoded {
            MOST_BYTES_WITH_FILES.div_ceil(3) * 4
        } else {
            MOST_BYTES_WITH_FILES
        }
    {
        return Answer::TooLarge;
    }
    let body = if encoded {
        decode_base64(text)
    } else {
        Some(text.as_bytes().to_vec())
    };
    let body = match body {
        Some(body) if body.len() <= MOST_BYTES_WITH_FILES => body,
        Some(_) => return Answer::TooLarge,
        None => return Answer::Garbled,
    };
    let headers = event["headers"].as_object().into_iter().flatten();
    let call = Call::new(
        headers.filter_map(|(name, value)| Some((name.as_str(), value.as_str()?))),
        body,
    );
    let known = match secrets.webhook_secrets().await {
        Ok(known) => known,
        Err(error) => {
            tracing::error!(error = %error, "the webhook secrets cannot be read");
            return Answer::Unavailable;
        }
    };
    let verified = match webhook::verify(source, &call, &known, now) {
        Ok(verified) => verified,
        Err(reason) => return Answer::Untrusted(reason),
    };
    if let (Source::Front, Some(challenge)) = (source, call.header("x-front-challenge")) {
        return Answer::Challenge(challenge.to_owned());
    }
    let read = webhook::read(source, verified.topic.as_deref(), call.body());
    let brings_files = matches!(&read, Body::Event(event) if event.brings_files());
    if call.body().len() > MOST_BYTES && !brings_files {
        return Answer::TooLarge;
    }
    // Helpdesks tell of much that is none of our business: that needs no queue.
    if let Body::Event(event) = read
        && event.facts.is_empty()
    {
        return Answer::Acknowledged;
    }
    let told = Told {
        source,
        stores: verified.stores,
        received: now,
        signed_at: verified.signed_at,
        delivery: verified.delivery,
        topic: verified.topic,
        body: call.body().to_vec(),
    };
    match queue.queue(&told).await {
        Ok(()) => Answer::Taken,
        Err(error) => {
            tracing::error!(error = %error, "a call cannot be queued");
            Answer::Unavailable
        }
    }
}
