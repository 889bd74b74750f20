//! Scenarios: a timeline, and what must come out of it (`expect.json`).
//!
//! An assertion is one of
//! - `{"in": LIST, "where": MATCH, "count"|"min"|"max": N}`: how many items of the list match;
//! - `{"in": LIST, "where": MATCH, "has": MATCH}`: exactly one item matches, and it has all of this;
//! - `{"in": LIST, "where": MATCH, "each": MATCH}`: every item that matches has all of this;
//! - `{"alerts": SELECT|"all", "are": [...]}`: exactly these alerts, within five minutes;
//! - `{"absent": TEXT, "from": [FIELD...]}`: the text stands nowhere in these.
//!
//! A matcher maps a field to a value, or to operators: `contains lacks matches not_matches not one_of present set size near
//! at_least at_most email message_id`.

use jiff::Timestamp;
use regex::Regex;
use serde_json::{Map, Value};

/// The assertions that do not hold, each in a line.
pub fn failures(output: &Value, expect: &Value, without: &[&str]) -> Vec<String> {
    let assertions = expect["assert"].as_array().expect("expect.json has a list `assert`");
    let concerned = |assertion: &&Value| {
        let list = assertion["in"]
            .as_str()
            .unwrap_or(if assertion.get("alerts").is_some() {
                "alerts"
            } else {
                ""
            });
        !without.contains(&list)
    };
    assertions
        .iter()
        .filter(concerned)
        .filter_map(|assertion| failure(output, assertion))
        .collect()
}

fn failure(output: &Value, assertion: &Value) -> Option<String> {
    if let Some(text) = assertion["absent"].as_str() {
        let fields = assertion["from"]
            .as_array()
            .expect("`from`")
            .iter()
            .filter_map(Value::as_str);
        let found = fields
            .map(|field| output[field].to_string().to_lowercase())
            .any(|body| body.contains(&text.to_lowercase()));
        return found.then(|| format!("{assertion}: it stands there"));
    }
    if assertion.get("alerts").is_some() {
        return alerts(output, assertion);
    }
    let items = match listed(output, assertion) {
        Ok(items) => items,
        Err(why) => return Some(format!("{assertion}: {why}")),
    };
    let empty = Map::new();
    let wanted = assertion["where"].as_object().unwrap_or(&empty);
    let found: Vec<&Value> = items.into_iter().filter(|item| fits(wanted, item)).collect();
    if let Some(has) = assertion["has"].as_object() {
        let [one] = found[..] else {
            return Some(format!("{assertion}: {} such items", found.len()));
        };
        return (!fits(has, one)).then(|| format!("{assertion}: got {one}"));
    }
    if let Some(each) = assertion["each"].as_object() {
        return found
            .iter()
            .find(|item| !fits(each, item))
            .map(|item| format!("{assertion}: got {item}"));
    }
    let count = found.len() as u64;
    let holds = |name: &str, holds: fn(u64, u64) -> bool| assertion[name].as_u64().is_none_or(|n| holds(count, n));
    let right = holds("count", |a, b| a == b) && holds("min", |a, b| a >= b) && holds("max", |a, b| a <= b);
    (!right).then(|| format!("{assertion}: got {count}"))
}

fn alerts(output: &Value, assertion: &Value) -> Option<String> {
    let none = Vec::new();
    let all = output["alerts"].as_array().unwrap_or(&none);
    let of = &assertion["alerts"];
    let id = if of == "all" {
        None
    } else {
        Some(select(output, of).ok()?["id"].clone())
    };
    let mut got: Vec<&Value> = all
        .iter()
        .filter(|alert| id.as_ref().is_none_or(|id| alert["thread"] == *id))
        .collect();
    got.sort_by_key(|alert| instant(&alert["at"]));
    let wanted = assertion["are"].as_array().expect("`are`");
    let same = got.len() == wanted.len()
        && wanted.iter().zip(&got).all(|(want, got)| {
            let near = instant(&want["at"])
                .zip(instant(&got["at"]))
                .is_some_and(|(a, b)| a.duration_since(b).abs().as_secs() <= 300);
            want["level"] == got["level"] && near && want.get("due_at").is_none_or(|due| equal(due, &got["due_at"]))
        });
    (!same).then(|| format!("{assertion}: got {got:?}"))
}

