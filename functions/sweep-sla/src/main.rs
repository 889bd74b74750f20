//! Starts `sweep-sla`.

use jiff::Timestamp;
use lambda_runtime::{LambdaEvent, run, service_fn};
use sweep_sla::{Config, handler, work_until};
use within24::adapters::dynamodb::Table;
use within24::adapters::eventbridge::Bus;
use within24::adapters::sns::AlertTopic;
use within24::lambda::{clients, clock, emf, env, telemetry};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let config = Config::from_lookup(&env::process)?;
    telemetry::start(config.log_level.as_deref());
    let aws = clients::config().await;
    let table = &Table::new(aws_sdk_dynamodb::Client::new(&aws), config.table);
    let bus = &Bus::new(aws_sdk_eventbridge::Client::new(&aws), config.bus);
    let topic = &AlertTopic::new(aws_sdk_sns::Client::new(&aws), config.topic);
    run(service_fn(|event: LambdaEvent<serde_json::Value>| async move {
        let now = clock::now();
        let deadline = Timestamp::try_from(event.context.deadline()).unwrap_or(now);
        let times = (now, work_until(now, deadline));
        let swept = handler(table, bus, topic, config.language, times, clock::now, emf::to_log).await?;
        Ok::<_, lambda_runtime::Error>(serde_json::json!({"raised": swept.raised.len(), "left": swept.left}))
    }))
    .await
}
