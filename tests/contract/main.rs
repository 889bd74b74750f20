//! The ports' contracts, held in memory and on an embedded DynamoDB alike.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::BTreeSet;

use jiff::Timestamp;
use within24::domain::alias::{Alias, Buyer, CaseId};
use within24::domain::attachment::{Attachment, KeptAttachment};
use within24::domain::clock::{self, Level};
use within24::domain::event::Event;
use within24::domain::key::Key;
use within24::domain::listing::Listed;
use within24::domain::mail::Kind;
use within24::domain::message::{Fact, Message, MessageKind};
use within24::domain::message_id::MessageId;
use within24::domain::metrics::{Entry, day};
use within24::domain::order_id::OrderId;
use within24::domain::outgoing::{Content, Outgoing, State};
use within24::domain::quiet_hours::QuietHours;
use within24::domain::recent_mails::MailMark;
use within24::domain::report::{Report, ReportKind};
use within24::domain::store::{AskOrderId, Store, StoreId};
use within24::domain::thread::{Status, Thread};
use within24::ports::{Change, CommitError, Handle, Refusal, WaitingCopy};
use within24::testing::Memory;
use within24_tests::worlds::{self, World};

mod access;
mod aws;
mod bucket;
mod endpoints;
mod erase;
mod mailing;
mod publishing;
mod rollups;
mod services;
mod table_errors;

use access::{
    a_recipient_has_one_store_and_moves_with_it, a_thread_is_shown_with_what_belongs_to_it,
    a_token_is_made_used_and_revoked, standing_reports_come_latest_first_in_pages,
    what_was_done_comes_back_latest_first_in_pages,
};
use endpoints::{
    a_call_is_planned_once_and_changed_only_as_it_was_read, an_endpoint_comes_back_as_it_was_written_in_its_store,
    an_endpoint_is_changed_only_as_it_was_read_and_deleted_once, an_event_is_found_by_its_key_told_or_not,
    calls_are_listed_by_endpoint_the_latest_event_first, calls_that_wait_are_found_when_somebody_has_to_look,
    secrets_take_over_from_each_other_until_they_are_deleted,
};
use erase::{
    all_that_is_kept_of_a_buyer_is_found_and_can_be_removed, what_has_changed_since_it_was_read_is_not_removed,
};
use rollups::{
    a_changed_day_stays_marked_until_it_is_settled_as_it_was_read, a_rollup_comes_back_as_it_was_written,
    every_store_is_listed_once, marketplaces_that_were_rolled_up_add_up, windows_are_those_last_written,
};

const NOW: &str = "2026-03-02T09:15:00.250Z";

fn now() -> Timestamp {
    NOW.parse().unwrap()
}

fn store_id() -> StoreId {
    StoreId::parse("de").unwrap()
}

fn store() -> Store {
    let mut store = Store::new(store_id(), "shop+de@x.example", "shop@x.example");
    store.daily_orders = 7;
    store.ask_order_id = AskOrderId::Always;
    store.screen.set_rule("emoji", "off").unwrap();
    store.screen.add_phrase("marketing", "lamp* ..2 club = yes").unwrap();
    store.screen.allow_host("help.x.example");
    store.screen.accept_the_risk(true);
    store.marketplaces = vec![alias().marketplace()];
    store.closed_needs_no_response = true;
    store.quiet_hours = QuietHours::parse("22:00-07:00 Europe/Berlin");
    store
}

fn alias() -> Alias {
    Alias::parse("a1b2c3d4e5f6g7h+01234567-89ab@marketplace.amazon.de").unwrap()
}

fn thread(name: &str) -> Thread {
    let mut thread = Thread::open(store_id(), alias(), &Key::of(&[name]), now());
    thread.case_id = alias().case_id();
    thread.order_ids = vec![OrderId::parse("302-1234567-7654321").unwrap()];
    thread.buyer_name = Some("Vera Muster".into());
    thread.subject = Some("Frage".into());
    thread.newest_subject = Some("Noch eine Frage".into());
    thread.last_buyer_at = now();
    thread.last_buyer_id = MessageId::parse("m@x.example");
    thread.asked_at = Some(now());
    thread.read_at = Some(now());
    thread.bounced_at = Some(now());
    thread.excused.insert(now());
    thread.assignee = Some("Mara".into());
    thread.assigned_at = Some(now());
    thread.tags.insert("spam".to_owned());
    thread.tag(&["two words".to_owned()], &["gone".to_owned()], now());
    thread.tags_are(&["two words".to_owned()], now());
    thread.wait(Some(now()), Status::NeedsResponse, &store());
    thread
}

