//! Stores: which there are, and their settings.

use std::collections::BTreeSet;

use axum::http::StatusCode;
use axum::response::Response;
use within24::app::stores::{Registered, StoreError, register};
use within24::domain::store::StoreId;
use within24::domain::store_faults::Fault;
use within24::lambda::api::{Call, Problem, created, json};
use within24::wire::problem::Invalid;
use within24::wire::store::{SettingsIn, SettingsOut, StoreOut, Stores};

use crate::threads::known_store;
use crate::{World, settings};

/// The stores of the token, each with its role there.
pub(crate) async fn list<W: World>(call: Call<W>) -> Result<Response, Problem> {
    let all: BTreeSet<StoreId> = call.world.stores().await?.into_iter().collect();
    let role = |store: &StoreId| call.scopes().in_store(store);
    let own = all.iter().filter_map(|store| Some(StoreOut::of(store, role(store)?)));
    let stores = Stores { stores: own.collect() };
    json(StatusCode::OK, &stores)
}

pub(crate) async fn show<W: World>(call: Call<W>, store: StoreId) -> Result<Response, Problem> {
    let settings = known_store(&call, &store).await?;
    json(StatusCode::OK, &SettingsOut::of(&settings))
}

pub(crate) async fn put<W: World>(call: Call<W>, id: StoreId) -> Result<Response, Problem> {
    let wanted: SettingsIn = call.object()?;
    let store = settings::store(&wanted, id).map_err(|wrong| Problem::invalid(&wrong))?;
    let registered = register(&*call.world, &store, call.scopes(), &call.by(), call.now).await;
    match registered.map_err(problem)? {
        Registered::Changed => json(StatusCode::OK, &SettingsOut::of(&store)),
        Registered::New => {
            let place = format!("/v1/stores/{}", store.id.as_str());
            created(&place, &SettingsOut::of(&store))
        }
    }
}

fn problem(error: StoreError) -> Problem {
    match error {
        StoreError::Faults(faults) => Problem::invalid(&faults.iter().map(invalid).collect::<Vec<_>>()),
        StoreError::NoStore => Problem::no_such_store(),
        StoreError::NotYours => Problem::forbidden(error.to_string()),
        StoreError::Taken => Problem::conflict(
            "recipient-taken",
            "Recipient taken",
            "another store takes the mail of this recipient; an address has one store",
        ),
        StoreError::Port(error) => error.into(),
    }
}

fn invalid(fault: &Fault) -> Invalid {
    Invalid {
        pointer: format!("/{}", fault.field),
        detail: fault.instead.to_owned(),
    }
}
