//! Lists that are kept by hand, each held against what it lists.

use std::collections::BTreeSet;
use std::path::Path;

use within24::domain::event::EventType;
use within24::domain::mail::Defect;
use within24::domain::request;
use within24::lambda::FUNCTIONS;
use within24::lambda::env::VARIABLES;

use super::{code, file, files, names_in, root, rust_files};

fn functions() -> BTreeSet<String> {
    FUNCTIONS.map(str::to_owned).into()
}

/// What stands between `before` and `after` in each line that has both.
fn between(text: &str, before: &str, after: &str) -> BTreeSet<String> {
    let found = text
        .lines()
        .filter_map(|line| line.split_once(before)?.1.split_once(after));
    found.map(|(found, _)| found.to_owned()).collect()
}

/// The one list: what logs, what is measured and what is tested goes by it.
#[test]
fn the_list_of_functions_is_their_folder() {
    assert_eq!(functions(), names_in("functions"));
}

#[test]
fn the_readme_says_of_every_function_what_it_does() {
    let readme = file("README.md");
    let table = readme
        .split("| function | trigger |")
        .nth(1)
        .unwrap()
        .split("\n\n")
        .next()
        .unwrap();
    assert_eq!(between(table, "| `", "` |"), functions());
    let map = file("shared/ARCHITECTURE.md");
    for function in FUNCTIONS {
        assert!(map.contains(&format!("`{function}`")), "ARCHITECTURE.md: {function}");
    }
}

/// A function that the local system leaves out does nothing there, and one that tests leave out is not tested.
#[test]
fn the_local_system_and_the_tests_run_every_function() {
    for folder in ["infra/local", "tests"] {
        let sources = rust_files(&root().join(folder));
        let sources: String = sources.iter().map(|source| code(source)).collect();
        for function in FUNCTIONS {
            let calls = format!("{}::", function.replace('-', "_"));
            assert!(sources.contains(&calls), "{folder} calls {calls}");
        }
    }
}

#[test]
fn the_start_of_every_function_is_measured_with_all_its_settings() {
    let bench = file("tests/benches/start_up.rs");
    assert_eq!(between(&bench, "Subject::function(\"", "\""), functions());
    for (name, what) in VARIABLES.iter().filter(|(_, what)| !what.contains("optional")) {
        assert!(bench.contains(&format!("\"{name}\"")), "{name}: {what}");
    }
}

#[test]
fn the_readme_names_every_type_of_event() {
    let readme = file("README.md");
    for name in EventType::names() {
        assert!(readme.contains(&format!("`{name}`")), "{name}");
    }
}

#[test]
fn every_metric_is_measured_by_somebody() {
    let metrics = file("shared/src/lambda/emf.rs");
    let metrics = metrics
        .split("pub enum Metric {")
        .nth(1)
        .unwrap()
        .split("\n}")
        .next()
        .unwrap();
    let names: Vec<&str> = metrics
        .lines()
        .filter_map(|line| line.trim().strip_suffix(','))
        .collect();
    assert!(names.len() > 10, "{names:?}");
    let sources = ["shared/src", "functions"].map(|folder| rust_files(&root().join(folder)));
    let sources = sources
        .iter()
        .flatten()
        .filter(|source| !source.ends_with("lambda/emf.rs"));
    let sources: String = sources.map(|source| code(source)).collect();
    for name in names {
        assert!(sources.contains(&format!("Metric::{name},")), "Metric::{name}");
    }
}

#[test]
fn every_text_of_the_request_is_a_language_to_ask_in() {
    let tags: BTreeSet<String> = request::languages().map(|tag| format!("{tag}.txt")).collect();
    assert_eq!(tags, names_in("shared/src/domain/request/text"));
    let readme = file("README.md");
    assert!(readme.contains(&format!("in {} languages, through the screen", tags.len())));
}

#[test]
fn every_file_of_phrases_is_compiled_into_the_screen() {
    let build = file("shared/build/main.rs");
    let list = build.split("const FILES").nth(1).unwrap().split("];").next().unwrap();
    let listed: BTreeSet<String> = list
        .split('"')
        .skip(1)
        .step_by(2)
        .map(|name| format!("{name}.txt"))
        .collect();
    assert_eq!(listed, names_in("shared/src/domain/screening/phrases/data"));
}

#[test]
fn every_defect_of_a_mail_is_listed() {
    let source = file("shared/src/domain/mail/defect.rs");
    let written = between(&source, ": Defect = Defect(\"", "\")");
    let listed: BTreeSet<String> = Defect::ALL.iter().map(|defect| defect.code().to_owned()).collect();
    assert_eq!(listed, written);
}

/// The map names the test that holds each invariant.
#[test]
fn every_test_and_source_that_the_map_names_is_there() {
    let map = file("shared/ARCHITECTURE.md");
    let words: BTreeSet<&str> = map.split('`').skip(1).step_by(2).collect();
    let name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    let tests = words
        .iter()
        .filter(|word| word.matches('_').count() >= 3 && word.chars().all(name));
    let sources = ["shared", "functions", "infra/local", "tests"].map(|folder| files(&root().join(folder), ".rs"));
    let stack = names_in("tests/stack")
        .into_iter()
        .filter(|name| name.starts_with("test_"));
    let stack = stack.map(|name| root().join("tests/stack").join(name));
    let sources = sources.into_iter().flatten().chain(stack);
    let sources: String = sources.map(|source| std::fs::read_to_string(source).unwrap()).collect();
    let mut named = 0;
    for test in tests {
        let there = [format!("fn {test}("), format!("def {test}(")];
        assert!(there.iter().any(|test| sources.contains(test)), "{test}");
        named += 1;
    }
    assert!(named > 20, "{named}");
    let paths = words
        .iter()
        .filter(|word| word.contains("/src/") || word.starts_with("tests/"));
    for path in paths.filter(|path| Path::new(path).extension().is_some_and(|ending| ending == "rs")) {
        assert!(root().join(path).exists(), "{path}");
    }
}

/// Whether a source declares the module.
fn declares(source: &Path, module: &str) -> bool {
    let text = std::fs::read_to_string(source).unwrap_or_default();
    let declares =
        |line: &str| line.trim_start_matches("pub ").trim_start_matches("pub(crate) ") == format!("mod {module};");
    text.lines().any(|line| declares(line.trim()))
}

/// A source that nobody declares is not compiled, and its tests do not run.
#[test]
fn every_source_is_part_of_a_crate() {
    let mut left_out = Vec::new();
    for folder in ["shared", "functions", "infra/local", "tests"] {
        for source in files(&root().join(folder), ".rs") {
            let (parent, module) = (source.parent().unwrap(), source.file_stem().unwrap().to_str().unwrap());
            let folder = parent.file_name().unwrap().to_str().unwrap();
            let target = ["main", "lib", "build"].contains(&module)
                || ["benches", "examples", "fuzz_targets"].contains(&folder)
                || (folder == "tests" && parent.with_file_name("Cargo.toml").exists());
            let (parent, module) = if module == "mod" {
                (parent.parent().unwrap(), folder)
            } else {
                (parent, module)
            };
            let beside = ["main.rs", "lib.rs", "mod.rs"].map(|name| parent.join(name));
            let declared = beside
                .iter()
                .chain([&parent.with_extension("rs")])
                .any(|source| declares(source, module));
            if !target && !declared {
                left_out.push(source);
            }
        }
    }
    assert!(left_out.is_empty(), "{left_out:?}");
}
