//! Files sent with a draft.

use super::super::personal::Personal;
use super::draft::Attachment;
use super::rule::{Rule, Shade};

const MEGABYTE: u64 = 1_048_576;
const MOST: usize = 5;

/// The most bytes of all files together that Amazon takes, before transfer encoding.
pub const MOST_ATTACHED_BYTES: u64 = 10 * MEGABYTE;

const ALLOWED: [&str; 7] = ["pdf", "jpg", "jpeg", "png", "txt", "doc", "docx"];

/// Extensions that are dangerous before the last one, too: `invoice.exe.pdf` is as dishonest as `invoice.pdf.exe`.
const TELLING: [&str; 32] = [
    "exe", "com", "bat", "cmd", "scr", "js", "vbs", "jar", "msi", "ps1", "sh", "app", "apk", "html", "htm", "zip",
    "rar", "7z", "svg", "lnk", "iso", "dll", "pdf", "jpg", "jpeg", "png", "txt", "doc", "docx", "xls", "xlsx", "gif",
];

/// What is wrong with the files: rule, shade, and the file's name where it is about one.
pub(super) fn faults(attachments: &[Attachment]) -> Vec<(Rule, Shade, Option<Personal>)> {
    let mut found = Vec::new();
    for attachment in attachments {
        if let Some(shade) = forbidden(attachment) {
            found.push((Rule::AttachmentType, shade, Some(attachment.name.clone())));
        }
    }
    let bytes = attachments
        .iter()
        .fold(0u64, |sum, attachment| sum.saturating_add(attachment.bytes));
    if bytes > MOST_ATTACHED_BYTES {
        found.push((Rule::AttachmentSize, Shade::Plain, None));
    } else if bytes > 7 * MEGABYTE {
        found.push((Rule::AttachmentSize, Shade::Mild, None));
    }
    if attachments.len() > MOST {
        found.push((Rule::AttachmentCount, Shade::Plain, None));
    }
    found
}

/// [`Shade::Mild`] for an electronic invoice, which public authorities require as XML (EN 16931); `None` if it may be sent.
fn forbidden(attachment: &Attachment) -> Option<Shade> {
    let name: String = attachment
        .name
        .expose()
        .trim()
        .chars()
        .filter(|c| !matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'))
        .collect();
    let name = name.rsplit(['/', '\\']).next().unwrap_or("").to_ascii_lowercase();
    let mut parts = name.split('.').rev();
    let (Some(extension), Some(stem)) = (parts.next(), parts.next()) else {
        return Some(Shade::Plain);
    };
    let double = parts.next().is_some() && TELLING.contains(&stem.trim());
    let fits = attachment
        .media_type
        .as_deref()
        .is_none_or(|media| fits(extension, media));
    match extension {
        _ if double || !fits => Some(Shade::Plain),
        "xml" => Some(Shade::Mild),
        _ if ALLOWED.contains(&extension) => None,
        _ => Some(Shade::Plain),
    }
}

/// Does the declared type fit the extension? Unspecific types do.
fn fits(extension: &str, media: &str) -> bool {
    let media = media.split(';').next().unwrap_or("").trim().to_ascii_lowercase();
    if matches!(
        media.as_str(),
        "" | "application/octet-stream"
            | "binary/octet-stream"
            | "application/download"
            | "application/force-download"
            | "application/x-download"
    ) {
        return true;
    }
    match extension {
        "pdf" => media.contains("pdf"),
        "jpg" | "jpeg" | "png" => media.starts_with("image/") && !media.contains("svg"),
        "xml" => {
            media.ends_with("/xml") || media.ends_with("+xml") && !media.contains("html") && !media.contains("svg")
        }
        "txt" => media == "text/plain" || media == "text/csv" || media == "text/x-log",
        _ => {
            media.contains("word")
                || media.contains("officedocument")
                || matches!(
                    media.as_str(),
                    "application/zip"
                        | "application/rtf"
                        | "text/rtf"
                        | "application/doc"
                        | "application/x-zip-compressed"
                )
        }
    }
}