fn stored(thread: &Thread) -> Thread {
    Thread {
        version: thread.version + 1,
        ..thread.clone()
    }
}

fn message(name: &str, kind: MessageKind, fact: Option<Fact>) -> Message {
    Message {
        key: Key::of(&[name]),
        thread: thread("t").id,
        at: now(),
        by: Some("Mara".into()),
        kind,
        mail: Some(Kind::BuyerMessage),
        automatic: true,
        text: Some("Lange Worte, die sich gut packen lassen. ".repeat(30).into()),
        message_id: MessageId::parse("m@x.example"),
        raw: Some("mail/1".to_owned()),
        attachments: 2,
        fact,
        failed: false,
    }
}

fn refused(result: Result<(), CommitError>) -> Refusal {
    match result {
        Err(CommitError::Refused(refusal)) => refusal,
        other => panic!("not refused: {other:?}"),
    }
}

fn buyer() -> Buyer {
    alias().buyer()
}

async fn put(world: &impl World, change: Change) {
    world.commit(vec![change]).await.unwrap();
}

async fn a_store_is_found_by_its_recipient_before_the_catch_all(world: &impl World) {
    world.register(store()).await;
    world
        .register(Store::new(StoreId::parse("all").unwrap(), "*", "all@x.example"))
        .await;
    let found = async |recipients: &[&str]| {
        let recipients: Vec<String> = recipients.iter().map(|one| (*one).to_owned()).collect();
        world
            .store_for(&recipients)
            .await
            .unwrap()
            .map(|store| store.id.as_str().to_owned())
    };
    assert_eq!(found(&["Shop+DE@x.example"]).await.as_deref(), Some("de"));
    assert_eq!(
        found(&["other@x.example", "shop+de@x.example"]).await.as_deref(),
        Some("de")
    );
    assert_eq!(found(&["other@x.example"]).await.as_deref(), Some("all"));
    assert_eq!(found(&[]).await.as_deref(), Some("all"));
    assert_eq!(world.store(&store_id()).await.unwrap(), Some(store()));
}

async fn a_thread_comes_back_as_it_was_written(world: &impl World) {
    let thread = thread("t");
    put(world, Change::Thread(Box::new(thread.clone()))).await;
    let record = world.buyer(&store_id(), &buyer()).await.unwrap();
    assert_eq!(record.threads, [stored(&thread)]);
    assert_eq!((record.version, record.asked_at), (0, None));
}

async fn a_thread_is_written_only_over_the_version_that_was_read(world: &impl World) {
    let first = thread("t");
    put(world, Change::Thread(Box::new(first.clone()))).await;
    assert_eq!(
        refused(world.commit(vec![Change::Thread(Box::new(first.clone()))]).await),
        Refusal::Stale
    );
    put(world, Change::Thread(Box::new(stored(&first)))).await;
    assert_eq!(
        refused(world.commit(vec![Change::Thread(Box::new(stored(&first)))]).await),
        Refusal::Stale
    );
}

async fn a_buyers_record_is_a_guard(world: &impl World) {
    let change = |version| Change::Buyer {
        store: store_id(),
        buyer: buyer(),
        version,
        asked_at: Some(now()),
    };
    put(world, change(0)).await;
    assert_eq!(refused(world.commit(vec![change(0)]).await), Refusal::Stale);
    put(world, change(1)).await;
    let record = world.buyer(&store_id(), &buyer()).await.unwrap();
    assert_eq!((record.version, record.asked_at), (2, Some(now())));
}

async fn a_webhook_is_believed_once(world: &impl World) {
    let believed = |name: &str| Change::Believed {
        claim: Key::of(&[name]),
        at: now(),
    };
    put(world, believed("a")).await;
    let both = vec![believed("b"), believed("a")];
    assert_eq!(refused(world.commit(both).await), Refusal::Duplicate);
    put(world, believed("b")).await;
}

