//! `within24 serve` as a program: what it takes, what it says, and how it ends.

use std::io::Write;
use std::path::Path;

use crate::running::{Running, buyer, command, files, mail, text, until};

fn file(folder: &Path) -> Vec<u8> {
    std::fs::read(&files(folder)[0]).unwrap()
}

#[test]
fn a_mail_is_taken_in_the_buyer_is_asked_and_the_server_ends_in_peace() {
    let home = tempfile::tempdir().unwrap();
    let data = home.path().join("data");
    let server = Running::start(&data);
    assert!(
        server.said().contains(&format!("\n  {}\n", server.token)),
        "{}",
        server.said()
    );
    server.put_store();
    let taken = server.ask(
        "POST",
        "/mail?recipient=shop%40inbox.example",
        &mail(&buyer(1), "m1", None, "Wo ist mein Paket?"),
    );
    assert_eq!(
        (taken.status, &taken.json()["state"]),
        (202, &"taken-in".into()),
        "{}",
        taken.text
    );
    let place = taken.json()["mail"].as_str().unwrap().to_owned();
    assert!(data.join("mail").join(place).exists());
    until("the request goes out", || {
        (files(&data.join("sent")).len() == 1).then_some(())
    });
    let sent = text(&file(&data.join("sent")));
    assert!(
        sent.contains("Auto-Submitted: auto-replied") && sent.contains(&buyer(1)),
        "{sent}"
    );
    let thread = &server.threads_of(&buyer(1))[0];
    assert_eq!(thread["status"], "needs-response");
    let events = until("the event is told", || {
        let events = std::fs::read_to_string(data.join("events.jsonl")).unwrap_or_default();
        events.contains("OrderIdRequested.v1").then_some(events)
    });
    assert!(
        events.contains("ThreadOpened.v1") && !events.contains("Vera"),
        "{events}"
    );

    let again = command(home.path(), &["serve", "--data", "data"]);
    assert_eq!(again.status.code(), Some(1));
    let said = text(&again.stderr);
    assert!(said.contains(&format!("served already, at {}", server.url)), "{said}");

    let log = server.log();
    for private in ["Vera", "Muster", "a1b2c3d4e", "Paket", server.token.as_str()] {
        assert!(!log.contains(private), "{private}: {log}");
    }
    assert!(log.contains("\"http.route\":\"/mail\",\"http.status\":202"), "{log}");
    let (status, said) = server.end();
    assert_eq!(status.code(), Some(0));
    assert!(said.contains("All that was accepted is kept. Goodbye."), "{said}");

    let server = Running::start(&data);
    assert!(!server.said().contains(&server.token), "it is shown once");
    assert_eq!(server.threads_of(&buyer(1)).len(), 1);
    server.kill();
}

#[test]
fn mail_is_taken_of_who_may_bring_it_and_up_to_its_size() {
    let home = tempfile::tempdir().unwrap();
    let server = Running::start(&home.path().join("data"));
    server.put_store();
    let made = server.ask(
        "POST",
        "/v1/tokens",
        br#"{"name": "Mara", "scopes": {"shop": "admin"}}"#,
    );
    let of_one_store = made.json()["token"].as_str().unwrap().to_owned();
    let small = mail(&buyer(1), "m1", None, "Wo?");
    let most = vec![b'x'; 40 * 1024 * 1024 + 1];
    let ask = |token: &str, path: &str, body: &[u8]| server.try_ask(token, "POST", path, &[], body).unwrap();
    let own = server.token.as_str();
    for (answer, status) in [
        (ask("", "/mail", &small), 401),
        (ask("w24_x", "/mail", &small), 401),
        (ask(&of_one_store, "/mail", &small), 403),
        (ask(own, "/mail?to=x", &small), 400),
        (ask(own, "/mail?recipient=", &small), 400),
        (ask(own, "/mail", b""), 400),
        (ask(own, "/mail", &most), 413),
        (server.try_ask(own, "GET", "/mail", &[], b"").unwrap(), 405),
    ] {
        assert_eq!(
            (answer.status, answer.kind.as_str()),
            (status, "application/problem+json"),
            "{}",
            answer.text
        );
        assert_eq!(answer.json()["status"], status);
    }
    assert!(server.threads_of(&buyer(1)).is_empty());
    assert_eq!(ask(own, "/mail", &most[1..]).status, 202, "40 MB are taken");
    server.kill();
}

