//! The OpenAPI document: what it says in itself, and that it says it of the router.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use serde_json::{Value, json};
use within24::domain::deed::Deed;
use within24::domain::event::EventType;
use within24::domain::outgoing::State;
use within24::domain::report::ReportKind;
use within24::domain::screening::Rule;
use within24::domain::token::Role;
use within24::lambda::api::{Needs, Operation};
use within24::testing::Memory;
pub(crate) use within24::testing::openapi::{closed, faults, load, operations, resolved};

use crate::calls;

#[test]
fn the_document_is_openapi_3_1() {
    let document = load();
    let schema: Value = serde_json::from_str(include_str!("openapi/schema-3.1.json")).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    assert_eq!(faults(&validator, &document), [""; 0]);
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        assert!(jsonschema::meta::is_valid(schema), "{name}");
        closed(&document, &json!({"$ref": format!("#/components/schemas/{name}")}));
    }
}

/// Every reference leads somewhere, and everything that is described is used.
#[test]
fn nothing_is_missing_and_nothing_is_left_over() {
    fn references(value: &Value, into: &mut BTreeSet<String>) {
        match value {
            Value::Object(fields) => {
                into.extend(fields.get("$ref").and_then(Value::as_str).map(str::to_owned));
                fields.values().for_each(|one| references(one, into));
            }
            Value::Array(all) => all.iter().for_each(|one| references(one, into)),
            _ => {}
        }
    }
    let document = load();
    let mut used = BTreeSet::new();
    references(&document, &mut used);
    let described: BTreeSet<String> = ["schemas", "parameters", "responses", "headers"]
        .iter()
        .flat_map(|part| {
            let names = document["components"][*part].as_object().unwrap().keys();
            names.map(move |name| format!("#/components/{part}/{name}"))
        })
        .collect();
    assert_eq!(used, described);
    let ids: Vec<Value> = operations(&document)
        .into_iter()
        .map(|(.., one)| one["operationId"].clone())
        .collect();
    let different: BTreeSet<String> = ids.iter().map(ToString::to_string).collect();
    assert_eq!(different.len(), ids.len());
}

/// Who may call, as the document says it.
fn said(operation: &Value) -> Needs {
    let role = || Role::parse(operation["x-role"].as_str().unwrap()).unwrap();
    match operation["x-reach"].as_str() {
        None => Needs::Nothing,
        Some("store") => Needs::InStore(role()),
        Some("somewhere") => Needs::Somewhere(role()),
        Some("everywhere") => Needs::Everywhere(role()),
        Some(other) => panic!("{other}"),
    }
}

#[test]
fn every_operation_of_the_router_is_described_and_every_description_is_an_operation() {
    let document = load();
    let parts = calls::parts(&Arc::new(Memory::default()), &calls::edge());
    let all: Vec<&Operation> = parts.iter().flat_map(|part| &part.operations).collect();
    let key = |operation: &Operation| (operation.path.to_owned(), operation.method.to_string());
    let routed: BTreeMap<_, _> = all.iter().map(|one| (key(one), (*one).clone())).collect();
    assert_eq!(routed.len(), all.len());
    let described = operations(&document);
    let names: BTreeSet<_> = described
        .iter()
        .map(|(path, method, _)| (path.clone(), method.clone()))
        .collect();
    assert_eq!(names, routed.keys().cloned().collect());
    for (path, method, operation) in described {
        let one = &routed[&(path.clone(), method.clone())];
        assert_eq!(said(&operation), one.needs, "{method} {path}");
        let of = |place: &str| -> BTreeSet<String> {
            let all = operation["parameters"].as_array().unwrap().iter();
            all.filter(|parameter| parameter["in"] == place)
                .map(|parameter| parameter["name"].as_str().unwrap().to_owned())
                .collect()
        };
        let query: BTreeSet<String> = one.query.iter().map(|name| (*name).to_owned()).collect();
        assert_eq!(of("query"), query, "{method} {path}");
        let parts = path
            .split('/')
            .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
        assert_eq!(of("path"), parts.map(str::to_owned).collect(), "{method} {path}");
        let open = operation["security"] == json!([]);
        assert_eq!(open, one.needs == Needs::Nothing, "{method} {path}");
    }
}

