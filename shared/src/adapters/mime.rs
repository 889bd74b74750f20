//! Letters as raw MIME (RFC 5322, RFC 2045), through `mail-builder`: the words alone, or with files as `multipart/mixed`.

use std::io;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mail_builder::MessageBuilder;
use mail_builder::headers::date::Date;
use mail_builder::headers::raw::Raw;
use mail_builder::mime::MimePart;

use crate::domain::attachment::Attachment;
use crate::domain::message_id::MessageId;
use crate::domain::outgoing::Letter;

/// The tag by which SES names the outbox item in its delivery events.
pub const OUTBOX_TAG: &str = "outbox";

/// The tag of the item's store.
pub const STORE_TAG: &str = "store";

/// The tag of its thread.
pub const THREAD_TAG: &str = "thread";

/// The tags of a letter: names of ours, no personal data, in the letters that SES allows.
pub fn tags(letter: &Letter) -> [(&'static str, &str); 3] {
    [
        (OUTBOX_TAG, letter.tag.as_str()),
        (STORE_TAG, letter.store.as_str()),
        (THREAD_TAG, letter.thread.as_str()),
    ]
}

/// Writes the letter as it goes over the wire. Text is plain, UTF-8; files come after it, in base64, their names as
/// RFC 2231 wants them.
///
/// # Errors
/// Never in practice: writing to memory does not fail.
pub fn raw(letter: &Letter) -> io::Result<Vec<u8>> {
    let mut mail = MessageBuilder::new()
        .from(letter.from.as_str())
        .to(letter.to.expose())
        .subject(letter.subject.expose())
        .date(Date::new(letter.date.as_second()))
        .message_id(letter.message_id.expose())
        .text_body(letter.text.expose());
    if let Some(id) = &letter.in_reply_to {
        mail = mail.in_reply_to(id.expose());
    }
    if !letter.references.is_empty() {
        let ids: Vec<&str> = letter.references.iter().map(MessageId::expose).collect();
        mail = mail.references(ids);
    }
    if letter.automatic {
        mail = mail.header("Auto-Submitted", Raw::new("auto-replied"));
    }
    if let Some(language) = &letter.language {
        mail = mail.header("Content-Language", Raw::new(language.as_str()));
    }
    if !letter.attachments.is_empty() {
        mail.attachments = Some(letter.attachments.iter().map(file).collect());
    }
    mail.write_to_vec()
}

/// The characters of a line of base64 (RFC 2045, section 6.8).
const LINE: usize = 76;

/// A file as a part of its own.
fn file(attachment: &Attachment) -> MimePart<'_> {
    let media_type = match attachment.media_type() {
        // Composite types may not be in base64 (RFC 2046, section 5), and a file is not taken apart.
        composite if composite.starts_with("multipart/") || composite.starts_with("message/") => {
            "application/octet-stream"
        }
        simple => simple,
    };
    let name = attachment.name().expose();
    if media_type.starts_with("text/") {
        // The library writes texts as text, which servers on the way may change; a file arrives as it is.
        let encoded = STANDARD.encode(attachment.content());
        let mut lines = String::with_capacity(encoded.len() / LINE * (LINE + 2) + LINE + 2);
        for line in encoded.as_bytes().chunks(LINE) {
            lines.extend(line.iter().copied().map(char::from));
            lines.push_str("\r\n");
        }
        return MimePart::new(media_type, lines.into_bytes())
            .attachment(name)
            .transfer_encoding("base64");
    }
    MimePart::new(media_type, attachment.content()).attachment(name)
}
