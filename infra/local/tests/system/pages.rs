//! Every page of the command, word for word, for people and as JSON: one snapshot a subcommand, one a help.
//!
//! The system behind `--api` is the world of the demo at its end, where time stands still and chance counts up. A subcommand that no
//! page here calls fails.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU8, Ordering};

use axum::Router;
use axum::middleware::{Next, from_fn};
use jiff::Timestamp;
use serde_json::Value;
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio::sync::Mutex;
use within24::app::tokens::{Wanted, make};
use within24::domain::deed::By;
use within24::domain::token::{RANDOM_BYTES, Reach, Role, Scopes};
use within24::lambda::api::{Edge, Limit, whole};
use within24::testing::spread;
use within24_local::endpoints::Outgoing;
use within24_local::{replay, timeline};

use crate::running::{Running, buyer, mail, text, until};

/// A thread of the demo that waits.
const LAMP: &str = "01kk22s3907r832mr580w9";

/// One that nobody opened.
const NONE: &str = "01kk22s3907r832mr580w0";

/// The end of the demo.
const NOW: &str = "2026-03-07T17:00:00Z";

/// A clock that stands still until it is told.
#[derive(Clone)]
struct Clock(Arc<AtomicI64>);

impl Clock {
    fn new() -> Self {
        let now: Timestamp = NOW.parse().unwrap();
        Self(Arc::new(AtomicI64::new(now.as_second())))
    }

    fn now(&self) -> Timestamp {
        Timestamp::from_second(self.0.load(Ordering::Relaxed)).unwrap()
    }
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures")
}

/// Holds a page against `snapshots/<name>.snap`.
fn snapshot(name: &str, page: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, page.trim_end()));
}

/// The system behind the API, and tokens for it.
struct System {
    url: String,
    clock: Clock,
    admin: String,
    agent: String,
    _runtime: Runtime,
    _raw: TempDir,
}

impl System {
    fn start() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        let raw = tempfile::tempdir().unwrap();
        let clock = Clock::new();
        let (url, admin, agent) = runtime.block_on(serve(raw.path(), clock.clone()));
        Self {
            url,
            clock,
            admin,
            agent,
            _runtime: runtime,
            _raw: raw,
        }
    }
}

/// Serves the API on the demo's world; what an answer put into the outbox goes out before anybody looks.
async fn serve(raw: &Path, clock: Clock) -> (String, String, String) {
    let folder = fixtures().join("demo");
    let events = std::fs::read_to_string(folder.join("timeline.jsonl")).unwrap();
    let machine = replay::run(timeline::parse(&events), &folder, raw)
        .await
        .unwrap()
        .machine;
    let (table, files) = (Arc::new(machine.table().clone()), Arc::new(machine.folder().clone()));
    let by = By {
        token: None,
        name: "command".into(),
    };
    let mut tokens = Vec::new();
    for (seed, name, reach, role) in [
        (1, "Mara Lind", "*", Role::Admin),
        (2, "Jonas Petersen", "kontorhaus", Role::Agent),
    ] {
        let wanted = Wanted {
            name: name.into(),
            scopes: [(Reach::parse(reach).unwrap(), role)].into_iter().collect(),
            ends_at: None,
        };
        let all = Scopes::everywhere(Role::Admin);
        let made = make(&*table, wanted, &all, &by, &[seed; RANDOM_BYTES], clock.now()).await;
        tokens.push(made.unwrap().1.reveal());
    }
    let count = AtomicU8::new(100);
    let ticking = clock.clone();
    let edge = Edge {
        now: Arc::new(move || ticking.now()),
        random: Arc::new(move |bytes: &mut [u8]| bytes.fill(count.fetch_add(1, Ordering::Relaxed))),
        measure: Arc::new(|_| {}),
        limit: Limit {
            a_second: 1e6,
            at_once: 1e6,
        },
    };
    let queue = Arc::new(Outgoing::new(move || clock.now()));
    let api = serve_api::part(Arc::clone(&table), Arc::clone(&files), queue, edge.clone());
    let erase = erase_buyer::part(table, files, edge.clone());
    let machine = Arc::new(Mutex::new(machine));
    let settled = from_fn(move |request, next: Next| {
        let machine = Arc::clone(&machine);
        async move {
            let response = next.run(request).await;
            machine.lock().await.settle().await.unwrap();
            response
        }
    });
    let router: Router = whole([api, erase], edge).layer(settled);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(axum::serve(listener, router).into_future());
    let [admin, agent] = tokens.try_into().unwrap();
    (url, admin, agent)
}

