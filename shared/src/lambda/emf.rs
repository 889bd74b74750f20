//! CloudWatch metrics as log lines, in the embedded metric format: no call, no rights, no agent.
//!
//! A line that a function writes to its log becomes metrics of the namespace [`NAMESPACE`]. Names, units and dimensions
//! stand in the enums here and nowhere else, so that dashboards and alarms can be held against them. What is not worth a
//! metric of its own (each combination of dimensions is billed as one) goes along as a property: CloudWatch Logs Insights
//! finds it. Dimensions are names of stores and settings, never a buyer's.
//!
//! Source: AWS, "Specification: Embedded metric format" (CloudWatch user guide).

use std::io::Write as _;

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use strum::VariantArray;

/// The namespace of all metrics.
pub const NAMESPACE: &str = "within24";

/// Every metric there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, VariantArray)]
pub enum Metric {
    /// Share of a window's messages that were answered within 24 hours. By store, marketplace and window.
    AnsweredWithin24h,
    /// A window's messages that were answered later, or not at all. By store, marketplace and window.
    Late,
    /// Mean time to answer in a window. By store, marketplace and window.
    AverageResponse,
    /// How long the oldest alert that a sweep left unraised has been due. Its number of samples is the sweep's heartbeat.
    SweepLag,
    /// Alerts that a sweep raised, of any level.
    AlertsRaised,
    /// Threads that a sweep found past their deadline.
    OverdueRaised,
    /// Due threads that a sweep could not deal with.
    SweepFailures,
    /// Calls of helpdesks that were not believed.
    WebhooksRefused,
    /// Calls of helpdesks that are written down in a thread. Its number of samples is the number of calls dealt with.
    WebhooksApplied,
    /// Requests to the API without a token that opens anything.
    TokensRefused,
    /// Days that a rollup computed anew. Its number of samples is the rollup's heartbeat.
    DaysRolledUp,
    /// Events that an endpoint has got. Its number of samples is the number of attempts.
    CallsDelivered,
    /// Events that an endpoint has not got after all attempts.
    CallsGivenUp,
    /// Endpoints that answered 410 and are called no more.
    EndpointsGone,
    /// How long the oldest call that could not be brought has been due. Its number of samples is the heartbeat of retries.
    CallLag,
}

impl Metric {
    /// Every metric, for tests that hold dashboards and alarms against them.
    pub const ALL: &[Self] = Self::VARIANTS;

    /// Its name in CloudWatch.
    pub fn name(self) -> &'static str {
        match self {
            Self::AnsweredWithin24h => "AnsweredWithin24h",
            Self::Late => "Late",
            Self::AverageResponse => "AverageResponse",
            Self::SweepLag => "SweepLag",
            Self::AlertsRaised => "AlertsRaised",
            Self::OverdueRaised => "OverdueRaised",
            Self::SweepFailures => "SweepFailures",
            Self::WebhooksRefused => "WebhooksRefused",
            Self::WebhooksApplied => "WebhooksApplied",
            Self::TokensRefused => "TokensRefused",
            Self::DaysRolledUp => "DaysRolledUp",
            Self::CallsDelivered => "CallsDelivered",
            Self::CallsGivenUp => "CallsGivenUp",
            Self::EndpointsGone => "EndpointsGone",
            Self::CallLag => "CallLag",
        }
    }

    /// Its unit, by CloudWatch's name.
    pub fn unit(self) -> &'static str {
        match self {
            Self::AnsweredWithin24h => "Percent",
            Self::AverageResponse | Self::SweepLag | Self::CallLag => "Seconds",
            Self::Late
            | Self::AlertsRaised
            | Self::OverdueRaised
            | Self::SweepFailures
            | Self::WebhooksRefused
            | Self::WebhooksApplied
            | Self::TokensRefused
            | Self::DaysRolledUp
            | Self::CallsDelivered
            | Self::CallsGivenUp
            | Self::EndpointsGone => "Count",
        }
    }

    /// The dimensions it comes with.
    pub fn dimensions(self) -> &'static [Dimension] {
        match self {
            Self::AnsweredWithin24h | Self::Late | Self::AverageResponse => {
                &[Dimension::Store, Dimension::Marketplace, Dimension::Window]
            }
            Self::SweepLag
            | Self::AlertsRaised
            | Self::OverdueRaised
            | Self::SweepFailures
            | Self::WebhooksRefused
            | Self::WebhooksApplied
            | Self::TokensRefused
            | Self::DaysRolledUp
            | Self::CallsDelivered
            | Self::CallsGivenUp
            | Self::EndpointsGone
            | Self::CallLag => &[],
        }
    }
}

