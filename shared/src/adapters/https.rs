//! Endpoints called over HTTPS, on the public internet only.
//!
//! A call is one connection, made by hand so that nothing comes between judging an address and connecting to it: the host is
//! looked up once, every address it has is judged ([`address::public`]), and the connection goes to one of those very
//! addresses. A name that leads to a private address, also as one of several, is not called at all; what it answers when it
//! is asked again does not matter, since it is not. No redirect is followed and no proxy is asked: this client knows neither.
//!
//! The certificate must be one that the system trusts, for the host's own name.

use std::io;
use std::net::IpAddr;
use std::pin::pin;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1;
use hyper::header::{CONTENT_TYPE, HOST, RETRY_AFTER, USER_AGENT};
use hyper::{Method, Request, Response};
use hyper_util::rt::TokioIo;
use jiff::{SignedDuration, Timestamp};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{self, ClientConfig, RootCertStore};

use super::endpoint_body;
use crate::domain::endpoint::address::{self, NotPublic};
use crate::domain::endpoint::{Answer, Endpoint, EndpointUrl, Missed, SigningKeys};
use crate::domain::event::Event;
use crate::ports::CallEndpoint;

/// Looking up, connecting and agreeing on a cipher take at most this long together.
const CONNECT: Duration = Duration::from_secs(5);

/// One address is tried for this long, so that there is time for another.
const ONE_ADDRESS: Duration = Duration::from_millis(2500);

/// The whole call takes at most this long. The specification advises 15 to 30 seconds.
const WHOLE: Duration = Duration::from_secs(15);

/// The head of a response may have this many bytes.
const MOST_HEAD: usize = 64 * 1024;

/// So many bytes of a response's body are read, for so long: a receiver that is done sees it taken. The status alone counts.
const MOST_BODY: usize = 64 * 1024;
const BODY: Duration = Duration::from_secs(2);

/// How we name ourselves.
const AGENT: &str = concat!("within24/", env!("CARGO_PKG_VERSION"));

/// Looks names up.
pub trait Resolve: Send + Sync {
    /// The addresses of the host, in the order to try them.
    fn resolve(&self, host: &str, port: u16) -> impl Future<Output = io::Result<Vec<IpAddr>>> + Send;
}

/// The system's own resolver.
#[derive(Clone, Copy, Debug)]
pub struct SystemResolver;

impl Resolve for SystemResolver {
    async fn resolve(&self, host: &str, port: u16) -> io::Result<Vec<IpAddr>> {
        let found = tokio::net::lookup_host((host, port)).await?;
        Ok(found.map(|address| address.ip()).collect())
    }
}

/// The client.
pub struct Caller<R> {
    /// Empty: the system's certificates are read for the first call.
    tls: OnceLock<TlsConnector>,
    resolver: R,
    judge: fn(IpAddr) -> Result<(), NotPublic>,
}

/// The system has no certificates to trust.
#[derive(Debug, thiserror::Error)]
#[error("no certificate authorities on this system: TLS cannot be verified")]
pub struct NoRoots;

impl Caller<SystemResolver> {
    /// A client that calls public addresses, and trusts whom the system trusts.
    ///
    /// # Errors
    /// Where the system trusts nobody.
    pub fn new() -> Result<Self, NoRoots> {
        let caller = Self::on_first_call();
        caller.tls()?;
        Ok(caller)
    }

    /// The same, which reads what the system trusts when it first calls: reading takes as long as all else of a function's
    /// start, and most of what `call-webhook` is started for calls nobody. Where the system trusts nobody, each call ends as
    /// [`Missed::Tls`]; a function does not get that far, for it cannot reach its table either.
    pub fn on_first_call() -> Self {
        Self {
            tls: OnceLock::new(),
            resolver: SystemResolver,
            judge: address::public,
        }
    }
}

#[cfg(feature = "https-anywhere")]
impl<R: Resolve> Caller<R> {
    /// A client that calls whatever `judge` lets through, looks names up with `resolver`, and trusts these certificates
    /// (DER). For tests, and for a command on somebody's own machine; a function is built without it.
    ///
    /// # Errors
    /// Where there is no usable certificate.
    pub fn anywhere(
        trusted: Vec<Vec<u8>>,
        resolver: R,
        judge: fn(IpAddr) -> Result<(), NotPublic>,
    ) -> Result<Self, NoRoots> {
        let tls = connector(trusted.into_iter().map(CertificateDer::from).collect())?;
        Ok(Self {
            tls: OnceLock::from(tls),
            resolver,
            judge,
        })
    }
}

/// What makes connections to hosts with a certificate of one of these authorities.
fn connector(trusted: Vec<CertificateDer<'static>>) -> Result<TlsConnector, NoRoots> {
    let mut roots = RootCertStore::empty();
    let (usable, _) = roots.add_parsable_certificates(trusted);
    if usable == 0 {
        return Err(NoRoots);
    }
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let config = config.with_safe_default_protocol_versions().map_err(|_| NoRoots)?;
    let mut config = config.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsConnector::from(Arc::new(config)))
}

impl<R: Resolve> Caller<R> {
    fn tls(&self) -> Result<&TlsConnector, NoRoots> {
        if let Some(tls) = self.tls.get() {
            return Ok(tls);
        }
        // Two first calls at once may both read: the outcome is the same.
        let tls = connector(rustls_native_certs::load_native_certs().certs)?;
        Ok(self.tls.get_or_init(|| tls))
    }

