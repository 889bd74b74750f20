//! `receive-mail`: an SQS batch of SNS notifications of SES receipts in, one call of
//! [`within24::app::receive::receive`] each, the failed ones back to the queue.

mod notification;

use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent};
use jiff::Timestamp;
use within24::app::receive::{Outcome, ReceiveError, receive};
use within24::lambda::batch::{self, Failure};
use within24::lambda::env::{ConfigError, Settings};
use within24::ports::{Commit, FetchMail, FindCopies, FindStore, FindThreads, ReadBuyer, ReadOutbox};

use crate::notification::{Notification, NotificationError};

/// Records worked on at the same time: each holds one mail in memory.
const AT_ONCE: usize = 4;

/// Settings.
#[derive(Debug)]
pub struct Config {
    /// The DynamoDB table.
    pub table: String,
    /// The bucket of raw mail.
    pub bucket: String,
    /// The event bus.
    pub bus: String,
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
            bus: settings.required("EVENT_BUS_NAME"),
            log_level: settings.optional("LOG_LEVEL"),
        };
        settings.finish(config)
    }
}

/// Why a record failed.
#[derive(Debug, thiserror::Error)]
enum RecordError {
    #[error(transparent)]
    Notification(#[from] NotificationError),
    #[error(transparent)]
    Receive(#[from] ReceiveError),
}

impl Failure for RecordError {
    fn retry(&self) -> bool {
        match self {
            Self::Notification(_) => false,
            Self::Receive(error) => error.retry(),
        }
    }
}

/// Takes in a batch, each mail at the time it begins. Failed records go back to the queue, and from there to the dead-letter queue; the others are done.
pub async fn handler<W, M>(world: &W, mails: &M, event: SqsEvent, now: impl Fn() -> Timestamp) -> SqsBatchResponse
where
    W: FindStore + ReadBuyer + FindThreads + FindCopies + ReadOutbox + Commit,
    M: FetchMail,
{
    let records = event.records.into_iter().map(|record| {
        let name = record.message_id.unwrap_or_default();
        (name, record.body.unwrap_or_default())
    });
    let failed = batch::run(records.collect(), AT_ONCE, |body| take_in(world, mails, body, now())).await;
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

async fn take_in<W, M>(world: &W, mails: &M, body: String, now: Timestamp) -> Result<(), RecordError>
where
    W: FindStore + ReadBuyer + FindThreads + FindCopies + ReadOutbox + Commit,
    M: FetchMail,
{
    let Notification::Received(arrival) = notification::parse(&body)? else {
        tracing::info!("a notification that is no mail, ignored");
        return Ok(());
    };
    let (outcome, defects) = receive(world, mails, &arrival, now).await?;
    let defects: Vec<&str> = defects.iter().map(|defect| defect.code()).collect();
    let (thread, withheld) = match &outcome {
        Outcome::Threaded { thread, request, .. } => (Some(thread.as_str()), request.as_ref().err()),
        Outcome::CopyAnswered(thread) | Outcome::Attached(thread) => (Some(thread.as_str()), None),
        _ => (None, None),
    };
    tracing::info!(
        mail.key = %arrival.place, mail.outcome = outcome.as_str(), mail.defects = ?defects, thread.id = thread,
        request.withheld_by = withheld.map(|reason| reason.as_str()), "took in a mail"
    );
    Ok(())
}
