//! Starts `screen-reply`.

use lambda_runtime::{LambdaEvent, run, service_fn};
use screen_reply::{Config, handler};
use within24::lambda::{env, telemetry};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let config = Config::from_lookup(&env::process)?;
    telemetry::start(config.log_level.as_deref());
    run(service_fn(|event: LambdaEvent<_>| async move {
        Ok::<_, lambda_runtime::Error>(handler(event.payload))
    }))
    .await
}