    /// A connection to one of the addresses that the host has, all of which were judged.
    async fn connect(&self, url: &EndpointUrl) -> Result<TlsStream<TcpStream>, Missed> {
        let (host, port) = (url.host(), url.port());
        let addresses = match url.ip() {
            Some(address) => vec![address],
            None => self
                .resolver
                .resolve(&host, port)
                .await
                .map_err(|_| Missed::NoSuchHost)?,
        };
        if addresses.is_empty() {
            return Err(Missed::NoSuchHost);
        }
        if addresses.iter().any(|address| (self.judge)(*address).is_err()) {
            return Err(Missed::NotPublic);
        }
        let tls = self.tls().map_err(|error| {
            tracing::error!(%error, "nobody can be called");
            Missed::Tls
        })?;
        let mut missed = Missed::Unreachable;
        for address in addresses {
            match timeout(ONE_ADDRESS, TcpStream::connect((address, port))).await {
                Ok(Ok(stream)) => {
                    let name = ServerName::try_from(host.trim_end_matches('.').to_owned()).map_err(|_| Missed::Tls)?;
                    return tls.connect(name, stream).await.map_err(|error| of_tls(&error));
                }
                Ok(Err(_)) => missed = Missed::Unreachable,
                Err(_) => missed = Missed::Timeout,
            }
        }
        Err(missed)
    }

    async fn exchange(
        &self,
        url: &EndpointUrl,
        request: Request<Full<Bytes>>,
        at: Timestamp,
    ) -> Result<Answer, Missed> {
        let connected = timeout(CONNECT, self.connect(url)).await;
        let stream = TokioIo::new(connected.map_err(|_| Missed::Timeout)??);
        let handshake = http1::Builder::new().max_buf_size(MOST_HEAD).handshake(stream);
        let (mut sender, connection) = handshake.await.map_err(|_| Missed::Broken)?;
        let answer = pin!(async {
            let response = sender.send_request(request).await.map_err(|_| Missed::Broken)?;
            let answer = Answer::Status(response.status().as_u16(), retry_after(&response, at));
            let _ = timeout(BODY, take(response.into_body())).await;
            Ok(answer)
        });
        // The connection has to be driven while the request is made; how it ends, the request learns.
        let driven = pin!(async {
            let _ = connection.await;
            std::future::pending::<std::convert::Infallible>().await
        });
        tokio::select! {
            biased;
            answer = answer => answer,
            never = driven => match never {},
        }
    }
}

impl<R: Resolve> CallEndpoint for Caller<R> {
    async fn call_endpoint(&self, endpoint: &Endpoint, keys: &SigningKeys, event: &Event, at: Timestamp) -> Answer {
        let Some(request) = request(endpoint, keys, event, at) else {
            return Answer::Missed(Missed::Broken);
        };
        match timeout(WHOLE, self.exchange(&endpoint.url, request, at)).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(missed)) => Answer::Missed(missed),
            Err(_) => Answer::Missed(Missed::Timeout),
        }
    }
}

/// The signed request; `None` only where it cannot be written.
fn request(endpoint: &Endpoint, keys: &SigningKeys, event: &Event, at: Timestamp) -> Option<Request<Full<Bytes>>> {
    let body = endpoint_body::write(event);
    let mut request = Request::builder()
        .method(Method::POST)
        .uri(endpoint.url.path_and_query())
        .header(HOST, endpoint.url.authority())
        .header(USER_AGENT, AGENT)
        .header(CONTENT_TYPE, "application/json");
    for (name, value) in keys.sign(&event.key, body.as_bytes(), at) {
        request = request.header(name, value);
    }
    request.body(Full::new(Bytes::from(body))).ok()
}

/// Whether it was the certificate or the connection.
fn of_tls(error: &io::Error) -> Missed {
    match error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
        Some(_) => Missed::Tls,
        None => Missed::Broken,
    }
}

/// The wait that a response asks for, in seconds or until a date. Source: RFC 9110, section 10.2.3.
fn retry_after(response: &Response<Incoming>, now: Timestamp) -> Option<SignedDuration> {
    let text = response.headers().get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse::<u32>() {
        return Some(SignedDuration::from_secs(seconds.into()));
    }
    let date = jiff::fmt::rfc2822::parse(text).ok()?;
    Some(date.timestamp().duration_since(now))
}

/// Reads a body to its end or bound, and drops it.
async fn take(mut body: Incoming) {
    let mut left = MOST_BODY;
    while let Some(Ok(frame)) = body.frame().await {
        let length = frame.data_ref().map_or(0, Bytes::len);
        match left.checked_sub(length) {
            Some(rest) => left = rest,
            None => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_client_of_a_function_goes_nowhere_but_to_the_public_internet() {
        let caller = Caller::on_first_call();
        assert!(caller.tls.get().is_none(), "nothing is read before it is needed");
        assert!(
            std::ptr::eq(caller.tls().unwrap(), caller.tls().unwrap()),
            "and that once"
        );
        assert_eq!((caller.judge)("8.8.8.8".parse().unwrap()), Ok(()));
        let here = caller.resolver.resolve("localhost", 443).await.unwrap();
        assert!(!here.is_empty());
        let private = ["10.0.0.1", "169.254.169.254", "fd00:ec2::254"].map(|one| one.parse().unwrap());
        for address in here.into_iter().chain(private) {
            assert!((caller.judge)(address).is_err(), "{address}");
        }
    }
}
