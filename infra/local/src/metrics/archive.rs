//! Response metrics from a mail archive: buyers' mails and Seller Central's copies of the answers are all that is needed.
//!
//! The mails go through the same functions as on arrival, in the order of their receipt, as those of one store. Receipt is
//! the date of the topmost `Received` field, which the seller's own server wrote; else that of the mbox's "From " line;
//! only then the mail's own `Date`: an archive that was imported bears the import everywhere else.

use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use jiff::Timestamp;
use mail_parser::MessageParser;
use mail_parser::mailbox::mbox;
use serde::Serialize;
use tempfile::TempDir;
use within24::domain::mail::{self, Kind};
use within24::domain::report::ReportKind;
use within24::domain::store::{AskOrderId, Store, StoreId};

use super::{DayLine, MetricsLine};
use crate::files;
use crate::machine::Machine;

/// What the numbers stand on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Mails {
    /// Mails in the archive.
    pub read: u64,
    /// Buyers' messages among them.
    pub buyer_messages: u64,
    /// Seller Central's copies of answers.
    pub reply_copies: u64,
    /// Copies whose question is not in the archive, or not certain.
    pub unmatched_copies: u64,
    /// Mails of buyers or Amazon without any date: left out.
    pub undated: u64,
}

/// What an archive comes to.
#[derive(Debug, Serialize)]
pub struct Measured {
    /// The time the windows are seen from.
    pub at: Timestamp,
    /// What was found.
    pub mails: Mails,
    /// The windows.
    pub metrics: Vec<MetricsLine>,
    /// The days of the longest window.
    pub response_days: Vec<DayLine>,
}

/// Mails of an archive, those that matter set aside on disk, so that large archives need little memory.
pub struct Archive {
    spool: TempDir,
    kept: Vec<(Timestamp, PathBuf)>,
    mails: Mails,
}

impl Archive {
    /// An archive without mails.
    ///
    /// # Errors
    /// Where there is no place for temporary files.
    pub fn new() -> Result<Self> {
        Ok(Self {
            spool: tempfile::tempdir().context("no temporary folder")?,
            kept: Vec::new(),
            mails: Mails::default(),
        })
    }

    /// Takes in an mbox file.
    ///
    /// # Errors
    /// Where it cannot be read or is none.
    pub fn add_mbox(&mut self, path: &Path) -> Result<()> {
        let mut file = BufReader::new(std::fs::File::open(path)?);
        let mut first = Vec::new();
        file.by_ref().take(5).read_to_end(&mut first)?;
        anyhow::ensure!(
            first.is_empty() || first == b"From ",
            "not an mbox: its first line does not begin with \"From \""
        );
        for message in mbox::MessageIterator::new(first.chain(file)) {
            let message = message?;
            let line = i64::try_from(message.internal_date())
                .ok()
                .filter(|seconds| *seconds > 0);
            let line = line.and_then(|seconds| Timestamp::from_second(seconds).ok());
            self.add(message.contents(), line)?;
        }
        Ok(())
    }

    /// Takes in a maildir with its subfolders: all mails in folders named `cur` and `new`. Gives the files that cannot be
    /// read, each with the reason.
    ///
    /// # Errors
    /// Where it cannot be read or is none.
    pub fn add_maildir(&mut self, path: &Path) -> Result<Vec<String>> {
        let delivered = |file: &Path| {
            let folder = file.parent().and_then(Path::file_name);
            folder.is_some_and(|folder| folder == "cur" || folder == "new")
        };
        let is_one = ["cur", "new"].iter().any(|folder| path.join(folder).is_dir());
        let files = files::named(path, &delivered)?;
        anyhow::ensure!(
            path.is_dir() && (is_one || !files.is_empty()),
            "not a maildir: there is no folder \"cur\" or \"new\" in it"
        );
        let mut unreadable = Vec::new();
        for file in files {
            match std::fs::read(&file) {
                Ok(raw) => self.add(&raw, None)?,
                Err(error) => unreadable.push(format!("{}: {error}", file.display())),
            }
        }
        Ok(unreadable)
    }

