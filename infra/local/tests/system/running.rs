//! The real binary as a server, and as a command.

#![allow(
    clippy::unwrap_used,
    dead_code,
    reason = "a test that cannot go on has failed; each suite uses its part"
)]

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

/// A mail of a buyer, as Amazon's relay sends it now. Without an order, he is asked for it.
pub(crate) fn mail(buyer: &str, id: &str, order: Option<&str>, text: &str) -> Vec<u8> {
    let order = order.map(|order| format!(" (Bestellung: {order})")).unwrap_or_default();
    let date = within24::lambda::clock::now().strftime("%a, %d %b %Y %H:%M:%S +0000");
    format!(
        "From: \"Vera Muster\" <{buyer}>\r\nTo: shop@inbox.example\r\nSubject: Frage von Amazon-Kunde Vera Muster{order}\r\n\
         Message-ID: <{id}@eu-west-1.amazonses.com>\r\nDate: {date}\r\n\
         X-Space-Notification-Type: BBC_MESSAGE_SENT_TO_MERCHANT\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n\
         ------------- Nachricht: -------------\r\n\r\n{text}\r\n\r\n------------- Ende der Nachricht -------------\r\n"
    )
    .into_bytes()
}

/// The relay address of the buyer with this number.
pub(crate) fn buyer(number: usize) -> String {
    format!("a1b2c3d4e{number:06}@marketplace.amazon.de")
}

/// A server on a data folder.
pub(crate) struct Running {
    child: Child,
    pub(crate) url: String,
    pub(crate) token: String,
    data: PathBuf,
    said: String,
}

/// An answer of the server.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) kind: String,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap()
    }
}

impl Running {
    /// Starts it, and waits until it says where it serves.
    pub(crate) fn start(data: &Path) -> Self {
        let errors = std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(data.with_extension("log"));
        let mut child = Command::new(env!("CARGO_BIN_EXE_within24"))
            .args(["serve", "--listen", "127.0.0.1:0", "--data"])
            .arg(data)
            .stdout(Stdio::piped())
            .stderr(errors.unwrap())
            .spawn()
            .unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let (mut said, mut line) = (String::new(), String::new());
        while !line.contains("metrics") {
            line.clear();
            assert!(out.read_line(&mut line).unwrap() > 0, "the server ended: {said}");
            said.push_str(&line);
        }
        child.stdout = Some(out.into_inner());
        let url = said
            .split_whitespace()
            .find(|word| word.starts_with("http://"))
            .unwrap()
            .to_owned();
        let token = std::fs::read_to_string(data.join("admin.token"))
            .unwrap()
            .trim()
            .to_owned();
        Self {
            child,
            url,
            token,
            data: data.to_owned(),
            said,
        }
    }

    /// What it said at its start.
    pub(crate) fn said(&self) -> &str {
        &self.said
    }

    /// All that it has logged.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.data.with_extension("log")).unwrap()
    }

    /// SIGKILL, while others talk to it.
    pub(crate) fn kill_here(&self) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-KILL", &id]).status().unwrap().success());
    }

    /// SIGKILL.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// SIGTERM; gives how it ended, and the rest of what it said.
    pub(crate) fn end(mut self) -> (ExitStatus, String) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
        let mut rest = String::new();
        self.child.stdout.take().unwrap().read_to_string(&mut rest).unwrap();
        (self.child.wait().unwrap(), rest)
    }

    /// Asks with a token; `None` where nothing came back.
    pub(crate) fn try_ask(
        &self,
        token: &str,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Option<Answer> {
        let agent: ureq::Agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_secs(30)))
            .build()
            .into();
        loop {
            let mut request = ureq::http::Request::builder()
                .method(method)
                .uri(format!("{}{path}", self.url));
            if !token.is_empty() {
                request = request.header("authorization", format!("Bearer {token}"));
            }
            for (name, value) in headers {
                request = request.header(*name, *value);
            }
            let mut response = agent.run(request.body(body).unwrap()).ok()?;
            let kind = response
                .headers()
                .get("content-type")
                .and_then(|kind| kind.to_str().ok());
            let kind = kind.unwrap_or_default().to_owned();
            let status = response.status().as_u16();
            let text = response.body_mut().read_to_string().ok()?;
            // A test asks more in a second than a person.
            if status != 429 {
                return Some(Answer { status, kind, text });
            }
            std::thread::sleep(Duration::from_millis(200));
        }
    }

    pub(crate) fn ask(&self, method: &str, path: &str, body: &[u8]) -> Answer {
        let json = [("content-type", "application/json")];
        self.try_ask(&self.token, method, path, &json, body).unwrap()
    }

    pub(crate) fn get(&self, path: &str) -> Value {
        let answer = self.ask("GET", path, b"");
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
        answer.json()
    }

    /// Registers the store `shop`, which takes all mail.
    pub(crate) fn put_store(&self) {
        let store = br#"{"recipient": "*", "from": "shop@inbox.example"}"#;
        let answer = self.ask("PUT", "/v1/stores/shop", store);
        assert!(matches!(answer.status, 200 | 201), "{}", answer.text);
    }

    /// The threads of a buyer.
    pub(crate) fn threads_of(&self, buyer: &str) -> Vec<Value> {
        self.get(&format!("/v1/stores/shop/threads?buyer={buyer}"))["threads"]
            .as_array()
            .unwrap()
            .clone()
    }
}

/// Waits until something holds, at most a minute.
pub(crate) fn until<T>(what: &str, mut holds: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = holds() {
            return found;
        }
        assert!(start.elapsed() < Duration::from_mins(1), "in vain: {what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Runs a command of the binary in a folder.
pub(crate) fn command(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_within24"));
    command
        .current_dir(folder)
        .env_remove("WITHIN24_TOKEN")
        .args(arguments)
        .output()
        .unwrap()
}

/// What it printed.
pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// The files of a folder.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = folder.read_dir().unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> = entries.filter(|path| path.is_file()).collect();
    files.sort();
    files
}
