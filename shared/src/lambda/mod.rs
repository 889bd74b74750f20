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
