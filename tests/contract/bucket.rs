//! The contracts of the bucket: in memory, in a folder, and through the S3 adapter on a service that answers as S3 does.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use aws_sdk_s3::config::{BehaviorVersion, Credentials, Region, SharedHttpClient};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use within24::adapters::s3::{AnswerFiles, LargeCalls};
use within24::adapters::sqs::WebhookQueue;
use within24::adapters::webhook_message::{self, Read};
use within24::domain::webhook::{Source, Told};
use within24::ports::{FetchAttachment, FetchCall, KeepAttachment, PortError, QueueWebhook};
use within24::testing::Memory;
use within24_local::sink::Folder;

use super::{now, store_id};

const PLACE: &str = "answers/de/01kk22s3907r832mr580w9/a1b2c3";

async fn what_was_kept_is_fetched_and_the_same_again_changes_nothing(bucket: &(impl KeepAttachment + FetchAttachment)) {
    assert_eq!(bucket.attachment(PLACE, 10).await.unwrap(), None);
    let content: Vec<u8> = (0..=255).collect();
    for _ in 0..2 {
        bucket.keep(PLACE, &content).await.unwrap();
        assert_eq!(bucket.attachment(PLACE, 1000).await.unwrap().as_ref(), Some(&content));
    }
    assert_eq!(bucket.attachment(PLACE, 3).await.unwrap(), Some(vec![0, 1, 2]));
    let beside = "answers/de/01kk22s3907r832mr580w9/d4e5f6";
    assert_eq!(bucket.attachment(beside, 10).await.unwrap(), None);
}

#[tokio::test]
async fn in_memory() {
    what_was_kept_is_fetched_and_the_same_again_changes_nothing(&Memory::default()).await;
}

#[tokio::test]
async fn in_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    let bucket = Folder::new(folder.path());
    what_was_kept_is_fetched_and_the_same_again_changes_nothing(&bucket).await;
    for place in ["../outside", "answers/../../outside", "/etc/passwd", ""] {
        assert!(bucket.keep(place, b"x").await.is_err(), "{place}");
        assert_eq!(bucket.attachment(place, 10).await.unwrap(), None, "{place}");
    }
}

#[tokio::test]
async fn on_s3() {
    what_was_kept_is_fetched_and_the_same_again_changes_nothing(&Aws::default().files()).await;
}

/// Answers as S3 and SQS do, and keeps what it is given.
#[derive(Clone, Debug, Default)]
struct Aws(Arc<Mutex<Seen>>);

#[derive(Debug, Default)]
struct Seen {
    objects: BTreeMap<String, Vec<u8>>,
    messages: Vec<String>,
    calls: Vec<String>,
    /// Status and code of every answer, instead of what would be right.
    wrong: Option<(u16, &'static str)>,
}

fn answer(status: u16, body: impl Into<SdkBody>) -> HttpResponse {
    HttpResponse::new(status.try_into().unwrap(), body.into())
}

fn error(status: u16, code: &str) -> HttpResponse {
    answer(status, format!("<Error><Code>{code}</Code></Error>"))
}

impl Aws {
    fn answer(&self, request: &HttpRequest) -> HttpResponse {
        let mut aws = self.0.lock().unwrap();
        let path = request.uri().split('?').next().unwrap().to_owned();
        let key = path.split_once("/bucket/").map(|(_, key)| key.to_owned());
        aws.calls
            .push(format!("{} {}", request.method(), key.as_deref().unwrap_or("queue")));
        if let Some((status, code)) = aws.wrong {
            return error(status, code);
        }
        let body = request.body().bytes().unwrap_or_default().to_vec();
        match (request.method(), key) {
            ("PUT", Some(key)) => {
                aws.objects.insert(key, body);
                answer(200, "")
            }
            ("GET", Some(key)) => {
                let Some(object) = aws.objects.get(&key) else {
                    return error(404, "NoSuchKey");
                };
                let range = request.headers().get("range").unwrap();
                let last: usize = range.strip_prefix("bytes=0-").unwrap().parse().unwrap();
                answer(206, object[..object.len().min(last + 1)].to_vec())
            }
            ("POST", None) => {
                let call: serde_json::Value = serde_json::from_slice(&body).unwrap();
                aws.messages.push(call["MessageBody"].as_str().unwrap().to_owned());
                answer(200, r#"{"MessageId":"m1"}"#)
            }
            other => panic!("{other:?}"),
        }
    }

    fn client(&self) -> aws_sdk_s3::Client {
        let config = aws_sdk_s3::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("eu-west-1"))
            .credentials_provider(Credentials::new("a", "b", None, None, "test"))
            .retry_config(aws_sdk_s3::config::retry::RetryConfig::disabled())
            .force_path_style(true)
            .http_client(SharedHttpClient::new(self.clone()));
        aws_sdk_s3::Client::from_conf(config.build())
    }

