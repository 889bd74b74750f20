//! What people decide about a thread, and what they take away: `close`, `reopen`, `tag`, `assign`, `export`.

use std::io::Write as _;
use std::process::ExitCode;

use anyhow::Result;
use clap::{ArgGroup, Args, ValueEnum};
use within24::wire::decision::{AssigneeIn, TagsIn};
use within24::wire::thread::ThreadSummary;

use super::system::{Call, Place, System};
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

impl One {
    fn decide(&self, call: impl FnOnce(&str) -> Result<Call>) -> Result<ExitCode> {
        let system = System::reach(&self.place.reach)?;
        let path = list::path(&system, &self.place, &self.thread)?;
        let (thread, whole): (ThreadSummary, _) = system.read(&call(&path)?)?;
        if self.place.reach.json {
            print_json(&whole)?;
        } else {
            print(&list::line(&thread))?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

pub(super) fn close(one: &One) -> Result<ExitCode> {
    one.decide(|path| Ok(Call::post(format!("{path}/no-response-needed"))))
}

pub(super) fn reopen(one: &One) -> Result<ExitCode> {
    one.decide(|path| Ok(Call::post(format!("{path}/reopen"))))
}

pub(super) fn tag(tag: &Tag) -> Result<ExitCode> {
    let given = |labels: &[String]| (!labels.is_empty()).then(|| labels.to_vec());
    let body = TagsIn {
        add: given(&tag.add),
        remove: given(&tag.remove),
    };
    tag.one.decide(|path| Call::post(format!("{path}/tags")).with(&body))
}

pub(super) fn assign(assign: &Assign) -> Result<ExitCode> {
    assign.one.decide(|path| {
        let path = format!("{path}/assignee");
        match &assign.to {
            Some(name) => Call::put(path).with(&AssigneeIn { to: name.clone() }),
            None => Ok(Call::delete(path)),
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
