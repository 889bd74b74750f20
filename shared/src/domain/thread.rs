//! Threads: which mails belong together, and what a thread is.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use strum::VariantArray;

use super::alias::{Alias, Buyer, CaseId};
use super::clock::{self, Level};
use super::key::Key;
use super::language::Language;
use super::mail::Mail;
use super::marketplace::Marketplace;
use super::message_id::MessageId;
use super::order_id::OrderId;
use super::personal::Personal;
use super::recent_mails::RecentMails;
use super::store::{Store, StoreId};
use super::tags::TagHistory;

/// Mails of one buyer that name neither case nor order belong together for this long.
pub const SAME_TALK: SignedDuration = SignedDuration::from_hours(30 * 24);

/// Names a thread. Sorts by the time of its first message; derived from that message, so a retry makes the same thread.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ThreadId(String);

impl ThreadId {
    /// The thread that starts with this message.
    pub fn starting_with(message: &Key, received: Timestamp) -> Self {
        Self(message.timed(received))
    }

    /// Reads an id: 1 to 64 letters, digits and dashes.
    pub fn parse(text: &str) -> Option<Self> {
        Key::parse(text).map(|key| Self(key.as_str().to_owned()))
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Where a thread stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, VariantArray)]
pub enum Status {
    /// A buyer message waits for a human answer.
    NeedsResponse,
    /// The last word is ours.
    Answered,
    /// Nothing waits, and nobody had to answer.
    NoResponseNeeded,
}

impl Status {
    /// Every status.
    pub const ALL: &[Self] = Self::VARIANTS;

    /// The name in the contract.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NeedsResponse => "needs-response",
            Self::Answered => "answered",
            Self::NoResponseNeeded => "no-response-needed",
        }
    }

    /// Reads the name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|status| status.as_str() == name)
    }
}

/// A thread: one buyer, one matter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Thread {
    /// Its name.
    pub id: ThreadId,
    /// The store it belongs to.
    pub store: StoreId,
    /// The buyer: one for ever.
    pub buyer: Buyer,
    /// The address of the newest buyer message, as received. Answers go there.
    pub alias: Alias,
    /// Seller Central's case, once a mail named one.
    pub case_id: Option<CaseId>,
    /// Orders named in it, first named first.
    pub order_ids: Vec<OrderId>,
    /// The buyer's name, as last given.
    pub buyer_name: Option<Personal>,
    /// Subject of its first message.
    pub subject: Option<Personal>,
    /// Subject of the newest buyer message, where it is another.
    pub newest_subject: Option<Personal>,
    /// Language of the buyer's words, as last recognised.
    pub language: Option<Language>,
    /// Receipt of the first message.
    pub opened_at: Timestamp,
    /// The last message of buyer or seller.
    pub last_message_at: Timestamp,
    /// Receipt of the newest buyer message.
    pub last_buyer_at: Timestamp,
    /// Message-ID of the newest buyer message.
    pub last_buyer_id: Option<MessageId>,
    /// The last human answer that stands.
    pub last_answer_at: Option<Timestamp>,
    /// When the buyer was asked for an order id in this thread.
    pub asked_at: Option<Timestamp>,
    /// When a mail of ours to the buyer came back for good: nothing automatic is sent to him any more.
    pub bounced_at: Option<Timestamp>,
    /// Where it stands.
    pub status: Status,
    /// Receipt of the oldest buyer message without a human answer.
    pub waiting_since: Option<Timestamp>,
    /// The highest level raised in this waiting period.
    pub alerted: Option<Level>,
    /// When the next level is reached; set exactly while the thread waits and a level is left.
    pub next_alert_at: Option<Timestamp>,
    /// When a person last read it.
    pub read_at: Option<Timestamp>,
    /// When people said that no response is needed, as far as they did not take it back.
    pub excused: BTreeSet<Timestamp>,
    /// Who takes care of it.
    pub assignee: Option<Personal>,
    /// When that was last said.
    pub assigned_at: Option<Timestamp>,
    /// Labels.
    pub tags: BTreeSet<String>,
    /// What was said when of the labels; see [`super::tags`].
    pub tag_history: TagHistory,
    /// Its newest mails, received and sent.
    pub mails: RecentMails,
    /// Counts the writes: each states the one it was based on. 0: not yet written.
    pub version: u64,
}

impl Thread {
    /// The store of Amazon it came through.
    pub fn marketplace(&self) -> Marketplace {
        self.alias.marketplace()
    }

