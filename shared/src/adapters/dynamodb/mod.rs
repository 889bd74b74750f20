//! The single table, through the AWS SDK: reads here, writes in `write`, keys in `keys`.

mod access;
mod copies;
mod due;
mod endpoints;
mod erase;
pub mod keys;
mod records;
mod rollups;
mod row;
mod shown;
mod table;
mod unsent;
mod write;

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::types::{AttributeValue, ConsumedCapacity, KeysAndAttributes, ReturnConsumedCapacity};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use jiff::Timestamp;
use jiff::civil::Date;

use self::row::{Row, unreadable};
use super::sdk_error::{port_error, unavailable};
use crate::domain::alias::Buyer;
use crate::domain::key::Key;
use crate::domain::marketplace::Marketplace;
use crate::domain::message::Message;
use crate::domain::metrics;
use crate::domain::outgoing::Outgoing;
use crate::domain::recent_mails::{self, MailMark};
use crate::domain::report::{Report, ReportKind};
use crate::domain::store::{Store, StoreId, recipient_forms};
use crate::domain::thread::{Thread, ThreadId};
use crate::ports::{
    BuyerRecord, FindHeld, FindStore, FindThreads, Handle, PortError, Ported, ReadBuyer, ReadFacts, ReadOutbox,
};

const SERVICE: &str = "dynamodb";

/// The most keys of one batch read.
const BATCH: usize = 100;

/// How often in a row a batch read may come back with nothing read.
const IDLE_READS: u32 = 5;

/// Read and write units as DynamoDB reports them, added up.
#[derive(Debug, Default)]
pub struct Meter {
    read_tenths: AtomicU64,
    write_tenths: AtomicU64,
}

/// Capacity used: read and write units.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Capacity {
    /// Read request units.
    pub read: f64,
    /// Write request units.
    pub write: f64,
}

impl Meter {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "units are small and positive"
    )]
    fn tenths(units: f64) -> u64 {
        (units * 10.0).round() as u64
    }

    fn read(&self, used: Option<&ConsumedCapacity>) {
        let units = used.and_then(ConsumedCapacity::capacity_units).unwrap_or(0.0);
        self.read_tenths.fetch_add(Self::tenths(units), Ordering::Relaxed);
    }

    fn write(&self, used: &ConsumedCapacity) {
        let units = used.write_capacity_units().or(used.capacity_units()).unwrap_or(0.0);
        self.write_tenths.fetch_add(Self::tenths(units), Ordering::Relaxed);
    }

    /// What was used since the last call.
    #[expect(clippy::cast_precision_loss, reason = "tenths of units are far below 2^52")]
    pub fn take(&self) -> Capacity {
        let read = self.read_tenths.swap(0, Ordering::Relaxed) as f64 / 10.0;
        let write = self.write_tenths.swap(0, Ordering::Relaxed) as f64 / 10.0;
        Capacity { read, write }
    }
}

/// The table.
#[derive(Clone, Debug)]
pub struct Table {
    client: Client,
    name: String,
    meter: Arc<Meter>,
}

impl Table {
    /// The table of this name.
    pub fn new(client: Client, name: impl Into<String>) -> Self {
        Self {
            client,
            name: name.into(),
            meter: Arc::default(),
        }
    }

    /// The capacity its calls have used.
    pub fn meter(&self) -> &Meter {
        &self.meter
    }

    /// Registers or changes a store.
    ///
    /// # Errors
    /// Where DynamoDB fails.
    pub async fn put_store(&self, store: &Store) -> Ported<()> {
        let address =
            Row::keyed(keys::recipient(&store.recipient), "RECIPIENT".to_owned()).text("store", store.id.as_str());
        let listed = Row::keyed(keys::STORES.to_owned(), store.id.as_str().to_owned());
        for row in [records::store_row(store), listed, address] {
            let call = self.client.put_item().table_name(&self.name).set_item(Some(row.0));
            call.send().await.map_err(|error| failed(&error))?;
        }
        Ok(())
    }

