//! Seller Central's copies: the only sign that somebody answered there.
//!
//! A copy carries neither alias nor case id, so its question has to be found by order id or by the buyer's name. A wrong
//! match would silence a buyer who still waits: on doubt nothing is closed, and it is reported.

use jiff::{SignedDuration, Timestamp};

use super::mail::Mail;
use super::personal::Personal;
use super::thread::{Status, Thread};

/// A question may be this much older than the copy of its answer.
pub const QUESTION_AGE: SignedDuration = SignedDuration::from_hours(7 * 24);

/// A copy of an answer that we sent ourselves comes within this time.
pub const OWN_ANSWER: SignedDuration = SignedDuration::from_hours(2);

/// A copy that comes before its question waits for it this long.
pub const WAITS: SignedDuration = SignedDuration::from_hours(24);

/// Whether a copy that nothing fitted when it came answers a question that came at `question`.
pub fn waited_for(copy: Timestamp, question: Timestamp) -> bool {
    let waited = question.duration_since(copy);
    waited >= SignedDuration::ZERO && waited <= WAITS
}

/// What a copy comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Match {
    /// It answers the thread at this place.
    Thread(usize),
    /// It is the copy of an answer we sent ourselves.
    OurOwn,
    /// Several threads fit.
    Ambiguous,
    /// None does.
    NoMatch,
}

/// Finds the thread that a copy answers, among those with its order id or, where it cites none, with its buyer's name.
/// Each comes with whether we sent this answer ourselves.
pub fn find(copy: &Mail, received: Timestamp, candidates: &[(Thread, bool)]) -> Match {
    if candidates.iter().any(|(_, ours)| *ours) {
        return Match::OurOwn;
    }
    let fits = |thread: &Thread| {
        let age = thread
            .waiting_since
            .map_or(SignedDuration::MIN, |since| received.duration_since(since));
        let by_name = copy.order_ids.is_empty();
        thread.status == Status::NeedsResponse && age >= SignedDuration::ZERO && (!by_name || age <= QUESTION_AGE)
    };
    let mut fitting = candidates
        .iter()
        .enumerate()
        .filter(|(_, (thread, _))| fits(thread))
        .map(|(place, _)| place);
    match (fitting.next(), fitting.next()) {
        (Some(one), None) => Match::Thread(one),
        (None, _) => Match::NoMatch,
        _ => Match::Ambiguous,
    }
}

/// A name as names are compared: without case, outer and doubled white space.
pub fn comparable_name(name: &Personal) -> Option<String> {
    let folded = name.expose().to_lowercase();
    let words: Vec<&str> = folded.split_whitespace().collect();
    (!words.is_empty()).then(|| words.join(" "))
}
