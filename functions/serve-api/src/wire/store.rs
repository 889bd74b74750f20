//! The settings of a store.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use within24::domain::marketplace::Marketplace;
use within24::domain::quiet_hours::QuietHours;
use within24::domain::screening::Rule;
use within24::domain::store::{AskOrderId, Store, StoreId};
use within24::domain::store_screen::StoreScreen;
use within24::domain::token::Role;
use within24::lambda::api::{Invalid, Object};

use super::given;
use crate::threads::marketplace;

/// A store, and what the token may do there.
#[derive(Serialize)]
pub(crate) struct StoreOut<'a> {
    id: &'a str,
    role: &'static str,
}

impl<'a> StoreOut<'a> {
    pub(crate) fn of(store: &'a StoreId, role: Role) -> Self {
        Self {
            id: store.as_str(),
            role: role.as_str(),
        }
    }
}

/// The stores of a token.
#[derive(Serialize)]
pub(crate) struct Stores<'a> {
    pub(crate) stores: Vec<StoreOut<'a>>,
}

#[derive(Clone, Copy, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
enum Ask {
    Auto,
    Always,
    Never,
}

/// All settings; those that are not given take their defaults.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SettingsIn {
    recipient: String,
    from: String,
    #[serde(default)]
    marketplaces: Vec<String>,
    #[serde(default, deserialize_with = "given::count")]
    daily_orders: u32,
    ask_order_id: Option<Ask>,
    #[serde(default, deserialize_with = "given::count_or_null")]
    nearing_minutes: Option<u32>,
    #[serde(default, deserialize_with = "given::count_or_null")]
    critical_minutes: Option<u32>,
    quiet_hours: Option<String>,
    no_response_needed_tag: Option<String>,
    #[serde(default)]
    closed_needs_no_response: bool,
    #[serde(default)]
    screen: Object<ScreenIn>,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct ScreenIn {
    rules: BTreeMap<String, Severity>,
    phrases: BTreeMap<String, Vec<String>>,
    allowed_hosts: Vec<String>,
    i_accept_the_risk: bool,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Severity {
    Off,
    Note,
    Warn,
    Block,
}

impl Severity {
    fn as_str(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Note => "note",
            Self::Warn => "warn",
            Self::Block => "block",
        }
    }
}

fn wrong(pointer: impl Into<String>, detail: impl Into<String>) -> Invalid {
    Invalid {
        pointer: pointer.into(),
        detail: detail.into(),
    }
}

impl SettingsIn {
    /// The store with these settings, or what cannot be read of them.
    pub(crate) fn store(&self, id: StoreId) -> Result<Store, Vec<Invalid>> {
        let mut faults = Vec::new();
        let mut store = Store::new(id, &self.recipient, &self.from);
        for (place, code) in self.marketplaces.iter().enumerate() {
            match marketplace(code) {
                Some(known) if store.marketplaces.contains(&known) => {
                    faults.push(wrong(format!("/marketplaces/{place}"), "write each marketplace once"));
                }
                Some(known) => store.marketplaces.push(known),
                None => faults.push(wrong(format!("/marketplaces/{place}"), "write a code like DE, GB, JP")),
            }
        }
        store.daily_orders = self.daily_orders;
        store.ask_order_id = match self.ask_order_id {
            None | Some(Ask::Auto) => AskOrderId::Auto,
            Some(Ask::Always) => AskOrderId::Always,
            Some(Ask::Never) => AskOrderId::Never,
        };
        store.nearing_minutes = self.nearing_minutes.unwrap_or(store.nearing_minutes);
        store.critical_minutes = self.critical_minutes.unwrap_or(store.critical_minutes);
        if let Some(text) = &self.quiet_hours {
            store.quiet_hours = QuietHours::parse(text);
            if store.quiet_hours.is_none() {
                let instead = "write two times and a zone of the IANA database, like 22:00-07:00 Europe/Berlin";
                faults.push(wrong("/quiet_hours", instead));
            }
        }
        if let Some(tag) = &self.no_response_needed_tag {
            tag.trim().clone_into(&mut store.no_response_needed_tag);
        }
        store.closed_needs_no_response = self.closed_needs_no_response;
        store.screen = self.screen.0.read(&mut faults);
        if faults.is_empty() { Ok(store) } else { Err(faults) }
    }
}

impl ScreenIn {
    fn read(&self, faults: &mut Vec<Invalid>) -> StoreScreen {
        let mut screen = StoreScreen::default();
        // A name that is no rule's may be anything: the place of its list is enough.
        let no_rule = |place: &str| wrong(place, "name rules by their ids, which SCREENING.md lists");
        for (id, to) in &self.rules {
            if screen.set_rule(id, to.as_str()).is_err() {
                faults.push(no_rule("/screen/rules"));
            }
        }
        for (id, phrases) in &self.phrases {
            if Rule::parse(id).is_none() {
                faults.push(no_rule("/screen/phrases"));
                continue;
            }
            for (place, phrase) in phrases.iter().enumerate() {
                if screen.add_phrase(id, phrase).is_err() {
                    let instead = "write words, with * for any ending and ..3 for up to three words between";
                    faults.push(wrong(format!("/screen/phrases/{id}/{place}"), instead));
                }
            }
        }
        self.allowed_hosts.iter().for_each(|host| screen.allow_host(host));
        screen.accept_the_risk(self.i_accept_the_risk);
        screen
    }
}

/// All settings.
#[derive(Serialize)]
pub(crate) struct SettingsOut<'a> {
    id: &'a str,
    recipient: &'a str,
    from: &'a str,
    marketplaces: Vec<&'static str>,
    daily_orders: u32,
    ask_order_id: Ask,
    nearing_minutes: u32,
    critical_minutes: u32,
    quiet_hours: Option<String>,
    no_response_needed_tag: &'a str,
    closed_needs_no_response: bool,
    screen: ScreenOut<'a>,
}

#[derive(Serialize)]
struct ScreenOut<'a> {
    rules: BTreeMap<&'static str, &'static str>,
    phrases: BTreeMap<&'static str, Vec<&'a str>>,
    allowed_hosts: &'a [String],
    i_accept_the_risk: bool,
}

impl<'a> SettingsOut<'a> {
    pub(crate) fn of(store: &'a Store) -> Self {
        let mut phrases: BTreeMap<&'static str, Vec<&'a str>> = BTreeMap::new();
        for (rule, phrase) in store.screen.phrases() {
            phrases.entry(rule).or_default().push(phrase);
        }
        Self {
            id: store.id.as_str(),
            recipient: &store.recipient,
            from: &store.from,
            marketplaces: store.marketplaces.iter().copied().map(Marketplace::code).collect(),
            daily_orders: store.daily_orders,
            ask_order_id: match store.ask_order_id {
                AskOrderId::Auto => Ask::Auto,
                AskOrderId::Always => Ask::Always,
                AskOrderId::Never => Ask::Never,
            },
            nearing_minutes: store.nearing_minutes,
            critical_minutes: store.critical_minutes,
            quiet_hours: store.quiet_hours.as_ref().map(ToString::to_string),
            no_response_needed_tag: &store.no_response_needed_tag,
            closed_needs_no_response: store.closed_needs_no_response,
            screen: ScreenOut {
                rules: store.screen.rules().collect(),
                phrases,
                allowed_hosts: store.screen.allowed_hosts(),
                i_accept_the_risk: store.screen.risk_accepted(),
            },
        }
    }
}
