//! Lists of threads: whole in pages, bounded in what one page reads.

use std::slice::from_ref;

use jiff::{SignedDuration, Timestamp};
use within24::app::list::{ListError, Named, Page, list, named};
use within24::domain::alias::{Alias, CaseId};
use within24::domain::clock::shift;
use within24::domain::key::Key;
use within24::domain::listing::{Filter, Listed, Place};
use within24::domain::order_id::OrderId;
use within24::domain::store::{Store, StoreId};
use within24::domain::thread::{Status, Thread, ThreadId};
use within24::ports::{Change, Commit, Handle};
use within24::testing::Memory;
use within24_local::{replay, threads::Wanted, timeline};

fn now() -> Timestamp {
    "2026-03-02T10:00:00Z".parse().unwrap()
}

fn store() -> Store {
    Store::new(StoreId::parse("de").unwrap(), "*", "a@x.example")
}

/// So many threads, a minute apart; every hundredth carries a tag, every second one waits.
async fn world(threads: u32) -> Memory {
    let world = Memory::default();
    for number in 0..threads {
        let at = shift(now(), -SignedDuration::from_mins(i64::from(number)));
        let alias = Alias::parse(&format!("b{number:013}@marketplace.amazon.de")).unwrap();
        let mut thread = Thread::open(store().id, alias, &Key::of(&[number.to_string()]), at);
        if number % 100 == 99 {
            thread.tags.insert("rare".to_owned());
        }
        if number % 2 == 0 {
            thread.wait(Some(at), Status::NeedsResponse, &store());
        }
        world.commit(vec![Change::Thread(Box::new(thread))]).await.unwrap();
    }
    world
}

async fn pages(world: &Memory, filter: &Filter, limit: usize) -> Vec<Page> {
    let mut pages: Vec<Page> = Vec::new();
    let mut after = None;
    loop {
        let page = list(world, &store().id, filter, after.take(), limit, now())
            .await
            .unwrap();
        after.clone_from(&page.next);
        pages.push(page);
        if after.is_none() {
            return pages;
        }
    }
}

fn ids(pages: &[Page]) -> Vec<ThreadId> {
    pages
        .iter()
        .flat_map(|page| page.threads.iter().map(|thread| thread.id.clone()))
        .collect()
}

#[tokio::test]
async fn pages_of_any_size_hold_every_thread_once_and_in_order() {
    let world = world(130).await;
    let mut expected: Vec<ThreadId> = world.threads().into_iter().map(|thread| thread.id).collect();
    expected.sort_by(|a, b| b.cmp(a));
    for limit in [1, 7, 50, 64, 130, 1000] {
        assert_eq!(
            ids(&pages(&world, &Filter::default(), limit).await),
            expected,
            "{limit}"
        );
    }
    let waiting = Filter {
        status: Some(Status::NeedsResponse),
        ..Filter::default()
    };
    for limit in [1, 8, 65, 100] {
        let found = pages(&world, &waiting, limit).await;
        let dues: Vec<_> = found
            .iter()
            .flat_map(|page| page.threads.iter().map(Listed::due_at))
            .collect();
        assert!(dues.len() == 65 && dues.is_sorted(), "{limit}: {dues:?}");
    }
}

#[tokio::test]
async fn pages_hold_still_while_threads_are_answered_and_opened() {
    let world = world(60).await;
    let waiting = Filter {
        status: Some(Status::NeedsResponse),
        ..Filter::default()
    };
    for filter in [waiting, Filter::default()] {
        let whole = ids(&pages(&world, &filter, 1000).await);
        let first = list(&world, &store().id, &filter, None, 10, now()).await.unwrap();
        // The last of the page is answered, and so is one that comes later; a new one is opened.
        let place = whole.iter().position(|id| *id == first.threads[9].id).unwrap();
        for id in [&whole[place], &whole[place + 5]] {
            let mut thread = world.threads().into_iter().find(|thread| thread.id == *id).unwrap();
            thread.wait(None, Status::Answered, &store());
            world.commit(vec![Change::Thread(Box::new(thread))]).await.unwrap();
        }
        let alias = Alias::parse("new0000000000@marketplace.amazon.de").unwrap();
        let at = shift(now(), SignedDuration::from_mins(i64::try_from(whole.len()).unwrap()));
        let opened = Thread::open(store().id, alias, &Key::of(&[whole[0].as_str()]), at);
        world.commit(vec![Change::Thread(Box::new(opened))]).await.unwrap();
        let second = list(&world, &store().id, &filter, first.next, 10, now()).await.unwrap();
        let expected: Vec<&ThreadId> = whole[place + 1..]
            .iter()
            .filter(|id| !filter.only_waiting() || **id != whole[place + 5])
            .take(10)
            .collect();
        assert_eq!(
            second.threads.iter().map(|thread| &thread.id).collect::<Vec<_>>(),
            expected
        );
    }
}