/// The pages in the making, by subcommand.
struct Pages<'a> {
    system: Option<&'a System>,
    home: &'a Path,
    by_command: BTreeMap<String, String>,
}

impl Pages<'_> {
    /// Called by who may do everything.
    fn admin(&mut self, arguments: &[&str]) {
        let token = self.system.map(|system| system.admin.as_str());
        self.page(arguments, token, "");
    }

    /// Called by an agent of the one store.
    fn agent(&mut self, arguments: &[&str]) {
        let token = self.system.map(|system| system.agent.as_str());
        self.page(arguments, token, "");
    }

    /// Called without a system.
    fn alone(&mut self, arguments: &[&str]) {
        self.page(arguments, None, "");
    }

    fn page(&mut self, arguments: &[&str], token: Option<&str>, input: &str) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_within24"));
        command
            .current_dir(self.home)
            .args(arguments)
            .env_remove("WITHIN24_TOKEN")
            .env_remove("AWS_ACCESS_KEY_ID")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let url = self.system.map_or("", |system| &system.url);
        if let Some(system) = self.system {
            command.env("WITHIN24_NOW", system.clock.now().to_string());
        }
        if let Some(token) = token {
            command.args(["--api", url]).env("WITHIN24_TOKEN", token);
        }
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        let done = child.wait_with_output().unwrap();
        let (out, errors) = (lines(&text(&done.stdout)), text(&done.stderr));
        let mut page = format!("$ within24 {}\n{out}", words(arguments));
        if !errors.is_empty() {
            write!(page, "--- standard error\n{errors}").unwrap();
        }
        match done.status.code().unwrap() {
            0 => {}
            code => writeln!(page, "--- exit status {code}").unwrap(),
        }
        if !url.is_empty() {
            page = page.replace(url, "[url]");
        }
        *self.by_command.entry(named(arguments)).or_default() += &(page + "\n");
    }
}

/// As they are typed.
fn words(arguments: &[&str]) -> String {
    let quoted = |word: &&str| {
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=@:,".contains(c);
        if !word.is_empty() && word.chars().all(plain) {
            (*word).to_owned()
        } else {
            format!("'{}'", word.replace('\n', "\\n"))
        }
    };
    arguments.iter().map(quoted).collect::<Vec<_>>().join(" ")
}

/// The subcommand: for those that have some of their own, both words.
fn named(arguments: &[&str]) -> String {
    match arguments {
        [] | ["raed", ..] => "usage".to_owned(),
        [first @ ("token" | "store"), second, ..] => format!("{first}-{second}"),
        [first, ..] => (*first).to_owned(),
    }
}

/// What was printed; lines of JSON are spread out, and so is a whole page of JSON.
fn lines(out: &str) -> String {
    if let Ok(whole @ (Value::Object(_) | Value::Array(_))) = serde_json::from_str(out) {
        return spread(&whole, 0) + "\n";
    }
    let line = |line: &str| match serde_json::from_str::<Value>(line) {
        Ok(value @ (Value::Object(_) | Value::Array(_))) => spread(&value, 0) + "\n",
        _ => format!("{line}\n"),
    };
    out.lines().map(line).collect()
}