    /// The thread that a buyer's first mail opens, before that mail is taken in.
    pub fn open(store: StoreId, alias: Alias, message: &Key, received: Timestamp) -> Self {
        Self {
            id: ThreadId::starting_with(message, received),
            store,
            buyer: alias.buyer(),
            case_id: None,
            alias,
            order_ids: Vec::new(),
            buyer_name: None,
            subject: None,
            newest_subject: None,
            language: None,
            opened_at: received,
            last_message_at: received,
            last_buyer_at: Timestamp::MIN,
            last_buyer_id: None,
            last_answer_at: None,
            asked_at: None,
            bounced_at: None,
            status: Status::NoResponseNeeded,
            waiting_since: None,
            alerted: None,
            next_alert_at: None,
            read_at: None,
            excused: BTreeSet::new(),
            assignee: None,
            assigned_at: None,
            tags: BTreeSet::new(),
            tag_history: TagHistory::default(),
            mails: RecentMails::default(),
            version: 0,
        }
    }

    /// Takes in what a buyer's mail says of the thread: everything but the clock.
    pub fn absorb(&mut self, mail: &Mail, alias: &Alias, received: Timestamp) {
        let newest = received >= self.last_buyer_at;
        if received < self.opened_at || self.subject.is_none() {
            let before = std::mem::replace(&mut self.subject, mail.subject.clone());
            self.newest_subject = self.newest_subject.take().or(before);
        }
        if newest {
            self.alias = alias.clone();
            self.last_buyer_at = received;
            self.last_buyer_id.clone_from(&mail.message_id);
            self.newest_subject.clone_from(&mail.subject);
        }
        if newest || self.buyer_name.is_none() {
            self.buyer_name = mail.buyer_name.clone().or(self.buyer_name.take());
        }
        if newest || self.language.is_none() {
            self.language = mail.language.or(self.language);
        }
        if self.newest_subject == self.subject {
            self.newest_subject = None;
        }
        if self.case_id.is_none() {
            self.case_id = alias.case_id();
        }
        for order in &mail.order_ids {
            if !self.order_ids.contains(order) {
                self.order_ids.push(order.clone());
            }
        }
        if let Some(id) = &mail.message_id {
            self.mails.add(id);
        }
        self.opened_at = self.opened_at.min(received);
        self.last_message_at = self.last_message_at.max(received);
    }

    /// The subject of the newest buyer message.
    pub fn subject_to_answer(&self) -> Option<&Personal> {
        self.newest_subject.as_ref().or(self.subject.as_ref())
    }

    /// Sets the clock. A new waiting period starts without alerts.
    pub fn wait(&mut self, waiting_since: Option<Timestamp>, status: Status, store: &Store) {
        if self.waiting_since != waiting_since {
            self.alerted = None;
        }
        self.waiting_since = waiting_since;
        self.status = status;
        self.next_alert_at = waiting_since
            .and_then(|since| clock::next_alert(clock::due(since), self.alerted, store))
            .map(|(_, at)| at);
    }

    /// Sets the clock to what the messages come to.
    pub fn settle(&mut self, settled: &clock::Settled, store: &Store) {
        self.last_answer_at = settled.last_answer;
        self.wait(settled.waiting_since, settled.status, store);
    }

    /// Whether its newest buyer message was neither read nor answered by a person.
    pub fn unread(&self) -> bool {
        self.read_at
            .max(self.last_answer_at)
            .is_none_or(|looked| looked < self.last_buyer_at)
    }

    /// Somebody takes care of it, or nobody, since `at`; what was said later stands.
    pub fn assign(&mut self, to: Option<Personal>, at: Timestamp) {
        if (Some(at), &to) >= (self.assigned_at, &self.assignee) {
            self.assignee = to;
            self.assigned_at = Some(at);
        }
    }

    /// The deadline, while it waits.
    pub fn due_at(&self) -> Option<Timestamp> {
        self.waiting_since.map(clock::due)
    }
}

/// The rule by which a mail found its thread, in the order they are tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rule {
    /// Same buyer and same case id.
    Case,
    /// `In-Reply-To` or `References` name a mail of the thread.
    Answers,
    /// Same buyer and a shared order id.
    Order,
    /// Same buyer, within 30 days, no conflict.
    Recent,
}

