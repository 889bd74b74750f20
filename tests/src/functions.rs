//! The functions by their names.

use within24::lambda::env::ConfigError;
use within24::lambda::outbox;

/// Reads the settings of a function as its `main` does.
///
/// # Errors
/// As the function says them.
///
/// # Panics
/// Over a name of no function: each has its line here.
pub fn read_settings(function: &str, lookup: &dyn Fn(&str) -> Option<String>) -> Result<(), ConfigError> {
    match function {
        "apply-webhook" => apply_webhook::Config::from_lookup(lookup).map(drop),
        "call-webhook" => call_webhook::Config::from_lookup(lookup).map(drop),
        "erase-buyer" => erase_buyer::Config::from_lookup(lookup).map(drop),
        "helpdesk-webhook" => helpdesk_webhook::Config::from_lookup(lookup).map(drop),
        "receive-mail" => receive_mail::Config::from_lookup(lookup).map(drop),
        "request-order-id" => outbox::Config::from_lookup(lookup).map(drop),
        "roll-up-metrics" => roll_up_metrics::Config::from_lookup(lookup).map(drop),
        "screen-reply" => screen_reply::Config::from_lookup(lookup).map(drop),
        "send-reply" => send_reply::Config::from_lookup(lookup).map(drop),
        "serve-api" => serve_api::Config::from_lookup(lookup).map(drop),
        "sweep-sla" => sweep_sla::Config::from_lookup(lookup).map(drop),
        "track-delivery" => track_delivery::Config::from_lookup(lookup).map(drop),
        other => panic!("{other}: say here how it reads its settings"),
    }
}