#[test]
fn who_hangs_up_has_his_mail_taken_in_all_the_same() {
    let home = tempfile::tempdir().unwrap();
    let data = home.path().join("data");
    let server = Running::start(&data);
    server.put_store();
    for number in 1..=5 {
        let raw = mail(&buyer(number), &format!("m{number}"), None, "Wo?");
        let address = server.url.strip_prefix("http://").unwrap();
        let mut stream = std::net::TcpStream::connect(address).unwrap();
        let (token, length) = (&server.token, raw.len());
        let head = format!(
            "POST /mail HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\ncontent-length: {length}\r\n\r\n"
        );
        stream.write_all(&[head.as_bytes(), &raw].concat()).unwrap();
        let kept = data.join("mail");
        until("it is kept", || (files(&kept).len() == number).then_some(()));
        drop(stream);
        until("it is taken in", || {
            (server.threads_of(&buyer(number)).len() == 1).then_some(())
        });
    }
    until("nothing waits", || files(&data.join("queue")).is_empty().then_some(()));
    server.kill();
}

#[test]
fn dropped_mails_are_taken_in_for_the_recipient_that_their_folder_names() {
    let home = tempfile::tempdir().unwrap();
    let data = home.path().join("data");
    let server = Running::start(&data);
    for (id, recipient) in [("de", "de@inbox.example"), ("fr", "fr@inbox.example")] {
        let store = format!(r#"{{"recipient": "{recipient}", "from": "{recipient}"}}"#);
        assert_eq!(
            server.ask("PUT", &format!("/v1/stores/{id}"), store.as_bytes()).status,
            201
        );
    }
    let dropped = data.join("drop");
    std::fs::create_dir(dropped.join("fr@inbox.example")).unwrap();
    // It names the other store in its header.
    let raw = text(&mail(&buyer(1), "m1", None, "Où?")).replace("shop@inbox", "de@inbox");
    std::fs::write(dropped.join("fr@inbox.example/a.eml"), &raw).unwrap();
    std::fs::write(
        dropped.join("b.eml"),
        raw.replace(&buyer(1), &buyer(2)).replace("<m1@", "<m2@"),
    )
    .unwrap();
    std::fs::write(dropped.join("c.txt"), "no mail").unwrap();
    let of = |store: &str| {
        server.get(&format!("/v1/stores/{store}/threads"))["threads"]
            .as_array()
            .unwrap()
            .clone()
    };
    until("both are taken in", || {
        (of("fr").len() == 1 && of("de").len() == 1).then_some(())
    });
    assert_eq!(
        (&of("fr")[0]["buyer"], &of("de")[0]["buyer"]),
        (&buyer(1).into(), &buyer(2).into())
    );
    let left: Vec<_> = files(&dropped)
        .iter()
        .map(|path| path.file_name().unwrap().to_owned())
        .collect();
    assert_eq!(left, ["c.txt"]);
    server.kill();
}

#[test]
fn helpdesks_call_in_and_drafts_are_screened() {
    let home = tempfile::tempdir().unwrap();
    let data = home.path().join("data");
    let server = Running::start(&data);
    server.put_store();
    assert_eq!(
        server.ask("POST", "/mail", &mail(&buyer(1), "m1", None, "Wo?")).status,
        202
    );
    let thread = server.threads_of(&buyer(1))[0]["id"].as_str().unwrap().to_owned();
    let call = |source: &str, secret: &str, id: &str| {
        let body = format!(
            r#"{{"fact": "assigned", "id": "{id}", "to": "mara@x.example", "email": "{}"}}"#,
            buyer(1)
        );
        let headers = [("x-within24-token", secret), ("content-type", "application/json")];
        let path = format!("/webhooks/{source}");
        server
            .try_ask("", "POST", &path, &headers, body.as_bytes())
            .unwrap()
            .status
    };
    let secret = "a-secret-of-some-length";
    assert_eq!(call("freshdesk", secret, "1"), 401, "no secret yet");
    std::fs::write(
        data.join("secrets.json"),
        format!(r#"{{"shop": {{"freshdesk": "{secret}"}}}}"#),
    )
    .unwrap();
    assert_eq!(call("freshdesk", "another-secret-of-some-length", "1"), 401);
    assert_eq!(call("nobody", secret, "1"), 404);
    assert_eq!(call("freshdesk", secret, "1"), 200);
    let shown = server.get(&format!("/v1/stores/shop/threads/{thread}"));
    assert_eq!(shown["assignee"], "mara@x.example", "it is applied when it is answered");
    assert!(files(&data.join("queue")).is_empty() && files(&data.join("dead-letters")).is_empty());

    let draft = br#"{"text": "Write to shop@gmail.com"}"#;
    let report = server
        .try_ask("", "POST", "/screen", &[("content-type", "application/json")], draft)
        .unwrap();
    assert_eq!((report.status, &report.json()["verdict"]), (200, &"block".into()));
    server.kill();
}
