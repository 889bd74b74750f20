//! `within24 metrics` without an archive: the response times of the system.

use std::process::ExitCode;

use anyhow::Result;
use serde_json::json;
use within24::domain::metrics::{WINDOWS, days_of};
use within24::wire::metrics::{DaysOut, WindowsOut};

use super::system::{Call, Place, System};
use super::{lines, print, print_json, width};
use crate::metrics::table::TARGET;
use crate::metrics::{self, DayLine, MetricsLine};
use crate::pretty::minute;

/// Prints the response times of the system.
///
/// # Errors
/// Where they cannot be had.
pub fn metrics(place: &Place) -> Result<ExitCode> {
    let system = System::reach(&place.reach)?;
    let stores = system.stores_or(place.store.as_deref())?;
    system.roll_up();
    let now = super::now();
    let (first, last) = days_of(WINDOWS.into_iter().max().unwrap_or(0), now);
    let (mut rows, mut days): (Vec<MetricsLine>, Vec<DayLine>) = Default::default();
    let mut rolled_up = Vec::new();
    for store in stores {
        let path = format!("/v1/stores/{store}/metrics");
        let (of_store, _): (WindowsOut, _) = system.read(&Call::get(path.as_str()))?;
        rows.extend(
            of_store
                .windows
                .iter()
                .map(|window| lines::window(&of_store.store, window)),
        );
        rolled_up.push(of_store.rolled_up_at);
        let call = Call::get(format!("{path}/days"))
            .query("first", &first)
            .query("last", &last);
        let (of_store, _): (DaysOut, _) = system.read(&call)?;
        days.extend(of_store.days.iter().map(|day| lines::day(&of_store.store, day)));
    }
    // As old as the oldest of them.
    let rolled_up = rolled_up.into_iter().min().flatten();
    if place.reach.json {
        let all = json!({"at": now, "rolled_up_at": rolled_up, "metrics": rows, "response_days": days});
        print_json(&all)?;
        return Ok(ExitCode::SUCCESS);
    }
    let counted = rolled_up.map_or_else(
        || "not counted yet".to_owned(),
        |at| format!("counted at {}", minute(at)),
    );
    print(&format!(
        "Response times at {}, {counted} (target: {TARGET} % within 24 h)\n",
        minute(now)
    ))?;
    print(&metrics::page(&rows, &days, width()))?;
    Ok(ExitCode::SUCCESS)
}