#[test]
fn every_page_on_files_is_as_its_snapshot_shows() {
    let home = fixtures();
    let mut pages = Pages {
        system: None,
        home: &home,
        by_command: BTreeMap::new(),
    };
    pages.alone(&["demo"]);
    pages.alone(&["replay", "demo/timeline.jsonl"]);
    pages.alone(&["replay", "scenarios/replies-with-files/timeline.jsonl", "--pretty"]);
    pages.alone(&["replay", "nowhere.jsonl"]);
    pages.alone(&["read", "demo"]);
    pages.alone(&["read", "demo/nowhere.eml", "demo/08-gb-lamp-flickers.eml"]);
    pages.alone(&["read"]);
    pages.page(&["read", "-"], None, "From: a@b.example\n\nHello\n");
    let drafts = "{\"id\": \"1\", \"text\": \"Write to shop@gmail.com 😀\", \"order_id\": \"205-2874521-5527382\"}\n\
        {\"text\": \"Ihr Paket ist unterwegs und kommt morgen an.\", \"buyer_language\": \"en\", \"marketplace\": \"GB\"}\nno draft\n";
    pages.page(&["screen"], None, drafts);
    pages.page(&["screen", "-", "--deny", "block"], None, drafts);
    pages.page(&["screen", "-", "--deny", "shout"], None, "");
    pages.alone(&["screen", "--table"]);
    pages.alone(&["screen", "nowhere.txt"]);
    pages.alone(&["screen", "--settings", "nowhere.json"]);
    pages.alone(&["threads"]);
    let small = "scenarios/alerts-levels/timeline.jsonl";
    pages.alone(&["threads", small, "--status", "needs-response", "--json"]);
    pages.alone(&["threads", small, "--tag", "nobody"]);
    pages.alone(&["threads", small, "--status", "open"]);
    pages.alone(&["threads", "nowhere.jsonl"]);
    pages.alone(&[]);
    pages.alone(&["replay"]);
    pages.alone(&["raed", "demo"]);
    for (name, page) in &pages.by_command {
        snapshot(name, page);
    }
}

#[test]
fn every_page_of_a_system_is_as_its_snapshot_shows() {
    let system = System::start();
    let home = tempfile::tempdir().unwrap();
    for (name, words) in files() {
        std::fs::write(home.path().join(name), words).unwrap();
    }
    let mut pages = Pages {
        system: Some(&system),
        home: home.path(),
        by_command: BTreeMap::new(),
    };
    numbers(&mut pages);
    lists(&mut pages, &system);
    answers(&mut pages);
    decisions(&mut pages, &system);
    of_stores(&mut pages);
    of_tokens(&mut pages, &system);
    erasing(&mut pages);
    for (name, page) in &pages.by_command {
        snapshot(name, page);
    }
}

