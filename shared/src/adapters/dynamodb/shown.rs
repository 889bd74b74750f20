//! Reads for people's eyes: eventually consistent, at half the price.

use super::row::Row;
use super::{Query, Table, keys, records, report};
use crate::domain::message::Message;
use crate::domain::outgoing::Outgoing;
use crate::domain::report::Report;
use crate::domain::store::StoreId;
use crate::domain::thread::{Thread, ThreadId};
use crate::ports::{Handle, Place, Ported, ReadReports, ShowThreads};

impl Query {
    /// What belongs to the thread among the rows of its buyer with this prefix, eventually consistent.
    fn shown(thread: &Thread, prefix: &str) -> Self {
        Self {
            consistent: false,
            ..Self::of_thread(&thread.store, &thread.buyer, &thread.id, prefix)
        }
    }

    /// The latest of a partition that is sorted by time, those before a place, eventually consistent.
    pub(super) fn latest(pk: String, before: Option<&Place>, limit: usize) -> Self {
        // Every time begins with a digit or a sign: all sort before `~`.
        let until = before.map_or_else(|| "~".to_owned(), |place| keys::timed(place.at, &place.key));
        Self {
            consistent: false,
            condition: "pk = :pk AND sk < :until",
            values: vec![(":pk", pk), (":until", until)],
            newest_first: true,
            limit: Some(limit),
            ..Self::partition(String::new())
        }
    }
}

impl ShowThreads for Table {
    async fn shown(&self, store: &StoreId, thread: &ThreadId) -> Ported<Option<Thread>> {
        let named = keys::handle(store, &Handle::Thread(thread.clone()));
        let query = Query {
            consistent: false,
            ..Query::partition(named)
        };
        let rows = self.query(query).await?;
        let target = rows
            .iter()
            .find_map(|row| row.find("sk").and_then(keys::parse_handle_target));
        let Some((id, buyer)) = target else { return Ok(None) };
        let row = self.get(keys::buyer(store, &buyer), keys::thread(&id), false).await?;
        row.as_ref().map(records::thread).transpose()
    }

    async fn shown_messages(&self, thread: &Thread) -> Ported<Vec<Message>> {
        self.messages_of(Query::shown(thread, keys::MESSAGES)).await
    }

    async fn shown_outbox(&self, thread: &Thread) -> Ported<Vec<Outgoing>> {
        let rows = self.query(Query::shown(thread, keys::OUTBOX)).await?;
        let mut items = rows.iter().map(records::outgoing).collect::<Ported<Vec<_>>>()?;
        items.sort_by(|a, b| (a.created_at, &a.key).cmp(&(b.created_at, &b.key)));
        Ok(items)
    }
}

impl ReadReports for Table {
    async fn standing_reports(&self, store: &StoreId, before: Option<&Place>, limit: usize) -> Ported<Vec<Report>> {
        let mut found: Vec<Report> = Vec::new();
        let mut place = before.cloned();
        loop {
            let rows = self
                .query(Query::latest(keys::report(store), place.as_ref(), limit))
                .await?;
            let ended = rows.len() < limit;
            let all = rows.iter().map(|row| report(row, store)).collect::<Ported<Vec<_>>>()?;
            place = all.last().map(|last| Place {
                at: last.at,
                key: last.key.clone(),
            });
            let standing = rows.iter().zip(all).filter(|(row, _): &(&Row, _)| !row.is("withdrawn"));
            found.extend(standing.map(|(_, report)| report));
            if ended || found.len() >= limit {
                found.truncate(limit);
                return Ok(found);
            }
        }
    }
}
