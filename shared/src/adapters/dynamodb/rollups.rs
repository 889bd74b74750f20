//! Rollups of the metrics: their rows, reads and writes, and the list of stores they are made for.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use super::row::{Row, unreadable};
use super::write::built;
use super::{Query, Table, keys};
use crate::domain::clock;
use crate::domain::marketplace::Marketplace;
use crate::domain::metrics::{self, WINDOWS, Window};
use crate::domain::rollup::{Rollup, Windows};
use crate::domain::store::StoreId;
use crate::ports::{ChangedDay, ListStores, Ported, ReadRollups, RollupChange, RollupState};

/// How long the mark of a changed day is kept after it was settled.
const SETTLED_KEPT: SignedDuration = SignedDuration::from_hours(24);

impl ListStores for Table {
    async fn stores(&self) -> Ported<Vec<StoreId>> {
        let rows = self.query(Query::partition(keys::STORES.to_owned())).await?;
        let id = |row: &Row| StoreId::parse(row.get("sk")?).ok_or_else(|| unreadable("sk"));
        rows.iter().map(id).collect()
    }
}

impl ReadRollups for Table {
    async fn rollup_state(&self, store: &StoreId) -> Ported<RollupState> {
        let mut state = RollupState::default();
        for row in self.query(Query::partition(keys::rollup_state(store))).await? {
            let sk = row.get("sk")?;
            if let Some(day) = sk.strip_prefix(keys::CHANGED) {
                let changes = row.get_number("changes")?;
                if row.find_number("settled") < changes {
                    state.changed.push(ChangedDay {
                        day: day.parse().map_err(|_| unreadable("sk"))?,
                        changes,
                        at: row.get_time("at")?,
                    });
                }
            } else if sk == keys::ROLLED {
                state.rolled_up_at = row.find_time("at")?;
                state.marketplaces = row.set("marketplaces").filter_map(Marketplace::parse).collect();
            }
        }
        Ok(state)
    }

    async fn rollups(
        &self,
        store: &StoreId,
        marketplace: Option<Marketplace>,
        (first, last): (Date, Date),
    ) -> Ported<BTreeMap<Date, Rollup>> {
        let query = Query {
            consistent: false,
            condition: "pk = :pk AND sk BETWEEN :first AND :last",
            values: vec![
                (":pk", keys::rollups(store, marketplace)),
                (":first", keys::rolled_up_day(first)),
                (":last", keys::rolled_up_day(last)),
            ],
            ..Query::partition(String::new())
        };
        self.query(query).await?.iter().map(rollup).collect()
    }

    async fn windows(&self, store: &StoreId, marketplace: Option<Marketplace>) -> Ported<Option<Windows>> {
        let pk = keys::rollups(store, marketplace);
        let row = self.get(pk, keys::WINDOWS.to_owned(), true).await?;
        let window = |row: &Row, days: u16| window(row, &prefix(days));
        Ok(row.map(|row| WINDOWS.map(|days| window(&row, days))))
    }
}

impl Table {
    /// A change of the rollups as an action.
    pub(super) fn rollup(&self, store: &StoreId, change: RollupChange) -> Ported<TransactWriteItem> {
        match change {
            RollupChange::DayChanged { day, at } => {
                let update = self
                    .update(keys::rollup_state(store), keys::changed_day(day))
                    .update_expression("ADD changes :one SET #at = :at REMOVE expires")
                    .expression_attribute_names("#at", "at")
                    .expression_attribute_values(":one", AttributeValue::N("1".to_owned()))
                    .expression_attribute_values(":at", AttributeValue::S(at.to_string()));
                built(update)
            }
            // No function may delete: the row is left to expire.
            RollupChange::DaySettled { day, changes, at } => {
                let expires = clock::shift(at, SETTLED_KEPT).as_second();
                let update = self
                    .update(keys::rollup_state(store), keys::changed_day(day))
                    .update_expression("SET settled = :changes, expires = :expires")
                    .condition_expression(
                        "changes = :changes AND (attribute_not_exists(settled) OR settled < :changes)",
                    )
                    .expression_attribute_values(":changes", AttributeValue::N(changes.to_string()))
                    .expression_attribute_values(":expires", AttributeValue::N(expires.to_string()));
                built(update)
            }
            RollupChange::Day {
                marketplace,
                day,
                rollup,
            } => self.put(rollup_row(store, marketplace, day, &rollup), None, None),
            RollupChange::Windows {
                marketplace,
                windows,
                at,
            } => {
                let row = Row::keyed(keys::rollups(store, marketplace), keys::WINDOWS.to_owned()).time("at", at);
                let row = WINDOWS
                    .iter()
                    .zip(&windows)
                    .fold(row, |row, (days, window)| window_in(row, &prefix(*days), window));
                self.put(row, None, None)
            }
            RollupChange::RolledUp { at, marketplaces } => self.rolled_up(store, at, &marketplaces),
        }
    }

