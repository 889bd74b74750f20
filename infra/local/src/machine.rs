//! The machine: an embedded DynamoDB, the functions around it, the stream between them, and a clock that is told the time.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, Result};
use jiff::Timestamp;
use serde_json::{Value, json};
use within24::adapters::dynamodb::{Capacity, Table};
use within24::app::announce::Announcing;
use within24::domain::alert::OperatorLanguage;

use crate::embedded::{Embedded, Stream, is_pending};
use crate::ses;
use crate::sink::{Board, Folder, Sink};

/// What a function has used.
#[derive(Clone, Copy, Debug, Default)]
pub struct Usage {
    /// How often it was called.
    pub invocations: u64,
    /// Read units.
    pub read: f64,
    /// Write units.
    pub write: f64,
}

/// The machine.
pub struct Machine {
    embedded: Embedded,
    stream: Stream,
    table: Table,
    folder: Folder,
    sink: Sink,
    board: Board,
    now: Arc<Mutex<Timestamp>>,
    usage: BTreeMap<&'static str, Usage>,
}

impl Machine {
    /// Starts a machine with an empty table; raw mail goes into `folder`.
    ///
    /// # Errors
    /// Where no database can be had.
    pub async fn start(folder: &Path, now: Timestamp) -> Result<Self> {
        let embedded = Embedded::memory().await?;
        let now = Arc::new(Mutex::new(now));
        Ok(Self {
            table: embedded.table(),
            embedded,
            stream: Stream::default(),
            folder: Folder::new(folder),
            sink: Sink::new(Arc::clone(&now)),
            board: Board::default(),
            now,
            usage: BTreeMap::new(),
        })
    }

    /// The table, as a person or a test looks at it: not counted to any function.
    pub fn table(&self) -> &Table {
        &self.table
    }

    /// The database itself, as a test looks at it.
    pub fn client(&self) -> &aws_sdk_dynamodb::Client {
        self.embedded.client()
    }

    /// What stands in for the bucket.
    pub fn folder(&self) -> &Folder {
        &self.folder
    }

    /// What was sent.
    pub fn sink(&self) -> &Sink {
        &self.sink
    }

    /// What the event bus and the operator were told.
    pub fn board(&self) -> &Board {
        &self.board
    }

    /// What each function has used.
    pub fn usage(&self) -> &BTreeMap<&'static str, Usage> {
        &self.usage
    }

    /// The simulated time.
    pub fn now(&self) -> Timestamp {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Moves the clock; it never goes back.
    pub fn advance(&self, to: Timestamp) {
        let mut now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        *now = (*now).max(to);
    }

    /// A table of its own for a call of this function, so that its capacity can be told.
    fn metered(&self) -> Table {
        self.embedded.table()
    }

    fn count(&mut self, function: &'static str, table: &Table) {
        let Capacity { read, write } = table.meter().take();
        let usage = self.usage.entry(function).or_default();
        usage.invocations += 1;
        usage.read += read;
        usage.write += write;
    }

    /// Works on the table as a person does through the console or the API.
    pub async fn operate<T>(&mut self, work: impl AsyncFnOnce(&Table) -> T) -> T {
        self.call("operator", work).await
    }

    /// Calls a function on the table and counts what it uses.
    pub async fn call<T>(&mut self, function: &'static str, work: impl AsyncFnOnce(&Table) -> T) -> T {
        let table = self.metered();
        let done = work(&table).await;
        self.count(function, &table);
        done
    }

    /// A mail arrives: SES stores it, SNS tells the queue, the queue calls `receive-mail`. `verdicts` by SES's names.
    /// Gives whether it was taken in.
    ///
    /// # Errors
    /// Where this machine fails.
    pub async fn mail_arrives(
        &mut self,
        name: &str,
        raw: &[u8],
        recipients: &[String],
        verdicts: &[(&str, String)],
    ) -> Result<bool> {
        self.folder.put(name, raw).context("raw mail could not be stored")?;
        let verdicts = verdicts.iter().map(|(check, status)| (*check, status.as_str()));
        let receipt = ses::receipt(name, self.now(), recipients, verdicts);
        let event = ses::batch(name, &receipt)?;
        let (table, now) = (self.metered(), self.now());
        let world = Announcing::new(&table, &self.board);
        let response = Box::pin(receive_mail::handler(&world, &self.folder, event, || now)).await;
        self.count("receive-mail", &table);
        Ok(response.batch_item_failures.is_empty())
    }

    /// The scheduler's tick calls `sweep-sla`.
    ///
    /// # Errors
    /// Where this machine fails.
    pub async fn sweep(&mut self, language: OperatorLanguage) -> Result<()> {
        let (table, now) = (self.metered(), self.now());
        let (bus, operator) = (&self.board, &self.board);
        let times = (now, Timestamp::MAX);
        sweep_sla::handler(&table, bus, operator, language, times, || now, |_| {}).await?;
        self.count("sweep-sla", &table);
        Ok(())
    }

    /// The schedule calls `roll-up-metrics`.
    ///
    /// # Errors
    /// Where this machine fails.
    pub async fn roll_up(&mut self) -> Result<()> {
        let (table, now) = (self.metered(), self.now());
        roll_up_metrics::handler(&Announcing::new(&table, &self.board), |_| {}, now).await?;
        self.count("roll-up-metrics", &table);
        Ok(())
    }

    /// Ends the stream, for measurements on large tables that nobody listens to.
    ///
    /// # Errors
    /// Where this machine fails.
    pub async fn end_stream(&self) -> Result<()> {
        self.embedded.end_stream().await
    }

    /// Lets the stream call the functions that listen to it, until nothing new comes.
    ///
    /// # Errors
    /// Where this machine fails.
    pub async fn settle(&mut self) -> Result<()> {
        loop {
            let records = self.embedded.records(&mut self.stream)?;
            if records.is_empty() {
                return Ok(());
            }
            for kind in [request_order_id::KIND, send_reply::KIND] {
                let wanted: Vec<&Value> = records.iter().filter(|record| is_pending(record, kind)).collect();
                for batch in wanted.chunks(10) {
                    self.deliver(kind, batch).await?;
                }
            }
        }
    }

    async fn deliver(&mut self, kind: &'static str, batch: &[&Value]) -> Result<()> {
        let event = || serde_json::from_value(json!({ "Records": batch }));
        let (table, now) = (self.metered(), self.now());
        if kind == request_order_id::KIND {
            request_order_id::handler(&Announcing::new(&table, &self.board), &self.sink, event()?, || now).await;
            self.count("request-order-id", &table);
        } else {
            let world = Announcing::new(&table, &self.board);
            send_reply::handler(&world, &self.folder, &self.sink, event()?, || now).await;
            self.count("send-reply", &table);
        }
        Ok(())
    }
}
