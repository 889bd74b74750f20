//! The one place where functions read the clock.

use jiff::Timestamp;

/// The time now.
#[expect(clippy::disallowed_methods, reason = "this is the one module that reads the clock")]
pub fn now() -> Timestamp {
    Timestamp::now()
}
