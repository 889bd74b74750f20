//! A function with the SDK's clients as AWS documents them and nothing of ours: DynamoDB, and the service named by its
//! first argument, `s3` or `ses`. A reference of `benches/start_up.rs`.
//!
//! This project's features leave out the SDK's default HTTP client, so these clients start but can call nothing. With
//! `https` as the second argument they get the SDK's own HTTP client with its default trust, and can.

use aws_config::BehaviorVersion;
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use serde_json::Value;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let version = BehaviorVersion::v2026_01_12();
    let config = if arguments.get(1).is_some_and(|second| second == "https") {
        let tls = Provider::Rustls(CryptoMode::Ring);
        let http = Builder::new().tls_provider(tls).build_https();
        aws_config::defaults(version).http_client(http).load().await
    } else {
        aws_config::load_defaults(version).await
    };
    let dynamodb = aws_sdk_dynamodb::Client::new(&config);
    match arguments.first().map(String::as_str) {
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
