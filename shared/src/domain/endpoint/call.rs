//! One event and one endpoint: tried until the endpoint has it, along the ladder of the specification.
//!
//! Source: Standard Webhooks 1.0.0, "Operational considerations": any 2xx is success, 410 wants no more, everything else is
//! tried again, a redirect too; `Retry-After` may lengthen a wait.

use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};
use strum::VariantArray;

use super::{Endpoint, EndpointId};
use crate::domain::clock::shift;
use crate::domain::event::Event;
use crate::domain::key::Key;
use crate::domain::store::StoreId;

/// The waits between attempts: ten attempts over three days and a bit.
pub const LADDER: [SignedDuration; 9] = [
    SignedDuration::from_secs(5),
    SignedDuration::from_mins(5),
    SignedDuration::from_mins(30),
    SignedDuration::from_hours(2),
    SignedDuration::from_hours(5),
    SignedDuration::from_hours(10),
    SignedDuration::from_hours(14),
    SignedDuration::from_hours(20),
    SignedDuration::from_hours(24),
];

/// A wait is longer than its rung by up to this many thousandths, so that calls that failed together do not come together.
const JITTER: u64 = 100;

/// The longest wait that an endpoint may ask for.
const MOST_ASKED: SignedDuration = SignedDuration::from_hours(24);

/// The longest wait that the queue keeps by itself. Source: Amazon SQS, "Delay queues": 15 minutes.
pub const ON_TIME: SignedDuration = SignedDuration::from_mins(15);

/// A call that the queue should have brought by now is brought again after this.
const PATIENCE: SignedDuration = SignedDuration::from_mins(15);

/// How long a call is kept after it was last changed.
pub const KEPT: SignedDuration = SignedDuration::from_hours(24 * 30);

/// Why there was no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Missed {
    /// The name leads to an address that is not public: nothing was sent.
    NotPublic,
    /// The name leads nowhere.
    NoSuchHost,
    /// Nobody listens there, or the network does not lead there.
    Unreachable,
    /// No certificate that we trust for this name.
    Tls,
    /// No answer in time.
    Timeout,
    /// The connection broke, or what came was no HTTP.
    Broken,
}

impl Missed {
    /// The name in storage, logs and for others.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotPublic => "not-public",
            Self::NoSuchHost => "no-such-host",
            Self::Unreachable => "unreachable",
            Self::Tls => "tls",
            Self::Timeout => "timeout",
            Self::Broken => "broken",
        }
    }
}

/// What an attempt came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// A status, and the wait that the endpoint asks for.
    Status(u16, Option<SignedDuration>),
    /// None.
    Missed(Missed),
}

impl Answer {
    /// The status, or why there is none.
    pub fn name(self) -> String {
        match self {
            Self::Status(status, _) => status.to_string(),
            Self::Missed(missed) => missed.as_str().to_owned(),
        }
    }
}

/// Why a call ended without success.
#[derive(Clone, Copy, Debug, PartialEq, Eq, VariantArray)]
pub enum Ended {
    /// All attempts were made.
    Exhausted,
    /// The endpoint wants no more calls.
    Gone,
    /// The endpoint is disabled.
    Disabled,
    /// The endpoint, or what it is to be told of, is no more.
    Deleted,
}

impl Ended {
    /// The name in storage, logs and for others.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Exhausted => "exhausted",
            Self::Gone => "gone",
            Self::Disabled => "disabled",
            Self::Deleted => "deleted",
        }
    }

    /// Reads the name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::VARIANTS.iter().copied().find(|ended| ended.as_str() == text)
    }
}

/// How far a call has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// It is to be tried.
    Waiting {
        /// When.
        next_at: Timestamp,
        /// When somebody has to look whether it was: at once where the wait is too long for the queue, else when the queue
        /// should have brought it long ago.
        look_at: Timestamp,
    },
    /// The endpoint has it.
    Delivered,
    /// It was given up.
    Ended(Ended),
}

/// The last attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Last {
    /// When.
    pub at: Timestamp,
    /// Its status, or why there was none ([`Missed::as_str`]).
    pub answer: String,
}

/// Names a call: an event is told to an endpoint once.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CallId {
    /// The store.
    pub store: StoreId,
    /// The endpoint.
    pub endpoint: EndpointId,
    /// When the event happened.
    pub event_at: Timestamp,
    /// The event; also the id that the endpoint is shown, the same at every attempt.
    pub event: Key,
}

impl CallId {
    /// The call that tells this endpoint of this event.
    pub fn of(endpoint: &EndpointId, event: &Event) -> Self {
        Self {
            store: event.store.clone(),
            endpoint: endpoint.clone(),
            event_at: event.at,
            event: event.key.clone(),
        }
    }
}

