//! `within24 metrics`: the real response times of a seller who has only a mail archive.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::{ArgGroup, Args};
use jiff::Timestamp;

use super::archive::{Archive, Measured};
use super::table::TARGET;

/// Which archives.
#[derive(Args, Debug)]
#[command(group = ArgGroup::new("archive").multiple(true).conflicts_with_all(["api", "store"]))]
pub struct Archives {
    /// An mbox file.
    #[arg(long, value_name = "FILE", group = "archive")]
    mbox: Vec<PathBuf>,
    /// A maildir, with its subfolders.
    #[arg(long, value_name = "DIR", group = "archive")]
    maildir: Vec<PathBuf>,
    /// The time the windows are seen from (RFC 3339); without it, the receipt of the newest mail.
    #[arg(long, value_name = "TIME", requires = "archive")]
    at: Option<Timestamp>,
}

impl Archives {
    /// Whether none is named.
    pub fn is_empty(&self) -> bool {
        self.mbox.is_empty() && self.maildir.is_empty()
    }
}

/// Reads the archives and prints what they come to. What cannot be read is named, the rest is still done.
///
/// # Errors
/// Where this machine fails.
pub fn run(archives: &Archives, json: bool, width: u16) -> Result<ExitCode> {
    let mut archive = Archive::new()?;
    let mut unreadable = Vec::new();
    let mut taken_in = 0;
    let mboxes = archives.mbox.iter().map(|path| (path, true));
    for (path, is_mbox) in mboxes.chain(archives.maildir.iter().map(|path| (path, false))) {
        let added = if is_mbox {
            archive.add_mbox(path).map(|()| Vec::new())
        } else {
            archive.add_maildir(path)
        };
        match added {
            Ok(files) => {
                taken_in += 1;
                unreadable.extend(files);
            }
            Err(error) => unreadable.push(format!("{}: {error:#}", path.display())),
        }
    }
    for what in &unreadable {
        let _ = writeln!(std::io::stderr(), "within24: {what}");
    }
    if taken_in > 0 {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        let measured = runtime.block_on(archive.measure(archives.at))?;
        let mut out = std::io::stdout().lock();
        if json {
            serde_json::to_writer(&mut out, &measured)?;
            out.write_all(b"\n")?;
        } else {
            out.write_all(render(&measured, width).as_bytes())?;
        }
    }
    Ok(if unreadable.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// What an archive comes to, for people.
pub fn render(measured: &Measured, width: u16) -> String {
    let mails = &measured.mails;
    let mut page = format!(
        "Response times at {} (target: {TARGET} % within 24 h)\n\
         Buyers' messages: {}, copies of answers: {}, mails in all: {}\n",
        measured.at.strftime("%a %d %b %Y %H:%M UTC"),
        mails.buyer_messages,
        mails.reply_copies,
        mails.read
    );
    page.push_str(&super::page(&measured.metrics, &measured.response_days, width));
    let mut note = |count: u64, words: &str| {
        if count > 0 {
            let _ = writeln!(page, "\n{count} {words}");
        }
    };
    note(
        mails.unmatched_copies,
        "copies of answers fit no question here, or several: they answer nothing.",
    );
    note(mails.undated, "mails bear no date: they are left out.");
    if mails.buyer_messages > 0 && mails.reply_copies == 0 {
        page.push_str(
            "\nThere is no copy of an answer in this archive, so every message looks unanswered. Seller Central sends copies\n\
             of what is written there if its notification preferences say so.\n",
        );
    }
    page
}