    /// Every report of a store, oldest first.
    ///
    /// # Errors
    /// Where DynamoDB fails.
    pub async fn reports(&self, store: &StoreId) -> Ported<Vec<Report>> {
        let rows = self.query(Query::partition(keys::report(store))).await?;
        let standing = rows.iter().filter(|row| !row.is("withdrawn"));
        standing.map(|row| self::report(row, store)).collect()
    }

    /// Every thread of every store: for the command and for tests on small tables, never for a function.
    ///
    /// # Errors
    /// Where DynamoDB fails.
    pub async fn all_threads(&self) -> Ported<Vec<Thread>> {
        let mut threads = Vec::new();
        let mut from = None;
        loop {
            let call = self.client.scan().table_name(&self.name).set_exclusive_start_key(from);
            let call = call.filter_expression("begins_with(pk, :buyer) AND begins_with(sk, :thread) AND sk <> :own");
            let call = call
                .expression_attribute_values(":buyer", AttributeValue::S("BUYER#".to_owned()))
                .expression_attribute_values(":thread", AttributeValue::S(keys::THREADS.to_owned()))
                .expression_attribute_values(":own", AttributeValue::S(keys::BUYER_SK.to_owned()));
            let page = call.send().await.map_err(|error| failed(&error))?;
            for item in page.items.unwrap_or_default() {
                threads.push(records::thread(&Row(item))?);
            }
            from = page.last_evaluated_key;
            if from.is_none() {
                return Ok(threads);
            }
        }
    }

    async fn get(&self, pk: String, sk: String, consistent: bool) -> Ported<Option<Row>> {
        let call = self
            .client
            .get_item()
            .table_name(&self.name)
            .consistent_read(consistent);
        let call = call
            .key(keys::PK, AttributeValue::S(pk))
            .key(keys::SK, AttributeValue::S(sk));
        let call = call.return_consumed_capacity(ReturnConsumedCapacity::Total);
        let got = call.send().await.map_err(|error| failed(&error))?;
        self.meter.read(got.consumed_capacity.as_ref());
        Ok(got.item.map(Row))
    }

    /// Rows by their keys, in no order; those that are not there are left out.
    async fn get_all(&self, mut wanted: Vec<(String, String)>, consistent: bool) -> Ported<Vec<Row>> {
        wanted.sort_unstable();
        wanted.dedup();
        let mut rows = Vec::new();
        for part in wanted.chunks(BATCH) {
            let key = |(pk, sk): &(String, String)| {
                HashMap::from([
                    (keys::PK.to_owned(), AttributeValue::S(pk.clone())),
                    (keys::SK.to_owned(), AttributeValue::S(sk.clone())),
                ])
            };
            let mut left = Some(part.iter().map(key).collect::<Vec<_>>());
            let mut idle = 0;
            while let Some(batch) = left.take().filter(|batch| !batch.is_empty()) {
                let asked = batch.len();
                let ask = KeysAndAttributes::builder()
                    .set_keys(Some(batch))
                    .consistent_read(consistent)
                    .build();
                let ask = ask.map_err(|_| unreadable("keys"))?;
                let call = self.client.batch_get_item().request_items(&self.name, ask);
                let call = call.return_consumed_capacity(ReturnConsumedCapacity::Total);
                let got = call.send().await.map_err(|error| failed(&error))?;
                self.meter
                    .read(got.consumed_capacity.as_ref().and_then(|all| all.first()));
                rows.extend(
                    got.responses
                        .into_iter()
                        .flat_map(HashMap::into_values)
                        .flatten()
                        .map(Row),
                );
                left = got
                    .unprocessed_keys
                    .and_then(|mut all| all.remove(&self.name))
                    .map(|rest| rest.keys);
                let unread = left.as_ref().map_or(0, Vec::len);
                idle = if unread < asked { 0 } else { idle + 1 };
                if idle == IDLE_READS {
                    return Err(unavailable(SERVICE, "UnprocessedKeys"));
                }
                if unread > 0 {
                    tokio::time::sleep(back_off(idle)).await;
                }
            }
        }
        Ok(rows)
    }

