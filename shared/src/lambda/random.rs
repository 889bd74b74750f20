//! The one place where functions get randomness.

/// Fills the bytes from the system's source.
///
/// # Panics
/// Where the system has none: no token may be made of anything else.
pub fn fill(bytes: &mut [u8]) {
    getrandom::fill(bytes).expect("the system has randomness");
}
