//! A store's settings as callers write them: what cannot be used of them, and the store that has them.

use within24::domain::quiet_hours::QuietHours;
use within24::domain::screening::Rule;
use within24::domain::store::{AskOrderId, Store, StoreId};
use within24::domain::store_screen::StoreScreen;
use within24::wire::problem::Invalid;
use within24::wire::store::{ScreenSettingsIn, SettingsIn};

use crate::threads::marketplace;

fn wrong(pointer: impl Into<String>, detail: impl Into<String>) -> Invalid {
    Invalid {
        pointer: pointer.into(),
        detail: detail.into(),
    }
}

/// The store with these settings, or what cannot be read of them.
pub(crate) fn store(given: &SettingsIn, id: StoreId) -> Result<Store, Vec<Invalid>> {
    let mut faults = Vec::new();
    let mut store = Store::new(id, &given.recipient, &given.from);
    for (place, code) in given.marketplaces.iter().enumerate() {
        match marketplace(code) {
            Some(known) if store.marketplaces.contains(&known) => {
                faults.push(wrong(format!("/marketplaces/{place}"), "write each marketplace once"));
            }
            Some(known) => store.marketplaces.push(known),
            None => faults.push(wrong(format!("/marketplaces/{place}"), "write a code like DE, GB, JP")),
        }
    }
    store.daily_orders = given.daily_orders;
    store.ask_order_id = given.ask_order_id.map_or(AskOrderId::Auto, Into::into);
    store.nearing_minutes = given.nearing_minutes.unwrap_or(store.nearing_minutes);
    store.critical_minutes = given.critical_minutes.unwrap_or(store.critical_minutes);
    if let Some(text) = &given.quiet_hours {
        store.quiet_hours = QuietHours::parse(text);
        if store.quiet_hours.is_none() {
            let instead = "write two times and a zone of the IANA database, like 22:00-07:00 Europe/Berlin";
            faults.push(wrong("/quiet_hours", instead));
        }
    }
    if let Some(tag) = &given.no_response_needed_tag {
        tag.trim().clone_into(&mut store.no_response_needed_tag);
    }
    store.closed_needs_no_response = given.closed_needs_no_response;
    store.screen = screen(&given.screen.0, &mut faults);
    if faults.is_empty() { Ok(store) } else { Err(faults) }
}

fn screen(given: &ScreenSettingsIn, faults: &mut Vec<Invalid>) -> StoreScreen {
    let mut screen = StoreScreen::default();
    // A name that is no rule's may be anything: the place of its list is enough.
    let no_rule = |place: &str| wrong(place, "name rules by their ids, which SCREENING.md lists");
    for (id, to) in &given.rules {
        if screen.set_rule(id, to.as_str()).is_err() {
            faults.push(no_rule("/screen/rules"));
        }
    }
    for (id, phrases) in &given.phrases {
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
    given.allowed_hosts.iter().for_each(|host| screen.allow_host(host));
    screen.accept_the_risk(given.i_accept_the_risk);
    screen
}
