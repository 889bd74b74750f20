//! What the README and the page for integrators show is what the first command prints.

use std::path::Path;

use within24_local::{pretty, replay, timeline};

/// What the README shows of its first command. A line that ends in `…` shows the beginning of one; `…` alone, that lines are left
/// out.
fn shown_of_the_demo(readme: &str) -> Vec<String> {
    let block = readme
        .split("\n    cargo run --bin within24 -- demo\n\n```text\n")
        .nth(1)
        .expect("the README shows what its first command prints")
        .split("\n```\n")
        .next()
        .unwrap();
    let lines = block.lines().filter(|line| !line.is_empty() && line.trim() != "…");
    lines.map(str::to_owned).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_documents_show_what_the_demo_prints() {
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
    assert!(page.contains(last.text.lines().last().unwrap()), "{page}");
    let mut printed = page.lines().map(str::trim_end);
    let shown = shown_of_the_demo(&readme);
    for line in &shown {
        let is_it = |printed: &str| match line.strip_suffix('…') {
            Some(beginning) => printed.starts_with(beginning.trim_end()),
            None => printed == line,
        };
        assert!(printed.any(is_it), "the demo does not print, in this order: {line}");
    }
    for part in ["INBOX", "ASKED FOR THE ORDER ID", "NOT DONE, AND WHY", "RESPONSE TIMES"] {
        assert!(shown.iter().any(|line| line.starts_with(part)), "{part}");
    }
    assert!(shown.iter().any(|line| line.contains("7 days")), "{shown:?}");
}