/// The files that commands are given.
fn files() -> [(&'static str, String); 6] {
    let store =
        |id: &str, more: &str| format!("id = \"{id}\"\nrecipient = \"shop\"\nfrom = \"l@inbox.example\"\n{more}");
    let mail = std::fs::read_to_string(fixtures().join("demo/08-gb-lamp-flickers.eml")).unwrap();
    let archive = format!(
        "From relay@amazon.example Fri Mar  6 17:23:00 2026\n{}\n",
        mail.replace("\r\n", "\n")
    );
    let answer = "Hello,\n\na new driver is on its way and will be with you on Tuesday.\n";
    [
        ("answer.txt", answer.to_owned()),
        ("new.toml", store("lampenhaus", "").replace("shop", "l@inbox.example")),
        ("wrong.toml", store("x", "critical_minutes = 300\ncolour = 1\n")),
        ("unusable.toml", store("x", "critical_minutes = 300\n")),
        ("good.mbox", archive),
        ("bad.mbox", "Dear diary\n".to_owned()),
    ]
}

fn numbers(pages: &mut Pages) {
    let archive = ["metrics", "--mbox", "good.mbox", "--at", "2026-03-09T12:00:00Z"];
    pages.alone(&archive);
    pages.alone(&[&archive[..], &["--json", "--mbox", "bad.mbox"]].concat());
    pages.alone(&["metrics", "--mbox", "nowhere.mbox"]);
    pages.admin(&["metrics"]);
    pages.admin(&["metrics", "--json"]);
    pages.admin(&["metrics", "--store", "nowhere"]);
}

fn lists(pages: &mut Pages, system: &System) {
    pages.admin(&["list"]);
    pages.admin(&["list", "--json", "--limit", "2"]);
    pages.admin(&["list", "--status", "answered", "--limit", "1"]);
    pages.admin(&["list", "--tag", "nobody"]);
    pages.admin(&["list", "--status", "open"]);
    pages.admin(&["list", "--id", LAMP]);
    pages.admin(&["list", "--store", "no store"]);
    pages.alone(&["list"]);
    pages.alone(&["list", "--api", "http://shop.example"]);
    pages.alone(&["list", "--api", &system.url]);
    pages.page(&["list"], Some("w24_x"), "");
    pages.admin(&["show", LAMP]);
    pages.admin(&["show", LAMP, "--json"]);
    pages.admin(&["show", "404-6093371-2857440"]);
    pages.admin(&["show", "303-5582914-6620375"]);
    pages.admin(&["show", NONE]);
    pages.admin(&["show", "205-0000000-0000000"]);
    pages.admin(&["show", "no thread"]);
}

fn answers(pages: &mut Pages) {
    let blocked = [
        "answer",
        LAMP,
        "--text",
        "Write to shop@gmail.com, please.",
        "--idempotency-key",
        "k1",
    ];
    let overridden = [&blocked[..], &["--override"]].concat();
    pages.admin(&blocked);
    pages.admin(&[&blocked[..], &["--json"]].concat());
    pages.agent(&overridden);
    pages.admin(&overridden);
    let sent = ["answer", LAMP, "--file", "answer.txt", "--idempotency-key", "k2"];
    pages.admin(&sent);
    pages.admin(&[&sent[..], &["--json"]].concat());
    pages.admin(&["answer", LAMP, "--text", " ", "--idempotency-key", "k3"]);
    pages.admin(&["answer", LAMP, "--file", "nowhere.txt"]);
    pages.admin(&["answer", LAMP]);
    pages.admin(&["answer", NONE, "--text", "Hello", "--idempotency-key", "k4"]);
    pages.admin(&["show", LAMP]);
}

fn decisions(pages: &mut Pages, system: &System) {
    let parcel = "404-6093371-2857440";
    pages.admin(&["close", parcel]);
    pages.admin(&["close", parcel, "--json"]);
    pages.admin(&["close", NONE]);
    pages.admin(&["reopen", parcel]);
    pages.admin(&["reopen", parcel]);
    pages.admin(&["tag", LAMP, "--add", "warranty", "--add", "lamp"]);
    pages.admin(&["tag", LAMP, "--remove", "lamp", "--json"]);
    pages.admin(&["tag", LAMP, "--add", " "]);
    pages.admin(&["tag", LAMP]);
    pages.admin(&["assign", LAMP, "Jonas Petersen"]);
    // Of two words at the same moment neither is the later.
    system.clock.0.fetch_add(60, Ordering::Relaxed);
    pages.admin(&["assign", LAMP, "--nobody"]);
    pages.admin(&["assign", LAMP]);
    pages.admin(&["export", LAMP]);
    pages.admin(&["export", LAMP, "--format", "json"]);
    pages.agent(&["export", LAMP]);
}

fn of_stores(pages: &mut Pages) {
    pages.admin(&["store", "list"]);
    pages.admin(&["store", "put", "new.toml"]);
    pages.admin(&["store", "put", "new.toml", "--json"]);
    pages.admin(&["store", "put", "wrong.toml"]);
    pages.admin(&["store", "put", "unusable.toml"]);
    pages.admin(&["store", "put", "nowhere.toml"]);
    pages.agent(&["store", "put", "new.toml"]);
    pages.admin(&["store", "list", "--json"]);
    pages.admin(&["store", "show", "kontorhaus"]);
    pages.admin(&["store", "show", "kontorhaus", "--json"]);
    pages.admin(&["store", "show", "nowhere"]);
    // Now there are two.
    pages.admin(&["show", LAMP]);
}

fn of_tokens(pages: &mut Pages, system: &System) {
    let make = |name: &'static str, scope: &'static str| ["token", "make", "--name", name, "--scope", scope];
    pages.admin(&[&make("Ayşe", "kontorhaus=lead")[..], &["--expires", "30d"]].concat());
    let ends = ["--expires", "2027-01-01T00:00:00Z", "--json"];
    pages.admin(&[&make("a script", "*=agent")[..], &ends].concat());
    pages.admin(&make("x", "nowhere=agent"));
    pages.admin(&make("x", "kontorhaus=boss"));
    pages.admin(&[&make("x", "a=lead")[..], &["--scope", "a=agent"]].concat());
    pages.agent(&make("x", "kontorhaus=agent"));
    pages.alone(&[&make("x", "*=admin")[..], &["--table", "stack-table"]].concat());
    let of_the_agent = system.agent.split('_').nth(1).unwrap();
    pages.admin(&["token", "revoke", of_the_agent]);
    pages.admin(&["token", "revoke", of_the_agent, "--json"]);
    pages.admin(&["token", "revoke", "no token"]);
    pages.admin(&["token", "revoke", "0000000000000000"]);
    pages.admin(&["token", "list"]);
    pages.admin(&["token", "list", "--json"]);
}

fn erasing(pages: &mut Pages) {
    let buyer = "auqspb7kx674fgi@marketplace.amazon.co.uk";
    let erase = ["erase", buyer, "--store", "kontorhaus"];
    pages.admin(&erase);
    pages.admin(&["erase", buyer, "--yes"]);
    pages.admin(&["erase", "vera@shop.example", "--yes", "--store", "kontorhaus"]);
    pages.admin(&[&erase[..], &["--yes"]].concat());
    pages.admin(&[&erase[..], &["--yes", "--json"]].concat());
}

/// What the server says has an address, a token and a folder of its own.
#[test]
fn what_the_server_says_is_as_the_snapshot_shows() {
    let home = tempfile::tempdir().unwrap();
    let data = home.path().join("data");
    let server = Running::start(&data);
    let hidden = [
        (server.url.clone(), "[url]"),
        (server.token.clone(), "[token]"),
        (data.to_str().unwrap().to_owned(), "[folder]"),
    ];
    let begun = server.said().to_owned();
    // Who has answered knows by now how to end in peace.
    server.put_store();
    let (_, ended) = server.end();
    let said = format!("{}\n\n{}\n", begun.trim_end(), ended.trim());
    let page = hidden.iter().fold(said, |page, (word, name)| page.replace(word, name));
    snapshot("serve", &page);
}

/// What it answers beside the API, where SES and helpdesks would call a stack, and what it writes down for people's scripts. Time and
/// chance are real here.
#[test]
fn what_the_server_answers_beside_the_api_is_as_the_snapshot_shows() {
    let home = tempfile::tempdir().unwrap();
    let data = home.path().join("data");
    let server = Running::start(&data);
    server.put_store();
    let secret = "a-secret-of-some-length";
    std::fs::write(
        data.join("secrets.json"),
        format!(r#"{{"shop": {{"freshdesk": "{secret}"}}}}"#),
    )
    .unwrap();
    let raw = mail(&buyer(1), "m1", Some("302-1234567-7654321"), "Wo ist mein Paket?");
    let assigned = format!(
        r#"{{"fact": "assigned", "id": "1", "to": "mara@x.example", "email": "{}"}}"#,
        buyer(1)
    );
    let drafts = br#"[{"id": 7, "text": "Write to shop@gmail.com"}, {"text": "It is due on Friday."}]"#;
    let mut page = String::new();
    for (title, token, method, path, body) in [
        (
            "a mail",
            server.token.as_str(),
            "POST",
            "/mail?recipient=shop%40inbox.example",
            raw.as_slice(),
        ),
        ("the same mail, without a token", "", "POST", "/mail", &raw),
        ("no mail", &server.token, "POST", "/mail", b""),
        ("a parameter that it has not", &server.token, "POST", "/mail?to=x", &raw),
        ("another method", &server.token, "GET", "/mail", b""),
        (
            "a helpdesk that is believed",
            secret,
            "POST",
            "/webhooks/freshdesk",
            assigned.as_bytes(),
        ),
        (
            "one that is not",
            "another-secret-of-some-length",
            "POST",
            "/webhooks/freshdesk",
            assigned.as_bytes(),
        ),
        (
            "one that is not known",
            secret,
            "POST",
            "/webhooks/nobody",
            assigned.as_bytes(),
        ),
        ("drafts", "", "POST", "/screen", drafts),
        ("no drafts", "", "POST", "/screen", b"{\"words\": 1}"),
    ] {
        let headers = [("x-within24-token", token), ("content-type", "application/json")];
        let answer = server.try_ask(token, method, path, &headers, body).unwrap();
        let told = lines(&answer.text);
        write!(
            page,
            "## {title}\n\n{method} {path}\n\n{} {}\n{told}\n",
            answer.status, answer.kind
        )
        .unwrap();
    }
    let events = until("the event is written down", || {
        let events = std::fs::read_to_string(data.join("events.jsonl")).unwrap_or_default();
        events.contains("ThreadOpened.v1").then_some(events)
    });
    write!(page, "## events.jsonl\n\n{}", lines(&events)).unwrap();
    server.kill();
    let mut settings = insta::Settings::clone_current();
    settings.add_filter(r#"("(?:request_id|mail|id|thread)"): "[^"]+""#, r#"$1: "[chance]""#);
    settings.add_filter(r"\d{4}-\d\d-\d\dT[\d:.]+Z", "[time]");
    settings.bind(|| snapshot("serve-http", &page));
}

/// The names of the subcommands that a help lists.
fn listed(help: &str) -> Vec<String> {
    let mut lines = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let mut names = Vec::new();
    while let Some(line) = lines.next().filter(|line| !line.is_empty()) {
        let name = line.strip_prefix("  ").and_then(|line| line.split(' ').next());
        names.extend(
            name.filter(|name| !name.is_empty() && *name != "help")
                .map(str::to_owned),
        );
    }
    names
}

/// The help of this subcommand and of all below it; gives those that have none below.
fn helps(command: &[String], leaves: &mut BTreeSet<String>) {
    let done = Command::new(env!("CARGO_BIN_EXE_within24"))
        .args(command)
        .arg("--help")
        .output()
        .unwrap();
    assert!(done.status.success(), "{command:?}");
    let help = text(&done.stdout);
    let name = command.join("-");
    snapshot(["help", &name].join("-").trim_end_matches('-'), &help);
    let below = listed(&help);
    if below.is_empty() {
        leaves.insert(name);
    }
    for one in below {
        helps(&[command, &[one]].concat(), leaves);
    }
}

#[test]
fn every_help_is_as_its_snapshot_shows_and_every_subcommand_has_pages() {
    let mut leaves = BTreeSet::new();
    helps(&[], &mut leaves);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/system/snapshots");
    let without: Vec<&String> = leaves
        .iter()
        .filter(|name| !folder.join(format!("{name}.snap")).exists())
        .collect();
    assert!(leaves.len() > 20 && without.is_empty(), "without a page: {without:?}");
}
