//! Answers to buyers: handed in, and followed.

use std::sync::Arc;

use axum::http::StatusCode;
use axum::http::header::{HeaderValue, LOCATION};
use axum::response::Response;
use within24::app::answer::{Answer, HandInError, hand_in};
use within24::domain::outgoing::{Content, Outgoing};
use within24::domain::store::StoreId;
use within24::domain::token::Role;
use within24::lambda::api::{Call, Invalid, Problem, json};
use within24::lambda::room::{MOST_ANSWERED, Room};
use within24::ports::KeepAttachment;

use crate::World;
use crate::threads::{known_store, known_thread, no_such_thread, thread_id};
use crate::wire::answer::{AnswerIn, AnswerOut, Answers};
use crate::wire::screen::findings;

/// The name that a caller gives one answer (draft-ietf-httpapi-idempotency-key-header).
const KEY: &str = "idempotency-key";

/// 1 to 128 visible characters of ASCII.
fn idempotency_key<W>(call: &Call<W>) -> Result<String, Problem> {
    let key = call.header(KEY);
    let key = key.filter(|key| (1..=128).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_graphic()));
    let key = key.ok_or_else(|| {
        Problem::bad_request(
            "name this one answer in the header Idempotency-Key, with 1 to 128 visible characters, and send the same name again \
             if you repeat it: it is then sent once",
        )
    })?;
    // Each token's keys are its own.
    let by = call.by();
    let token = by.token.as_ref().map_or("", |token| token.as_str());
    Ok(format!("api/{token}/{key}"))
}

pub(crate) async fn hand_in_one<W, B>(call: Call<W>, files: Arc<B>, store: StoreId) -> Result<Response, Problem>
where
    W: World,
    B: KeepAttachment,
{
    let (key, thread, by) = (idempotency_key(&call)?, thread_id(&call)?, call.by());
    let wanted: AnswerIn = call.object()?;
    if wanted.r#override && call.scopes().in_store(&store) < Some(Role::Lead) {
        return Err(Problem::forbidden("only a lead or an admin overrides the screen"));
    }
    let answer = Answer {
        attachments: wanted.files().map_err(|wrong| Problem::invalid(&wrong))?,
        text: wanted.text.into(),
        by: by.name.clone(),
        r#override: wanted.r#override,
        idempotency_key: Some(key),
    };
    let settings = known_store(&call, &store).await?;
    let taken = hand_in(&*call.world, &*files, &settings, &thread, &answer, &by, call.now).await;
    let item = taken.map_err(problem)?.item;
    let mut response = json(StatusCode::ACCEPTED, &AnswerOut::of(&item).ok_or_else(no_such_answer)?)?;
    let place = format!(
        "/v1/stores/{}/threads/{}/answers/{}",
        store.as_str(),
        thread.as_str(),
        item.key.as_str()
    );
    if let Ok(place) = HeaderValue::from_str(&place) {
        response.headers_mut().insert(LOCATION, place);
    }
    Ok(response)
}

fn problem(error: HandInError) -> Problem {
    let invalid = |pointer: &str, error: &HandInError| {
        Problem::invalid(&[Invalid {
            pointer: pointer.to_owned(),
            detail: error.to_string(),
        }])
    };
    match error {
        HandInError::Empty | HandInError::TooLong(_) => invalid("/text", &error),
        HandInError::TooManyAttachments(_) | HandInError::AttachmentsTooLarge(_) => invalid("/attachments", &error),
        HandInError::NoThread => no_such_thread(),
        HandInError::Port(error) => error.into(),
        HandInError::OtherWords => Problem::unprocessable(
            "idempotency-key-reused",
            "Idempotency key used before",
            "this key names another answer in this thread; take a new key for a new answer",
        ),
        HandInError::Blocked(found) => {
            let blocked = Problem::unprocessable(
                "blocked",
                "Blocked by the screen",
                "nothing was sent; change what the findings name, or let a lead send it with override",
            );
            let members = findings(&found.report).into_iter();
            members.fold(blocked, |blocked, (name, value)| blocked.with(&name, value))
        }
    }
}

fn no_such_answer() -> Problem {
    Problem::not_found("no such answer in this thread")
}

pub(crate) async fn list<W: World>(call: Call<W>, store: StoreId) -> Result<Response, Problem> {
    let thread = known_thread(&call, &store).await?;
    let items = call.world.shown_outbox(&thread).await?;
    json(StatusCode::OK, &Answers::of(&items, Room::of(MOST_ANSWERED)))
}

pub(crate) async fn show<W: World>(call: Call<W>, store: StoreId) -> Result<Response, Problem> {
    let thread = known_thread(&call, &store).await?;
    let key = within24::domain::key::Key::parse(call.path("answer")).ok_or_else(no_such_answer)?;
    let item = call.world.outgoing(&store, &thread.buyer, &key).await?;
    let here = |item: &Outgoing| item.thread == thread.id && matches!(item.content, Content::Reply { .. });
    let item = item.filter(here).ok_or_else(no_such_answer)?;
    json(StatusCode::OK, &AnswerOut::of(&item).ok_or_else(no_such_answer)?)
}
