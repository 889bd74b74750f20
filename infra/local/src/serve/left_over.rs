//! What a process that ended, or died, left to do. The folder is ours alone, so whoever had anything in hand is gone.

use anyhow::{Context, Result};
use within24::adapters::mime::{OUTBOX_TAG, STORE_TAG, THREAD_TAG};
use within24::domain::outgoing::{Outgoing, State};
use within24::lambda::clock;
use within24::ports::{Change, Commit, CommitError};

use super::queue::Whose;
use super::site::Site;
use crate::ses;

/// Takes it up: receipts whose mail never came are forgotten, mails that were being sent are settled, and all else waits to be
/// sent or dealt with.
pub(super) async fn take_up(site: &Site) -> Result<()> {
    for name in site.queue.names() {
        let mail = Whose::of(&name).filter(|(whose, _)| *whose == Whose::Mail);
        // Nobody was told that it was taken: the receipt comes before the mail, the answer after it.
        if mail.is_some_and(|(_, place)| !site.data.mail().join(place).exists()) {
            site.queue.done(&name)?;
        }
    }
    for item in site.table.unsent().await? {
        match item.state {
            State::Sending => settle(site, item).await?,
            _ => site.pending.put(&item),
        }
    }
    Ok(())
}

/// Somebody was sending it, and is gone: his claim ends now. Where the mail went out, we tell so, as SES would; where it did
/// not, whoever sends next finds a claim that has ended, and nobody knows.
async fn settle(site: &Site, item: Outgoing) -> Result<()> {
    let now = clock::now();
    let ended = Outgoing {
        claimed_until: Some(now),
        ..item.clone()
    };
    let moved = Change::Move {
        item: Box::new(ended),
        from: State::Sending,
    };
    match site.table.commit(vec![moved]).await {
        Ok(()) | Err(CommitError::Refused(_)) => {}
        Err(CommitError::Port(error)) => return Err(error.into()),
    }
    let Some(mail) = site.sent.find(&item.key).context("what was sent cannot be read")? else {
        site.pending.put(&item);
        return Ok(());
    };
    let tags = [
        (OUTBOX_TAG, item.key.as_str().to_owned()),
        (STORE_TAG, item.store.as_str().to_owned()),
        (THREAD_TAG, item.thread.as_str().to_owned()),
    ];
    let mail = ses::Mail {
        accepted: mail.at,
        id: &mail.id,
        tags: &tags,
    };
    let event = ses::event(&mail, ("Send", "send"), serde_json::json!({}), now);
    track_delivery::handler(&site.table, &event, now).await?;
    Ok(())
}
