//! Answers to buyers: handed in, and followed.

use std::sync::Arc;

use axum::http::StatusCode;
use axum::http::header::{HeaderValue, LOCATION};
use axum::response::Response;
use within24::app::answer::{Answer, HandInError, hand_in};
use within24::domain::attachment::Attachment;
use within24::domain::outgoing::{Content, Outgoing};
use within24::domain::store::StoreId;
use within24::domain::token::Role;
use within24::lambda::api::{Call, Problem, json};
use within24::lambda::room::{MOST_ANSWERED, Room};
use within24::ports::KeepAttachment;
use within24::wire::answer::{AnswerIn, AnswerOut, Answers, FileIn};
use within24::wire::problem::Invalid;

use crate::World;
use crate::screen::report_within;
use crate::threads::{known_store, known_thread, no_such_thread, thread_id};

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
        attachments: decoded(&wanted.attachments).map_err(|wrong| Problem::invalid(&wrong))?,
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

/// The files, or what is wrong with them.
fn decoded(given: &[FileIn]) -> Result<Vec<Attachment>, Vec<Invalid>> {
    let (mut files, mut wrong) = (Vec::new(), Vec::new());
    for (place, file) in given.iter().enumerate() {
        match Attachment::decode(&file.name, file.media_type.as_deref(), &file.content) {
            Ok(file) => files.push(file),
            Err(error) => wrong.push(Invalid {
                pointer: format!("/attachments/{place}"),
                detail: error.to_string(),
            }),
        }
    }
    if wrong.is_empty() { Ok(files) } else { Err(wrong) }
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
            let report = report_within(None, &found.report, &mut Room::of(MOST_ANSWERED));
            blocked.with_findings(report.findings, report.findings_left_out)
        }
    }
}

fn no_such_answer() -> Problem {
    Problem::not_found("no such answer in this thread")
}

pub(crate) async fn list<W: World>(call: Call<W>, store: StoreId) -> Result<Response, Problem> {
    let thread = known_thread(&call, &store).await?;
    let items = call.world.shown_outbox(&thread).await?;
    let answers = items.iter().filter_map(AnswerOut::of).collect();
    let (answers, answers_left_out) = Room::of(MOST_ANSWERED).last(answers);
    let answers = Answers {
        answers,
        answers_left_out,
    };
    json(StatusCode::OK, &answers)
}

pub(crate) async fn show<W: World>(call: Call<W>, store: StoreId) -> Result<Response, Problem> {
    let thread = known_thread(&call, &store).await?;
    let key = within24::domain::key::Key::parse(call.path("answer")).ok_or_else(no_such_answer)?;
    let item = call.world.outgoing(&store, &thread.buyer, &key).await?;
    let here = |item: &Outgoing| item.thread == thread.id && matches!(item.content, Content::Reply { .. });
    let item = item.filter(here).ok_or_else(no_such_answer)?;
    json(StatusCode::OK, &AnswerOut::of(&item).ok_or_else(no_such_answer)?)
}