/// One event, told to one endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// What names it.
    pub id: CallId,
    /// The event's type.
    pub event_type: String,
    /// Attempts made.
    pub attempts: u32,
    /// How far it has come.
    pub progress: Progress,
    /// The last attempt.
    pub last: Option<Last>,
    /// Counts the changes. 0: not stored yet.
    pub version: u64,
}

/// What follows an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Nothing: the endpoint has it.
    Delivered,
    /// Another attempt, after this wait.
    Again(SignedDuration),
    /// Nothing: the endpoint has not got it.
    Ended(Ended),
}

impl Call {
    /// A call that is to be made at once; to an endpoint that is disabled, one that was missed.
    pub fn new(endpoint: &Endpoint, event: &Event, now: Timestamp) -> Self {
        let mut call = Self {
            id: CallId::of(&endpoint.id, event),
            event_type: event.event_type().as_str().to_owned(),
            attempts: 0,
            progress: Progress::Ended(Ended::Disabled),
            last: None,
            version: 0,
        };
        if endpoint.disabled.is_none() {
            call.start(now);
        }
        call
    }

    /// Tries it from the beginning of the ladder.
    pub fn start(&mut self, now: Timestamp) {
        self.attempts = 0;
        self.wait(SignedDuration::ZERO, now);
    }

    /// Whether it is still to be tried.
    pub fn waits(&self) -> bool {
        matches!(self.progress, Progress::Waiting { .. })
    }

    /// The queue was told now to bring it: to look again makes sense only later.
    pub fn brought(&mut self, now: Timestamp) {
        if let Progress::Waiting { look_at, .. } = &mut self.progress {
            *look_at = shift(now, PATIENCE);
        }
    }

    /// It is given up.
    pub fn end(&mut self, why: Ended) {
        self.progress = Progress::Ended(why);
    }

    /// Takes down what an attempt came to.
    pub fn answered(&mut self, answer: Answer, now: Timestamp) -> Next {
        self.attempts += 1;
        self.last = Some(Last {
            at: now,
            answer: answer.name(),
        });
        let asked = match answer {
            Answer::Status(200..=299, _) => {
                self.progress = Progress::Delivered;
                return Next::Delivered;
            }
            Answer::Status(410, _) => {
                self.end(Ended::Gone);
                return Next::Ended(Ended::Gone);
            }
            Answer::Status(_, asked) => asked.unwrap_or_default(),
            Answer::Missed(_) => SignedDuration::ZERO,
        };
        let Some(rung) = self.rung() else {
            self.end(Ended::Exhausted);
            return Next::Ended(Ended::Exhausted);
        };
        let wait = rung.max(asked.min(MOST_ASKED));
        self.wait(wait, now);
        Next::Again(wait)
    }

    fn wait(&mut self, wait: SignedDuration, now: Timestamp) {
        let next_at = shift(now, wait);
        let look_at = if wait <= ON_TIME {
            shift(next_at, PATIENCE)
        } else {
            next_at
        };
        self.progress = Progress::Waiting { next_at, look_at };
    }

