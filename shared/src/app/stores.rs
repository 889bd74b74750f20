//! A store is registered or changed: its settings, its place in the list, and whose mail its recipient gets, in one write.

use jiff::Timestamp;

use super::retry::{ATTEMPTS, contended, settled};
use crate::domain::deed::{By, Deed, Did};
use crate::domain::personal::Personal;
use crate::domain::store::Store;
use crate::domain::store_faults::{Fault, changes, faults};
use crate::domain::token::{Role, Scopes};
use crate::ports::{Change, Commit, CommitError, FindStore, PortError, Refusal, RegistryChange};

/// What became of a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Registered {
    /// It is there now, and was not before.
    New,
    /// It was there.
    Changed,
}

/// A store was not registered or changed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Settings that cannot be used.
    #[error("settings that cannot be used: {}", .0.iter().map(|fault| fault.field).collect::<Vec<_>>().join(", "))]
    Faults(Vec<Fault>),
    /// There is no such store, and who asks registers none.
    #[error("no such store")]
    NoStore,
    /// Where mail comes in and under which address it goes out concerns all stores.
    #[error("only who is admin of * changes `recipient` and `from`")]
    NotYours,
    /// The recipient is another store's.
    #[error("the recipient is another store's")]
    Taken,
    /// The world did not answer.
    #[error(transparent)]
    Port(#[from] PortError),
}

/// Registers the store, or changes it to this. `giver` is what who asks may do: who is admin of the store alone changes neither
/// its recipient nor its sending address, since one more exact address would take another store's mail, and mail from another's
/// address would speak for it.
///
/// # Errors
/// See [`StoreError`]; nothing was changed.
pub async fn register<W>(
    world: &W,
    store: &Store,
    giver: &Scopes,
    by: &By,
    now: Timestamp,
) -> Result<Registered, StoreError>
where
    W: FindStore + Commit,
{
    let everywhere = giver.all_over() == Some(Role::Admin);
    for _ in 0..ATTEMPTS {
        let before = world.store(&store.id).await?;
        match &before {
            None if !everywhere => return Err(StoreError::NoStore),
            Some(before) if !everywhere && (&before.recipient, &before.from) != (&store.recipient, &store.from) => {
                return Err(StoreError::NotYours);
            }
            _ => {}
        }
        let faults = faults(store);
        if !faults.is_empty() {
            return Err(StoreError::Faults(faults));
        }
        match settled(world.commit(write(store, before.as_ref(), by, now)).await) {
            Ok(true) => return Ok(before.map_or(Registered::New, |_| Registered::Changed)),
            Ok(false) => {}
            Err(CommitError::Refused(Refusal::Duplicate)) => return Err(StoreError::Taken),
            Err(CommitError::Refused(_)) => break,
            Err(CommitError::Port(error)) => return Err(error.into()),
        }
    }
    Err(contended().into())
}

/// Whose mail the recipient gets is written also where nothing changes: it mends what somebody broke by hand.
fn write(store: &Store, before: Option<&Store>, by: &By, now: Timestamp) -> Vec<Change> {
    let mut all = vec![
        RegistryChange::Store {
            store: Box::new(store.clone()),
            recipient: before.map(|before| before.recipient.clone()),
        },
        RegistryChange::Listed(store.id.clone()),
        RegistryChange::Takes {
            store: store.id.clone(),
            recipient: store.recipient.clone(),
        },
    ];
    if let Some(before) = before.filter(|before| before.recipient != store.recipient) {
        all.push(RegistryChange::Leaves {
            store: store.id.clone(),
            recipient: before.recipient.clone(),
            at: now,
        });
    }
    let mut all: Vec<Change> = all.into_iter().map(Change::Registry).collect();
    let did = |what, about| Change::Did(Box::new(Did::new(Some(&store.id), now, by, what, None, about)));
    match before.map(|before| changes(before, store)) {
        None => all.push(did(Deed::StoreRegistered, None)),
        Some(changed) if changed.is_empty() => {}
        Some(changed) => all.push(did(Deed::StoreChanged, Some(Personal::new(changed.join(", "))))),
    }
    all
}
