//! Contracts of stores and tokens as people change them, of the trace they leave, and of what they are shown.

use jiff::SignedDuration;
use jiff::civil::Date;
use within24::domain::clock::shift;
use within24::domain::deed::{By, Deed, Did};
use within24::domain::message::{Fact, MessageKind};
use within24::domain::outgoing::Outgoing;
use within24::domain::report::{Report, ReportKind};
use within24::domain::store::{Store, StoreId};
use within24::domain::token::{Bearer, RANDOM_BYTES, Reach, Role, Token};
use within24::ports::{Change, Handle, Place, Refusal, RegistryChange};
use within24_tests::worlds::World;

use super::{buyer, message, now, put, refused, store, store_id, stored, thread};

fn token(seed: u8) -> Token {
    let bearer = Bearer::new(&[seed; RANDOM_BYTES]);
    Token {
        id: bearer.id().clone(),
        name: "Mara Lind".into(),
        scopes: [
            (Reach::Everywhere, Role::Agent),
            (Reach::Store(store_id()), Role::Admin),
        ]
        .into_iter()
        .collect(),
        hash: bearer.hash(),
        made_at: now(),
        made_by: "command".into(),
        ends_at: Some(shift(now(), SignedDuration::from_hours(1))),
        revoked_at: None,
        used_on: None,
    }
}

fn registry(change: RegistryChange) -> Change {
    Change::Registry(change)
}

pub(super) async fn a_token_is_made_used_and_revoked(world: &impl World) {
    let [first, second] = [token(1), token(2)];
    assert_eq!(world.token(&first.id).await.unwrap(), None);
    let made = |token: &Token| registry(RegistryChange::TokenMade(Box::new(token.clone())));
    put(world, made(&first)).await;
    put(world, made(&second)).await;
    assert_eq!(refused(world.commit(vec![made(&first)]).await), Refusal::Duplicate);
    assert_eq!(world.token(&first.id).await.unwrap(), Some(first.clone()));

    let day = |text: &str| text.parse::<Date>().unwrap();
    let used = |day| {
        registry(RegistryChange::TokenUsed {
            id: first.id.clone(),
            day,
        })
    };
    put(world, used(day("2026-03-02"))).await;
    for earlier in ["2026-03-02", "2026-03-01"] {
        assert_eq!(refused(world.commit(vec![used(day(earlier))]).await), Refusal::Stale);
    }
    put(world, used(day("2026-03-03"))).await;
    let revoked = |token: &Token| {
        registry(RegistryChange::TokenRevoked {
            id: token.id.clone(),
            at: now(),
        })
    };
    put(world, revoked(&first)).await;
    assert_eq!(refused(world.commit(vec![revoked(&first)]).await), Refusal::Stale);
    let missing = token(3);
    assert_eq!(refused(world.commit(vec![revoked(&missing)]).await), Refusal::Stale);
    let unknown = RegistryChange::TokenUsed {
        id: missing.id.clone(),
        day: day("2026-03-04"),
    };
    assert_eq!(refused(world.commit(vec![registry(unknown)]).await), Refusal::Stale);
    assert_eq!(world.token(&missing.id).await.unwrap(), None);
    let first = Token {
        used_on: Some(day("2026-03-03")),
        revoked_at: Some(now()),
        ..first
    };
    let mut all = vec![first, second];
    all.sort_by(|a, b| a.id.cmp(&b.id));
    assert_eq!(world.tokens().await.unwrap(), all);
}

pub(super) async fn what_was_done_comes_back_latest_first_in_pages(world: &impl World) {
    let by = By {
        token: Some(token(1).id),
        name: "Mara Lind".into(),
    };
    let at = |second: i64| shift(now(), SignedDuration::from_secs(second));
    let mut deeds = Vec::new();
    for (second, deed) in (0..).zip(Deed::ALL.iter().copied()) {
        let thread = thread("t");
        deeds.push(Did::new(
            Some(&store_id()),
            at(second),
            &by,
            deed,
            Some(&thread.id),
            Some("+tag".into()),
        ));
    }
    // Two at the same moment.
    deeds.push(Did::new(Some(&store_id()), at(1), &by, Deed::Read, None, None));
    let command = By {
        token: None,
        name: "operator".into(),
    };
    let everywhere = Did::new(None, now(), &command, Deed::TokenMade, None, None);
    for did in deeds.iter().chain([&everywhere, &deeds[0]]) {
        put(world, Change::Did(Box::new(did.clone()))).await;
    }
    assert_eq!(world.deeds(None, None, 9).await.unwrap(), [everywhere]);
    let other = StoreId::parse("fr").unwrap();
    assert!(world.deeds(Some(&other), None, 9).await.unwrap().is_empty());
    deeds.sort_by(|a, b| (b.at, &b.key).cmp(&(a.at, &a.key)));
    for limit in [1, 4, 13, 50] {
        let (mut seen, mut before) = (Vec::new(), None);
        loop {
            let page = world.deeds(Some(&store_id()), before.as_ref(), limit).await.unwrap();
            before = page.last().map(|last| Place {
                at: last.at,
                key: last.key.clone(),
            });
            let ended = page.len() < limit;
            seen.extend(page);
            if ended {
                break;
            }
        }
        assert_eq!(seen, deeds, "{limit}");
    }
}

