//! An API that is no server of ours: it answers what a test gives it, but nothing that `infra/openapi.yaml` does not allow for
//! the operation and the status, and it takes no request that the document does not describe.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread::JoinHandle;

use serde::Serialize;
use within24::testing::openapi::{load, operation, request_faults, response_faults};

/// A response.
pub(crate) struct Response {
    status: u16,
    media_type: &'static str,
    body: Vec<u8>,
}

impl Response {
    pub(crate) fn json(status: u16, body: &impl Serialize) -> Self {
        let media_type = if status < 400 {
            "application/json"
        } else {
            "application/problem+json"
        };
        Self {
            status,
            media_type,
            body: serde_json::to_vec(body).unwrap(),
        }
    }
}

/// What was asked.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) method: String,
    pub(crate) path: String,
    /// Lines, in lower case.
    pub(crate) headers: String,
    body: Vec<u8>,
}

impl Asked {
    fn read(stream: &TcpStream) -> Self {
        let mut reader = BufReader::new(stream);
        let (mut first, mut headers) = (String::new(), String::new());
        reader.read_line(&mut first).unwrap();
        while !headers.ends_with("\r\n\r\n") {
            assert!(reader.read_line(&mut headers).unwrap() > 0, "{first}{headers}");
        }
        let headers = headers.to_lowercase();
        let mut parts = first.split(' ').map(str::to_owned);
        let (method, path) = (parts.next().unwrap(), parts.next().unwrap());
        let asked = Self {
            method,
            path,
            headers,
            body: Vec::new(),
        };
        let length = asked
            .header("content-length")
            .map_or(0, |length| length.parse().unwrap());
        let mut body = vec![0; length];
        reader.read_exact(&mut body).unwrap();
        Self { body, ..asked }
    }

    /// A header, in lower case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let lines = self.headers.lines();
        let mut named = lines.filter_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        named.next().map(str::trim)
    }
}

/// The API.
pub(crate) struct Stub {
    pub(crate) url: String,
    serving: JoinHandle<(Vec<Asked>, Vec<String>)>,
}

impl Stub {
    /// Gives these responses to the first requests, in this order.
    pub(crate) fn answering(responses: Vec<Response>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let serving = std::thread::spawn(move || {
            let (mut all, mut faults) = (Vec::new(), Vec::new());
            for response in responses {
                let (stream, _) = listener.accept().unwrap();
                let asked = Asked::read(&stream);
                let wrong = faults_of(&asked, &response);
                if wrong.is_empty() {
                    write(&stream, response.status, response.media_type, &response.body);
                } else {
                    write(&stream, 500, "text/plain", wrong.join("\n").as_bytes());
                }
                faults.extend(wrong);
                all.push(asked);
            }
            (all, faults)
        });
        Self { url, serving }
    }

    /// What was asked.
    ///
    /// # Panics
    /// Where a request or a response is none that the document describes.
    pub(crate) fn asked(self) -> Vec<Asked> {
        let (asked, faults) = self.ended();
        assert!(faults.is_empty(), "{}", faults.join("\n"));
        asked
    }

    /// What was asked, and what the document does not allow of it.
    pub(crate) fn ended(self) -> (Vec<Asked>, Vec<String>) {
        self.serving.join().unwrap()
    }
}

fn faults_of(asked: &Asked, response: &Response) -> Vec<String> {
    let document = load();
    let path = asked.path.split('?').next().unwrap();
    let Some((template, operation)) = operation(&document, &asked.method, path) else {
        return vec![format!("no operation is {} {path}", asked.method)];
    };
    let kind = asked.header("content-type").unwrap_or_default();
    let mut wrong = request_faults(&document, &operation, kind, &asked.body);
    let Response {
        status,
        media_type,
        body,
    } = response;
    wrong.extend(response_faults(&document, &operation, *status, media_type, body));
    let named = |fault: String| format!("{} {template}, {status}: {fault}", asked.method);
    wrong.into_iter().map(named).collect()
}

fn write(mut stream: &TcpStream, status: u16, media_type: &str, body: &[u8]) {
    let head = format!(
        "HTTP/1.1 {status} x\r\ncontent-type: {media_type}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(body).unwrap();
}
