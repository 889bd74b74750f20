//! What the workspace is built of: licences, doubles and sources of all crates, by `.cargo/deny.toml`.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::root;

/// A crate that some build of the workspace takes in, on any platform.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Crate {
    name: String,
    version: String,
    licence: String,
    /// Where it comes from, unless that is the registry.
    source: Option<String>,
}

fn cargo(words: &[&str]) -> String {
    let cargo = std::process::Command::new(env!("CARGO"))
        .args(words)
        .current_dir(root())
        .output()
        .unwrap();
    assert!(cargo.status.success(), "{}", String::from_utf8_lossy(&cargo.stderr));
    String::from_utf8(cargo.stdout).unwrap()
}

/// All crates but our own. `cargo metadata` lists besides what only features that nobody asked for would bring.
fn crates() -> BTreeSet<Crate> {
    let tree = "tree --workspace --locked --target all --edges normal,build,dev --prefix none --format";
    let words: Vec<&str> = tree.split(' ').chain(["{p};{l}"]).collect();
    let here = format!("({}", root().display());
    let mut found = BTreeSet::new();
    for line in cargo(&words)
        .lines()
        .filter(|line| !line.is_empty() && !line.contains(&here))
    {
        let (package, licence) = line.split_once(';').unwrap();
        let mut words = package.split(' ');
        found.insert(Crate {
            name: words.next().unwrap().to_owned(),
            version: words.next().unwrap().trim_start_matches('v').to_owned(),
            licence: licence.trim_end_matches(" (*)").to_owned(),
            source: words.find(|word| *word != "(proc-macro)").map(str::to_owned),
        });
    }
    assert!(found.len() > 100, "only {} crates were found", found.len());
    found
}

fn rules() -> toml::Table {
    std::fs::read_to_string(root().join(".cargo/deny.toml"))
        .unwrap()
        .parse()
        .unwrap()
}

#[test]
fn every_crate_has_a_licence_that_is_allowed() {
    let rules = rules();
    let allowed: BTreeSet<&str> = rules["licenses"]["allow"]
        .as_array()
        .unwrap()
        .iter()
        .map(|licence| licence.as_str().unwrap())
        .collect();
    let mut used = BTreeSet::new();
    let mut wrong = Vec::new();
    for one in crates() {
        let written = &one.licence;
        // Lax: "MIT/Apache-2.0", as older crates write.
        let Ok(expression) = spdx::Expression::parse_mode(written, spdx::ParseMode::LAX) else {
            wrong.push(format!("{} {}: {written}", one.name, one.version));
            continue;
        };
        let names = |requirement: &spdx::LicenseReq| requirement.license.id().map_or("", |id| id.name);
        if expression.evaluate(|requirement| allowed.contains(names(requirement))) {
            used.extend(
                expression
                    .requirements()
                    .map(|one| names(&one.req))
                    .filter(|name| allowed.contains(name)),
            );
        } else {
            wrong.push(format!("{} {}: {written}", one.name, one.version));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(used, allowed, "a licence that no crate has need not be allowed");
}

#[test]
fn no_crate_is_built_in_two_versions_without_a_reason() {
    let rules = rules();
    let excepted: BTreeSet<String> = rules["bans"]["skip"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            assert!(!one["reason"].as_str().unwrap().is_empty());
            one["crate"].as_str().unwrap().to_owned()
        })
        .collect();
    let mut versions: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for one in crates() {
        versions.entry(one.name).or_default().push(one.version);
    }
    let mut doubles = BTreeSet::new();
    for (name, mut all) in versions {
        all.sort_by_key(|version| {
            version
                .split('.')
                .map(|part| part.parse().unwrap_or(0))
                .collect::<Vec<u64>>()
        });
        all.pop();
        doubles.extend(all.into_iter().map(|version| format!("{name}@{version}")));
    }
    assert_eq!(doubles, excepted, "left: what is there twice; right: .cargo/deny.toml");
}

#[test]
fn every_crate_comes_from_the_registry() {
    let others: Vec<String> = crates().into_iter().filter_map(|one| one.source).collect();
    assert!(others.is_empty(), "{others:?}");
}

/// What `tests/run` checks a function beside: it compiles nothing anew only as long as this is so.
#[test]
fn the_package_of_dependencies_asks_for_what_the_members_ask_for() {
    let metadata = cargo(&["metadata", "--locked", "--no-deps", "--format-version", "1"]);
    let metadata: Value = serde_json::from_str(&metadata).unwrap();
    let mut asked: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut listed = asked.clone();
    for package in metadata["packages"].as_array().unwrap() {
        let into = if package["name"] == "within24-dependencies" {
            &mut listed
        } else {
            &mut asked
        };
        for dependency in package["dependencies"].as_array().unwrap() {
            if dependency["path"].is_null() && dependency["kind"] != "build" {
                let features = dependency["features"].as_array().unwrap();
                let features = features.iter().map(|feature| feature.as_str().unwrap());
                into.entry(dependency["name"].as_str().unwrap())
                    .or_default()
                    .extend(features);
            }
        }
    }
    assert_eq!(listed, asked);
}
