//! In place of S3 and SES: a folder of raw mail and files of answers, and a sink that keeps what was sent as it would go over the wire.

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
use within24::domain::webhook;
use within24::ports::{
    Accepted, EraseMail, FetchAttachment, FetchCall, FetchMail, KeepAttachment, PortError, Ported, PublishEvents,
    SendError, SendMail, TellOperator,
};

/// A folder in place of the bucket.
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

/// Where an object of the bucket lies below the folder; `None` for what cannot be one.
fn path(place: &str) -> Option<PathBuf> {
    let plain = |part: &str| {
        let usable = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
        !part.is_empty() && part.bytes().all(usable)
    };
    place.split('/').all(plain).then(|| place.split('/').collect())
}

fn unavailable(error: &std::io::Error) -> PortError {
    PortError::Unavailable {
        service: "folder",
        code: error.kind().to_string(),
    }
}

impl Folder {
    fn get(&self, place: &str, limit: usize) -> Ported<Option<Vec<u8>>> {
        let Some(path) = path(place) else { return Ok(None) };
        match std::fs::read(self.0.join(path)) {
            Ok(mut content) => {
                content.truncate(limit);
                Ok(Some(content))
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(unavailable(&error)),
        }
    }
}

impl FetchMail for Folder {
    async fn fetch(&self, place: &str, limit: usize) -> Ported<Option<Vec<u8>>> {
        self.get(place, limit)
    }
}

impl KeepAttachment for Folder {
    async fn keep(&self, place: &str, content: &[u8]) -> Ported<()> {
        let path = path(place).ok_or_else(|| PortError::Broken {
            service: "folder",
            code: "foreign-place".to_owned(),
        })?;
        let path = self.0.join(path);
        let folder = path.parent().unwrap_or(&self.0);
        std::fs::create_dir_all(folder)
            .and_then(|()| std::fs::write(&path, content))
            .map_err(|error| unavailable(&error))
    }
}

impl EraseMail for Folder {
    async fn erase(&self, place: &str) -> Ported<u64> {
        let Some(path) = path(place) else { return Ok(0) };
        match std::fs::remove_file(self.0.join(path)) {
            Ok(()) => Ok(1),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(0),
            Err(error) => Err(unavailable(&error)),
        }
    }
}

impl FetchCall for Folder {
    async fn body(&self, place: &str) -> Ported<Option<Vec<u8>>> {
        self.get(place, webhook::MOST_BYTES_WITH_FILES)
    }
}

impl FetchAttachment for Folder {
    async fn attachment(&self, place: &str, limit: usize) -> Ported<Option<Vec<u8>>> {
        self.get(place, limit)
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
