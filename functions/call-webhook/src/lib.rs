//! `call-webhook`: an SQS batch in, of events that endpoints of others are to be told of, of calls that are due, and of ticks
//! that bring those; one call of [`within24::app::notify`] each, the failed ones back to the queue.

use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent};
use jiff::Timestamp;
use within24::adapters::call_message::{self, Asked};
use within24::app::notify::{self, Attempted, NotifyError};
use within24::domain::endpoint::{Answer, Ended};
use within24::domain::key::Key;
use within24::domain::store::StoreId;
use within24::lambda::batch::{self, Failure};
use within24::lambda::emf::{Measurement, Metric};
use within24::lambda::env::{ConfigError, Settings};
use within24::ports::{
    CallEndpoint, Commit, DueCall, FindCalls, FindDueCalls, FindEndpoints, FindEvent, QueueCall, ReadSigningKeys,
};

/// Records worked on at the same time: a whole batch, since nearly all of an attempt is waiting for others.
const AT_ONCE: usize = 10;

/// Settings.
#[derive(Debug)]
pub struct Config {
    /// The DynamoDB table.
    pub table: String,
    /// The queue that feeds the function, for calls that are to be made later.
    pub queue: String,
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
            queue: settings.required("OUTGOING_QUEUE_URL"),
            log_level: settings.optional("LOG_LEVEL"),
        };
        settings.finish(config)
    }
}

/// Why a record failed.
#[derive(Debug, thiserror::Error)]
enum RecordError {
    #[error("no message of the bus, the schedule or call-webhook")]
    NoMessage,
    #[error(transparent)]
    Notify(#[from] NotifyError),
}

impl Failure for RecordError {
    fn retry(&self) -> bool {
        match self {
            Self::NoMessage => false,
            Self::Notify(error) => error.retry(),
        }
    }
}

/// Works through a batch. Failed records go back to the queue, and from there to the dead-letter queue; the others are done.
pub async fn handler<W, Q, C>(
    world: &W,
    queue: &Q,
    caller: &C,
    event: SqsEvent,
    now: impl Fn() -> Timestamp,
    measure: impl Fn(&Measurement),
) -> SqsBatchResponse
where
    W: FindEvent + FindEndpoints + ReadSigningKeys + FindCalls + FindDueCalls + Commit,
    Q: QueueCall,
    C: CallEndpoint,
{
    let records = event.records.into_iter().map(|record| {
        let name = record.message_id.unwrap_or_default();
        (name, record.body.unwrap_or_default())
    });
    let (now, measure) = (&now, &measure);
    let one = |message: String| async move {
        match call_message::read(&message).ok_or(RecordError::NoMessage)? {
            Asked::Plan(store, event) => plan(world, queue, &store, &event, now()).await?,
            Asked::Attempt(due) => attempt(world, queue, caller, &due, now, measure).await?,
            Asked::Bring => bring(world, queue, now(), measure).await?,
        }
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

async fn plan<W, Q>(world: &W, queue: &Q, store: &StoreId, event: &Key, now: Timestamp) -> Result<(), NotifyError>
where
    W: FindEvent + FindEndpoints + FindCalls + Commit,
    Q: QueueCall,
{
    let planned = notify::plan(world, queue, (store, event), now).await?;
    tracing::info!(
        event.key = event.as_str(),
        calls.planned = planned.called,
        calls.missed = planned.missed,
        "an event is to be told"
    );
    Ok(())
}

async fn attempt<W, Q, C>(
    world: &W,
    queue: &Q,
    caller: &C,
    due: &DueCall,
    now: impl Fn() -> Timestamp,
    measure: impl Fn(&Measurement),
) -> Result<(), NotifyError>
where
    W: FindEvent + FindEndpoints + ReadSigningKeys + FindCalls + Commit,
    Q: QueueCall,
    C: CallEndpoint,
{
    let attempted = notify::attempt(world, queue, caller, due, &now).await?;
    let answer = attempted.answer().map(Answer::name);
    if answer.is_some() {
        measure(&measurement(&attempted, now()).property("endpoint", due.id.endpoint.as_str()));
    }
    tracing::info!(
        event.key = due.id.event.as_str(),
        endpoint.id = due.id.endpoint.as_str(),
        call.outcome = attempted.as_str(),
        call.answer = answer,
        "dealt with a call that was due"
    );
    Ok(())
}

/// An attempt that was made, as metrics.
fn measurement(attempted: &Attempted, now: Timestamp) -> Measurement {
    let one = |condition: bool| f64::from(u8::from(condition));
    let ended = |why| matches!(attempted, Attempted::Ended(_, ended) if *ended == why);
    Measurement::new(now)
        .value(
            Metric::CallsDelivered,
            one(matches!(attempted, Attempted::Delivered(_))),
        )
        .value(Metric::CallsGivenUp, one(ended(Ended::Exhausted)))
        .value(Metric::EndpointsGone, one(ended(Ended::Gone)))
}

async fn bring<W, Q>(world: &W, queue: &Q, now: Timestamp, measure: impl Fn(&Measurement)) -> Result<(), NotifyError>
where
    W: FindDueCalls + Commit,
    Q: QueueCall,
{
    let brought = notify::bring(world, queue, now).await?;
    measure(
        &Measurement::new(now)
            .value(Metric::CallLag, brought.lag.as_secs_f64())
            .property("brought", brought.brought)
            .property("failed", brought.failed),
    );
    tracing::info!(
        calls.brought = brought.brought,
        calls.failed = brought.failed,
        "brought what is due"
    );
    Ok(())
}
