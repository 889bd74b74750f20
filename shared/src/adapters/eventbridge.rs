//! Events on a custom EventBridge bus.

use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_eventbridge::primitives::DateTime;
use aws_sdk_eventbridge::types::PutEventsRequestEntry;

use super::event_detail;
use crate::domain::event::Event;
use crate::domain::key::Key;
use crate::ports::{PortError, Ported, PublishEvents};

/// The most entries of one call. Source: EventBridge API, PutEvents.
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

    fn entry(&self, event: &Event) -> Option<PutEventsRequestEntry> {
        let (detail_type, detail) = event_detail::write(event)?;
        let entry = PutEventsRequestEntry::builder()
            .event_bus_name(&self.name)
            .source(event_detail::SOURCE)
            .detail_type(detail_type)
            .detail(detail)
            .time(DateTime::from_millis(event.at.as_millisecond()));
        Some(entry.build())
    }
}

impl PublishEvents for Bus {
    async fn publish(&self, events: &[Event]) -> Ported<Vec<Key>> {
        let mut taken = Vec::new();
        for part in events.chunks(MOST) {
            let entries: Vec<_> = part.iter().filter_map(|event| self.entry(event)).collect();
            let sent = self.client.put_events().set_entries(Some(entries)).send().await;
            let answer = match sent {
                Ok(answer) => answer,
                // What earlier calls took is taken: the caller must learn of it.
                Err(error) if taken.is_empty() => return Err(failed(&error)),
                Err(_) => return Ok(taken),
            };
            let results = part.iter().zip(answer.entries());
            taken.extend(
                results
                    .filter(|(_, result)| result.error_code().is_none())
                    .map(|(event, _)| event.key.clone()),
            );
        }
        Ok(taken)
    }
}

fn failed<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> PortError {
    let service = "events";
    match error {
        SdkError::ServiceError(inner) => {
            let code = inner.err().code().unwrap_or("unknown").to_owned();
            if ["AccessDeniedException", "ResourceNotFoundException"].contains(&code.as_str()) {
                PortError::Broken { service, code }
            } else {
                PortError::Unavailable { service, code }
            }
        }
        _ => PortError::Unavailable {
            service,
            code: "dispatch".to_owned(),
        },
    }
}
