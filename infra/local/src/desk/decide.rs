//! What people decide about a thread, and what they take away: `close`, `reopen`, `tag`, `assign`, `export`, `erase`.

use std::fmt::Write as _;
use std::io::Write as _;
use std::process::ExitCode;

use anyhow::Result;
use clap::{ArgGroup, Args, ValueEnum};
use serde_json::{Value, json};
use within24::domain::alias::Buyer;

use super::system::{Call, Place, System};
use super::trouble::Usage;
use super::{list, print, print_json};

/// A thread.
#[derive(Args, Debug)]
pub struct One {
    #[command(flatten)]
    place: Place,
    /// The thread's id, or an order that only one thread names.
    thread: String,
}

/// Labels that come and go.
#[derive(Args, Debug)]
#[command(group = ArgGroup::new("labels").required(true).multiple(true))]
pub struct Tag {
    #[command(flatten)]
    one: One,
    /// A label that it is to carry; may be given several times.
    #[arg(long, value_name = "LABEL", group = "labels")]
    add: Vec<String>,
    /// A label that it is to carry no more; may be given several times.
    #[arg(long, value_name = "LABEL", group = "labels")]
    remove: Vec<String>,
}

/// Who takes care of it.
#[derive(Args, Debug)]
#[command(group = ArgGroup::new("who").required(true))]
pub struct Assign {
    #[command(flatten)]
    one: One,
    /// The person.
    #[arg(group = "who")]
    to: Option<String>,
    /// Nobody does any more.
    #[arg(long, group = "who")]
    nobody: bool,
}

/// A thread as a whole.
#[derive(Args, Debug)]
pub struct Export {
    #[command(flatten)]
    one: One,
    /// For a person, or for a program.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// How a thread is exported.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    Text,
    Json,
}

/// A buyer who is to be forgotten.
#[derive(Args, Debug)]
pub struct Erase {
    #[command(flatten)]
    place: Place,
    /// The buyer's relay address.
    buyer: String,
    /// It is meant: what is erased cannot be brought back.
    #[arg(long)]
    yes: bool,
}

impl One {
    fn decide(&self, call: impl FnOnce(&str) -> Call) -> Result<ExitCode> {
        let system = System::reach(&self.place.reach)?;
        let path = list::path(&system, &self.place, &self.thread)?;
        let (thread, _): (Value, _) = system.read(&call(&path))?;
        if self.place.reach.json {
            print_json(&thread)?;
        } else {
            print(&list::line(&thread)?)?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

pub(super) fn close(one: &One) -> Result<ExitCode> {
    one.decide(|path| Call::post(format!("{path}/no-response-needed")))
}

pub(super) fn reopen(one: &One) -> Result<ExitCode> {
    one.decide(|path| Call::post(format!("{path}/reopen")))
}

pub(super) fn tag(tag: &Tag) -> Result<ExitCode> {
    let mut body = json!({});
    for (name, labels) in [("add", &tag.add), ("remove", &tag.remove)] {
        if !labels.is_empty() {
            body[name] = json!(labels);
        }
    }
    tag.one.decide(|path| Call::post(format!("{path}/tags")).with(body))
}

pub(super) fn assign(assign: &Assign) -> Result<ExitCode> {
    assign.one.decide(|path| {
        let path = format!("{path}/assignee");
        match &assign.to {
            Some(name) => Call::put(path, json!({"to": name})),
            None => Call::delete(path),
        }
    })
}

pub(super) fn export(export: &Export) -> Result<ExitCode> {
    let system = System::reach(&export.one.place.reach)?;
    let path = list::path(&system, &export.one.place, &export.one.thread)?;
    let format = match export.format {
        _ if export.one.place.reach.json => "json",
        Format::Text => "text",
        Format::Json => "json",
    };
    let answer = system.call(&Call::get(format!("{path}/export")).query("format", &format))?;
    let mut out = std::io::stdout().lock();
    out.write_all(&answer.body)?;
    if !answer.body.ends_with(b"\n") {
        out.write_all(b"\n")?;
    }
    Ok(ExitCode::SUCCESS)
}

pub(super) fn erase(erase: &Erase) -> Result<ExitCode> {
    let wrong = || Usage("this is no relay address of a buyer, like a1b2c3d4e5f6g7@marketplace.amazon.de".to_owned());
    let buyer = Buyer::parse(erase.buyer.trim()).ok_or_else(wrong)?;
    if !erase.yes {
        let words =
            "this erases for good all that is kept of one buyer: threads, messages, answers, raw mail; say --yes";
        return Err(Usage(words.to_owned()).into());
    }
    let system = System::reach(&erase.place.reach)?;
    let store = system.store(erase.place.store.as_deref())?;
    let answer = system.call(&Call::delete(format!("/v1/stores/{store}/buyers/{}", buyer.expose())))?;
    let removed: Value = serde_json::from_slice(&answer.body).unwrap_or_else(|_| json!({}));
    if erase.place.reach.json {
        print_json(&removed)?;
    } else {
        print(&proof(&removed))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// What was removed, as the system tells it.
fn proof(removed: &Value) -> String {
    let mut page = "Erased:\n".to_owned();
    for (name, value) in removed.as_object().into_iter().flatten() {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let _ = writeln!(page, "  {:<14} {value}", name.replace('_', " "));
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_erased_is_told_by_its_names_and_numbers() {
        let removed = json!({"threads": 2, "facts_kept": 1});
        let page = proof(&removed);
        assert!(
            page.starts_with("Erased:\n") && page.contains("threads        2\n"),
            "{page}"
        );
        assert!(page.contains("facts kept     1\n"), "{page}");
    }
}
