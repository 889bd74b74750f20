//! within24: answers to Amazon's buyers within 24 hours.
//!
//! The arrow runs one way: functions → [`app`] → [`domain`], and app → [`ports`] ← adapters.
//! `ARCHITECTURE.md` beside this crate has the map.

pub mod adapters;
pub mod app;
pub mod domain;
#[cfg(feature = "lambda")]
pub mod lambda;
pub mod ports;
#[cfg(feature = "testing")]
pub mod testing;
#[cfg(feature = "wire")]
pub mod wire;