    /// Takes in one mail; `line` is the time that the archive itself says.
    fn add(&mut self, raw: &[u8], line: Option<Timestamp>) -> Result<()> {
        self.mails.read += 1;
        let (mail, _) = mail::read(raw);
        match mail.kind {
            // Neither of a buyer nor of Amazon.
            Kind::Other | Kind::ForwardingConfirmation => return Ok(()),
            Kind::BuyerMessage => self.mails.buyer_messages += 1,
            Kind::ReplyCopy => self.mails.reply_copies += 1,
            _ => {}
        }
        let Some(received) = received(raw).or(line).or(mail.date) else {
            self.mails.undated += 1;
            return Ok(());
        };
        let file = self.spool.path().join(format!("{:09}", self.kept.len()));
        std::fs::write(&file, raw).context("a mail could not be set aside")?;
        self.kept.push((received, file));
        Ok(())
    }

    /// The numbers at `at`; without one, at the receipt of the newest mail.
    ///
    /// # Errors
    /// Where this machine fails; nothing in a mail is an error.
    pub async fn measure(mut self, at: Option<Timestamp>) -> Result<Measured> {
        self.kept.sort();
        let start = self
            .kept
            .first()
            .map_or(Timestamp::UNIX_EPOCH, |(received, _)| *received);
        let newest = self.kept.last().map_or(start, |(received, _)| *received);
        let at = at.unwrap_or(newest);
        let folder = tempfile::tempdir().context("no temporary folder")?;
        let mut machine = Machine::start(folder.path(), start.min(at)).await?;
        let mut store = Store::new(
            StoreId::parse("archive").context("a valid name")?,
            "*",
            "nobody@archive.invalid",
        );
        store.ask_order_id = AskOrderId::Never;
        machine.table().put_store(&store).await?;
        let verdicts = ["spam", "virus", "spf", "dkim", "dmarc"].map(|check| (check, "PASS".to_owned()));
        for (number, (received, file)) in self.kept.iter().enumerate() {
            if *received > at {
                break;
            }
            machine.advance(*received);
            let raw = std::fs::read(file).context("a mail that was set aside is gone")?;
            std::fs::remove_file(file).context("a mail that was set aside is gone")?;
            machine
                .mail_arrives(&format!("{number:09}"), &raw, &[], &verdicts)
                .await?;
        }
        machine.advance(at);
        machine.roll_up().await?;
        let reports = machine.table().reports(&store.id).await?;
        self.mails.unmatched_copies = reports
            .iter()
            .filter(|report| report.what == ReportKind::ReplyCopy)
            .count() as u64;
        Ok(Measured {
            at,
            mails: self.mails,
            metrics: super::lines(machine.table(), &store, at).await?,
            response_days: super::days(machine.table(), &store, at).await?,
        })
    }
}

/// The date of the topmost `Received` field that has one.
fn received(raw: &[u8]) -> Option<Timestamp> {
    let topmost = || {
        let header = MessageParser::new().parse_headers(raw)?;
        let date = header.received_all().find_map(|received| received.date)?;
        Timestamp::from_second(date.to_timestamp()).ok()
    };
    // No mail, however broken, is an error.
    std::panic::catch_unwind(topmost).ok().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_topmost_received_field_that_has_a_date_counts() {
        let raw = b"Received: by nowhere\r\nReceived: from a by b; Mon, 02 Mar 2026 11:15:00 +0200\r\n\
            Received: from c by d; Mon, 02 Mar 2026 08:00:00 +0000\r\nDate: Sun, 01 Mar 2026 08:00:00 +0000\r\n\r\nHi\r\n";
        assert_eq!(received(raw), Some("2026-03-02T09:15:00Z".parse().unwrap()));
        for broken in [
            &b""[..],
            b"Received:\r\n\r\n",
            b"Received: ; ;;; Mon, 99 Foo\r\n\r\n",
            b"\xff\xfe\0",
        ] {
            assert_eq!(received(broken), None);
        }
    }
}
