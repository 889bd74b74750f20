//! One thread as a whole, for an A-to-z case: what came and went when, and where the raw mail lies.

use axum::body::Body;
use axum::http::StatusCode;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, HeaderValue};
use axum::response::Response;
use within24::domain::listing::Listed;
use within24::domain::store::StoreId;
use within24::lambda::api::{Call, Problem, json};

use crate::World;
use crate::threads::known_thread;
use crate::wire::export::Export;

pub(crate) const PARAMETERS: &[&str] = &["format"];

#[derive(Clone, Copy)]
enum Format {
    Json,
    Text,
}

fn format(name: &str) -> Option<Format> {
    match name {
        "json" => Some(Format::Json),
        "text" => Some(Format::Text),
        _ => None,
    }
}

pub(crate) async fn thread<W: World>(call: Call<W>, store: StoreId) -> Result<Response, Problem> {
    let format = call.query_as("format", "json or text", format)?.unwrap_or(Format::Json);
    let thread = known_thread(&call, &store).await?;
    let messages = call.world.shown_messages(&thread).await?;
    let outbox = call.world.shown_outbox(&thread).await?;
    let shown = Listed::of(&thread);
    let export = Export::of(&shown, &messages, &outbox, call.now);
    let (mut response, ending) = match format {
        Format::Json => (json(StatusCode::OK, &export)?, "json"),
        Format::Text => (plain(export.text()), "txt"),
    };
    let name = format!("attachment; filename=\"thread-{}.{ending}\"", thread.id.as_str());
    if let Ok(name) = HeaderValue::from_str(&name) {
        response.headers_mut().insert(CONTENT_DISPOSITION, name);
    }
    Ok(response)
}

fn plain(text: String) -> Response {
    let mut response = Response::new(Body::from(text));
    let plain = HeaderValue::from_static("text/plain; charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, plain);
    response
}
