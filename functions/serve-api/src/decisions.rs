//! What people decide about a thread.

use axum::http::StatusCode;
use axum::response::Response;
use within24::app::mark::{Mark, MarkError, mark};
use within24::domain::listing::Listed;
use within24::domain::personal::Personal;
use within24::domain::store::StoreId;
use within24::lambda::api::{Call, Problem, json};
use within24::wire::decision::{AssigneeIn, TagsIn};
use within24::wire::thread::ThreadSummary;

use crate::World;
use crate::threads::{known_store, known_thread, no_such_thread};

/// The most characters of a name or a label.
const MOST_CHARACTERS: usize = 100;

/// The most labels that come or go at once.
const MOST_LABELS: usize = 20;

async fn decide<W: World>(call: Call<W>, store: StoreId, decision: Mark) -> Result<Response, Problem> {
    let thread = known_thread(&call, &store).await?;
    let settings = known_store(&call, &store).await?;
    let by = call.by();
    let marked = mark(
        &*call.world,
        &settings,
        &thread.buyer,
        &thread.id,
        &decision,
        Some(&by),
        call.now,
    );
    match marked.await {
        Ok(thread) => json(StatusCode::OK, &ThreadSummary::of(&Listed::of(&thread), call.now)),
        Err(MarkError::NoThread) => Err(no_such_thread()),
        Err(MarkError::NothingToReopen) => Err(Problem::conflict(
            "nothing-to-reopen",
            "Nothing to reopen",
            "nothing in this thread was marked as needing no response",
        )),
        Err(error @ MarkError::TooManyTags) => Err(Problem::invalid_at("/add", error.to_string())),
        Err(MarkError::Port(error)) => Err(error.into()),
    }
}

pub(crate) async fn no_response_needed<W: World>(call: Call<W>, store: StoreId) -> Result<Response, Problem> {
    decide(call, store, Mark::NoResponseNeeded).await
}

pub(crate) async fn reopen<W: World>(call: Call<W>, store: StoreId) -> Result<Response, Problem> {
    decide(call, store, Mark::Reopen).await
}

pub(crate) async fn read<W: World>(call: Call<W>, store: StoreId) -> Result<Response, Problem> {
    decide(call, store, Mark::Read).await
}

pub(crate) async fn assign<W: World>(call: Call<W>, store: StoreId) -> Result<Response, Problem> {
    let wanted: AssigneeIn = call.object()?;
    let name =
        usable(&wanted.to).ok_or_else(|| Problem::invalid_at("/to", "write 1 to 100 characters, not only spaces"))?;
    decide(call, store, Mark::Assign(Some(Personal::new(name)))).await
}

pub(crate) async fn unassign<W: World>(call: Call<W>, store: StoreId) -> Result<Response, Problem> {
    decide(call, store, Mark::Assign(None)).await
}

pub(crate) async fn tag<W: World>(call: Call<W>, store: StoreId) -> Result<Response, Problem> {
    let wanted: TagsIn = call.object()?;
    if wanted.add.is_none() && wanted.remove.is_none() {
        return Err(Problem::invalid_at("", "write labels to `add`, to `remove`, or both"));
    }
    let (add, remove) = (labels("/add", wanted.add)?, labels("/remove", wanted.remove)?);
    decide(call, store, Mark::Tag { add, remove }).await
}

fn labels(place: &str, given: Option<Vec<String>>) -> Result<Vec<String>, Problem> {
    let Some(given) = given else { return Ok(Vec::new()) };
    if given.is_empty() || given.len() > MOST_LABELS {
        return Err(Problem::invalid_at(place, "write 1 to 20 labels"));
    }
    let label = |(at, label): (usize, String)| {
        let wrong = || Problem::invalid_at(format!("{place}/{at}"), "write 1 to 100 characters, not only spaces");
        usable(&label).ok_or_else(wrong)
    };
    given.into_iter().enumerate().map(label).collect()
}

/// What a label or a name can be; spaces around it do not count.
fn usable(text: &str) -> Option<String> {
    let short = (1..=MOST_CHARACTERS).contains(&text.chars().count());
    let text = text.trim();
    (short && !text.is_empty() && !text.chars().any(char::is_control)).then(|| text.to_owned())
}
