//! Somebody's endpoint: a real HTTPS server on this machine, that keeps what it is sent and answers as it is told.

use std::collections::{BTreeMap, VecDeque};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

/// The name that the server has a certificate for.
pub const NAME: &str = "hooks.example.com";

/// What arrived.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Received {
    /// Method and path.
    pub line: String,
    /// Headers by their names in lower case.
    pub headers: BTreeMap<String, String>,
    /// The body.
    pub body: Vec<u8>,
}

/// What the server does with a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// These bytes, then the end.
    Bytes(Vec<u8>),
    /// 200, and then a byte of the body now and then, without an end.
    SlowBody,
    /// 200, and then a body without an end.
    EndlessBody,
    /// Nothing.
    Silence,
}

impl Reply {
    /// A status without a body.
    pub fn status(status: u16) -> Self {
        Self::with(status, "")
    }

    /// A status with more headers, each ended by a line break.
    pub fn with(status: u16, headers: &str) -> Self {
        Self::Bytes(format!("HTTP/1.1 {status} Told\r\ncontent-length: 0\r\n{headers}\r\n").into_bytes())
    }
}

#[derive(Debug, Default)]
struct Seen {
    received: Vec<Received>,
    connections: usize,
    replies: VecDeque<Reply>,
}

/// The server; it ends with the test's runtime.
#[derive(Clone, Debug)]
pub struct Receiver {
    /// Its port.
    pub port: u16,
    /// Its certificate (DER), which it signed itself: for who trusts it.
    pub certificate: Vec<u8>,
    seen: Arc<Mutex<Seen>>,
}

impl Receiver {
    /// A server at this address, on any port.
    pub async fn start(address: &str) -> Self {
        Self::start_at(address, 0).await
    }

    /// A server at this address and port.
    pub async fn start_at(address: &str, port: u16) -> Self {
        let made = rcgen::generate_simple_self_signed(vec![NAME.to_owned()]).expect("a certificate");
        let certificate = made.cert.der().to_vec();
        let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).expect("a key");
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("protocol versions")
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], key)
            .expect("certificate and key");
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let address: IpAddr = address.parse().expect("an address");
        let listener = TcpListener::bind((address, port)).await.expect("a port");
        let port = listener.local_addr().expect("a port").port();
        let seen = Arc::<Mutex<Seen>>::default();
        let all = Arc::clone(&seen);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                lock(&all).connections += 1;
                let (acceptor, seen) = (acceptor.clone(), Arc::clone(&all));
                tokio::spawn(async move {
                    if let Ok(stream) = acceptor.accept(stream).await {
                        serve(stream, &seen).await;
                    }
                });
            }
        });
        Self {
            port,
            certificate,
            seen,
        }
    }

    /// One more reply to give; after the last, always 200.
    pub fn will(&self, reply: Reply) {
        lock(&self.seen).replies.push_back(reply);
    }

    /// Every request, in order.
    pub fn received(&self) -> Vec<Received> {
        lock(&self.seen).received.clone()
    }

    /// How often somebody connected.
    pub fn connections(&self) -> usize {
        lock(&self.seen).connections
    }
}

fn lock(seen: &Mutex<Seen>) -> std::sync::MutexGuard<'_, Seen> {
    seen.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn serve<S: AsyncRead + AsyncWrite + Unpin>(mut stream: S, seen: &Mutex<Seen>) {
    let Some(received) = read(&mut stream).await else {
        return;
    };
    let reply = {
        let mut seen = lock(seen);
        seen.received.push(received);
        seen.replies.pop_front().unwrap_or_else(|| Reply::status(200))
    };
    let endless = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
    match reply {
        Reply::Bytes(bytes) => {
            let _ = stream.write_all(&bytes).await;
            let _ = stream.shutdown().await;
        }
        Reply::Silence => tokio::time::sleep(Duration::from_mins(10)).await,
        Reply::SlowBody => {
            let mut going = stream.write_all(endless).await;
            while going.is_ok() {
                tokio::time::sleep(Duration::from_millis(100)).await;
                going = stream.write_all(b"1\r\nx\r\n").await;
            }
        }
        Reply::EndlessBody => {
            let chunk = [b"1000\r\n".to_vec(), vec![b'x'; 0x1000], b"\r\n".to_vec()].concat();
            let mut going = stream.write_all(endless).await;
            while going.is_ok() {
                going = stream.write_all(&chunk).await;
            }
        }
    }
}

/// A whole request; `None` where it ends too early.
async fn read<S: AsyncRead + Unpin>(stream: &mut S) -> Option<Received> {
    let mut bytes = Vec::new();
    let mut part = [0; 4096];
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break end;
        }
        let read = stream.read(&mut part).await.ok().filter(|read| *read > 0)?;
        bytes.extend_from_slice(&part[..read]);
    };
    let mut body = bytes.split_off(end + 4);
    let head = String::from_utf8(bytes).ok()?;
    let mut lines = head.lines();
    let line = lines.next()?.trim_end_matches(" HTTP/1.1").to_owned();
    let headers: BTreeMap<String, String> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
        .collect();
    let length: usize = headers.get("content-length")?.parse().ok()?;
    while body.len() < length {
        let read = stream.read(&mut part).await.ok().filter(|read| *read > 0)?;
        body.extend_from_slice(&part[..read]);
    }
    Some(Received { line, headers, body })
}
