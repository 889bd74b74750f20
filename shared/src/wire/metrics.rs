//! The response metrics, named as in Account Health.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::domain::marketplace::Marketplace;
use crate::domain::metrics::{WINDOWS, Window};

/// What is counted of messages.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize)]
pub struct Counts {
    pub within_24h: u64,
    pub late: u64,
    pub no_response_over_24h: u64,
    pub responded_over_24h: u64,
    pub percent_within_24h: Option<f64>,
    pub percent_late: Option<f64>,
    pub average_response_seconds: Option<f64>,
    pub automatic_responses: u64,
    pub no_response_needed: u64,
}

impl Counts {
    /// What the messages of a window come to.
    pub fn of(window: &Window) -> Self {
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
#[derive(Clone, Deserialize, Serialize)]
pub struct WindowOut {
    pub marketplace: Option<String>,
    pub window_days: u16,
    #[serde(flatten)]
    pub counts: Counts,
}

impl WindowOut {
    /// The windows of a store, or of one of its marketplaces.
    pub fn all(marketplace: Option<Marketplace>, windows: &[Window; WINDOWS.len()]) -> impl Iterator<Item = Self> {
        WINDOWS.into_iter().zip(windows).map(move |(window_days, window)| Self {
            marketplace: marketplace.map(|marketplace| marketplace.code().to_owned()),
            window_days,
            counts: Counts::of(window),
        })
    }
}

/// All windows of a store.
#[derive(Clone, Deserialize, Serialize)]
pub struct WindowsOut {
    pub store: String,
    pub at: Timestamp,
    pub rolled_up_at: Option<Timestamp>,
    pub windows: Vec<WindowOut>,
}

/// A day.
#[derive(Clone, Deserialize, Serialize)]
pub struct DayOut {
    pub day: Date,
    #[serde(flatten)]
    pub counts: Counts,
}

impl DayOut {
    /// What the messages of a day come to.
    pub fn of(day: Date, window: &Window) -> Self {
        Self {
            day,
            counts: Counts::of(window),
        }
    }
}

/// Days of a store, oldest first.
#[derive(Clone, Deserialize, Serialize)]
pub struct DaysOut {
    pub store: String,
    pub marketplace: Option<String>,
    pub days: Vec<DayOut>,
}
