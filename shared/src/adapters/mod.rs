//! The ports on AWS.

pub mod call_message;
#[cfg(feature = "dynamodb")]
pub mod dynamodb;
pub mod endpoint_body;
pub mod event_detail;
#[cfg(feature = "eventbridge")]
pub mod eventbridge;
#[cfg(feature = "https")]
pub mod https;
pub mod mime;
#[cfg(feature = "s3")]
pub mod s3;
#[cfg(any(
    feature = "dynamodb",
    feature = "eventbridge",
    feature = "s3",
    feature = "secrets",
    feature = "sns",
    feature = "sqs"
))]
mod sdk_error;
#[cfg(feature = "secrets")]
pub mod secrets;
#[cfg(feature = "ses")]
pub mod ses;
#[cfg(feature = "sns")]
pub mod sns;
#[cfg(feature = "sqs")]
pub mod sqs;
pub mod webhook_message;
