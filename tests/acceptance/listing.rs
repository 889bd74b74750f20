//! Lists of threads: whole in pages, bounded in what one page reads.

use jiff::{SignedDuration, Timestamp};
use within24::app::list::{Page, Start, list};
use within24::domain::alias::Alias;
use within24::domain::clock::shift;
use within24::domain::key::Key;
use within24::domain::listing::Filter;
use within24::domain::store::{Store, StoreId};
use within24::domain::thread::{Status, Thread, ThreadId};
use within24::ports::{Change, Commit};
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
    let mut start = Start::First;
    loop {
        let page = list(world, &store().id, filter, start, limit, now()).await.unwrap();
        let next = page.next.clone();
        pages.push(page);
        match next {
            Some(last) => start = Start::After(last),
            None => return pages,
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
            .flat_map(|page| page.threads.iter().map(Thread::due_at))
            .collect();
        assert!(dues.len() == 65 && dues.is_sorted(), "{limit}: {dues:?}");
    }
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
