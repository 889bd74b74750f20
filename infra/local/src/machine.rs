//! The machine: an embedded DynamoDB behind HTTP, the functions around it, and the stream between them.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, Result, anyhow};
use aws_lambda_events::sqs::SqsEvent;
use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_dynamodb::types::StreamSpecification;
use dynoxide::Database;
use dynoxide::actions::describe_stream::DescribeStreamRequest;
use dynoxide::actions::get_records::GetRecordsRequest;
use dynoxide::actions::get_shard_iterator::GetShardIteratorRequest;
use dynoxide::actions::list_streams::ListStreamsRequest;
use jiff::Timestamp;
use serde_json::{Value, json};
use within24::adapters::dynamodb::{Capacity, Table};
use within24::app::announce::Announcing;
use within24::domain::alert::OperatorLanguage;

use crate::sink::{Board, Folder, Sink};

/// The table's name on this machine.
const TABLE: &str = "within24";

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
    database: Database,
    client: aws_sdk_dynamodb::Client,
    table: Table,
    folder: Folder,
    sink: Sink,
    board: Board,
    now: Arc<Mutex<Timestamp>>,
    positions: BTreeMap<String, String>,
    usage: BTreeMap<&'static str, Usage>,
}

impl Machine {
    /// Starts a machine with an empty table; raw mail goes into `folder`.
    ///
    /// # Errors
    /// Where no port or no database can be had.
    pub async fn start(folder: &Path, now: Timestamp) -> Result<Self> {
        let database = Database::memory().map_err(|error| anyhow!("the embedded database: {error}"))?;
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .context("no local port")?;
        let address = listener.local_addr()?;
        tokio::spawn(dynoxide::server::serve_on(listener, database.clone()));
        let config = aws_sdk_dynamodb::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .endpoint_url(format!("http://{address}"))
            .region(Region::new("eu-west-1"))
            .credentials_provider(Credentials::new("local", "local", None, None, "local"))
            .http_client(aws_smithy_http_client::Builder::new().build_http())
            .build();
        let client = aws_sdk_dynamodb::Client::from_conf(config);
        let table = Table::new(client.clone(), TABLE);
        table.create().await?;
        let now = Arc::new(Mutex::new(now));
        Ok(Self {
            database,
            client,
            table,
            folder: Folder::new(folder),
            sink: Sink::new(Arc::clone(&now)),
            board: Board::default(),
            now,
            positions: BTreeMap::new(),
            usage: BTreeMap::new(),
        })
    }

    /// The table, as a person or a test looks at it: not counted to any function.
    pub fn table(&self) -> &Table {
        &self.table
    }

    /// The database itself, as a test looks at it.
    pub fn client(&self) -> &aws_sdk_dynamodb::Client {
        &self.client
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
        Table::new(self.client.clone(), TABLE)
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
        let mut receipt = json!({
            "timestamp": self.now(),
            "recipients": recipients,
            "action": {"type": "S3", "bucketName": "local", "objectKey": name},
        });
        for (check, status) in verdicts {
            receipt[format!("{check}Verdict")] = json!({"status": status});
        }
        let notification = json!({"notificationType": "Received", "mail": {"messageId": name}, "receipt": receipt});
        let envelope = json!({"Type": "Notification", "Message": notification.to_string()});
        let event = json!({"Records": [{"messageId": name, "body": envelope.to_string()}]});
        let event: SqsEvent = serde_json::from_value(event)?;
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

    /// Ends the stream, for measurements on large tables that nobody listens to: the embedded database looks through all
    /// of a stream's records at each write.
    ///
    /// # Errors
    /// Where this machine fails.
    pub async fn end_stream(&self) -> Result<()> {
        let off = StreamSpecification::builder().stream_enabled(false).build()?;
        let call = self.client.update_table().table_name(TABLE).stream_specification(off);
        call.send().await.context("the stream could not be ended")?;
        Ok(())
    }

    /// Lets the stream call the functions that listen to it, until nothing new comes.
    ///
    /// # Errors
    /// Where this machine fails.
    pub async fn settle(&mut self) -> Result<()> {
        loop {
            let records = self.stream_records()?;
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

    /// The stream's records since the last call, as Lambda passes them on.
    fn stream_records(&mut self) -> Result<Vec<Value>> {
        let failed = |error: dynoxide::errors::DynoxideError| anyhow!("the stream: {error}");
        let request = ListStreamsRequest {
            table_name: Some(TABLE.to_owned()),
            ..ListStreamsRequest::default()
        };
        let mut records = Vec::new();
        for stream in self.database.list_streams(request).map_err(failed)?.streams {
            let request = DescribeStreamRequest {
                stream_arn: stream.stream_arn.clone(),
                exclusive_start_shard_id: None,
                limit: None,
            };
            for shard in self
                .database
                .describe_stream(request)
                .map_err(failed)?
                .stream_description
                .shards
            {
                let position = if let Some(position) = self.positions.get(&shard.shard_id) {
                    Some(position.clone())
                } else {
                    let request = GetShardIteratorRequest {
                        stream_arn: stream.stream_arn.clone(),
                        shard_id: shard.shard_id.clone(),
                        shard_iterator_type: "TRIM_HORIZON".to_owned(),
                        sequence_number: None,
                    };
                    self.database
                        .get_shard_iterator(request)
                        .map_err(failed)?
                        .shard_iterator
                };
                let Some(shard_iterator) = position else { continue };
                let page = self
                    .database
                    .get_records(GetRecordsRequest {
                        shard_iterator,
                        limit: None,
                    })
                    .map_err(failed)?;
                for record in &page.records {
                    records.push(serde_json::to_value(record)?);
                }
                if let Some(next) = page.next_shard_iterator {
                    self.positions.insert(shard.shard_id, next);
                }
            }
        }
        Ok(records)
    }
}

/// The filter of the stream mapping: new or released outbox items of this kind.
fn is_pending(record: &Value, kind: &str) -> bool {
    let image = &record["dynamodb"]["NewImage"];
    image["state"]["S"] == "pending" && image["kind"]["S"] == kind
}
