//! Sending through SES (API v2), raw MIME, without retries: SES has no idempotency token, so a second try after a broken
//! connection may be a second mail.

use aws_sdk_sesv2::Client;
use aws_sdk_sesv2::config::retry::RetryConfig;
use aws_sdk_sesv2::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_sesv2::primitives::Blob;
use aws_sdk_sesv2::types::{Destination, EmailContent, MessageTag, RawMessage};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use jiff::Timestamp;

use super::mime;
use crate::domain::message_id::MessageId;
use crate::domain::outgoing::Letter;
use crate::ports::{Accepted, SendError, SendMail};

/// The mail service.
#[derive(Clone, Debug)]
pub struct Ses {
    client: Client,
    configuration_set: Option<String>,
    region: String,
    now: fn() -> Timestamp,
}

impl Ses {
    /// Calls through `client`, once a mail whatever the client's own retries are; `now` tells when a mail was accepted.
    pub fn new(
        client: &Client,
        configuration_set: Option<String>,
        region: impl Into<String>,
        now: fn() -> Timestamp,
    ) -> Self {
        let once = client.config().to_builder().retry_config(RetryConfig::disabled());
        Self {
            client: Client::from_conf(once.build()),
            configuration_set,
            region: region.into(),
            now,
        }
    }
}

/// Codes of SES that say: this mail is refused.
const REFUSED: [&str; 2] = ["MessageRejected", "BadRequestException"];

/// The status that says nothing of whether the request was carried out.
const REQUEST_TIMEOUT: u16 = 408;

impl SendMail for Ses {
    async fn send(&self, letter: &Letter) -> Result<Accepted, SendError> {
        let refused = |code: &str| SendError::Refused { code: code.to_owned() };
        let bytes = mime::raw(letter).map_err(|_| refused("mime"))?;
        let message = RawMessage::builder()
            .data(Blob::new(bytes))
            .build()
            .map_err(|_| refused("construction"))?;
        let tag = |(name, value)| MessageTag::builder().name(name).value(value).build();
        let tags: Result<Vec<_>, _> = mime::tags(letter).into_iter().map(tag).collect();
        let call = self
            .client
            .send_email()
            .from_email_address(&letter.from)
            .destination(Destination::builder().to_addresses(letter.to.expose()).build())
            .content(EmailContent::builder().raw(message).build())
            .set_email_tags(Some(tags.map_err(|_| refused("construction"))?))
            .set_configuration_set_name(self.configuration_set.clone());
        match call.send().await {
            Ok(sent) => {
                let message_id = sent.message_id().and_then(|id| MessageId::of_ses(id, &self.region));
                Ok(Accepted {
                    at: (self.now)(),
                    message_id,
                })
            }
            Err(error) => Err(sort(&error)),
        }
    }
}

/// Sorts an error by the one question that matters: may the mail have gone out?
///
/// A client error (4xx) says that the request was not carried out. What is not a fault of this mail is one of the moment or of the
/// set-up (throttled, paused, no right, credentials run out): an operator mends it, and the mail goes out when it is brought again.
fn sort<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> SendError {
    let unknown = |code: &str| SendError::Unknown { code: code.to_owned() };
    match error {
        SdkError::ConstructionFailure(_) => SendError::Refused {
            code: "construction".to_owned(),
        },
        SdkError::ServiceError(answer) => {
            let status = answer.raw().status();
            let code = answer
                .err()
                .code()
                .map_or_else(|| format!("HTTP {}", status.as_u16()), str::to_owned);
            if REFUSED.contains(&code.as_str()) {
                SendError::Refused { code }
            } else if status.is_client_error() && status.as_u16() != REQUEST_TIMEOUT {
                SendError::NotNow { code }
            } else {
                SendError::Unknown { code }
            }
        }
        SdkError::TimeoutError(_) => unknown("timeout"),
        SdkError::DispatchFailure(_) => unknown("connection"),
        _ => unknown("response"),
    }
}
