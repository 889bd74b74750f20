//! The response metrics, named as in Account Health.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use within24::domain::marketplace::Marketplace;
use within24::domain::metrics::{WINDOWS, Window};

/// What is counted of messages.
#[derive(Serialize)]
struct Counts {
    within_24h: u64,
    late: u64,
    no_response_over_24h: u64,
    responded_over_24h: u64,
    percent_within_24h: Option<f64>,
    percent_late: Option<f64>,
    average_response_seconds: Option<f64>,
    automatic_responses: u64,
    no_response_needed: u64,
}

impl Counts {
    fn of(window: &Window) -> Self {
        Self {
            within_24h: window.within,
            late: window.late(),
            no_response_over_24h: window.unanswered,
            responded_over_24h: window.answered_late,
            percent_within_24h: window.percent(window.within),
            percent_late: window.percent(window.late()),
            average_response_seconds: window.average_seconds(),
            automatic_responses: window.automatic,
            no_response_needed: window.no_response_needed,
        }
    }
}

/// A window.
#[derive(Serialize)]
pub(crate) struct WindowOut {
    marketplace: Option<&'static str>,
    window_days: u16,
    #[serde(flatten)]
    counts: Counts,
}

impl WindowOut {
    pub(crate) fn all(
        marketplace: Option<Marketplace>,
        windows: &[Window; WINDOWS.len()],
    ) -> impl Iterator<Item = Self> {
        WINDOWS.into_iter().zip(windows).map(move |(window_days, window)| Self {
            marketplace: marketplace.map(Marketplace::code),
            window_days,
            counts: Counts::of(window),
        })
    }
}

/// All windows of a store.
#[derive(Serialize)]
pub(crate) struct WindowsOut<'a> {
    pub(crate) store: &'a str,
    pub(crate) at: Timestamp,
    pub(crate) rolled_up_at: Option<Timestamp>,
    pub(crate) windows: Vec<WindowOut>,
}

/// A day.
#[derive(Serialize)]
pub(crate) struct DayOut {
    day: Date,
    #[serde(flatten)]
    counts: Counts,
}

impl DayOut {
    pub(crate) fn of(day: Date, window: &Window) -> Self {
        Self {
            day,
            counts: Counts::of(window),
        }
    }
}

/// Days of a store, oldest first.
#[derive(Serialize)]
pub(crate) struct DaysOut<'a> {
    pub(crate) store: &'a str,
    pub(crate) marketplace: Option<&'static str>,
    pub(crate) days: Vec<DayOut>,
}
