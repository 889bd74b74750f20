//! Pages hold still while threads change between them.

use std::sync::Arc;

use axum::Router;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use within24::domain::clock::shift;
use within24::domain::token::Role;
use within24::testing::Memory;

use crate::calls::{call, now, open_thread, router, store, token};

async fn world(threads: i64) -> Arc<Memory> {
    let world = Arc::new(Memory::default());
    world.put_store(store("kontorhaus"));
    for number in 0..threads {
        open(&world, number).await;
    }
    world
}

fn opened(number: i64) -> Timestamp {
    shift(now(), -SignedDuration::from_mins(1000 - number))
}

/// Threads sort by their ids as they were opened.
async fn open(world: &Memory, number: i64) {
    open_thread(world, &store("kontorhaus"), &format!("t{number:04}"), opened(number)).await;
}

async fn page(router: &Router, token: &str, query: &str, cursor: Option<&str>) -> Value {
    let cursor = cursor.map(|cursor| format!("&cursor={cursor}")).unwrap_or_default();
    let path = format!("/v1/stores/kontorhaus/threads?limit=7{query}{cursor}");
    let answer = call(router, "GET", &path).by(token).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

fn ids(page: &Value) -> Vec<String> {
    let threads = page["threads"].as_array().unwrap().iter();
    threads
        .map(|thread| thread["id"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn the_latest_opened_come_each_once_whatever_happens_to_them() {
    let world = world(60).await;
    let router = router(&world);
    let mara = token(&*world, 1, "Mara", &[("kontorhaus", Role::Agent)]).await;
    let (mut seen, mut cursor, mut round) = (Vec::new(), None, 0);
    loop {
        let page = page(&router, &mara, "", cursor.as_deref()).await;
        seen.extend(ids(&page));
        // The last of the page, one that was shown, and one that is yet to come are changed; another is opened.
        for id in [
            seen[seen.len() - 1].clone(),
            seen[seen.len() / 2].clone(),
            format!("t{:04}", 3 * round),
        ] {
            let at = |rest: &str| format!("/v1/stores/kontorhaus/threads/{id}{rest}");
            let tagged = call(&router, "POST", &at("/tags"))
                .by(&mara)
                .json(&json!({"add": ["x"]}))
                .send()
                .await;
            let excused = call(&router, "POST", &at("/no-response-needed")).by(&mara).send().await;
            assert_eq!((tagged.status.as_u16(), excused.status.as_u16()), (200, 200));
        }
        open(&world, 100 + round).await;
        round += 1;
        match page["next"].as_str() {
            Some(next) => cursor = Some(next.to_owned()),
            None => break,
        }
    }
    let wanted: Vec<String> = (0..60).rev().map(|number| format!("t{number:04}")).collect();
    assert_eq!(seen, wanted);
}

#[tokio::test]
async fn those_that_wait_come_nearest_deadline_first_and_each_once() {
    let world = world(40).await;
    let router = router(&world);
    let mara = token(&*world, 1, "Mara", &[("kontorhaus", Role::Agent)]).await;
    let (mut seen, mut cursor, mut gone) = (Vec::new(), None, Vec::new());
    loop {
        let page = page(&router, &mara, "&status=needs-response", cursor.as_deref()).await;
        let new = ids(&page);
        seen.extend(new.clone());
        // One that was shown is answered, and one that is yet to come.
        for id in [new[0].clone(), format!("t{:04}", 39 - gone.len())] {
            let path = format!("/v1/stores/kontorhaus/threads/{id}/no-response-needed");
            assert_eq!(call(&router, "POST", &path).by(&mara).send().await.status, 200);
            gone.push(id);
        }
        match page["next"].as_str() {
            Some(next) => cursor = Some(next.to_owned()),
            None => break,
        }
    }
    let all: Vec<String> = (0..40).map(|number| format!("t{number:04}")).collect();
    let wanted = all.into_iter().filter(|id| seen.contains(id) || !gone.contains(id));
    assert_eq!(seen, wanted.collect::<Vec<_>>());
    assert!(seen.len() > 30);
}

#[tokio::test]
async fn reports_and_changes_come_in_pages_too() {
    use within24::domain::report::{Report, ReportKind};
    use within24::ports::{Change, Commit};
    let world = world(1).await;
    let router = router(&world);
    let lead = token(&*world, 1, "Mara", &[("kontorhaus", Role::Lead)]).await;
    for number in 0..23 {
        let report = Report::new(
            &store("kontorhaus").id,
            opened(number),
            ReportKind::Mail,
            format!("reason-{number}"),
            None,
        );
        world.commit(vec![Change::Report(report)]).await.unwrap();
        let tag = json!({"add": [format!("tag-{number}")]});
        let path = "/v1/stores/kontorhaus/threads/t0000/tags";
        assert_eq!(
            call(&router, "POST", path).by(&lead).json(&tag).send().await.status,
            200
        );
    }
    for (list, count) in [("reports", 23), ("changes", 24)] {
        let (mut seen, mut cursor) = (Vec::new(), String::new());
        loop {
            let path = format!("/v1/stores/kontorhaus/{list}?limit=5{cursor}");
            let page = call(&router, "GET", &path).by(&lead).send().await.json();
            seen.extend(page[list].as_array().unwrap().iter().map(|one| one["id"].to_string()));
            match page["next"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        let all = seen.len();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!((all, seen.len()), (count, count), "{list}");
    }
}