async fn a_copy_waits_for_its_question_and_finds_it_once(world: &impl World) {
    let order = Handle::Order(OrderId::parse("302-1234567-7654321").unwrap());
    let name = Handle::Name("vera muster".to_owned());
    let copy = WaitingCopy {
        key: Key::of(&["copy"]),
        store: store_id(),
        received: now(),
        handles: vec![order.clone(), name.clone()],
        text: Some("Am Freitag.".into()),
        message_id: MessageId::parse("copy@amazon.example"),
        raw: "mail/copy".to_owned(),
    };
    for handle in [&order, &name] {
        assert!(world.copies(&store_id(), handle).await.unwrap().is_empty());
        put(world, Change::CopyWaits(handle.clone(), Box::new(copy.clone()))).await;
        assert_eq!(
            world.copies(&store_id(), handle).await.unwrap(),
            std::slice::from_ref(&copy)
        );
    }
    let elsewhere = StoreId::parse("fr").unwrap();
    assert!(world.copies(&elsewhere, &order).await.unwrap().is_empty());
    let found = || Change::CopyFound(order.clone(), Box::new(copy.clone()));
    put(world, found()).await;
    assert!(world.copies(&store_id(), &order).await.unwrap().is_empty());
    assert_eq!(world.copies(&store_id(), &name).await.unwrap().len(), 1);
    assert_eq!(refused(world.commit(vec![found()]).await), Refusal::Stale);
}

async fn a_report_that_came_right_is_seen_no_more(world: &impl World) {
    let report = |reason: &str| Report::new(&store_id(), now(), ReportKind::ReplyCopy, reason, None);
    put(world, Change::Report(report("no-match"))).await;
    put(world, Change::Report(report("ambiguous"))).await;
    put(world, Change::Withdraw(report("no-match"))).await;
    assert_eq!(world.reported(&store_id()).await, [report("ambiguous")]);
}

async fn a_write_is_all_or_nothing(world: &impl World) {
    let first = thread("t");
    put(world, Change::Thread(Box::new(first.clone()))).await;
    let changes = vec![
        Change::Message(
            Box::new(message("m", MessageKind::Buyer, Some(Fact::Waiting))),
            store_id(),
            buyer(),
        ),
        Change::Thread(Box::new(first.clone())),
    ];
    assert_eq!(refused(world.commit(changes).await), Refusal::Stale);
    assert!(
        world
            .messages(&store_id(), &buyer(), &first.id)
            .await
            .unwrap()
            .is_empty()
    );
}

async fn a_message_is_written_once_and_comes_back(world: &impl World) {
    let all = [
        message("a", MessageKind::Buyer, Some(Fact::Answered(now()))),
        message("b", MessageKind::Reply, None),
        message("c", MessageKind::Automatic, None),
        message("d", MessageKind::Notice, None),
    ];
    for one in &all {
        put(world, Change::Message(Box::new(one.clone()), store_id(), buyer())).await;
    }
    let again = Change::Message(Box::new(all[0].clone()), store_id(), buyer());
    assert_eq!(refused(world.commit(vec![again]).await), Refusal::Duplicate);
    let mut read = world.messages(&store_id(), &buyer(), &thread("t").id).await.unwrap();
    assert!(read.is_sorted_by_key(|one| (one.at, one.kind, one.key.clone())));
    let mut wanted = all.to_vec();
    read.sort_by_key(|one| one.key.clone());
    wanted.sort_by_key(|one| one.key.clone());
    assert_eq!(read, wanted);
    assert!(
        world
            .messages(&store_id(), &buyer(), &thread("other").id)
            .await
            .unwrap()
            .is_empty()
    );
}

async fn a_mark_changes_fact_and_fate(world: &impl World) {
    let mark = |message: &str, fact, failed| Change::Mark {
        store: store_id(),
        buyer: buyer(),
        message: Key::of(&[message]),
        at: now(),
        fact,
        failed,
    };
    assert_eq!(
        refused(world.commit(vec![mark("a", Some(Fact::Waiting), false)]).await),
        Refusal::Stale
    );
    put(
        world,
        Change::Message(
            Box::new(message("a", MessageKind::Buyer, Some(Fact::Waiting))),
            store_id(),
            buyer(),
        ),
    )
    .await;
    put(
        world,
        Change::Message(Box::new(message("r", MessageKind::Reply, None)), store_id(), buyer()),
    )
    .await;
    put(world, mark("r", None, true)).await;
    for fact in [
        Fact::Answered(now()),
        Fact::NoResponseNeeded(now()),
        Fact::Imported,
        Fact::Waiting,
    ] {
        put(world, mark("a", Some(fact), false)).await;
        let read = world.messages(&store_id(), &buyer(), &thread("t").id).await.unwrap();
        assert!(read.iter().any(|one| one.fact == Some(fact) && !one.failed));
        assert!(read.iter().any(|one| one.fact.is_none() && one.failed));
    }
}

