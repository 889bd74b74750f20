//! Raw mail out of the bucket that SES writes to.

use aws_sdk_s3::Client;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};

use crate::ports::{FetchMail, PortError, Ported};

/// The bucket of raw mail.
#[derive(Clone, Debug)]
pub struct RawMail {
    client: Client,
    bucket: String,
}

impl RawMail {
    /// The bucket of this name.
    pub fn new(client: Client, bucket: impl Into<String>) -> Self {
        Self {
            client,
            bucket: bucket.into(),
        }
    }
}

impl FetchMail for RawMail {
    async fn fetch(&self, place: &str, limit: usize) -> Ported<Option<Vec<u8>>> {
        let unavailable = |code: &str| PortError::Unavailable {
            service: "s3",
            code: code.to_owned(),
        };
        // A range keeps a mail of 40 MB from filling the memory; an empty object has no range and says 416.
        let range = format!("bytes=0-{}", limit.saturating_sub(1));
        let got = match self
            .client
            .get_object()
            .bucket(&self.bucket)
            .key(place)
            .range(range)
            .send()
            .await
        {
            Ok(got) => got,
            Err(SdkError::ServiceError(error)) => {
                return match (error.err().code(), error.raw().status().as_u16()) {
                    (Some("NoSuchKey"), _) | (_, 404) => Ok(None),
                    (Some("InvalidRange"), _) | (_, 416) => Ok(Some(Vec::new())),
                    (Some("AccessDenied"), _) | (_, 403) => Err(PortError::Broken {
                        service: "s3",
                        code: "AccessDenied".to_owned(),
                    }),
                    (code, _) => Err(unavailable(code.unwrap_or("unknown"))),
                };
            }
            Err(_) => return Err(unavailable("dispatch")),
        };
        let bytes = got.body.collect().await.map_err(|_| unavailable("stream"))?;
        Ok(Some(bytes.to_vec()))
    }
}
