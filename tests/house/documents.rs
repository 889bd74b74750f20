//! The documents: links that lead somewhere, names of tests and files that are there, and what a stranger sees first.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::{files, root};

/// Where files of this repository are on the web; what stands behind it is a path from the top.
const ON_THE_WEB: &str = "https://github.com/within24/within24/blob/main/";

/// Files with this ending, as paths from the top.
fn files_ending_in(ending: &str) -> Vec<PathBuf> {
    let all = files(&root(), ending).into_iter();
    all.map(|path| path.strip_prefix(root()).unwrap().to_owned()).collect()
}

fn documents() -> Vec<PathBuf> {
    files_ending_in(".md")
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The lines of a document that are no blocks of code.
fn prose(text: &str) -> Vec<&str> {
    let mut fenced = false;
    let mut lines = Vec::new();
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        } else if !fenced {
            lines.push(line);
        }
    }
    lines
}

/// The text of a heading, with its level.
fn heading(line: &str) -> Option<(usize, &str)> {
    let level = line.bytes().take_while(|byte| *byte == b'#').count();
    let text = line[level..].strip_prefix(' ')?;
    (1..=6).contains(&level).then(|| (level, text.trim()))
}

/// The anchors of a document, as GitHub makes them of its headings.
fn anchors(text: &str) -> BTreeSet<String> {
    let mut seen = BTreeMap::<String, usize>::new();
    let mut anchors = BTreeSet::new();
    for (_, title) in prose(text).into_iter().filter_map(heading) {
        let kept = title.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
        let anchor: String = kept.flat_map(char::to_lowercase).collect::<String>().replace(' ', "-");
        let times = seen.entry(anchor.clone()).or_default();
        anchors.insert(match *times {
            0 => anchor,
            more => format!("{anchor}-{more}"),
        });
        *times += 1;
    }
    anchors
}

/// What stands between backticks, line by line.
fn in_backticks(text: &str) -> impl Iterator<Item = &str> {
    let lines = prose(text).into_iter();
    lines.flat_map(|line| line.split('`').skip(1).step_by(2))
}

/// The targets of links.
fn links(text: &str) -> Vec<String> {
    let mut links = Vec::new();
    for line in prose(text) {
        let shown: String = line.split('`').step_by(2).collect::<Vec<_>>().join("`");
        links.extend(
            shown
                .split("](")
                .skip(1)
                .map(|rest| rest.split(')').next().unwrap().to_owned()),
        );
        if let Some((_, target)) = shown.split_once("]: ").filter(|_| shown.starts_with('[')) {
            links.push(target.trim().to_owned());
        }
    }
    links
}

/// A path without `.` and `..`; `None` where it leads out of the repository.
fn resolved(folder: &Path, target: &str) -> Option<PathBuf> {
    let mut path = folder.to_owned();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                if !path.pop() {
                    return None;
                }
            }
            name => path.push(name),
        }
    }
    Some(path)
}

/// The document or file that a link of this document leads to, and the anchor there; `None` for other places on the web.
fn target(document: &Path, link: &str) -> Option<(PathBuf, Option<String>)> {
    let (folder, link) = match link.strip_prefix(ON_THE_WEB) {
        Some(path) => (Path::new(""), path),
        None => (document.parent().unwrap(), link),
    };
    if link.contains("://") || link.starts_with("mailto:") {
        return None;
    }
    let (path, anchor) = match link.split_once('#') {
        Some((path, anchor)) => (path, Some(anchor.to_owned())),
        None => (link, None),
    };
    let path = if path.is_empty() {
        document.to_owned()
    } else {
        resolved(folder, path).unwrap_or_else(|| panic!("{}: {link} leads out of the repository", document.display()))
    };
    Some((path, anchor))
}

/// What is wrong with a link.
fn fault(document: &Path, link: &str) -> Option<String> {
    let (path, anchor) = target(document, link)?;
    let place = format!("{}: {link}", document.display());
    if !root().join(&path).exists() {
        return Some(format!("{place}: there is no such file"));
    }
    let anchor = anchor?;
    let is_document = path.extension().is_some_and(|ending| ending == "md");
    let there = is_document && anchors(&read(&path)).contains(&anchor);
    (!there).then(|| format!("{place}: there is no such heading"))
}

