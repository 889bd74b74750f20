//! Logs: one JSON object a line, queryable by dotted fields, never with buyer data (such types cannot be printed).

use tracing::Subscriber;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

/// Our own targets. The SDK's and HTTP's own logs hold whole requests, and with them buyers' words: they stay off.
const OURS: [&str; 13] = [
    "within24",
    "apply_webhook",
    "call_webhook",
    "erase_buyer",
    "helpdesk_webhook",
    "receive_mail",
    "request_order_id",
    "roll_up_metrics",
    "screen_reply",
    "send_reply",
    "serve_api",
    "sweep_sla",
    "track_delivery",
];

/// Starts logging to standard output at this level; an unknown one is `info`.
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

/// What logs to this writer at this level.
pub fn subscriber<W>(level: &str, writer: W) -> impl Subscriber + Send + Sync
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let ours = OURS.map(|target| format!("{target}={level}")).join(",");
    let filter = EnvFilter::try_new(format!("off,{ours}")).unwrap_or_else(|_| EnvFilter::new("off,within24=info"));
    let logger = tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_current_span(true)
        .with_span_list(false);
    logger.with_env_filter(filter).with_writer(writer).finish()
}
