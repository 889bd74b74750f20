//! A mail service that keeps what it sends, and fails as told.

use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;

use crate::domain::message_id::MessageId;
use crate::domain::outgoing::Letter;
use crate::ports::{Accepted, SendError, SendMail};

/// What becomes of the next letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Taken.
    Accept,
    /// Refused for good.
    Refuse,
    /// Not taken, for now.
    NotNow,
    /// Taken, but the answer is lost.
    LostAnswer,
}

/// The mail service.
#[derive(Debug)]
pub struct Post {
    sent: Mutex<Vec<Letter>>,
    fate: Mutex<Fate>,
    at: Timestamp,
}

impl Post {
    /// A service that takes all letters at this time.
    pub fn new(at: Timestamp) -> Self {
        Self {
            sent: Mutex::default(),
            fate: Mutex::new(Fate::Accept),
            at,
        }
    }

    /// What becomes of letters from now on.
    pub fn set(&self, fate: Fate) {
        *self.fate.lock().unwrap_or_else(PoisonError::into_inner) = fate;
    }

    /// All letters that really went out.
    pub fn sent(&self) -> Vec<Letter> {
        self.sent.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl SendMail for Post {
    async fn send(&self, letter: &Letter) -> Result<Accepted, SendError> {
        let fate = *self.fate.lock().unwrap_or_else(PoisonError::into_inner);
        let code = || "told-so".to_owned();
        match fate {
            Fate::Refuse => return Err(SendError::Refused { code: code() }),
            Fate::NotNow => return Err(SendError::NotNow { code: code() }),
            Fate::Accept | Fate::LostAnswer => {}
        }
        let mut sent = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
        let message_id = MessageId::parse(&format!("post-{}@email.amazonses.com", sent.len()));
        sent.push(letter.clone());
        if fate == Fate::LostAnswer {
            Err(SendError::Unknown { code: code() })
        } else {
            Ok(Accepted {
                at: self.at,
                message_id,
            })
        }
    }
}
