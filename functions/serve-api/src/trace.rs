//! What a person must see, and who did what: both the latest first.

use axum::http::StatusCode;
use axum::response::Response;
use within24::domain::deed::Did;
use within24::domain::report::Report;
use within24::domain::store::StoreId;
use within24::lambda::api::{Call, Problem, json};
use within24::ports::Place;
use within24::wire::trace::{ChangeOut, Changes, ReportOut, Reports};

use crate::threads::known_store;
use crate::{World, cursor};

pub(crate) const PARAMETERS: &[&str] = &["limit", "cursor"];

fn reported(report: &Report) -> Place {
    Place {
        at: report.at,
        key: report.key.clone(),
    }
}

fn done(did: &Did) -> Place {
    Place {
        at: did.at,
        key: did.key.clone(),
    }
}

pub(crate) async fn reports<W: World>(call: Call<W>, store: StoreId) -> Result<Response, Problem> {
    let (limit, before) = (cursor::limit(&call)?, cursor::place(&call)?);
    known_store(&call, &store).await?;
    let reports = call.world.standing_reports(&store, before.as_ref(), limit).await?;
    let page = Reports {
        next: cursor::after_place(&reports, limit, reported),
        reports: reports.iter().map(ReportOut::of).collect(),
    };
    json(StatusCode::OK, &page)
}

pub(crate) async fn changes<W: World>(call: Call<W>, store: StoreId) -> Result<Response, Problem> {
    known_store(&call, &store).await?;
    deeds(&call, Some(&store)).await
}

/// What was done to all stores at once.
pub(crate) async fn changes_everywhere<W: World>(call: Call<W>) -> Result<Response, Problem> {
    deeds(&call, None).await
}

async fn deeds<W: World>(call: &Call<W>, store: Option<&StoreId>) -> Result<Response, Problem> {
    let (limit, before) = (cursor::limit(call)?, cursor::place(call)?);
    let deeds = call.world.deeds(store, before.as_ref(), limit).await?;
    let page = Changes {
        next: cursor::after_place(&deeds, limit, done),
        changes: deeds.iter().map(ChangeOut::of).collect(),
    };
    json(StatusCode::OK, &page)
}
