//! A buyer wrote: find or open the thread, start the clock, decide whether to ask for the order id.

use super::{Outcome, ReceiveError, Received, reply_copy};
use crate::app::retry::{ATTEMPTS, commit_with_marks, contended, marks, older_mails, put, settled};
use crate::domain::clock;
use crate::domain::copy::comparable_name;
use crate::domain::event::Event;
use crate::domain::message::{Fact, Message, MessageKind};
use crate::domain::message_id::MessageId;
use crate::domain::outgoing::Outgoing;
use crate::domain::recent_mails::{MailMark, Room};
use crate::domain::request;
use crate::domain::thread::{self, Status, Thread, ThreadId};
use crate::ports::{BuyerRecord, Change, Commit, CommitError, FindCopies, Handle, ReadBuyer, Refusal};

pub(super) async fn thread<W>(world: &W, received: &Received<'_>) -> Result<Outcome, ReceiveError>
where
    W: ReadBuyer + FindCopies + Commit,
{
    for _ in 0..ATTEMPTS {
        let Some((changes, facts, outcome)) = decide(world, received).await? else {
            return Ok(Outcome::Duplicate);
        };
        match settled(commit_with_marks(world, changes, facts, received.now).await) {
            Ok(true) => return Ok(outcome),
            Ok(false) => {}
            Err(CommitError::Refused(Refusal::Duplicate)) => return Ok(Outcome::Duplicate),
            Err(error) => return Err(error.into()),
        }
    }
    Err(contended().into())
}

/// The changes that take in the mail, the facts of older messages that change with it, and what it comes to.
type Decision = (Vec<Change>, Vec<Change>, Outcome);

/// `None`: the mail was taken in before.
async fn decide<W: ReadBuyer + FindCopies>(
    world: &W,
    received: &Received<'_>,
) -> Result<Option<Decision>, ReceiveError> {
    let (mail, store, at) = (received.mail, received.store, received.arrival.received);
    let alias = mail.alias.as_ref().ok_or(ReceiveError::NoMail)?;
    let buyer = alias.buyer();
    let BuyerRecord {
        version,
        asked_at,
        threads,
    } = world.buyer(&store.id, &buyer).await?;
    let Some(linked) = answered(world, received, &threads).await? else {
        return Ok(None);
    };

    let found = thread::assign(mail, alias, at, &threads, &linked);
    let before = found.map(|(place, _)| &threads[place]);
    let mut thread = before
        .cloned()
        .unwrap_or_else(|| Thread::open(store.id.clone(), alias.clone(), &received.key(), at));
    thread.absorb(mail, alias, at);

    let imported = clock::is_import(mail.date, at);
    let spam = received.arrival.verdicts.spam();
    if imported {
        thread.tags.insert("imported".to_owned());
    }
    if spam {
        thread.tags.insert("spam".to_owned());
    }
    let mut message = received.message(&thread, MessageKind::Buyer, None);
    let facts = start_clock(world, received, &mut thread, &mut message, imported).await?;
    let mut changes = Vec::new();
    // A mail that answers one of ours is no question whose answer came first. In a known thread nothing waits.
    if before.is_none() && !imported && mail.answers.is_empty() {
        let (answers, copies) = reply_copy::answers_that_waited(world, received, &thread).await?;
        changes.extend(copies);
        settle_at_once(received, &mut thread, &mut message, &answers);
        changes.extend(answers.into_iter().map(|answer| put(answer, &thread)));
    }

    let others: Vec<&Thread> = threads.iter().filter(|other| other.id != thread.id).collect();
    let request = request::decide(mail, &thread, &others, asked_at, store, spam, imported, at);
    if request.is_ok() {
        thread.asked_at = Some(at);
        let language = request::language_for(mail.language, thread.marketplace());
        let near_miss = if let [one] = &mail.near_order_ids[..] {
            Some(one.clone())
        } else {
            None
        };
        changes.push(Change::Outgoing(Box::new(Outgoing::order_id_request(
            &thread, language, near_miss, at,
        ))));
    }
    if before.is_none() || request.is_ok() {
        let asked_at = if request.is_ok() { Some(at) } else { asked_at };
        changes.push(Change::Buyer {
            store: store.id.clone(),
            buyer: buyer.clone(),
            version,
            asked_at,
        });
    }
    changes.extend(
        new_handles(before, &thread)
            .into_iter()
            .map(|handle| Change::Handle(handle, Box::new(thread.clone()))),
    );
    let waited = before.is_some_and(|before| before.waiting_since.is_some());
    let room = if waited && changes.is_empty() {
        Room::Ample
    } else {
        Room::Scarce
    };
    changes.extend(older_mails(&mut thread, room));
    let outcome = Outcome::Threaded {
        thread: thread.id.clone(),
        rule: found.map(|(_, rule)| rule),
        request,
    };
    if before.is_none() {
        changes.push(Change::Event(Box::new(Event::opened(&thread))));
    }
    changes.push(put(message, &thread));
    changes.push(Change::Thread(Box::new(thread)));
    Ok(Some((changes, facts, outcome)))
}

/// The threads that hold a mail which this one answers; `None` where one of them holds this very mail.
async fn answered<W: ReadBuyer>(
    world: &W,
    received: &Received<'_>,
    threads: &[Thread],
) -> Result<Option<Vec<ThreadId>>, ReceiveError> {
    let mail = received.mail;
    let holding = |id: &MessageId| {
        let holds = threads.iter().filter(|thread| thread.mails.contains(id));
        holds.map(|thread| thread.id.clone()).collect::<Vec<_>>()
    };
    if mail.message_id.as_ref().is_some_and(|id| !holding(id).is_empty()) {
        return Ok(None);
    }
    let mut linked: Vec<ThreadId> = mail.answers.iter().flat_map(holding).collect();
    let Some(first) = threads.iter().find(|thread| thread.mails.has_older()) else {
        return Ok(Some(linked));
    };
    let older = world.older_mails(&received.store.id, &first.buyer).await?;
    let own = mail.message_id.as_ref().map(MailMark::of);
    let answers: Vec<MailMark> = mail.answers.iter().map(MailMark::of).collect();
    for (thread, marks) in older {
        if own.is_some_and(|own| marks.contains(&own)) {
            return Ok(None);
        }
        if answers.iter().any(|mark| marks.contains(mark)) {
            linked.push(thread);
        }
    }
    Ok(Some(linked))
}

/// Sets the clock of the thread and the fact of the new message; gives the facts of older messages that change with it.
async fn start_clock<W: ReadBuyer>(
    world: &W,
    received: &Received<'_>,
    thread: &mut Thread,
    message: &mut Message,
    imported: bool,
) -> Result<Vec<Change>, ReceiveError> {
    let at = message.at;
    if imported {
        message.fact = Some(Fact::Imported);
        return Ok(Vec::new());
    }
    message.fact = Some(Fact::Waiting);
    let excuse = thread.excused.last().copied();
    if thread.last_answer_at.max(excuse).is_none_or(|last| last < at) {
        let since = thread.waiting_since.map_or(at, |since| since.min(at));
        thread.wait(Some(since), Status::NeedsResponse, received.store);
        return Ok(Vec::new());
    }
    // An answer or excuse is younger than this mail: it came late, and they may cover it.
    let mut messages = world.messages(&thread.store, &thread.buyer, &thread.id).await?;
    messages.push(message.clone());
    let result = clock::settle(&messages, &thread.excused);
    thread.settle(&result, received.store);
    let (own, older): (Vec<_>, Vec<_>) = result.changed.into_iter().partition(|new| new.message == message.key);
    if let Some(new) = own.first() {
        message.fact = Some(new.fact);
    }
    Ok(marks(thread, &older))
}

/// The first message of a thread and the answers that waited for it.
fn settle_at_once(received: &Received<'_>, thread: &mut Thread, message: &mut Message, answers: &[Message]) {
    if answers.is_empty() {
        return;
    }
    let messages: Vec<Message> = answers.iter().chain([&*message]).cloned().collect();
    let result = clock::settle(&messages, &thread.excused);
    thread.settle(&result, received.store);
    for new in result.changed.iter().filter(|new| new.message == message.key) {
        message.fact = Some(new.fact);
    }
}

/// What the thread can be found by now and could not before.
fn new_handles(before: Option<&Thread>, thread: &Thread) -> Vec<Handle> {
    let mut handles = Vec::new();
    if before.is_none() {
        handles.push(Handle::Thread(thread.id.clone()));
    }
    if before.and_then(|before| before.case_id.as_ref()) != thread.case_id.as_ref() {
        handles.extend(thread.case_id.clone().map(Handle::Case));
    }
    let name = |thread: &Thread| thread.buyer_name.as_ref().and_then(comparable_name);
    if before.and_then(name) != name(thread) {
        handles.extend(name(thread).map(Handle::Name));
    }
    let known = before.map_or(0, |before| before.order_ids.len());
    handles.extend(thread.order_ids.iter().skip(known).cloned().map(Handle::Order));
    handles
}
