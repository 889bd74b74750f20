//! Endpoints of other systems: made, called no more, given a new secret, told again what they missed.

use std::sync::Arc;

use axum::http::StatusCode;
use axum::response::Response;
use within24::app::endpoints::{self, EndpointError};
use within24::domain::endpoint::{Call as Told, CallId, Endpoint, EndpointId, UnknownType};
use within24::domain::key::Key;
use within24::domain::store::StoreId;
use within24::lambda::api::{Call, Problem, created, json, no_content};
use within24::ports::{Place, QueueCall};
use within24::wire::endpoint::{
    CallOut, Calls, EndpointIn, EndpointOut, Endpoints, NewEndpoint, NewSecret, ReplayIn, ReplayOut,
};

use crate::threads::known_store;
use crate::{World, cursor};

pub(crate) const CALL_PARAMETERS: &[&str] = &["limit", "cursor"];

/// Bytes of a secret.
const SECRET: usize = 32;

fn no_such_endpoint() -> Problem {
    Problem::not_found("no such endpoint in this store")
}

/// The endpoint that the path names.
fn named<W>(call: &Call<W>) -> Result<EndpointId, Problem> {
    EndpointId::parse(call.path("endpoint")).ok_or_else(no_such_endpoint)
}

pub(crate) async fn list<W: World>(call: Call<W>, store: StoreId) -> Result<Response, Problem> {
    known_store(&call, &store).await?;
    let all = endpoints::list(&*call.world, &store).await.map_err(problem)?;
    let all = Endpoints {
        endpoints: all.iter().map(EndpointOut::of).collect(),
    };
    json(StatusCode::OK, &all)
}

pub(crate) async fn make<W: World>(call: Call<W>, store: StoreId) -> Result<Response, Problem> {
    let wanted: EndpointIn = call.object()?;
    let events: Vec<&str> = wanted.events.iter().map(String::as_str).collect();
    let mut secret = [0; SECRET];
    (call.random)(&mut secret);
    let made = endpoints::create(
        &*call.world,
        &store,
        &wanted.url,
        &events,
        &call.by(),
        call.now,
        &secret,
    )
    .await;
    let made = made.map_err(|error| match error {
        EndpointError::Wanted(unknown) => unknown_event(&events, &unknown),
        error => problem(error),
    })?;
    let place = format!("/v1/stores/{}/endpoints/{}", store.as_str(), made.endpoint.id.as_str());
    let shown = NewEndpoint {
        secret: made.secret.expose(),
        endpoint: EndpointOut::of(&made.endpoint),
    };
    created(&place, &shown)
}

fn shown(endpoint: Result<Endpoint, EndpointError>) -> Result<Response, Problem> {
    json(StatusCode::OK, &EndpointOut::of(&endpoint.map_err(problem)?))
}

pub(crate) async fn show<W: World>(call: Call<W>, store: StoreId) -> Result<Response, Problem> {
    shown(endpoints::show(&*call.world, &store, &named(&call)?).await)
}

pub(crate) async fn delete<W: World>(call: Call<W>, store: StoreId) -> Result<Response, Problem> {
    let deleted = endpoints::delete(&*call.world, &store, &named(&call)?, &call.by(), call.now).await;
    deleted.map_err(problem)?;
    Ok(no_content())
}

pub(crate) async fn disable<W: World>(call: Call<W>, store: StoreId) -> Result<Response, Problem> {
    shown(endpoints::disable(&*call.world, &store, &named(&call)?, &call.by(), call.now).await)
}

pub(crate) async fn enable<W: World>(call: Call<W>, store: StoreId) -> Result<Response, Problem> {
    shown(endpoints::enable(&*call.world, &store, &named(&call)?, &call.by(), call.now).await)
}

pub(crate) async fn renew_secret<W: World>(call: Call<W>, store: StoreId) -> Result<Response, Problem> {
    let mut secret = [0; SECRET];
    (call.random)(&mut secret);
    let renewed = endpoints::rotate(&*call.world, &store, &named(&call)?, &call.by(), call.now, &secret).await;
    json(
        StatusCode::OK,
        &NewSecret::of(renewed.map_err(problem)?.expose(), call.now),
    )
}