    /// The wait after the attempts that were made; `None` where no more are. Which part of [`JITTER`] is added follows from
    /// what the call is, so that it is the same whoever asks.
    fn rung(&self) -> Option<SignedDuration> {
        let rung = LADDER.get(usize::try_from(self.attempts.checked_sub(1)?).ok()?)?;
        let mut hash = Sha256::new();
        for part in [
            self.id.endpoint.as_str(),
            self.id.event.as_str(),
            &self.attempts.to_string(),
        ] {
            hash.update(part);
            hash.update([0]);
        }
        let [a, b, ..]: [u8; 32] = hash.finalize().into();
        let part = u64::from(u16::from_be_bytes([a, b])) * JITTER / u64::from(u16::MAX);
        let millis = u64::try_from(rung.as_millis()).unwrap_or(0);
        let more = i64::try_from(millis * part / 1000).unwrap_or(0);
        Some(*rung + SignedDuration::from_millis(more))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::endpoint::{EndpointUrl, Wanted, WhyDisabled};

    fn now() -> Timestamp {
        "2026-03-02T09:15:00Z".parse().unwrap()
    }

    fn endpoint() -> Endpoint {
        let url = EndpointUrl::parse("https://hooks.example.com/").unwrap();
        Endpoint::new(StoreId::parse("de").unwrap(), url, Wanted::default(), now())
    }

    fn event() -> Event {
        Event::rolled_up(&StoreId::parse("de").unwrap(), Vec::new(), now())
    }

    const OUT_OF_ORDER: Answer = Answer::Status(500, None);

    #[test]
    fn ten_attempts_are_made_over_three_days_and_a_bit() {
        let mut call = Call::new(&endpoint(), &event(), now());
        let mut waits = Vec::new();
        let mut at = now();
        while let Next::Again(wait) = call.answered(OUT_OF_ORDER, at) {
            waits.push(wait);
            at = shift(at, wait);
        }
        assert_eq!(waits.len(), LADDER.len());
        for (wait, rung) in waits.iter().zip(LADDER) {
            let most = rung + SignedDuration::from_millis(i64::try_from(rung.as_millis() / 10).unwrap());
            assert!(rung <= *wait && *wait <= most, "{rung}: {wait}");
        }
        assert_eq!((call.attempts, call.progress), (10, Progress::Ended(Ended::Exhausted)));
        assert_eq!(
            call.last,
            Some(Last {
                at,
                answer: "500".to_owned()
            })
        );
        let all = at.duration_since(now());
        assert!(
            SignedDuration::from_hours(75) < all && all < SignedDuration::from_hours(84),
            "{all}"
        );
    }

    #[test]
    fn calls_that_failed_together_do_not_come_together_again() {
        let mut waits: Vec<SignedDuration> = (0..100)
            .map(|number| {
                let mut call = Call::new(&endpoint(), &event(), now());
                call.id.event = Key::of(&[format!("event {number}")]);
                call.attempts = 8;
                match call.answered(OUT_OF_ORDER, now()) {
                    Next::Again(wait) => wait,
                    other => panic!("{other:?}"),
                }
            })
            .collect();
        waits.sort_unstable();
        assert!(
            waits[99] - waits[0] > SignedDuration::from_hours(1),
            "{} to {}",
            waits[0],
            waits[99]
        );
        waits.dedup();
        assert!(waits.len() > 50, "{}", waits.len());
    }

    #[test]
    fn any_2xx_is_success_and_410_wants_no_more() {
        for status in 100..=599 {
            let mut call = Call::new(&endpoint(), &event(), now());
            let next = call.answered(Answer::Status(status, None), now());
            match status {
                200..=299 => assert_eq!((next, call.progress), (Next::Delivered, Progress::Delivered)),
                410 => assert_eq!(
                    (next, call.progress),
                    (Next::Ended(Ended::Gone), Progress::Ended(Ended::Gone))
                ),
                _ => assert!(matches!(next, Next::Again(_)) && call.waits(), "{status}"),
            }
        }
    }

    #[test]
    fn an_endpoint_may_ask_for_a_longer_wait_and_for_no_shorter_one() {
        let wait = |asked: SignedDuration| {
            let mut call = Call::new(&endpoint(), &event(), now());
            match call.answered(Answer::Status(429, Some(asked)), now()) {
                Next::Again(wait) => wait,
                other => panic!("{other:?}"),
            }
        };
        assert!(wait(SignedDuration::from_secs(1)) >= LADDER[0]);
        assert!(wait(SignedDuration::from_secs(-60)) >= LADDER[0]);
        assert_eq!(wait(SignedDuration::from_mins(7)), SignedDuration::from_mins(7));
        assert_eq!(wait(SignedDuration::MAX), MOST_ASKED);
    }

    #[test]
    fn somebody_looks_when_the_queue_cannot_wait_or_should_have_brought_it() {
        let mut call = Call::new(&endpoint(), &event(), now());
        let looked = |call: &Call| match call.progress {
            Progress::Waiting { next_at, look_at } => (next_at, look_at.duration_since(next_at)),
            other => panic!("{other:?}"),
        };
        assert_eq!(looked(&call), (now(), PATIENCE));
        for attempt in 1..=9 {
            call.answered(OUT_OF_ORDER, now());
            let wanted = if attempt <= 2 { PATIENCE } else { SignedDuration::ZERO };
            assert_eq!(looked(&call).1, wanted, "{attempt}");
        }
        let later = shift(now(), SignedDuration::from_hours(26));
        call.brought(later);
        let (next_at, patience) = looked(&call);
        assert_eq!(shift(next_at, patience), shift(later, PATIENCE));
    }

    #[test]
    fn what_a_disabled_endpoint_misses_is_remembered_and_may_start_anew() {
        let mut endpoint = endpoint();
        endpoint.disabled = Some((now(), WhyDisabled::Person));
        let mut call = Call::new(&endpoint, &event(), now());
        assert_eq!(call.progress, Progress::Ended(Ended::Disabled));
        call.start(now());
        assert!(call.waits());
        assert_eq!(call.answered(Answer::Status(204, None), now()), Next::Delivered);
    }
}
