//! In place of SQS: a message is a file until it is dealt with, so that it survives whatever happens to the process. One that
//! fails comes back after a while, and goes to the dead letters in the end.

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};
use strum::VariantArray;
use within24::domain::clock::shift;

use super::durable;

/// How often a message is tried: as the queues of the deployed stack.
const MOST_TRIES: u32 = 5;

/// How messages are called on the disk.
const ENDING: &str = ".json";

/// For which function a message is: its name begins with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, VariantArray)]
pub(super) enum Whose {
    /// `receive-mail`.
    Mail,
    /// `apply-webhook`.
    Call,
}

impl Whose {
    fn prefix(self) -> &'static str {
        match self {
            Self::Mail => "mail-",
            Self::Call => "call-",
        }
    }

    /// The message's name: for whom, and what it is about.
    pub(super) fn name(self, about: &str) -> String {
        format!("{}{about}", self.prefix())
    }

    /// For whom the message of this name is, and what it is about.
    pub(super) fn of(name: &str) -> Option<(Self, &str)> {
        Self::VARIANTS
            .iter()
            .copied()
            .find_map(|whose| Some((whose, name.strip_prefix(whose.prefix())?)))
    }
}

/// What becomes of a message that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Failed {
    /// It comes back.
    Again,
    /// It went to the dead letters.
    Dead,
}

/// How often a message was tried, and when it comes next.
#[derive(Clone, Copy, Debug)]
struct Turn {
    tries: u32,
    due: Timestamp,
    in_hand: bool,
}

/// The queue.
#[derive(Debug)]
pub(super) struct Queue {
    waiting: PathBuf,
    dead: PathBuf,
    turns: Mutex<BTreeMap<String, Turn>>,
}

impl Queue {
    /// The queue of these folders, with what an earlier process left in it.
    ///
    /// # Errors
    /// Where the folder cannot be read.
    pub(super) fn open(waiting: PathBuf, dead: PathBuf, now: Timestamp) -> io::Result<Self> {
        let mut turns = BTreeMap::new();
        for entry in waiting.read_dir()? {
            let file = entry?.file_name();
            let name = file.to_str().and_then(|file| file.strip_suffix(ENDING));
            if let Some(name) = name.filter(|name| Whose::of(name).is_some()) {
                let turn = Turn {
                    tries: 0,
                    due: now,
                    in_hand: false,
                };
                turns.insert(name.to_owned(), turn);
            }
        }
        Ok(Self {
            waiting,
            dead,
            turns: Mutex::new(turns),
        })
    }

    fn turns(&self) -> MutexGuard<'_, BTreeMap<String, Turn>> {
        self.turns.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn file(&self, name: &str) -> PathBuf {
        self.waiting.join(format!("{name}{ENDING}"))
    }

    /// Keeps a message, in the hands of who puts it here: he deals with it, and says so. After `Ok` it is not lost.
    ///
    /// # Errors
    /// Where the file system fails.
    pub(super) fn put(&self, name: &str, body: &str, now: Timestamp) -> io::Result<()> {
        durable::keep(&self.file(name), body.as_bytes())?;
        let turn = Turn {
            tries: 0,
            due: now,
            in_hand: true,
        };
        self.turns().insert(name.to_owned(), turn);
        Ok(())
    }

    /// The names of all messages.
    pub(super) fn names(&self) -> Vec<String> {
        self.turns().keys().cloned().collect()
    }

    /// The messages whose turn it is, now in the hands of who asks.
    pub(super) fn take_due(&self, now: Timestamp) -> Vec<String> {
        let mut due = Vec::new();
        for (name, turn) in self.turns().iter_mut() {
            if !turn.in_hand && turn.due <= now {
                turn.in_hand = true;
                due.push(name.clone());
            }
        }
        due
    }

    /// A message.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub(super) fn body(&self, name: &str) -> io::Result<String> {
        std::fs::read_to_string(self.file(name))
    }

    /// The message is dealt with.
    ///
    /// # Errors
    /// Where the file system fails: it comes again after a new start, and changes nothing.
    pub(super) fn done(&self, name: &str) -> io::Result<()> {
        self.turns().remove(name);
        match std::fs::remove_file(self.file(name)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// The message could not be dealt with.
    ///
    /// # Errors
    /// Where it could not be put among the dead letters: it stays where it is, and comes again.
    pub(super) fn failed(&self, name: &str, now: Timestamp) -> io::Result<Failed> {
        let mut turns = self.turns();
        let Some(turn) = turns.get_mut(name) else {
            return Ok(Failed::Again);
        };
        turn.tries += 1;
        turn.in_hand = false;
        turn.due = shift(now, SignedDuration::from_secs(1 << (2 * turn.tries)));
        if turn.tries < MOST_TRIES {
            return Ok(Failed::Again);
        }
        durable::shift(&self.file(name), &self.dead.join(format!("{name}{ENDING}")))?;
        turns.remove(name);
        Ok(Failed::Dead)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_772_442_000 + second).unwrap()
    }

    #[test]
    fn a_message_is_there_until_it_is_dealt_with_whoever_dies() {
        let home = tempfile::tempdir().unwrap();
        let open = || Queue::open(home.path().to_owned(), home.path().to_owned(), at(0)).unwrap();
        let queue = open();
        let name = Whose::Mail.name("20260302-x");
        queue.put(&name, "body", at(0)).unwrap();
        assert!(
            queue.take_due(at(9)).is_empty(),
            "it is in the hands of who put it there"
        );
        let again = open();
        assert_eq!(again.take_due(at(0)), std::slice::from_ref(&name));
        assert!(again.take_due(at(0)).is_empty(), "one at a time");
        assert_eq!(
            (again.body(&name).unwrap().as_str(), Whose::of(&name)),
            ("body", Some((Whose::Mail, "20260302-x")))
        );
        again.done(&name).unwrap();
        assert!(open().names().is_empty());
    }

    #[test]
    fn what_fails_comes_back_later_and_later_and_then_is_a_dead_letter() {
        let (home, dead) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let queue = Queue::open(home.path().to_owned(), dead.path().to_owned(), at(0)).unwrap();
        let name = Whose::Call.name("x");
        queue.put(&name, "body", at(0)).unwrap();
        let mut now = 0;
        for pause in [4, 16, 64, 256] {
            assert_eq!(queue.failed(&name, at(now)).unwrap(), Failed::Again);
            assert!(queue.take_due(at(now + pause - 1)).is_empty());
            now += pause;
            assert_eq!(queue.take_due(at(now)).len(), 1);
        }
        assert_eq!(queue.failed(&name, at(now)).unwrap(), Failed::Dead);
        assert!(queue.names().is_empty());
        assert_eq!(
            std::fs::read_to_string(dead.path().join("call-x.json")).unwrap(),
            "body"
        );
    }
}
