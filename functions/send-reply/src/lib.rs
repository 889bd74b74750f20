//! `send-reply`: stream records of outbox items of kind `reply` in, one call of
//! [`within24::app::deliver::deliver`] each, the failed ones back to the stream.

use aws_lambda_events::dynamodb::Event;
use aws_lambda_events::streams::DynamoDbEventResponse;
use jiff::Timestamp;
use within24::lambda::env::{ConfigError, Settings};
use within24::lambda::outbox;
use within24::ports::{Commit, FetchAttachment, FindStore, ReadBuyer, ReadOutbox, SendMail};

/// The kind of outbox item this function sends. The stream's filter lets only these through; what comes all the same is
/// left alone.
pub const KIND: &str = "reply";

/// Settings.
#[derive(Debug)]
pub struct Config {
    /// Those of every function that sends.
    pub outbox: outbox::Config,
    /// The bucket of the files of answers.
    pub bucket: String,
}

impl Config {
    /// Reads the settings.
    ///
    /// # Errors
    /// All that is missing, at once.
    pub fn from_lookup(lookup: &dyn Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let mut settings = Settings::new(lookup);
        let config = Self {
            outbox: outbox::Config::read(&mut settings),
            bucket: settings.required("MAIL_BUCKET"),
        };
        settings.finish(config)
    }
}

/// Sends people's answers with their files: every pending item of the batch, once.
pub async fn handler<W, B, M>(
    world: &W,
    bucket: &B,
    mailer: &M,
    event: Event,
    now: impl Fn() -> Timestamp,
) -> DynamoDbEventResponse
where
    W: FindStore + ReadBuyer + ReadOutbox + Commit,
    B: FetchAttachment,
    M: SendMail,
{
    outbox::deliver_batch(world, bucket, mailer, event, KIND, now).await
}
