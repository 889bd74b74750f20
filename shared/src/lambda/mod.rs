//! What every function shares at its edge: settings from the environment, clients, logs, the batch runner, the clock.

#[cfg(feature = "api")]
pub mod api;
pub mod batch;
pub mod clients;
pub mod clock;
pub mod emf;
pub mod env;
pub mod http;
#[cfg(feature = "dynamodb")]
pub mod outbox;
#[cfg(feature = "api")]
pub mod random;
pub mod room;
pub mod telemetry;

/// Every function, by the name of its folder, its package and its binary; the names of crates have `_` in place of `-`.
/// `tests/house` holds the list against `functions/`.
pub const FUNCTIONS: [&str; 12] = [
    "apply-webhook",
    "call-webhook",
    "erase-buyer",
    "helpdesk-webhook",
    "receive-mail",
    "request-order-id",
    "roll-up-metrics",
    "screen-reply",
    "send-reply",
    "serve-api",
    "sweep-sla",
    "track-delivery",
];
