//! Files of drafts: templates as text or HTML, drafts as JSON, and what helpdesks export of their macros.
//!
//! Formats, as the helpdesks' API references show them: Zendesk `GET /api/v2/macros` (`macros[].actions[]` with `comment_value`
//! and `comment_value_html`), Gorgias `GET /api/macros` (`data[].actions[].arguments` with `body_text`, `body_html`), Freshdesk
//! `GET /api/v2/canned_response_folders/{id}/responses` (`content`, `content_html`), and alike Front, Help Scout, Intercom
//! (`body`, `text`).

use std::borrow::Cow;

use encoding_rs::{Encoding, WINDOWS_1252};
use serde_json::{Map, Value};
use within24::wire::draft_line::DraftLine;

/// Why a file, or a line of one, holds no draft.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unreadable {
    /// Not text in any encoding.
    #[error("it is no text")]
    Binary,
    /// Broken JSON, or a draft without its text.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    /// JSON with neither.
    #[error("it holds no drafts, and no macros of Zendesk, Gorgias, Freshdesk, Front, Help Scout or Intercom")]
    NoDrafts,
}

/// The text of a file: UTF-8, UTF-16 with a byte order mark, else Windows-1252, which takes every byte.
pub(crate) fn decode(bytes: &[u8]) -> Result<String, Unreadable> {
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        return Ok(encoding.decode_without_bom_handling(&bytes[mark..]).0.into_owned());
    }
    if bytes.contains(&0) {
        return Err(Unreadable::Binary);
    }
    Ok(match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned(),
    })
}

/// One draft of a line of JSON.
pub(crate) fn line(json: &str) -> Result<DraftLine, Unreadable> {
    Ok(serde_json::from_str(&mended(json))?)
}

/// Everything a JSON document holds: one draft, a list of them, or an export of macros. `None` where it is no one document,
/// but lines of JSON perhaps.
pub(crate) fn document(name: &str, json: &str) -> Option<Result<Vec<DraftLine>, Unreadable>> {
    let whole: Value = serde_json::from_str(&mended(json)).ok()?;
    let mut drafts = Vec::new();
    if let Err(error) = gather(name, &whole, &mut drafts) {
        return Some(Err(error.into()));
    }
    Some(if drafts.is_empty() {
        Err(Unreadable::NoDrafts)
    } else {
        Ok(drafts)
    })
}

/// Half of a surrogate pair, which a text cut inside an emoji leaves in JSON, as the sign for what cannot be read.
fn mended(json: &str) -> Cow<'_, str> {
    let unit = |at: usize| {
        let hex = json.get(at..at + 6)?.strip_prefix("\\u")?;
        u16::from_str_radix(hex, 16).ok()
    };
    let mut out = String::new();
    let (mut kept, mut at) = (0, 0);
    while let Some(next) = json[at..].find('\\').map(|offset| at + offset) {
        let high = unit(next).is_some_and(|unit| (0xd800..0xdc00).contains(&unit));
        let low = |at| unit(at).is_some_and(|unit| (0xdc00..0xe000).contains(&unit));
        if high && low(next + 6) {
            at = next + 12;
        } else if high || low(next) {
            out.push_str(&json[kept..next]);
            out.push_str("\\ufffd");
            at = next + 6;
            kept = at;
        } else {
            // The escaped character may be a backslash.
            at = json.ceil_char_boundary((next + 2).min(json.len()));
        }
    }
    if kept == 0 {
        return Cow::Borrowed(json);
    }
    out.push_str(&json[kept..]);
    Cow::Owned(out)
}

fn gather(name: &str, value: &Value, drafts: &mut Vec<DraftLine>) -> Result<(), serde_json::Error> {
    match value {
        Value::Array(values) => values.iter().try_for_each(|value| gather(name, value, drafts)),
        Value::Object(fields) => {
            if let Some(found) = macro_of(name, fields) {
                drafts.extend(found);
                return Ok(());
            }
            if fields.get("text").is_some_and(Value::is_string) {
                drafts.push(serde_json::from_value(value.clone())?);
                return Ok(());
            }
            fields
                .values()
                .filter(|value| value.is_array() || value.is_object())
                .try_for_each(|value| gather(name, value, drafts))
        }
        _ => Ok(()),
    }
}