async fn facts_are_found_by_store_and_day(world: &impl World) {
    put(
        world,
        Change::Message(
            Box::new(message("a", MessageKind::Buyer, Some(Fact::Waiting))),
            store_id(),
            buyer(),
        ),
    )
    .await;
    put(
        world,
        Change::Message(
            Box::new(message("b", MessageKind::Automatic, None)),
            store_id(),
            buyer(),
        ),
    )
    .await;
    put(
        world,
        Change::Message(Box::new(message("c", MessageKind::Reply, None)), store_id(), buyer()),
    )
    .await;
    let mark = Change::Mark {
        store: store_id(),
        buyer: buyer(),
        message: Key::of(&["a"]),
        at: now(),
        fact: Some(Fact::Answered(now())),
        failed: false,
    };
    put(world, mark).await;
    let marketplace = alias().marketplace();
    let mut entries = world.facts(&store_id(), day(now())).await.unwrap();
    entries.sort_by_key(|(_, _, entry)| matches!(entry, Entry::Automatic));
    assert_eq!(
        entries,
        [
            (marketplace, now(), Entry::Buyer(Fact::Answered(now()))),
            (marketplace, now(), Entry::Automatic)
        ]
    );
    let fr = StoreId::parse("fr").unwrap();
    assert!(world.facts(&fr, day(now())).await.unwrap().is_empty());
    let tomorrow = day(now()).tomorrow().unwrap();
    assert!(world.facts(&store_id(), tomorrow).await.unwrap().is_empty());
}

async fn older_mails_are_found_with_their_thread_for_the_same_buyer_only(world: &impl World) {
    let mark = |name: &str| MailMark::of(&MessageId::parse(name).unwrap());
    let older = |name: &str, marks: &[MailMark]| Change::OlderMails {
        store: store_id(),
        buyer: buyer(),
        thread: thread(name).id,
        marks: marks.to_vec(),
    };
    let (first, second) = ([mark("a@x.example"), mark("b@x.example")], [mark("c@x.example")]);
    put(world, older("t", &first)).await;
    put(world, older("t", &second)).await;
    put(world, older("u", &[mark("d@x.example")])).await;
    let found = world.older_mails(&store_id(), &buyer()).await.unwrap();
    let of = |name: &str| -> BTreeSet<MailMark> {
        let his = found.iter().filter(|(id, _)| *id == thread(name).id);
        his.flat_map(|(_, marks)| marks.clone()).collect()
    };
    assert_eq!(of("t"), first.iter().chain(&second).copied().collect());
    assert_eq!(of("u"), [mark("d@x.example")].into());
    let other = Buyer::parse("zzz@marketplace.amazon.de").unwrap();
    assert!(world.older_mails(&store_id(), &other).await.unwrap().is_empty());
    let elsewhere = StoreId::parse("fr").unwrap();
    assert!(world.older_mails(&elsewhere, &buyer()).await.unwrap().is_empty());
}

async fn a_mail_of_no_buyer_is_seen_once(world: &impl World) {
    let seen = || Change::Seen {
        store: store_id(),
        mail: Key::of(&["n"]),
        at: now(),
        kind: Kind::Other,
        raw: "mail/1".to_owned(),
        thread: None,
    };
    put(world, seen()).await;
    assert_eq!(refused(world.commit(vec![seen()]).await), Refusal::Duplicate);
}

