//! AWS as its clients see it: a service that answers over HTTP as the test says, and keeps what it was asked.

use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_config::timeout::TimeoutConfig;
use aws_config::{Region, SdkConfig};
use aws_sdk_sesv2::config::{Credentials, SharedCredentialsProvider};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use serde_json::Value;
use within24::lambda::clients;

/// A request as it went over the wire.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) method: String,
    /// Path and query.
    pub(crate) path: String,
    headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Request {
    fn of(request: &HttpRequest) -> Self {
        let host = request.uri().find("://").map_or(0, |scheme| scheme + 3);
        let path = request.uri()[host..]
            .find('/')
            .map_or("/", |slash| &request.uri()[host + slash..]);
        Self {
            method: request.method().to_owned(),
            path: path.to_owned(),
            headers: request
                .headers()
                .iter()
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
            body: request.body().bytes().unwrap_or_default().to_vec(),
        }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// The operation of a JSON protocol: the last part of `X-Amz-Target`.
    pub(crate) fn operation(&self) -> &str {
        let target = self.header("x-amz-target").unwrap_or_default();
        target.rsplit('.').next().unwrap_or_default()
    }
}

/// What comes back.
#[derive(Clone, Debug)]
pub(crate) enum Reply {
    /// Status, headers and body.
    Answer(u16, Vec<(&'static str, String)>, Vec<u8>),
    /// The connection breaks.
    Cut,
    /// Nothing, for ever.
    Silence,
}

impl Reply {
    pub(crate) fn ok(body: impl Into<Vec<u8>>) -> Self {
        Self::Answer(200, Vec::new(), body.into())
    }

    pub(crate) fn json(body: &Value) -> Self {
        Self::ok(body.to_string())
    }

    /// An error of DynamoDB, EventBridge and Secrets Manager.
    pub(crate) fn json_error(status: u16, code: &str) -> Self {
        Self::json_error_with(status, code, &Value::Null)
    }

    /// The same, with another field of the body.
    pub(crate) fn json_error_with(status: u16, code: &str, reasons: &Value) -> Self {
        let kind = format!("com.amazonaws.service.v20120810#{code}");
        let body = serde_json::json!({"__type": kind, "message": "Vera Muster", "CancellationReasons": reasons});
        Self::Answer(status, Vec::new(), body.to_string().into())
    }

    /// An error of SES: the code stands in a header.
    pub(crate) fn rest_error(status: u16, code: &str) -> Self {
        let headers = vec![("x-amzn-errortype", format!("{code}:http://internal.amazon.com/"))];
        Self::Answer(status, headers, br#"{"message":"Vera Muster"}"#.to_vec())
    }

    /// An error of SQS: JSON that names the code of the older protocol in a header.
    pub(crate) fn sqs_error(status: u16, code: &str) -> Self {
        let headers = vec![("x-amzn-query-error", format!("{code};Sender"))];
        let body = serde_json::json!({"__type": format!("com.amazonaws.sqs#{code}"), "message": "Vera Muster"});
        Self::Answer(status, headers, body.to_string().into())
    }

    /// An error of SNS.
    pub(crate) fn query_error(status: u16, code: &str) -> Self {
        let error = format!("<Error><Type>Sender</Type><Code>{code}</Code><Message>Vera Muster</Message></Error>");
        Self::Answer(
            status,
            Vec::new(),
            format!("<ErrorResponse>{error}</ErrorResponse>").into(),
        )
    }

    /// An error of S3.
    pub(crate) fn s3_error(status: u16, code: &str) -> Self {
        Self::Answer(status, Vec::new(), format!("<Error><Code>{code}</Code></Error>").into())
    }
}

struct State {
    service: Box<dyn FnMut(&Request) -> Reply + Send>,
    asked: Vec<Request>,
    /// Whether it may never answer: its clients wait no longer than a moment.
    silent: bool,
}

/// The service.
#[derive(Clone)]
pub(crate) struct Aws(Arc<Mutex<State>>);

impl fmt::Debug for Aws {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<AWS>")
    }
}

impl Aws {
    /// Answers each request so.
    pub(crate) fn new(service: impl FnMut(&Request) -> Reply + Send + 'static) -> Self {
        Self(Arc::new(Mutex::new(State {
            service: Box::new(service),
            asked: Vec::new(),
            silent: false,
        })))
    }

    /// Gives these replies one after the other, the last one for ever.
    pub(crate) fn replying(replies: impl IntoIterator<Item = Reply>) -> Self {
        let mut replies: Vec<Reply> = replies.into_iter().collect();
        replies.reverse();
        let silent = replies.iter().any(|reply| matches!(reply, Reply::Silence));
        let aws = Self::new(move |_| {
            if replies.len() > 1 {
                replies.pop().unwrap()
            } else {
                replies[0].clone()
            }
        });
        aws.0.lock().unwrap().silent = silent;
        aws
    }

    /// All that it was asked.
    pub(crate) fn asked(&self) -> Vec<Request> {
        self.0.lock().unwrap().asked.clone()
    }

    /// The configuration of the functions' clients, attempts included; they wait only a moment before the next attempt, and for
    /// a service that is silent.
    pub(crate) async fn config(&self) -> SdkConfig {
        let credentials = Credentials::new("key", "secret", None, None, "test");
        let config = clients::limits()
            .region(Region::new("eu-west-1"))
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .http_client(self.clone())
            .load()
            .await;
        let retries = config.retry_config().unwrap().clone();
        let soon = retries.with_initial_backoff(Duration::from_millis(1));
        let mut config = config.to_builder().retry_config(soon);
        if self.0.lock().unwrap().silent {
            let moment = TimeoutConfig::builder().operation_timeout(Duration::from_millis(50));
            config = config.timeout_config(moment.build());
        }
        config.build()
    }
}

impl HttpConnector for Aws {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let request = Request::of(&request);
        let mut state = self.0.lock().unwrap();
        state.asked.push(request.clone());
        match (state.service)(&request) {
            Reply::Answer(status, headers, body) => {
                let mut answer = HttpResponse::new(status.try_into().unwrap(), SdkBody::from(body));
                for (name, value) in headers {
                    answer.headers_mut().insert(name, value);
                }
                HttpConnectorFuture::ready(Ok(answer))
            }
            Reply::Cut => HttpConnectorFuture::ready(Err(ConnectorError::io("connection reset".into()))),
            Reply::Silence => HttpConnectorFuture::new(std::future::pending()),
        }
    }
}

impl HttpClient for Aws {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}
