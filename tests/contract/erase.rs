//! Erasing a buyer: each part is removed once, as it was read, and what the metric counts stays.

use within24::domain::alias::Buyer;
use within24::domain::key::Key;
use within24::domain::message::{Fact, MessageKind};
use within24::domain::message_id::MessageId;
use within24::domain::metrics::{Entry, day};
use within24::domain::outgoing::{Outgoing, State};
use within24::domain::recent_mails::MailMark;
use within24::ports::{Change, Erasure, Handle, Refusal};
use within24_tests::worlds::World;

use super::{buyer, message, now, put, refused, store_id, stored, thread};

fn erase(part: Erasure) -> Change {
    Change::Erase(store_id(), buyer(), part)
}

/// A buyer with one of everything.
async fn lived_in(world: &impl World) {
    let one = thread("t");
    let asked = message("asked", MessageKind::Buyer, Some(Fact::Waiting));
    put(world, Change::Thread(Box::new(one.clone()))).await;
    put(world, Change::Message(Box::new(asked), store_id(), buyer())).await;
    put(
        world,
        Change::Handle(Handle::Thread(one.id.clone()), Box::new(one.clone())),
    )
    .await;
    put(
        world,
        Change::Handle(Handle::Ticket("zendesk:1".to_owned()), Box::new(one.clone())),
    )
    .await;
    let item = Outgoing::reply(&one, "words".into(), "mara".into(), false, "wish", now());
    put(world, Change::Outgoing(Box::new(item))).await;
    let older = Change::OlderMails {
        store: store_id(),
        buyer: buyer(),
        thread: one.id.clone(),
        marks: vec![MailMark::of(&MessageId::parse("a@x.example").unwrap())],
    };
    put(world, older).await;
    let record = Change::Buyer {
        store: store_id(),
        buyer: buyer(),
        version: 0,
        asked_at: None,
    };
    put(world, record).await;
}

pub(super) async fn all_that_is_kept_of_a_buyer_is_found_and_can_be_removed(world: &impl World) {
    assert!(world.holdings(&store_id(), &buyer()).await.unwrap().is_empty());
    lived_in(world).await;
    let held = world.holdings(&store_id(), &buyer()).await.unwrap();
    assert_eq!(held.threads, [stored(&thread("t"))]);
    assert_eq!((held.messages.len(), held.outbox.len(), held.record), (1, 1, Some(1)));
    assert_eq!(held.traces.len(), 3, "two handles, one row of older mails");
    let other = Buyer::parse("zzz@marketplace.amazon.de").unwrap();
    assert!(world.holdings(&store_id(), &other).await.unwrap().is_empty());

    let before = world.facts(&store_id(), day(now())).await.unwrap();
    let parts = held.messages.into_iter().map(|one| Erasure::Message(Box::new(one)));
    let parts = parts.chain(held.outbox.into_iter().map(|one| Erasure::Outgoing(Box::new(one))));
    let parts = parts.chain(held.traces.into_iter().map(Erasure::Trace));
    let parts = parts.chain(held.threads.into_iter().map(|one| Erasure::Thread(Box::new(one))));
    for part in parts.chain([Erasure::Record(1)]) {
        put(world, erase(part)).await;
    }
    assert!(world.holdings(&store_id(), &buyer()).await.unwrap().is_empty());
    let handle = Handle::Ticket("zendesk:1".to_owned());
    assert!(world.find(&store_id(), &handle).await.unwrap().is_empty());
    assert!(world.older_mails(&store_id(), &buyer()).await.unwrap().is_empty());
    // What is counted is what was counted.
    assert_eq!(world.facts(&store_id(), day(now())).await.unwrap(), before);
    assert_eq!(before.len(), 1);
    assert_eq!(before[0].2, Entry::Buyer(Fact::Waiting));
}

pub(super) async fn what_has_changed_since_it_was_read_is_not_removed(world: &impl World) {
    lived_in(world).await;
    let held = world.holdings(&store_id(), &buyer()).await.unwrap();
    // Each is written once more.
    put(world, Change::Thread(Box::new(held.threads[0].clone()))).await;
    let answered = Change::Mark {
        store: store_id(),
        buyer: buyer(),
        message: held.messages[0].key.clone(),
        at: held.messages[0].at,
        fact: Some(Fact::Answered(now())),
        failed: false,
    };
    put(world, answered).await;
    let claimed = Outgoing {
        state: State::Sending,
        claimed_until: Some(now()),
        ..held.outbox[0].clone()
    };
    put(
        world,
        Change::Move {
            item: Box::new(claimed),
            from: State::Pending,
        },
    )
    .await;
    let stale = [
        Erasure::Thread(Box::new(held.threads[0].clone())),
        Erasure::Message(Box::new(held.messages[0].clone())),
        Erasure::Outgoing(Box::new(held.outbox[0].clone())),
        Erasure::Record(7),
    ];
    for part in stale {
        assert_eq!(refused(world.commit(vec![erase(part)]).await), Refusal::Stale);
    }
    // What is gone is not removed again.
    let mut gone = held.messages[0].clone();
    gone.key = Key::of(&["never"]);
    let part = erase(Erasure::Message(Box::new(gone)));
    assert_eq!(refused(world.commit(vec![part]).await), Refusal::Stale);
    let facts = world.facts(&store_id(), day(now())).await.unwrap();
    assert_eq!(facts.len(), 1, "a refused part leaves no fact: {facts:?}");
}
