//! Starts `serve-api`.

use std::sync::Arc;

use serve_api::{Config, router};
use within24::adapters::dynamodb::Table;
use within24::adapters::s3::AnswerFiles;
use within24::adapters::sqs::CallQueue;
use within24::lambda::api::Edge;
use within24::lambda::{clients, env, telemetry};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    let config = Config::from_lookup(&env::process)?;
    telemetry::start(config.log_level.as_deref());
    let aws = clients::config().await;
    let table = Table::new(aws_sdk_dynamodb::Client::new(&aws), config.table);
    let files = AnswerFiles::new(aws_sdk_s3::Client::new(&aws), config.bucket);
    let queue = CallQueue::new(aws_sdk_sqs::Client::new(&aws), config.queue);
    let router = router(Arc::new(table), Arc::new(files), Arc::new(queue), Edge::of_process());
    lambda_http::run(router).await
}
