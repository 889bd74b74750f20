//! `screen-reply`: drafts in, by direct invoke or through the HTTP API, one call of
//! [`within24::domain::screening::screen`] each, reports out. Nothing is stored, sent or logged of them.
//!
//! In: one draft, a list of drafts, or an HTTP API event (payload format 2.0) with either as its body.
//! Out: one report or a list, in the same order; over HTTP with status 200. Errors are Problem Details (RFC 9457): 400 what
//! is no JSON of drafts, 413 too large (the drafts, or what is found in them), 422 too many.

use serde_json::{Value, json};
use within24::domain::screening::{Settings, screen};
use within24::lambda::env::{self, ConfigError};
use within24::lambda::room::{MOST_ANSWERED, Room};
use within24::wire::draft_line::DraftLine;
use within24::wire::problem::ProblemOut;
use within24::wire::screen::ScreenReport;

/// The most drafts of one request.
pub const MOST_DRAFTS: usize = 100;

/// The most bytes of one draft's texts.
pub const MOST_BYTES: usize = 1024 * 1024;

/// Settings.
#[derive(Debug)]
pub struct Config {
    /// How much is logged.
    pub log_level: Option<String>,
}

impl Config {
    /// Reads the settings.
    ///
    /// # Errors
    /// All that is missing, at once.
    pub fn from_lookup(lookup: &dyn Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let settings = env::Settings::new(lookup);
        let config = Self {
            log_level: settings.optional("LOG_LEVEL"),
        };
        settings.finish(config)
    }
}

/// A request that cannot be screened: its HTTP status, and what to do about it.
#[derive(Debug, PartialEq, Eq)]
struct Problem {
    status: u16,
    title: &'static str,
    detail: String,
}

/// Screens what the event holds.
pub fn handler(event: Value) -> Value {
    let Some(body) = http_body(&event) else {
        return match answer(event) {
            Ok(reports) => reports,
            Err(problem) => problem_details(&problem),
        };
    };
    let answered = body.and_then(|body| {
        let drafts = serde_json::from_str(&body).map_err(|error| not_drafts(&error))?;
        answer(drafts)
    });
    match answered {
        Ok(reports) => response(200, "application/json", &reports),
        Err(problem) => response(problem.status, "application/problem+json", &problem_details(&problem)),
    }
}

fn answer(drafts: Value) -> Result<Value, Problem> {
    let several = drafts.is_array();
    let drafts = if several { drafts } else { json!([drafts]) };
    let count = drafts.as_array().map_or(0, Vec::len);
    if count > MOST_DRAFTS {
        let detail = format!("{count} drafts were sent; {MOST_DRAFTS} are allowed in one request");
        return Err(Problem {
            status: 422,
            title: "too many drafts",
            detail,
        });
    }
    let drafts: Vec<DraftLine> = serde_json::from_value(drafts).map_err(|error| not_drafts(&error))?;
    if let Some(place) = drafts.iter().position(|draft| draft.bytes() > MOST_BYTES) {
        let detail = format!("draft {place} is larger than {MOST_BYTES} bytes");
        return Err(Problem {
            status: 413,
            title: "draft too large",
            detail,
        });
    }
    let settings = Settings::default();
    let report = |mut draft: DraftLine| {
        let id = draft.id.take();
        serde_json::to_value(ScreenReport::of(id, &screen(&draft.into(), &settings))).unwrap_or(Value::Null)
    };
    let mut reports: Vec<Value> = drafts.into_iter().map(report).collect();
    if !Room::of(MOST_ANSWERED).takes(&reports) {
        return Err(Problem {
            status: 413,
            title: "too much found",
            detail: "what was found is more than one answer can hold; send fewer or shorter drafts".to_owned(),
        });
    }
    Ok(if several {
        Value::Array(reports)
    } else {
        reports.pop().unwrap_or(Value::Null)
    })
}

