//! Lists of threads, and one of them with its messages.

use axum::http::StatusCode;
use axum::response::Response;
use within24::app::list::{ListError, Named, Page, list as listed, named};
use within24::domain::alias::{Buyer, CaseId};
use within24::domain::listing::{Filter, Place};
use within24::domain::marketplace::Marketplace;
use within24::domain::order_id::OrderId;
use within24::domain::store::{Store, StoreId};
use within24::domain::thread::{Status, Thread, ThreadId};
use within24::lambda::api::{Call, Problem, json};
use within24::lambda::room::{MOST_ANSWERED, Room};
use within24::ports::{FindStore, Handle};
use within24::wire::thread::{FullThread, ThreadPage, ThreadSummary};

use crate::{World, cursor};

pub(crate) const PARAMETERS: &[&str] = &[
    "status",
    "due_by",
    "marketplace",
    "tag",
    "assignee",
    "unread",
    "archived",
    "order_id",
    "case_id",
    "buyer",
    "limit",
    "cursor",
];

/// The store, which a token for all stores may name without there being one.
pub(crate) async fn known_store<W: FindStore>(call: &Call<W>, id: &StoreId) -> Result<Store, Problem> {
    call.world.store(id).await?.ok_or_else(Problem::no_such_store)
}

pub(crate) fn no_such_thread() -> Problem {
    Problem::not_found("no such thread in this store")
}

/// The thread that the path names.
pub(crate) fn thread_id<W>(call: &Call<W>) -> Result<ThreadId, Problem> {
    ThreadId::parse(call.path("thread")).ok_or_else(no_such_thread)
}

/// The thread that the path names, as it was a moment ago.
pub(crate) async fn known_thread<W: World>(call: &Call<W>, store: &StoreId) -> Result<Thread, Problem> {
    let thread = call.world.shown(store, &thread_id(call)?).await?;
    thread.ok_or_else(no_such_thread)
}

fn flag(text: &str) -> Option<bool> {
    match text {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

/// A label or a name: what such a thing can be.
fn words(text: &str) -> Option<String> {
    (1..=200).contains(&text.chars().count()).then(|| text.to_owned())
}

fn filter<W>(call: &Call<W>) -> Result<Filter, Problem> {
    const STATUS: &str = "one of needs-response, answered, no-response-needed";
    Ok(Filter {
        status: call.query_as("status", STATUS, Status::parse)?,
        due_by: call.query_as("due_by", "a time like 2026-03-02T09:00:00Z", |text| text.parse().ok())?,
        marketplace: call.query_as("marketplace", "a code like DE, GB, JP", marketplace)?,
        tag: call.query_as("tag", "a label of 1 to 200 characters", words)?,
        assignee: call.query_as("assignee", "a name of 1 to 200 characters", words)?,
        unread: call.query_as("unread", "true or false", flag)?,
        archived: call.query_as("archived", "true or false", flag)?,
    })
}

/// A marketplace by its code alone, in capitals.
pub(crate) fn marketplace(code: &str) -> Option<Marketplace> {
    Marketplace::parse(code).filter(|marketplace| marketplace.code() == code)
}

fn names<W>(call: &Call<W>) -> Result<Named, Problem> {
    let order = call.query_as("order_id", "an order id like 302-1234567-7654321", OrderId::parse)?;
    let case = call.query_as(
        "case_id",
        "a case id of 4 to 64 letters, digits and dashes",
        CaseId::parse,
    )?;
    let handles = [order.map(Handle::Order), case.map(Handle::Case)];
    Ok(Named {
        handles: handles.into_iter().flatten().collect(),
        buyer: call.query_as(
            "buyer",
            "a relay address like a1b2c3d4e5f6g7@marketplace.amazon.de",
            Buyer::parse,
        )?,
    })
}

pub(crate) async fn list<W: World>(call: Call<W>, store: StoreId) -> Result<Response, Problem> {
    let (filter, wanted, limit) = (filter(&call)?, names(&call)?, cursor::limit(&call)?);
    let after = cursor::threads(&call)?;
    known_store(&call, &store).await?;
    let page = if wanted.is_empty() {
        let page = listed(&*call.world, &store, &filter, after, limit, call.now).await;
        page.map_err(|error| match error {
            ListError::OtherList => cursor::of_another_list(),
            ListError::Port(error) => error.into(),
        })?
    } else {
        by_name(&call, &store, &filter, &wanted, after, limit).await?
    };
    let threads = page.threads.iter().map(|thread| ThreadSummary::of(thread, call.now));
    let page = ThreadPage {
        threads: threads.collect(),
        next: page.next.as_ref().map(cursor::after_thread),
    };
    json(StatusCode::OK, &page)
}

/// The few threads that are named, the latest opened first.
async fn by_name<W: World>(
    call: &Call<W>,
    store: &StoreId,
    filter: &Filter,
    wanted: &Named,
    after: Option<Place>,
    limit: usize,
) -> Result<Page, Problem> {
    let mut threads = named(&*call.world, store, wanted, filter, call.now).await?;
    match after {
        None => {}
        Some(Place::Opened(last)) => threads.retain(|thread| thread.id < last),
        Some(Place::Waiting(..)) => return Err(cursor::of_another_list()),
    }
    let more = threads.len() > limit;
    threads.truncate(limit);
    let next = threads
        .last()
        .filter(|_| more)
        .map(|thread| Place::Opened(thread.id.clone()));
    Ok(Page { threads, next })
}

pub(crate) async fn show<W: World>(call: Call<W>, store: StoreId) -> Result<Response, Problem> {
    let thread = known_thread(&call, &store).await?;
    let messages = call.world.shown_messages(&thread).await?;
    let mut shown = FullThread::of(&thread, messages, call.now);
    let mut room = Room::of(MOST_ANSWERED);
    room.takes(&shown.summary);
    (shown.messages, shown.messages_left_out) = room.last(shown.messages);
    json(StatusCode::OK, &shown)
}