    async fn query(&self, query: Query) -> Ported<Vec<Row>> {
        let mut rows = Vec::new();
        let mut from = None;
        loop {
            let mut call = self
                .client
                .query()
                .table_name(&self.name)
                .set_index_name(query.index.map(str::to_owned))
                .consistent_read(query.consistent && query.index.is_none())
                .key_condition_expression(query.condition)
                .set_filter_expression(query.filter.map(str::to_owned))
                .scan_index_forward(!query.newest_first)
                .set_limit(query.limit.and_then(|limit| i32::try_from(limit).ok()))
                .set_exclusive_start_key(from)
                .return_consumed_capacity(ReturnConsumedCapacity::Total);
            for (name, value) in &query.values {
                call = call.expression_attribute_values(*name, AttributeValue::S(value.clone()));
            }
            let page = call.send().await.map_err(|error| failed(&error))?;
            self.meter.read(page.consumed_capacity.as_ref());
            rows.extend(page.items.unwrap_or_default().into_iter().map(Row));
            from = page.last_evaluated_key;
            if from.is_none() || query.limit.is_some_and(|limit| rows.len() >= limit) {
                return Ok(rows);
            }
        }
    }

    /// The messages that are asked for, in their order.
    async fn messages_of(&self, query: Query) -> Ported<Vec<Message>> {
        let rows = self.query(query).await?;
        let mut messages = rows.iter().map(records::message).collect::<Ported<Vec<_>>>()?;
        messages.sort_by(|a, b| a.place().cmp(&b.place()));
        Ok(messages)
    }
}

/// How long to wait before what was not dealt with is asked for again.
fn back_off(attempt: u32) -> Duration {
    Duration::from_millis(20 << attempt)
}

/// One question to a partition of the table or of an index.
struct Query {
    index: Option<&'static str>,
    /// Where there is a choice: an index is always eventually consistent.
    consistent: bool,
    condition: &'static str,
    filter: Option<&'static str>,
    values: Vec<(&'static str, String)>,
    newest_first: bool,
    limit: Option<usize>,
}

impl Query {
    fn partition(pk: String) -> Self {
        let values = vec![(":pk", pk)];
        Self {
            index: None,
            consistent: true,
            condition: "pk = :pk",
            filter: None,
            values,
            newest_first: false,
            limit: None,
        }
    }

    fn prefix(pk: String, prefix: &str) -> Self {
        let values = vec![(":pk", pk), (":sk", prefix.to_owned())];
        Self {
            condition: "pk = :pk AND begins_with(sk, :sk)",
            values,
            ..Self::partition(String::new())
        }
    }

    /// What belongs to the thread among the rows of its buyer with this prefix.
    fn of_thread(store: &StoreId, buyer: &Buyer, thread: &ThreadId, prefix: &str) -> Self {
        let mut query = Self::prefix(keys::buyer(store, buyer), prefix);
        query.filter = Some("thread = :thread");
        query.values.push((":thread", thread.as_str().to_owned()));
        query
    }
}

/// What an answer of DynamoDB means for the port.
pub(crate) fn failed<E>(error: &SdkError<E, HttpResponse>) -> PortError
where
    E: ProvideErrorMetadata,
{
    port_error(SERVICE, error)
}

impl FindStore for Table {
    async fn store_for(&self, recipients: &[String]) -> Ported<Option<Store>> {
        let forms: Vec<String> = recipients
            .iter()
            .flat_map(|recipient| recipient_forms(recipient))
            .collect();
        let forms = if forms.is_empty() { vec!["*".to_owned()] } else { forms };
        let wanted = forms
            .iter()
            .map(|form| (keys::recipient(form), "RECIPIENT".to_owned()))
            .collect();
        let rows = self.get_all(wanted, false).await?;
        let of = |form: &String| {
            let pk = keys::recipient(form);
            rows.iter()
                .find(|row| row.find("pk") == Some(&pk))
                .and_then(|row| row.find("store"))
                .and_then(StoreId::parse)
        };
        let (any, exact): (Vec<&String>, Vec<&String>) = forms.iter().partition(|form| *form == "*");
        match exact.into_iter().chain(any).find_map(of) {
            Some(id) => self.store(&id).await,
            None => Ok(None),
        }
    }

