//! Letters as raw MIME (RFC 5322, RFC 2045), through `mail-builder`.

use std::io;

use mail_builder::MessageBuilder;
use mail_builder::headers::date::Date;
use mail_builder::headers::raw::Raw;

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

/// Writes the letter as it goes over the wire. Text is plain, UTF-8.
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
    mail.write_to_vec()
}
