//! Starts `call-webhook`.

use call_webhook::{Config, handler};
use lambda_runtime::{LambdaEvent, run, service_fn};
use within24::adapters::dynamodb::Table;
use within24::adapters::https::Caller;
use within24::adapters::sqs::CallQueue;
use within24::lambda::{clients, clock, emf, env, telemetry};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let config = Config::from_lookup(&env::process)?;
    telemetry::start(config.log_level.as_deref());
    let aws = clients::config().await;
    let table = &Table::new(aws_sdk_dynamodb::Client::new(&aws), config.table);
    let queue = &CallQueue::new(aws_sdk_sqs::Client::new(&aws), config.queue);
    let caller = &Caller::on_first_call();
    run(service_fn(|event: LambdaEvent<_>| async move {
        Ok::<_, lambda_runtime::Error>(handler(table, queue, caller, event.payload, clock::now, emf::to_log).await)
    }))
    .await
}
