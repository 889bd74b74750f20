//! `within24 screen`: drafts before they are sent, and a helpdesk's macros, in CI too. JSON for scripts, marked text at a terminal.

use std::collections::BTreeSet;
use std::io::{BufRead, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};
use within24::domain::screening::{Settings, Verdict, screen};
use within24::wire::draft_line::DraftLine;
use within24::wire::screen::ScreenReport;

use crate::desk;
use crate::files::{self, has_ending};
use crate::macros::{self, Unreadable};
use crate::pretty::printable;
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

/// Endings of files that hold one template as text; so do files without an ending.
const TEXTS: [&str; 3] = ["txt", "md", "text"];

/// Endings of files that hold one template as HTML.
const PAGES: [&str; 2] = ["html", "htm"];

/// Endings of files that hold drafts as JSON, or a helpdesk's export.
const LINES: [&str; 3] = ["jsonl", "ndjson", "json"];

struct Screen<W> {
    out: W,
    settings: Settings,
    /// For people: the draft with its finds marked.
    marked: bool,
    worst: Verdict,
    failed: bool,
}

/// Screens everything named. What is not read is named on standard error.
///
/// # Errors
/// Where the settings cannot be used or the output cannot be written.
pub fn run(paths: &[String], deny: Option<Deny>, settings: Option<&Path>, json: bool) -> Result<ExitCode> {
    let settings = settings.map(read_settings).transpose()?.unwrap_or_default();
    let out = std::io::BufWriter::new(std::io::stdout().lock());
    let mut screen = Screen {
        out,
        settings,
        marked: !json && std::io::stdout().is_terminal(),
        worst: Verdict::Allow,
        failed: false,
    };
    if paths.is_empty() {
        screen.lines("-", std::io::stdin().lock())?;
    }
    for path in paths {
        if path == "-" {
            screen.lines("-", std::io::stdin().lock())?;
        } else {
            screen.path(Path::new(path))?;
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

/// The first part of a file's path below the folder that was named which is hidden: `.git`, `.DS_Store`.
fn hidden(folder: &Path, file: &Path) -> Option<PathBuf> {
    let mut path = folder.to_owned();
    for part in file.strip_prefix(folder).ok()?.components() {
        path.push(part);
        if part.as_os_str().as_encoded_bytes().starts_with(b".") {
            return Some(path);
        }
    }
    None
}

impl<W: Write> Screen<W> {
    fn complain(&mut self, what: &str, why: &dyn std::fmt::Display) {
        let _ = writeln!(std::io::stderr(), "within24: {what}: {why}");
        self.failed = true;
    }

    /// A file, or all of a folder.
    fn path(&mut self, path: &Path) -> Result<()> {
        let files = match files::named(path, &|_| true) {
            Ok(files) => files,
            Err(error) => {
                self.complain(&path.to_string_lossy(), &error);
                return Ok(());
            }
        };
        let mut passed_over = BTreeSet::new();
        for file in &files {
            match hidden(path, file) {
                None => self.file(file)?,
                // The system's and the version control's own files hold no macros: said, and no failure.
                Some(hidden) => {
                    if passed_over.insert(hidden.clone()) {
                        let _ = writeln!(
                            std::io::stderr(),
                            "within24: {}: not read, it is hidden",
                            hidden.display()
                        );
                    }
                }
            }
        }
        Ok(())
    }

    /// A file of text or HTML is one template, its path the id; JSON holds drafts or macros.
    fn file(&mut self, path: &Path) -> Result<()> {
        let name = path.to_string_lossy();
        let (text, page) = (
            path.extension().is_none() || has_ending(path, &TEXTS),
            has_ending(path, &PAGES),
        );
        if !(text || page || has_ending(path, &LINES)) {
            self.complain(&name, &"not read: neither text, HTML nor JSON by its ending");
            return Ok(());
        }
        let read = std::fs::read(path).map_err(anyhow::Error::from);
        let content = match read.and_then(|bytes| Ok(macros::decode(&bytes)?)) {
            Ok(content) => content,
            Err(error) => {
                self.complain(&name, &error);
                return Ok(());
            }
        };
        if text {
            return self.one(DraftLine::template(&name, content, None, None));
        }
        if page {
            return self.one(DraftLine::template(&name, String::new(), Some(content), None));
        }
        match macros::document(&name, &content) {
            Some(Ok(drafts)) => drafts.into_iter().try_for_each(|draft| self.one(draft)),
            Some(Err(error)) => {
                self.complain(&name, &error);
                Ok(())
            }
            None => self.lines(&name, content.as_bytes()),
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
                Ok(_) => match Self::line(&line, number == 1) {
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

    /// One draft of a line, a byte order mark before the first one aside.
    fn line(line: &[u8], first: bool) -> Result<DraftLine, Unreadable> {
        let line = if first {
            line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line)
        } else {
            line
        };
        macros::line(&String::from_utf8_lossy(line))
    }

    fn one(&mut self, mut draft: DraftLine) -> Result<()> {
        let id = draft.id.take();
        let text = if self.marked { draft.text.clone() } else { String::new() };
        let report = screen(&draft.into(), &self.settings);
        self.worst = self.worst.max(report.verdict);
        if !self.marked {
            serde_json::to_writer(&mut self.out, &ScreenReport::of(id, &report))?;
            self.out.write_all(b"\n")?;
            return Ok(());
        }
        let name = match &id {
            Some(serde_json::Value::String(name)) => name.clone(),
            Some(id) => id.to_string(),
            None => "draft".to_owned(),
        };
        writeln!(self.out, "{}: {}", printable(&name), report.verdict.as_str())?;
        if !report.findings.is_empty() {
            let shown = ScreenReport::of(None, &report);
            writeln!(self.out, "{}", desk::marked(&text, &shown))?;
        }
        Ok(())
    }
}
