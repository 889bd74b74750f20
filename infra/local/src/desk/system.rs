//! The system that the commands work on: a deployed stack or a running server over HTTP, or a data folder in this process. All
//! three answer the same API.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result};
use axum::http::{HeaderName, Method, Request, Uri, header};
use clap::Args;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use ureq::Agent;
use within24::domain::store::StoreId;
use within24::lambda::env;
use within24::wire::store::{StoreOut, Stores};

use super::here::Here;
use super::trouble::{Problem, Usage};
use crate::serve::folder::{DataFolder, Locked, USUAL};

/// The one place where the token of `--api` is read from.
const TOKEN: &str = "WITHIN24_TOKEN";

/// How long a call may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// The most that is read of an answer.
const LARGEST_ANSWER: u64 = 64 * 1024 * 1024;

/// How often a call is repeated that was not taken for now.
const REPEATS: u32 = 3;

/// What is wrong where a body is JSON and still not what it should be.
const OTHER_VERSION: &str = "the system is of another version than this command";

/// Which system, and how to print.
#[derive(Args, Clone, Debug)]
pub struct Reach {
    /// The API of a deployed stack, or of a server; its token is in the environment: `WITHIN24_TOKEN`.
    #[arg(long, value_name = "URL", conflicts_with = "data")]
    api: Option<String>,
    /// The folder of `within24 serve`, whether that runs or not.
    #[arg(long, value_name = "DIR", default_value = USUAL)]
    data: PathBuf,
    /// Print JSON: one object, or one a line.
    #[arg(long)]
    pub json: bool,
}

/// Which system, and which of its stores.
#[derive(Args, Clone, Debug)]
pub struct Place {
    /// The system.
    #[command(flatten)]
    pub reach: Reach,
    /// The store; may be left out where there is one.
    #[arg(long, value_name = "STORE")]
    pub store: Option<String>,
}

/// The system.
pub(super) struct System {
    base: String,
    token: String,
    way: Way,
}

enum Way {
    Wire(Agent),
    Here(Box<Here>),
}

/// What came back.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    /// HTTP's status.
    pub status: u16,
    /// The body.
    pub body: Vec<u8>,
    /// Seconds after which it may be tried again.
    retry_after: Option<u64>,
}

/// What is asked.
#[derive(Clone, Debug)]
pub(super) struct Call {
    method: Method,
    path: String,
    query: Vec<(String, String)>,
    key: Option<String>,
    body: Option<Vec<u8>>,
}

impl Call {
    fn new(method: Method, path: impl Into<String>) -> Self {
        Self {
            method,
            path: path.into(),
            query: Vec::new(),
            key: None,
            body: None,
        }
    }

    /// Reads.
    pub(super) fn get(path: impl Into<String>) -> Self {
        Self::new(Method::GET, path)
    }

    /// Does something.
    pub(super) fn post(path: impl Into<String>) -> Self {
        Self::new(Method::POST, path)
    }

    /// Sets something.
    pub(super) fn put(path: impl Into<String>) -> Self {
        Self::new(Method::PUT, path)
    }

    /// Takes something away.
    pub(super) fn delete(path: impl Into<String>) -> Self {
        Self::new(Method::DELETE, path)
    }

    /// With these parameters.
    #[must_use]
    pub(super) fn query(mut self, name: &str, value: &impl ToString) -> Self {
        self.query.push((name.to_owned(), value.to_string()));
        self
    }

    /// With this body.
    ///
    /// # Errors
    /// Where it cannot be written as JSON.
    pub(super) fn with(mut self, body: &impl Serialize) -> Result<Self> {
        self.body = Some(serde_json::to_vec(body)?);
        Ok(self)
    }

    /// Under this name: the same again does it once.
    #[must_use]
    pub(super) fn once(mut self, key: &str) -> Self {
        self.key = Some(key.to_owned());
        self
    }

    /// Whether doing it twice is doing it once.
    fn repeatable(&self) -> bool {
        self.method != Method::POST || self.key.is_some()
    }
}

