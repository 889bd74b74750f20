//! Requests as API Gateway gives them to a function, and what a function answers. Source: AWS, "Lambda proxy integrations for
//! HTTP APIs", payload format 2.0.

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use axum::http::{Response, StatusCode};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

/// The event of a POST. Names of headers are in lower case; the body is text, or base64 where it says so.
pub fn post(
    path: &str,
    parameters: &[(&str, &str)],
    headers: &Map<String, Value>,
    (body, is_base64): (&str, bool),
) -> Value {
    let parameters = parameters.iter();
    let parameters = parameters.map(|(name, value)| ((*name).to_owned(), Value::from(*value)));
    json!({
        "version": "2.0",
        "rawPath": path,
        "pathParameters": parameters.collect::<Map<_, _>>(),
        "headers": headers,
        "requestContext": {"http": {"method": "POST", "path": path}},
        "body": body,
        "isBase64Encoded": is_base64,
    })
}

/// The event of a POST as it came over HTTP, byte for byte: what is no text is base64, several headers of one name are one.
pub fn posted(path: &str, parameters: &[(&str, &str)], headers: &HeaderMap, body: &[u8]) -> Value {
    let mut named = Map::new();
    for name in headers.keys() {
        let values: Vec<_> = headers
            .get_all(name)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .collect();
        named.insert(name.as_str().to_owned(), values.join(",").into());
    }
    match std::str::from_utf8(body) {
        Ok(text) => post(path, parameters, &named, (text, false)),
        Err(_) => post(path, parameters, &named, (&STANDARD.encode(body), true)),
    }
}

/// What a function answered, as HTTP.
pub fn answer(answered: &Value) -> Response<Body> {
    let body = answered["body"].as_str().unwrap_or_default().to_owned();
    let mut response = Response::new(Body::from(body));
    let status = answered["statusCode"]
        .as_u64()
        .and_then(|status| u16::try_from(status).ok());
    let status = status.and_then(|status| StatusCode::from_u16(status).ok());
    *response.status_mut() = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let kind = answered["headers"]["content-type"].as_str();
    if let Some(kind) = kind.and_then(|kind| HeaderValue::from_str(kind).ok()) {
        response.headers_mut().insert(CONTENT_TYPE, kind);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_comes_to_the_function_byte_for_byte() {
        let mut headers = HeaderMap::new();
        headers.append("X-Sig", HeaderValue::from_static("a"));
        headers.append("x-sig", HeaderValue::from_static("b"));
        let text = posted("/webhooks/front", &[("source", "front")], &headers, "Zoë".as_bytes());
        assert_eq!(
            (&text["headers"]["x-sig"], &text["body"]),
            (&json!("a,b"), &json!("Zoë"))
        );
        assert_eq!(
            (&text["pathParameters"]["source"], &text["isBase64Encoded"]),
            (&json!("front"), &json!(false))
        );
        let bytes = posted("/webhooks/front", &[], &headers, &[0xff, 0x00]);
        assert_eq!(
            (&bytes["body"], &bytes["isBase64Encoded"]),
            (&json!("/wA="), &json!(true))
        );
    }

    #[test]
    fn an_answer_of_a_function_is_one_over_http() {
        let told = json!({"statusCode": 413, "headers": {"content-type": "application/json"}, "body": "{}"});
        let response = answer(&told);
        assert_eq!(
            (response.status().as_u16(), &response.headers()[CONTENT_TYPE]),
            (413, &HeaderValue::from_static("application/json"))
        );
        assert_eq!(answer(&json!({})).status(), 500);
    }
}