#[tokio::test]
async fn a_place_of_one_list_is_none_of_the_other() {
    let world = world(3).await;
    let waiting = Filter {
        due_by: Some(now()),
        ..Filter::default()
    };
    let thread = world.threads()[0].id.clone();
    let wrong = [
        (Filter::default(), Place::Waiting(now(), thread.clone())),
        (waiting, Place::Opened(thread)),
    ];
    for (filter, place) in wrong {
        let refused = list(&world, &store().id, &filter, Some(place), 10, now()).await;
        assert!(matches!(refused, Err(ListError::OtherList)));
    }
}

#[tokio::test]
async fn a_thread_that_is_named_in_two_ways_stands_in_the_list_once_and_has_both() {
    let world = world(4).await;
    let (order, case) = (
        OrderId::parse("302-1234567-7654321").unwrap(),
        CaseId::parse("case-1").unwrap(),
    );
    let mut threads = world.threads();
    for thread in &mut threads[..3] {
        thread.order_ids.push(order.clone());
    }
    threads[0].case_id = Some(case.clone());
    for thread in &threads {
        let orders = thread.order_ids.iter().cloned().map(Handle::Order);
        let handles = orders.chain(thread.case_id.clone().map(Handle::Case));
        let handles = handles.map(|handle| Change::Handle(handle, Box::new(thread.clone())));
        let changes = [Change::Thread(Box::new(thread.clone()))].into_iter().chain(handles);
        world.commit(changes.collect()).await.unwrap();
    }
    let found = async |handles: &[Handle], buyer: Option<usize>| {
        let wanted = Named {
            handles: handles.to_vec(),
            buyer: buyer.map(|place| threads[place].buyer.clone()),
        };
        let found = named(&world, &store().id, &wanted, &Filter::default(), now()).await;
        let found = found.unwrap().into_iter().map(|thread| thread.id);
        let place = |id: ThreadId| threads.iter().position(|thread| thread.id == id).unwrap();
        found.map(place).collect::<Vec<_>>()
    };
    let (order, case) = (Handle::Order(order), Handle::Case(case));
    // Memory gives them the oldest first, a list shows the latest first.
    assert_eq!(found(from_ref(&order), None).await, [2, 1, 0]);
    assert_eq!(found(&[order.clone(), case.clone()], None).await, [0]);
    assert_eq!(found(from_ref(&order), Some(1)).await, [1]);
    assert_eq!(found(&[order], Some(3)).await, [0; 0]);
    assert_eq!(found(&[case], Some(1)).await, [0; 0]);
}

#[tokio::test]
async fn a_rare_tag_is_found_without_one_page_reading_the_whole_store() {
    let world = world(1200).await;
    let rare = Filter {
        tag: Some("rare".to_owned()),
        ..Filter::default()
    };
    let found = pages(&world, &rare, 50).await;
    assert_eq!(ids(&found).len(), 12);
    assert!(found.len() >= 3, "each page ends after 500 threads: {}", found.len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_command_finds_threads_by_what_people_know_of_them() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/demo");
    let text = std::fs::read_to_string(folder.join("timeline.jsonl")).unwrap();
    let found = async |wanted: Wanted| {
        let raw = tempfile::tempdir().unwrap();
        let events = timeline::parse(&text);
        let replayed = replay::run_and_list(events, &folder, raw.path(), Some(&wanted)).await;
        replayed.map(|replayed| replayed.listed.unwrap())
    };
    let waiting = found(Wanted {
        status: Some("needs-response".to_owned()),
        ..Wanted::default()
    });
    let waiting = waiting.await.unwrap();
    assert!(waiting.len() > 2 && waiting.iter().map(|thread| thread.due_at).is_sorted());
    let order = waiting
        .iter()
        .find_map(|thread| thread.order_ids.first().cloned())
        .unwrap();
    let by_order = found(Wanted {
        order: Some(order.clone()),
        ..Wanted::default()
    });
    assert!(
        by_order
            .await
            .unwrap()
            .iter()
            .all(|thread| thread.order_ids.contains(&order))
    );
    let by_buyer = found(Wanted {
        buyer: Some(waiting[0].buyer.clone()),
        ..Wanted::default()
    });
    assert_eq!(by_buyer.await.unwrap()[0].id, waiting[0].id);
    let wrong = found(Wanted {
        status: Some("open".to_owned()),
        ..Wanted::default()
    });
    assert!(wrong.await.err().unwrap().to_string().contains("open is no status"));
}
