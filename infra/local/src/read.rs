//! `within24 read`: what the reader makes of raw mail, one JSON object a mail.

use serde::Serialize;
use within24::domain::mail::{self, Attachment, Defect, Mail};
use within24::domain::personal::Personal;

/// One line of the contract.
#[derive(Debug, Serialize)]
pub struct Line<'a> {
    path: &'a str,
    kind: &'static str,
    automatic: bool,
    marketplace: Option<&'static str>,
    alias: Option<String>,
    buyer: Option<String>,
    case_id: Option<String>,
    order_ids: Vec<String>,
    order_id_from: Option<&'static str>,
    near_order_ids: Vec<String>,
    asins: Vec<String>,
    buyer_name: Option<String>,
    language: Option<String>,
    text: Option<String>,
    attachments: Vec<AttachmentLine>,
    subject: Option<String>,
    message_id: Option<String>,
    defects: Vec<&'static str>,
}

#[derive(Debug, Serialize)]
struct AttachmentLine {
    name: Option<String>,
    media_type: String,
    bytes: u64,
}

/// Reads a raw mail and writes the contract's line.
pub fn line<'a>(path: &'a str, raw: &[u8]) -> Line<'a> {
    let (mail, defects) = mail::read(raw);
    describe(path, mail, &defects)
}

fn exposed(personal: Option<Personal>) -> Option<String> {
    personal.map(Personal::into_exposed)
}

fn describe<'a>(path: &'a str, mail: Mail, defects: &[Defect]) -> Line<'a> {
    let alias = mail.alias.as_ref();
    Line {
        path,
        kind: mail.kind.as_str(),
        automatic: mail.automatic,
        marketplace: mail.marketplace.map(within24::domain::mail::Marketplace::code),
        alias: alias.map(|alias| alias.expose().to_owned()),
        buyer: alias.map(|alias| alias.buyer().expose().to_owned()),
        case_id: alias
            .and_then(within24::domain::alias::Alias::case_id)
            .map(|case| case.as_str().to_owned()),
        order_ids: mail.order_ids.iter().map(|order| order.as_str().to_owned()).collect(),
        order_id_from: mail.order_id_from.map(within24::domain::mail::OrderIdFrom::as_str),
        near_order_ids: mail.near_order_ids.into_iter().map(Personal::into_exposed).collect(),
        asins: mail.asins.iter().map(|asin| asin.as_str().to_owned()).collect(),
        buyer_name: exposed(mail.buyer_name),
        language: mail.language.map(|language| language.as_str().to_owned()),
        text: exposed(mail.text),
        attachments: mail.attachments.into_iter().map(attachment).collect(),
        subject: exposed(mail.subject),
        message_id: mail.message_id.map(|id| id.expose().to_owned()),
        defects: defects.iter().map(|defect| defect.code()).collect(),
    }
}

fn attachment(attachment: Attachment) -> AttachmentLine {
    AttachmentLine {
        name: exposed(attachment.name),
        media_type: attachment.media_type,
        bytes: attachment.bytes,
    }
}
