//! Where an endpoint is: an `https` address on the public internet.

use core::net::IpAddr;
use std::fmt;

use url::{Host, Url};

use super::address;

/// The longest address, in bytes.
pub(super) const MOST_BYTES: usize = 2048;

/// Endings of names that lead nowhere on the public internet (RFC 6761, 6762, 8375, 9476).
const LOCAL_ENDINGS: [&str; 8] = [
    "localhost",
    "local",
    "localdomain",
    "internal",
    "intranet",
    "lan",
    "home.arpa",
    "test",
];

/// An address that cannot be that of an endpoint. Each text says what to write instead.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UrlError {
    /// No URL at all, or one without a host.
    #[error("this is no web address; write it in full, such as https://hooks.example.com/within24")]
    NotAnAddress,
    /// Longer than 2048 bytes.
    #[error("the address is longer than {MOST_BYTES} bytes; write a shorter one")]
    TooLong,
    /// Not `https`.
    #[error("{0}:// is not encrypted or not the web; write https:// (the receiver needs a certificate)")]
    NotHttps(String),
    /// `https://user:password@…`
    #[error("a name or password before the @ is not sent; leave it out, each call is signed instead")]
    Credentials,
    /// `…#part`
    #[error("what follows the # never reaches a server; leave it out")]
    Fragment,
    /// A name that only a local network knows.
    #[error("{0} is a name of a local network; write the receiver's public name, such as hooks.example.com")]
    LocalName(String),
    /// An address that is not public.
    #[error("{0} is not on the public internet ({1}); write the receiver's public name, such as hooks.example.com")]
    NotPublic(IpAddr, &'static str),
    /// Port 0.
    #[error("there is no port 0; leave the port out, or write that of the receiver")]
    Port,
}

/// The address of an endpoint, in normal form. Path and query may hold a token, so it is never printed whole.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EndpointUrl(Url);

impl EndpointUrl {
    /// Reads an address as people write it. An IPv4 address in any notation (`0x7f.1`, `2130706433`) is read as what it is.
    ///
    /// A name is not looked up here: what it leads to is judged at every call.
    ///
    /// # Errors
    /// What is wrong first, and what to write instead.
    pub fn parse(text: &str) -> Result<Self, UrlError> {
        let text = text.trim();
        if text.len() > MOST_BYTES {
            return Err(UrlError::TooLong);
        }
        let url = Url::parse(text).map_err(|_| UrlError::NotAnAddress)?;
        if url.scheme() != "https" {
            return Err(if url.has_host() {
                UrlError::NotHttps(url.scheme().to_owned())
            } else {
                UrlError::NotAnAddress
            });
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(UrlError::Credentials);
        }
        if url.fragment().is_some() {
            return Err(UrlError::Fragment);
        }
        if url.port() == Some(0) {
            return Err(UrlError::Port);
        }
        match url.host().ok_or(UrlError::NotAnAddress)? {
            Host::Domain(name) => {
                let name = name.trim_end_matches('.');
                let ends = |ending: &str| {
                    let rest = name.strip_suffix(ending);
                    rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
                };
                if !name.contains('.') || LOCAL_ENDINGS.iter().any(|ending| ends(ending)) {
                    return Err(UrlError::LocalName(name.to_owned()));
                }
            }
            Host::Ipv4(address) => judged(address.into())?,
            Host::Ipv6(address) => judged(address.into())?,
        }
        Ok(Self(url))
    }

    /// The address in full. Never for logs, metrics or error messages.
    pub fn expose(&self) -> &str {
        self.0.as_str()
    }

    /// The host: a name in lower case and ASCII, or an address without brackets.
    pub fn host(&self) -> String {
        let host = self.0.host_str().unwrap_or_default();
        host.trim_start_matches('[').trim_end_matches(']').to_owned()
    }

    /// The host as an address, where it is one.
    pub fn ip(&self) -> Option<IpAddr> {
        match self.0.host()? {
            Host::Domain(_) => None,
            Host::Ipv4(address) => Some(address.into()),
            Host::Ipv6(address) => Some(address.into()),
        }
    }

    /// The port.
    pub fn port(&self) -> u16 {
        self.0.port_or_known_default().unwrap_or(443)
    }

    /// Host and port as the `Host` header has them: the port only where it is not 443.
    pub fn authority(&self) -> &str {
        self.0.authority()
    }

    /// Path and query as a request line has them.
    pub fn path_and_query(&self) -> &str {
        &self.0[url::Position::BeforePath..]
    }
}

