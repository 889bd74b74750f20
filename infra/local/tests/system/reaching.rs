//! What the command asks of systems elsewhere: an API that is no server of ours, and the table of a deployed stack.

use std::io::{Read, Write};
use std::process::Command;

use serde_json::{Value, json};

use crate::running::text;

/// Answers one request with this, and gives what was asked.
fn answering(body: &'static str) -> (String, std::thread::JoinHandle<String>) {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let answering = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut asked = Vec::new();
        let mut byte = [0];
        while !asked.ends_with(b"\r\n\r\n") {
            assert_eq!(stream.read(&mut byte).unwrap(), 1);
            asked.push(byte[0]);
        }
        let head = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all(format!("{head}{body}").as_bytes()).unwrap();
        text(&asked)
    });
    (url, answering)
}

#[test]
fn a_buyer_is_erased_and_what_was_removed_is_told() {
    let (url, asked) = answering(r#"{"threads": 2, "messages": 5, "facts_kept": 3}"#);
    let mut command = Command::new(env!("CARGO_BIN_EXE_within24"));
    command.args([
        "erase",
        "A1B2C3D4E5F6G7H@marketplace.amazon.de",
        "--yes",
        "--store",
        "shop",
        "--api",
        &url,
    ]);
    let done = command.env("WITHIN24_TOKEN", "w24_x").output().unwrap();
    assert_eq!(done.status.code(), Some(0), "{done:?}");
    let told = text(&done.stdout);
    assert!(
        told.starts_with("Erased:\n") && told.contains("  threads        2\n"),
        "{told}"
    );
    let asked = asked.join().unwrap().to_lowercase();
    assert!(
        asked.starts_with("delete /v1/stores/shop/buyers/a1b2c3d4e5f6g7h@marketplace.amazon.de http/1.1\r\n"),
        "{asked}"
    );
    assert!(asked.contains("authorization: bearer w24_x\r\n"), "{asked}");
}

#[test]
fn the_first_token_of_a_stack_is_written_into_its_table() {
    let database = dynoxide::Database::memory().unwrap();
    let key = |name: &str, kind: &str| json!({"AttributeName": name, "KeyType": kind});
    let attribute = |name: &str| json!({"AttributeName": name, "AttributeType": "S"});
    let table = json!({
        "TableName": "stack-table", "BillingMode": "PAY_PER_REQUEST", "KeySchema": [key("pk", "HASH"), key("sk", "RANGE")],
        "AttributeDefinitions": [attribute("pk"), attribute("sk")],
    });
    database.create_table(serde_json::from_value(table).unwrap()).unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    runtime.spawn(dynoxide::server::serve_on(listener, database.clone()));
    let run = |environment: &[(&str, &str)]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_within24"));
        command.args([
            "token",
            "make",
            "--table",
            "stack-table",
            "--name",
            "Mara",
            "--scope",
            "*=admin",
            "--json",
        ]);
        command
            .env_remove("AWS_ACCESS_KEY_ID")
            .env_remove("AWS_REGION")
            .env_remove("AWS_DEFAULT_REGION");
        command
            .envs(environment.iter().copied())
            .env("AWS_ENDPOINT_URL", &url)
            .output()
            .unwrap()
    };
    let none = run(&[]);
    assert_eq!(none.status.code(), Some(2));
    assert!(
        text(&none.stderr).contains("eval \"$(aws configure export-credentials --format env)\""),
        "{none:?}"
    );
    let key = [("AWS_ACCESS_KEY_ID", "x"), ("AWS_SECRET_ACCESS_KEY", "y")];
    assert!(text(&run(&key).stderr).contains("export AWS_REGION="));
    let made = run(&[key[0], key[1], ("AWS_REGION", "eu-west-1")]);
    assert_eq!(made.status.code(), Some(0), "{made:?}");
    let made: Value = serde_json::from_slice(&made.stdout).unwrap();
    assert!(made["token"].as_str().unwrap().starts_with("w24_"), "{made}");
    let scan = serde_json::from_value(json!({"TableName": "stack-table"})).unwrap();
    let rows = serde_json::to_value(database.scan(scan).unwrap()).unwrap();
    let rows = rows["Items"].as_array().unwrap();
    let token = rows.iter().find(|row| row["pk"]["S"] == "TOKENS").unwrap();
    assert_eq!((&token["sk"]["S"], &token["name"]["S"]), (&made["id"], &"Mara".into()));
    assert_eq!(token["made_by"]["S"], "command line");
    assert!(
        rows.iter().any(|row| row["what"]["S"] == "token-made"),
        "it leaves its trace"
    );
}