/// A helpdesk's macro; `None` if the object is none.
fn macro_of(name: &str, fields: &Map<String, Value>) -> Option<Vec<DraftLine>> {
    let text = |fields: &Map<String, Value>, names: &[&str]| {
        let mut found = names.iter().filter_map(|name| fields.get(*name)?.as_str());
        found.find(|text| !text.trim().is_empty()).map(str::to_owned)
    };
    let title = ["title", "name", "id"].iter().find_map(|key| match fields.get(*key)? {
        Value::String(title) => Some(title.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    });
    let id = title
        .as_ref()
        .map_or_else(|| name.to_owned(), |title| format!("{name}#{title}"));
    let template = |text: Option<String>, html: Option<String>, subject: Option<String>| {
        (text.is_some() || html.is_some()).then(|| DraftLine::template(&id, text.unwrap_or_default(), html, subject))
    };
    if let Some(actions) = fields.get("actions").and_then(Value::as_array) {
        let (mut words, mut html, mut subject) = (None, None, None);
        for action in actions.iter().filter_map(Value::as_object) {
            match action.get("field").and_then(Value::as_str) {
                Some("comment_value") => words = words.or_else(|| said(action.get("value")?)),
                Some("comment_value_html") => html = html.or_else(|| said(action.get("value")?)),
                Some("subject") => subject = subject.or_else(|| said(action.get("value")?)),
                _ => {}
            }
            if let Some(arguments) = action.get("arguments").and_then(Value::as_object) {
                words = words.or_else(|| text(arguments, &["body_text"]));
                html = html.or_else(|| text(arguments, &["body_html"]));
                subject = subject.or_else(|| text(arguments, &["subject"]));
            }
        }
        // A macro that only sets fields says nothing to a buyer.
        return Some(template(words, html, subject).into_iter().collect());
    }
    let subject = text(fields, &["subject"]);
    let found = if fields.contains_key("content") || fields.contains_key("content_html") {
        template(text(fields, &["content"]), text(fields, &["content_html"]), subject)
    } else if fields.get("body").is_some_and(Value::is_string) || fields.contains_key("body_text") {
        let body = text(fields, &["body", "body_html"]);
        template(text(fields, &["body_text"]), body, subject)
    } else if title.is_some() && fields.contains_key("name") && fields.get("text").is_some_and(Value::is_string) {
        template(None, text(fields, &["text"]), subject)
    } else {
        None
    };
    found.map(|draft| vec![draft])
}

/// The words of a Zendesk action: a string, or a list of a channel and a string.
fn said(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Array(values) => {
            let mut texts = values.iter().filter_map(Value::as_str);
            texts.rfind(|text| !text.starts_with("channel:")).map(str::to_owned)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use within24::domain::screening::{Draft, Settings, Verdict, screen};

    fn verdicts(json: &str) -> Vec<Verdict> {
        let drafts = document("macros.json", json).unwrap().unwrap();
        let judge = |draft: DraftLine| screen(&Draft::from(draft), &Settings::default()).verdict;
        drafts.into_iter().map(judge).collect()
    }

    #[test]
    fn text_is_read_in_any_encoding() {
        let text = "Grüße – 100 €";
        let utf16 = |big: bool| {
            let units = "\u{feff}Grüße – 100 €".encode_utf16();
            units
                .flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() })
                .collect::<Vec<u8>>()
        };
        assert_eq!(decode(text.as_bytes()).unwrap(), text);
        assert_eq!(decode("\u{feff}Grüße – 100 €".as_bytes()).unwrap(), text);
        assert_eq!(decode(&utf16(false)).unwrap(), text);
        assert_eq!(decode(&utf16(true)).unwrap(), text);
        assert_eq!(decode(b"Gr\xfc\xdfe \x96 100 \x80").unwrap(), text);
        assert!(matches!(decode(b"\x89PNG\x00\x01"), Err(Unreadable::Binary)));
    }

    #[test]
    fn half_a_surrogate_pair_loses_no_draft() {
        for json in [
            r#"{"text":"ok \ud83d"}"#,
            r#"{"text":"\ude00 ok"}"#,
            r#"{"text":"\\ \ud83d\ud83d\ude00"}"#,
        ] {
            assert!(line(json).is_ok(), "{json}");
        }
        assert_eq!(
            mended(r#"{"text":"\ud83d\ude00 \\ud83d"}"#),
            r#"{"text":"\ud83d\ude00 \\ud83d"}"#
        );
        assert!(line(r#"{"text":"\u12"}"#).is_err());
    }

    #[test]
    fn exports_of_helpdesks_are_read_macro_by_macro() {
        let zendesk = r#"{"macros":[{"id":1,"title":"Late","actions":[{"field":"status","value":"solved"},
            {"field":"comment_value","value":["channel:all","Hi {{ticket.requester.name}}, see lamp-help.com"]}]},
            {"id":2,"title":"Close","actions":[{"field":"status","value":"closed"}]},
            {"id":3,"title":"Html","actions":[{"field":"comment_value_html","value":"<p>Hi {{ticket.id}}</p>"}]}],"count":3}"#;
        assert_eq!(verdicts(zendesk), [Verdict::Block, Verdict::Allow]);
        let gorgias = r#"{"data":[{"id":7,"name":"Ask","actions":[{"name":"setResponseText","type":"user",
            "arguments":{"body_text":"Hi {{ticket.customer.firstname}}","body_html":"<div>Hi <b>😀</b></div>"}}]}]}"#;
        assert_eq!(verdicts(gorgias), [Verdict::Warn]);
        let freshdesk = r#"[{"id":3,"title":"Bye","content":"Hi {{ticket.requester.name}}","content_html":"<div>Hi {{ticket.requester.name}}</div>"},
            {"id":4,"title":"Ad","content":"Here is a coupon for you."}]"#;
        assert_eq!(verdicts(freshdesk), [Verdict::Allow, Verdict::Block]);
        let help_scout =
            r#"{"_embedded":{"replies":[{"id":5,"name":"Hi","text":"<p>Hi {%customer.firstName%}</p>"}]}}"#;
        assert_eq!(verdicts(help_scout), [Verdict::Allow]);
    }

    #[test]
    fn drafts_are_read_one_by_one_and_what_holds_none_says_so() {
        assert_eq!(
            verdicts(r#"[{"text":"ok"},{"id":1,"text":"lamp-help.com"}]"#),
            [Verdict::Allow, Verdict::Block]
        );
        assert!(matches!(
            document("a", r#"{"users":[{"id":1}]}"#),
            Some(Err(Unreadable::NoDrafts))
        ));
        assert!(
            document("a", "{\"text\":\"a\"}\n{\"text\":\"b\"}").is_none(),
            "lines are read as lines"
        );
        assert!(matches!(
            document("a", r#"[{"text":"a","kind":"letter"}]"#),
            Some(Err(Unreadable::Json(_)))
        ));
    }
}
