//! Placeholder until the phrase data stands.
fn main() {}
