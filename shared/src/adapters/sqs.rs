//! The queue of calls that are believed, on SQS; bodies that have no room there go into the bucket.

use aws_sdk_sqs::Client;
use aws_sdk_sqs::error::{ProvideErrorMetadata, SdkError};

use super::s3::LargeCalls;
use super::webhook_message::{self, Written};
use crate::domain::webhook::Told;
use crate::ports::{PortError, Ported, QueueWebhook};

/// The queue.
#[derive(Clone, Debug)]
pub struct WebhookQueue {
    client: Client,
    url: String,
    large: LargeCalls,
}

impl WebhookQueue {
    /// The queue at this URL; bodies that it has no room for go to `large`.
    pub fn new(client: Client, url: impl Into<String>, large: LargeCalls) -> Self {
        Self {
            client,
            url: url.into(),
            large,
        }
    }
}

impl QueueWebhook for WebhookQueue {
    async fn queue(&self, told: &Told) -> Ported<()> {
        let Written { text, body_place } = webhook_message::write(told);
        if let Some(place) = body_place {
            self.large.put(&place, told.body.clone()).await?;
        }
        let call = self.client.send_message().queue_url(&self.url);
        let sent = call.message_body(text).send().await;
        sent.map(|_| ()).map_err(|error| {
            let code = match &error {
                SdkError::ServiceError(inner) => inner.err().code().unwrap_or("unknown").to_owned(),
                SdkError::TimeoutError(_) => "timeout".to_owned(),
                _ => "dispatch".to_owned(),
            };
            PortError::Unavailable { service: "sqs", code }
        })
    }
}
