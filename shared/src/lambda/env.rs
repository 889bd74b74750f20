//! Settings from the environment: each function's `Config` reads them through a lookup, and says at once all that is
//! missing or wrong.

use std::fmt;

/// Every variable a function may read, with what it is. A test compares them with what the functions read.
pub const VARIABLES: &[(&str, &str)] = &[
    ("TABLE_NAME", "name of the DynamoDB table"),
    (
        "MAIL_BUCKET",
        "bucket of the raw mail that SES writes, of files of answers and of large calls",
    ),
    (
        "CONFIGURATION_SET",
        "SES configuration set whose events report deliveries; optional",
    ),
    (
        "EVENT_BUS_NAME",
        "name of the EventBridge bus that is told what happened",
    ),
    ("ALERT_TOPIC_ARN", "ARN of the SNS topic of the operator's mail"),
    (
        "OPERATOR_LANGUAGE",
        "language of the operator's mail: en, de, ja, zh or ko; optional, default en",
    ),
    (
        "WEBHOOK_SECRETS",
        "name or ARN of the secret in Secrets Manager that holds the stores' webhook secrets",
    ),
    (
        "WEBHOOK_QUEUE_URL",
        "URL of the SQS queue between helpdesk-webhook and apply-webhook",
    ),
    (
        "OUTGOING_QUEUE_URL",
        "URL of the SQS queue of call-webhook, into which it also puts calls that are to be made later",
    ),
    ("AWS_REGION", "set by Lambda; names the host of SES's Message-IDs"),
    ("LOG_LEVEL", "error, warn, info, debug or trace; optional, default info"),
];

/// All that is wrong with the settings.
#[derive(Debug, PartialEq, Eq)]
pub struct ConfigError(Vec<String>);

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "settings: {}", self.0.join("; "))
    }
}

impl std::error::Error for ConfigError {}

/// Reads settings and gathers what is wrong.
pub struct Settings<'a> {
    lookup: &'a dyn Fn(&str) -> Option<String>,
    wrong: Vec<String>,
}

impl<'a> Settings<'a> {
    /// Settings from this lookup.
    pub fn new(lookup: &'a dyn Fn(&str) -> Option<String>) -> Self {
        Self {
            lookup,
            wrong: Vec::new(),
        }
    }

    /// A variable that may be missing; empty is missing.
    pub fn optional(&self, name: &str) -> Option<String> {
        (self.lookup)(name)
            .map(|value| value.trim().to_owned())
            .filter(|value| !value.is_empty())
    }

    /// A variable that must be there.
    pub fn required(&mut self, name: &str) -> String {
        self.optional(name).unwrap_or_else(|| {
            let what = VARIABLES
                .iter()
                .find(|(known, _)| *known == name)
                .map_or("", |(_, what)| what);
            self.wrong.push(format!("{name} is missing ({what})"));
            String::new()
        })
    }

    /// Says that the value of a variable cannot be read.
    pub fn unreadable(&mut self, name: &str, wanted: &str) {
        self.wrong.push(format!("{name} cannot be read (wanted: {wanted})"));
    }

    /// The settings, if nothing is wrong.
    ///
    /// # Errors
    /// All that is missing or wrong, at once.
    pub fn finish<T>(self, config: T) -> Result<T, ConfigError> {
        if self.wrong.is_empty() {
            Ok(config)
        } else {
            Err(ConfigError(self.wrong))
        }
    }
}

/// The process's environment.
#[expect(
    clippy::disallowed_methods,
    reason = "this is the one module that reads the environment"
)]
pub fn process(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_that_is_missing_is_said_at_once() {
        let lookup = |name: &str| (name == "LOG_LEVEL").then(|| " info ".to_owned());
        let mut settings = Settings::new(&lookup);
        assert_eq!(settings.optional("LOG_LEVEL").as_deref(), Some("info"));
        settings.required("TABLE_NAME");
        settings.required("MAIL_BUCKET");
        let error = settings.finish(()).unwrap_err().to_string();
        assert!(
            error.contains("TABLE_NAME is missing") && error.contains("MAIL_BUCKET is missing"),
            "{error}"
        );
    }
}
