//! `within24 screen`: drafts before they are sent, one report a line. Also for a helpdesk's macros, in CI.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result};
use within24::domain::screening::{Settings, Verdict, screen};
use within24::wire::draft_line::DraftLine;
use within24::wire::screen::ScreenReport;

use crate::files::{self, has_ending};
use crate::screen_settings::ScreenSettings;

/// From which verdict on the command fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Deny {
    /// What must not be sent as it is.
    Block,
    /// Also what a person should look at.
    Warn,
}

/// Exit status where something is denied.
pub(crate) const DENIED: u8 = 3;

/// Endings of files that hold one draft as plain text.
const TEXTS: [&str; 3] = ["txt", "md", "text"];

/// Endings of files that hold drafts as JSON lines.
const LINES: [&str; 3] = ["jsonl", "ndjson", "json"];

struct Screen<W> {
    out: W,
    settings: Settings,
    worst: Verdict,
    failed: bool,
}

/// Screens everything named.
///
/// # Errors
/// Where the settings cannot be used or the output cannot be written.
pub fn run(paths: &[String], deny: Option<Deny>, settings: Option<&Path>) -> Result<ExitCode> {
    let settings = settings.map(read_settings).transpose()?.unwrap_or_default();
    let out = std::io::BufWriter::new(std::io::stdout().lock());
    let mut screen = Screen {
        out,
        settings,
        worst: Verdict::Allow,
        failed: false,
    };
    if paths.is_empty() {
        screen.lines("-", std::io::stdin().lock())?;
    }
    for path in paths {
        if path == "-" {
            screen.lines("-", std::io::stdin().lock())?;
            continue;
        }
        match files::named(Path::new(path), &|file| {
            has_ending(file, &TEXTS) || has_ending(file, &LINES)
        }) {
            Ok(files) => files.iter().try_for_each(|file| screen.file(file))?,
            Err(error) => screen.complain(path, &error),
        }
    }
    screen.out.flush()?;
    let denied = match deny {
        None => false,
        Some(Deny::Block) => screen.worst == Verdict::Block,
        Some(Deny::Warn) => screen.worst >= Verdict::Warn,
    };
    Ok(if denied {
        ExitCode::from(DENIED)
    } else if screen.failed {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

/// Settings from a file; all that is wrong with them is said at once.
fn read_settings(path: &Path) -> Result<Settings> {
    let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
    let given: ScreenSettings = serde_json::from_str(&text).with_context(|| path.display().to_string())?;
    let (screen, wrong) = given.read();
    let wrong: Vec<String> = wrong.iter().map(ToString::to_string).collect();
    anyhow::ensure!(wrong.is_empty(), "{}: {}", path.display(), wrong.join("; "));
    Ok(screen.settings())
}

impl<W: Write> Screen<W> {
    fn complain(&mut self, what: &str, why: &dyn std::fmt::Display) {
        let _ = writeln!(std::io::stderr(), "within24: {what}: {why}");
        self.failed = true;
    }

    /// A file of plain text is one draft, its path the id; anything else holds JSON lines.
    fn file(&mut self, path: &Path) -> Result<()> {
        let name = path.to_string_lossy();
        if has_ending(path, &TEXTS) {
            match std::fs::read(path) {
                Ok(bytes) => self.one(DraftLine::plain(&name, String::from_utf8_lossy(&bytes).into_owned()))?,
                Err(error) => self.complain(&name, &error),
            }
            return Ok(());
        }
        match std::fs::File::open(path) {
            Ok(file) => self.lines(&name, BufReader::new(file)),
            Err(error) => {
                self.complain(&name, &error);
                Ok(())
            }
        }
    }

    fn lines(&mut self, name: &str, mut from: impl BufRead) -> Result<()> {
        let mut line = Vec::new();
        let mut number = 0_u64;
        loop {
            line.clear();
            number += 1;
            match from.read_until(b'\n', &mut line) {
                Ok(0) => return Ok(()),
                Ok(_) if line.trim_ascii().is_empty() => {}
                Ok(_) => match serde_json::from_slice(&line) {
                    Ok(draft) => self.one(draft)?,
                    Err(error) => self.complain(&format!("{name}:{number}"), &error),
                },
                Err(error) => {
                    self.complain(name, &error);
                    return Ok(());
                }
            }
        }
    }

    fn one(&mut self, mut draft: DraftLine) -> Result<()> {
        let id = draft.id.take();
        let report = screen(&draft.into(), &self.settings);
        self.worst = self.worst.max(report.verdict);
        serde_json::to_writer(&mut self.out, &ScreenReport::of(id, &report))?;
        self.out.write_all(b"\n")?;
        Ok(())
    }
}
