//! A function with the SDK's clients as AWS documents them and nothing of ours: DynamoDB, and the service named by its
//! argument, `s3` or `ses`. A reference of `benches/start_up.rs`.

use aws_config::BehaviorVersion;
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use serde_json::Value;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let config = aws_config::load_defaults(BehaviorVersion::v2026_01_12()).await;
    let dynamodb = aws_sdk_dynamodb::Client::new(&config);
    match std::env::args().nth(1).as_deref() {
        Some("s3") => serve(&(dynamodb, aws_sdk_s3::Client::new(&config))).await,
        Some("ses") => serve(&(dynamodb, aws_sdk_sesv2::Client::new(&config))).await,
        _ => Err("name the second service: s3 or ses".into()),
    }
}

/// Answers every event with itself, holding on to `clients` as a real function would.
async fn serve<C>(clients: &C) -> Result<(), Error> {
    run(service_fn(|event: LambdaEvent<Value>| async move {
        std::hint::black_box(clients);
        Ok::<_, Error>(event.payload)
    }))
    .await
}
