//! In a process of its own: the panic hook is one for all threads.
#![cfg(feature = "lambda")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::io::Write;
use std::sync::{Arc, Mutex};

use within24::lambda::telemetry;

#[derive(Clone, Default)]
struct Captured(Arc<Mutex<Vec<u8>>>);

impl Write for Captured {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_panic_logs_its_place_and_not_what_it_tripped_over() {
    let logs = Captured::default();
    let writer = logs.clone();
    tracing::subscriber::set_global_default(telemetry::subscriber("info", move || writer.clone())).unwrap();
    telemetry::guard_panics();
    let words = String::from("the buyer's secret words: größer");
    let cut = words.len() - 2;
    let caught = std::panic::catch_unwind(|| words[..cut - 1].len());
    assert!(caught.is_err() || std::panic::catch_unwind(|| panic!("{words}")).is_err());
    let logs = String::from_utf8(logs.0.lock().unwrap().clone()).unwrap();
    assert!(logs.contains("panics.rs:"), "{logs}");
    assert!(!logs.contains("secret"), "{logs}");
}
