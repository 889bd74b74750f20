//! Stores and their settings.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Object, given, unset};
use crate::domain::store::{AskOrderId, Store, StoreId};
use crate::domain::token::Role;

/// A store, and what the token may do there.
#[derive(Clone, Deserialize, Serialize)]
pub struct StoreOut {
    pub id: String,
    pub role: String,
}

impl StoreOut {
    /// The store as a list shows it.
    pub fn of(store: &StoreId, role: Role) -> Self {
        Self {
            id: store.as_str().to_owned(),
            role: role.as_str().to_owned(),
        }
    }
}

/// The stores of a token.
#[derive(Clone, Deserialize, Serialize)]
pub struct Stores<T = StoreOut> {
    pub stores: Vec<T>,
}

/// When buyers are asked for a missing order id, as a request names it.
#[derive(Clone, Copy, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum AskOrderIdIn {
    Auto,
    Always,
    Never,
}

impl From<AskOrderIdIn> for AskOrderId {
    fn from(ask: AskOrderIdIn) -> Self {
        match ask {
            AskOrderIdIn::Auto => Self::Auto,
            AskOrderIdIn::Always => Self::Always,
            AskOrderIdIn::Never => Self::Never,
        }
    }
}

/// All settings; those that are not given take their defaults.
#[derive(Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct SettingsIn {
    pub recipient: String,
    pub from: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub marketplaces: Vec<String>,
    #[serde(default, deserialize_with = "given::count", skip_serializing_if = "zero")]
    pub daily_orders: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ask_order_id: Option<AskOrderIdIn>,
    #[serde(
        default,
        deserialize_with = "given::count_or_null",
        skip_serializing_if = "Option::is_none"
    )]
    pub nearing_minutes: Option<u32>,
    #[serde(
        default,
        deserialize_with = "given::count_or_null",
        skip_serializing_if = "Option::is_none"
    )]
    pub critical_minutes: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quiet_hours: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub no_response_needed_tag: Option<String>,
    #[serde(default, skip_serializing_if = "unset")]
    pub closed_needs_no_response: bool,
    #[serde(default, skip_serializing_if = "Object::is_default")]
    pub screen: Object<ScreenSettingsIn>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde asks")]
fn zero(count: &u32) -> bool {
    *count == 0
}

/// What a store changes of the screen.
#[derive(Clone, Default, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct ScreenSettingsIn {
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub rules: BTreeMap<String, SeverityIn>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub phrases: BTreeMap<String, Vec<String>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub allowed_hosts: Vec<String>,
    #[serde(skip_serializing_if = "unset")]
    pub i_accept_the_risk: bool,
}

/// How grave a rule is to be, as a request names it.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum SeverityIn {
    Off,
    Note,
    Warn,
    Block,
}

impl SeverityIn {
    /// The word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Note => "note",
            Self::Warn => "warn",
            Self::Block => "block",
        }
    }
}

/// All settings.
#[derive(Clone, Deserialize, Serialize)]
pub struct SettingsOut {
    pub id: String,
    pub recipient: String,
    pub from: String,
    pub marketplaces: Vec<String>,
    pub daily_orders: u32,
    pub ask_order_id: String,
    pub nearing_minutes: u32,
    pub critical_minutes: u32,
    pub quiet_hours: Option<String>,
    pub no_response_needed_tag: String,
    pub closed_needs_no_response: bool,
    pub screen: ScreenSettingsOut,
}

/// What the store has changed of the screen.
#[derive(Clone, Deserialize, Serialize)]
pub struct ScreenSettingsOut {
    pub rules: BTreeMap<String, String>,
    pub phrases: BTreeMap<String, Vec<String>>,
    pub allowed_hosts: Vec<String>,
    pub i_accept_the_risk: bool,
}

impl SettingsOut {
    /// The settings as they are kept.
    pub fn of(store: &Store) -> Self {
        let mut phrases: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (rule, phrase) in store.screen.phrases() {
            phrases.entry(rule.to_owned()).or_default().push(phrase.to_owned());
        }
        let rules = store.screen.rules();
        Self {
            id: store.id.as_str().to_owned(),
            recipient: store.recipient.clone(),
            from: store.from.clone(),
            marketplaces: store.marketplaces.iter().map(|one| one.code().to_owned()).collect(),
            daily_orders: store.daily_orders,
            ask_order_id: match store.ask_order_id {
                AskOrderId::Auto => "auto",
                AskOrderId::Always => "always",
                AskOrderId::Never => "never",
            }
            .to_owned(),
            nearing_minutes: store.nearing_minutes,
            critical_minutes: store.critical_minutes,
            quiet_hours: store.quiet_hours.as_ref().map(ToString::to_string),
            no_response_needed_tag: store.no_response_needed_tag.clone(),
            closed_needs_no_response: store.closed_needs_no_response,
            screen: ScreenSettingsOut {
                rules: rules.map(|(rule, to)| (rule.to_owned(), to.to_owned())).collect(),
                phrases,
                allowed_hosts: store.screen.allowed_hosts().to_vec(),
                i_accept_the_risk: store.screen.risk_accepted(),
            },
        }
    }
}
