//! A day's work by the command, against a server, against the API of one, and on a folder on which nobody serves.

use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

use crate::running::{Running, buyer, command, files, mail, text};

const SHOP: &str = "id = \"shop\"\nrecipient = \"*\"\nfrom = \"shop@inbox.example\"\n";

/// A folder in which somebody works, with a server and one mail.
fn at_work(server: &Running, folder: &Path) -> String {
    std::fs::write(folder.join("shop.toml"), SHOP).unwrap();
    let put = done(folder, &["store", "put", "shop.toml"]);
    assert_eq!(put, "Store shop is registered.\n");
    let order = Some("302-1234567-7654321");
    let raw = mail(&buyer(1), "m1", order, "Wo ist mein Paket? \u{1b}[2J");
    assert_eq!(server.ask("POST", "/mail", &raw).status, 202);
    lines(folder, &["list", "--json"])[0]["id"].as_str().unwrap().to_owned()
}

fn run(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    let Output { status, stdout, stderr } = command(folder, &[arguments, &["--data", "data"]].concat());
    (status.code().unwrap(), text(&stdout), text(&stderr))
}

/// What a command prints that does what it should.
fn done(folder: &Path, arguments: &[&str]) -> String {
    let (code, out, errors) = run(folder, arguments);
    assert_eq!((code, errors.as_str()), (0, ""), "{arguments:?}: {out}");
    out
}

fn lines(folder: &Path, arguments: &[&str]) -> Vec<Value> {
    done(folder, arguments)
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn a_days_work_from_the_list_to_the_export() {
    let home = tempfile::tempdir().unwrap();
    let (folder, data) = (home.path(), home.path().join("data"));
    let server = Running::start(&data);
    let thread = at_work(&server, folder);
    let list = done(folder, &["list"]);
    assert!(
        list.contains("████████████ 23 h 59 m") && list.ends_with("1 thread\n"),
        "{list}"
    );
    assert!(list.contains(&thread) && list.contains("Vera Muster"), "{list}");

    let shown = done(folder, &["show", &thread]);
    for part in [
        "Buyer     Vera Muster <",
        "the buyer wrote\n  | Wo ist mein Paket? [2J\n",
        "Order     302-1234567-7654321",
    ] {
        assert!(shown.contains(part), "{shown}");
    }

    let draft = "Guten Tag, bitte schreiben Sie an hilfe@gmail.com.";
    let (code, out, _) = run(folder, &["answer", &thread, "--text", draft]);
    assert_eq!(code, 3);
    assert!(
        out.contains("  | Guten Tag, bitte schreiben Sie an ⟦hilfe@gmail.com⟧¹.\n"),
        "{out}"
    );
    assert!(
        out.contains("  1  block  contact-email\n            Remove") && out.contains("\nNot sent: "),
        "{out}"
    );
    let (code, out, _) = run(folder, &["answer", &thread, "--text", draft, "--json"]);
    let told: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(
        (code, &told["verdict"], &told["answer"]),
        (3, &"block".into(), &Value::Null)
    );
    assert!(files(&data.join("sent")).is_empty());

    std::fs::write(folder.join("answer.txt"), "Guten Tag, Ihr Paket kommt morgen an.\n").unwrap();
    // Named by its order.
    let sent = [
        "answer",
        "302-1234567-7654321",
        "--file",
        "answer.txt",
        "--idempotency-key",
        "k1",
    ];
    let first = done(folder, &sent);
    assert!(first.starts_with("Sent. ("), "{first}");
    assert_eq!(done(folder, &sent), first, "the same again is the same answer");
    assert_eq!(files(&data.join("sent")).len(), 1);
    let raw = std::fs::read_to_string(&files(&data.join("sent"))[0]).unwrap();
    assert!(
        raw.contains("Ihr Paket kommt morgen an.") && !raw.contains("an.\r\n\r\n\r\n"),
        "{raw}"
    );
    let shown = done(folder, &["show", &thread]);
    for part in [
        "Status    answered",
        "admin of this machine answered\n  | Guten Tag, Ihr",
        ": sent (",
    ] {
        assert!(shown.contains(part), "{shown}");
    }
    let whole = &lines(folder, &["show", &thread, "--json"])[0];
    assert_eq!(
        (&whole["answers"][0]["state"], &whole["messages"][1]["kind"]),
        (&"sent".into(), &"reply".into())
    );
    let metrics = crate::running::until("the numbers are counted", || {
        let metrics = done(folder, &["metrics"]);
        metrics.contains("1 (100 %)").then_some(metrics)
    });
    assert!(
        metrics.starts_with("Response times at ") && metrics.contains("(target: 90 % within 24 h)"),
        "{metrics}"
    );
    let numbers = &lines(folder, &["metrics", "--json"])[0];
    assert_eq!(
        (&numbers["metrics"][0]["store"], &numbers["metrics"][0]["within_24h"]),
        (&"shop".into(), &1.into())
    );
    assert_eq!(server.end().0.code(), Some(0));
}

#[test]
fn people_decide_and_take_a_thread_with_them() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path();
    let server = Running::start(&folder.join("data"));
    let thread = at_work(&server, folder);
    assert_eq!(
        done(folder, &["close", &thread]),
        format!("{thread}: no response needed\n")
    );
    assert!(done(folder, &["reopen", &thread]).contains("h 59 m\n"));
    let (code, _, errors) = run(folder, &["reopen", "01kk22s3907r832mr580w9"]);
    assert_eq!(
        (code, errors.as_str()),
        (1, "within24: Not Found: no such thread in this store\n")
    );
    assert!(done(folder, &["tag", &thread, "--add", "vip", "--add", "x"]).ends_with("tags vip, x\n"));
    assert!(done(folder, &["tag", &thread, "--remove", "x"]).ends_with("tags vip\n"));
    assert!(done(folder, &["assign", &thread, "Mara"]).contains("assigned to Mara"));
    assert!(!done(folder, &["assign", &thread, "--nobody"]).contains("assigned"));
    assert_eq!(lines(folder, &["list", "--tag", "vip", "--json"]).len(), 1);
    assert!(lines(folder, &["list", "--status", "answered", "--json"]).is_empty());

    let export = done(folder, &["export", &thread]);
    assert!(
        export.starts_with("Thread     ") && export.contains("  | Wo ist mein Paket?"),
        "{export}"
    );
    assert_eq!(
        lines(folder, &["export", &thread, "--format", "json"])[0]["thread"]["id"],
        thread.as_str()
    );

    server.kill();
}

