//! `infra/openapi.yaml`, for tests: its operations and schemas, and whether it allows a body.

use jsonschema::Validator;
use serde_json::{Map, Value, json};

/// The document.
pub fn load() -> Value {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../infra/openapi.yaml");
    let text = std::fs::read_to_string(path).expect("infra/openapi.yaml is there");
    yaml_serde::from_str(&text).expect("infra/openapi.yaml is YAML")
}

/// The operations of the document: path, method, and what is said of them.
pub fn operations(document: &Value) -> Vec<(String, String, Value)> {
    let mut all = Vec::new();
    for (path, item) in document["paths"].as_object().into_iter().flatten() {
        for method in ["post", "put", "get", "delete"] {
            let Some(operation) = item.get(method) else { continue };
            let mut operation = operation.clone();
            let shared = item["parameters"].as_array().cloned().unwrap_or_default();
            let own = operation["parameters"].as_array().cloned().unwrap_or_default();
            let all_parameters = shared
                .into_iter()
                .chain(own)
                .map(|one| resolved(document, &one).clone());
            operation["parameters"] = all_parameters.collect();
            all.push((path.clone(), method.to_uppercase(), operation));
        }
    }
    all
}

/// What a reference within the document names, or the thing itself.
pub fn resolved<'a>(document: &'a Value, thing: &'a Value) -> &'a Value {
    match thing["$ref"].as_str() {
        Some(reference) => document
            .pointer(reference.trim_start_matches('#'))
            .unwrap_or_else(|| panic!("{reference}")),
        None => thing,
    }
}

/// A schema of the document, closed: fields that it does not describe are refused, at any depth. Clients must bear new fields;
/// tests must not, or the document would fall behind.
pub fn closed(document: &Value, schema: &Value) -> Validator {
    let schemas = document["components"]["schemas"]
        .as_object()
        .expect("there are schemas");
    let each = |close| -> Value {
        schemas
            .iter()
            .map(|(name, one)| (name.clone(), close_in(one, close)))
            .collect()
    };
    let mut root = close_in(schema, true);
    root["components"] = json!({"closed": each(true), "open": each(false)});
    jsonschema::options()
        .should_validate_formats(true)
        .build(&root)
        .unwrap_or_else(|error| panic!("{error}"))
}

/// The schema with all within it closed, itself only where it is no part of another.
fn close_in(schema: &Value, close: bool) -> Value {
    let Some(fields) = schema.as_object() else {
        return schema.clone();
    };
    let mut out = Map::new();
    for (name, value) in fields {
        let value = match (name.as_str(), value) {
            ("$ref", Value::String(reference)) => {
                let to = if close {
                    "#/components/closed/"
                } else {
                    "#/components/open/"
                };
                json!(reference.replace("#/components/schemas/", to))
            }
            ("allOf", Value::Array(parts)) => parts.iter().map(|part| close_in(part, false)).collect(),
            ("oneOf" | "anyOf", Value::Array(parts)) => parts.iter().map(|part| close_in(part, true)).collect(),
            ("properties", Value::Object(all)) => all
                .iter()
                .map(|(name, one)| (name.clone(), close_in(one, true)))
                .collect(),
            ("items" | "additionalProperties" | "propertyNames", one) => close_in(one, true),
            (_, other) => other.clone(),
        };
        out.insert(name.clone(), value);
    }
    let describes = out.contains_key("properties") || out.contains_key("allOf");
    if close && describes && !out.contains_key("additionalProperties") {
        out.insert("unevaluatedProperties".to_owned(), json!(false));
    }
    Value::Object(out)
}

/// What is wrong with a value, each in a line.
pub fn faults(validator: &Validator, value: &Value) -> Vec<String> {
    validator
        .iter_errors(value)
        .map(|error| format!("{} at {}", error, error.instance_path()))
        .collect()
}

/// The operation that a request is for, with its path as the document writes it.
pub fn operation(document: &Value, method: &str, path: &str) -> Option<(String, Value)> {
    let is_parameter = |part: &str| part.starts_with('{');
    let fits = |template: &str| {
        let (wanted, given) = (template.split('/'), path.split('/'));
        wanted.clone().count() == given.clone().count()
            && wanted
                .zip(given)
                .all(|(wanted, given)| wanted == given || is_parameter(wanted) && !given.is_empty())
    };
    let mut found: Vec<_> = operations(document)
        .into_iter()
        .filter(|(template, of, _)| of == method && fits(template))
        .collect();
    // `/stores/all` before `/stores/{store}`.
    found.sort_by_key(|(template, ..)| template.split('/').filter(|part| is_parameter(part)).count());
    found
        .into_iter()
        .next()
        .map(|(template, _, operation)| (template, operation))
}

/// What the document does not allow in the body of a request to this operation.
pub fn request_faults(document: &Value, operation: &Value, media_type: &str, body: &[u8]) -> Vec<String> {
    let content = &resolved(document, &operation["requestBody"])["content"];
    body_faults(document, content, media_type, body)
}

/// What the document does not allow in a response of this operation: its status, its kind of body, its body.
pub fn response_faults(document: &Value, operation: &Value, status: u16, media_type: &str, body: &[u8]) -> Vec<String> {
    let Some(response) = operation["responses"].get(status.to_string()) else {
        return vec![format!("the status {status} is not described")];
    };
    body_faults(document, &resolved(document, response)["content"], media_type, body)
}

fn body_faults(document: &Value, content: &Value, media_type: &str, body: &[u8]) -> Vec<String> {
    let Some(content) = content.as_object() else {
        return if body.is_empty() {
            Vec::new()
        } else {
            vec!["a body where none is described".to_owned()]
        };
    };
    let essence = media_type.split(';').next().unwrap_or_default().trim();
    let Some(described) = content.get(essence) else {
        return vec![format!("a body of the kind {essence:?} is not described")];
    };
    let body = if essence.ends_with("json") {
        match serde_json::from_slice(body) {
            Ok(body) => body,
            Err(error) => return vec![format!("the body is not JSON: {error}")],
        }
    } else {
        json!(String::from_utf8_lossy(body))
    };
    faults(&closed(document, &described["schema"]), &body)
}
