//! Endpoints of other systems, and the calls to them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::given;
use crate::domain::clock::shift;
use crate::domain::endpoint::{Call, Endpoint, OVERLAP, Progress};

/// An endpoint to be made.
#[derive(Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct EndpointIn {
    pub url: String,
    /// None: all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<String>,
}

/// The events to be delivered again: one, or all since a time.
#[derive(Clone, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ReplayIn {
    #[serde(default, deserialize_with = "given::value", skip_serializing_if = "Option::is_none")]
    pub event: Option<String>,
    #[serde(default, deserialize_with = "given::value", skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    #[serde(default, deserialize_with = "given::value", skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

/// An endpoint, without its secret.
#[derive(Clone, Deserialize, Serialize)]
pub struct EndpointOut {
    pub id: String,
    pub url: String,
    pub events: Vec<String>,
    pub created_at: Timestamp,
    pub secret_changed_at: Option<Timestamp>,
    pub disabled: Option<DisabledOut>,
}

/// Since when it is not called, and why.
#[derive(Clone, Deserialize, Serialize)]
pub struct DisabledOut {
    pub at: Timestamp,
    pub why: String,
}

impl EndpointOut {
    /// The endpoint as it is shown.
    pub fn of(endpoint: &Endpoint) -> Self {
        Self {
            id: endpoint.id.as_str().to_owned(),
            url: endpoint.url.expose().to_owned(),
            events: endpoint.wanted.names().map(str::to_owned).collect(),
            created_at: endpoint.created_at,
            secret_changed_at: endpoint.rotated_at,
            disabled: endpoint.disabled.map(|(at, why)| DisabledOut {
                at,
                why: why.as_str().to_owned(),
            }),
        }
    }
}

/// Endpoints, the oldest first.
#[derive(Clone, Deserialize, Serialize)]
pub struct Endpoints {
    pub endpoints: Vec<EndpointOut>,
}

/// An endpoint with its secret.
#[derive(Clone, Deserialize, Serialize)]
pub struct NewEndpoint {
    pub secret: String,
    #[serde(flatten)]
    pub endpoint: EndpointOut,
}

/// A new secret.
#[derive(Clone, Deserialize, Serialize)]
pub struct NewSecret {
    pub secret: String,
    /// Until then calls also bear a signature of the one before.
    pub previous_until: Timestamp,
}

impl NewSecret {
    /// The secret that was made now.
    pub fn of(secret: String, now: Timestamp) -> Self {
        Self {
            secret,
            previous_until: shift(now, OVERLAP),
        }
    }
}

/// One event on its way to one endpoint.
#[derive(Clone, Deserialize, Serialize)]
pub struct CallOut {
    pub event: String,
    pub r#type: String,
    pub happened_at: Timestamp,
    pub state: String,
    pub why: Option<String>,
    pub attempts: u32,
    pub next_at: Option<Timestamp>,
    pub last: Option<AttemptOut>,
}

/// An attempt to deliver it.
#[derive(Clone, Deserialize, Serialize)]
pub struct AttemptOut {
    pub at: Timestamp,
    pub answer: String,
}

impl CallOut {
    /// The call as it is shown.
    pub fn of(call: &Call) -> Self {
        let (state, why, next_at) = match call.progress {
            Progress::Waiting { next_at, .. } => ("waiting", None, Some(next_at)),
            Progress::Delivered => ("delivered", None, None),
            Progress::Ended(why) => ("ended", Some(why.as_str().to_owned()), None),
        };
        let last = call.last.as_ref().map(|last| AttemptOut {
            at: last.at,
            answer: last.answer.clone(),
        });
        Self {
            event: call.id.event.as_str().to_owned(),
            r#type: call.event_type.clone(),
            happened_at: call.id.event_at,
            state: state.to_owned(),
            why,
            attempts: call.attempts,
            next_at,
            last,
        }
    }
}

/// A page of calls, the latest event first.
#[derive(Clone, Deserialize, Serialize)]
pub struct Calls {
    pub calls: Vec<CallOut>,
    pub next: Option<String>,
}

/// How many calls are made again, and where to go on.
#[derive(Clone, Deserialize, Serialize)]
pub struct ReplayOut {
    pub started: usize,
    pub next: Option<String>,
}
