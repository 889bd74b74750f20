//! Sending through SES (API v2), raw MIME, without retries: SES has no idempotency token, so a second try after a broken
//! connection may be a second mail.

use aws_sdk_sesv2::Client;
use aws_sdk_sesv2::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_sesv2::primitives::Blob;
use aws_sdk_sesv2::types::{Destination, EmailContent, MessageTag, RawMessage};
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
    /// `client` must be configured without retries; `now` tells when a mail was accepted.
    pub fn new(
        client: Client,
        configuration_set: Option<String>,
        region: impl Into<String>,
        now: fn() -> Timestamp,
    ) -> Self {
        Self {
            client,
            configuration_set,
            region: region.into(),
            now,
        }
    }
}

/// Codes of SES that say: this mail is refused.
const REFUSED: [&str; 2] = ["MessageRejected", "BadRequestException"];

/// Codes of SES that say: no mail at the moment. Those at the end are faults of the set-up: an operator mends them, and the
/// mail goes out when it is brought again.
const NOT_NOW: [&str; 8] = [
    "TooManyRequestsException",
    "LimitExceededException",
    "SendingPausedException",
    "AccountSuspendedException",
    "ThrottlingException",
    "AccessDeniedException",
    "MailFromDomainNotVerifiedException",
    "NotFoundException",
];

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
fn sort<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> SendError {
    match error {
        SdkError::ConstructionFailure(_) => SendError::Refused {
            code: "construction".to_owned(),
        },
        SdkError::ServiceError(inner) => {
            let code = inner.err().code().unwrap_or("unknown").to_owned();
            if REFUSED.contains(&code.as_str()) {
                SendError::Refused { code }
            } else if NOT_NOW.contains(&code.as_str()) {
                SendError::NotNow { code }
            } else {
                SendError::Unknown { code }
            }
        }
        SdkError::TimeoutError(_) => SendError::Unknown {
            code: "timeout".to_owned(),
        },
        SdkError::DispatchFailure(_) => SendError::Unknown {
            code: "connection".to_owned(),
        },
        _ => SendError::Unknown {
            code: "response".to_owned(),
        },
    }
}
