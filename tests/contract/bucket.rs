//! The contracts of the bucket: in memory, in a folder, and through the S3 adapter on a service that answers as S3 does.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use aws_config::SdkConfig;
use within24::adapters::s3::{AnswerFiles, Erasable, LargeCalls, RawMail};
use within24::adapters::sqs::WebhookQueue;
use within24::adapters::webhook_message::{self, Read};
use within24::domain::webhook::{Source, Told};
use within24::ports::{EraseMail, FetchAttachment, FetchCall, FetchMail, KeepAttachment, PortError, QueueWebhook};
use within24::testing::Memory;
use within24_local::sink::Folder;

use super::aws::{Aws, Reply, Request};
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
    what_was_kept_is_fetched_and_the_same_again_changes_nothing(&Stack::new().files().await).await;
}

/// Answers as S3 and SQS do, and keeps what it is given.
#[derive(Clone)]
struct Stack {
    aws: Aws,
    seen: Arc<Mutex<Seen>>,
}

#[derive(Default)]
struct Seen {
    objects: BTreeMap<String, Vec<u8>>,
    messages: Vec<String>,
    calls: Vec<String>,
    /// Every answer, instead of what would be right.
    wrong: Option<Reply>,
}

impl Seen {
    fn answer(&mut self, request: &Request) -> Reply {
        let path = request.path.split('?').next().unwrap();
        let key = path.split_once("/bucket/").map(|(_, key)| key.to_owned());
        let name = key.as_deref().unwrap_or("queue");
        self.calls.push(format!("{} {name}", request.method));
        if let Some(wrong) = &self.wrong {
            return wrong.clone();
        }
        match (request.method.as_str(), key) {
            ("PUT", Some(key)) => {
                self.objects.insert(key, request.body.clone());
                Reply::ok("")
            }
            ("GET", Some(key)) => {
                let Some(object) = self.objects.get(&key) else {
                    return Reply::s3_error(404, "NoSuchKey");
                };
                let range = request.header("range").unwrap();
                let last: usize = range.strip_prefix("bytes=0-").unwrap().parse().unwrap();
                Reply::Answer(206, Vec::new(), object[..object.len().min(last + 1)].to_vec())
            }
            ("POST", None) => {
                let message = request.json()["MessageBody"].as_str().unwrap().to_owned();
                self.messages.push(message);
                Reply::ok(r#"{"MessageId":"m1"}"#)
            }
            other => panic!("{other:?}"),
        }
    }
}

impl Stack {
    fn new() -> Self {
        let seen = Arc::new(Mutex::new(Seen::default()));
        let service = Arc::clone(&seen);
        let aws = Aws::new(move |request| service.lock().unwrap().answer(request));
        Self { aws, seen }
    }

    fn failing(reply: Reply) -> Self {
        let stack = Self::new();
        stack.seen.lock().unwrap().wrong = Some(reply);
        stack
    }

    async fn client(&self) -> aws_sdk_s3::Client {
        client(&self.aws.config().await)
    }

    async fn files(&self) -> AnswerFiles {
        AnswerFiles::new(self.client().await, "bucket")
    }

    async fn queue(&self) -> WebhookQueue {
        let url = "https://sqs.eu-west-1.amazonaws.com/123456789012/calls";
        let client = aws_sdk_sqs::Client::new(&self.aws.config().await);
        WebhookQueue::new(client, url, self.calls().await)
    }