async fn a_thread_is_found_by_each_of_its_handles_in_its_store(world: &impl World) {
    let thread = thread("t");
    let handles = [
        Handle::Thread(thread.id.clone()),
        Handle::Case(CaseId::parse("01234567-89ab").unwrap()),
        Handle::Order(thread.order_ids[0].clone()),
        Handle::Name("vera muster".to_owned()),
        Handle::Sent(MessageId::parse("sent@x.example").unwrap()),
        Handle::Ticket("zendesk:42".to_owned()),
    ];
    put(world, Change::Thread(Box::new(thread.clone()))).await;
    for handle in &handles {
        put(world, Change::Handle(handle.clone(), Box::new(thread.clone()))).await;
        put(world, Change::Handle(handle.clone(), Box::new(thread.clone()))).await;
        assert_eq!(world.find(&store_id(), handle).await.unwrap(), [stored(&thread)]);
        assert!(
            world
                .find(&StoreId::parse("fr").unwrap(), handle)
                .await
                .unwrap()
                .is_empty()
        );
    }
    assert!(
        world
            .find(&store_id(), &Handle::Name("vera".to_owned()))
            .await
            .unwrap()
            .is_empty()
    );
}

async fn an_answers_files_come_back_as_they_were_named(world: &impl World) {
    let names = [
        "Rechnung.pdf",
        "説明書 (ver. 2) — ß.docx",
        "two  spaces and \"quotes\".txt",
    ];
    let kept = |(number, name): (usize, &str)| {
        let file = Attachment::new(name, None, vec![0x25; number + 1]).unwrap();
        file.kept(&store_id(), &thread("t").id)
    };
    let files: Vec<KeptAttachment> = names.into_iter().enumerate().map(kept).collect();
    let bare = Outgoing::reply(&thread("t"), "Anbei.".into(), "Mara".into(), false, "bare", now());
    let full = Outgoing::reply(&thread("t"), "Anbei.".into(), "Mara".into(), false, "full", now());
    let full = full.with_attachments(files.clone());
    for (item, wanted) in [(bare, Vec::new()), (full, files)] {
        put(world, Change::Outgoing(Box::new(item.clone()))).await;
        let sent = Outgoing {
            state: State::Sent,
            ..item.clone()
        };
        let moved = Change::Move {
            item: Box::new(sent),
            from: State::Pending,
        };
        put(world, moved).await;
        let stored = world.outgoing(&store_id(), &buyer(), &item.key).await.unwrap().unwrap();
        assert_eq!(stored.content.attachments(), wanted, "also after it was sent");
    }
}

async fn an_outbox_item_moves_only_from_the_state_it_is_in(world: &impl World) {
    let reply = Outgoing::reply(
        &thread("t"),
        "Worte. ".repeat(100).into(),
        "Mara".into(),
        true,
        "wish",
        now(),
    );
    let request = Outgoing::order_id_request(
        &thread("t"),
        alias().marketplace().language(),
        Some("113-44".into()),
        now(),
    );
    assert_ne!(reply.key, request.key);
    for item in [reply, request] {
        put(world, Change::Outgoing(Box::new(item.clone()))).await;
        assert_eq!(
            refused(world.commit(vec![Change::Outgoing(Box::new(item.clone()))]).await),
            Refusal::Duplicate
        );
        let claimed = Outgoing {
            state: State::Sending,
            claimed_until: Some(now()),
            ..item.clone()
        };
        let claim = || Change::Move {
            item: Box::new(claimed.clone()),
            from: State::Pending,
        };
        put(world, claim()).await;
        assert_eq!(refused(world.commit(vec![claim()]).await), Refusal::Stale);
        assert_eq!(
            world.outgoing(&store_id(), &buyer(), &item.key).await.unwrap(),
            Some(claimed)
        );
    }
    assert_eq!(
        world
            .outgoing(&store_id(), &buyer(), &Key::of(&["none"]))
            .await
            .unwrap(),
        None
    );
    let none = Outgoing {
        key: Key::of(&["none"]),
        ..Outgoing::reply(&thread("t"), "x".into(), "y".into(), false, "z", now())
    };
    assert_eq!(
        refused(
            world
                .commit(vec![Change::Move {
                    item: Box::new(none),
                    from: State::Pending
                }])
                .await
        ),
        Refusal::Stale
    );
}

