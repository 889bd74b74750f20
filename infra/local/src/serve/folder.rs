//! The folder that holds all of it: what lies where, and who may use it.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};

use super::durable;

/// Where it is, if nothing else is said: in the current folder, since a trial's data are to be seen and thrown away, and no
/// buyer's words are to lie where nobody looks.
pub const USUAL: &str = "within24-data";

/// How long a command waits for another one that uses the folder.
const PATIENCE: Duration = Duration::from_secs(5);

/// A data folder.
#[derive(Clone, Debug)]
pub struct DataFolder(PathBuf);

impl DataFolder {
    /// The folder at this path.
    pub fn new(path: &Path) -> Self {
        Self(path.to_owned())
    }

    /// Its path.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// The embedded DynamoDB: one file of SQLite, with its log beside it.
    pub fn database(&self) -> PathBuf {
        self.0.join("within24.sqlite")
    }

    /// Raw mail, in place of the bucket.
    pub fn mail(&self) -> PathBuf {
        self.0.join("mail")
    }

    /// What is put here is taken in as mail.
    pub fn drop(&self) -> PathBuf {
        self.0.join("drop")
    }

    /// What waits to be dealt with, in place of the queues.
    pub fn queue(&self) -> PathBuf {
        self.0.join("queue")
    }

    /// What could not be dealt with, in place of the dead-letter queues.
    pub fn dead_letters(&self) -> PathBuf {
        self.0.join("dead-letters")
    }

    /// What went out, in place of SES.
    pub fn sent(&self) -> PathBuf {
        self.0.join("sent")
    }

    /// What the operator was told.
    pub fn alerts(&self) -> PathBuf {
        self.0.join("alerts")
    }

    /// What the event bus was told.
    pub fn events(&self) -> PathBuf {
        self.0.join("events.jsonl")
    }

    /// The stores' webhook secrets, in the form of the secret in Secrets Manager.
    pub fn secrets(&self) -> PathBuf {
        self.0.join("secrets.json")
    }

    /// The token of who owns the folder.
    pub fn admin_token(&self) -> PathBuf {
        self.0.join("admin.token")
    }

    /// Is there where the last process ended with nothing left to be sent.
    pub(super) fn at_rest(&self) -> PathBuf {
        self.0.join("at-rest")
    }

    /// Makes what is missing.
    ///
    /// # Errors
    /// Where the file system fails.
    pub fn make(&self) -> Result<()> {
        let folders = [
            self.0.clone(),
            self.mail(),
            self.drop(),
            self.queue(),
            self.dead_letters(),
            self.sent(),
            self.alerts(),
        ];
        for folder in folders {
            durable::folder(&folder).with_context(|| folder.display().to_string())?;
        }
        if !self.secrets().exists() {
            durable::keep(&self.secrets(), b"{}\n")?;
        }
        Ok(())
    }

    /// Whether anything was ever kept here.
    pub fn in_use(&self) -> bool {
        self.database().exists()
    }

    /// Takes the folder for this process alone, as long as the lock is held; a process that dies gives it back.
    ///
    /// # Errors
    /// Where the file system fails.
    pub fn lock(&self) -> Result<Locked> {
        let path = self.0.join("lock");
        let mut options = OpenOptions::new();
        let options = options.read(true).write(true).create(true).truncate(false);
        let mut file = durable::mine(options)
            .open(&path)
            .with_context(|| path.display().to_string())?;
        match file.try_lock() {
            Ok(()) => {
                // The address of who held it before is no longer true.
                file.set_len(0)?;
                Ok(Locked::Ours(Lock(file)))
            }
            Err(TryLockError::WouldBlock) => {
                let mut text = String::new();
                file.read_to_string(&mut text)?;
                Ok(serde_json::from_str(&text).map_or(Locked::Busy, Locked::Served))
            }
            Err(TryLockError::Error(error)) => Err(error).with_context(|| path.display().to_string()),
        }
    }

    /// The same, waiting a while for a command that uses the folder, or for a server that is starting.
    ///
    /// # Errors
    /// Also where it waited in vain.
    pub fn lock_patiently(&self) -> Result<Locked> {
        let pause = Duration::from_millis(50);
        for _ in 0..PATIENCE.as_millis() / pause.as_millis() {
            match self.lock()? {
                Locked::Busy => std::thread::sleep(pause),
                locked => return Ok(locked),
            }
        }
        bail!("another within24 command uses {}: try again", self.0.display())
    }
}

/// Who serves the folder.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub struct Server {
    /// The URL of its API.
    pub url: String,
    /// The id of the process.
    pub process: u32,
}

/// What came of the wish to have a folder alone.
#[derive(Debug)]
pub enum Locked {
    /// Nobody else uses it.
    Ours(Lock),
    /// A server does.
    Served(Server),
    /// Somebody does, for a moment, or a server that is just starting.
    Busy,
}

/// The folder is this process's as long as this is kept.
#[derive(Debug)]
pub struct Lock(File);

impl Lock {
    /// Tells others where this process serves the folder.
    ///
    /// # Errors
    /// Where the file system fails.
    pub fn name(&mut self, server: &Server) -> Result<()> {
        self.0.set_len(0)?;
        self.0.rewind()?;
        self.0.write_all(serde_json::to_string(server)?.as_bytes())?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_process_has_the_folder_and_others_learn_where() {
        let home = tempfile::tempdir().unwrap();
        let data = DataFolder::new(&home.path().join("data"));
        data.make().unwrap();
        let Locked::Ours(mut lock) = data.lock().unwrap() else {
            panic!("nobody else is there")
        };
        assert!(matches!(data.lock().unwrap(), Locked::Busy));
        let server = Server {
            url: "http://127.0.0.1:9824".to_owned(),
            process: 7,
        };
        lock.name(&server).unwrap();
        assert!(matches!(data.lock().unwrap(), Locked::Served(there) if there == server));
        drop(lock);
        let Locked::Ours(_again) = data.lock_patiently().unwrap() else {
            panic!("who ends gives it back")
        };
        assert!(matches!(data.lock().unwrap(), Locked::Busy), "the old address is gone");
    }
}