    async fn store(&self, id: &StoreId) -> Ported<Option<Store>> {
        let row = self.get(keys::store(id), "STORE".to_owned(), false).await?;
        row.as_ref().map(records::store).transpose()
    }
}

impl ReadBuyer for Table {
    async fn buyer(&self, store: &StoreId, buyer: &Buyer) -> Ported<BuyerRecord> {
        let query = Query {
            newest_first: true,
            ..Query::prefix(keys::buyer(store, buyer), keys::THREADS)
        };
        let mut record = BuyerRecord::default();
        for row in self.query(query).await? {
            if row.get("sk")? == keys::BUYER_SK {
                record.version = row.get_number("version")?;
                record.asked_at = row.find_time("asked")?;
            } else {
                record.threads.push(records::thread(&row)?);
            }
        }
        Ok(record)
    }

    async fn older_mails(&self, store: &StoreId, buyer: &Buyer) -> Ported<Vec<(ThreadId, Vec<MailMark>)>> {
        let query = Query {
            consistent: false,
            ..Query::prefix(keys::buyer(store, buyer), keys::OLDER_MAILS)
        };
        let older = |row: &Row| {
            let thread = ThreadId::parse(row.get("thread")?).ok_or_else(|| unreadable("thread"))?;
            Ok((thread, recent_mails::marks(row.find_bytes("marks").unwrap_or_default())))
        };
        self.query(query).await?.iter().map(older).collect()
    }

    async fn messages(&self, store: &StoreId, buyer: &Buyer, thread: &ThreadId) -> Ported<Vec<Message>> {
        self.messages_of(Query::of_thread(store, buyer, thread, keys::MESSAGES))
            .await
    }
}

impl FindThreads for Table {
    async fn find(&self, store: &StoreId, handle: &Handle) -> Ported<Vec<Thread>> {
        let targets = self.query(Query::partition(keys::handle(store, handle))).await?;
        let target = |row: &Row| row.find("sk").and_then(keys::parse_handle_target);
        let key = |(thread, buyer): (ThreadId, Buyer)| (keys::buyer(store, &buyer), keys::thread(&thread));
        let wanted = targets.iter().filter_map(target).map(key).collect();
        self.get_all(wanted, true).await?.iter().map(records::thread).collect()
    }
}

impl ReadOutbox for Table {
    async fn outgoing(&self, store: &StoreId, buyer: &Buyer, key: &Key) -> Ported<Option<Outgoing>> {
        let row = self.get(keys::buyer(store, buyer), keys::outgoing(key), true).await?;
        row.as_ref().map(records::outgoing).transpose()
    }
}

impl FindHeld for Table {
    async fn held_before(&self, day: Date, limit: usize) -> Ported<Vec<Outgoing>> {
        let query = Query {
            index: Some(keys::DUE_INDEX),
            condition: "due_pk = :pk AND due_sk < :day",
            values: vec![(":pk", keys::HELD.to_owned()), (":day", day.to_string())],
            limit: Some(limit),
            ..Query::partition(String::new())
        };
        let rows = self.query(query).await?;
        let items = self.get_all(rows.iter().filter_map(Row::key).collect(), true).await?;
        let mut items = items.iter().map(records::outgoing).collect::<Ported<Vec<_>>>()?;
        items.sort_by(|a, b| (a.held_on, a.created_at, &a.key).cmp(&(b.held_on, b.created_at, &b.key)));
        Ok(items)
    }
}

impl ReadFacts for Table {
    async fn facts(&self, store: &StoreId, day: Date) -> Ported<Vec<(Marketplace, Timestamp, metrics::Entry)>> {
        let query = Query {
            index: Some(keys::FACTS_INDEX),
            condition: "fact_pk = :pk",
            values: vec![(":pk", keys::facts(store, day))],
            ..Query::partition(String::new())
        };
        self.query(query).await?.iter().map(records::entry).collect()
    }
}

fn report(row: &Row, store: &StoreId) -> Ported<Report> {
    Ok(Report {
        store: store.clone(),
        at: row.get_time("at")?,
        key: row
            .get("sk")?
            .rsplit('#')
            .next()
            .and_then(Key::parse)
            .ok_or_else(|| unreadable("sk"))?,
        what: ReportKind::parse(row.get("what")?).ok_or_else(|| unreadable("what"))?,
        reason: row.get("reason")?.to_owned(),
        about: row.find("about").map(str::to_owned),
    })
}
