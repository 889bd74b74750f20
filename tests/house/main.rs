//! The house: the arrow between the layers, and names and settings that must agree.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod crates;
mod documents;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use within24::lambda::FUNCTIONS;
use within24_tests::functions::read_settings;

mod lists;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// The names of what lies in a folder, in order.
fn names_in(folder: &str) -> BTreeSet<String> {
    let entries = std::fs::read_dir(root().join(folder)).unwrap();
    entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect()
}

/// A file of the project.
fn file(name: &str) -> String {
    std::fs::read_to_string(root().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The files below a folder whose names end so. What is built or fetched, and hidden folders, are left out.
fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let (mut files, mut folders) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let left_out = name.starts_with('.') || ["target", "node_modules", "within24-data"].contains(&&*name);
            if path.is_dir() && !left_out {
                folders.push(path);
            } else if path.is_file() && name.ends_with(ending) {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

/// The sources below a folder; files of unit tests and build scripts, which cargo tells what they need, are left out.
fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let is_of_tests = |path: &PathBuf| {
        let below = path.strip_prefix(folder).unwrap();
        below.components().any(|part| part.as_os_str() == "tests") || below.ends_with("tests.rs")
    };
    let mut sources = files(folder, ".rs");
    sources.retain(|path| !is_of_tests(path) && !path.ends_with("build.rs"));
    sources
}

/// The code of a file: no comments, no unit tests.
fn code(path: &Path) -> String {
    let text = std::fs::read_to_string(path).unwrap();
    let code = text.split("#[cfg(test)]\nmod tests").next().unwrap_or(&text);
    code.lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect::<Vec<_>>()
        .join("\n")
}

/// Uses of `words` in the files of a layer, each with its file.
fn uses(layer: &str, words: &[&str]) -> Vec<String> {
    let path = root().join("shared/src").join(layer);
    let files = if path.is_dir() { rust_files(&path) } else { vec![path] };
    let mut found = Vec::new();
    for file in files {
        let code = code(&file);
        for word in words.iter().filter(|word| code.contains(**word)) {
            found.push(format!("{} names {word}", file.strip_prefix(root()).unwrap().display()));
        }
    }
    found
}

#[test]
fn the_arrow_between_the_layers_points_one_way() {
    let outer = [
        "aws_",
        "lambda_runtime",
        "tokio",
        "std::env",
        "std::fs",
        "std::net",
        "crate::adapters",
        "crate::lambda",
    ];
    let mut wrong = uses("domain", &outer);
    wrong.extend(uses("domain", &["crate::app", "crate::ports", "serde::", "tracing::"]));
    for ports in ["ports.rs", "ports"] {
        wrong.extend(uses(ports, &outer));
        wrong.extend(uses(ports, &["crate::app"]));
    }
    wrong.extend(uses("app", &outer));
    wrong.extend(uses("adapters", &["crate::app", "crate::lambda"]));
    wrong.extend(uses("wire", &outer));
    wrong.extend(uses("wire", &["crate::app", "crate::ports"]));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn nothing_reads_the_clock_or_the_environment_outside_its_module() {
    let words = [
        "Timestamp::now",
        "Zoned::now",
        "SystemTime::now",
        "Instant::now",
        "env::var",
    ];
    let allowed = ["shared/src/lambda/clock.rs", "shared/src/lambda/env.rs"];
    let mut wrong = Vec::new();
    for folder in ["shared/src", "functions", "infra/local/src"] {
        for file in rust_files(&root().join(folder)) {
            let name = file.strip_prefix(root()).unwrap().to_string_lossy().into_owned();
            let code = code(&file);
            let found = words
                .iter()
                .filter(|word| code.contains(**word))
                .map(|word| format!("{name} names {word}"));
            wrong.extend(found.filter(|_| !allowed.contains(&name.as_str())));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn functions_are_small_and_named_as_their_packages() {
    for name in names_in("functions") {
        let folder = root().join("functions").join(&name);
        let manifest = std::fs::read_to_string(folder.join("Cargo.toml")).unwrap();
        assert!(
            manifest.contains(&format!("name = \"{name}\"")),
            "{name}: folder, package and binary have one name"
        );
        let main = std::fs::read_to_string(folder.join("src/main.rs")).unwrap();
        assert!(main.lines().count() <= 40, "{name}: main.rs only wires");
        let logs = "telemetry::start(config.log_level.as_deref());";
        assert!(main.contains(logs), "{name}: it logs from the start");
    }
}

/// What two functions need is in the library crate: each is built, deployed and changed by itself.
#[test]
fn no_function_depends_on_another() {
    let folders = std::fs::read_dir(root().join("functions")).unwrap();
    let names: BTreeSet<String> = folders
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    let mut wrong = Vec::new();
    for (name, other) in names
        .iter()
        .flat_map(|name| names.iter().map(move |other| (name, other)))
    {
        let folder = root().join("functions").join(name);
        let manifest = std::fs::read_to_string(folder.join("Cargo.toml")).unwrap();
        // Also renamed: `x = { package = "other", … }`.
        let dependencies = manifest.split_once("\n[dependencies]").unwrap().1;
        let depends = dependencies
            .split(|c: char| !(c.is_alphanumeric() || c == '-' || c == '_'))
            .any(|word| word == other);
        if depends {
            wrong.push(format!("{name} depends on {other}"));
        }
        // A file of another's, taken in by its path, is a dependency too.
        let path = format!("../{other}/");
        let taken_in = rust_files(&folder).iter().any(|file| code(file).contains(&path));
        if name != other && taken_in {
            wrong.push(format!("{name} takes in a file of {other}"));
        }
    }
    assert!(names.len() >= 12, "{names:?}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Every variable that a function reads, and no other, is documented in the one list.
#[test]
fn every_setting_is_documented_and_read() {
    let known: BTreeSet<&str> = within24::lambda::env::VARIABLES.iter().map(|(name, _)| *name).collect();
    let seen = std::cell::RefCell::new(BTreeSet::new());
    let lookup = |name: &str| {
        seen.borrow_mut().insert(name.to_owned());
        None
    };
    for function in FUNCTIONS {
        // What is missing is not the question here.
        let _ = read_settings(function, &lookup);
    }
    let seen = seen.into_inner();
    assert_eq!(seen.iter().map(String::as_str).collect::<BTreeSet<_>>(), known);
}

/// What is for tests and for a command on somebody's own machine is in no function: fakes, and calls into private networks.
#[test]
fn no_function_is_built_with_what_is_for_tests() {
    let shared = std::fs::read_to_string(root().join("shared/Cargo.toml")).unwrap();
    for feature in ["testing", "openapi", "https-anywhere"] {
        assert!(shared.contains(&format!("\n{feature} = [")), "{feature} is a feature");
        for entry in std::fs::read_dir(root().join("functions")).unwrap() {
            let path = entry.unwrap().path().join("Cargo.toml");
            let manifest = std::fs::read_to_string(&path).unwrap();
            let built = manifest.split("[dev-dependencies]").next().unwrap();
            assert!(
                !built.contains(&format!("\"{feature}\"")),
                "{}: {feature}",
                path.display()
            );
        }
        // The document is for tests alone, as the fakes are, and so may bring them along.
        let others = shared.lines().filter(|line| {
            let features = line.contains(" = [") && !line.starts_with("openapi = ");
            features && !line.starts_with("required-features") && line.contains(&format!("\"{feature}\""))
        });
        assert_eq!(others.count(), 0, "no other feature brings {feature} along");
    }
    let default = shared.lines().find(|line| line.starts_with("default = ")).unwrap();
    assert_eq!(default, "default = []");
}

/// Personal data leaves its type in one way only, and never where something is logged.
#[test]
fn nothing_personal_is_exposed_into_a_log() {
    let mut wrong = Vec::new();
    for folder in ["shared/src", "functions"] {
        for file in rust_files(&root().join(folder)) {
            for statement in code(&file)
                .split(';')
                .filter(|statement| statement.contains("tracing::"))
            {
                let logged = statement.rsplit("tracing::").next().unwrap_or_default();
                if logged.contains("expose") {
                    wrong.push(file.strip_prefix(root()).unwrap().display().to_string());
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:?}");
}
