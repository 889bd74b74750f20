//! In place of the event bus's rule, SQS and the schedule that feed `call-webhook`: a queue in memory that keeps messages
//! until their time.
//!
//! It is a bus ([`PublishEvents`]) and a queue ([`QueueCall`]) at once. Whoever runs the functions in one process gives it
//! to both, calls [`Outgoing::tick`] every five minutes and [`Outgoing::turn`] as often as he likes.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use anyhow::Result;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use within24::adapters::call_message;
use within24::domain::clock::shift;
use within24::domain::event::Event;
use within24::domain::key::Key;
use within24::lambda::emf::Measurement;
use within24::ports::{
    CallEndpoint, Commit, DueCall, FindCalls, FindDueCalls, FindEndpoints, FindEvent, Ported, PublishEvents, QueueCall,
    ReadSigningKeys,
};

/// How long a message that could not be dealt with is kept back: as the queue's visibility time-out.
const KEPT_BACK: SignedDuration = SignedDuration::from_mins(6);

/// The most messages of one batch.
const BATCH: usize = 10;

/// The queue.
pub struct Outgoing<C> {
    clock: C,
    waiting: Mutex<Waiting>,
}

/// Messages by their time, then by the order in which they came.
#[derive(Default)]
struct Waiting {
    came: u64,
    messages: BTreeMap<(Timestamp, u64), String>,
}

impl<C: Fn() -> Timestamp + Sync> Outgoing<C> {
    /// An empty queue on this clock.
    pub fn new(clock: C) -> Self {
        Self {
            clock,
            waiting: Mutex::default(),
        }
    }

    fn put(&self, message: String, wait: SignedDuration) {
        let at = shift((self.clock)(), wait);
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.came += 1;
        let place = (at, waiting.came);
        waiting.messages.insert(place, message);
    }

    /// The next batch of what has come, in order.
    fn take(&self) -> Vec<String> {
        let now = (self.clock)();
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let mut taken = Vec::new();
        while taken.len() < BATCH
            && let Some(first) = waiting.messages.first_entry()
            && first.key().0 <= now
        {
            taken.push(first.remove());
        }
        taken
    }

    /// The messages that wait, in order of time.
    pub fn waiting(&self) -> Vec<String> {
        let waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.messages.values().cloned().collect()
    }

    /// When the next message comes.
    pub fn next(&self) -> Option<Timestamp> {
        let waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.messages.keys().next().map(|(at, _)| *at)
    }

    /// The schedule's tick: what waited too long for the queue is brought.
    pub fn tick(&self) {
        self.put(call_message::bring(), SignedDuration::ZERO);
    }

    /// Lets `call-webhook` work through what has come, batch by batch; what fails comes back.
    ///
    /// # Errors
    /// Where this machine fails.
    pub async fn turn<W, E>(&self, world: &W, caller: &E, measure: impl Fn(&Measurement)) -> Result<()>
    where
        W: FindEvent + FindEndpoints + ReadSigningKeys + FindCalls + FindDueCalls + Commit,
        E: CallEndpoint,
        C: Send,
    {
        loop {
            let messages = self.take();
            if messages.is_empty() {
                return Ok(());
            }
            let records = messages.iter().enumerate();
            let records = records.map(|(number, body)| json!({"messageId": number.to_string(), "body": body}));
            let event = serde_json::from_value(json!({"Records": records.collect::<Vec<_>>()}))?;
            let done = call_webhook::handler(world, self, caller, event, &self.clock, &measure).await;
            for failure in done.batch_item_failures {
                let message = failure
                    .item_identifier
                    .parse()
                    .ok()
                    .and_then(|number: usize| messages.get(number));
                if let Some(message) = message {
                    self.put(message.clone(), KEPT_BACK);
                }
            }
        }
    }
}

impl<C: Fn() -> Timestamp + Sync> PublishEvents for Outgoing<C> {
    async fn publish(&self, events: &[Event]) -> Ported<Vec<Key>> {
        for event in events {
            self.put(call_message::event(event), SignedDuration::ZERO);
        }
        Ok(events.iter().map(|event| event.key.clone()).collect())
    }
}

impl<C: Fn() -> Timestamp + Sync> QueueCall for Outgoing<C> {
    async fn queue_call(&self, due: &DueCall, wait: SignedDuration) -> Ported<()> {
        self.put(call_message::attempt(due), wait);
        Ok(())
    }
}
