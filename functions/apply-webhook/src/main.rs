//! Starts `apply-webhook`.

use apply_webhook::{Config, handler};
use lambda_runtime::{LambdaEvent, run, service_fn};
use within24::adapters::dynamodb::Table;
use within24::adapters::s3::{AnswerFiles, LargeCalls};
use within24::lambda::{clients, clock, emf, env, telemetry};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let config = Config::from_lookup(&env::process)?;
    telemetry::start(config.log_level.as_deref());
    let aws = clients::config().await;
    let table = &Table::new(aws_sdk_dynamodb::Client::new(&aws), config.table);
    let s3 = aws_sdk_s3::Client::new(&aws);
    let calls = &LargeCalls::new(s3.clone(), &config.bucket);
    let files = &AnswerFiles::new(s3, &config.bucket);
    run(service_fn(|event: LambdaEvent<_>| async move {
        Ok::<_, lambda_runtime::Error>(handler(table, calls, files, event.payload, clock::now, emf::to_log).await)
    }))
    .await
}
