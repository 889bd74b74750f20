//! `request-order-id`: stream records of outbox items of kind `order-id-request` in, one call of
//! [`within24::app::deliver::deliver`] each, the failed ones back to the stream.

use aws_lambda_events::dynamodb::Event;
use aws_lambda_events::streams::DynamoDbEventResponse;
use jiff::Timestamp;
use within24::app::attachments::NoAttachments;
use within24::lambda::outbox;
use within24::ports::{Commit, FindStore, ReadBuyer, ReadOutbox, SendMail};

/// The kind of outbox item this function sends. The stream's filter lets only these through; what comes all the same is
/// left alone.
pub const KIND: &str = "order-id-request";

/// Asks buyers for missing order ids: every pending item of the batch, once.
pub async fn handler<W, M>(world: &W, mailer: &M, event: Event, now: impl Fn() -> Timestamp) -> DynamoDbEventResponse
where
    W: FindStore + ReadBuyer + ReadOutbox + Commit,
    M: SendMail,
{
    outbox::deliver_batch(world, &NoAttachments, mailer, event, KIND, now).await
}
