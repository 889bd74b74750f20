//! Starts `request-order-id`.

use lambda_runtime::{LambdaEvent, run, service_fn};
use request_order_id::handler;
use within24::adapters::dynamodb::Table;
use within24::adapters::eventbridge::Bus;
use within24::adapters::ses::Ses;
use within24::app::announce::Announcing;
use within24::lambda::outbox::Config;
use within24::lambda::{clients, clock, env, telemetry};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let config = Config::from_lookup(&env::process)?;
    telemetry::start(config.log_level.as_deref());
    let aws = clients::config().await;
    let table = &Table::new(aws_sdk_dynamodb::Client::new(&aws), config.table);
    let bus = &Bus::new(aws_sdk_eventbridge::Client::new(&aws), config.bus);
    let world = &Announcing::new(table, bus);
    let ses = aws_sdk_sesv2::Client::new(&clients::once(&aws));
    let mailer = &Ses::new(&ses, config.configuration_set, config.region, clock::now);
    run(service_fn(|event: LambdaEvent<_>| async move {
        Ok::<_, lambda_runtime::Error>(handler(world, mailer, event.payload, clock::now).await)
    }))
    .await
}
