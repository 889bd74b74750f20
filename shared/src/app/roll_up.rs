//! Rollups of the metrics: the days whose facts changed, computed anew from their facts, then the windows over them.
//!
//! A run looks at the days since the last one began, and at the older days that writes have marked as changed
//! ([`RollupChange::DayChanged`]). It reads all facts of such a day and nothing else, and writes what they come to, so it
//! may run again, twice at once, or die anywhere: the next run ends in the same numbers. Facts are read from an index
//! that lags behind, and a write may land a while after the time it bears; so a run looks back by [`LAG`], and a mark
//! stays until it is older than that.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use super::retry::{contended, settled};
use crate::domain::clock::shift;
use crate::domain::event::{Event, WindowCount};
use crate::domain::marketplace::Marketplace;
use crate::domain::metrics::{WINDOWS, day, days_of};
use crate::domain::rollup::{Rollup, StoreDay, Windows, is_fresh, windows};
use crate::domain::store::StoreId;
use crate::ports::{Change, Commit, CommitError, Ported, ReadFacts, ReadRollups, RollupChange, RollupState};

/// How much later than its time a change may be seen: a queue's retries, a function's time-out, a lagging index.
pub const LAG: SignedDuration = SignedDuration::from_hours(1);

/// The longest window.
const LONGEST: u16 = WINDOWS[WINDOWS.len() - 1];

/// What a rollup of one store has come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RolledUp {
    /// Days that were computed anew.
    pub days: usize,
    /// The windows: of the whole store (`None`), then of each marketplace.
    pub windows: Vec<(Option<Marketplace>, Windows)>,
}

/// Rolls up one store at `now`.
///
/// # Errors
/// Where the world fails; what was written stays, and the next run does the rest.
pub async fn roll_up<W>(world: &W, store: &StoreId, now: Timestamp) -> Ported<RolledUp>
where
    W: ReadFacts + ReadRollups + Commit,
{
    let state = world.rollup_state(store).await?;
    let window = days_of(LONGEST, now);
    let mut fresh: BTreeMap<Option<Marketplace>, BTreeMap<Date, Rollup>> = BTreeMap::new();
    let days = days_to_do(&state, now);
    for day in &days {
        let rollups = StoreDay::of(world.facts(store, *day).await?, now);
        for (marketplace, rollup) in rollups.rollups() {
            fresh.entry(marketplace).or_default().insert(*day, rollup);
        }
    }
    let marketplaces: BTreeSet<Marketplace> = fresh.keys().copied().flatten().chain(state.marketplaces).collect();

    let mut done = Vec::new();
    for marketplace in std::iter::once(None).chain(marketplaces.iter().copied().map(Some)) {
        let fresh = fresh.remove(&marketplace).unwrap_or_default();
        let mut kept = world.rollups(store, marketplace, window).await?;
        for old in days.iter().filter(|day| **day < window.0) {
            kept.extend(world.rollups(store, marketplace, (*old, *old)).await?);
        }
        let mut changes: Vec<Change> = Vec::new();
        let of = |change| Change::Rollup(store.clone(), change);
        for day in &days {
            let rollup = fresh.get(day).cloned().unwrap_or_default();
            let known = kept.remove(day).unwrap_or_default();
            if known.made_at(now) != rollup {
                changes.push(of(RollupChange::Day {
                    marketplace,
                    day: *day,
                    rollup: rollup.clone(),
                }));
            }
            kept.insert(*day, rollup);
        }
        let windows = windows(&kept, now);
        if world.windows(store, marketplace).await? != Some(windows) {
            // The event stands beside its windows: both go into one write.
            if marketplace.is_none() {
                changes.push(Change::Event(Box::new(Event::rolled_up(store, counts(&windows), now))));
            }
            changes.push(of(RollupChange::Windows {
                marketplace,
                windows,
                at: now,
            }));
        }
        for part in in_writes(changes) {
            world.commit(part).await.map_err(failed)?;
        }
        done.push((marketplace, windows));
    }
    let rolled_up = RollupChange::RolledUp { at: now, marketplaces };
    world
        .commit(vec![Change::Rollup(store.clone(), rolled_up)])
        .await
        .map_err(failed)?;
    for changed in state.changed.iter().filter(|changed| shift(changed.at, LAG) < now) {
        let settle = RollupChange::DaySettled {
            day: changed.day,
            changes: changed.changes,
            at: now,
        };
        // Changed again since it was read: the next run looks at it once more.
        let _ = settled(world.commit(vec![Change::Rollup(store.clone(), settle)]).await).map_err(failed)?;
    }
    Ok(RolledUp {
        days: days.len(),
        windows: done,
    })
}

/// The windows at `now`, a time after the last rollup, from the rollups as they are kept.
///
/// # Errors
/// Where the world fails.
pub async fn windows_at<W: ReadRollups>(
    world: &W,
    store: &StoreId,
    marketplace: Option<Marketplace>,
    now: Timestamp,
) -> Ported<Windows> {
    let days = world.rollups(store, marketplace, days_of(LONGEST, now)).await?;
    Ok(windows(&days, now))
}

/// The days whose facts may have changed since the last run: those a run looks at by itself, counted from the last run,
/// and those that are marked. The first run takes all that the windows show.
fn days_to_do(state: &RollupState, now: Timestamp) -> BTreeSet<Date> {
    let since = state.rolled_up_at.map_or(
        shift(now, -SignedDuration::from_hours(24 * i64::from(LONGEST))),
        |last| shift(last.min(now), -LAG),
    );
    let mut days: BTreeSet<Date> = state.changed.iter().map(|changed| changed.day).collect();
    let mut next = day(now);
    while is_fresh(next, since) {
        days.insert(next);
        next = next.yesterday().unwrap_or(Date::MIN);
    }
    days
}

/// The changes in parts that fit into a write each; the last ones stay together.
fn in_writes(mut changes: Vec<Change>) -> Vec<Vec<Change>> {
    let mut parts = Vec::new();
    while !changes.is_empty() {
        parts.push(changes.split_off(changes.len().saturating_sub(super::retry::MOST)));
    }
    parts.reverse();
    parts
}

/// The windows as an event tells them.
fn counts(windows: &Windows) -> Vec<WindowCount> {
    let windows = WINDOWS.into_iter().zip(windows);
    windows
        .map(|(days, window)| WindowCount {
            days,
            within: window.within,
            late: window.late(),
        })
        .collect()
}

fn failed(error: CommitError) -> crate::ports::PortError {
    match error {
        CommitError::Port(error) => error,
        CommitError::Refused(_) => contended(),
    }
}
