//! What the README and the page for integrators show is what the first command prints.

use std::path::Path;

use within24_local::{pretty, replay, timeline};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_documents_show_the_alert_mail_and_the_response_times_of_the_demo() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let readme = std::fs::read_to_string(root.join("README.md")).unwrap();
    let integrate = std::fs::read_to_string(root.join("infra/docs/integrate.md")).unwrap();
    let folder = root.join("tests/fixtures/demo");
    let text = std::fs::read_to_string(folder.join("timeline.jsonl")).unwrap();
    let raw = tempfile::tempdir().unwrap();
    let replayed = replay::run(timeline::parse(&text), &folder, raw.path()).await.unwrap();
    let last = replayed.output.alert_mails.last().unwrap();
    assert!(
        integrate.contains(&format!("Subject: {}\n\n{}", last.subject, last.text)),
        "{}",
        last.text
    );
    let page = pretty::render(&replayed.output, 120);
    let mut times = page.lines().filter(|line| line.contains("7 days"));
    let times = times.next().unwrap().trim_end();
    assert!(readme.lines().any(|line| line == times), "{times}");
    assert!(page.contains(last.text.lines().last().unwrap()), "{page}");
}