pub(super) async fn standing_reports_come_latest_first_in_pages(world: &impl World) {
    let at = |second: i64| shift(now(), SignedDuration::from_secs(second));
    let reports: Vec<Report> = (0..9)
        .map(|n| Report::new(&store_id(), at(n), ReportKind::Mail, format!("r{n}"), None))
        .collect();
    for report in &reports {
        put(world, Change::Report(report.clone())).await;
    }
    for withdrawn in [&reports[8], &reports[4], &reports[3]] {
        put(world, Change::Withdraw(withdrawn.clone())).await;
    }
    let mut wanted: Vec<Report> = [0, 1, 2, 5, 6, 7].map(|n| reports[n].clone()).to_vec();
    wanted.reverse();
    for limit in [1, 2, 5, 6, 50] {
        let (mut seen, mut before) = (Vec::new(), None);
        loop {
            let page = world
                .standing_reports(&store_id(), before.as_ref(), limit)
                .await
                .unwrap();
            before = page.last().map(|last: &Report| Place {
                at: last.at,
                key: last.key.clone(),
            });
            let ended = page.len() < limit;
            seen.extend(page);
            if ended {
                break;
            }
        }
        assert_eq!(seen, wanted, "{limit}");
    }
}

pub(super) async fn a_recipient_has_one_store_and_moves_with_it(world: &impl World) {
    let change = |store: &Store, recipient: Option<&str>| {
        registry(RegistryChange::Store {
            store: Box::new(store.clone()),
            recipient: recipient.map(str::to_owned),
        })
    };
    let takes = |store: &Store| {
        registry(RegistryChange::Takes {
            store: store.id.clone(),
            recipient: store.recipient.clone(),
        })
    };
    let leaves = |store: &Store, recipient: &str| {
        registry(RegistryChange::Leaves {
            store: store.id.clone(),
            recipient: recipient.to_owned(),
            at: now(),
        })
    };
    let listed = |store: &Store| registry(RegistryChange::Listed(store.id.clone()));
    let first = store();
    let register = vec![change(&first, None), listed(&first), takes(&first)];
    world.commit(register.clone()).await.unwrap();
    assert_eq!(refused(world.commit(register).await), Refusal::Stale, "it is there");
    assert_eq!(world.store(&first.id).await.unwrap(), Some(first.clone()));
    assert_eq!(world.stores().await.unwrap(), [store_id()]);

    let second = Store::new(StoreId::parse("fr").unwrap(), &first.recipient, "fr@x.example");
    let both = vec![change(&second, None), takes(&second), listed(&second)];
    assert_eq!(
        refused(world.commit(both.clone()).await),
        Refusal::Duplicate,
        "the recipient is the first one's"
    );
    let moved = Store {
        recipient: "new@x.example".to_owned(),
        ..first.clone()
    };
    let stale = vec![change(&moved, Some("other@x.example")), takes(&moved)];
    assert_eq!(refused(world.commit(stale).await), Refusal::Stale);
    let old = first.recipient.clone();
    world
        .commit(vec![change(&moved, Some(&old)), takes(&moved), leaves(&moved, &old)])
        .await
        .unwrap();
    let owner = async |recipient: &str| {
        let store = world.store_for(&[recipient.to_owned()]).await.unwrap();
        store.map(|store| store.id)
    };
    assert_eq!(
        (owner(&old).await, owner("new@x.example").await),
        (None, Some(first.id.clone()))
    );
    world.commit(both).await.unwrap();
    assert_eq!(owner(&old).await, Some(second.id));
    // Settings change where the recipient stays.
    let later = Store {
        daily_orders: 99,
        ..moved
    };
    world
        .commit(vec![change(&later, Some("new@x.example")), takes(&later)])
        .await
        .unwrap();
    assert_eq!(world.store(&first.id).await.unwrap(), Some(later));
}

pub(super) async fn a_thread_is_shown_with_what_belongs_to_it(world: &impl World) {
    let first = thread("t");
    let other = thread("other");
    assert_eq!(world.shown(&store_id(), &first.id).await.unwrap(), None);
    for thread in [&first, &other] {
        put(world, Change::Thread(Box::new(thread.clone()))).await;
        let handle = Handle::Thread(thread.id.clone());
        put(world, Change::Handle(handle, Box::new(thread.clone()))).await;
    }
    let shown = world.shown(&store_id(), &first.id).await.unwrap();
    assert_eq!(shown, Some(stored(&first)));
    let elsewhere = StoreId::parse("fr").unwrap();
    assert_eq!(world.shown(&elsewhere, &first.id).await.unwrap(), None);

    let all = [
        message("a", MessageKind::Buyer, Some(Fact::Waiting)),
        message("b", MessageKind::Reply, None),
    ];
    for one in &all {
        put(world, Change::Message(Box::new(one.clone()), store_id(), buyer())).await;
    }
    assert_eq!(
        world.shown_messages(&first).await.unwrap(),
        world.messages(&store_id(), &buyer(), &first.id).await.unwrap()
    );
    assert!(world.shown_messages(&other).await.unwrap().is_empty());
    let reply = |thread, wish: &str, second| {
        let at = shift(now(), SignedDuration::from_secs(second));
        Outgoing::reply(thread, "It is due.".into(), "Mara".into(), false, wish, at)
    };
    let items = [reply(&first, "1", 2), reply(&first, "2", 1), reply(&other, "3", 0)];
    for item in &items {
        put(world, Change::Outgoing(Box::new(item.clone()))).await;
    }
    assert_eq!(
        world.shown_outbox(&first).await.unwrap(),
        [items[1].clone(), items[0].clone()]
    );
    assert_eq!(world.shown_outbox(&other).await.unwrap(), [items[2].clone()]);
}
