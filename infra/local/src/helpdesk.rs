//! Around the machine: helpdesks that call in, and SES that tells of mails. Queue and secrets stand in memory.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Result;
use serde_json::{Value, json};
use within24::adapters::webhook_message::{self, Written};
use within24::domain::store::StoreId;
use within24::domain::webhook::{Secrets, Source, Told};
use within24::ports::{FetchCall, Ported, QueueWebhook, ReadSecrets};

use crate::gateway;
use crate::machine::Machine;
use crate::ses;
use crate::sink::Sent;
use crate::timeline::Webhook;

/// In place of SQS: messages that wait to be dealt with, and the bodies that they have no room for.
#[derive(Debug, Default)]
pub struct Queue {
    messages: Mutex<Vec<String>>,
    bodies: Mutex<BTreeMap<String, Vec<u8>>>,
}

impl Queue {
    /// Takes all that waits.
    pub fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.messages.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Loses all bodies that messages have no room for.
    pub fn lose_bodies(&self) {
        self.bodies.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

impl QueueWebhook for Queue {
    async fn queue(&self, told: &Told) -> Ported<()> {
        let Written { text, body_place } = webhook_message::write(told);
        if let Some(place) = body_place {
            let mut bodies = self.bodies.lock().unwrap_or_else(PoisonError::into_inner);
            bodies.insert(place, told.body.clone());
        }
        self.messages.lock().unwrap_or_else(PoisonError::into_inner).push(text);
        Ok(())
    }
}

impl FetchCall for Queue {
    async fn body(&self, place: &str) -> Ported<Option<Vec<u8>>> {
        Ok(self
            .bodies
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(place)
            .cloned())
    }
}

/// In place of Secrets Manager: the secrets that stores were registered with.
#[derive(Clone, Debug, Default)]
pub struct KnownSecrets {
    by_store: BTreeMap<StoreId, BTreeMap<String, Value>>,
    known: Arc<Secrets>,
}

impl KnownSecrets {
    /// From now on the store has these and no other: by source a secret, or the list of those that are active. Gives
    /// whether all could be read; what cannot is left out.
    pub fn learn(&mut self, store: &StoreId, settings: BTreeMap<String, Value>) -> bool {
        self.by_store.insert(store.clone(), settings);
        let (mut secrets, mut readable) = (Secrets::default(), true);
        for (store, (name, value)) in self
            .by_store
            .iter()
            .flat_map(|(store, all)| all.iter().map(move |one| (store, one)))
        {
            let listed = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
            for secret in listed {
                match (Source::parse(name), secret.as_str().filter(|text| !text.is_empty())) {
                    (Some(source), Some(text)) => secrets.add(store.clone(), source, text),
                    _ => readable = false,
                }
            }
        }
        self.known = Arc::new(secrets);
        readable
    }
}

impl ReadSecrets for KnownSecrets {
    async fn webhook_secrets(&self) -> Ported<Arc<Secrets>> {
        Ok(Arc::clone(&self.known))
    }
}

/// What a call comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The status that the helpdesk sees.
    pub status: u64,
    /// Whether what was queued has been dealt with.
    pub applied: bool,
}

/// A helpdesk calls: the API calls `helpdesk-webhook`, the queue calls `apply-webhook`.
///
/// # Errors
/// Where this machine fails.
pub async fn calls(machine: &mut Machine, secrets: &KnownSecrets, webhook: &Webhook) -> Result<Answer> {
    let headers = webhook.headers.iter().map(|(name, value)| {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        (name.to_lowercase(), Value::String(text))
    });
    let event = gateway::post(
        &format!("/webhooks/{}", webhook.source),
        &[("source", &webhook.source)],
        &headers.collect(),
        (&webhook.body, webhook.base64),
    );
    let (queue, now) = (Queue::default(), machine.now());
    let folder = machine.folder().clone();
    let response = machine
        .call("helpdesk-webhook", async |_| {
            helpdesk_webhook::handler(secrets, &queue, &event, now, |_| {}).await
        })
        .await;
    let mut applied = true;
    for (number, message) in queue.take().into_iter().enumerate() {
        let event = ses::batch(&number.to_string(), &message)?;
        let done = machine
            .call("apply-webhook", async |table| {
                apply_webhook::handler(table, &queue, &folder, event, || now, |_| {}).await
            })
            .await;
        applied &= done.batch_item_failures.is_empty();
    }
    Ok(Answer {
        status: response["statusCode"].as_u64().unwrap_or_default(),
        applied,
    })
}

/// SES tells what became of a mail, by the timeline's name of it. Gives whether it was taken in; `None` where the name
/// is unknown.
pub async fn ses_tells(machine: &mut Machine, sent: &Sent, what: &str) -> Option<bool> {
    let now = machine.now();
    let (kind, part, inner) = match what {
        "delivery" => ("Delivery", "delivery", json!({"timestamp": now})),
        "bounce" => ("Bounce", "bounce", json!({"bounceType": "Permanent", "timestamp": now})),
        "soft-bounce" => ("Bounce", "bounce", json!({"bounceType": "Transient", "timestamp": now})),
        "complaint" => ("Complaint", "complaint", json!({"timestamp": now})),
        "delay" => ("DeliveryDelay", "deliveryDelay", json!({"timestamp": now})),
        "reject" => ("Reject", "reject", json!({"reason": "Bad content"})),
        _ => return None,
    };
    let mail = ses::Mail {
        accepted: sent.at,
        id: &sent.ses_id,
        tags: &sent.tags,
    };
    let event = ses::event(&mail, (kind, part), inner, now);
    let done = machine
        .call("track-delivery", async |table| {
            track_delivery::handler(table, &event, now).await
        })
        .await;
    Some(done.is_ok())
}
