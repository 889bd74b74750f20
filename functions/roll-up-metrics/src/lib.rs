//! `roll-up-metrics`: once an hour, one call of [`within24::app::roll_up::roll_up`] for each store, its windows out as
//! CloudWatch metrics.

use futures_util::{StreamExt, stream};
use jiff::Timestamp;
use within24::app::roll_up::{RolledUp, roll_up};
use within24::domain::marketplace::Marketplace;
use within24::domain::metrics::{WINDOWS, Window};
use within24::domain::store::StoreId;
use within24::lambda::emf::{Dimension, Measurement, Metric};
use within24::lambda::env::{ConfigError, Settings};
use within24::ports::{Commit, ListStores, PortError, ReadFacts, ReadRollups};

/// Stores that are rolled up at the same time.
const AT_ONCE: usize = 4;

/// Settings.
#[derive(Debug)]
pub struct Config {
    /// The DynamoDB table.
    pub table: String,
    /// The event bus.
    pub bus: String,
    /// How much is logged.
    pub log_level: Option<String>,
}

impl Config {
    /// Reads the settings.
    ///
    /// # Errors
    /// All that is missing, at once.
    pub fn from_lookup(lookup: &dyn Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let mut settings = Settings::new(lookup);
        let config = Self {
            table: settings.required("TABLE_NAME"),
            bus: settings.required("EVENT_BUS_NAME"),
            log_level: settings.optional("LOG_LEVEL"),
        };
        settings.finish(config)
    }
}

/// Not every store could be rolled up. The next run does the rest.
#[derive(Debug, thiserror::Error)]
pub enum RollUpError {
    /// The list of stores could not be read.
    #[error("the stores could not be listed")]
    NoList(#[source] PortError),
    /// Some stores failed, the others are done.
    #[error("{failed} of {all} stores could not be rolled up")]
    Stores {
        /// How many failed.
        failed: usize,
        /// Of how many.
        all: usize,
    },
}

/// Rolls up every store, each for itself, and gives what was measured to `measure`.
///
/// # Errors
/// Where a store failed, after all were tried: Lambda then tries again, and the alarm on errors sees it.
pub async fn handler<W>(world: &W, measure: impl Fn(&Measurement), now: Timestamp) -> Result<(), RollUpError>
where
    W: ListStores + ReadFacts + ReadRollups + Commit,
{
    let stores = world.stores().await.map_err(RollUpError::NoList)?;
    let one = |store: &StoreId| {
        let store = store.clone();
        async move {
            let rolled = roll_up(world, &store, now).await;
            (store, rolled)
        }
    };
    let mut failed = 0;
    let mut days = 0;
    let mut outcomes = stream::iter(stores.iter().map(one)).buffered(AT_ONCE);
    while let Some((store, outcome)) = outcomes.next().await {
        match outcome {
            Ok(rolled) => {
                days += rolled.days;
                tracing::info!(
                    store.id = store.as_str(),
                    rollup.days = rolled.days,
                    "rolled up a store"
                );
                measurements(&store, &rolled, now).iter().for_each(&measure);
            }
            Err(error) => {
                failed += 1;
                tracing::warn!(store.id = store.as_str(), error = %error, "could not roll up a store");
            }
        }
    }
    measure(&Measurement::new(now).value(Metric::DaysRolledUp, count(days as u64)));
    if failed > 0 {
        return Err(RollUpError::Stores {
            failed,
            all: stores.len(),
        });
    }
    Ok(())
}

#[expect(
    clippy::cast_precision_loss,
    reason = "counts of messages and days are far below 2^52"
)]
fn count(number: u64) -> f64 {
    number as f64
}

/// A measurement for each window of the store and of its marketplaces. Where nothing counts, there is no percentage.
fn measurements(store: &StoreId, rolled: &RolledUp, now: Timestamp) -> Vec<Measurement> {
    let one = |marketplace: Option<Marketplace>, days: u16, window: &Window| {
        let measurement = Measurement::new(now)
            .by(Dimension::Store, store.as_str())
            .by(Dimension::Marketplace, marketplace.map_or("all", Marketplace::code))
            .by(Dimension::Window, format!("{days}d"))
            .value(Metric::Late, count(window.late()))
            .property("within_24h", window.within)
            .property("no_response_over_24h", window.unanswered)
            .property("responded_over_24h", window.answered_late)
            .property("automatic_responses", window.automatic)
            .property("no_response_needed", window.no_response_needed);
        let percent = window.percent(window.within);
        let values = [
            (Metric::AnsweredWithin24h, percent),
            (Metric::AverageResponse, window.average_seconds()),
        ];
        let known = values.into_iter().filter_map(|(metric, value)| Some((metric, value?)));
        known.fold(measurement, |measurement, (metric, value)| {
            measurement.value(metric, value)
        })
    };
    rolled
        .windows
        .iter()
        .flat_map(|(marketplace, windows)| {
            let windows = WINDOWS.iter().zip(windows);
            windows.map(|(days, window)| one(*marketplace, *days, window))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;
    use within24::domain::store::Store;
    use within24::testing::{Memory, Strike};

    #[test]
    fn every_metric_comes_with_its_dimensions() {
        let window = Window {
            within: 9,
            answered_late: 1,
            answer_seconds: 36_000,
            ..Window::default()
        };
        let rolled = RolledUp {
            days: 2,
            windows: vec![(None, [window; 3]), (Marketplace::parse("DE"), [Window::default(); 3])],
        };
        let all = measurements(&StoreId::parse("de").unwrap(), &rolled, Timestamp::UNIX_EPOCH);
        assert_eq!(all.len(), 6);
        for measurement in &all {
            let dimensions: Vec<Dimension> = measurement
                .dimensions()
                .iter()
                .map(|(dimension, _)| *dimension)
                .collect();
            for (metric, _) in measurement.values() {
                assert_eq!(metric.dimensions(), dimensions);
            }
        }
        assert_eq!(
            all[0].values(),
            [
                (Metric::Late, 1.0),
                (Metric::AnsweredWithin24h, 90.0),
                (Metric::AverageResponse, 3600.0)
            ]
        );
        assert_eq!(all[3].values(), [(Metric::Late, 0.0)], "no percentage of nothing");
    }

    #[tokio::test]
    async fn a_store_that_fails_does_not_keep_the_others_from_being_rolled_up() {
        let now: Timestamp = "2026-03-02T09:00:00Z".parse().unwrap();
        let world = Memory::default();
        for id in ["de", "fr"] {
            world.put_store(Store::new(StoreId::parse(id).unwrap(), id, id));
        }
        let measured = RefCell::new(Vec::new());
        let measure = |measurement: &Measurement| measured.borrow_mut().push(measurement.clone());
        world.faults.strike(2, Strike::Before);
        let error = handler(&world, measure, now).await.unwrap_err();
        assert_eq!(error.to_string(), "1 of 2 stores could not be rolled up");
        let heartbeats = |measured: &[Measurement]| {
            let values = measured.iter().flat_map(Measurement::values);
            values.filter(|(metric, _)| *metric == Metric::DaysRolledUp).count()
        };
        assert_eq!((measured.borrow().len(), heartbeats(&measured.borrow())), (4, 1));
        world.faults.calm();
        measured.borrow_mut().clear();
        handler(&world, measure, now).await.unwrap();
        assert_eq!(measured.borrow().len(), 7);
    }
}
