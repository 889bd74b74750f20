//! Starts `track-delivery`.

use lambda_runtime::{LambdaEvent, run, service_fn};
use track_delivery::{Config, handler};
use within24::adapters::dynamodb::Table;
use within24::lambda::{clients, clock, env, telemetry};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let config = Config::from_lookup(&env::process)?;
    telemetry::start(config.log_level.as_deref());
    let aws = clients::config().await;
    let table = &Table::new(aws_sdk_dynamodb::Client::new(&aws), config.table);
    run(service_fn(|event: LambdaEvent<_>| async move {
        handler(table, &event.payload, clock::now()).await?;
        Ok::<_, lambda_runtime::Error>(())
    }))
    .await
}