#[test]
fn tokens_are_made_used_and_revoked() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path();
    let server = Running::start(&folder.join("data"));
    let thread = at_work(&server, folder);
    let made = done(
        folder,
        &[
            "token",
            "make",
            "--name",
            "Mara",
            "--scope",
            "shop=agent",
            "--expires",
            "30d",
        ],
    );
    let token = made
        .lines()
        .find_map(|line| line.trim().starts_with("w24_").then(|| line.trim().to_owned()))
        .unwrap();
    assert!(made.contains("for Mara (shop=agent), until "), "{made}");
    let id = made.split_whitespace().nth(1).unwrap().to_owned();
    let with = |token: &str, arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_within24"));
        command
            .current_dir(folder)
            .args(arguments)
            .args(["--api", &server.url])
            .stdin(Stdio::null());
        let done = command.env("WITHIN24_TOKEN", token).output().unwrap();
        (done.status.code().unwrap(), text(&done.stdout), text(&done.stderr))
    };
    assert_eq!(with(&token, &["list", "--json"]).1.lines().count(), 1);
    let blocked = ["answer", &thread, "--text", "Write to shop@gmail.com", "--override"];
    let (code, _, errors) = with(&token, &blocked);
    assert_eq!(
        (code, errors.as_str()),
        (1, "within24: Forbidden: only a lead or an admin overrides the screen\n")
    );
    let (code, out, _) = with(&server.token, &blocked);
    assert_eq!(code, 0);
    assert!(out.contains("⟦shop@gmail.com⟧¹") && out.contains("\nSent. ("), "{out}");
    assert!(
        done(folder, &["show", &thread]).contains("sent on his word although: contact-email"),
        "named in the thread"
    );

    assert!(done(folder, &["token", "list"]).contains("Mara"));
    assert_eq!(lines(folder, &["token", "list", "--json"]).len(), 2);
    assert_eq!(
        done(folder, &["token", "revoke", &id]),
        format!("Token {id} opens nothing any more.\n")
    );
    let (code, _, errors) = with(&token, &["list"]);
    assert_eq!(code, 1);
    assert!(
        errors.starts_with("within24: Unauthorized: send a valid token"),
        "{errors}"
    );
    assert!(!errors.contains(&token), "{errors}");

    let none = command(folder, &["list", "--api", &server.url]);
    assert_eq!(none.status.code(), Some(2));
    assert!(text(&none.stderr).contains("export WITHIN24_TOKEN="), "{none:?}");
    for wrong in [
        &["token", "make", "--name", "x", "--scope", "shop=boss"][..],
        &["token", "make", "--name", "x"],
        &["list", "--api", "http://shop.example"],
        &["erase", "a1b2c3d4e5f6g7h@marketplace.amazon.de"],
        &["erase", "vera@x.example", "--yes"],
        &["answer", &thread],
    ] {
        assert_eq!(run(folder, wrong).0, 2, "{wrong:?}");
    }
    server.kill();
}