impl System {
    /// The system that was asked for.
    ///
    /// # Errors
    /// Where it cannot be reached, or nobody said how.
    pub(super) fn reach(reach: &Reach) -> Result<Self> {
        if let Some(url) = &reach.api {
            let token = env::process(TOKEN).map(|token| token.trim().to_owned());
            let token = token.filter(|token| !token.is_empty()).ok_or_else(|| {
                Usage(format!(
                    "put the token for {url} into the environment: export {TOKEN}=w24_…"
                ))
            })?;
            return Self::over_wire(url, token);
        }
        let data = DataFolder::new(&reach.data);
        let folder = data.path().display();
        if !data.in_use() {
            let words =
                format!("nothing is kept in {folder}: start `within24 serve`, or name a system with --api or --data");
            return Err(Usage(words).into());
        }
        match data.lock_patiently()? {
            Locked::Ours(lock) => {
                let here = Here::open(&data, lock)?;
                Ok(Self {
                    base: "http://here.invalid".to_owned(),
                    token: here.token().to_owned(),
                    way: Way::Here(Box::new(here)),
                })
            }
            Locked::Served(server) => {
                let path = data.admin_token();
                let token = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
                Self::over_wire(&server.url, token.trim().to_owned())
            }
            Locked::Busy => Err(Usage(format!("{folder} is in use: try again")).into()),
        }
    }

    fn over_wire(url: &str, token: String) -> Result<Self> {
        let config = Agent::config_builder()
            .timeout_global(Some(PATIENCE))
            .timeout_connect(Some(Duration::from_secs(10)))
            .http_status_as_error(false)
            // A token goes where it was sent, and nowhere else.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .user_agent(concat!("within24/", env!("CARGO_PKG_VERSION")));
        Ok(Self {
            base: base(url)?,
            token,
            way: Way::Wire(config.build().into()),
        })
    }

    /// Asks, and gives what came back, whatever it is.
    ///
    /// # Errors
    /// Where nothing did.
    pub(super) fn ask(&self, call: &Call) -> Result<Answer> {
        for repeat in 0.. {
            let answer = self.ask_once(call)?;
            let later = matches!(answer.status, 429 | 503) && call.repeatable() && repeat < REPEATS;
            match answer
                .retry_after
                .filter(|seconds| later && *seconds <= PATIENCE.as_secs())
            {
                Some(seconds) => std::thread::sleep(Duration::from_secs(seconds.max(1))),
                None => return Ok(answer),
            }
        }
        unreachable!("the loop ends by itself")
    }

    fn ask_once(&self, call: &Call) -> Result<Answer> {
        let mut uri = format!("{}{}", self.base, call.path);
        if !call.query.is_empty() {
            let query = form_urlencoded::Serializer::new(String::new())
                .extend_pairs(&call.query)
                .finish();
            uri = format!("{uri}?{query}");
        }
        let mut request = Request::builder().method(call.method.clone()).uri(uri);
        request = request.header(header::AUTHORIZATION, format!("Bearer {}", self.token));
        if let Some(key) = &call.key {
            request = request.header(HeaderName::from_static("idempotency-key"), key);
        }
        let body = match &call.body {
            Some(body) => {
                request = request.header(header::CONTENT_TYPE, "application/json");
                body.clone()
            }
            None => Vec::new(),
        };
        let request = request.body(body).context("this cannot be asked")?;
        match &self.way {
            Way::Here(here) => here.ask(request),
            Way::Wire(agent) => wire(agent, request).with_context(|| format!("{} cannot be reached", self.base)),
        }
    }

    /// Asks for what is to be done.
    ///
    /// # Errors
    /// Where it was not: a [`Problem`], or nothing came back.
    pub(super) fn call(&self, call: &Call) -> Result<Answer> {
        let answer = self.ask(call)?;
        match answer.status {
            200..300 => Ok(answer),
            300..400 => Err(anyhow::anyhow!("{} sends elsewhere: name the API's own URL", self.base)),
            status => Err(Problem::read(status, &answer.body).into()),
        }
    }

    /// Asks, and reads the answer; beside it the JSON as it came.
    ///
    /// # Errors
    /// As [`System::call`]; also where the answer is none of ours.
    pub(super) fn read<T: DeserializeOwned>(&self, call: &Call) -> Result<(T, Value)> {
        let answer = self.call(call)?;
        let value: Value = serde_json::from_slice(&answer.body)
            .with_context(|| format!("{} does not answer as within24 does", self.base))?;
        let read = serde_json::from_value(value.clone()).context(OTHER_VERSION)?;
        Ok((read, value))
    }

    /// Reads the entries of a list, each beside its JSON as it came.
    ///
    /// # Errors
    /// Where they are none of ours.
    pub(super) fn entries<T: DeserializeOwned>(entries: Vec<Value>) -> Result<Vec<(T, Value)>> {
        let read = |value: Value| {
            let entry = serde_json::from_value(value.clone());
            Ok((entry.context(OTHER_VERSION)?, value))
        };
        entries.into_iter().map(read).collect()
    }