async fn held_items_are_found_from_the_next_day_on_oldest_first(world: &impl World) {
    for (wish, created) in [("b", "2026-03-02T10:00:00Z"), ("a", "2026-03-02T09:00:00Z")] {
        let item = Outgoing::reply(
            &thread("t"),
            "x".into(),
            "y".into(),
            false,
            wish,
            created.parse().unwrap(),
        );
        put(world, Change::Outgoing(Box::new(item.clone()))).await;
        let held = Outgoing {
            state: State::Held,
            held_on: Some(day(now())),
            ..item
        };
        put(
            world,
            Change::Move {
                item: Box::new(held),
                from: State::Pending,
            },
        )
        .await;
    }
    assert!(world.held_before(day(now()), 10).await.unwrap().is_empty());
    let tomorrow = day(now()).tomorrow().unwrap();
    let held = world.held_before(tomorrow, 10).await.unwrap();
    assert_eq!(
        held.iter().map(|item| item.created_at.to_string()).collect::<Vec<_>>(),
        ["2026-03-02T09:00:00Z", "2026-03-02T10:00:00Z"]
    );
    assert!(matches!(held[0].content, Content::Reply { .. }));
    assert_eq!(world.held_before(tomorrow, 1).await.unwrap().len(), 1);
    let free = Outgoing {
        state: State::Pending,
        held_on: None,
        ..held[0].clone()
    };
    put(
        world,
        Change::Move {
            item: Box::new(free),
            from: State::Held,
        },
    )
    .await;
    assert_eq!(world.held_before(tomorrow, 10).await.unwrap().len(), 1);
}

async fn a_days_budget_ends(world: &impl World) {
    let spend = |limit| Change::Spend {
        store: store_id(),
        day: day(now()),
        limit,
    };
    put(world, spend(2)).await;
    put(world, spend(2)).await;
    assert_eq!(refused(world.commit(vec![spend(2)]).await), Refusal::Spent);
    put(world, spend(3)).await;
    let refund = Change::Refund {
        store: store_id(),
        day: day(now()),
    };
    put(world, refund).await;
    put(world, spend(3)).await;
    assert_eq!(refused(world.commit(vec![spend(0)]).await), Refusal::Spent);
}

async fn of_several_refusals_a_duplicate_tells_most(world: &impl World) {
    let first = thread("t");
    let message = || {
        Change::Message(
            Box::new(message("m", MessageKind::Buyer, Some(Fact::Waiting))),
            store_id(),
            buyer(),
        )
    };
    world
        .commit(vec![Change::Thread(Box::new(first.clone())), message()])
        .await
        .unwrap();
    assert_eq!(
        refused(
            world
                .commit(vec![Change::Thread(Box::new(first.clone())), message()])
                .await
        ),
        Refusal::Duplicate
    );
}

async fn a_report_is_kept_once(world: &impl World) {
    let report = Report::new(
        &store_id(),
        now(),
        ReportKind::Mail,
        "forged",
        Some("mail/1".to_owned()),
    );
    put(world, Change::Report(report.clone())).await;
    put(world, Change::Report(report.clone())).await;
    assert_eq!(world.reported(&store_id()).await, [report]);
    assert!(world.reported(&StoreId::parse("fr").unwrap()).await.is_empty());
}

async fn every_kind_of_report_comes_back_as_it_was_written(world: &impl World) {
    for &kind in ReportKind::ALL {
        put(
            world,
            Change::Report(Report::new(&store_id(), now(), kind, "why", None)),
        )
        .await;
    }
    let reported: BTreeSet<ReportKind> = world
        .reported(&store_id())
        .await
        .iter()
        .map(|report| report.what)
        .collect();
    assert_eq!(reported, ReportKind::ALL.iter().copied().collect());
}

