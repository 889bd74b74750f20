//! Logs: one JSON object a line, queryable by dotted fields, never with buyer data (such types cannot be printed).

use tracing::Subscriber;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

use super::FUNCTIONS;

/// Our own targets: the library, and each function's crate. The SDK's and HTTP's own logs hold whole requests, and with them
/// buyers' words: they stay off.
fn targets() -> impl Iterator<Item = String> {
    let functions = FUNCTIONS.iter().map(|name| name.replace('-', "_"));
    ["within24".to_owned()].into_iter().chain(functions)
}

/// Starts logging to standard output at this level, `info` where none is given.
pub fn start(level: Option<&str>) {
    // A second start (tests) keeps the first.
    let _ = tracing::subscriber::set_global_default(subscriber(level.unwrap_or("info"), std::io::stdout));
    guard_panics();
}

/// From now on a panic logs where it happened and nothing else: its message may quote the text it tripped over.
pub fn guard_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic
            .location()
            .map(|place| format!("{}:{}", place.file(), place.line()));
        tracing::error!(panic.place = place.as_deref().unwrap_or("unknown"), "panicked");
    }));
}

/// What logs to this writer at this level; an unknown one is `info`.
pub fn subscriber<W>(level: &str, writer: W) -> impl Subscriber + Send + Sync
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let level = level.parse().unwrap_or(LevelFilter::INFO);
    let ours = targets().map(|target| format!("{target}={level}"));
    let filter = EnvFilter::new(format!("off,{}", ours.collect::<Vec<_>>().join(",")));
    let logger = tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_current_span(true)
        .with_span_list(false);
    logger.with_env_filter(filter).with_writer(writer).finish()
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn logged(level: &str, log: impl FnOnce()) -> String {
        let lines = Lines::default();
        let writer = lines.clone();
        tracing::subscriber::with_default(subscriber(level, move || writer.clone()), log);
        String::from_utf8(lines.0.lock().unwrap().clone()).unwrap()
    }

    #[test]
    fn our_own_targets_are_logged_and_no_others() {
        for level in ["info", "no such level"] {
            let text = logged(level, || {
                tracing::info!(target: "within24::app", "of the library");
                tracing::info!(target: "receive_mail", "of a function");
                tracing::debug!(target: "receive_mail", "in detail");
                tracing::error!(target: "aws_smithy_runtime::client", "of the SDK");
            });
            let said: Vec<&str> = text.split("\"message\":\"").skip(1).collect();
            let said: Vec<&str> = said.iter().filter_map(|rest| rest.split('"').next()).collect();
            assert_eq!(said, ["of the library", "of a function"], "{level}");
        }
    }
}
