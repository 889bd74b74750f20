//! A mail has arrived: read it, find its place, store it, decide what follows. One transaction a mail.

mod buyer_message;
mod notice;
mod reply_copy;

use jiff::Timestamp;

use crate::domain::alias::Alias;
use crate::domain::event::Event;
use crate::domain::key::Key;
use crate::domain::mail::{self, Defect, Kind, Mail};
use crate::domain::message::{Message, MessageKind, kept};
use crate::domain::report::{Report, ReportKind};
use crate::domain::request::Withheld;
use crate::domain::store::{Store, StoreId};
use crate::domain::thread::{Rule, Thread, ThreadId};
use crate::domain::trust::{Quarantine, Verdicts};
use crate::ports::{
    Change, Commit, CommitError, FetchMail, FindCopies, FindStore, FindThreads, PortError, ReadBuyer, ReadOutbox,
    Refusal,
};

/// The most that is fetched of one mail: SES takes mails of up to 40 MB, the words stand at the front.
pub const FETCH_LIMIT: usize = 12 * 1024 * 1024;

/// A mail that SES has stored.
#[derive(Clone, Debug)]
pub struct Arrival {
    /// Where the raw mail lies.
    pub place: String,
    /// The envelope recipients.
    pub recipients: Vec<String>,
    /// When SES received it: the clock starts here.
    pub received: Timestamp,
    /// What SES found.
    pub verdicts: Verdicts,
}

/// What became of a mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A buyer's message stands in its thread.
    Threaded {
        /// The thread.
        thread: ThreadId,
        /// The rule that found it; `None`: it opened a new one.
        rule: Option<Rule>,
        /// Whether the buyer is asked for an order id, or why not.
        request: Result<(), Withheld>,
    },
    /// A copy from Seller Central answered this thread.
    CopyAnswered(ThreadId),
    /// A copy that closes nothing.
    CopyIgnored(&'static str),
    /// A notice was attached to this thread.
    Attached(ThreadId),
    /// Kept, but in no thread.
    KeptAlone(Kind),
    /// Seen before: nothing changed.
    Duplicate,
    /// Set apart for a person.
    Quarantined(Quarantine),
    /// Cannot be placed; the raw mail is kept and a person is told.
    Refused(&'static str),
}

impl Outcome {
    /// Short name for metrics and logs.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Threaded { rule: None, .. } => "opened",
            Self::Threaded { .. } => "joined",
            Self::CopyAnswered(_) => "copy-answered",
            Self::CopyIgnored(_) => "copy-ignored",
            Self::Attached(_) => "attached",
            Self::KeptAlone(_) => "kept-alone",
            Self::Duplicate => "duplicate",
            Self::Quarantined(_) => "quarantined",
            Self::Refused(_) => "refused",
        }
    }
}

/// A mail could not be taken in. It stays in the queue, then in the dead-letter queue; the raw mail stays where it is.
#[derive(Debug, thiserror::Error)]
pub enum ReceiveError {
    /// The notification came before the raw mail, or the raw mail is gone.
    #[error("no raw mail where the notification says")]
    NoMail,
    /// The world did not answer.
    #[error(transparent)]
    Port(#[from] PortError),
}

impl ReceiveError {
    /// Whether trying again later can help.
    pub fn retry(&self) -> bool {
        match self {
            Self::NoMail => true,
            Self::Port(error) => error.retry(),
        }
    }
}

impl From<CommitError> for ReceiveError {
    fn from(error: CommitError) -> Self {
        match error {
            CommitError::Port(error) => Self::Port(error),
            CommitError::Refused(_) => Self::Port(super::retry::contended()),
        }
    }
}

/// A mail, read, with all that is known of its arrival.
struct Received<'a> {
    arrival: &'a Arrival,
    mail: &'a Mail,
    store: &'a Store,
    now: Timestamp,
}

impl Received<'_> {
    /// The same for every copy of one message: Amazon's own token, else its Message-ID, else what it says.
    fn key(&self) -> Key {
        let mail = self.mail;
        let who = mail.alias.as_ref().map(Alias::buyer);
        let who = who.as_ref().map_or("", |buyer| buyer.expose());
        let (how, what) = if let (Some(token), Kind::BuyerMessage) = (&mail.token, mail.kind) {
            ("token", token.clone())
        } else if let Some(id) = &mail.message_id {
            ("id", id.expose().to_owned())
        } else {
            let subject = mail.subject.as_ref().map_or("", |subject| subject.expose());
            let text = mail.text.as_ref().map_or("", |text| text.expose());
            ("content", format!("{:?}\n{subject}\n{text}", mail.date))
        };
        Key::of(&[self.store.id.as_str(), mail.kind.as_str(), who, how, &what])
    }

    /// The mail as a message of this thread, without a fact.
    fn message(&self, thread: &Thread, kind: MessageKind, by: Option<&str>) -> Message {
        Message {
            key: self.key(),
            thread: thread.id.clone(),
            at: self.arrival.received,
            by: by.map(Into::into),
            kind,
            mail: Some(self.mail.kind),
            automatic: self.mail.automatic,
            text: self.mail.text.as_ref().map(kept),
            message_id: self.mail.message_id.clone(),
            raw: Some(self.arrival.place.clone()),
            attachments: u32::try_from(self.mail.attachments.len()).unwrap_or(u32::MAX),
            fact: None,
            failed: false,
        }
    }

    /// The mail as seen, where it belongs to no buyer's own messages.
    fn seen(&self, thread: Option<&ThreadId>) -> Change {
        Change::Seen {
            store: self.store.id.clone(),
            mail: self.key(),
            at: self.arrival.received,
            kind: self.mail.kind,
            raw: self.arrival.place.clone(),
            thread: thread.cloned(),
        }
    }

    fn report(&self, what: ReportKind, reason: &str) -> Change {
        let about = Some(self.arrival.place.clone());
        Change::Report(Report::new(&self.store.id, self.arrival.received, what, reason, about))
    }
}

