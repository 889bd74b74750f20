//! What a store changes about the screen, as it is kept: names and words. [`StoreScreen::settings`] makes them work.

use super::screening::{Override, OwnPhrase, Rule, Settings, Severity};

/// A store's own screen settings; the default changes nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StoreScreen {
    rules: Vec<(Rule, Override)>,
    phrases: Vec<(Rule, String)>,
    allowed_hosts: Vec<String>,
    i_accept_the_risk: bool,
}

/// A setting that cannot be used, with what to write instead.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScreenSettingError {
    /// No rule has this id.
    #[error("there is no rule {0:?}; the ids are listed in SCREENING.md")]
    NoSuchRule(String),
    /// A rule can be given a severity or switched off.
    #[error("a rule is set to off, note, warn or block, not {0:?}")]
    NoSuchSeverity(String),
    /// A phrase that holds no words, or a wrong gap.
    #[error("a phrase is words, with * for any ending and ..3 for up to three words between: {0:?} is none")]
    NoPhrase(String),
}

impl StoreScreen {
    /// Sets the rule with this id to `off`, `note`, `warn` or `block`.
    ///
    /// # Errors
    /// Where there is no such rule or severity.
    pub fn set_rule(&mut self, id: &str, to: &str) -> Result<(), ScreenSettingError> {
        let rule = Rule::parse(id).ok_or_else(|| ScreenSettingError::NoSuchRule(id.to_owned()))?;
        let change = match to {
            "off" => Override::Off,
            _ => Override::Severity(
                Severity::parse(to).ok_or_else(|| ScreenSettingError::NoSuchSeverity(to.to_owned()))?,
            ),
        };
        self.rules.retain(|(known, _)| *known != rule);
        self.rules.push((rule, change));
        Ok(())
    }

    /// Adds a phrase of the store's own to the rule with this id.
    ///
    /// # Errors
    /// Where there is no such rule or the phrase cannot be used.
    pub fn add_phrase(&mut self, id: &str, phrase: &str) -> Result<(), ScreenSettingError> {
        let rule = Rule::parse(id).ok_or_else(|| ScreenSettingError::NoSuchRule(id.to_owned()))?;
        OwnPhrase::parse(phrase).map_err(|_| ScreenSettingError::NoPhrase(phrase.to_owned()))?;
        self.phrases.push((rule, phrase.to_owned()));
        Ok(())
    }

    /// Lets links to this host and its subdomains pass.
    pub fn allow_host(&mut self, host: &str) {
        self.allowed_hosts.push(host.to_owned());
    }

    /// `i_accept_the_risk`: settings may weaken even what Amazon suspends accounts for.
    pub fn accept_the_risk(&mut self, accept: bool) {
        self.i_accept_the_risk = accept;
    }

    /// Whether the risk is accepted.
    pub fn risk_accepted(&self) -> bool {
        self.i_accept_the_risk
    }

    /// The rules that are changed, by id, with `off` or the severity.
    pub fn rules(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        self.rules.iter().map(|(rule, change)| {
            let to = match change {
                Override::Off => "off",
                Override::Severity(severity) => severity.as_str(),
            };
            (rule.id(), to)
        })
    }

    /// The store's own phrases, with the id of their rule.
    pub fn phrases(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.phrases.iter().map(|(rule, phrase)| (rule.id(), phrase.as_str()))
    }

    /// The hosts that pass.
    pub fn allowed_hosts(&self) -> &[String] {
        &self.allowed_hosts
    }

    /// The settings the screen works with.
    pub fn settings(&self) -> Settings {
        let mut settings = Settings::default();
        for (rule, change) in &self.rules {
            settings = settings.with_rule(*rule, *change);
        }
        for (rule, phrase) in &self.phrases {
            if let Ok(phrase) = OwnPhrase::parse(phrase) {
                settings = settings.with_phrase(*rule, phrase);
            }
        }
        for host in &self.allowed_hosts {
            settings = settings.with_allowed_host(host);
        }
        if self.i_accept_the_risk {
            settings.accept_the_risk()
        } else {
            settings
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::screening::{Draft, Verdict, screen};
    use super::*;

    fn verdict(store: &StoreScreen, text: &str) -> Verdict {
        let draft = Draft {
            text: text.into(),
            ..Draft::default()
        };
        screen(&draft, &store.settings()).verdict
    }

    #[test]
    fn a_store_changes_rules_and_adds_words_and_hosts() {
        let mut store = StoreScreen::default();
        let text = "The manual is at https://help.kontorhaus.example/lamp for you.";
        assert_eq!(verdict(&store, text), Verdict::Block);
        store.allow_host("kontorhaus.example");
        assert_eq!(verdict(&store, text), Verdict::Allow);
        store.add_phrase("marketing", "lamp* club").unwrap();
        assert_eq!(verdict(&store, "Welcome to the lamps club."), Verdict::Block);
        store.set_rule("marketing", "warn").unwrap();
        assert_eq!(verdict(&store, "Welcome to the lamps club."), Verdict::Warn);
    }

    #[test]
    fn what_amazon_suspends_accounts_for_needs_the_risk_accepted() {
        let mut store = StoreScreen::default();
        store.set_rule("contact-email", "off").unwrap();
        let text = "Please write to help@kontorhaus.example instead.";
        assert_eq!(verdict(&store, text), Verdict::Block);
        store.accept_the_risk(true);
        assert_eq!(verdict(&store, text), Verdict::Allow);
        let draft = Draft {
            text: text.into(),
            ..Draft::default()
        };
        assert!(!screen(&draft, &store.settings()).accepted_risks.is_empty());
    }

    #[test]
    fn a_wrong_setting_says_what_to_write_instead() {
        let mut store = StoreScreen::default();
        assert!(
            store
                .set_rule("emojis", "off")
                .unwrap_err()
                .to_string()
                .contains("SCREENING.md")
        );
        assert!(
            store
                .set_rule("emoji", "loud")
                .unwrap_err()
                .to_string()
                .contains("off, note, warn or block")
        );
        assert!(
            store
                .add_phrase("marketing", " ..")
                .unwrap_err()
                .to_string()
                .contains("..3")
        );
    }
}
