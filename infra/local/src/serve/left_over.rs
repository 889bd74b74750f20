//! What a process that ended, or died, left to do. The folder is ours alone, so whoever had anything in hand is gone.

use anyhow::{Context, Result};
use within24::adapters::mime::{OUTBOX_TAG, STORE_TAG, THREAD_TAG};
use within24::domain::outgoing::{Outgoing, State};
use within24::lambda::clock;
use within24::ports::{Change, Commit, CommitError};

use super::durable;
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
    // From now on something may be.
    if durable::take_away(&site.data.at_rest())? {
        return Ok(());
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

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;
    use within24::domain::alert::OperatorLanguage;
    use within24::domain::clock::shift;
    use within24::domain::store::{Store, StoreId};
    use within24::ports::{ReadOutbox, ReadReports};

    use super::*;
    use crate::serve::folder::DataFolder;
    use crate::serve::sent;

    const MAIL: &str = "From: \"Vera Muster\" <a1b2c3d4e5f6g7h@marketplace.amazon.de>\r\nTo: shop@inbox.example\r\nSubject: Frage \
        von Amazon-Kunde Vera Muster\r\nMessage-ID: <m1@eu-west-1.amazonses.com>\r\nX-Space-Notification-Type: \
        BBC_MESSAGE_SENT_TO_MERCHANT\r\n\r\nWo ist mein Paket?\r\n";

    async fn open(data: &DataFolder) -> Site {
        Site::open(data, OperatorLanguage::En).await.unwrap()
    }

    fn store() -> StoreId {
        StoreId::parse("shop").unwrap()
    }

    /// A folder with a mail in it, and the request for the order id that is to be sent.
    async fn asked(home: &tempfile::TempDir) -> (DataFolder, Outgoing) {
        let data = DataFolder::new(home.path());
        let site = open(&data).await;
        let shop = Store::new(store(), "*", "shop@inbox.example");
        site.table.put_store(&shop).await.unwrap();
        let (raw, nobody) = (MAIL.as_bytes().to_vec(), Vec::new());
        site.take_mail(raw, nobody).await.unwrap();
        let mut items = site.table.unsent().await.unwrap();
        (data, items.pop().unwrap())
    }

    /// A sender has claimed it, and dies.
    async fn claimed(data: &DataFolder, item: &Outgoing) {
        let claimed = Outgoing {
            state: State::Sending,
            claimed_until: Some(shift(clock::now(), SignedDuration::from_mins(2))),
            ..item.clone()
        };
        let moved = Change::Move {
            item: Box::new(claimed),
            from: State::Pending,
        };
        open(data).await.table.commit(vec![moved]).await.unwrap();
    }

    async fn state(site: &Site, item: &Outgoing) -> State {
        let item = site.table.outgoing(&item.store, &item.buyer, &item.key).await.unwrap();
        item.unwrap().state
    }

    fn out(data: &DataFolder) -> usize {
        data.sent().read_dir().unwrap().count()
    }

    #[tokio::test]
    async fn what_was_to_be_sent_is_sent_once() {
        let home = tempfile::tempdir().unwrap();
        let (data, item) = asked(&home).await;
        assert_eq!(out(&data), 0);
        for _ in 0..2 {
            let site = open(&data).await;
            site.send_pending().await;
            assert_eq!((state(&site, &item).await, out(&data)), (State::Sent, 1));
        }
    }

    #[tokio::test]
    async fn who_ended_with_nothing_left_spares_the_next_one_a_search() {
        let home = tempfile::tempdir().unwrap();
        let (data, item) = asked(&home).await;
        let site = open(&data).await;
        site.rest();
        assert!(!data.at_rest().exists(), "something is left");
        site.send_pending().await;
        site.rest();
        assert!(data.at_rest().exists());
        let site = open(&data).await;
        assert!(!data.at_rest().exists(), "from now on something may be");
        assert_eq!(state(&site, &item).await, State::Sent);
    }

    #[tokio::test]
    async fn who_died_before_it_was_out_leaves_what_nobody_knows() {
        let home = tempfile::tempdir().unwrap();
        let (data, item) = asked(&home).await;
        claimed(&data, &item).await;
        let site = open(&data).await;
        site.send_pending().await;
        assert_eq!((state(&site, &item).await, out(&data)), (State::Unknown, 0));
        let reports = site.table.standing_reports(&store(), None, 9).await.unwrap();
        assert_eq!(reports[0].reason, "unknown: claim-expired");
    }

    #[tokio::test]
    async fn who_died_after_it_was_out_leaves_it_sent() {
        let home = tempfile::tempdir().unwrap();
        let (data, item) = asked(&home).await;
        claimed(&data, &item).await;
        let name = format!("{}.{}.eml", sent::timed_name(clock::now()), item.key.as_str());
        durable::keep(&data.sent().join(name), b"the mail").unwrap();
        let site = open(&data).await;
        site.send_pending().await;
        assert_eq!((state(&site, &item).await, out(&data)), (State::Sent, 1));
        assert!(site.table.standing_reports(&store(), None, 9).await.unwrap().is_empty());
    }

    #[tokio::test]
    async fn a_mail_that_is_on_the_disk_is_taken_in_and_a_receipt_alone_is_forgotten() {
        let home = tempfile::tempdir().unwrap();
        let (data, _) = asked(&home).await;
        let site = open(&data).await;
        let (now, passed) = (clock::now(), ses::CHECKS.map(|check| (check, "PASS")));
        for place in ["with", "without"] {
            let receipt = ses::receipt(place, now, &["shop@inbox.example".to_owned()], passed);
            site.queue.put(&Whose::Mail.name(place), &receipt, now).unwrap();
        }
        let second = MAIL
            .replace("<m1@", "<m2@")
            .replace("a1b2c3d4e5f6g7h", "a1b2c3d4e5f6g7j");
        durable::keep(&data.mail().join("with"), second.as_bytes()).unwrap();
        let site = open(&data).await;
        assert_eq!(site.queue.names(), ["mail-with"]);
        site.deal_with_due().await;
        assert!(site.queue.names().is_empty());
        assert_eq!(site.table.all_threads().await.unwrap().len(), 2);
    }
}