    /// The set of marketplaces only grows, whoever writes first.
    fn rolled_up(
        &self,
        store: &StoreId,
        at: Timestamp,
        marketplaces: &BTreeSet<Marketplace>,
    ) -> Ported<TransactWriteItem> {
        let update = self
            .update(keys::rollup_state(store), keys::ROLLED.to_owned())
            .expression_attribute_names("#at", "at")
            .expression_attribute_values(":at", AttributeValue::S(at.to_string()));
        // A set cannot be empty.
        if marketplaces.is_empty() {
            return built(update.update_expression("SET #at = :at"));
        }
        let codes = marketplaces.iter().map(|marketplace| marketplace.code().to_owned());
        built(
            update
                .update_expression("ADD marketplaces :new SET #at = :at")
                .expression_attribute_values(":new", AttributeValue::Ss(codes.collect())),
        )
    }
}

/// Names of a window's numbers in a row: short, since 90 days of them are read at once.
const NUMBERS: [&str; 6] = ["in", "open", "late", "secs", "auto", "none"];

fn numbers(window: &Window) -> [u64; NUMBERS.len()] {
    [
        window.within,
        window.unanswered,
        window.answered_late,
        window.answer_seconds,
        window.automatic,
        window.no_response_needed,
    ]
}

/// Zeros are left out.
fn window_in(row: Row, prefix: &str, window: &Window) -> Row {
    let counted = NUMBERS.iter().zip(numbers(window)).filter(|(_, number)| *number > 0);
    counted.fold(row, |row, (name, number)| {
        row.number(&format!("{prefix}{name}"), number)
    })
}

fn window(row: &Row, prefix: &str) -> Window {
    let [
        within,
        unanswered,
        answered_late,
        answer_seconds,
        automatic,
        no_response_needed,
    ] = NUMBERS.map(|name| row.find_number(&format!("{prefix}{name}")));
    Window {
        within,
        unanswered,
        answered_late,
        answer_seconds,
        automatic,
        no_response_needed,
    }
}

fn prefix(days: u16) -> String {
    format!("d{days}_")
}

/// Receipts are kept as milliseconds since midnight, each since the one before: hundreds of them fit into a kilobyte.
fn rollup_row(store: &StoreId, marketplace: Option<Marketplace>, day: Date, rollup: &Rollup) -> Row {
    let row = Row::keyed(keys::rollups(store, marketplace), keys::rolled_up_day(day));
    let row = window_in(row, "", rollup.counts());
    let mut before = metrics::midnight(day);
    let mut since = |at: &Timestamp| {
        let millis = at.duration_since(before).as_millis();
        before = *at;
        millis.to_string()
    };
    let waiting: Vec<String> = rollup.waiting().iter().map(&mut since).collect();
    row.long_text("waiting", (!waiting.is_empty()).then(|| waiting.join(" ")).as_deref())
}

fn rollup(row: &Row) -> Ported<(Date, Rollup)> {
    let day = row.get("sk")?.strip_prefix(keys::DAYS).and_then(|day| day.parse().ok());
    let day: Date = day.ok_or_else(|| unreadable("sk"))?;
    let mut at = metrics::midnight(day);
    let mut waiting = Vec::new();
    for millis in row.find_long_text("waiting")?.unwrap_or_default().split_whitespace() {
        let since = millis.parse().map_err(|_| unreadable("waiting"))?;
        at = clock::shift(at, SignedDuration::from_millis(since));
        waiting.push(at);
    }
    Ok((day, Rollup::kept(window(row, ""), waiting)))
}
