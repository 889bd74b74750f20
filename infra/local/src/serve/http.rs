//! What the server answers: the API, and beside it what SES and the helpdesks do in a deployed stack.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::{Path, Request, State};
use axum::http::header::{AUTHORIZATION, HeaderMap};
use axum::http::{Response, StatusCode};
use axum::routing::post;
use axum::{Extension, Router};
use serde_json::{Value, json};
use within24::app::access;
use within24::domain::token::Role;
use within24::domain::webhook;
use within24::lambda::api::{Edge, Limit, Part, Problem, RequestId, json as in_json, whole};
use within24::lambda::clock;

use super::site::{Dealt, Site};
use crate::gateway;

/// The largest mail. Source: AWS, "Quotas in Amazon SES" (email receiving, S3 action).
const LARGEST_MAIL: usize = 40 * 1024 * 1024;

/// The largest list of drafts: as API Gateway takes it.
const LARGEST_DRAFTS: usize = 10 * 1024 * 1024;

/// Mails that are held in memory at the same time.
const MAILS_AT_ONCE: usize = 4;

/// What the handlers share.
struct Desk {
    site: Arc<Site>,
    /// Keeps the memory of mails bounded.
    room: tokio::sync::Semaphore,
}

/// The whole server on this site.
pub fn router(site: &Arc<Site>, limit: Limit) -> Router {
    let edge = Edge {
        // Numbers for CloudWatch: nobody reads them here.
        measure: Arc::new(|_| {}),
        limit,
        ..Edge::of_process()
    };
    let (table, files) = (Arc::new(site.table().clone()), Arc::new(site.files().clone()));
    let api = serve_api::part(Arc::clone(&table), Arc::clone(&files), site.calls(), edge.clone());
    let erase = erase_buyer::part(table, files, edge.clone());
    whole([api, erase, Part::beside(beside(site))], edge)
}

fn beside(site: &Arc<Site>) -> Router {
    let desk = Desk {
        site: Arc::clone(site),
        room: tokio::sync::Semaphore::new(MAILS_AT_ONCE),
    };
    Router::new()
        .route("/mail", post(take_mail))
        .route("/webhooks/{source}", post(take_call))
        .route("/screen", post(screen))
        .with_state(Arc::new(desk))
}

/// One line for each request, as the API logs its own.
fn logged(route: &str, id: &RequestId, answered: Result<Response<Body>, Problem>) -> Response<Body> {
    let (status, cause) = match &answered {
        Ok(response) => (response.status(), None),
        Err(problem) => (problem.status(), problem.cause()),
    };
    if status.is_server_error() {
        tracing::error!(
            request.id = id.0,
            http.method = "POST",
            http.route = route,
            http.status = status.as_u16(),
            error = cause,
            "a request failed"
        );
    } else {
        tracing::info!(
            request.id = id.0,
            http.method = "POST",
            http.route = route,
            http.status = status.as_u16(),
            "answered a request"
        );
    }
    answered.unwrap_or_else(|problem| problem.answer(id))
}

/// Does it to its end, also where the caller hangs up.
async fn unhurried<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> Result<T, Problem> {
    tokio::spawn(work).await.map_err(|_| Problem::broken("panicked"))
}

async fn read(body: Body, most: usize) -> Result<Vec<u8>, Problem> {
    let body = to_bytes(body, most).await.map_err(|_| Problem::too_large(most))?;
    Ok(body.into())
}

async fn take_mail(
    State(desk): State<Arc<Desk>>,
    Extension(id): Extension<RequestId>,
    request: Request,
) -> Response<Body> {
    logged("/mail", &id, mail(&desk, request).await)
}

/// A raw mail (RFC 5322), as SES would receive it.
async fn mail(desk: &Desk, request: Request) -> Result<Response<Body>, Problem> {
    let (parts, body) = request.into_parts();
    allowed(&desk.site, &parts.headers).await?;
    let mut recipients = Vec::new();
    for (name, value) in form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes()) {
        if name != "recipient" || value.trim().is_empty() {
            return Err(Problem::bad_request(
                "the one parameter known here is recipient, an address",
            ));
        }
        recipients.push(value.trim().to_owned());
    }
    let _room = desk
        .room
        .acquire()
        .await
        .map_err(|_| Problem::broken("no room for mail"))?;
    let raw = read(body, LARGEST_MAIL).await?;
    if raw.is_empty() {
        return Err(Problem::bad_request(
            "send the raw mail as the body, from its first header line on",
        ));
    }
    let site = Arc::clone(&desk.site);
    let taken = unhurried(async move { site.take_mail(raw, recipients).await }).await?;
    let taken = taken.map_err(|error| Problem::broken(format!("{error:#}")))?;
    let state = match taken.dealt {
        Dealt::Done => "taken-in",
        Dealt::Kept => "kept",
    };
    in_json(StatusCode::ACCEPTED, &json!({"mail": taken.place, "state": state}))
}

/// Who brings mail could bring it to any store.
async fn allowed(site: &Site, headers: &HeaderMap) -> Result<(), Problem> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let bearer = values.next().filter(|_| values.next().is_none());
    let bearer = bearer.and_then(|value| value.to_str().ok()?.split_once(' '));
    let token = match bearer {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => {
            access::opened(site.table(), token.trim(), clock::now()).await?
        }
        _ => None,
    };
    match token.ok_or_else(Problem::unauthorized)?.scopes.all_over() {
        Some(Role::Admin) => Ok(()),
        _ => Err(Problem::forbidden("this needs a token of role admin of all stores")),
    }
}

async fn take_call(
    State(desk): State<Arc<Desk>>,
    Extension(id): Extension<RequestId>,
    Path(source): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Response<Body> {
    // One byte more than is taken: what is too large is answered by the function itself.
    let answered = match to_bytes(body, webhook::MOST_BYTES_WITH_FILES + 1).await {
        Ok(body) => {
            let path = format!("/webhooks/{source}");
            let event = gateway::posted(&path, &[("source", &source)], &headers, &body);
            let site = Arc::clone(&desk.site);
            let answered = unhurried(async move { site.take_call(&event).await }).await;
            answered.map(|answered| gateway::answer(&answered))
        }
        Err(_) => Err(Problem::too_large(webhook::MOST_BYTES_WITH_FILES)),
    };
    logged("/webhooks/{source}", &id, answered)
}

/// As deployed: drafts in, reports out, nothing kept.
async fn screen(Extension(id): Extension<RequestId>, headers: HeaderMap, body: Body) -> Response<Body> {
    let answered = read(body, LARGEST_DRAFTS).await.map(|body| {
        let event: Value = gateway::posted("/screen", &[], &headers, &body);
        gateway::answer(&screen_reply::handler(event))
    });
    logged("/screen", &id, answered)
}
