//! One request that is allowed, as its handler sees it.

use std::sync::Arc;

use axum::body::Bytes;
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde_json::error::Category;

use super::Problem;
use crate::domain::deed::By;
use crate::domain::token::{Scopes, Token};
use crate::wire::Object;
use crate::wire::problem::Invalid;

/// A request whose token was checked.
pub struct Call<W> {
    /// Where it is answered from.
    pub world: Arc<W>,
    /// The time of the request.
    pub now: Timestamp,
    /// Fills bytes that nobody can guess.
    pub random: Arc<super::Random>,
    pub(super) token: Token,
    pub(super) path: Vec<(String, String)>,
    pub(super) query: Vec<(String, String)>,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

fn named<'a>(all: &'a [(String, String)], name: &str) -> Option<&'a str> {
    all.iter()
        .find(|(known, _)| known == name)
        .map(|(_, value)| value.as_str())
}

impl<W> Call<W> {
    /// Who calls.
    pub fn by(&self) -> By {
        By {
            token: Some(self.token.id.clone()),
            name: self.token.name.clone(),
        }
    }

    /// What he may do.
    pub fn scopes(&self) -> &Scopes {
        &self.token.scopes
    }

    /// A part of the path, by its name in the operation's path.
    pub fn path(&self, name: &str) -> &str {
        named(&self.path, name).unwrap_or_default()
    }

    /// A parameter of the query.
    pub fn query(&self, name: &str) -> Option<&str> {
        named(&self.query, name)
    }

    /// A parameter of the query, read.
    ///
    /// # Errors
    /// 400 where it cannot be read; `wanted` says what it should be.
    pub fn query_as<T>(
        &self,
        name: &str,
        wanted: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>, Problem> {
        let read = |text| parse(text).ok_or_else(|| Problem::bad_request(format!("the parameter {name} is {wanted}")));
        self.query(name).map(read).transpose()
    }

    /// A header that is given once.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.get_all(name).iter();
        let value = values.next()?.to_str().ok()?;
        values.next().is_none().then_some(value)
    }

    /// The body as it came.
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// The body, read as a JSON object.
    ///
    /// # Errors
    /// As [`Self::json`].
    pub fn object<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        self.json::<Object<T>>().map(|object| object.0)
    }

    /// The body, read as JSON.
    ///
    /// # Errors
    /// 415 where it is said to be something else, 400 where it is none, 422 where it does not fit.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        let kind = self.headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        let essence = kind.and_then(|kind| kind.split(';').next()).unwrap_or_default();
        if !essence.trim().eq_ignore_ascii_case("application/json") {
            return Err(Problem::not_json());
        }
        let mut reader = serde_json::Deserializer::from_slice(&self.body);
        let read = serde_path_to_error::deserialize(&mut reader);
        let value = read.map_err(|error| {
            let pointer = pointer(error.path());
            unfit(error.inner(), pointer)
        })?;
        reader.end().map_err(|error| unfit(&error, String::new()))?;
        Ok(value)
    }
}

fn pointer(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    let part = |segment: &Segment| match segment {
        Segment::Seq { index } => index.to_string(),
        Segment::Map { key } => key.replace('~', "~0").replace('/', "~1"),
        Segment::Enum { variant } => variant.clone(),
        Segment::Unknown => String::new(),
    };
    let parts = path.iter().map(part).filter(|part| !part.is_empty());
    parts.fold(String::new(), |whole, part| whole + "/" + &part)
}

fn unfit(error: &serde_json::Error, pointer: String) -> Problem {
    if error.classify() == Category::Data {
        let detail = without_quotes(&error.to_string());
        return Problem::invalid(&[Invalid { pointer, detail }]);
    }
    let place = format!("line {}, column {}", error.line(), error.column());
    Problem::bad_request(format!("the body is no JSON ({place})"))
}

/// What serde says, without what it quotes of the body: the kind of fault and what was expected.
fn without_quotes(message: &str) -> String {
    if message.starts_with("missing field") || message.starts_with("duplicate field") {
        return message.split(" at line ").next().unwrap_or_default().to_owned();
    }
    let fault = message.split([':', '`', ',']).next().unwrap_or_default().trim();
    let expected = message.rfind("expected ").map(|at| &message[at..]);
    let expected = expected.and_then(|rest| rest.split(" at line ").next());
    match expected {
        Some(expected) => format!("{fault}, {expected}"),
        None => fault.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Body {
        #[expect(dead_code, reason = "it is read, not used")]
        text: String,
        #[expect(dead_code, reason = "it is read, not used")]
        #[serde(default)]
        inner: Vec<Inner>,
    }

    #[derive(Debug, serde::Deserialize)]
    #[serde(rename_all = "kebab-case")]
    enum Inner {
        OneThing,
        Other,
    }

    fn told(body: &str) -> String {
        let mut reader = serde_json::Deserializer::from_str(body);
        let error = serde_path_to_error::deserialize::<_, Body>(&mut reader).unwrap_err();
        format!(
            "{} {}",
            pointer(error.path()),
            without_quotes(&error.inner().to_string())
        )
    }

    #[test]
    fn what_does_not_fit_is_told_by_its_place_and_never_quoted() {
        assert_eq!(told(r#"{"text":7}"#), "/text invalid type, expected a string");
        assert_eq!(told("{}"), " missing field `text`");
        assert_eq!(told(r#"{"text":"a","text":"b"}"#), " duplicate field `text`");
        let unknown = told(r#"{"text":"a","Vera Muster":1}"#);
        assert!(
            unknown.ends_with("unknown field, expected `text` or `inner`"),
            "{unknown}"
        );
        let variant = told(r#"{"text":"a","inner":["one-thing","expected secret: words"]}"#);
        assert_eq!(variant, "/inner/1 unknown variant, expected `one-thing` or `other`");
        let words = told(r#"{"text":"a","inner":"expected at line: Vera Muster"}"#);
        assert!(!words.contains("Vera"), "{words}");
    }
}
