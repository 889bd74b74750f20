//! What the functions that send share: their settings, and the stream batch of outbox items.

use aws_lambda_events::dynamodb::Event;
use aws_lambda_events::streams::{DynamoDbBatchItemFailure, DynamoDbEventResponse};
use jiff::Timestamp;

use super::batch::{self, Failure};
use super::env::{ConfigError, Settings};
use crate::adapters::dynamodb::keys;
use crate::app::deliver::{DeliverError, deliver};
use crate::domain::alias::Buyer;
use crate::domain::key::Key;
use crate::domain::store::StoreId;
use crate::ports::{Commit, FetchAttachment, FindStore, ReadBuyer, ReadOutbox, SendMail};

/// Settings of a function that sends.
#[derive(Debug)]
pub struct Config {
    /// The DynamoDB table.
    pub table: String,
    /// SES configuration set, for delivery events.
    pub configuration_set: Option<String>,
    /// The event bus.
    pub bus: String,
    /// The AWS region: names the host of SES's Message-IDs.
    pub region: String,
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
        let config = Self::read(&mut settings);
        settings.finish(config)
    }

    /// Reads them among others.
    pub fn read(settings: &mut Settings<'_>) -> Self {
        Self {
            table: settings.required("TABLE_NAME"),
            configuration_set: settings.optional("CONFIGURATION_SET"),
            bus: settings.required("EVENT_BUS_NAME"),
            region: settings.required("AWS_REGION"),
            log_level: settings.optional("LOG_LEVEL"),
        }
    }
}

impl Failure for DeliverError {
    fn retry(&self) -> bool {
        Self::retry(self)
    }
}

/// Delivers the pending outbox items of this kind in a stream batch, one after the other, each at the time it begins.
/// Lambda brings the batch again from the first failure on; what was done after it is then no longer pending.
pub async fn deliver_batch<W, B, M>(
    world: &W,
    bucket: &B,
    mailer: &M,
    event: Event,
    kind: &str,
    now: impl Fn() -> Timestamp,
) -> DynamoDbEventResponse
where
    W: FindStore + ReadBuyer + ReadOutbox + Commit,
    B: FetchAttachment,
    M: SendMail,
{
    let records = event.records.into_iter().filter_map(|record| {
        let image = &record.change.new_image;
        let text = |name: &str| match image.get(name) {
            Some(serde_dynamo::AttributeValue::S(text)) => Some(text.clone()),
            _ => None,
        };
        let wanted = text("kind").as_deref() == Some(kind);
        let item = keys::parse_outgoing(&text("pk")?, &text("sk")?)?;
        wanted.then(|| (record.change.sequence_number.unwrap_or_default(), item))
    });
    let now = &now;
    let one = |(store, buyer, key): (StoreId, Buyer, Key)| async move {
        let delivery = deliver(world, bucket, mailer, (&store, &buyer, &key), now()).await?;
        tracing::info!(
            outbox.key = key.as_str(),
            outbox.kind = kind,
            outbox.outcome = delivery.as_str(),
            "outbox item dealt with"
        );
        Ok::<(), DeliverError>(())
    };
    let failed = batch::run(records.collect(), 1, one).await;
    let mut response = DynamoDbEventResponse::default();
    response.batch_item_failures = failed
        .into_iter()
        .map(|name| {
            let mut failure = DynamoDbBatchItemFailure::default();
            failure.item_identifier = Some(name);
            failure
        })
        .collect();
    response
}
