//! Endpoints of other systems, and the calls to them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use within24::domain::clock::shift;
use within24::domain::endpoint::{Call, Endpoint, OVERLAP, Progress};

use super::given;

/// An endpoint to be made.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct EndpointIn {
    pub(crate) url: String,
    /// None: all.
    #[serde(default)]
    pub(crate) events: Vec<String>,
}

/// What is to be told again.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReplayIn {
    #[serde(default, deserialize_with = "given::value")]
    pub(crate) event: Option<String>,
    #[serde(default, deserialize_with = "given::value")]
    pub(crate) since: Option<Timestamp>,
    #[serde(default, deserialize_with = "given::value")]
    pub(crate) cursor: Option<String>,
}

/// An endpoint, without its secret.
#[derive(Serialize)]
pub(crate) struct EndpointOut<'a> {
    id: &'a str,
    url: &'a str,
    events: Vec<&'a str>,
    created_at: Timestamp,
    secret_changed_at: Option<Timestamp>,
    disabled: Option<Disabled>,
}

/// Since when it is not called, and why.
#[derive(Serialize)]
struct Disabled {
    at: Timestamp,
    why: &'static str,
}

impl<'a> EndpointOut<'a> {
    pub(crate) fn of(endpoint: &'a Endpoint) -> Self {
        Self {
            id: endpoint.id.as_str(),
            url: endpoint.url.expose(),
            events: endpoint.wanted.names().collect(),
            created_at: endpoint.created_at,
            secret_changed_at: endpoint.rotated_at,
            disabled: endpoint.disabled.map(|(at, why)| Disabled { at, why: why.as_str() }),
        }
    }
}

/// Endpoints, the oldest first.
#[derive(Serialize)]
pub(crate) struct Endpoints<'a> {
    pub(crate) endpoints: Vec<EndpointOut<'a>>,
}

/// An endpoint with its secret.
#[derive(Serialize)]
pub(crate) struct NewEndpoint<'a> {
    secret: &'a str,
    #[serde(flatten)]
    kept: EndpointOut<'a>,
}

impl<'a> NewEndpoint<'a> {
    pub(crate) fn of(endpoint: &'a Endpoint, secret: &'a str) -> Self {
        Self {
            secret,
            kept: EndpointOut::of(endpoint),
        }
    }
}

/// A new secret.
#[derive(Serialize)]
pub(crate) struct NewSecret<'a> {
    secret: &'a str,
    /// Until then calls also bear a signature of the one before.
    previous_until: Timestamp,
}

impl<'a> NewSecret<'a> {
    pub(crate) fn of(secret: &'a str, now: Timestamp) -> Self {
        Self {
            secret,
            previous_until: shift(now, OVERLAP),
        }
    }
}

/// One event, told to one endpoint.
#[derive(Serialize)]
pub(crate) struct CallOut<'a> {
    event: &'a str,
    r#type: &'a str,
    happened_at: Timestamp,
    state: &'static str,
    why: Option<&'static str>,
    attempts: u32,
    next_at: Option<Timestamp>,
    last: Option<LastOut<'a>>,
}

/// The last attempt.
#[derive(Serialize)]
struct LastOut<'a> {
    at: Timestamp,
    answer: &'a str,
}

impl<'a> CallOut<'a> {
    pub(crate) fn of(call: &'a Call) -> Self {
        let (state, why, next_at) = match call.progress {
            Progress::Waiting { next_at, .. } => ("waiting", None, Some(next_at)),
            Progress::Delivered => ("delivered", None, None),
            Progress::Ended(why) => ("ended", Some(why.as_str()), None),
        };
        let last = call.last.as_ref().map(|last| LastOut {
            at: last.at,
            answer: &last.answer,
        });
        Self {
            event: call.id.event.as_str(),
            r#type: &call.event_type,
            happened_at: call.id.event_at,
            state,
            why,
            attempts: call.attempts,
            next_at,
            last,
        }
    }
}

/// A page of calls, the latest event first.
#[derive(Serialize)]
pub(crate) struct Calls<'a> {
    pub(crate) calls: Vec<CallOut<'a>>,
    pub(crate) next: Option<String>,
}

/// How many calls are made again, and where to go on.
#[derive(Serialize)]
pub(crate) struct ReplayOut {
    pub(crate) started: usize,
    pub(crate) next: Option<String>,
}
