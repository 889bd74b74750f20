//! The operator's mail through an SNS topic: whoever subscribed to it gets it.

use aws_sdk_sns::Client;

use super::sdk_error::port_error;
use crate::domain::alert::AlertMail;
use crate::ports::{Ported, TellOperator};

/// The topic.
#[derive(Clone, Debug)]
pub struct AlertTopic {
    client: Client,
    arn: String,
}

impl AlertTopic {
    /// The topic with this ARN.
    pub fn new(client: Client, arn: impl Into<String>) -> Self {
        Self {
            client,
            arn: arn.into(),
        }
    }
}

impl TellOperator for AlertTopic {
    async fn tell(&self, mail: &AlertMail) -> Ported<()> {
        let call = self.client.publish().topic_arn(&self.arn);
        let sent = call.subject(&mail.subject).message(&mail.text).send().await;
        sent.map(|_| ()).map_err(|error| port_error("sns", &error))
    }
}
