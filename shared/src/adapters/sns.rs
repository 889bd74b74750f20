//! The operator's mail through an SNS topic: whoever subscribed to it gets it.

use aws_sdk_sns::Client;
use aws_sdk_sns::error::{ProvideErrorMetadata, SdkError};

use crate::domain::alert::AlertMail;
use crate::ports::{PortError, Ported, TellOperator};

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
        sent.map(|_| ()).map_err(|error| failed(&error))
    }
}

fn failed<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> PortError {
    let service = "sns";
    match error {
        SdkError::ServiceError(inner) => {
            let code = inner.err().code().unwrap_or("unknown").to_owned();
            if [
                "AuthorizationErrorException",
                "NotFoundException",
                "InvalidParameterException",
            ]
            .contains(&code.as_str())
            {
                PortError::Broken { service, code }
            } else {
                PortError::Unavailable { service, code }
            }
        }
        _ => PortError::Unavailable {
            service,
            code: "dispatch".to_owned(),
        },
    }
}
