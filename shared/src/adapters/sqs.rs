//! The queue of calls that are believed, on SQS.

use aws_sdk_sqs::Client;
use aws_sdk_sqs::error::{ProvideErrorMetadata, SdkError};

use super::webhook_message;
use crate::domain::webhook::Told;
use crate::ports::{PortError, Ported, QueueWebhook};

/// The queue.
#[derive(Clone, Debug)]
pub struct WebhookQueue {
    client: Client,
    url: String,
}

impl WebhookQueue {
    /// The queue at this URL.
    pub fn new(client: Client, url: impl Into<String>) -> Self {
        Self {
            client,
            url: url.into(),
        }
    }
}

impl QueueWebhook for WebhookQueue {
    async fn queue(&self, told: &Told) -> Ported<()> {
        let call = self.client.send_message().queue_url(&self.url);
        let sent = call.message_body(webhook_message::write(told)).send().await;
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