#[test]
fn what_can_be_said_is_said_in_full() {
    let document = load();
    let words = |schema: &str| -> BTreeSet<String> {
        let schema = &document["components"]["schemas"][schema];
        schema["enum"]
            .as_array()
            .unwrap()
            .iter()
            .map(|word| word.as_str().unwrap().to_owned())
            .collect()
    };
    let owned = |all: &mut dyn Iterator<Item = &'static str>| all.map(str::to_owned).collect::<BTreeSet<String>>();
    assert_eq!(words("Rule"), owned(&mut Rule::ALL.iter().map(|rule| rule.id())));
    assert_eq!(words("Deed"), owned(&mut Deed::ALL.iter().map(|deed| deed.as_str())));
    assert_eq!(
        words("ReportKind"),
        owned(&mut ReportKind::ALL.iter().map(|kind| kind.as_str()))
    );
    assert_eq!(words("EventType"), owned(&mut EventType::names().into_iter()));
    assert_eq!(words("Role"), owned(&mut Role::ALL.iter().map(|role| role.as_str())));
    let states = document["components"]["schemas"]["Answer"]["properties"]["state"]["enum"]
        .as_array()
        .unwrap();
    let states: BTreeSet<String> = states.iter().map(|state| state.as_str().unwrap().to_owned()).collect();
    assert_eq!(states, owned(&mut State::ALL.iter().map(|state| state.as_str())));
    for code in words("Marketplace") {
        assert!(
            within24::domain::marketplace::Marketplace::parse(&code).is_some(),
            "{code}"
        );
    }
}

/// The pattern of relay addresses takes exactly the marketplaces that there are.
#[test]
fn the_pattern_of_a_buyer_is_that_of_the_code() {
    let document = load();
    let schema = &document["components"]["schemas"]["RelayAddress"];
    let validator = jsonschema::validator_for(schema).unwrap();
    let rows = include_str!("../../shared/src/domain/marketplace.tsv")
        .lines()
        .filter(|line| !line.starts_with('#'));
    let mut seen = 0;
    for row in rows {
        let domain = row.split('\t').nth(1).unwrap();
        for (address, good) in [
            (format!("a1b2@marketplace.amazon.{domain}"), true),
            (format!("a1b2+case-1@marketplace.amazon.{domain}"), true),
            (format!("a1b2@marketplace.amazon.{domain}.example"), false),
            (format!("a.b_c-d+e@marketplace.amazon.{domain}"), true),
            (format!("a1b2@m.marketplace.amazon.{domain}"), true),
            (format!("._@marketplace.amazon.{domain}"), false),
            (format!("a b@marketplace.amazon.{domain}"), false),
        ] {
            assert_eq!(validator.is_valid(&json!(address)), good, "{address}");
            assert_eq!(
                within24::domain::alias::Buyer::parse(&address).is_some(),
                good,
                "{address}"
            );
        }
        seen += 1;
    }
    let words = document["components"]["schemas"]["Marketplace"]["enum"]
        .as_array()
        .unwrap()
        .len();
    assert_eq!(words, seen);
}

/// Every type of problem is explained where its address leads.
#[test]
fn every_kind_of_problem_has_its_paragraph() {
    let readme =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../functions/serve-api/README.md"));
    let readme = readme.unwrap();
    let document = load().to_string();
    let kinds = document.split("functions/serve-api/README.md#").skip(1);
    let kinds: BTreeSet<&str> = kinds.map(|rest| rest.split('"').next().unwrap()).collect();
    assert!(kinds.len() >= 5, "{kinds:?}");
    for kind in kinds {
        assert!(readme.contains(&format!("\n### {kind}\n")), "{kind}");
    }
}
