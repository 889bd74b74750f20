//! Queues on SQS: of calls that are believed, whose bodies go into the bucket where the queue has no room for them, and of calls
//! that are to be made.

use aws_sdk_sqs::Client;
use jiff::SignedDuration;

use super::call_message;
use super::s3::LargeCalls;
use super::sdk_error::port_error;
use super::webhook_message::{self, Written};
use crate::domain::endpoint::ON_TIME;
use crate::domain::webhook::Told;
use crate::ports::{DueCall, Ported, QueueCall, QueueWebhook};

/// The queue of calls of helpdesks.
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
        sent.map(|_| ()).map_err(|error| port_error("sqs", &error))
    }
}

/// The queue of calls to endpoints.
#[derive(Clone, Debug)]
pub struct CallQueue {
    client: Client,
    url: String,
}

impl CallQueue {
    /// The queue at this URL.
    pub fn new(client: Client, url: impl Into<String>) -> Self {
        Self {
            client,
            url: url.into(),
        }
    }
}

impl QueueCall for CallQueue {
    async fn queue_call(&self, due: &DueCall, wait: SignedDuration) -> Ported<()> {
        // SQS counts whole seconds; one begun counts, so that nothing comes too early.
        let wait = wait.clamp(SignedDuration::ZERO, ON_TIME).as_millis();
        let seconds = i32::try_from((wait + 999) / 1000).unwrap_or(0);
        let call = self.client.send_message().queue_url(&self.url).delay_seconds(seconds);
        let sent = call.message_body(call_message::attempt(due)).send().await;
        sent.map(|_| ()).map_err(|error| port_error("sqs", &error))
    }
}