async fn what_is_due_is_found_nearest_deadline_first_and_nothing_else(world: &impl World) {
    let mut expected = Vec::new();
    // Later deadline, earlier alert: the deadline counts.
    for (name, since, alerted) in [
        ("late", "2026-03-01T12:00:00Z", None),
        ("soon", "2026-03-01T10:00:00Z", Some(Level::Critical)),
        ("tomorrow", "2026-03-02T09:15:00Z", None),
        ("over", "2026-02-20T09:15:00Z", Some(Level::Overdue)),
    ] {
        let mut thread = thread(name);
        let due: Timestamp = clock::due(since.parse().unwrap());
        thread.waiting_since = Some(since.parse().unwrap());
        thread.alerted = alerted;
        thread.next_alert_at = clock::next_alert(due, alerted, &store()).map(|(_, at)| at);
        put(world, Change::Thread(Box::new(thread.clone()))).await;
        expected.push(thread);
    }
    let found = world.due("2026-03-02T10:00:00Z".parse().unwrap(), 100).await.unwrap();
    let ids: Vec<&str> = found.iter().map(|due| due.thread.as_str()).collect();
    assert_eq!(ids, [expected[1].id.as_str(), expected[0].id.as_str()]);
    assert_eq!(Some(found[0].due_at), expected[1].due_at());
    assert_eq!(Some(found[0].alert_at), expected[1].next_alert_at);
    // An alert is due at its very moment, and not before.
    let moment = expected[0].next_alert_at.unwrap();
    assert!(
        world
            .due(moment, 100)
            .await
            .unwrap()
            .iter()
            .any(|due| due.thread == expected[0].id)
    );
    let before = clock::shift(moment, -jiff::SignedDuration::from_millis(1));
    assert!(
        world
            .due(before, 100)
            .await
            .unwrap()
            .iter()
            .all(|due| due.thread != expected[0].id)
    );

    let mut threads = world.threads(&found).await.unwrap();
    threads.sort_by_key(Thread::due_at);
    assert_eq!(threads, [stored(&expected[1]), stored(&expected[0])]);
}

async fn threads_are_listed_by_opening_and_by_deadline_in_pages_that_hold_still(world: &impl World) {
    let mut all = Vec::new();
    for hour in 0..5 {
        let at: Timestamp = format!("2026-03-02T0{hour}:00:00Z").parse().unwrap();
        let mut one = Thread::open(store_id(), alias(), &Key::of(&[hour.to_string()]), at);
        if hour != 2 {
            // The later opened, the longer it waits.
            one.wait(
                Some(clock::shift(at, jiff::SignedDuration::from_hours(-3 * hour))),
                Status::NeedsResponse,
                &store(),
            );
        }
        if hour == 1 {
            one.subject = Some("Where is my parcel?".into());
            one.tags.insert("urgent".to_owned());
            one.assign(Some("mara@x.example".into()), at);
        }
        put(world, Change::Thread(Box::new(one.clone()))).await;
        all.push(one);
    }
    let ids = |threads: Vec<Listed>| threads.into_iter().map(|thread| thread.id).collect::<Vec<_>>();
    let newest: Vec<_> = all.iter().rev().map(|thread| thread.id.clone()).collect();
    let opened = world.opened(&store_id(), None, 10).await.unwrap();
    // A list shows a thread as it is.
    assert_eq!(opened, all.iter().rev().map(Listed::of).collect::<Vec<_>>());
    assert_eq!(
        ids(world.opened(&store_id(), Some(&newest[1]), 2).await.unwrap()),
        newest[2..4]
    );
    let urgent = [4, 3, 1, 0].map(|place: usize| all[place].clone());
    let waiting = world.waiting(&store_id(), None, 10).await.unwrap();
    assert_eq!(waiting, urgent.iter().map(Listed::of).collect::<Vec<_>>());
    let mut first = urgent[0].clone();
    let place = (first.due_at().unwrap(), &first.id.clone());
    let next: Vec<_> = urgent[1..3].iter().map(|thread| thread.id.clone()).collect();
    assert_eq!(ids(world.waiting(&store_id(), Some(place), 2).await.unwrap()), next);
    // Its place stands where it is when the thread itself waits no more.
    first.wait(None, Status::Answered, &store());
    first.version = 1;
    put(world, Change::Thread(Box::new(first.clone()))).await;
    assert_eq!(ids(world.waiting(&store_id(), Some(place), 2).await.unwrap()), next);
    assert_eq!(world.waiting(&store_id(), None, 10).await.unwrap().len(), 3);
    assert_eq!(world.opened(&store_id(), None, 1).await.unwrap(), [Listed::of(&first)]);
    let elsewhere = StoreId::parse("fr").unwrap();
    assert!(world.opened(&elsewhere, None, 10).await.unwrap().is_empty());
    assert!(world.waiting(&elsewhere, None, 10).await.unwrap().is_empty());
}

