//! `kill -9` at any moment: what was accepted is there, and nothing is sent twice.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::{Value, json};

use crate::running::{Running, buyer, files, mail, until};

/// When each process is killed: after so many mails and answers of its own, and so many milliseconds more.
const KILLED_AFTER: [(usize, u64); 8] = [(3, 0), (12, 40), (6, 13), (20, 62), (8, 21), (4, 8), (16, 48), (10, 30)];

/// What the test was told.
#[derive(Default)]
struct Told {
    /// Numbers of buyers whose mail was taken.
    mails: BTreeSet<usize>,
    /// Answers that were taken: by their idempotency key, the thread and the id.
    answers: BTreeMap<String, (String, String)>,
    /// Answers of which nothing was heard.
    unheard: BTreeMap<String, String>,
}

/// Brings mails, one after the other, until the server is gone.
fn bring(server: &Running, next: &AtomicUsize, done: &AtomicUsize, gone: &AtomicBool) -> BTreeSet<usize> {
    let mut taken = BTreeSet::new();
    while !gone.load(Ordering::Relaxed) {
        let number = next.fetch_add(1, Ordering::Relaxed);
        // Every third names no order: that buyer is asked for it.
        let order = (!number.is_multiple_of(3)).then_some("302-1234567-7654321");
        let raw = mail(&buyer(number), &format!("m{number}"), order, "Wo ist mein Paket?");
        let answer = server.try_ask(&server.token, "POST", "/mail", &[], &raw);
        if answer.is_some_and(|answer| answer.status == 202) {
            taken.insert(number);
            done.fetch_add(1, Ordering::Relaxed);
        }
    }
    taken
}

