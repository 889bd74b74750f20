//! Events on a custom EventBridge bus.

use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::primitives::DateTime;
use aws_sdk_eventbridge::types::PutEventsRequestEntry;

use super::event_detail;
use super::sdk_error::{by_code, port_error};
use crate::domain::event::Event;
use crate::domain::key::Key;
use crate::ports::{Ported, PublishEvents};

const SERVICE: &str = "events";

/// The most entries of one call. Ten of the largest events stay below the 256 KB of a call. Source: EventBridge API, PutEvents.
const MOST: usize = 10;

/// The bus.
#[derive(Clone, Debug)]
pub struct Bus {
    client: Client,
    name: String,
}

impl Bus {
    /// The bus of this name.
    pub fn new(client: Client, name: impl Into<String>) -> Self {
        Self {
            client,
            name: name.into(),
        }
    }

    fn entry(&self, event: &Event) -> PutEventsRequestEntry {
        let (detail_type, detail) = event_detail::write(&event.told());
        PutEventsRequestEntry::builder()
            .event_bus_name(&self.name)
            .source(event_detail::SOURCE)
            .detail_type(detail_type)
            .detail(detail)
            .time(DateTime::from_millis(event.at.as_millisecond()))
            .build()
    }
}

impl PublishEvents for Bus {
    async fn publish(&self, events: &[Event]) -> Ported<Vec<Key>> {
        let mut taken = Vec::new();
        let mut failure = None;
        for part in events.chunks(MOST) {
            // One entry an event: results name their entries by position alone.
            let entries = part.iter().map(|event| self.entry(event)).collect();
            let sent = self.client.put_events().set_entries(Some(entries)).send().await;
            let answer = match sent {
                Ok(answer) => answer,
                Err(error) => {
                    failure = Some(port_error(SERVICE, &error));
                    break;
                }
            };
            for (event, result) in part.iter().zip(answer.entries()) {
                if let Some(code) = result.error_code() {
                    tracing::warn!(event.key = event.key.as_str(), error.code = code, "event not published");
                    failure = Some(by_code(SERVICE, code));
                } else if result.event_id().is_some() {
                    taken.push(event.key.clone());
                }
            }
        }
        match failure {
            // What was taken is taken: the caller must learn of it.
            Some(failure) if taken.is_empty() => Err(failure),
            _ => Ok(taken),
        }
    }
}
