//! A mail is out, and everything that follows from it is written down: the item, the message, its ids, the clock.

use jiff::Timestamp;

use super::retry::{ATTEMPTS, commit_with_marks, contended, load, marks, older_mails, put, settled};
use crate::domain::clock;
use crate::domain::event::Event;
use crate::domain::message::Message;
use crate::domain::outgoing::{Content, Outgoing, State};
use crate::domain::personal::Personal;
use crate::domain::recent_mails::Room;
use crate::domain::request;
use crate::domain::store::Store;
use crate::ports::{Accepted, Change, Commit, CommitError, Handle, ReadBuyer};

/// The words of an item as they go out.
pub(super) fn words(content: &Content) -> Personal {
    match content {
        Content::OrderIdRequest { language, near_miss } => {
            Personal::new(request::render(*language, near_miss.as_ref().map(Personal::expose)))
        }
        Content::Reply { text, .. } => text.clone(),
    }
}

/// Marks the item, which is in the state it was read in, as sent; `now` is the time of writing.
///
/// # Errors
/// Where the world fails, or the item has moved on meanwhile.
pub(super) async fn mark_sent<W>(
    world: &W,
    store: &Store,
    item: Outgoing,
    text: Personal,
    accepted: Accepted,
    now: Timestamp,
) -> Result<(), CommitError>
where
    W: ReadBuyer + Commit,
{
    let from = item.state;
    let own_id = item.message_id(&store.from);
    let sent = Outgoing {
        state: State::Sent,
        claimed_until: None,
        ..item
    };
    let message = Message {
        key: sent.key.clone(),
        thread: sent.thread.clone(),
        at: accepted.at,
        by: match &sent.content {
            Content::Reply { by, .. } => Some(by.clone()),
            Content::OrderIdRequest { .. } => Some("within24".into()),
        },
        kind: sent.content.message_kind(),
        mail: None,
        automatic: sent.content.automatic(),
        text: Some(text),
        message_id: Some(own_id.clone()),
        raw: None,
        attachments: u32::try_from(sent.content.attachments().len()).unwrap_or(u32::MAX),
        fact: None,
        failed: false,
    };
    let ids: Vec<_> = [Some(own_id), accepted.message_id].into_iter().flatten().collect();
    for _ in 0..ATTEMPTS {
        let Some((mut thread, mut messages)) = load(world, &sent.store, &sent.buyer, &sent.thread).await? else {
            return Err(contended().into());
        };
        messages.push(message.clone());
        let result = clock::settle(&messages, &thread.excused);
        thread.settle(&result, store);
        thread.last_message_at = thread.last_message_at.max(accepted.at);
        let mut changes = vec![Change::Move {
            item: Box::new(sent.clone()),
            from,
        }];
        changes.push(put(message.clone(), &thread));
        for id in &ids {
            thread.mails.add(id);
            changes.push(Change::Handle(Handle::Sent(id.clone()), Box::new(thread.clone())));
        }
        changes.extend(older_mails(&mut thread, Room::Ample));
        if let Content::OrderIdRequest { language, .. } = &sent.content {
            let event = Event::requested(&thread, &sent, *language, accepted.at);
            changes.push(Change::Event(Box::new(event)));
        }
        let facts = marks(&thread, &result.changed);
        changes.push(Change::Thread(Box::new(thread)));
        if settled(commit_with_marks(world, changes, facts, now).await)? {
            return Ok(());
        }
    }
    Err(contended().into())
}
