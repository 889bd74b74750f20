//! What people and scripts do with a system from the command line: the operations of the API, for reading or as JSON.

mod answer;
mod conversation;
mod decide;
mod erase;
mod here;
mod lines;
mod list;
mod marked;
mod numbers;
pub mod settings_file;
mod stores;
mod system;
mod tokens;
mod trouble;

use std::io::{IsTerminal, Write};
use std::process::ExitCode;

use anyhow::Result;
use clap::Subcommand;
use jiff::Timestamp;
use serde_json::Value;
use within24::lambda::{clock, env};

pub(crate) use self::marked::page as marked;
pub use self::numbers::metrics;
pub use self::system::Place;
pub use self::trouble::Usage;

/// Columns where the terminal does not say.
const WIDTH: u16 = 120;

/// The variable that says from which time (RFC 3339) pages are seen instead of now, so that tests can hold them whole.
const NOW: &str = "WITHIN24_NOW";

/// The operations.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// List the threads of a system: those that wait come by deadline, others the latest opened first.
    List(list::List),
    /// Show one thread: what came and went, and what became of answers.
    Show(list::Show),
    /// Answer a thread: screened first; blocked answers are shown with what is wrong with them, and the command ends with 3.
    Answer(answer::Answer),
    /// Say that a thread needs no response.
    Close(decide::One),
    /// Take that back.
    Reopen(decide::One),
    /// Label a thread.
    Tag(decide::Tag),
    /// Say who takes care of a thread.
    Assign(decide::Assign),
    /// Write out one thread as a whole, for an A-to-z case.
    Export(decide::Export),
    /// Forget one buyer: all that is kept of him is erased.
    Erase(erase::Erase),
    /// Tokens: who may do what.
    #[command(subcommand)]
    Token(tokens::Command),
    /// Stores and their settings.
    #[command(subcommand)]
    Store(stores::Command),
}

/// Does it.
///
/// # Errors
/// Where it could not be done; [`Usage`] where it was not said right.
pub fn run(command: &Command) -> Result<ExitCode> {
    match command {
        Command::List(wanted) => list::list(wanted),
        Command::Show(wanted) => list::show(wanted),
        Command::Answer(wanted) => answer::answer(wanted),
        Command::Close(thread) => decide::close(thread),
        Command::Reopen(thread) => decide::reopen(thread),
        Command::Tag(wanted) => decide::tag(wanted),
        Command::Assign(wanted) => decide::assign(wanted),
        Command::Export(wanted) => decide::export(wanted),
        Command::Erase(wanted) => erase::erase(wanted),
        Command::Token(command) => tokens::run(command),
        Command::Store(command) => stores::run(command),
    }
}

/// Columns to write for.
pub fn width() -> u16 {
    if std::io::stdout().is_terminal() {
        comfy_table::Table::new().width().unwrap_or(WIDTH)
    } else {
        WIDTH
    }
}

/// The time that pages are seen from.
fn now() -> Timestamp {
    let said = env::process(NOW).and_then(|time| time.parse().ok());
    said.unwrap_or_else(clock::now)
}

fn print(text: &str) -> Result<()> {
    Ok(std::io::stdout().lock().write_all(text.as_bytes())?)
}

fn print_json(value: &Value) -> Result<()> {
    print(&format!("{value}\n"))
}

/// Says something beside what is printed.
fn complain(words: &str) {
    let _ = writeln!(std::io::stderr(), "within24: {words}");
}
