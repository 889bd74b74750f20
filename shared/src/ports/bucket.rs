//! What the use cases need of the bucket: files of answers, and calls that a queue has no room for.

use std::future::Future;

use super::Ported;

/// Keeps the files of answers until they are sent.
pub trait KeepAttachment: Sync {
    /// Stores the content at this place, which follows from it. After `Ok` it is whole, and there for whoever fetches it.
    /// The same again changes nothing but for how long it is kept.
    fn keep(&self, place: &str, content: &[u8]) -> impl Future<Output = Ported<()>> + Send;
}

/// Fetches the files of answers.
pub trait FetchAttachment: Sync {
    /// The first `limit` bytes of what was kept at `place`; `None` where nothing is there.
    fn attachment(&self, place: &str, limit: usize) -> impl Future<Output = Ported<Option<Vec<u8>>>> + Send;
}

/// Fetches the bodies of calls that were too large for their queue.
pub trait FetchCall: Sync {
    /// The body that [`QueueWebhook`](super::QueueWebhook) put at `place`; `None` where nothing is there.
    fn body(&self, place: &str) -> impl Future<Output = Ported<Option<Vec<u8>>>> + Send;
}
