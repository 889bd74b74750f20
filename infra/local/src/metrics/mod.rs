//! Amazon's response metrics, as the command prints them.

pub mod archive;
pub mod chart;
pub mod command;
pub mod table;

use std::collections::BTreeSet;

use anyhow::Result;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use within24::adapters::dynamodb::Table;
use within24::app::roll_up::windows_at;
use within24::domain::marketplace::Marketplace;
use within24::domain::metrics::{WINDOWS, Window, days_of};
use within24::domain::rollup::Windows;
use within24::domain::store::Store;
use within24::ports::ReadRollups;
use within24::wire::metrics::Counts;

/// Amazon's numbers for one store and window.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[expect(missing_docs, reason = "the fields are the contract's")]
pub struct MetricsLine {
    pub store: String,
    pub marketplace: Option<&'static str>,
    pub window_days: u16,
    #[serde(flatten)]
    pub counts: Counts,
}

impl MetricsLine {
    /// The line of a window.
    pub fn of(store: &str, marketplace: Option<Marketplace>, window_days: u16, window: &Window) -> Self {
        Self {
            store: store.to_owned(),
            marketplace: marketplace.map(Marketplace::code),
            window_days,
            counts: Counts::of(window),
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

/// What one day comes to.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[expect(missing_docs, reason = "named as in the lines of the windows")]
pub struct DayLine {
    pub store: String,
    pub day: Date,
    pub within_24h: u64,
    pub late: u64,
}

/// The days of the longest window of a store, oldest first, all marketplaces together.
///
/// # Errors
/// Where this machine fails.
pub async fn days(table: &Table, store: &Store, now: Timestamp) -> Result<Vec<DayLine>> {
    let (first, last) = days_of(WINDOWS.into_iter().max().unwrap_or(0), now);
    let mut kept = table.rollups(&store.id, None, (first, last)).await?;
    let days = first.series(jiff::Span::new().days(1)).take_while(|day| *day <= last);
    let line = |day: Date| {
        let window = kept.remove(&day).unwrap_or_default().at(now);
        DayLine {
            store: store.id.as_str().to_owned(),
            day,
            within_24h: window.within,
            late: window.late(),
        }
    };
    Ok(days.map(line).collect())
}

/// Table and charts for people, a chart a store, at most `width` columns wide.
pub fn page(lines: &[MetricsLine], days: &[DayLine], width: u16) -> String {
    let mut page = table::table(lines, width);
    page.push('\n');
    let stores: Vec<&[DayLine]> = days.chunk_by(|a, b| a.store == b.store).collect();
    for of_store in &stores {
        let chart = chart::chart(of_store, width);
        if !chart.is_empty() {
            page.push('\n');
            if stores.len() > 1 {
                page.push_str(&of_store[0].store);
                page.push_str(": ");
            }
            page.push_str(&chart);
        }
    }
    page
}