/// Takes in one mail, which may have waited in a queue since its receipt. Doing it again changes nothing.
///
/// # Errors
/// Only where the world fails; whatever the mail holds is an [`Outcome`].
pub async fn receive<W, M>(
    world: &W,
    mails: &M,
    arrival: &Arrival,
    now: Timestamp,
) -> Result<(Outcome, Vec<Defect>), ReceiveError>
where
    W: FindStore + ReadBuyer + FindThreads + FindCopies + ReadOutbox + Commit,
    M: FetchMail,
{
    let Some(store) = world.store_for(&arrival.recipients).await? else {
        let nowhere = StoreId::parse("unrouted").expect("a valid name");
        return refuse(world, &nowhere, arrival, "unknown-recipient").await;
    };
    if let Some(quarantine) = arrival.verdicts.unsafe_to_open() {
        return set_apart(world, &store, arrival, quarantine).await;
    }
    let raw = mails
        .fetch(&arrival.place, FETCH_LIMIT + 1)
        .await?
        .ok_or(ReceiveError::NoMail)?;
    let (mail, defects) = mail::read(&raw);
    drop(raw);
    if let Some(quarantine) = arrival.verdicts.forged(mail.claims_amazon) {
        return set_apart(world, &store, arrival, quarantine).await;
    }
    let received = Received {
        arrival,
        mail: &mail,
        store: &store,
        now,
    };
    let outcome = match mail.kind {
        Kind::BuyerMessage if mail.alias.is_some() => buyer_message::thread(world, &received).await?,
        Kind::BuyerMessage => keep(world, &received, Some("no-alias")).await?,
        Kind::ReplyCopy => reply_copy::close(world, &received).await?,
        Kind::Other if mail.message_id.is_none() && mail.subject.is_none() && mail.alias.is_none() => {
            keep(
                world,
                &received,
                Some(defects.first().map_or("unreadable", |defect| defect.code())),
            )
            .await?
        }
        // An answer in copy answers nothing yet: it is kept, and never taken for a buyer's message.
        Kind::Other | Kind::ForwardingConfirmation | Kind::OwnCopy => keep(world, &received, None).await?,
        _ => notice::attach(world, &received).await?,
    };
    Ok((outcome, defects))
}

/// Keeps a mail that has no thread.
async fn keep<W: Commit>(
    world: &W,
    received: &Received<'_>,
    reason: Option<&'static str>,
) -> Result<Outcome, ReceiveError> {
    let mut changes = vec![received.seen(None)];
    changes.extend(reason.map(|reason| received.report(ReportKind::Mail, reason)));
    match world.commit(changes).await {
        Ok(()) => Ok(reason.map_or(Outcome::KeptAlone(received.mail.kind), Outcome::Refused)),
        Err(CommitError::Refused(Refusal::Duplicate)) => Ok(Outcome::Duplicate),
        Err(error) => Err(error.into()),
    }
}

async fn set_apart<W: Commit>(
    world: &W,
    store: &Store,
    arrival: &Arrival,
    quarantine: Quarantine,
) -> Result<(Outcome, Vec<Defect>), ReceiveError> {
    let about = Some(arrival.place.clone());
    let report = Report::new(
        &store.id,
        arrival.received,
        ReportKind::Mail,
        quarantine.as_str(),
        about,
    );
    let event = Event::quarantined(&store.id, quarantine, &arrival.place, arrival.received);
    world
        .commit(vec![Change::Report(report), Change::Event(Box::new(event))])
        .await?;
    Ok((Outcome::Quarantined(quarantine), Vec::new()))
}

async fn refuse<W: Commit>(
    world: &W,
    store: &StoreId,
    arrival: &Arrival,
    reason: &'static str,
) -> Result<(Outcome, Vec<Defect>), ReceiveError> {
    let about = Some(arrival.place.clone());
    let report = Report::new(store, arrival.received, ReportKind::Mail, reason, about);
    world.commit(vec![Change::Report(report)]).await?;
    Ok((Outcome::Refused(reason), Vec::new()))
}
