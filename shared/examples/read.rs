//! Reads mails and prints the lines of `within24 read`: `cargo run --release --example read -- FOLDER...`.

use std::path::{Path, PathBuf};

use serde::Serialize;
use within24::domain::mail::{self, Defect, Mail};
use within24::domain::personal::Personal;

#[derive(Serialize)]
struct Line<'a> {
    path: &'a str,
    kind: &'static str,
    automatic: bool,
    marketplace: Option<&'static str>,
    alias: Option<&'a str>,
    buyer: Option<String>,
    case_id: Option<String>,
    order_ids: Vec<&'a str>,
    order_id_from: Option<&'static str>,
    near_order_ids: Vec<&'a str>,
    asins: Vec<&'a str>,
    buyer_name: Option<&'a str>,
    language: Option<&'a str>,
    text: Option<&'a str>,
    attachments: Vec<File<'a>>,
    subject: Option<&'a str>,
    message_id: Option<&'a str>,
    defects: Vec<&'static str>,
    answers: Vec<&'a str>,
    embedded_ids: Vec<&'a str>,
    date: Option<String>,
    token: Option<&'a str>,
    presale: bool,
    no_response_link: Option<&'a str>,
    claims_amazon: bool,
}

#[derive(Serialize)]
struct File<'a> {
    name: Option<&'a str>,
    media_type: &'a str,
    bytes: u64,
}

impl<'a> Line<'a> {
    fn new(path: &'a str, mail: &'a Mail, defects: &[Defect]) -> Self {
        Self {
            path,
            kind: mail.kind.as_str(),
            automatic: mail.automatic,
            marketplace: mail.marketplace.map(mail::Marketplace::code),
            alias: mail.alias.as_ref().map(mail::Alias::expose),
            buyer: mail.alias.as_ref().map(|alias| alias.buyer().expose().to_owned()),
            case_id: mail
                .alias
                .as_ref()
                .and_then(mail::Alias::case_id)
                .map(|case| case.as_str().to_owned()),
            order_ids: mail.order_ids.iter().map(mail::OrderId::as_str).collect(),
            order_id_from: mail.order_id_from.map(mail::OrderIdFrom::as_str),
            near_order_ids: mail.near_order_ids.iter().map(Personal::expose).collect(),
            asins: mail.asins.iter().map(mail::Asin::as_str).collect(),
            buyer_name: mail.buyer_name.as_ref().map(Personal::expose),
            language: mail.language.as_ref().map(mail::Language::as_str),
            text: mail.text.as_ref().map(Personal::expose),
            attachments: mail
                .attachments
                .iter()
                .map(|file| File {
                    name: file.name.as_ref().map(Personal::expose),
                    media_type: &file.media_type,
                    bytes: file.bytes,
                })
                .collect(),
            subject: mail.subject.as_ref().map(Personal::expose),
            message_id: mail.message_id.as_ref().map(mail::MessageId::expose),
            defects: defects.iter().map(|defect| defect.code()).collect(),
            answers: mail.answers.iter().map(mail::MessageId::expose).collect(),
            embedded_ids: mail.embedded_ids.iter().map(mail::MessageId::expose).collect(),
            date: mail.date.map(|date| date.to_string()),
            token: mail.token.as_deref(),
            presale: mail.presale,
            no_response_link: mail.no_response_link.as_ref().map(Personal::expose),
            claims_amazon: mail.claims_amazon,
        }
    }
}

fn mails(path: &Path) -> std::io::Result<Vec<PathBuf>> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut found: Vec<PathBuf> = std::fs::read_dir(path)?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .collect();
    found.retain(|path| path.extension().is_some_and(|e| e == "eml"));
    found.sort();
    Ok(found)
}

#[expect(clippy::print_stdout, reason = "printing is what this example is for")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    for argument in std::env::args().skip(1) {
        for path in mails(Path::new(&argument))? {
            let (mail, defects) = mail::read(&std::fs::read(&path)?);
            println!(
                "{}",
                serde_json::to_string(&Line::new(&path.to_string_lossy(), &mail, &defects))?
            );
        }
    }
    Ok(())
}