/// What is wrong with the JSON, by place alone: serde's own words may quote the draft.
fn not_drafts(error: &serde_json::Error) -> Problem {
    let place = if error.line() > 0 {
        format!(" (line {}, column {})", error.line(), error.column())
    } else {
        String::new()
    };
    let detail = format!(
        "send one JSON object with a string `text`, or a list of them; optional: id, html, subject, kind (reply, proactive, \
         review-request), marketplace, buyer_language, order_id, thread_order_ids, thread_asins, attachments, template{place}"
    );
    Problem {
        status: 400,
        title: "not a draft",
        detail,
    }
}

/// The body of an HTTP API event; `None` where the event is a direct invoke.
fn http_body(event: &Value) -> Option<Result<String, Problem>> {
    event.get("requestContext")?.get("http")?;
    let body = event.get("body").and_then(Value::as_str).unwrap_or_default();
    if event.get("isBase64Encoded").and_then(Value::as_bool) != Some(true) {
        return Some(Ok(body.to_owned()));
    }
    let problem = || Problem {
        status: 400,
        title: "not a draft",
        detail: "the body is no base64 of UTF-8 text".to_owned(),
    };
    let bytes = within24::lambda::http::decode_base64(body);
    Some(
        bytes
            .and_then(|bytes| String::from_utf8(bytes).ok())
            .ok_or_else(problem),
    )
}

fn problem_details(problem: &Problem) -> Value {
    let body = ProblemOut {
        detail: problem.detail.clone(),
        status: problem.status,
        title: problem.title.to_owned(),
        r#type: "about:blank".to_owned(),
        ..ProblemOut::default()
    };
    serde_json::to_value(body).unwrap_or(Value::Null)
}

fn response(status: u16, content_type: &str, body: &Value) -> Value {
    json!({"statusCode": status, "headers": {"content-type": content_type}, "body": body.to_string(), "isBase64Encoded": false})
}

#[cfg(test)]
mod tests {
    use super::*;

    fn http(body: &str, base64: bool) -> Value {
        handler(json!({"requestContext": {"http": {"method": "POST"}}, "body": body, "isBase64Encoded": base64}))
    }

    #[test]
    fn one_draft_gives_one_report_and_a_list_a_list() {
        let draft = json!({"id": 7, "text": "Please write to me at shop@gmail.com"});
        let report = handler(draft.clone());
        assert_eq!(
            (report["id"].as_u64(), report["verdict"].as_str()),
            (Some(7), Some("block"))
        );
        assert_eq!(report["findings"][0]["rule"], "contact-email");
        let reports = handler(json!([draft, {"text": "The parcel is due on Friday."}]));
        assert_eq!(reports[1]["verdict"], "allow");
        assert_eq!(handler(json!([])), json!([]));
    }

    #[test]
    fn the_api_answers_with_reports_or_problem_details() {
        let good = http(r#"{"text":"The parcel is due on Friday."}"#, false);
        assert_eq!(good["statusCode"], 200);
        assert_eq!(http("eyJ0ZXh0IjoiaGkifQ==", true)["statusCode"], 200);
        for body in [
            "",
            "{",
            "{}",
            "[1]",
            r#"{"text":1}"#,
            r#"{"text":"secret words","kind":"letter"}"#,
        ] {
            let bad = http(body, false);
            assert_eq!(bad["statusCode"], 400, "{body}");
            assert_eq!(bad["headers"]["content-type"], "application/problem+json");
            assert!(!bad["body"].as_str().unwrap().contains("secret"));
        }
        assert_eq!(http("%%%", true)["statusCode"], 400);
    }

    #[test]
    fn limits_are_told_with_their_numbers() {
        let many = handler(json!(vec![json!({"text": "x"}); MOST_DRAFTS + 1]));
        assert_eq!(
            (
                many["status"].as_u64(),
                many["detail"].as_str().unwrap().contains("100")
            ),
            (Some(422), true)
        );
        let full = json!({"text": "+44 20 7946 0958 or a@gmail.com or https://lamps.example/ or ".repeat(200)});
        let full = handler(json!(vec![full; MOST_DRAFTS]));
        assert_eq!(full["status"], 413, "the reports are more than Lambda gives back");
        let large = handler(json!({"text": "x".repeat(MOST_BYTES + 1)}));
        assert_eq!(large["status"], 413);
    }
}