    async fn calls(&self) -> LargeCalls {
        LargeCalls::new(self.client().await, "bucket")
    }
}

/// A client whose requests name the bucket in their path.
pub(crate) fn client(config: &SdkConfig) -> aws_sdk_s3::Client {
    let config = aws_sdk_s3::config::Builder::from(config).force_path_style(true);
    aws_sdk_s3::Client::from_conf(config.build())
}

#[tokio::test]
async fn what_s3_refuses_or_fails_at_is_never_a_missing_file() {
    for (reply, code, retry) in [
        (Reply::s3_error(403, "AccessDenied"), "AccessDenied", false),
        (Reply::s3_error(404, "NoSuchBucket"), "NoSuchBucket", false),
        (Reply::Answer(403, Vec::new(), Vec::new()), "AccessDenied", false),
        (Reply::s3_error(503, "SlowDown"), "SlowDown", true),
        (Reply::s3_error(500, "InternalError"), "InternalError", true),
        (Reply::Answer(502, Vec::new(), Vec::new()), "HTTP 502", true),
        (Reply::Cut, "dispatch", true),
    ] {
        let stack = Stack::failing(reply);
        let failures = [
            stack.files().await.attachment(PLACE, 10).await.unwrap_err(),
            stack.files().await.keep(PLACE, b"x").await.unwrap_err(),
            stack.calls().await.body("calls/a1").await.unwrap_err(),
            RawMail::new(stack.client().await, "bucket")
                .fetch("mail/1", 10)
                .await
                .unwrap_err(),
            Erasable::new(stack.client().await, "bucket")
                .erase("mail/1")
                .await
                .unwrap_err(),
        ];
        let attempts = stack.aws.asked().len();
        assert_eq!(attempts, failures.len() * if retry { 3 } else { 1 }, "{code}");
        for failure in failures {
            assert_eq!(failure.retry(), retry, "{code}: {failure}");
            assert!(failure.to_string().contains(code), "{failure}");
        }
    }
}

#[tokio::test]
async fn an_object_that_cannot_be_erased_is_not_counted_as_erased() {
    let listed =
        "<ListVersionsResult><Version><Key>mail/1</Key><VersionId>v1</VersionId></Version></ListVersionsResult>";
    for (code, retry) in [("AccessDenied", false), ("InternalError", true)] {
        let done = format!("<DeleteResult><Error><Key>mail/1</Key><Code>{code}</Code></Error></DeleteResult>");
        let aws = Aws::new(move |request| {
            Reply::ok(if request.method == "GET" {
                listed.to_owned()
            } else {
                done.clone()
            })
        });
        let bucket = Erasable::new(client(&aws.config().await), "bucket");
        let failure = bucket.erase("mail/1").await.unwrap_err();
        assert_eq!(
            (failure.retry(), failure.to_string().contains(code)),
            (retry, true),
            "{failure}"
        );
    }
}

#[tokio::test]
async fn what_lies_elsewhere_in_the_bucket_is_not_touched() {
    let stack = Stack::new();
    for place in ["mail/1", "calls/a1", "", "answers"] {
        let broken = |result: Result<(), PortError>| !result.unwrap_err().retry();
        assert!(broken(stack.files().await.keep(place, b"x").await), "{place}");
        assert!(
            broken(stack.files().await.attachment(place, 10).await.map(drop)),
            "{place}"
        );
    }
    assert!(stack.calls().await.body(PLACE).await.is_err());
    assert!(stack.aws.asked().is_empty());
}

pub(crate) fn told(body: Vec<u8>) -> Told {
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
    let stack = Stack::new();
    let (small, large) = (told(b"{}".to_vec()), told(vec![b'x'; 3 << 20]));
    stack.queue().await.queue(&small).await.unwrap();
    stack.queue().await.queue(&large).await.unwrap();
    let (messages, calls) = {
        let seen = stack.seen.lock().unwrap();
        (seen.messages.clone(), seen.calls.clone())
    };
    assert_eq!(calls.len(), 3, "{calls:?}");
    assert!(calls[0] == "POST queue" && calls[1].starts_with("PUT calls/") && calls[2] == "POST queue");
    assert_eq!(webhook_message::read(&messages[0]), Some(Read::Whole(small)));
    let Some(Read::WithoutBody(call, place)) = webhook_message::read(&messages[1]) else {
        panic!("{}", messages[1]);
    };
    let body = stack.calls().await.body(&place).await.unwrap().unwrap();
    assert_eq!(Told { body, ..call }, large);
}

#[tokio::test]
async fn a_call_whose_body_cannot_be_kept_is_not_queued() {
    let stack = Stack::failing(Reply::s3_error(503, "SlowDown"));
    let queue = stack.queue().await;
    assert!(queue.queue(&told(vec![b'x'; 3 << 20])).await.unwrap_err().retry());
    assert!(stack.seen.lock().unwrap().messages.is_empty());
}
