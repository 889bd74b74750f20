//! Contracts of the metrics' rollups and of the list of stores.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::Date;
use within24::domain::marketplace::Marketplace;
use within24::domain::metrics::{Window, day};
use within24::domain::rollup::Rollup;
use within24::domain::store::{Store, StoreId};
use within24::ports::{Change, ChangedDay, Refusal, RollupChange, RollupState};
use within24_tests::worlds::World;

use super::{now, put, refused, store, store_id};

fn rollup(change: RollupChange) -> Change {
    Change::Rollup(store_id(), change)
}

fn date(text: &str) -> Date {
    text.parse().unwrap()
}

fn france() -> Marketplace {
    Marketplace::parse("FR").unwrap()
}

pub(super) async fn every_store_is_listed_once(world: &impl World) {
    assert!(world.stores().await.unwrap().is_empty());
    world.register(store()).await;
    let other = StoreId::parse("all").unwrap();
    world.register(Store::new(other.clone(), "*", "all@x.example")).await;
    world.register(store()).await;
    assert_eq!(world.stores().await.unwrap(), [other, store_id()]);
}

pub(super) async fn a_changed_day_stays_marked_until_it_is_settled_as_it_was_read(world: &impl World) {
    assert_eq!(world.rollup_state(&store_id()).await.unwrap(), RollupState::default());
    let (older, newer) = (date("2026-01-31"), date("2026-02-01"));
    let mark = |day| rollup(RollupChange::DayChanged { day, at: now() });
    let settle = |day, changes| {
        rollup(RollupChange::DaySettled {
            day,
            changes,
            at: now(),
        })
    };
    for day in [newer, older, newer] {
        put(world, mark(day)).await;
    }
    let changed = |day, changes| ChangedDay {
        day,
        changes,
        at: now(),
    };
    let state = world.rollup_state(&store_id()).await.unwrap();
    assert_eq!(state.changed, [changed(older, 1), changed(newer, 2)]);
    assert_eq!(refused(world.commit(vec![settle(newer, 1)]).await), Refusal::Stale);
    put(world, settle(newer, 2)).await;
    assert_eq!(refused(world.commit(vec![settle(newer, 2)]).await), Refusal::Stale);
    let state = world.rollup_state(&store_id()).await.unwrap();
    assert_eq!(state.changed, [changed(older, 1)]);
    put(world, mark(newer)).await;
    let state = world.rollup_state(&store_id()).await.unwrap();
    assert_eq!(
        state.changed.iter().map(|changed| changed.day).collect::<Vec<_>>(),
        [older, newer]
    );
    let other = StoreId::parse("fr").unwrap();
    assert!(world.rollup_state(&other).await.unwrap().changed.is_empty());
}

pub(super) async fn marketplaces_that_were_rolled_up_add_up(world: &impl World) {
    let germany = Marketplace::parse("DE").unwrap();
    let later: Timestamp = "2026-03-02T10:00:00Z".parse().unwrap();
    let steps = [
        (now(), vec![], vec![]),
        (later, vec![france()], vec![france()]),
        (now(), vec![germany], vec![germany, france()]),
        (later, vec![], vec![germany, france()]),
    ];
    for (at, new, all) in steps {
        let marketplaces = new.into_iter().collect();
        put(world, rollup(RollupChange::RolledUp { at, marketplaces })).await;
        let state = world.rollup_state(&store_id()).await.unwrap();
        assert_eq!(state.rolled_up_at, Some(at));
        assert_eq!(state.marketplaces, all.into_iter().collect::<BTreeSet<_>>());
    }
}

pub(super) async fn a_rollup_comes_back_as_it_was_written(world: &impl World) {
    let full = Window {
        within: 1,
        unanswered: 2,
        answered_late: 3,
        answer_seconds: 4,
        automatic: 5,
        no_response_needed: 6,
    };
    let today = day(now());
    let yesterday = today.yesterday().unwrap();
    let later: Timestamp = "2026-03-02T23:59:59.999Z".parse().unwrap();
    let many = vec![now(); 500].into_iter().chain([later]).collect();
    let written = [
        (None, today, Rollup::kept(full, vec![later, now(), now()])),
        (None, yesterday, Rollup::default()),
        (Some(france()), today, Rollup::kept(Window::default(), many)),
    ];
    for (marketplace, day, rollup_of_day) in &written {
        let (marketplace, day, rollup_of_day) = (*marketplace, *day, rollup_of_day.clone());
        put(
            world,
            rollup(RollupChange::Day {
                marketplace,
                day,
                rollup: rollup_of_day,
            }),
        )
        .await;
    }
    let read = async |marketplace, first, last| world.rollups(&store_id(), marketplace, (first, last)).await.unwrap();
    let all = read(None, yesterday, today).await;
    assert_eq!(
        all.into_iter().collect::<Vec<_>>(),
        [(yesterday, written[1].2.clone()), (today, written[0].2.clone())]
    );
    assert_eq!(read(None, today, today).await.len(), 1);
    assert!(
        read(None, date("2025-01-01"), date("2026-03-01").yesterday().unwrap())
            .await
            .is_empty()
    );
    assert_eq!(read(Some(france()), yesterday, today).await[&today], written[2].2);
    assert!(read(Marketplace::parse("DE"), yesterday, today).await.is_empty());
}

pub(super) async fn windows_are_those_last_written(world: &impl World) {
    assert_eq!(world.windows(&store_id(), None).await.unwrap(), None);
    let window = |within| Window {
        within,
        answer_seconds: 7 * within,
        ..Window::default()
    };
    for windows in [[window(1), window(2), window(3)], [window(0), window(2), window(9)]] {
        let (marketplace, at) = (None, now());
        put(
            world,
            rollup(RollupChange::Windows {
                marketplace,
                windows,
                at,
            }),
        )
        .await;
        assert_eq!(world.windows(&store_id(), None).await.unwrap(), Some(windows));
    }
    assert_eq!(world.windows(&store_id(), Some(france())).await.unwrap(), None);
}