    fn files(&self) -> AnswerFiles {
        AnswerFiles::new(self.client(), "bucket")
    }

    fn queue(&self) -> WebhookQueue {
        let config = aws_sdk_sqs::Config::builder()
            .behavior_version(aws_sdk_sqs::config::BehaviorVersion::latest())
            .region(Region::new("eu-west-1"))
            .credentials_provider(Credentials::new("a", "b", None, None, "test"))
            .retry_config(aws_sdk_sqs::config::retry::RetryConfig::disabled())
            .http_client(SharedHttpClient::new(self.clone()));
        let url = "https://sqs.eu-west-1.amazonaws.com/123456789012/calls";
        WebhookQueue::new(aws_sdk_sqs::Client::from_conf(config.build()), url, self.calls())
    }

    fn calls(&self) -> LargeCalls {
        LargeCalls::new(self.client(), "bucket")
    }
}

impl HttpConnector for Aws {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        HttpConnectorFuture::ready(Ok(self.answer(&request)))
    }
}

impl HttpClient for Aws {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

#[tokio::test]
async fn what_a_right_or_a_bucket_is_missing_for_is_never_taken_for_a_missing_file() {
    for (status, code, retry) in [
        (403, "AccessDenied", false),
        (404, "NoSuchBucket", false),
        (503, "SlowDown", true),
        (500, "InternalError", true),
    ] {
        let aws = Aws::default();
        aws.0.lock().unwrap().wrong = Some((status, code));
        let failures = [
            aws.files().attachment(PLACE, 10).await.unwrap_err(),
            aws.files().keep(PLACE, b"x").await.unwrap_err(),
            aws.calls().body("calls/a1").await.unwrap_err(),
        ];
        for failure in failures {
            assert_eq!(failure.retry(), retry, "{code}: {failure}");
            assert!(failure.to_string().contains(code), "{failure}");
        }
    }
}

#[tokio::test]
async fn what_lies_elsewhere_in_the_bucket_is_not_touched() {
    let aws = Aws::default();
    for place in ["mail/1", "calls/a1", "", "answers"] {
        let broken = |result: Result<(), PortError>| !result.unwrap_err().retry();
        assert!(broken(aws.files().keep(place, b"x").await), "{place}");
        assert!(broken(aws.files().attachment(place, 10).await.map(drop)), "{place}");
    }
    assert!(aws.calls().body(PLACE).await.is_err());
    assert!(aws.0.lock().unwrap().calls.is_empty());
}

fn told(body: Vec<u8>) -> Told {
    Told {
        source: Source::Standard,
        stores: vec![store_id()],
        received: now(),
        signed_at: Some(now()),
        delivery: Some("msg_1".to_owned()),
        topic: None,
        body,
    }
}

#[tokio::test]
async fn a_call_that_the_queue_has_no_room_for_lies_in_the_bucket_before_it_is_queued() {
    let aws = Aws::default();
    let (small, large) = (told(b"{}".to_vec()), told(vec![b'x'; 3 << 20]));
    aws.queue().queue(&small).await.unwrap();
    aws.queue().queue(&large).await.unwrap();
    let (messages, calls) = {
        let aws = aws.0.lock().unwrap();
        (aws.messages.clone(), aws.calls.clone())
    };
    assert_eq!(calls.len(), 3, "{calls:?}");
    assert!(calls[0] == "POST queue" && calls[1].starts_with("PUT calls/") && calls[2] == "POST queue");
    assert_eq!(webhook_message::read(&messages[0]), Some(Read::Whole(small)));
    let Some(Read::WithoutBody(call, place)) = webhook_message::read(&messages[1]) else {
        panic!("{}", messages[1]);
    };
    let body = aws.calls().body(&place).await.unwrap().unwrap();
    assert_eq!(Told { body, ..call }, large);
}

#[tokio::test]
async fn a_call_whose_body_cannot_be_kept_is_not_queued() {
    let aws = Aws::default();
    aws.0.lock().unwrap().wrong = Some((503, "SlowDown"));
    assert!(aws.queue().queue(&told(vec![b'x'; 3 << 20])).await.unwrap_err().retry());
    assert!(aws.0.lock().unwrap().messages.is_empty());
}
