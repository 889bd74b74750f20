//! Amazon's response metrics of a store: the windows, and the days they are made of.

use std::collections::BTreeSet;

use axum::http::StatusCode;
use axum::response::Response;
use jiff::civil::Date;
use within24::app::roll_up::windows_at;
use within24::domain::marketplace::Marketplace;
use within24::domain::metrics::days_of;
use within24::domain::store::StoreId;
use within24::lambda::api::{Call, Problem, json};
use within24::wire::metrics::{DayOut, DaysOut, WindowOut, WindowsOut};

use crate::World;
use crate::threads::{known_store, marketplace};

/// The most days of one answer: a year.
const MOST_DAYS: usize = 366;

pub(crate) const DAY_PARAMETERS: &[&str] = &["first", "last", "marketplace"];

/// The windows as they are now, from rollups that are at most an hour old: of the whole store, then of each marketplace where
/// there are several.
pub(crate) async fn windows<W: World>(call: Call<W>, store: StoreId) -> Result<Response, Problem> {
    let settings = known_store(&call, &store).await?;
    let state = call.world.rollup_state(&store).await?;
    let own = settings.marketplaces.iter().copied();
    let marketplaces: BTreeSet<Marketplace> = own.chain(state.marketplaces).collect();
    let several = (marketplaces.len() > 1).then_some(marketplaces);
    let mut windows = Vec::new();
    for marketplace in std::iter::once(None).chain(several.into_iter().flatten().map(Some)) {
        let counted = windows_at(&*call.world, &store, marketplace, call.now).await?;
        windows.extend(WindowOut::all(marketplace, &counted));
    }
    let answer = WindowsOut {
        store: store.as_str().to_owned(),
        at: call.now,
        rolled_up_at: state.rolled_up_at,
        windows,
    };
    json(StatusCode::OK, &answer)
}

/// A day as people write it: `2026-03-02`.
fn date(text: &str) -> Option<Date> {
    text.parse().ok().filter(|date: &Date| date.to_string() == text)
}

pub(crate) async fn days<W: World>(call: Call<W>, store: StoreId) -> Result<Response, Problem> {
    const DAY: &str = "a day like 2026-03-02";
    let (usual_first, today) = days_of(30, call.now);
    let last = call.query_as("last", DAY, date)?.unwrap_or(today);
    let first = call.query_as("first", DAY, date)?.unwrap_or(usual_first.min(last));
    let marketplace = call.query_as("marketplace", "a code like DE, GB, JP", marketplace)?;
    if first > last {
        return Err(Problem::bad_request("first is not after last"));
    }
    let all = first.series(jiff::Span::new().days(1)).take_while(|day| *day <= last);
    let all: Vec<Date> = all.take(MOST_DAYS + 1).collect();
    if all.len() > MOST_DAYS {
        return Err(Problem::bad_request("at most 366 days are given at once"));
    }
    known_store(&call, &store).await?;
    let mut kept = call.world.rollups(&store, marketplace, (first, last)).await?;
    let day = |day: Date| DayOut::of(day, &kept.remove(&day).unwrap_or_default().at(call.now));
    let answer = DaysOut {
        store: store.as_str().to_owned(),
        marketplace: marketplace.map(|marketplace| marketplace.code().to_owned()),
        days: all.into_iter().map(day).collect(),
    };
    json(StatusCode::OK, &answer)
}
