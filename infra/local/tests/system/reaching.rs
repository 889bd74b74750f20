//! What the command asks of systems elsewhere: an API that is no server of ours, and the table of a deployed stack.

use std::process::{Command, Output};

use serde_json::{Value, json};
use within24::wire::erasure::{ErasureProof, KeptOut, RemovedOut};
use within24::wire::problem::ProblemOut;
use within24::wire::trace::ByOut;

use crate::running::text;
use crate::stub::{Response, Stub};

const BUYER: &str = "A1B2C3D4E5F6G7H@marketplace.amazon.de";

/// Erases a buyer at this API.
fn erase(stub: &Stub, more: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_within24"));
    command.args(["erase", BUYER, "--yes", "--store", "shop", "--api", &stub.url]);
    command.args(more).env("WITHIN24_TOKEN", "w24_x").output().unwrap()
}

fn proof() -> ErasureProof {
    ErasureProof {
        store: "shop".to_owned(),
        erased_at: "2026-03-07T17:00:00Z".parse().unwrap(),
        erased_by: ByOut {
            token: Some("0404040404040404".to_owned()),
            name: "Mara Lind".to_owned(),
        },
        removed: RemovedOut {
            threads: 2,
            messages: 5,
            outgoing_mails: 1,
            other_rows: 14,
            files: 4,
            file_versions: 6,
        },
        kept: KeptOut { metric_facts: 3 },
    }
}

#[test]
fn erase_prints_its_proof_for_people() {
    let stub = Stub::answering(vec![Response::json(200, &proof())]);
    let done = erase(&stub, &[]);
    assert_eq!(done.status.code(), Some(0), "{done:?}");
    let page = text(&done.stdout);
    assert!(
        page.starts_with(
            "Buyer erased from store shop on Sat 07 Mar 2026 17:00 UTC, by Mara Lind.\n\nRemoved\n       2  threads\n"
        ),
        "{page}"
    );
    assert!(
        page.ends_with("\nKept\n       3  facts of the response metrics, without the buyer\n"),
        "{page}"
    );
    assert!(!page.contains('{'), "{page}");
    let asked = &stub.asked()[0];
    assert_eq!(
        (asked.method.as_str(), asked.path.to_lowercase().as_str()),
        ("DELETE", "/v1/stores/shop/buyers/a1b2c3d4e5f6g7h@marketplace.amazon.de")
    );
    assert_eq!(asked.header("authorization"), Some("bearer w24_x"));
}

#[test]
fn erase_prints_its_proof_for_scripts_as_it_came() {
    let stub = Stub::answering(vec![Response::json(200, &proof())]);
    let done = erase(&stub, &["--json"]);
    let printed: Value = serde_json::from_slice(&done.stdout).unwrap();
    assert_eq!(printed, serde_json::to_value(proof()).unwrap());
    stub.asked();
}

#[test]
fn erase_says_why_nothing_was_erased() {
    let problem = ProblemOut {
        r#type: "https://github.com/within24/within24/blob/main/functions/serve-api/README.md#sending".to_owned(),
        title: "A mail is being sent".to_owned(),
        status: 409,
        detail: "try again in two minutes".to_owned(),
        request_id: Some("r1".to_owned()),
        ..ProblemOut::default()
    };
    let stub = Stub::answering(vec![Response::json(409, &problem)]);
    let done = erase(&stub, &[]);
    stub.asked();
    assert_eq!((done.status.code(), text(&done.stdout)), (Some(1), String::new()));
    assert!(
        text(&done.stderr).contains("A mail is being sent: try again in two minutes"),
        "{done:?}"
    );
}

/// What no system of ours answers is no answer, and no test can make one up.
#[test]
fn a_body_that_the_document_does_not_allow_is_refused() {
    let invented = json!({"threads": 2, "messages": 5, "facts_kept": 3});
    let stub = Stub::answering(vec![Response::json(200, &invented)]);
    let done = erase(&stub, &[]);
    assert_eq!(done.status.code(), Some(1), "{done:?}");
    let (_, faults) = stub.ended();
    let all = faults.join("\n");
    assert!(
        all.contains("DELETE /v1/stores/{store}/buyers/{buyer}, 200: ")
            && all.contains("\"removed\" is a required property"),
        "{all}"
    );
    let stub = Stub::answering(vec![Response::json(202, &proof())]);
    erase(&stub, &[]);
    assert!(stub.ended().1[0].ends_with("the status 202 is not described"));
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
