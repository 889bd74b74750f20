//! In place of S3 and SES: a folder of raw mail, and a sink that keeps what was sent as it would go over the wire.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use within24::adapters::mime;
use within24::domain::alert::AlertMail;
use within24::domain::event::Event;
use within24::domain::key::Key;
use within24::domain::language::Language;
use within24::domain::message_id::MessageId;
use within24::domain::outgoing::Letter;
use within24::ports::{
    Accepted, EraseMail, FetchMail, PortError, Ported, PublishEvents, SendError, SendMail, TellOperator,
};

/// A folder in place of the bucket of raw mail.
#[derive(Clone, Debug)]
pub struct Folder(PathBuf);

impl Folder {
    /// A folder that exists.
    pub fn new(path: &Path) -> Self {
        Self(path.to_owned())
    }

    /// Stores a raw mail under this name.
    ///
    /// # Errors
    /// Where the file system fails.
    pub fn put(&self, name: &str, raw: &[u8]) -> std::io::Result<()> {
        std::fs::write(self.0.join(name), raw)
    }
}

impl Folder {
    /// Where this mail lies; a name that leads elsewhere is that of no mail.
    fn path(&self, place: &str) -> PathBuf {
        let plain = !place.is_empty() && place.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        self.0.join(if plain { place } else { "no-such-mail" })
    }
}

/// What the file system says, as a port does; nothing there is no error.
fn found<T>(result: std::io::Result<T>) -> Ported<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(PortError::Unavailable {
            service: "folder",
            code: error.kind().to_string(),
        }),
    }
}

impl FetchMail for Folder {
    async fn fetch(&self, place: &str, limit: usize) -> Ported<Option<Vec<u8>>> {
        let raw = found(std::fs::read(self.path(place)))?;
        Ok(raw.map(|mut raw| {
            raw.truncate(limit);
            raw
        }))
    }
}

impl EraseMail for Folder {
    async fn erase(&self, place: &str) -> Ported<u64> {
        let erased = found(std::fs::remove_file(self.path(place)))?;
        Ok(u64::from(erased.is_some()))
    }
}

/// The region that this machine plays.
pub const REGION: &str = "eu-west-1";

/// A mail that went out.
#[derive(Clone, Debug)]
pub struct Sent {
    /// When.
    pub at: Timestamp,
    /// An automatic request; else a person's answer.
    pub automatic: bool,
    /// The language it was written in, where we chose it.
    pub language: Option<Language>,
    /// The tags by which SES's events name it.
    pub tags: Vec<(&'static str, String)>,
    /// SES's own id of it.
    pub ses_id: String,
    /// The mail as it goes over the wire.
    pub raw: Vec<u8>,
}

/// A sink in place of SES: accepts all, and like SES gives each mail another Message-ID.
#[derive(Clone, Debug)]
pub struct Sink {
    sent: Arc<Mutex<Vec<Sent>>>,
    now: Arc<Mutex<Timestamp>>,
}

impl Sink {
    /// A sink on this clock.
    pub fn new(now: Arc<Mutex<Timestamp>>) -> Self {
        Self {
            sent: Arc::default(),
            now,
        }
    }

    /// All that went out, in order.
    pub fn sent(&self) -> Vec<Sent> {
        self.sent.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl SendMail for Sink {
    async fn send(&self, letter: &Letter) -> Result<Accepted, SendError> {
        let raw = mime::raw(letter).map_err(|_| SendError::Refused {
            code: "mime".to_owned(),
        })?;
        let at = *self.now.lock().unwrap_or_else(PoisonError::into_inner);
        let mut sent = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
        let ses_id = format!("{}-{:06}", letter.tag.as_str(), sent.len());
        let message_id = MessageId::of_ses(&ses_id, REGION);
        let tags = mime::tags(letter).map(|(name, value)| (name, value.to_owned()));
        sent.push(Sent {
            at,
            automatic: letter.automatic,
            language: letter.language,
            tags: tags.into(),
            ses_id,
            raw,
        });
        Ok(Accepted { at, message_id })
    }
}

/// What stands in for the event bus and the operator's inbox: it keeps what it is told.
#[derive(Debug, Default)]
pub struct Board {
    events: Mutex<Vec<Event>>,
    mails: Mutex<Vec<AlertMail>>,
}

impl Board {
    /// Every event, in order of publishing.
    pub fn events(&self) -> Vec<Event> {
        self.events.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Every mail to the operator, in order.
    pub fn mails(&self) -> Vec<AlertMail> {
        self.mails.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl PublishEvents for Board {
    async fn publish(&self, events: &[Event]) -> Ported<Vec<Key>> {
        let mut board = self.events.lock().unwrap_or_else(PoisonError::into_inner);
        board.extend_from_slice(events);
        Ok(events.iter().map(|event| event.key.clone()).collect())
    }
}

impl TellOperator for Board {
    async fn tell(&self, mail: &AlertMail) -> Ported<()> {
        self.mails
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(mail.clone());
        Ok(())
    }
}