impl fmt::Debug for EndpointUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<endpoint at {}>", self.authority())
    }
}

fn judged(address: IpAddr) -> Result<(), UrlError> {
    address::public(address).map_err(|why| UrlError::NotPublic(address, why.what()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_brought_into_normal_form() {
        for (text, url, authority, path, port) in [
            (
                "https://hooks.example.com",
                "https://hooks.example.com/",
                "hooks.example.com",
                "/",
                443,
            ),
            (
                " HTTPS://Hooks.Example.COM:443/a b?token=x ",
                "https://hooks.example.com/a%20b?token=x",
                "hooks.example.com",
                "/a%20b?token=x",
                443,
            ),
            (
                "https://hooks.example.com:8443/x/../y",
                "https://hooks.example.com:8443/y",
                "hooks.example.com:8443",
                "/y",
                8443,
            ),
            (
                "https://bücher.example/",
                "https://xn--bcher-kva.example/",
                "xn--bcher-kva.example",
                "/",
                443,
            ),
            ("https://1.1.1.1/", "https://1.1.1.1/", "1.1.1.1", "/", 443),
            (
                "https://[2606:4700::1111]/",
                "https://[2606:4700::1111]/",
                "[2606:4700::1111]",
                "/",
                443,
            ),
        ] {
            let read = EndpointUrl::parse(text).unwrap();
            assert_eq!(
                (read.expose(), read.authority(), read.path_and_query(), read.port()),
                (url, authority, path, port)
            );
            assert_eq!(EndpointUrl::parse(read.expose()), Ok(read.clone()));
            assert_eq!(read.ip().is_some(), read.host().parse::<IpAddr>().is_ok());
        }
    }

    #[test]
    fn what_is_no_endpoint_is_refused_with_what_to_write_instead() {
        let long = format!("https://hooks.example.com/{}", "a".repeat(MOST_BYTES));
        for (text, words) in [
            ("", "write it in full"),
            ("hooks.example.com", "write it in full"),
            ("/within24", "write it in full"),
            ("https://", "write it in full"),
            ("mailto:mara@example.com", "write it in full"),
            ("javascript:alert(1)", "write it in full"),
            (&long, "write a shorter one"),
            ("http://hooks.example.com", "write https://"),
            ("ftp://hooks.example.com", "write https://"),
            ("file://hooks.example.com/etc/passwd", "write https://"),
            ("https://mara@hooks.example.com", "leave it out"),
            ("https://:secret@hooks.example.com", "leave it out"),
            ("https://hooks.example.com/#top", "leave it out"),
            ("https://hooks.example.com:0/", "leave the port out"),
            ("https://localhost/", "write the receiver's public name"),
            ("https://localhost./", "write the receiver's public name"),
            ("https://LOCALHOST:8443/", "write the receiver's public name"),
            ("https://a.localhost/", "write the receiver's public name"),
            ("https://intranet/", "write the receiver's public name"),
            ("https://printer.local/", "write the receiver's public name"),
            ("https://metadata.google.internal/", "write the receiver's public name"),
            ("https://nas.home.arpa/", "write the receiver's public name"),
            ("https://10.0.0.1/", "10.0.0.1 is not on the public internet (private)"),
            ("https://127.1/", "127.0.0.1 is not on the public internet (loopback)"),
            ("https://2130706433/", "127.0.0.1"),
            ("https://0x7f000001/", "127.0.0.1"),
            ("https://0177.0.0.1/", "127.0.0.1"),
            ("https://１２７.0.0.1/", "127.0.0.1"),
            ("https://169.254.169.254/latest/meta-data/", "metadata"),
            ("https://[::1]/", "::1 is not on the public internet"),
            ("https://[::ffff:169.254.169.254]/", "metadata"),
            ("https://[fd00:ec2::254]/", "not on the public internet"),
            ("https://0/", "0.0.0.0"),
        ] {
            let error = EndpointUrl::parse(text).unwrap_err().to_string();
            assert!(error.contains(words), "{text}: {error}");
        }
    }

    #[test]
    fn a_name_that_only_looks_local_is_taken() {
        for text in [
            "https://localhost.example.com/",
            "https://notlocal.example/",
            "https://mylocal.io/",
        ] {
            assert!(EndpointUrl::parse(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn path_and_query_are_not_printed() {
        let url = EndpointUrl::parse("https://hooks.example.com/T0KEN?key=T0KEN").unwrap();
        assert_eq!(format!("{url:?}"), "<endpoint at hooks.example.com>");
    }
}
