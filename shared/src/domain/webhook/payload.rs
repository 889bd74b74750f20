//! Values that tools write in many ways: a time as text or number, a person as object, address or id, tags as list or text;
//! and the files of an answer.

use jiff::Timestamp;
use serde_json::Value;

use crate::domain::attachment::{Attachment, Unusable};
use crate::domain::personal::Personal;

/// A text, or a number as text; trimmed, empty is missing.
pub(super) fn text(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    (!text.is_empty()).then_some(text)
}

/// The first of these fields that holds a text.
pub(super) fn first(object: &Value, names: &[&str]) -> Option<String> {
    names.iter().find_map(|name| text(&object[name]))
}

/// True or false, also as text: templates can only write texts.
pub(super) fn flag(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(flag) => Some(*flag),
        Value::String(text) => match text.trim().to_ascii_lowercase().as_str() {
            "true" | "yes" | "1" => Some(true),
            "false" | "no" | "0" | "" => Some(false),
            _ => None,
        },
        Value::Number(number) => number.as_i64().map(|number| number != 0),
        _ => None,
    }
}

/// A time: RFC 3339, the same with a space and `UTC`, or seconds or milliseconds since 1970.
pub(super) fn time(value: &Value) -> Option<Timestamp> {
    match value {
        Value::String(text) => {
            let text = text.trim();
            let plain = text.strip_suffix("UTC").map_or(text, str::trim_end);
            let with_zone = || format!("{plain}Z").parse().ok();
            let number = || plain.parse::<f64>().ok().and_then(since_1970);
            plain.parse().ok().or_else(number).or_else(with_zone)
        }
        Value::Number(number) => since_1970(number.as_f64()?),
        _ => None,
    }
}

/// Numbers this large are milliseconds: as seconds they would lie beyond the year 5000.
const MILLISECONDS_FROM: f64 = 1e11;

fn since_1970(number: f64) -> Option<Timestamp> {
    if !(0.0..1e14).contains(&number) {
        return None;
    }
    let milliseconds = if number < MILLISECONDS_FROM {
        number * 1000.0
    } else {
        number
    };
    #[expect(clippy::cast_possible_truncation, reason = "below 1e14: an i64 holds it")]
    let milliseconds = milliseconds.round() as i64;
    Timestamp::from_millisecond(milliseconds).ok()
}

/// The first of these fields that holds a time.
pub(super) fn first_time(object: &Value, names: &[&str]) -> Option<Timestamp> {
    names.iter().find_map(|name| time(&object[name]))
}

/// A person: the address, else the name, else the id.
pub(super) fn person(value: &Value) -> Option<Personal> {
    if !value.is_object() {
        return text(value).map(Personal::new);
    }
    let both = |first: &str, last: &str| {
        let names: Vec<String> = [first, last].iter().filter_map(|name| text(&value[name])).collect();
        (!names.is_empty()).then(|| names.join(" "))
    };
    first(value, &["email", "email_address", "emailAddress", "name", "username"])
        .or_else(|| both("first_name", "last_name"))
        .or_else(|| both("firstName", "lastName"))
        .or_else(|| both("first", "last"))
        .or_else(|| first(value, &["id"]))
        .map(Personal::new)
}

/// Tags: a list of texts or of objects with a name, or one text parted by commas or else by white space.
pub(super) fn tags(value: &Value) -> Option<Vec<String>> {
    let name = |item: &Value| text(item).or_else(|| first(item, &["name", "tag", "title", "value"]));
    match value {
        Value::Array(items) => Some(items.iter().filter_map(name).collect()),
        Value::String(text) => {
            let parts: Vec<&str> = if text.contains(',') {
                text.split(',').collect()
            } else {
                text.split_whitespace().collect()
            };
            let parts = parts.into_iter().map(str::trim).filter(|tag| !tag.is_empty());
            Some(parts.map(str::to_owned).collect())
        }
        Value::Object(object) => {
            let inner = ["tags", "data", "items"].iter().find_map(|name| object.get(*name));
            inner.filter(|inner| inner.is_array()).and_then(tags)
        }
        _ => None,
    }
}

/// Files with their content in base64: `[{"name", "media_type", "content"}]`. None where there is no list; one that cannot
/// be read spoils all, since an answer goes out with all its files or not at all.
pub(super) fn attachments(value: &Value) -> Result<Vec<Attachment>, Unusable> {
    let file = |file: &Value| {
        let (Some(name), Some(content)) = (file["name"].as_str(), file["content"].as_str()) else {
            return Err(Unusable::List);
        };
        Attachment::decode(name, file["media_type"].as_str(), content)
    };
    match value {
        Value::Null => Ok(Vec::new()),
        Value::Array(files) => files.iter().map(file).collect(),
        _ => Err(Unusable::List),
    }
}

/// What came and what went between two lists of tags.
pub(super) fn difference(before: &[String], now: &[String]) -> super::Fact {
    let without = |tags: &[String], others: &[String]| -> Vec<String> {
        tags.iter().filter(|tag| !others.contains(tag)).cloned().collect()
    };
    super::Fact::Tagged {
        add: without(now, before),
        remove: without(before, now),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn times_are_read_however_they_are_written() {
        let wanted: Timestamp = "2026-01-02T03:04:05Z".parse().unwrap();
        let written = [
            json!("2026-01-02T03:04:05Z"),
            json!("2026-01-02T03:04:05.000+00:00"),
            json!("2026-01-02 03:04:05 UTC"),
            json!("2026-01-02T03:04:05"),
            json!(1_767_323_045),
            json!(1_767_323_045.0),
            json!("1767323045"),
            json!(1_767_323_045_000_i64),
        ];
        for value in written {
            assert_eq!(time(&value), Some(wanted), "{value}");
        }
        for value in [json!(null), json!("soon"), json!(-1), json!(1e300), json!("")] {
            assert_eq!(time(&value), None, "{value}");
        }
    }

    #[test]
    fn a_person_is_his_address_else_his_name_else_his_id() {
        let shown = |value: Value| person(&value).map(Personal::into_exposed);
        assert_eq!(
            shown(json!({"id": 7, "name": "Mara", "email": "m@x.example"})).as_deref(),
            Some("m@x.example")
        );
        assert_eq!(
            shown(json!({"id": 7, "first_name": "Mara", "last_name": "Lind"})).as_deref(),
            Some("Mara Lind")
        );
        assert_eq!(shown(json!({"id": 7})).as_deref(), Some("7"));
        assert_eq!(shown(json!(7001)).as_deref(), Some("7001"));
        assert_eq!(shown(json!(null)), None);
        assert_eq!(shown(json!({})), None);
    }

    #[test]
    fn tags_are_lists_or_texts() {
        let wanted = Some(vec!["a".to_owned(), "b c".to_owned()]);
        assert_eq!(tags(&json!(["a", "b c"])), wanted);
        assert_eq!(tags(&json!([{"name": "a"}, {"tag": "b c"}])), wanted);
        assert_eq!(tags(&json!("a, b c")), wanted);
        assert_eq!(tags(&json!("a b")), Some(vec!["a".to_owned(), "b".to_owned()]));
        assert_eq!(tags(&json!("")), Some(Vec::new()));
        assert_eq!(tags(&json!(null)), None);
    }
}