#[test]
fn a_buyer_is_erased_with_a_proof_for_people_and_one_for_scripts() {
    let home = tempfile::tempdir().unwrap();
    let (folder, data) = (home.path(), home.path().join("data"));
    let server = Running::start(&data);
    let thread = at_work(&server, folder);
    done(
        folder,
        &["answer", &thread, "--text", "Guten Tag, Ihr Paket kommt morgen an."],
    );
    let page = done(folder, &["erase", &buyer(1), "--yes"]);
    let mut lines_of_it = page.lines();
    let first = lines_of_it.next().unwrap();
    assert!(
        first.starts_with("Buyer erased from store shop on ") && first.ends_with(" UTC, by admin of this machine."),
        "{page}"
    );
    let counted: Vec<(u32, &str)> = lines_of_it
        .filter_map(|line| line.trim().split_once("  "))
        .map(|(count, what)| (count.parse().unwrap(), what.split([',', ':']).next().unwrap()))
        .collect();
    assert_eq!(counted.len(), 7, "{page}");
    for wanted in [
        (1, "threads"),
        (2, "messages"),
        (1, "outgoing mails"),
        (1, "facts of the response metrics"),
    ] {
        assert!(counted.contains(&wanted), "{wanted:?}: {page}");
    }
    assert_eq!(done(folder, &["list"]).lines().last(), Some("0 threads"), "{page}");
    let again = done(folder, &["erase", &buyer(1), "--yes"]);
    assert!(
        again.starts_with("Nothing is stored of this buyer in store shop. Checked "),
        "{again}"
    );
    let proof = &lines(folder, &["erase", &buyer(1), "--yes", "--json"])[0];
    assert_eq!(proof["erased_by"]["name"], "admin of this machine");
    assert_eq!(proof["removed"]["outgoing_mails"], 0);
    server.kill();
}

#[test]
fn a_stores_settings_are_a_file_that_goes_round() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path();
    let server = Running::start(&folder.join("data"));
    let file = "id = \"de\"\nrecipient = \"de@inbox.example\"\nfrom = \"de@inbox.example\"\nmarketplaces = [\n  \"DE\",\n  \
        \"XX\",\n]\ncritical_minutes = 300\nquiet_hours = \"at night\"\n";
    std::fs::write(folder.join("de.toml"), file).unwrap();
    let (code, _, errors) = run(folder, &["store", "put", "de.toml"]);
    assert_eq!(code, 1);
    let wanted = "within24: de.toml:6: marketplaces.1: write a code like DE, GB, JP\nwithin24: de.toml:9: quiet_hours: write two \
        times and a zone of the IANA database, like 22:00-07:00 Europe/Berlin\n";
    assert_eq!(errors, wanted);
    let file = file
        .replace("XX", "FR")
        .replace("at night", "22:00-07:00 Europe/Berlin");
    std::fs::write(folder.join("de.toml"), &file).unwrap();
    let (_, _, errors) = run(folder, &["store", "put", "de.toml"]);
    assert!(
        errors.starts_with("within24: de.toml:8: critical_minutes: write minutes"),
        "{errors}"
    );
    let file = file.replace(
        "critical_minutes = 300",
        "critical_minutes = 30\n[screen.rules]\nemoji = \"note\"",
    );
    let file = file.replace("\nquiet_hours = \"22:00-07:00 Europe/Berlin\"", "");
    std::fs::write(folder.join("de.toml"), &file).unwrap();
    assert_eq!(done(folder, &["store", "put", "de.toml"]), "Store de is registered.\n");

    let shown = done(folder, &["store", "show", "de"]);
    std::fs::write(folder.join("shown.toml"), &shown).unwrap();
    assert_eq!(done(folder, &["store", "put", "shown.toml"]), "Store de is changed.\n");
    assert_eq!(done(folder, &["store", "show", "de"]), shown);
    assert_eq!(
        done(folder, &["store", "list"]).split_whitespace().collect::<Vec<_>>(),
        ["de", "admin"]
    );
    let changes = server.get("/v1/stores/de/changes");
    assert_eq!(
        changes["changes"].as_array().unwrap().len(),
        1,
        "the same settings change nothing"
    );

    // Every setting that the API knows is one of the file.
    let settings = &lines(folder, &["store", "show", "de", "--json"])[0];
    let inner = settings["screen"]
        .as_object()
        .unwrap()
        .keys()
        .map(|name| format!("screen.{name}"));
    let mut known: Vec<String> = settings.as_object().unwrap().keys().cloned().chain(inner).collect();
    let mut file = within24_local::desk::settings_file::names();
    known.sort();
    file.sort();
    assert_eq!(known, file);
    server.kill();
}

#[test]
fn where_nobody_serves_the_folder_is_worked_on_in_process() {
    let home = tempfile::tempdir().unwrap();
    let (folder, data) = (home.path(), home.path().join("data"));
    let (code, _, errors) = run(folder, &["list"]);
    assert_eq!(code, 2);
    assert!(
        errors.contains("nothing is kept in data: start `within24 serve`"),
        "{errors}"
    );
    let server = Running::start(&data);
    let thread = at_work(&server, folder);
    server.kill();
    let answered = done(
        folder,
        &["answer", &thread, "--text", "Guten Tag, Ihr Paket kommt morgen an."],
    );
    assert!(answered.starts_with("Sent. ("), "{answered}");
    assert_eq!(files(&data.join("sent")).len(), 1);
    let numbers = &lines(folder, &["metrics", "--json"])[0];
    assert_eq!(numbers["metrics"][0]["within_24h"], 1);
    let server = Running::start(&data);
    assert_eq!(server.threads_of(&buyer(1))[0]["status"], "answered");
    assert_eq!(server.end().0.code(), Some(0));
}