#[test]
fn every_link_leads_to_a_file_and_a_heading() {
    let (mut seen, mut wrong) = (0, Vec::new());
    for document in documents() {
        let links = links(&read(&document));
        seen += links.len();
        wrong.extend(links.iter().filter_map(|link| fault(&document, link)));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(seen > 100, "{seen} links");
}

/// A type of problem is an address that people open.
#[test]
fn every_address_that_the_api_gives_is_a_heading() {
    let openapi = PathBuf::from("infra/openapi.yaml");
    let text = read(&openapi);
    let ends = |c: char| c.is_whitespace() || "\"']},".contains(c);
    let addresses = text
        .split(ON_THE_WEB)
        .skip(1)
        .map(|rest| rest.split(ends).next().unwrap());
    let addresses: BTreeSet<String> = addresses.map(|path| format!("{ON_THE_WEB}{path}")).collect();
    let wrong: Vec<String> = addresses.iter().filter_map(|link| fault(&openapi, link)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(addresses.len() > 4, "{addresses:?}");
}

#[test]
fn every_document_is_reached_from_the_readme() {
    let (mut reached, mut open) = (BTreeSet::new(), vec![PathBuf::from("README.md")]);
    while let Some(document) = open.pop() {
        let links = links(&read(&document));
        let targets = links.iter().filter_map(|link| target(&document, link));
        if reached.insert(document.clone()) {
            open.extend(
                targets
                    .map(|(path, _)| path)
                    .filter(|path| path.extension().is_some_and(|end| end == "md")),
            );
        }
    }
    let all: BTreeSet<PathBuf> = documents().into_iter().collect();
    assert_eq!(all.difference(&reached).collect::<Vec<_>>(), Vec::<&PathBuf>::new());
}

/// A promise names the test that holds it, a recipe the file to change.
#[test]
fn every_test_and_file_that_a_document_names_is_there() {
    let sources = [files_ending_in(".rs"), files_ending_in(".py")].concat();
    let sources: String = sources.iter().map(|source| read(source)).collect();
    let is_name = |word: &str| {
        word.bytes()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'_')
    };
    let is_path = |word: &str| {
        let tops = ["functions/", "infra/", "shared/", "tests/"];
        let plain = |c: char| c.is_ascii_alphanumeric() || "/._-".contains(c);
        tops.iter().any(|top| word.starts_with(top)) && word.chars().all(plain)
    };
    let (mut tests, mut wrong) = (0, Vec::new());
    for document in documents() {
        let page = read(&document);
        for word in in_backticks(&page) {
            let there = if word.matches('_').count() >= 3 && is_name(word) {
                tests += 1;
                let functions = ["fn ", "def "].map(|keyword| format!("{keyword}{word}("));
                let setting = format!("\"{word}\"");
                functions.iter().chain([&setting]).any(|text| sources.contains(text))
            } else {
                !is_path(word) || root().join(word).exists()
            };
            if !there {
                wrong.push(format!("{}: {word}", document.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(tests > 50, "{tests} tests");
}

#[test]
fn the_readme_is_short() {
    let lines = read(Path::new("README.md")).lines().count();
    assert!(
        lines <= 150,
        "{lines} lines: what only some readers want belongs to a document that the README links"
    );
}

/// What can be typed stands indented or in a block of `sh`; what is printed, in a block of `text`.
#[test]
fn the_first_screen_of_the_readme_has_two_commands() {
    let readme = read(Path::new("README.md"));
    let (screen, _) = readme.split_once("\n## ").unwrap();
    let typed = prose(screen).into_iter().filter_map(|line| line.strip_prefix("    "));
    assert_eq!(
        typed.collect::<Vec<_>>(),
        ["cargo run --bin within24 -- demo", "tests/run"]
    );
    let blocks: Vec<&str> = screen.lines().filter_map(|line| line.strip_prefix("```")).collect();
    assert!(blocks.iter().all(|block| ["text", ""].contains(block)), "{blocks:?}");
    assert!(screen.lines().count() <= 50, "it fits on a screen");
}

/// The sections of a document: title and lines, those of deeper headings not included.
fn sections(text: &str) -> Vec<(String, Vec<String>)> {
    let (mut sections, mut fenced) = (Vec::<(String, Vec<String>)>::new(), false);
    for line in text.lines() {
        fenced ^= line.starts_with("```");
        if let Some((_, title)) = heading(line).filter(|_| !fenced) {
            sections.push((title.to_owned(), Vec::new()));
        } else if let Some((_, lines)) = sections.last_mut() {
            lines.push(line.to_owned());
        }
    }
    sections
}

#[test]
fn every_recipe_is_short_and_names_its_test() {
    let text = read(Path::new("shared/CONTRIBUTING.md"));
    let recipes: Vec<_> = sections(&text)
        .into_iter()
        .filter(|(title, _)| title.starts_with("Add "))
        .collect();
    let titles: Vec<&str> = recipes.iter().map(|(title, _)| title.as_str()).collect();
    let wanted = [
        "Add a marketplace",
        "Add a language of the order-id request",
        "Add a helpdesk source",
        "Add a function",
        "Add a screening phrase",
    ];
    assert_eq!(titles, wanted);
    for (title, lines) in &recipes {
        assert!(lines.len() <= 30, "{title}: {} lines", lines.len());
        let (told, commands): (Vec<_>, Vec<_>) = lines.iter().partition(|line| !line.starts_with("    cargo test -p "));
        assert!(!commands.is_empty(), "{title}: a command that tells what is missing");
        let names = |line: &&String| {
            line.split('`')
                .skip(1)
                .step_by(2)
                .any(|word| word.matches('_').count() >= 3)
        };
        assert!(told.iter().any(names), "{title}: the test that tells the rest");
    }
}

/// Types of events as the API knows them.
#[test]
fn the_table_of_events_has_every_type() {
    let openapi = read(Path::new("infra/openapi.yaml"));
    let types = openapi
        .split("    EventType:\n")
        .nth(1)
        .unwrap()
        .split("enum: [")
        .nth(1)
        .unwrap();
    let types: BTreeSet<&str> = types.split(']').next().unwrap().split(',').map(str::trim).collect();
    let page = read(Path::new("infra/docs/integrate.md"));
    let (_, lines) = sections(&page)
        .into_iter()
        .find(|(title, _)| title == "Alerts and events")
        .unwrap();
    let rows = lines.iter().filter(|line| line.starts_with("| `"));
    let named = rows.flat_map(|row| row.split('|').nth(1).unwrap().split('`').skip(1).step_by(2));
    assert_eq!(named.collect::<BTreeSet<_>>(), types);
}

/// Commands against a stack are followed word for word in `tests/stack`, where their section is called by its name.
#[test]
fn every_section_with_commands_for_a_stack_is_followed() {
    let stack = files_ending_in(".py")
        .into_iter()
        .filter(|path| path.starts_with("tests/stack"));
    let stack: String = stack.map(|path| read(&path)).collect();
    let mut followed = BTreeSet::new();
    for page in documents().into_iter().filter(|path| path.starts_with("infra/docs")) {
        for (title, lines) in sections(&read(&page)) {
            let blocks = lines.join("\n");
            let blocks: Vec<&str> = blocks
                .split("```sh\n")
                .skip(1)
                .map(|rest| rest.split("```").next().unwrap())
                .collect();
            let for_a_stack = |block: &&str| ["$(output ", "aws ", "sam "].iter().any(|word| block.contains(word));
            if blocks.iter().any(for_a_stack) {
                assert!(
                    stack.contains(&format!("\"{title}\"")),
                    "{}: no test follows {title}",
                    page.display()
                );
                followed.insert(title);
            }
        }
    }
    assert!(followed.len() >= 16, "{followed:?}");
}
