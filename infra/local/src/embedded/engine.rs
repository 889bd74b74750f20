//! The SDK's requests, answered by the database in this process.
//!
//! The database can be served over HTTP too, but it lets in whoever comes: any other user of the machine, and any page in a
//! browser, since it allows every origin. So no port is opened. What the SDK writes and reads is the same.

use std::fmt;
use std::sync::Arc;

use aws_sdk_dynamodb::config::{HttpClient, RuntimeComponents};
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::http::StatusCode;
use dynoxide::actions::transact_write_items::TransactWriteItemsRequest;
use dynoxide::types::Item;
use dynoxide::{Database, DynoxideError};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Sees what was written, as whoever listens to the table's stream does.
pub trait Watch: Send + Sync {
    /// A row was written in a transaction: all of it, or its key alone where it was changed in place.
    fn written(&self, row: &Item);
}

/// The database as the SDK's HTTP.
#[derive(Clone)]
pub(super) struct Engine {
    pub(super) database: Database,
    pub(super) watch: Option<Arc<dyn Watch>>,
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Engine")
    }
}

impl HttpClient for Engine {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Engine {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let engine = self.clone();
        HttpConnectorFuture::new(async move {
            // A write waits for the disk.
            let answered = tokio::task::spawn_blocking(move || engine.answer(&request)).await;
            answered.unwrap_or_else(|panicked| Err(ConnectorError::other(panicked.into(), None)))
        })
    }
}

impl Engine {
    fn answer(&self, request: &HttpRequest) -> Result<HttpResponse, ConnectorError> {
        let operation = request.headers().get("x-amz-target").unwrap_or_default();
        let operation = operation.rsplit('.').next().unwrap_or_default();
        let body = request.body().bytes().unwrap_or_default();
        let (status, text) = match self.run(operation, body) {
            Ok(text) => (200, text),
            Err(error) => (error.status_code(), error.to_json()),
        };
        let status = StatusCode::try_from(status).map_err(|error| ConnectorError::other(error.into(), None))?;
        Ok(HttpResponse::new(status, text.into()))
    }

    /// Every operation that our adapter and our tests use.
    fn run(&self, operation: &str, body: &[u8]) -> Result<String, DynoxideError> {
        let database = &self.database;
        match operation {
            "BatchGetItem" => reply(&database.batch_get_item(read(body)?)?),
            "CreateTable" => reply(&database.create_table(read(body)?)?),
            "DeleteItem" => reply(&database.delete_item(read(body)?)?),
            "DescribeTable" => reply(&database.describe_table(read(body)?)?),
            "DescribeTimeToLive" => reply(&database.describe_time_to_live(read(body)?)?),
            "GetItem" => reply(&database.get_item(read(body)?)?),
            "PutItem" => reply(&database.put_item(read(body)?)?),
            "Query" => reply(&database.query(read(body)?)?),
            "Scan" => reply(&database.scan(read(body)?)?),
            "TransactWriteItems" => self.transact(read(body)?),
            "UpdateItem" => reply(&database.update_item(read(body)?)?),
            "UpdateTable" => reply(&database.update_table(read(body)?)?),
            "UpdateTimeToLive" => reply(&database.update_time_to_live(read(body)?)?),
            other => Err(DynoxideError::ValidationException(format!(
                "the embedded database is not asked for {other}"
            ))),
        }
    }

    fn transact(&self, request: TransactWriteItemsRequest) -> Result<String, DynoxideError> {
        let Some(watch) = &self.watch else {
            return reply(&self.database.transact_write_items(request)?);
        };
        let done = self.database.transact_write_items(request.clone())?;
        for action in request.transact_items {
            let put = action.put.map(|put| put.item);
            let updated = action.update.map(|update| update.key);
            if let Some(row) = put.or(updated) {
                watch.written(&row);
            }
        }
        reply(&done)
    }
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, DynoxideError> {
    serde_json::from_slice(body).map_err(|error| DynoxideError::ValidationException(error.to_string()))
}

fn reply(answer: &impl Serialize) -> Result<String, DynoxideError> {
    serde_json::to_string(answer).map_err(|error| DynoxideError::InternalServerError(error.to_string()))
}