    /// Sees to it that numbers are as new as the system has them.
    pub(super) fn roll_up(&self) {
        if let Way::Here(here) = &self.way {
            here.roll_up();
        }
    }

    /// The stores of the token, each beside its JSON as it came.
    ///
    /// # Errors
    /// As [`System::read`].
    pub(super) fn stores(&self) -> Result<Vec<(StoreOut, Value)>> {
        let (all, _): (Stores<Value>, _) = self.read(&Call::get("/v1/stores"))?;
        Self::entries(all.stores)
    }

    /// The store that was named, or the only one.
    ///
    /// # Errors
    /// Also where several could be meant.
    pub(super) fn store(&self, named: Option<&str>) -> Result<String> {
        if let Some(name) = named {
            let words = || {
                Usage(format!(
                    "{name} names no store: 1 to 40 letters, digits, dashes and underscores"
                ))
            };
            return Ok(StoreId::parse(name).ok_or_else(words)?.as_str().to_owned());
        }
        let mut stores = self.stores()?;
        match stores.len() {
            0 => Err(Usage("there is no store yet: `within24 store put FILE.toml` registers one".to_owned()).into()),
            1 => Ok(stores.swap_remove(0).0.id),
            _ => {
                let all: Vec<String> = stores.into_iter().map(|(store, _)| store.id).collect();
                Err(Usage(format!("say which store is meant, with --store: {}", all.join(", "))).into())
            }
        }
    }

    /// The store that was named, or all of the token's.
    ///
    /// # Errors
    /// As [`System::store`].
    pub(super) fn stores_or(&self, named: Option<&str>) -> Result<Vec<String>> {
        match named {
            Some(_) => Ok(vec![self.store(named)?]),
            None => Ok(self.stores()?.into_iter().map(|(store, _)| store.id).collect()),
        }
    }
}

/// The base of an API's URL. The token must not be read on the way: without TLS only this machine is good enough.
fn base(url: &str) -> Result<String> {
    let wrong = || {
        Usage(format!(
            "{url} is no URL of an API: write one like https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com"
        ))
    };
    let parsed: Uri = url.parse().map_err(|_| wrong())?;
    let host = parsed.host().ok_or_else(wrong)?.trim_matches(['[', ']']);
    let here = host == "localhost" || host.parse().is_ok_and(|ip: std::net::IpAddr| ip.is_loopback());
    match parsed.scheme_str() {
        Some("https") => {}
        Some("http") if here => {}
        Some("http") => return Err(Usage(format!("{url} would send the token in clear: use https")).into()),
        _ => return Err(wrong().into()),
    }
    if parsed.query().is_some() {
        return Err(wrong().into());
    }
    Ok(url.trim_end_matches('/').trim_end_matches("/v1").to_owned())
}

fn wire(agent: &Agent, request: Request<Vec<u8>>) -> Result<Answer> {
    let mut response = agent.run(request)?;
    let retry_after = response.headers().get(header::RETRY_AFTER);
    let retry_after = retry_after.and_then(|value| value.to_str().ok()?.parse().ok());
    let body = response.body_mut().with_config().limit(LARGEST_ANSWER).read_to_vec()?;
    Ok(Answer {
        status: response.status().as_u16(),
        body,
        retry_after,
    })
}

impl Answer {
    pub(super) fn new(status: u16, body: Vec<u8>) -> Self {
        Self {
            status,
            body,
            retry_after: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_goes_in_clear_to_this_machine_only() {
        for (url, wanted) in [
            (
                "https://a1.execute-api.eu-west-1.amazonaws.com/",
                "https://a1.execute-api.eu-west-1.amazonaws.com",
            ),
            ("http://127.0.0.1:9824/v1/", "http://127.0.0.1:9824"),
            ("http://[::1]:9824", "http://[::1]:9824"),
            ("http://localhost:9824", "http://localhost:9824"),
        ] {
            assert_eq!(base(url).unwrap(), wanted);
        }
        let said = |url: &str| base(url).unwrap_err().to_string();
        assert!(said("http://shop.example").contains("in clear"));
        assert!(said("http://127.0.0.1.evil.example").contains("in clear"));
        for url in ["shop", "ftp://shop.example", "/v1", "https://shop.example/?a=b", ""] {
            assert!(said(url).contains("no URL of an API"), "{url}");
        }
    }

    #[test]
    fn only_what_may_be_done_twice_is_repeated() {
        assert!(Call::get("/x").repeatable() && Call::post("/x").once("k").repeatable());
        assert!(!Call::post("/x").repeatable());
    }
}
