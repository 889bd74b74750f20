//! The bucket: raw mail that SES writes under `mail/`, files of answers under [`PLACES`], calls too large for their queue
//! under [`CALLS`](super::webhook_message::CALLS). Each has a type of its own, as each has rights of its own.

use aws_sdk_s3::Client;
use aws_sdk_s3::error::ProvideErrorMetadata;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{Delete, ObjectIdentifier};

use super::sdk_error::{by_code, permanent, port_error, unavailable};
use super::webhook_message;
use crate::domain::attachment::PLACES;
use crate::domain::webhook::MOST_BYTES_WITH_FILES;
use crate::ports::{EraseMail, FetchAttachment, FetchCall, FetchMail, KeepAttachment, Ported};

const SERVICE: &str = "s3";

#[derive(Clone, Debug)]
struct Bucket {
    client: Client,
    name: String,
}

/// The raw mail in a bucket.
#[derive(Clone, Debug)]
pub struct RawMail(Bucket);

/// The files of answers in a bucket.
#[derive(Clone, Debug)]
pub struct AnswerFiles(Bucket);

/// The calls in a bucket that are too large for their queue.
#[derive(Clone, Debug)]
pub struct LargeCalls(Bucket);

/// Raw mail and files of answers in a bucket, to be erased.
#[derive(Clone, Debug)]
pub struct Erasable(Bucket);

impl RawMail {
    /// The bucket of this name.
    pub fn new(client: Client, bucket: impl Into<String>) -> Self {
        Self(Bucket::new(client, bucket))
    }
}

impl AnswerFiles {
    /// The bucket of this name.
    pub fn new(client: Client, bucket: impl Into<String>) -> Self {
        Self(Bucket::new(client, bucket))
    }
}

impl Erasable {
    /// The bucket of this name.
    pub fn new(client: Client, bucket: impl Into<String>) -> Self {
        Self(Bucket::new(client, bucket))
    }
}

impl LargeCalls {
    /// The bucket of this name.
    pub fn new(client: Client, bucket: impl Into<String>) -> Self {
        Self(Bucket::new(client, bucket))
    }

    /// Stores the body of a call.
    #[cfg(feature = "sqs")]
    pub(super) async fn put(&self, place: &str, body: Vec<u8>) -> Ported<()> {
        self.0.put(place, body).await
    }
}

impl FetchMail for RawMail {
    async fn fetch(&self, place: &str, limit: usize) -> Ported<Option<Vec<u8>>> {
        self.0.get(place, limit).await
    }
}

impl KeepAttachment for AnswerFiles {
    async fn keep(&self, place: &str, content: &[u8]) -> Ported<()> {
        inside(place, PLACES)?;
        self.0.put(place, content.to_vec()).await
    }
}

impl FetchAttachment for AnswerFiles {
    async fn attachment(&self, place: &str, limit: usize) -> Ported<Option<Vec<u8>>> {
        inside(place, PLACES)?;
        self.0.get(place, limit).await
    }
}

impl EraseMail for Erasable {
    async fn erase(&self, place: &str) -> Ported<u64> {
        self.0.erase(place).await
    }
}

impl FetchCall for LargeCalls {
    async fn body(&self, place: &str) -> Ported<Option<Vec<u8>>> {
        inside(place, webhook_message::CALLS)?;
        self.0.get(place, MOST_BYTES_WITH_FILES).await
    }
}

/// What is named anywhere else is not ours to touch, whatever the rights are.
fn inside(place: &str, prefix: &str) -> Ported<()> {
    if place.starts_with(prefix) {
        Ok(())
    } else {
        Err(permanent(SERVICE, "foreign-place"))
    }
}

impl Bucket {
    fn new(client: Client, name: impl Into<String>) -> Self {
        Self {
            client,
            name: name.into(),
        }
    }

    /// The first `limit` bytes of an object.
    async fn get(&self, place: &str, limit: usize) -> Ported<Option<Vec<u8>>> {
        // A range keeps a mail of 40 MB from filling the memory; an empty object has no range and says 416.
        let range = format!("bytes=0-{}", limit.saturating_sub(1));
        let call = self.client.get_object().bucket(&self.name).key(place).range(range);
        let got = match call.send().await {
            Ok(got) => got,
            Err(error) => {
                let status = error.raw_response().map(|answer| answer.status().as_u16());
                return match (error.code(), status) {
                    (Some("NoSuchKey"), _) | (None, Some(404)) => Ok(None),
                    (Some("InvalidRange"), _) | (None, Some(416)) => Ok(Some(Vec::new())),
                    _ => Err(port_error(SERVICE, &error)),
                };
            }
        };
        let bytes = got.body.collect().await;
        let bytes = bytes.map_err(|_| unavailable(SERVICE, "stream"))?;
        Ok(Some(bytes.to_vec()))
    }

    /// Stores an object, in place of what was there.
    async fn put(&self, place: &str, content: Vec<u8>) -> Ported<()> {
        let call = self.client.put_object().bucket(&self.name).key(place);
        let call = call.body(ByteStream::from(content));
        let put = call.send().await;
        put.map(drop).map_err(|error| port_error(SERVICE, &error))
    }

    /// Erases every version of an object; gives their number.
    async fn erase(&self, place: &str) -> Ported<u64> {
        let mut erased = 0;
        loop {
            // What is erased is listed no more: the first page is always the next one.
            let listed = self.client.list_object_versions().bucket(&self.name).prefix(place);
            let listed = listed.send().await.map_err(|error| port_error(SERVICE, &error))?;
            let versions = listed.versions().iter().map(|one| (one.key(), one.version_id()));
            let markers = listed.delete_markers().iter().map(|one| (one.key(), one.version_id()));
            // The name of one object may be the start of another's.
            let own = versions.chain(markers).filter(|(key, _)| *key == Some(place));
            let objects: Vec<ObjectIdentifier> = own
                .map(|(_, version)| {
                    let object = ObjectIdentifier::builder()
                        .key(place)
                        .set_version_id(version.map(str::to_owned));
                    object.build().map_err(|_| permanent(SERVICE, "construction"))
                })
                .collect::<Ported<_>>()?;
            if objects.is_empty() {
                return Ok(erased);
            }
            erased += u64::try_from(objects.len()).unwrap_or(u64::MAX);
            let delete = Delete::builder().set_objects(Some(objects)).quiet(true).build();
            let delete = delete.map_err(|_| permanent(SERVICE, "construction"))?;
            let call = self.client.delete_objects().bucket(&self.name).delete(delete);
            let done = call.send().await.map_err(|error| port_error(SERVICE, &error))?;
            if let Some(error) = done.errors().first() {
                return Err(by_code(SERVICE, error.code().unwrap_or("unknown")));
            }
        }
    }
}
