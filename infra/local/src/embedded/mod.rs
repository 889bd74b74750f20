//! The embedded DynamoDB: in memory for a replay, in a file for `within24 serve`. The real adapter works on it through the SDK.

mod engine;
mod stream;

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result, anyhow};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_dynamodb::types::{StreamSpecification, TimeToLiveSpecification, TimeToLiveStatus};
use dynoxide::Database;
use serde_json::Value;
use within24::adapters::dynamodb::Table;

use self::engine::Engine;
pub use self::engine::Watch;
pub use self::stream::{Stream, is_pending};

/// The table's name on this machine.
const TABLE: &str = "within24";

/// The attribute after whose time a row is forgotten, as in `infra/template.yaml`.
const EXPIRES: &str = "expires";

/// The database, with the table in it.
pub struct Embedded {
    database: Database,
    client: Client,
}

impl Embedded {
    fn new(database: Database, watch: Option<Arc<dyn Watch>>) -> Self {
        let engine = Engine {
            database: database.clone(),
            watch,
        };
        let config = aws_sdk_dynamodb::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .endpoint_url("http://embedded.invalid")
            .region(Region::new("eu-west-1"))
            .credentials_provider(Credentials::new("local", "local", None, None, "local"))
            .http_client(engine)
            .build();
        Self {
            database,
            client: Client::from_conf(config),
        }
    }

    /// An empty table in memory, with a stream.
    ///
    /// # Errors
    /// Where no database can be had.
    pub async fn memory() -> Result<Self> {
        let database = Database::memory().map_err(|error| anyhow!("the embedded database: {error}"))?;
        let embedded = Self::new(database, None);
        embedded.table().create().await?;
        Ok(embedded)
    }

    /// The table in this file, made where there is none. Each write is on the disk when it is done: SQLite's log is written
    /// ahead and synchronised at every commit (`journal_mode=WAL`, `synchronous=FULL`). It has no stream, which would grow for
    /// ever; `watch` sees what a stream would show.
    ///
    /// # Errors
    /// Where the file is none of ours, or this machine fails.
    pub async fn open(file: &Path, watch: Arc<dyn Watch>) -> Result<Self> {
        let path = file.to_str().context("its path is no UTF-8")?;
        let database = Database::new(path).map_err(|error| anyhow!("{path}: {error}"))?;
        let known = database.get_table_metadata(TABLE);
        let known = known.map_err(|error| anyhow!("{path}: {error}"))?.is_some();
        let embedded = Self::new(database, Some(watch));
        if !known {
            embedded.table().create().await?;
        }
        // Also where a process died in between.
        embedded.end_stream().await?;
        embedded.let_expire().await?;
        Ok(embedded)
    }

    /// A table of its own, so that the capacity of its calls can be told.
    pub fn table(&self) -> Table {
        Table::new(self.client.clone(), TABLE)
    }

    /// The client, as a test looks at the database.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// The records of the stream that this reader has not seen.
    ///
    /// # Errors
    /// Where this machine fails.
    pub fn records(&self, reader: &mut Stream) -> Result<Vec<Value>> {
        reader.records(&self.database)
    }

    /// Ends the stream, if there is one: the embedded database keeps its records for ever, and looks through all of them at
    /// each write.
    ///
    /// # Errors
    /// Where this machine fails.
    pub async fn end_stream(&self) -> Result<()> {
        let described = self.client.describe_table().table_name(TABLE).send().await;
        let described = described.context("the table could not be described")?;
        let stream = described.table().and_then(|table| table.stream_specification());
        if !stream.is_some_and(StreamSpecification::stream_enabled) {
            return Ok(());
        }
        let off = StreamSpecification::builder().stream_enabled(false).build()?;
        let call = self.client.update_table().table_name(TABLE).stream_specification(off);
        call.send().await.context("the stream could not be ended")?;
        Ok(())
    }

    async fn let_expire(&self) -> Result<()> {
        let described = self.client.describe_time_to_live().table_name(TABLE).send().await;
        let described = described.context("the table could not be described")?;
        let known = described
            .time_to_live_description()
            .and_then(|ttl| ttl.time_to_live_status());
        if known == Some(&TimeToLiveStatus::Enabled) {
            return Ok(());
        }
        let expires = TimeToLiveSpecification::builder().attribute_name(EXPIRES).enabled(true);
        let call = self.client.update_time_to_live().table_name(TABLE);
        let call = call.time_to_live_specification(expires.build()?);
        call.send().await.context("rows could not be made to expire")?;
        Ok(())
    }

    /// Forgets the rows whose time is over, as DynamoDB does by itself; gives their number.
    ///
    /// # Errors
    /// Where this machine fails.
    pub async fn forget_expired(&self) -> Result<usize> {
        let database = self.database.clone();
        let swept = tokio::task::spawn_blocking(move || database.sweep_ttl()).await?;
        swept.map_err(|error| anyhow!("the embedded database: {error}"))
    }
}
