//! The routes of the HTTP API and the operations that the OpenAPI document describes.

use std::collections::BTreeSet;

use yaml_serde::Value as Yaml;

use crate::template::{Template, file, text};

/// The operations of the document, as routes are keyed: `GET /v1/stores`.
fn described() -> BTreeSet<String> {
    let document: Yaml = yaml_serde::from_str(&file("infra/openapi.yaml")).unwrap();
    let paths = document["paths"].as_mapping().unwrap();
    let of_path = |(path, item): (&Yaml, &Yaml)| -> Vec<String> {
        let path = path.as_str().unwrap().to_owned();
        let methods = item
            .as_mapping()
            .unwrap()
            .keys()
            .map(|name| name.as_str().unwrap().to_uppercase());
        methods
            .filter(|method| method != "PARAMETERS")
            .map(|method| format!("{method} {path}"))
            .collect()
    };
    paths.iter().flat_map(of_path).collect()
}

/// Everything under `/v1` that is described has a route, and every route under `/v1` leads to something that is described.
#[test]
fn every_operation_of_the_document_has_a_route_and_every_route_its_operations() {
    let template = Template::load();
    let routes = template.resources("AWS::ApiGatewayV2::Route");
    let keys: BTreeSet<String> = routes
        .values()
        .map(|route| text(&route["Properties"]["RouteKey"]))
        .collect();
    let described = described();
    assert!(described.len() >= 25, "{}", described.len());
    let serves = |key: &str, operation: &str| match key.strip_prefix("ANY ") {
        Some(path) => operation
            .split(' ')
            .nth(1)
            .unwrap()
            .starts_with(path.trim_end_matches("{proxy+}")),
        None => key == operation,
    };
    for operation in &described {
        assert!(keys.iter().any(|key| serves(key, operation)), "{operation}");
    }
    for key in keys.iter().filter(|key| key.contains(" /v1/")) {
        assert!(described.iter().any(|operation| serves(key, operation)), "{key}");
    }
}
