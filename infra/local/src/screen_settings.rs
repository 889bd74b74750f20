//! What a store changes of the screen, as a settings file and a timeline have it. Unlike the API, which refuses a body, this
//! takes what can be used and names the rest.

use std::collections::BTreeMap;

use serde::Deserialize;
use within24::domain::store_screen::{ScreenSettingError, StoreScreen};

/// A store's own screen settings as users write them.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ScreenSettings {
    rules: BTreeMap<String, String>,
    phrases: BTreeMap<String, Vec<String>>,
    allowed_hosts: Vec<String>,
    i_accept_the_risk: bool,
}

impl ScreenSettings {
    /// The settings, and all that is wrong with them.
    pub fn read(&self) -> (StoreScreen, Vec<ScreenSettingError>) {
        let mut screen = StoreScreen::default();
        let mut wrong = Vec::new();
        wrong.extend(
            self.rules
                .iter()
                .filter_map(|(rule, to)| screen.set_rule(rule, to).err()),
        );
        for (rule, phrases) in &self.phrases {
            wrong.extend(
                phrases
                    .iter()
                    .filter_map(|phrase| screen.add_phrase(rule, phrase).err()),
            );
        }
        for host in &self.allowed_hosts {
            screen.allow_host(host);
        }
        screen.accept_the_risk(self.i_accept_the_risk);
        (screen, wrong)
    }
}