pub(crate) async fn calls<W: World>(call: Call<W>, store: StoreId) -> Result<Response, Problem> {
    let (limit, after) = (cursor::limit(&call)?, cursor::place(&call)?);
    let endpoint = endpoints::show(&*call.world, &store, &named(&call)?)
        .await
        .map_err(problem)?;
    let after = after.map(|place| call_at(&store, &endpoint.id, place));
    let told = endpoints::calls(&*call.world, &store, &endpoint.id, after.as_ref(), limit).await;
    let told = told.map_err(problem)?;
    let place = |told: &Told| place_of(&told.id);
    let page = Calls {
        next: cursor::after_place(&told, limit, place),
        calls: told.iter().map(CallOut::of).collect(),
    };
    json(StatusCode::OK, &page)
}

/// One event, or all since a time that the endpoint has not got.
pub(crate) async fn replay<W, Q>(call: Call<W>, queue: Arc<Q>, store: StoreId) -> Result<Response, Problem>
where
    W: World,
    Q: QueueCall,
{
    let wanted: ReplayIn = call.object()?;
    let id = named(&call)?;
    let (place, by) = ((&store, &id), call.by());
    let replayed = match (wanted.event, wanted.since) {
        (Some(event), None) if wanted.cursor.is_none() => {
            let event = Key::parse(&event).ok_or_else(no_such_event)?;
            let told = endpoints::replay(&*call.world, &*queue, place, &event, &by, call.now).await;
            told.map_err(problem)?;
            ReplayOut { started: 1, next: None }
        }
        (None, Some(since)) => {
            let after = wanted.cursor.as_deref().map(|cursor| {
                let place = cursor::read_place(cursor);
                place.ok_or_else(|| {
                    Problem::invalid_at("/cursor", "write the `next` of the answer before, as it was given")
                })
            });
            let after = after.transpose()?.map(|place| call_at(&store, &id, place));
            let told = endpoints::replay_ended(&*call.world, &*queue, place, since, after, &by, call.now).await;
            let told = told.map_err(problem)?;
            ReplayOut {
                started: told.started,
                next: told.after.as_ref().map(|after| cursor::at_place(&place_of(after))),
            }
        }
        _ => {
            return Err(Problem::invalid_at(
                "",
                "write `event`, or `since` with or without `cursor`",
            ));
        }
    };
    json(StatusCode::OK, &replayed)
}

fn call_at(store: &StoreId, endpoint: &EndpointId, place: Place) -> CallId {
    CallId {
        store: store.clone(),
        endpoint: endpoint.clone(),
        event_at: place.at,
        event: place.key,
    }
}

fn place_of(call: &CallId) -> Place {
    Place {
        at: call.event_at,
        key: call.event.clone(),
    }
}

fn no_such_event() -> Problem {
    Problem::not_found("no such event in this store; events are kept for 400 days")
}

fn unknown_event(events: &[&str], unknown: &UnknownType) -> Problem {
    let place = events.iter().position(|name| name.trim() == unknown.0);
    let all = within24::domain::event::EventType::names().join(", ");
    Problem::invalid_at(
        place.map_or_else(|| "/events".to_owned(), |place| format!("/events/{place}")),
        format!("write one of {all}"),
    )
}

fn problem(error: EndpointError) -> Problem {
    match error {
        EndpointError::Url(error) => Problem::invalid_at("/url", error.to_string()),
        EndpointError::Wanted(error) => unknown_event(&[], &error),
        EndpointError::Secret(error) => Problem::broken(error.to_string()),
        EndpointError::TooMany => Problem::conflict("too-many-endpoints", "Too many endpoints", error.to_string()),
        EndpointError::NoStore => Problem::no_such_store(),
        EndpointError::NoEndpoint => no_such_endpoint(),
        EndpointError::NoEvent => no_such_event(),
        EndpointError::Disabled => Problem::conflict("endpoint-disabled", "Endpoint disabled", error.to_string()),
        EndpointError::Port(error) => error.into(),
    }
}