/// The thread a buyer's mail belongs to: its place in `threads`, and why. `None`: it opens a new one.
///
/// `threads` are the buyer's own in this store; `linked` are those that hold a mail which this one answers.
pub fn assign(
    mail: &Mail,
    alias: &Alias,
    received: Timestamp,
    threads: &[Thread],
    linked: &[ThreadId],
) -> Option<(usize, Rule)> {
    let case = alias.case_id();
    let same_case = |thread: &Thread| match (&case, &thread.case_id) {
        (Some(ours), Some(theirs)) => ours == theirs,
        _ => true,
    };
    let latest = |fits: &dyn Fn(&Thread) -> bool| {
        let fitting = threads.iter().enumerate().filter(|(_, thread)| fits(thread));
        fitting
            .max_by_key(|(_, thread)| (thread.last_message_at, thread.id.clone()))
            .map(|(place, _)| place)
    };
    let shares = |thread: &Thread| mail.order_ids.iter().any(|order| thread.order_ids.contains(order));
    let conflict = |thread: &Thread| {
        !same_case(thread) || (!mail.order_ids.is_empty() && !thread.order_ids.is_empty() && !shares(thread))
    };
    let recent = |thread: &Thread| received.duration_since(thread.last_message_at).abs() <= SAME_TALK;

    let by_case = || latest(&|thread| case.is_some() && thread.case_id == case);
    let by_answer = || latest(&|thread| linked.contains(&thread.id) && same_case(thread));
    let by_order = || {
        let mut orders = mail.order_ids.iter();
        orders.find_map(|order| latest(&|thread| thread.order_ids.contains(order) && same_case(thread)))
    };
    // An address that many buyers share says nothing of who wrote.
    let by_time = || latest(&|thread| !alias.is_shared() && recent(thread) && !conflict(thread));
    by_case()
        .map(|place| (place, Rule::Case))
        .or_else(|| by_answer().map(|place| (place, Rule::Answers)))
        .or_else(|| by_order().map(|place| (place, Rule::Order)))
        .or_else(|| by_time().map(|place| (place, Rule::Recent)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::mail;

    fn at(time: &str) -> Timestamp {
        time.parse().unwrap()
    }

    fn read(from: &str, subject: &str) -> (Mail, Alias) {
        let raw =
            format!("From: {from}@marketplace.amazon.it\nSubject: {subject}\nMessage-ID: <1@x.example>\n\nDov'è?");
        let (mail, _) = mail::read(raw.as_bytes());
        let alias = mail.alias.clone().expect("a relay address");
        (mail, alias)
    }

    fn thread(from: &str, subject: &str) -> Thread {
        let received = at("2026-11-16T09:00:00Z");
        let (mail, alias) = read(from, subject);
        let mut thread = Thread::open(
            StoreId::parse("s").unwrap(),
            alias.clone(),
            &Key::of(&[from, subject]),
            received,
        );
        thread.absorb(&mail, &alias, received);
        thread
    }

    const SHARED: &str = "no-reply-amazon-iba-buyer";
    const ORDER: &str = "(Ordine: 405-8827164-3390125)";

    #[test]
    fn a_shared_address_says_nothing_of_the_buyer() {
        let received = at("2026-11-16T10:00:00Z");
        let joins = |from: &str, subject: &str, threads: &[Thread]| {
            let (mail, alias) = read(from, subject);
            assign(&mail, &alias, received, threads, &[]).map(|(_, rule)| rule)
        };
        let open = thread(SHARED, "Domanda");
        assert_eq!(joins(SHARED, "Domanda", std::slice::from_ref(&open)), None);
        assert_eq!(joins(SHARED, ORDER, std::slice::from_ref(&open)), None);
        let ordered = thread(SHARED, ORDER);
        assert_eq!(joins(SHARED, ORDER, &[open, ordered]), Some(Rule::Order));
        let case = format!("{SHARED}+01234567");
        assert_eq!(joins(&case, "Domanda", &[thread(&case, "Domanda")]), Some(Rule::Case));
        assert_eq!(joins(&case, "Domanda", &[thread(SHARED, "Domanda")]), None);
    }

    #[test]
    fn a_buyer_of_any_alphabet_has_threads() {
        for from in ["a1b2c3", "a-1_b.2", "a1b2+x_y", "a1b2+one+two"] {
            let (mail, alias) = read(from, "Domanda");
            let found = assign(
                &mail,
                &alias,
                at("2026-11-16T10:00:00Z"),
                &[thread(from, "Domanda")],
                &[],
            );
            assert!(found.is_some(), "{from}");
        }
    }
}
