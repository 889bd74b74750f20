//! `sweep-sla`: a tick of the scheduler in, one call of [`within24::app::sweep::sweep`], what it did out as metrics.

use jiff::{SignedDuration, Timestamp};
use within24::app::sweep::{Swept, sweep};
use within24::domain::alert::OperatorLanguage;
use within24::domain::clock::{Level, shift};
use within24::domain::event::What;
use within24::lambda::emf::{Measurement, Metric};
use within24::lambda::env::{ConfigError, Settings};
use within24::ports::{Commit, FindDue, FindHeld, FindStore, PortError, PublishEvents, ReadEvents, TellOperator};

/// Settings.
#[derive(Debug)]
pub struct Config {
    /// The DynamoDB table.
    pub table: String,
    /// The event bus.
    pub bus: String,
    /// The SNS topic of the operator's mail.
    pub topic: String,
    /// The language of that mail.
    pub language: OperatorLanguage,
    /// How much is logged.
    pub log_level: Option<String>,
}

impl Config {
    /// Reads the settings.
    ///
    /// # Errors
    /// All that is missing or wrong, at once.
    pub fn from_lookup(lookup: &dyn Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let mut settings = Settings::new(lookup);
        let tag = settings.optional("OPERATOR_LANGUAGE");
        let language = tag
            .as_deref()
            .map_or(Some(OperatorLanguage::En), OperatorLanguage::parse);
        if language.is_none() {
            settings.unreadable("OPERATOR_LANGUAGE", "en, de, ja, zh or ko");
        }
        let config = Self {
            table: settings.required("TABLE_NAME"),
            bus: settings.required("EVENT_BUS_NAME"),
            topic: settings.required("ALERT_TOPIC_ARN"),
            language: language.unwrap_or_default(),
            log_level: settings.optional("LOG_LEVEL"),
        };
        settings.finish(config)
    }
}

/// Until when a run that began now and ends at `deadline` begins with new work: the rest is for telling what it raised.
pub fn work_until(now: Timestamp, deadline: Timestamp) -> Timestamp {
    let all = deadline.duration_since(now).max(SignedDuration::ZERO);
    shift(now, all * 3 / 5)
}

/// Sweeps once.
///
/// # Errors
/// Where the world does not answer: the scheduler's next tick heals it.
pub async fn handler<W, B, O>(
    world: &W,
    bus: &B,
    operator: &O,
    language: OperatorLanguage,
    (now, until): (Timestamp, Timestamp),
    clock: impl Fn() -> Timestamp,
    measure: impl Fn(&Measurement),
) -> Result<Swept, PortError>
where
    W: FindDue + FindStore + FindHeld + ReadEvents + Commit,
    B: PublishEvents,
    O: TellOperator,
{
    let swept = sweep(world, bus, operator, language, now, || clock() < until).await?;
    measure(&measurement(&swept, now));
    tracing::info!(
        sweep.raised = swept.raised.len(),
        sweep.told = swept.told,
        sweep.failed = swept.failed,
        sweep.left = swept.left,
        sweep.released = swept.released,
        "swept"
    );
    Ok(swept)
}

/// What a sweep did, as metrics: the lag's number of samples is the heartbeat.
fn measurement(swept: &Swept, now: Timestamp) -> Measurement {
    let overdue = swept.raised.iter().filter(|event| {
        matches!(
            event.what,
            What::Alert {
                level: Level::Overdue,
                ..
            }
        )
    });
    let count = |number: usize| u32::try_from(number).map_or(f64::from(u32::MAX), f64::from);
    Measurement::new(now)
        .value(Metric::SweepLag, swept.lag.as_secs_f64())
        .value(Metric::AlertsRaised, count(swept.raised.len()))
        .value(Metric::OverdueRaised, count(overdue.count()))
        .value(Metric::SweepFailures, count(swept.failed))
        .property("told", swept.told)
        .property("left", swept.left)
        .property("released", swept.released)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_that_cannot_be_read_are_all_named() {
        let lookup = |name: &str| (name == "OPERATOR_LANGUAGE").then(|| "klingon".to_owned());
        let error = Config::from_lookup(&lookup).unwrap_err().to_string();
        for name in ["TABLE_NAME", "EVENT_BUS_NAME", "ALERT_TOPIC_ARN", "OPERATOR_LANGUAGE"] {
            assert!(error.contains(name), "{error}");
        }
    }

    #[test]
    fn two_fifths_of_the_time_are_for_telling() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let until = work_until(at("2026-03-02T10:00:00Z"), at("2026-03-02T10:01:40Z"));
        assert_eq!(until, at("2026-03-02T10:01:00Z"));
        let late = work_until(at("2026-03-02T10:00:00Z"), at("2026-03-02T09:00:00Z"));
        assert_eq!(late, at("2026-03-02T10:00:00Z"));
    }
}
