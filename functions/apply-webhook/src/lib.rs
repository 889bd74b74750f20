//! `apply-webhook`: an SQS batch of calls that `helpdesk-webhook` believed in, one call of
//! [`within24::app::webhook::apply`] each, the failed ones back to the queue.

use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent};
use jiff::Timestamp;
use within24::adapters::webhook_message::{self, Read};
use within24::app::webhook::{Outcome, WebhookError, apply};
use within24::domain::webhook::Told;
use within24::lambda::batch::{self, Failure};
use within24::lambda::emf::{Measurement, Metric};
use within24::lambda::env::{ConfigError, Settings};
use within24::ports::{Commit, FetchCall, FindStore, FindThreads, KeepAttachment, PortError, ReadBuyer, ReadOutbox};

/// Records worked on at the same time.
const AT_ONCE: usize = 4;

/// Settings.
#[derive(Debug)]
pub struct Config {
    /// The DynamoDB table.
    pub table: String,
    /// The bucket of large calls and of the files of answers.
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
            table: settings.required("TABLE_NAME"),
            bucket: settings.required("MAIL_BUCKET"),
            log_level: settings.optional("LOG_LEVEL"),
        };
        settings.finish(config)
    }
}

/// Why a record failed.
#[derive(Debug, thiserror::Error)]
enum RecordError {
    #[error("no message of helpdesk-webhook")]
    NoMessage,
    #[error("no body where the message says")]
    NoBody,
    #[error(transparent)]
    Body(#[from] PortError),
    #[error(transparent)]
    Webhook(#[from] WebhookError),
}

impl Failure for RecordError {
    fn retry(&self) -> bool {
        match self {
            Self::NoMessage | Self::NoBody => false,
            Self::Body(error) => error.retry(),
            Self::Webhook(error) => error.retry(),
        }
    }
}

/// Applies a batch. Failed records go back to the queue, and from there to the dead-letter queue; the others are done.
pub async fn handler<W, C, B>(
    world: &W,
    calls: &C,
    bucket: &B,
    event: SqsEvent,
    now: impl Fn() -> Timestamp,
    measure: impl Fn(&Measurement),
) -> SqsBatchResponse
where
    W: FindStore + ReadBuyer + FindThreads + ReadOutbox + Commit,
    C: FetchCall,
    B: KeepAttachment,
{
    let records = event.records.into_iter().map(|record| {
        let name = record.message_id.unwrap_or_default();
        (name, record.body.unwrap_or_default())
    });
    let (now, measure) = (&now, &measure);
    let one = |message: String| async move {
        let told = match webhook_message::read(&message).ok_or(RecordError::NoMessage)? {
            Read::Whole(told) => told,
            Read::WithoutBody(told, place) => {
                let body = calls.body(&place).await?.ok_or(RecordError::NoBody)?;
                Told { body, ..told }
            }
        };
        let outcome = apply(world, bucket, &told, now()).await?;
        let thread = match &outcome {
            Outcome::Applied(thread) => Some(thread.as_str()),
            _ => None,
        };
        let applied = f64::from(u8::from(thread.is_some()));
        measure(
            &Measurement::new(now())
                .value(Metric::WebhooksApplied, applied)
                .property("source", told.source.as_str())
                .property("outcome", outcome.as_str()),
        );
        tracing::info!(
            webhook.source = told.source.as_str(),
            webhook.outcome = outcome.as_str(),
            thread.id = thread,
            "applied a call"
        );
        Ok::<(), RecordError>(())
    };
    let failed = batch::run(records.collect(), AT_ONCE, one).await;
    let mut response = SqsBatchResponse::default();
    response.batch_item_failures = failed
        .into_iter()
        .map(|name| {
            let mut failure = BatchItemFailure::default();
            failure.item_identifier = name;
            failure
        })
        .collect();
    response
}