async fn an_event_is_told_once_and_an_alert_is_raised_once(world: &impl World) {
    let opened = Event::opened(&thread("t"));
    let alert = Event::alert(&thread("t"), Level::Overdue, now(), now(), now());
    for event in [&opened, &alert] {
        put(world, Change::Event(Box::new(event.clone()))).await;
    }
    assert_eq!(
        refused(world.commit(vec![Change::Event(Box::new(alert.clone()))]).await),
        Refusal::Raised
    );
    let later = clock::shift(now(), jiff::SignedDuration::from_secs(1));
    assert!(
        world.untold(now(), 10).await.unwrap().is_empty(),
        "not before their own time"
    );
    let mut untold = world.untold(later, 10).await.unwrap();
    untold.sort_by_key(|event| event.key != opened.key);
    assert_eq!(untold, [opened.clone(), alert.clone()]);
    assert_eq!(world.untold(later, 1).await.unwrap().len(), 1);
    let told = Change::Told {
        store: store_id(),
        event: opened.key.clone(),
    };
    put(world, told.clone()).await;
    put(world, told).await;
    assert_eq!(world.untold(later, 10).await.unwrap(), std::slice::from_ref(&alert));
    let told = Change::Told {
        store: store_id(),
        event: alert.key.clone(),
    };
    put(world, told).await;
    assert_eq!(
        refused(world.commit(vec![Change::Event(Box::new(alert))]).await),
        Refusal::Raised,
        "told or not, it stays raised"
    );
}

macro_rules! contracts {
    ($($name:ident),* $(,)?) => {
        mod in_memory {
            use super::*;
            $(#[tokio::test] async fn $name() { super::$name(&Memory::default()).await; })*
        }
        mod on_dynamodb {
            use super::*;
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)] async fn $name() {
                let (machine, _folder) = worlds::machine(NOW).await;
                super::$name(machine.table()).await;
            })*
        }
    };
}

contracts!(
    a_store_is_found_by_its_recipient_before_the_catch_all,
    a_thread_comes_back_as_it_was_written,
    a_thread_is_written_only_over_the_version_that_was_read,
    a_buyers_record_is_a_guard,
    a_webhook_is_believed_once,
    a_copy_waits_for_its_question_and_finds_it_once,
    a_report_that_came_right_is_seen_no_more,
    a_write_is_all_or_nothing,
    a_message_is_written_once_and_comes_back,
    a_mark_changes_fact_and_fate,
    facts_are_found_by_store_and_day,
    older_mails_are_found_with_their_thread_for_the_same_buyer_only,
    a_mail_of_no_buyer_is_seen_once,
    a_thread_is_found_by_each_of_its_handles_in_its_store,
    an_outbox_item_moves_only_from_the_state_it_is_in,
    an_answers_files_come_back_as_they_were_named,
    held_items_are_found_from_the_next_day_on_oldest_first,
    a_days_budget_ends,
    of_several_refusals_a_duplicate_tells_most,
    a_report_is_kept_once,
    every_kind_of_report_comes_back_as_it_was_written,
    what_is_due_is_found_nearest_deadline_first_and_nothing_else,
    an_event_is_told_once_and_an_alert_is_raised_once,
    threads_are_listed_by_opening_and_by_deadline_in_pages_that_hold_still,
    every_store_is_listed_once,
    a_changed_day_stays_marked_until_it_is_settled_as_it_was_read,
    marketplaces_that_were_rolled_up_add_up,
    a_rollup_comes_back_as_it_was_written,
    windows_are_those_last_written,
    all_that_is_kept_of_a_buyer_is_found_and_can_be_removed,
    what_has_changed_since_it_was_read_is_not_removed,
    a_token_is_made_used_and_revoked,
    what_was_done_comes_back_latest_first_in_pages,
    standing_reports_come_latest_first_in_pages,
    a_recipient_has_one_store_and_moves_with_it,
    a_thread_is_shown_with_what_belongs_to_it,
    an_event_is_found_by_its_key_told_or_not,
    an_endpoint_comes_back_as_it_was_written_in_its_store,
    an_endpoint_is_changed_only_as_it_was_read_and_deleted_once,
    secrets_take_over_from_each_other_until_they_are_deleted,
    a_call_is_planned_once_and_changed_only_as_it_was_read,
    calls_that_wait_are_found_when_somebody_has_to_look,
    calls_are_listed_by_endpoint_the_latest_event_first,
);