fn listed<'a>(output: &'a Value, assertion: &Value) -> Result<Vec<&'a Value>, String> {
    let name = assertion["in"].as_str().expect("`in`");
    if name == "messages" {
        let threads = match assertion.get("of") {
            Some(of) => vec![select(output, of)?],
            None => output["threads"].as_array().expect("threads").iter().collect(),
        };
        return Ok(threads
            .into_iter()
            .flat_map(|thread| thread["messages"].as_array().expect("messages"))
            .collect());
    }
    let items = output[name].as_array().ok_or_else(|| format!("{name} is no list"))?;
    // Alerts name their thread by its id.
    let thread = assertion.get("of").map(|of| select(output, of)).transpose()?;
    let of_it = |item: &&Value| thread.is_none_or(|thread| item["thread"] == thread["id"]);
    Ok(items.iter().filter(of_it).collect())
}

fn select<'a>(output: &'a Value, by: &Value) -> Result<&'a Value, String> {
    let by = by.as_object().expect("a selector");
    let one = |thread: &&Value| {
        by.iter().all(|(key, want)| match key.as_str() {
            "order_id" => thread["order_ids"]
                .as_array()
                .is_some_and(|orders| orders.contains(want)),
            "buyer" | "alias" | "case_id" => thread[key]
                .as_str()
                .unwrap_or("")
                .eq_ignore_ascii_case(want.as_str().unwrap_or("")),
            "thread" => thread["id"] == *want,
            _ => holds(want, &thread[key]),
        })
    };
    let found: Vec<&Value> = output["threads"]
        .as_array()
        .expect("threads")
        .iter()
        .filter(one)
        .collect();
    if let [thread] = found[..] {
        Ok(thread)
    } else {
        Err(format!("{} threads fit", found.len()))
    }
}

fn instant(value: &Value) -> Option<Timestamp> {
    value.as_str()?.parse().ok()
}

fn equal(want: &Value, got: &Value) -> bool {
    if let (Some(a), Some(b)) = (want.as_f64(), got.as_f64()) {
        return (a - b).abs() <= 0.05;
    }
    if let (Some(a), Some(b)) = (instant(want), instant(got)) {
        return a.duration_since(b).abs().as_secs() <= 1;
    }
    if let (Some(a), Some(b)) = (want.as_array(), got.as_array()) {
        return a.len() == b.len() && a.iter().zip(b).all(|(a, b)| equal(a, b));
    }
    want == got
}

fn texts(value: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    match value {
        Value::Array(items) => items.iter().map(text).collect(),
        Value::String(text) => vec![text.clone()],
        _ => Vec::new(),
    }
}

fn operator(name: &str, want: &Value, got: &Value, matcher: &Map<String, Value>) -> bool {
    let word = || want.as_str().unwrap_or("");
    let pattern = || Regex::new(word()).expect("a pattern");
    match name {
        "within_s" => true,
        "present" => got.is_null() != want.as_bool().expect("true or false"),
        "contains" => texts(got).iter().any(|text| text.contains(word())),
        "lacks" => !texts(got).iter().any(|text| text.contains(word())),
        "matches" => texts(got).iter().any(|text| pattern().is_match(text)),
        "not_matches" => !texts(got).iter().any(|text| pattern().is_match(text)),
        "not" => !equal(want, got),
        "one_of" => want.as_array().is_some_and(|any| any.iter().any(|one| equal(one, got))),
        "set" => match (want.as_array(), got.as_array()) {
            (Some(want), Some(got)) => {
                want.len() == got.len() && want.iter().all(|one| got.iter().any(|item| equal(one, item)))
            }
            _ => false,
        },
        "size" => {
            let size = got
                .as_array()
                .map(Vec::len)
                .or_else(|| got.as_str().map(|text| text.chars().count()));
            size.map(|size| size as u64) == want.as_u64()
        }
        "near" => {
            let within = matcher.get("within_s").and_then(Value::as_i64).unwrap_or(300);
            instant(want)
                .zip(instant(got))
                .is_some_and(|(a, b)| a.duration_since(b).abs().as_secs() <= within)
        }
        "at_least" => got.as_f64() >= want.as_f64() && got.is_number(),
        "at_most" => got.as_f64() <= want.as_f64() && got.is_number(),
        "email" => got.as_str().is_some_and(|got| got.eq_ignore_ascii_case(word())),
        "message_id" => texts(got)
            .iter()
            .any(|text| text.trim_matches(['<', '>']) == word().trim_matches(['<', '>'])),
        other => panic!("unknown operator {other}"),
    }
}

fn holds(matcher: &Value, got: &Value) -> bool {
    match matcher.as_object() {
        Some(operators) => operators
            .iter()
            .all(|(name, want)| operator(name, want, got, operators)),
        None => equal(matcher, got),
    }
}

fn fits(matcher: &Map<String, Value>, item: &Value) -> bool {
    matcher.iter().all(|(field, matcher)| holds(matcher, &item[field]))
}
