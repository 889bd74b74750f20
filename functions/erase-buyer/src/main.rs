//! Starts `erase-buyer`.

use std::sync::Arc;

use erase_buyer::{Config, router};
use within24::adapters::dynamodb::Table;
use within24::adapters::s3::Erasable;
use within24::lambda::api::Edge;
use within24::lambda::{clients, env, telemetry};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    let config = Config::from_lookup(&env::process)?;
    telemetry::start(config.log_level.as_deref());
    let aws = clients::config().await;
    let table = Table::new(aws_sdk_dynamodb::Client::new(&aws), config.table);
    let mails = Erasable::new(aws_sdk_s3::Client::new(&aws), config.bucket);
    lambda_http::run(router(Arc::new(table), Arc::new(mails), Edge::of_process())).await
}
