//! In place of SES: every mail that would go out is a file, as the buyer's relay would see it.

use std::io;
use std::path::PathBuf;

use jiff::Timestamp;
use within24::adapters::mime;
use within24::domain::key::Key;
use within24::domain::message_id::MessageId;
use within24::domain::outgoing::Letter;
use within24::lambda::clock;
use within24::ports::{Accepted, SendError, SendMail};

use super::durable;
use crate::sink::REGION;

const ENDING: &str = ".eml";

/// How an id of ours tells the time: to the second, UTC.
const TIME: &str = "%Y%m%dT%H%M%SZ";

/// An id that sorts by time, and that nothing else has.
pub(super) fn timed_name(at: Timestamp) -> String {
    format!("{}-{}", at.strftime(TIME), durable::new_name())
}

/// A mail that went out: what its file's name tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SentMail {
    /// The id that this machine, as SES would, gave it.
    pub id: String,
    /// The item of the outbox.
    pub tag: String,
    /// When it was taken, to the second.
    pub at: Timestamp,
}

/// The folder of what went out.
#[derive(Clone, Debug)]
pub struct SentFolder(PathBuf);

impl SentFolder {
    /// A folder that exists.
    pub fn new(path: PathBuf) -> Self {
        Self(path)
    }

    /// The mail with this tag, if one went out.
    ///
    /// # Errors
    /// Where the folder cannot be read.
    pub(super) fn find(&self, tag: &Key) -> io::Result<Option<SentMail>> {
        for entry in self.0.read_dir()? {
            let file = entry?.file_name();
            let name = file.to_str().and_then(|file| file.strip_suffix(ENDING));
            let Some((id, of)) = name.and_then(|name| name.rsplit_once('.')) else {
                continue;
            };
            let time = id.split('-').next().unwrap_or_default();
            let at = jiff::civil::DateTime::strptime(TIME, time).ok();
            let at = at.and_then(|at| jiff::tz::Offset::UTC.to_timestamp(at).ok());
            if let (true, Some(at)) = (of == tag.as_str(), at) {
                return Ok(Some(SentMail {
                    id: id.to_owned(),
                    tag: of.to_owned(),
                    at,
                }));
            }
        }
        Ok(None)
    }
}

impl SendMail for SentFolder {
    async fn send(&self, letter: &Letter) -> Result<Accepted, SendError> {
        let broken = |code: String| SendError::Refused { code };
        let raw = mime::raw(letter).map_err(|_| broken("mime".to_owned()))?;
        let at = clock::now();
        let id = timed_name(at);
        let message_id = MessageId::of_ses(&id, REGION).ok_or_else(|| broken("message-id".to_owned()))?;
        let raw = with_id(raw, &letter.message_id, &message_id);
        let file = self.0.join(format!("{id}.{}{ENDING}", letter.tag.as_str()));
        // Either the file is there under its name, or the mail did not go out.
        durable::keep(&file, &raw).map_err(|error| SendError::NotNow {
            code: error.kind().to_string(),
        })?;
        Ok(Accepted {
            at,
            message_id: Some(message_id),
        })
    }
}

/// SES gives each mail another Message-ID.
fn with_id(raw: Vec<u8>, ours: &MessageId, given: &MessageId) -> Vec<u8> {
    let field = |id: &MessageId| format!("Message-ID: <{}>", id.expose()).into_bytes();
    let (ours, given) = (field(ours), field(given));
    match raw
        .windows(ours.len())
        .position(|window| window.eq_ignore_ascii_case(&ours))
    {
        Some(at) => [&raw[..at], &given, &raw[at + ours.len()..]].concat(),
        None => raw,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use within24::domain::alias::Alias;
    use within24::domain::outgoing::Outgoing;
    use within24::domain::store::StoreId;
    use within24::domain::thread::Thread;

    #[tokio::test]
    async fn a_mail_is_a_file_that_names_its_item_and_bears_the_id_that_ses_would_give() {
        let home = tempfile::tempdir().unwrap();
        let sent = SentFolder::new(home.path().to_owned());
        let alias = Alias::parse("a1b2c3d4e5f6g7h@marketplace.amazon.de").unwrap();
        let thread = Thread::open(StoreId::parse("de").unwrap(), alias, &Key::of(&["m"]), clock::now());
        let item = Outgoing::reply(&thread, "Da.".into(), "Mara".into(), false, "w", clock::now());
        let letter = Letter::answering(&thread, &item, "shop@inbox.example", "Da.".into(), clock::now());
        assert_eq!(sent.find(&item.key).unwrap(), None);
        let accepted = sent.send(&letter).await.unwrap();
        let found = sent.find(&item.key).unwrap().unwrap();
        assert_eq!(accepted.message_id, MessageId::of_ses(&found.id, REGION));
        assert!(accepted.at.duration_since(found.at).as_secs() == 0);
        let file = home.path().join(format!("{}.{}.eml", found.id, item.key.as_str()));
        let raw = std::fs::read_to_string(file).unwrap();
        let lines: Vec<&str> = raw
            .lines()
            .filter(|line| line.to_lowercase().starts_with("message-id"))
            .collect();
        let given = accepted.message_id.unwrap();
        assert_eq!(lines, [format!("Message-ID: <{}>", given.expose())]);
        assert!(raw.contains(letter.message_id.expose()), "ours stays in References");
        assert_eq!(sent.find(&Key::of(&["other"])).unwrap(), None);
    }
}
