//! Amazon's response metrics, as the command prints them.

use std::collections::BTreeSet;

use anyhow::Result;
use jiff::Timestamp;
use serde::Serialize;
use within24::adapters::dynamodb::Table;
use within24::app::roll_up::windows_at;
use within24::domain::marketplace::Marketplace;
use within24::domain::metrics::{WINDOWS, Window};
use within24::domain::rollup::Windows;
use within24::domain::store::Store;
use within24::ports::ReadRollups;

/// Amazon's numbers for one store and window.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[expect(missing_docs, reason = "the fields are the contract's")]
pub struct MetricsLine {
    pub store: String,
    pub marketplace: Option<&'static str>,
    pub window_days: u16,
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

impl MetricsLine {
    /// The line of a window.
    pub fn of(store: &str, marketplace: Option<Marketplace>, window_days: u16, window: &Window) -> Self {
        Self {
            store: store.to_owned(),
            marketplace: marketplace.map(Marketplace::code),
            window_days,
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

    /// The lines of the windows of a store or marketplace.
    pub fn all(store: &str, marketplace: Option<Marketplace>, windows: &Windows) -> impl Iterator<Item = Self> {
        let windows = WINDOWS.into_iter().zip(windows);
        windows.map(move |(days, window)| Self::of(store, marketplace, days, window))
    }
}

/// The lines of a store from its rollups: all marketplaces together, then each where there are several.
///
/// # Errors
/// Where this machine fails.
pub async fn lines(table: &Table, store: &Store, now: Timestamp) -> Result<Vec<MetricsLine>> {
    let state = table.rollup_state(&store.id).await?;
    let marketplaces: BTreeSet<Marketplace> = store.marketplaces.iter().copied().chain(state.marketplaces).collect();
    let several = (marketplaces.len() > 1).then_some(marketplaces);
    let mut lines = Vec::new();
    for marketplace in std::iter::once(None).chain(several.into_iter().flatten().map(Some)) {
        let windows = windows_at(table, &store.id, marketplace, now).await?;
        lines.extend(MetricsLine::all(store.id.as_str(), marketplace, &windows));
    }
    Ok(lines)
}
