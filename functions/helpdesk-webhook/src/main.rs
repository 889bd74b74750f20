//! Starts `helpdesk-webhook`.

use helpdesk_webhook::{Config, handler};
use lambda_runtime::{LambdaEvent, run, service_fn};
use within24::adapters::s3::LargeCalls;
use within24::adapters::secrets::StoredSecrets;
use within24::adapters::sqs::WebhookQueue;
use within24::lambda::{clients, clock, emf, env, telemetry};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let config = Config::from_lookup(&env::process)?;
    telemetry::start(config.log_level.as_deref());
    let aws = clients::config().await;
    let secrets = &StoredSecrets::new(aws_sdk_secretsmanager::Client::new(&aws), config.secrets, clock::now);
    let large = LargeCalls::new(aws_sdk_s3::Client::new(&aws), config.bucket);
    let queue = &WebhookQueue::new(aws_sdk_sqs::Client::new(&aws), config.queue, large);
    run(service_fn(|event: LambdaEvent<_>| async move {
        let response = handler(secrets, queue, &event.payload, clock::now(), emf::to_log).await;
        Ok::<_, lambda_runtime::Error>(response)
    }))
    .await
}
