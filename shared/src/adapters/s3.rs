//! Raw mail in the bucket that SES writes to: reading it, and erasing it with all its versions.

use aws_sdk_s3::Client;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::types::{Delete, ObjectIdentifier};

use crate::ports::{EraseMail, FetchMail, PortError, Ported};

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

impl EraseMail for RawMail {
    async fn erase(&self, place: &str) -> Ported<u64> {
        let mut erased = 0;
        loop {
            // What is erased is listed no more: the first page is always the next one.
            let listed = self.client.list_object_versions().bucket(&self.bucket).prefix(place);
            let listed = listed.send().await.map_err(|error| failed(&error))?;
            let versions = listed.versions().iter().map(|one| (one.key(), one.version_id()));
            let markers = listed.delete_markers().iter().map(|one| (one.key(), one.version_id()));
            // The prefix of one mail may be the start of another's name.
            let own = versions.chain(markers).filter(|(key, _)| *key == Some(place));
            let objects: Vec<ObjectIdentifier> = own
                .map(|(_, version)| {
                    let object = ObjectIdentifier::builder()
                        .key(place)
                        .set_version_id(version.map(str::to_owned));
                    object.build().map_err(|_| broken("construction"))
                })
                .collect::<Ported<_>>()?;
            if objects.is_empty() {
                return Ok(erased);
            }
            erased += u64::try_from(objects.len()).unwrap_or(u64::MAX);
            let delete = Delete::builder().set_objects(Some(objects)).quiet(true).build();
            let delete = delete.map_err(|_| broken("construction"))?;
            let call = self.client.delete_objects().bucket(&self.bucket).delete(delete);
            let done = call.send().await.map_err(|error| failed(&error))?;
            if let Some(error) = done.errors().first() {
                return Err(sort(error.code().unwrap_or("unknown")));
            }
        }
    }
}

fn broken(code: &str) -> PortError {
    PortError::Broken {
        service: "s3",
        code: code.to_owned(),
    }
}

/// Sorts a code of S3: what never will be, and what may succeed later.
fn sort(code: &str) -> PortError {
    if ["AccessDenied", "NoSuchBucket"].contains(&code) {
        return broken(code);
    }
    PortError::Unavailable {
        service: "s3",
        code: code.to_owned(),
    }
}

fn failed<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> PortError {
    match error {
        SdkError::ServiceError(inner) => sort(inner.err().code().unwrap_or("unknown")),
        SdkError::TimeoutError(_) => sort("timeout"),
        _ => sort("dispatch"),
    }
}