/// What a metric is told apart by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, VariantArray)]
pub enum Dimension {
    /// The store's name.
    Store,
    /// The marketplace's code, or `all`.
    Marketplace,
    /// The window in days: `7d`, `30d`, `90d`.
    Window,
}

impl Dimension {
    /// Its name in CloudWatch.
    pub fn name(self) -> &'static str {
        match self {
            Self::Store => "store",
            Self::Marketplace => "marketplace",
            Self::Window => "window",
        }
    }
}

/// Values measured together, under the same dimensions.
#[derive(Clone, Debug, PartialEq)]
pub struct Measurement {
    at: Timestamp,
    dimensions: Vec<(Dimension, String)>,
    values: Vec<(Metric, f64)>,
    properties: Vec<(&'static str, Value)>,
}

impl Measurement {
    /// Nothing yet, measured at this time.
    pub fn new(at: Timestamp) -> Self {
        Self {
            at,
            dimensions: Vec::new(),
            values: Vec::new(),
            properties: Vec::new(),
        }
    }

    /// Told apart by this. Each metric comes with exactly its [`Metric::dimensions`].
    #[must_use]
    pub fn by(mut self, dimension: Dimension, value: impl Into<String>) -> Self {
        self.dimensions.push((dimension, value.into()));
        self
    }

    /// With this value; what is no number is left out.
    #[must_use]
    pub fn value(mut self, metric: Metric, value: f64) -> Self {
        if value.is_finite() {
            self.values.push((metric, value));
        }
        self
    }

    /// With a property beside the metrics: found in the logs, billed as no metric.
    #[must_use]
    pub fn property(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.properties.push((name, value.into()));
        self
    }

    /// The values, in the order they were given.
    pub fn values(&self) -> &[(Metric, f64)] {
        &self.values
    }

    /// The dimensions, in the order they were given.
    pub fn dimensions(&self) -> &[(Dimension, String)] {
        &self.dimensions
    }

    /// The log line, without its end.
    pub fn line(&self) -> String {
        let mut line = Map::new();
        let names: Vec<&str> = self.dimensions.iter().map(|(dimension, _)| dimension.name()).collect();
        let metrics: Vec<Value> = self
            .values
            .iter()
            .map(|(metric, _)| json!({"Name": metric.name(), "Unit": metric.unit()}))
            .collect();
        let directive = json!({"Namespace": NAMESPACE, "Dimensions": [names], "Metrics": metrics});
        line.insert(
            "_aws".to_owned(),
            json!({"Timestamp": self.at.as_millisecond(), "CloudWatchMetrics": [directive]}),
        );
        line.extend(
            self.properties
                .iter()
                .map(|(name, value)| ((*name).to_owned(), value.clone())),
        );
        line.extend(
            self.dimensions
                .iter()
                .map(|(dimension, value)| (dimension.name().to_owned(), json!(value))),
        );
        line.extend(
            self.values
                .iter()
                .map(|(metric, value)| (metric.name().to_owned(), json!(value))),
        );
        Value::Object(line).to_string()
    }
}

/// Writes the measurement to the function's log.
pub fn to_log(measurement: &Measurement) {
    // A metric that cannot be written must not stop the work that it measures.
    let _ = writeln!(std::io::stdout().lock(), "{}", measurement.line());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_measurement_is_a_line_that_cloudwatch_reads_as_metrics() {
        let at: Timestamp = "2026-03-02T09:00:00Z".parse().unwrap();
        let line = Measurement::new(at)
            .by(Dimension::Store, "de")
            .by(Dimension::Window, "7d")
            .value(Metric::AnsweredWithin24h, 92.5)
            .value(Metric::AverageResponse, f64::NAN)
            .property("unanswered", 3)
            .line();
        let read: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(
            read,
            json!({
                "_aws": {
                    "Timestamp": 1_772_442_000_000_i64,
                    "CloudWatchMetrics": [{
                        "Namespace": "within24",
                        "Dimensions": [["store", "window"]],
                        "Metrics": [{"Name": "AnsweredWithin24h", "Unit": "Percent"}],
                    }],
                },
                "store": "de", "window": "7d", "AnsweredWithin24h": 92.5, "unanswered": 3,
            })
        );
        assert!(!line.contains('\n'));
    }

    #[test]
    fn every_metric_has_a_name_of_its_own_that_is_no_dimension() {
        let mut names: Vec<&str> = Metric::ALL.iter().map(|metric| metric.name()).collect();
        names.extend(Dimension::VARIANTS.iter().map(|dimension| dimension.name()));
        names.sort_unstable();
        let all = names.len();
        names.dedup();
        assert_eq!(names.len(), all);
    }
}
