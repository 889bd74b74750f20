//! `within24 list` and `within24 show`.

use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use serde_json::Value;
use within24::domain::order_id::OrderId;
use within24::domain::thread::ThreadId;
use within24::wire::answer::Answers;
use within24::wire::thread::{FullThread, ThreadPage, ThreadSummary};

use super::system::{Call, Place, Reach, System};
use super::trouble::Usage;
use super::{conversation, lines, now, print, print_json, width};
use crate::threads::{self, Wanted};

/// The most threads of one page.
const PAGE: usize = 100;

/// Which threads.
#[derive(Args, Debug)]
pub struct List {
    #[command(flatten)]
    reach: Reach,
    #[command(flatten)]
    wanted: Box<Wanted>,
    /// How many at most.
    #[arg(long, value_name = "NUMBER", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..))]
    limit: u32,
}

/// Which thread.
#[derive(Args, Debug)]
pub struct Show {
    #[command(flatten)]
    place: Place,
    /// The thread's id, or an order that only one thread names.
    thread: String,
}

pub(super) fn list(list: &List) -> Result<ExitCode> {
    let (filter, system) = (list.wanted.query()?, System::reach(&list.reach)?);
    let limit = usize::try_from(list.limit)?;
    let mut found: Vec<(ThreadSummary, Value)> = Vec::new();
    for store in system.stores_or(list.wanted.store.as_deref())? {
        // One more than wanted says whether there are more.
        found.extend(of_store(&system, &store, &filter, limit + 1)?);
    }
    if list.wanted.only_waiting() {
        found.sort_by(|a, b| (a.0.due_at, &a.0.id).cmp(&(b.0.due_at, &b.0.id)));
    } else {
        found.sort_by(|a, b| b.0.id.cmp(&a.0.id));
    }
    let more = found.len() > limit;
    found.truncate(limit);
    if list.reach.json {
        found.iter().try_for_each(|(_, thread)| print_json(thread))?;
    } else {
        let rows: Vec<_> = found.into_iter().map(|(thread, _)| lines::thread(thread)).collect();
        print(&threads::render(&rows, now(), width()))?;
        if more {
            print(&format!("There are more: --limit {}\n", limit * 2))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn of_store(
    system: &System,
    store: &str,
    filter: &[(&str, String)],
    most: usize,
) -> Result<Vec<(ThreadSummary, Value)>> {
    let mut found = Vec::new();
    let mut cursor: Option<String> = None;
    loop {
        let mut call = Call::get(format!("/v1/stores/{store}/threads")).query("limit", &(most - found.len()).min(PAGE));
        for (name, value) in filter {
            call = call.query(name, value);
        }
        if let Some(cursor) = cursor.take() {
            call = call.query("cursor", &cursor);
        }
        let (page, _): (ThreadPage<Value>, _) = system.read(&call)?;
        found.extend(System::entries(page.threads)?);
        cursor = page.next;
        if cursor.is_none() || found.len() >= most {
            return Ok(found);
        }
    }
}

pub(super) fn show(show: &Show) -> Result<ExitCode> {
    let system = System::reach(&show.place.reach)?;
    let (path, thread, mut whole) = thread(&system, &show.place, &show.thread)?;
    let (answers, _): (Answers<Value>, _) = system.read(&Call::get(format!("{path}/answers")))?;
    let Answers {
        answers,
        answers_left_out,
    } = answers;
    if show.place.reach.json {
        whole["answers"] = answers.into();
        whole["answers_left_out"] = (answers_left_out > 0).then_some(answers_left_out).into();
        print_json(&whole)?;
    } else {
        let answers = System::entries(answers)?.into_iter();
        let answers = Answers {
            answers: answers.map(|(answer, _)| answer).collect(),
            answers_left_out,
        };
        print(&conversation::page(&thread, &answers, now(), width()))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The path of the thread that was named, by its id or by an order.
pub(super) fn path(system: &System, place: &Place, name: &str) -> Result<String> {
    let store = system.store(place.store.as_deref())?;
    let name = name.trim();
    let id = match OrderId::parse(name) {
        Some(order) => of_order(system, &store, order.as_str())?,
        None => ThreadId::parse(name)
            .ok_or_else(|| {
                Usage(format!(
                    "{name} names no thread: write its id, as `within24 list` shows it, or an order"
                ))
            })?
            .as_str()
            .to_owned(),
    };
    Ok(format!("/v1/stores/{store}/threads/{id}"))
}

/// The thread that was named, with its path and as it came.
pub(super) fn thread(system: &System, place: &Place, name: &str) -> Result<(String, FullThread, Value)> {
    let path = path(system, place, name)?;
    let (thread, whole) = system.read(&Call::get(path.as_str()))?;
    Ok((path, thread, whole))
}

fn of_order(system: &System, store: &str, order: &str) -> Result<String> {
    let found = of_store(system, store, &[("order_id", order.to_owned())], 2)?;
    match found.as_slice() {
        [(only, _)] => Ok(only.id.clone()),
        [] => Err(Usage(format!("no thread of {store} names the order {order}")).into()),
        _ => Err(Usage(format!(
            "several threads name the order {order}: `within24 list --order {order}` shows them"
        ))
        .into()),
    }
}

/// What a decision left of a thread, for people.
pub(super) fn line(summary: &ThreadSummary) -> String {
    let left = crate::pretty::time_left(&lines::thread(summary.clone()), now());
    let mut line = format!("{}: {left}", summary.id);
    if let Some(assignee) = &summary.assignee {
        line = format!("{line}, assigned to {}", crate::pretty::printable(assignee));
    }
    if !summary.tags.is_empty() {
        line = format!("{line}, tags {}", crate::pretty::printable(&summary.tags.join(", ")));
    }
    line + "\n"
}
