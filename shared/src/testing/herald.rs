//! A bus and an operator that keep what they are told, and fail as told.

use std::sync::{Mutex, PoisonError};

use super::{Faults, Strike, struck};
use crate::domain::alert::AlertMail;
use crate::domain::event::Event;
use crate::domain::key::Key;
use crate::ports::{Ported, PublishEvents, TellOperator};

/// Bus and operator in one.
#[derive(Debug, Default)]
pub struct Herald {
    events: Mutex<Vec<Event>>,
    mails: Mutex<Vec<AlertMail>>,
    /// Faults to be injected into its calls.
    pub faults: Faults,
}

impl Herald {
    /// All events it took, in order; one that was published twice stands here twice.
    pub fn events(&self) -> Vec<Event> {
        self.events.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// All mails it took, in order.
    pub fn mails(&self) -> Vec<AlertMail> {
        self.mails.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn take<T: Clone>(&self, list: &Mutex<Vec<T>>, new: &[T]) -> Ported<()> {
        let strike = self.faults.next();
        if strike != Some(Strike::Before) {
            let mut list = list.lock().unwrap_or_else(PoisonError::into_inner);
            list.extend_from_slice(new);
        }
        if strike.is_some() { Err(struck()) } else { Ok(()) }
    }
}

impl PublishEvents for Herald {
    async fn publish(&self, events: &[Event]) -> Ported<Vec<Key>> {
        self.take(&self.events, events)?;
        Ok(events.iter().map(|event| event.key.clone()).collect())
    }
}

impl TellOperator for Herald {
    async fn tell(&self, mail: &AlertMail) -> Ported<()> {
        self.take(&self.mails, std::slice::from_ref(mail))
    }
}
