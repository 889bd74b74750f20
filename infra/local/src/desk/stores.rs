//! `within24 store`: which stores there are, and their settings as a file.

use std::io::Read as _;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Subcommand;
use serde_json::Value;
use within24::domain::store::StoreId;
use within24::wire::store::SettingsOut;

use super::settings_file::{self, Wrong};
use super::system::{Call, Reach, System};
use super::trouble::{Problem, Usage};
use super::{complain, print, print_json};

/// What to do with stores.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Register a store, or change it: all its settings are those of the file.
    Put {
        #[command(flatten)]
        reach: Reach,
        /// A TOML file, or - for standard input.
        file: PathBuf,
    },
    /// List the stores, each with what the token may do there.
    List {
        #[command(flatten)]
        reach: Reach,
    },
    /// Show the settings of a store, as the file that `store put` takes.
    Show {
        #[command(flatten)]
        reach: Reach,
        /// The store.
        id: String,
    },
}

pub(super) fn run(command: &Command) -> Result<ExitCode> {
    match command {
        Command::Put { reach, file } => put(reach, file),
        Command::List { reach } => list(reach),
        Command::Show { reach, id } => show(reach, id),
    }
}

fn put(reach: &Reach, file: &PathBuf) -> Result<ExitCode> {
    let name = file.display().to_string();
    let text = if name == "-" {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text).context("standard input")?;
        text
    } else {
        std::fs::read_to_string(file).with_context(|| name.clone())?
    };
    let settings = match settings_file::read(&text) {
        Ok(settings) => settings,
        Err(wrong) => return Ok(refused(&name, &wrong)),
    };
    let system = System::reach(reach)?;
    let call = Call::put(format!("/v1/stores/{}", settings.id.as_str())).with(&settings.body)?;
    let answer = system.ask(&call)?;
    if !(200..300).contains(&answer.status) {
        let problem = Problem::read(answer.status, &answer.body);
        if problem.errors().is_empty() {
            return Err(problem.into());
        }
        return Ok(refused(&name, &settings.locate(problem.errors())));
    }
    if reach.json {
        print_json(&serde_json::from_slice::<Value>(&answer.body)?)?;
    } else {
        let done = if answer.status == 201 { "registered" } else { "changed" };
        print(&format!("Store {} is {done}.\n", settings.id.as_str()))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Names all that is wrong, as compilers do.
fn refused(name: &str, wrong: &[Wrong]) -> ExitCode {
    for wrong in wrong {
        complain(&format!("{name}:{wrong}"));
    }
    ExitCode::FAILURE
}

fn list(reach: &Reach) -> Result<ExitCode> {
    let stores = System::reach(reach)?.stores()?;
    if reach.json {
        stores.iter().try_for_each(|(_, as_it_came)| print_json(as_it_came))?;
        return Ok(ExitCode::SUCCESS);
    }
    if stores.is_empty() {
        print("There is no store yet: `within24 store put FILE.toml` registers one.\n")?;
    }
    for (store, _) in stores {
        print(&format!("{:<40} {}\n", store.id, store.role))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn show(reach: &Reach, id: &str) -> Result<ExitCode> {
    let wrong = || {
        Usage(format!(
            "{id} names no store: 1 to 40 letters, digits, dashes and underscores"
        ))
    };
    let id = StoreId::parse(id).ok_or_else(wrong)?;
    let call = Call::get(format!("/v1/stores/{}", id.as_str()));
    let (_, settings): (SettingsOut, Value) = System::reach(reach)?.read(&call)?;
    if reach.json {
        print_json(&settings)?;
    } else {
        print(&settings_file::write(&settings))?;
    }
    Ok(ExitCode::SUCCESS)
}