/// Answers threads that wait, until the server is gone.
fn answer(server: &Running, next: &AtomicUsize, done: &AtomicUsize, gone: &AtomicBool, told: &mut Told) {
    while !gone.load(Ordering::Relaxed) {
        let path = "/v1/stores/shop/threads?status=needs-response&limit=5";
        let Some(listed) = server.try_ask(&server.token, "GET", path, &[], b"") else {
            return;
        };
        let threads: Value = serde_json::from_str(&listed.text).unwrap_or_default();
        for thread in threads["threads"].as_array().into_iter().flatten() {
            let thread = thread["id"].as_str().unwrap();
            let key = format!("k{}", next.fetch_add(1, Ordering::Relaxed));
            hand_in(server, thread, &key, told);
            done.fetch_add(1, Ordering::Relaxed);
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn hand_in(server: &Running, thread: &str, key: &str, told: &mut Told) {
    let path = format!("/v1/stores/shop/threads/{thread}/answers");
    let headers = [("content-type", "application/json"), ("idempotency-key", key)];
    let body = json!({"text": format!("Guten Tag, Ihr Paket kommt morgen an. ({key})")}).to_string();
    match server.try_ask(&server.token, "POST", &path, &headers, body.as_bytes()) {
        Some(answer) if answer.status == 202 => {
            let id = answer.json()["id"].as_str().unwrap().to_owned();
            told.unheard.remove(key);
            told.answers.insert(key.to_owned(), (thread.to_owned(), id));
        }
        Some(answer) => assert!(matches!(answer.status, 429 | 503), "{}", answer.text),
        None => drop(told.unheard.insert(key.to_owned(), thread.to_owned())),
    }
}

/// The mails that went out, by their item of the outbox.
fn sent(data: &Path) -> BTreeMap<String, usize> {
    let mut sent = BTreeMap::new();
    for file in files(&data.join("sent")) {
        let name = file.file_name().unwrap().to_str().unwrap().to_owned();
        let (_, tag) = name.strip_suffix(".eml").unwrap().rsplit_once('.').unwrap();
        *sent.entry(tag.to_owned()).or_default() += 1;
    }
    sent
}

#[test]
fn whenever_the_process_is_killed_what_was_accepted_is_there_and_nothing_goes_out_twice() {
    let home = tempfile::tempdir().unwrap();
    let data = home.path().join("data");
    let (mails, keys) = (AtomicUsize::new(1), AtomicUsize::new(1));
    let mut told = Told::default();
    for (round, (work, after)) in KILLED_AFTER.into_iter().enumerate() {
        let server = Running::start(&data);
        if round == 0 {
            server.put_store();
        }
        // What a caller does who heard nothing: the same again, under the same name.
        for (key, thread) in told.unheard.clone() {
            hand_in(&server, &thread, &key, &mut told);
        }
        for number in 0..3 {
            let number = 900_000 + 10 * round + number;
            let raw = mail(&buyer(number), &format!("d{number}"), None, "Wo?");
            std::fs::write(data.join("drop").join(format!("{number}.eml")), raw).unwrap();
            told.mails.insert(number);
        }
        let (gone, done) = (AtomicBool::new(false), AtomicUsize::new(0));
        let taken = std::thread::scope(|scope| {
            let first = scope.spawn(|| bring(&server, &mails, &done, &gone));
            let second = scope.spawn(|| bring(&server, &mails, &done, &gone));
            let answering = scope.spawn(|| answer(&server, &keys, &done, &gone, &mut told));
            until("there is work under way", || {
                (done.load(Ordering::Relaxed) >= work).then_some(())
            });
            std::thread::sleep(Duration::from_millis(after));
            server.kill_here();
            gone.store(true, Ordering::Relaxed);
            answering.join().unwrap();
            [first, second]
                .into_iter()
                .flat_map(|one| one.join().unwrap())
                .collect::<BTreeSet<_>>()
        });
        told.mails.extend(taken);
        server.kill();
    }

    let server = Running::start(&data);
    for (key, thread) in told.unheard.clone() {
        hand_in(&server, &thread, &key, &mut told);
    }
    let (mails, answers) = (told.mails.len(), told.answers.len());
    assert!(
        mails > 40 && answers > 5 && told.unheard.is_empty(),
        "the test did its work: {mails} mails, {answers} answers"
    );
    until("the queues are empty", || {
        let idle = files(&data.join("queue")).is_empty() && files(&data.join("drop")).is_empty();
        idle.then_some(())
    });
    for number in &told.mails {
        let threads = server.threads_of(&buyer(*number));
        assert_eq!(threads.len(), 1, "buyer {number}");
        let thread = server.get(&format!(
            "/v1/stores/shop/threads/{}",
            threads[0]["id"].as_str().unwrap()
        ));
        let messages = thread["messages"].as_array().unwrap().iter();
        assert_eq!(
            messages.filter(|message| message["kind"] == "buyer").count(),
            1,
            "buyer {number}"
        );
    }
    let mut unknown = 0;
    for (key, (thread, id)) in &told.answers {
        let path = format!("/v1/stores/shop/threads/{thread}/answers/{id}");
        let state = until("it is out, or nobody knows", || {
            let state = server.get(&path)["state"].as_str().unwrap().to_owned();
            (!matches!(state.as_str(), "pending" | "sending" | "deferred")).then_some(state)
        });
        let times = sent(&data).get(id).copied().unwrap_or_default();
        match state.as_str() {
            "sent" => {}
            "unknown" => unknown += 1,
            other => panic!("{key} is {other}"),
        }
        assert_eq!(times, usize::from(state == "sent"), "{key} is {state}");
    }
    assert!(sent(&data).values().all(|times| *times == 1), "nothing went out twice");
    let reports = server.get("/v1/stores/shop/reports?limit=100");
    let reports = reports["reports"].as_array().unwrap().iter();
    let reported = reports.filter(|report| report["what"] == "reply" && report["reason"] == "unknown: claim-expired");
    assert_eq!(reported.count(), unknown, "what nobody knows is reported");
    assert!(files(&data.join("dead-letters")).is_empty());
    assert_eq!(server.end().0.code(), Some(0));
}
