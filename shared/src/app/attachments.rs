//! Files of answers: kept before the item that names them is stored, fetched before the mail that carries them is claimed.

use futures_util::future::try_join_all;

use crate::domain::attachment::{Attachment, KeptAttachment};
use crate::domain::outgoing::Outgoing;
use crate::domain::thread::Thread;
use crate::ports::{FetchAttachment, KeepAttachment, Ported};

/// The files as an answer in this thread names them; nothing is kept yet.
pub(super) fn named(files: &[Attachment], thread: &Thread) -> Vec<KeptAttachment> {
    files.iter().map(|file| file.kept(&thread.store, &thread.id)).collect()
}

/// Keeps the files where the item names them, all at once: it takes as long as the slowest call.
pub(super) async fn keep<B: KeepAttachment>(bucket: &B, files: &[Attachment], item: &Outgoing) -> Ported<()> {
    let files = files.iter().zip(item.content.attachments());
    try_join_all(files.map(|(file, named)| bucket.keep(&named.place, file.content()))).await?;
    Ok(())
}

/// All files of the item, all at once; `None` where one of them is gone, or is not what was kept.
pub(super) async fn fetch<B: FetchAttachment>(bucket: &B, item: &Outgoing) -> Ported<Option<Vec<Attachment>>> {
    let one = async |named: &KeptAttachment| {
        // One byte more tells what is too long.
        let limit = usize::try_from(named.bytes).unwrap_or(usize::MAX).saturating_add(1);
        let content = bucket.attachment(&named.place, limit).await?;
        Ok(content.and_then(|content| named.with(content)))
    };
    let files = try_join_all(item.content.attachments().iter().map(one)).await?;
    Ok(files.into_iter().collect())
}

/// Where nothing is kept: for mail that never has files.
#[derive(Clone, Copy, Debug)]
pub struct NoAttachments;

impl FetchAttachment for NoAttachments {
    async fn attachment(&self, _: &str, _: usize) -> Ported<Option<Vec<u8>>> {
        Ok(None)
    }
}
