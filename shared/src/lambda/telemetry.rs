//! Logs: one JSON object a line, queryable by dotted fields, never with buyer data (such types cannot be printed).

use tracing_subscriber::EnvFilter;

/// Starts logging to standard output at this level; an unknown one is `info`.
pub fn start(level: Option<&str>) {
    let level = level.unwrap_or("info");
    // Only our own targets: the SDK's debug logs hold whole requests, and with them buyers' words.
    let ours = ["within24", "receive_mail", "request_order_id", "send_reply"].map(|target| format!("{target}={level}"));
    let filter = EnvFilter::try_new(format!("warn,aws=off,hyper=off,{}", ours.join(",")));
    let filter = filter.unwrap_or_else(|_| EnvFilter::new("info"));
    let logger = tracing_subscriber::fmt().json().flatten_event(true).with_current_span(true).with_span_list(false);
    // A second start (tests) keeps the first.
    let _ = logger.with_env_filter(filter).try_init();
}
