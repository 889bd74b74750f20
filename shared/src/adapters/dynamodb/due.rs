//! Reads of what the indexes name: what is due, what nobody was told of, lists of threads.

use futures_util::future::try_join_all;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::Offset;

use super::row::Row;
use super::{Query, Table, keys, records};
use crate::domain::event::Event;
use crate::domain::listing::Listed;
use crate::domain::store::StoreId;
use crate::domain::thread::{Thread, ThreadId};
use crate::ports::{Due, FindDue, ListThreads, Ported, ReadEvents};

impl FindDue for Table {
    async fn due(&self, by: Timestamp, limit: usize) -> Ported<Vec<Due>> {
        // After `#`, so that an alert at this very moment is in.
        let until = format!("{}$", keys::sortable(by));
        let each = limit.div_ceil(usize::from(keys::DUE_SHARDS));
        let shards = (0..keys::DUE_SHARDS).map(|shard| {
            self.query(Query {
                index: Some(keys::DUE_INDEX),
                condition: "due_pk = :pk AND due_sk < :until",
                values: vec![(":pk", keys::due_shard(shard)), (":until", until.clone())],
                limit: Some(each),
                ..Query::partition(String::new())
            })
        });
        let rows = try_join_all(shards).await?;
        let mut due = rows.iter().flatten().map(records::due).collect::<Ported<Vec<_>>>()?;
        due.sort_by(|a, b| (a.due_at, &a.thread).cmp(&(b.due_at, &b.thread)));
        Ok(due)
    }

    async fn threads(&self, due: &[Due]) -> Ported<Vec<Thread>> {
        let key = |due: &Due| (keys::buyer(&due.store, &due.buyer), keys::thread(&due.thread));
        let rows = self.get_all(due.iter().map(key).collect(), true).await?;
        rows.iter().map(records::thread).collect()
    }
}

impl ListThreads for Table {
    async fn opened(&self, store: &StoreId, after: Option<&ThreadId>, limit: usize) -> Ported<Vec<Listed>> {
        // Ids are letters and digits: all sort before `~`.
        let before = after.map_or_else(|| "~".to_owned(), keys::listed_place);
        let query = Query {
            index: Some(keys::FACTS_INDEX),
            condition: "fact_pk = :pk AND fact_sk < :before",
            values: vec![(":pk", keys::listed(store)), (":before", before)],
            newest_first: true,
            limit: Some(limit),
            ..Query::partition(String::new())
        };
        self.query(query).await?.iter().map(records::listed).collect()
    }

    async fn waiting(
        &self,
        store: &StoreId,
        after: Option<(Timestamp, &ThreadId)>,
        limit: usize,
    ) -> Ported<Vec<Listed>> {
        // Every place begins with a digit: all sort after `!`.
        let beyond = after.map_or_else(|| "!".to_owned(), |(due, thread)| keys::waiting_place(due, thread));
        let query = Query {
            index: Some(keys::WAITING_INDEX),
            condition: "wait_pk = :pk AND wait_sk > :beyond",
            values: vec![(":pk", keys::waiting(store)), (":beyond", beyond)],
            limit: Some(limit),
            ..Query::partition(String::new())
        };
        self.query(query).await?.iter().map(records::listed).collect()
    }
}

impl ReadEvents for Table {
    async fn untold(&self, before: Timestamp, limit: usize) -> Ported<Vec<Event>> {
        let query = Query {
            index: Some(keys::DUE_INDEX),
            condition: "due_pk = :pk AND due_sk < :until",
            values: vec![(":pk", keys::UNTOLD.to_owned()), (":until", keys::sortable(before))],
            limit: Some(limit),
            ..Query::partition(String::new())
        };
        let named = self.query(query).await?;
        let rows = self.get_all(named.iter().filter_map(Row::key).collect(), true).await?;
        // The index may lag: what was told meanwhile has left it.
        let untold = rows.iter().filter(|row| row.find("due_pk").is_some());
        let mut events = untold.map(records::event).collect::<Ported<Vec<_>>>()?;
        events.sort_by(|a, b| (a.at, &a.key).cmp(&(b.at, &b.key)));
        Ok(events)
    }
}

impl Table {
    /// Every event of a store, by time: for the command and for tests.
    ///
    /// # Errors
    /// Where DynamoDB fails.
    pub async fn events(&self, store: &StoreId) -> Ported<Vec<Event>> {
        let rows = self.query(Query::partition(keys::event(store))).await?;
        let mut events = rows.iter().map(records::event).collect::<Ported<Vec<_>>>()?;
        events.sort_by(|a, b| (a.at, &a.key).cmp(&(b.at, &b.key)));
        Ok(events)
    }

    /// When a sweep has something to do again: the next alert of any thread, or the day after that on which mail is held.
    /// `None` where nothing is left.
    ///
    /// # Errors
    /// Where DynamoDB fails.
    pub async fn next_work(&self) -> Ported<Option<Timestamp>> {
        let first = |pk: String| {
            self.query(Query {
                index: Some(keys::DUE_INDEX),
                condition: "due_pk = :pk AND due_sk < :never",
                values: vec![(":pk", pk), (":never", keys::NEVER.to_owned())],
                limit: Some(1),
                ..Query::partition(String::new())
            })
        };
        let shards = try_join_all((0..keys::DUE_SHARDS).map(|shard| first(keys::due_shard(shard)))).await?;
        let due = shards.iter().flatten().map(records::due).collect::<Ported<Vec<_>>>()?;
        let held = first(keys::HELD.to_owned()).await?;
        let day = |row: &Row| row.find("due_sk")?.split('#').next()?.parse::<Date>().ok();
        let next_day = |day: Date| Offset::UTC.to_timestamp(day.tomorrow().ok()?.at(0, 0, 0, 0)).ok();
        let released = held.first().and_then(day).and_then(next_day);
        Ok(due.into_iter().map(|due| due.alert_at).chain(released).min())
    }
}
