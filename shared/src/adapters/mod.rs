//! The ports on AWS.

#[cfg(feature = "dynamodb")]
pub mod dynamodb;
pub mod mime;
#[cfg(feature = "s3")]
pub mod s3;
#[cfg(feature = "ses")]
pub mod ses;
