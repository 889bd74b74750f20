//! The rollups in memory.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::Date;

use crate::domain::marketplace::Marketplace;
use crate::domain::rollup::{Rollup, Windows};
use crate::domain::store::StoreId;
use crate::ports::{ChangedDay, Refusal, RollupChange, RollupState};

type Of = (StoreId, Option<Marketplace>);

#[derive(Clone, Debug, Default)]
pub(super) struct Rollups {
    rolled: BTreeMap<StoreId, (Timestamp, BTreeSet<Marketplace>)>,
    changed: BTreeMap<(StoreId, Date), (u64, Timestamp)>,
    days: BTreeMap<Of, BTreeMap<Date, Rollup>>,
    windows: BTreeMap<Of, Windows>,
}

impl Rollups {
    pub(super) fn state(&self, store: &StoreId) -> RollupState {
        let rolled = self.rolled.get(store);
        let changed = self.changed.iter().filter(|((of, _), _)| of == store);
        RollupState {
            rolled_up_at: rolled.map(|(at, _)| *at),
            marketplaces: rolled.map(|(_, marketplaces)| marketplaces.clone()).unwrap_or_default(),
            changed: changed
                .map(|((_, day), (changes, at))| ChangedDay {
                    day: *day,
                    changes: *changes,
                    at: *at,
                })
                .collect(),
        }
    }

    pub(super) fn days(
        &self,
        store: &StoreId,
        marketplace: Option<Marketplace>,
        (first, last): (Date, Date),
    ) -> BTreeMap<Date, Rollup> {
        let days = self.days.get(&(store.clone(), marketplace));
        days.into_iter()
            .flat_map(|days| days.range(first..=last))
            .map(|(day, rollup)| (*day, rollup.clone()))
            .collect()
    }

    pub(super) fn windows(&self, store: &StoreId, marketplace: Option<Marketplace>) -> Option<Windows> {
        self.windows.get(&(store.clone(), marketplace)).copied()
    }

    pub(super) fn apply(&mut self, store: StoreId, change: RollupChange) -> Result<(), Refusal> {
        match change {
            RollupChange::DayChanged { day, at } => {
                let (changes, _) = self.changed.get(&(store.clone(), day)).copied().unwrap_or((0, at));
                self.changed.insert((store, day), (changes + 1, at));
            }
            RollupChange::DaySettled { day, changes, .. } => {
                let key = (store, day);
                if self.changed.get(&key).map(|(stored, _)| *stored) != Some(changes) {
                    return Err(Refusal::Stale);
                }
                self.changed.remove(&key);
            }
            RollupChange::Day {
                marketplace,
                day,
                rollup,
            } => {
                self.days.entry((store, marketplace)).or_default().insert(day, rollup);
            }
            RollupChange::Windows {
                marketplace, windows, ..
            } => {
                self.windows.insert((store, marketplace), windows);
            }
            RollupChange::RolledUp { at, marketplaces } => {
                let rolled = self.rolled.entry(store).or_insert((at, BTreeSet::new()));
                rolled.0 = at;
                rolled.1.extend(marketplaces);
            }
        }
        Ok(())
    }
}
