//! The `within24` command.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::{Parser, Subcommand};
use include_dir::{Dir, include_dir};
use within24_local::desk::{self, Place, Usage, width};
use within24_local::metrics::command::{self, Archives};
use within24_local::threads::{self, Wanted};
use within24_local::{files, pretty, read, replay, screen, serve, timeline};

/// Answers to Amazon's buyers within 24 hours: the whole system on this machine, without an AWS account.
#[derive(Parser)]
#[command(
    version,
    after_help = "Exit status: 0 done, 1 something could not be done or read, 2 usage, 3 the screen objects."
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Read raw mail (files, folders of *.eml, or - for standard input): a JSON object a mail.
    Read {
        /// Files, folders, or -.
        #[arg(required = true)]
        paths: Vec<String>,
    },
    /// Run a timeline of mails, answers and decisions through the whole system on a simulated clock.
    Replay {
        /// The timeline: one JSON object a line.
        timeline: PathBuf,
        /// Print for people, not JSON.
        #[arg(long)]
        pretty: bool,
    },
    /// Screen drafts and macros: JSON lines on standard input, or files and folders of text, HTML, JSON and exports of helpdesks.
    Screen {
        /// Files and folders; - or nothing is standard input.
        paths: Vec<String>,
        /// Exit with 3 if a draft is found that must not (block) or should not (warn) be sent as it is.
        #[arg(long, value_enum)]
        deny: Option<screen::Deny>,
        /// A store's own settings, a JSON file with rules, phrases, allowed_hosts and i_accept_the_risk (see the README).
        #[arg(long, value_name = "FILE")]
        settings: Option<PathBuf>,
        /// Print a JSON object a draft, at a terminal too.
        #[arg(long)]
        json: bool,
        /// Print the table of rules and severities instead.
        #[arg(long)]
        table: bool,
    },
    /// List threads as people search them: by status, deadline, store, tag, order and so on, after a timeline.
    Threads {
        /// The timeline; without one, the demo's.
        timeline: Option<PathBuf>,
        #[command(flatten)]
        wanted: Box<Wanted>,
        /// Print a JSON object a line.
        #[arg(long)]
        json: bool,
    },
    /// The response times that Amazon counts: of a system, or from a mail archive with buyers' mails and copies of answers.
    Metrics {
        #[command(flatten)]
        archives: Archives,
        #[command(flatten)]
        place: Place,
    },
    #[command(flatten)]
    Desk(desk::Command),
    /// Run the whole system on this machine: the API and webhooks on a local port, mail dropped into a folder, all state in files.
    Serve {
        #[command(flatten)]
        settings: serve::Settings,
    },
    /// See it work: a day of sample mail, nothing to configure.
    Demo,
}

/// The demo's timeline and mails.
static DEMO: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/../../tests/fixtures/demo");

/// Exit status where something is to be written otherwise on the command line.
const USAGE: u8 = 2;

fn main() -> ExitCode {
    within24::lambda::telemetry::guard_panics();
    let cli = Cli::parse();
    match run(cli.command) {
        Ok(code) => code,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "within24: {error:#}");
            if error.is::<Usage>() {
                ExitCode::from(USAGE)
            } else {
                ExitCode::FAILURE
            }
        }
    }
}

fn run(command: Command) -> Result<ExitCode> {
    match command {
        Command::Read { paths } => read_all(&paths),
        Command::Replay { timeline, pretty } => play(&timeline, pretty),
        Command::Screen { table: true, .. } => {
            std::io::stdout().write_all(within24::domain::screening::table().as_bytes())?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Screen {
            paths,
            deny,
            settings,
            json,
            table: false,
        } => screen::run(&paths, deny, settings.as_deref(), json),
        Command::Threads { timeline, wanted, json } => {
            let demo = tempfile::tempdir().context("no temporary folder")?;
            let timeline = timeline.map_or_else(|| unpack_demo(demo.path()), Ok)?;
            list(&timeline, &wanted, json)
        }
        Command::Metrics { archives, place } if archives.is_empty() => desk::metrics(&place),
        Command::Metrics { archives, place } => command::run(&archives, place.reach.json, width()),
        Command::Desk(command) => desk::run(&command),
        Command::Serve { settings } => serve::run(&settings).map(|()| ExitCode::SUCCESS),
        Command::Demo => {
            let folder = tempfile::tempdir().context("no temporary folder")?;
            play(&unpack_demo(folder.path())?, true)
        }
    }
}

fn read_all(paths: &[String]) -> Result<ExitCode> {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let mut failed = false;
    for path in paths {
        if path == "-" {
            let mut raw = Vec::new();
            std::io::stdin()
                .lock()
                .read_to_end(&mut raw)
                .context("standard input")?;
            write_line(&mut out, &read::line(path, &raw))?;
            continue;
        }
        let files = match files::named(Path::new(path), &|file| files::has_ending(file, &["eml"])) {
            Ok(files) => files,
            Err(error) => {
                let _ = writeln!(std::io::stderr(), "within24: {path}: {error}");
                failed = true;
                continue;
            }
        };
        for file in files {
            match std::fs::read(&file) {
                Ok(raw) => write_line(&mut out, &read::line(&file.to_string_lossy(), &raw))?,
                Err(error) => {
                    let _ = writeln!(std::io::stderr(), "within24: {}: {error}", file.display());
                    failed = true;
                }
            }
        }
    }
    out.flush()?;
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn write_line(out: &mut impl Write, line: &impl serde::Serialize) -> Result<()> {
    serde_json::to_writer(&mut *out, line)?;
    out.write_all(b"\n")?;
    Ok(())
}

/// Puts the demo into this folder; gives its timeline.
fn unpack_demo(folder: &Path) -> Result<PathBuf> {
    DEMO.extract(folder).context("the demo could not be unpacked")?;
    Ok(folder.join("timeline.jsonl"))
}

fn replay(path: &Path, wanted: Option<&Wanted>) -> Result<replay::Replayed> {
    let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
    let events = timeline::parse(&text);
    let folder = tempfile::tempdir().context("no temporary folder")?;
    let base = path.parent().unwrap_or(Path::new("."));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(replay::run_and_list(events, base, folder.path(), wanted))
}

fn list(path: &Path, wanted: &Wanted, json: bool) -> Result<ExitCode> {
    let replayed = replay(path, Some(wanted))?;
    let threads = replayed.listed.unwrap_or_default();
    let mut out = std::io::stdout().lock();
    if json {
        for thread in &threads {
            write_line(&mut out, thread)?;
        }
    } else {
        out.write_all(threads::render(&threads, replayed.output.now, width()).as_bytes())?;
    }
    name_unreadable(&replayed.unreadable)
}

/// Names the files that could not be read.
fn name_unreadable(files: &[String]) -> Result<ExitCode> {
    for file in files {
        writeln!(std::io::stderr(), "within24: {file}")?;
    }
    Ok(if files.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn play(path: &Path, for_people: bool) -> Result<ExitCode> {
    let replayed = replay(path, None)?;
    let mut out = std::io::stdout().lock();
    if for_people {
        out.write_all(pretty::render(&replayed.output, width()).as_bytes())?;
    } else {
        serde_json::to_writer_pretty(&mut out, &replayed.output)?;
        out.write_all(b"\n")?;
    }
    name_unreadable(&replayed.unreadable)
}
