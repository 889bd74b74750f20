//! Files of an answer, in a timeline and in what was sent.

use std::path::Path;

use mail_parser::{ContentType, Message, MessagePart, MimeHeaders};
use serde::{Deserialize, Serialize};
use within24::domain::attachment::{Attachment, Unusable};

/// A file of an answer in a timeline.
#[derive(Debug, Deserialize)]
pub struct AttachmentIn {
    /// Its name; that of `file` if nothing is said.
    pub name: Option<String>,
    /// Its media type; by the name's ending if nothing is said.
    pub media_type: Option<String>,
    /// Its content in base64.
    pub content: Option<String>,
    /// Instead of a content, a file relative to the timeline.
    pub file: Option<String>,
}

/// Why a file of an answer cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum AttachmentError {
    /// The file that it names cannot be read.
    #[error("{0}: {1}")]
    NoFile(String, std::io::Error),
    /// It is none.
    #[error(transparent)]
    Unusable(#[from] Unusable),
}

impl AttachmentIn {
    /// The file with its content; `base` is the folder of the timeline.
    ///
    /// # Errors
    /// Why it cannot be had.
    pub fn read(&self, base: &Path) -> Result<Attachment, AttachmentError> {
        let media_type = self.media_type.as_deref();
        match (&self.content, &self.file) {
            (Some(content), _) => {
                let name = self.name.as_deref().unwrap_or_default();
                Ok(Attachment::decode(name, media_type, content)?)
            }
            (None, Some(file)) => {
                let content = std::fs::read(base.join(file));
                let content = content.map_err(|error| AttachmentError::NoFile(file.clone(), error))?;
                Ok(Attachment::new(
                    self.name.as_deref().unwrap_or(file),
                    media_type,
                    content,
                )?)
            }
            (None, None) => Err(Unusable::List.into()),
        }
    }
}

/// A file of a mail that went out.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "the fields are the contract's")]
pub struct AttachmentLine {
    pub name: String,
    pub media_type: String,
    pub bytes: usize,
}

/// The files of a mail, read back from what went over the wire.
pub fn of_mail(mail: &Message<'_>) -> Vec<AttachmentLine> {
    mail.attachments().map(|part| line(mail, part)).collect()
}

fn line(mail: &Message<'_>, part: &MessagePart<'_>) -> AttachmentLine {
    let kind = part.content_type();
    let subtype = kind.and_then(ContentType::subtype).unwrap_or_default();
    let name = part.attachment_name().unwrap_or_default();
    // The parser makes UTF-8 of texts: what was attached is what the base64 holds.
    let encoded = mail
        .raw_message
        .get(part.raw_body_offset() as usize..part.raw_end_offset() as usize);
    let encoded = encoded.and_then(|bytes| std::str::from_utf8(bytes).ok());
    let sent = encoded.and_then(|text| Attachment::decode(name, None, text).ok());
    AttachmentLine {
        name: name.to_owned(),
        media_type: kind.map_or_else(String::new, |kind| format!("{}/{subtype}", kind.ctype())),
        bytes: sent.map_or(part.contents().len(), |file| file.content().len()),
    }
}
