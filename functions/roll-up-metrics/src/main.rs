//! Starts `roll-up-metrics`.

use lambda_runtime::{LambdaEvent, run, service_fn};
use roll_up_metrics::{Config, handler};
use serde_json::Value;
use within24::adapters::dynamodb::Table;
use within24::adapters::eventbridge::Bus;
use within24::app::announce::Announcing;
use within24::lambda::{clients, clock, emf, env, telemetry};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let config = Config::from_lookup(&env::process)?;
    telemetry::start(config.log_level.as_deref());
    let aws = clients::config().await;
    let table = &Table::new(aws_sdk_dynamodb::Client::new(&aws), config.table);
    let bus = &Bus::new(aws_sdk_eventbridge::Client::new(&aws), config.bus);
    let world = &Announcing::new(table, bus);
    // The schedule says when, not what: nothing of its event is needed.
    run(service_fn(|_: LambdaEvent<Value>| async move {
        Ok::<_, lambda_runtime::Error>(handler(world, emf::to_log, clock::now()).await?)
    }))
    .await
}
