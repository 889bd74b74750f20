//! One buyer is forgotten (GDPR, article 17): his words, name and address leave the table and the bucket. What the metric
//! counts of his messages stays, without him.
//!
//! Raw mail goes first, since the rows name it: whoever dies in between is started again and finds what is left.

use std::collections::BTreeSet;

use futures_util::{StreamExt, TryStreamExt, stream};
use jiff::Timestamp;

use super::retry::{ATTEMPTS, MOST, contended, settled};
use crate::domain::alias::Buyer;
use crate::domain::outgoing::{Outgoing, State};
use crate::domain::store::StoreId;
use crate::ports::{Change, Commit, CommitError, EraseMail, Erasure, Holdings, PortError, ReadHoldings};

/// Raw mails that are erased at the same time.
const AT_ONCE: usize = 8;

/// What was removed: the proof, without a word of the buyer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Erased {
    /// Threads.
    pub threads: u64,
    /// Messages, received and sent.
    pub messages: u64,
    /// Items of the outbox.
    pub outbox: u64,
    /// Other rows that named him.
    pub traces: u64,
    /// Raw mails and files.
    pub files: u64,
    /// Their versions, earlier ones included.
    pub versions: u64,
    /// Facts of the metric that stay, without him.
    pub facts_kept: u64,
}

/// A buyer could not be erased, or not whole: doing it again goes on where it ended.
#[derive(Debug, thiserror::Error)]
pub enum EraseError {
    /// A mail to him is on its way at this moment.
    #[error("a mail to this buyer is being sent: try again in two minutes")]
    Sending,
    /// The world did not answer.
    #[error(transparent)]
    Port(#[from] PortError),
}

impl From<CommitError> for EraseError {
    fn from(error: CommitError) -> Self {
        match error {
            CommitError::Port(error) => Self::Port(error),
            CommitError::Refused(_) => Self::Port(contended()),
        }
    }
}

/// Erases all that is kept of the buyer, and looks again until nothing is left; gives what was removed, all zero where nothing
/// was kept. `proof` writes down with the last part what was removed.
///
/// # Errors
/// See [`EraseError`].
pub async fn erase<W, M>(
    world: &W,
    mails: &M,
    store: &StoreId,
    buyer: &Buyer,
    now: Timestamp,
    proof: impl Fn(&Erased) -> Option<Change>,
) -> Result<Erased, EraseError>
where
    W: ReadHoldings + Commit,
    M: EraseMail,
{
    let mut erased = Erased::default();
    for _ in 0..ATTEMPTS {
        let held = world.holdings(store, buyer).await?;
        if held.is_empty() {
            return Ok(erased);
        }
        let sending =
            |item: &Outgoing| item.state == State::Sending && item.claimed_until.is_some_and(|until| until > now);
        if held.outbox.iter().any(sending) {
            return Err(EraseError::Sending);
        }
        erase_files(mails, &held, &mut erased).await?;
        let count = |changes: &[Change]| u64::try_from(changes.len()).unwrap_or(u64::MAX);
        let change = |part: Erasure| Change::Erase(store.clone(), buyer.clone(), part);

        // What could still be sent goes first.
        let outbox = held
            .outbox
            .into_iter()
            .map(|item| change(Erasure::Outgoing(Box::new(item))));
        let outbox: Vec<Change> = outbox.collect();
        let counted = held.messages.iter().filter(|message| message.counts()).count();
        let messages = held
            .messages
            .into_iter()
            .map(|one| change(Erasure::Message(Box::new(one))));
        let messages: Vec<Change> = messages.collect();
        let traces: Vec<Change> = held
            .traces
            .into_iter()
            .map(|trace| change(Erasure::Trace(trace)))
            .collect();
        // A message takes two places in a write: it goes, and its fact stays.
        let parts = [(&outbox, MOST), (&messages, MOST / 2), (&traces, MOST)];
        if !all_committed(world, &parts).await? {
            continue;
        }
        erased.outbox += count(&outbox);
        erased.messages += count(&messages);
        erased.facts_kept += u64::try_from(counted).unwrap_or(u64::MAX);
        erased.traces += count(&traces);

        let threads = held
            .threads
            .into_iter()
            .map(|one| change(Erasure::Thread(Box::new(one))));
        let mut threads: Vec<Change> = threads.collect();
        // The record guards against threads that open meanwhile: it goes with the last of them.
        let last = threads.split_off(threads.len().saturating_sub(MOST / 2));
        if !all_committed(world, &[(&threads, MOST)]).await? {
            continue;
        }
        erased.threads += count(&threads);
        let gone = Erased {
            threads: erased.threads + count(&last),
            ..erased
        };
        let mut last_part = last;
        last_part.extend(held.record.map(|version| change(Erasure::Record(version))));
        last_part.extend(proof(&gone));
        if settled(world.commit(last_part).await)? {
            erased = gone;
        }
    }
    Err(contended().into())
}

/// Whether every part was written, in writes of at most so many changes; `false`: something has changed meanwhile.
async fn all_committed<W: Commit>(world: &W, parts: &[(&Vec<Change>, usize)]) -> Result<bool, CommitError> {
    for (changes, most) in parts {
        for part in changes.chunks(*most) {
            if !settled(world.commit(part.to_vec()).await)? {
                return Ok(false);
            }
        }
    }
    Ok(true)
}

async fn erase_files<M: EraseMail>(bucket: &M, held: &Holdings, erased: &mut Erased) -> Result<(), PortError> {
    let mails = held.messages.iter().filter_map(|message| message.raw.clone());
    let attached = held.outbox.iter().flat_map(|item| item.content.attachments());
    let places: BTreeSet<String> = mails.chain(attached.map(|file| file.place.clone())).collect();
    let work = stream::iter(places)
        .map(|place| async move { bucket.erase(&place).await })
        .buffer_unordered(AT_ONCE);
    let versions: Vec<u64> = work.try_collect().await?;
    erased.files += u64::try_from(versions.iter().filter(|count| **count > 0).count()).unwrap_or(u64::MAX);
    erased.versions += versions.iter().sum::<u64>();
    Ok(())
}
