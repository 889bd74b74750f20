//! The template as CloudFormation understands it: short tags in their long form, parts by name.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};
use yaml_serde::Value as Yaml;

/// The project's folder.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// A file of the project.
pub(crate) fn file(name: &str) -> String {
    std::fs::read_to_string(root().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// A deployed function.
#[derive(Clone)]
pub(crate) struct Function {
    /// Its logical id.
    pub(crate) id: String,
    /// Its crate.
    pub(crate) name: String,
    /// Its properties, globals included.
    pub(crate) properties: Value,
}

impl Function {
    /// Its event sources: name, type and properties.
    pub(crate) fn events(&self) -> Vec<(&str, &str, &Value)> {
        let Some(events) = self.properties["Events"].as_object() else {
            return Vec::new();
        };
        events
            .iter()
            .map(|(name, event)| (name.as_str(), event["Type"].as_str().unwrap(), &event["Properties"]))
            .collect()
    }
}

/// The template.
pub(crate) struct Template(Value);

impl Template {
    /// The one that is deployed.
    pub(crate) fn load() -> Self {
        let yaml: Yaml = yaml_serde::from_str(&file("infra/template.yaml")).expect("infra/template.yaml is YAML");
        Self(long_form(yaml))
    }

    /// A part by its path.
    pub(crate) fn at(&self, path: &[&str]) -> &Value {
        path.iter().fold(&self.0, |value, key| &value[*key])
    }

    /// A resource by its logical id.
    pub(crate) fn resource(&self, id: &str) -> &Value {
        let resource = self.at(&["Resources", id]);
        assert!(resource.is_object(), "no resource {id}");
        resource
    }

    /// The resource that a `Ref` or `GetAtt` names.
    pub(crate) fn target(&self, reference: &Value) -> (String, &Value) {
        let id = reference["Ref"]
            .as_str()
            .or_else(|| reference["Fn::GetAtt"][0].as_str())
            .unwrap_or_else(|| panic!("{reference} names no resource"));
        (id.to_owned(), self.resource(id))
    }

    /// All resources of a type, by logical id.
    pub(crate) fn resources(&self, kind: &str) -> BTreeMap<&str, &Value> {
        self.at(&["Resources"])
            .as_object()
            .unwrap()
            .iter()
            .filter(|(_, resource)| resource["Type"] == kind)
            .map(|(id, resource)| (id.as_str(), resource))
            .collect()
    }

    /// Every function.
    pub(crate) fn functions(&self) -> Vec<Function> {
        let globals = self.at(&["Globals", "Function"]).as_object().unwrap();
        let function = |(id, resource): (&str, &Value)| {
            let mut properties = globals.clone();
            let own = resource["Properties"].as_object().unwrap();
            let mut environment = globals["Environment"]["Variables"].as_object().unwrap().clone();
            environment.extend(
                own.get("Environment")
                    .and_then(|all| all["Variables"].as_object())
                    .cloned()
                    .unwrap_or_default(),
            );
            properties.extend(own.clone());
            properties.insert("Environment".to_owned(), json!({"Variables": environment}));
            let code = own["CodeUri"].as_str().unwrap();
            Function {
                id: id.to_owned(),
                name: code.strip_prefix("../functions/").unwrap().to_owned(),
                properties: Value::Object(properties),
            }
        };
        self.resources("AWS::Serverless::Function")
            .into_iter()
            .map(function)
            .collect()
    }
}

/// Short tags in their long form: `!Ref x` is `{"Ref": "x"}`, `!Sub x` is `{"Fn::Sub": "x"}`.
fn long_form(yaml: Yaml) -> Value {
    match yaml {
        Yaml::Null => Value::Null,
        Yaml::Bool(flag) => flag.into(),
        Yaml::Number(number) => serde_json::to_value(number).unwrap(),
        Yaml::String(text) => text.into(),
        Yaml::Sequence(all) => all.into_iter().map(long_form).collect(),
        Yaml::Mapping(all) => {
            let entry = |(key, value): (Yaml, Yaml)| (key.as_str().unwrap().to_owned(), long_form(value));
            Value::Object(all.into_iter().map(entry).collect())
        }
        Yaml::Tagged(tagged) => {
            let name = tagged.tag.to_string();
            let name = name.trim_start_matches('!');
            let value = long_form(tagged.value);
            let (name, value) = match (name, value) {
                ("Ref" | "Condition", value) => (name.to_owned(), value),
                ("GetAtt", Value::String(path)) => {
                    let (id, attribute) = path.split_once('.').unwrap();
                    ("Fn::GetAtt".to_owned(), json!([id, attribute]))
                }
                (name, value) => (format!("Fn::{name}"), value),
            };
            Value::Object(Map::from_iter([(name, value)]))
        }
    }
}

/// A value as one text: references as `${X}`, of an `If` its first branch, the head of ARNs in this account left out.
pub(crate) fn text(value: &Value) -> String {
    let whole = match value {
        Value::String(text) => text.clone(),
        Value::Object(_) if value["Ref"].is_string() => format!("${{{}}}", value["Ref"].as_str().unwrap()),
        Value::Object(_) if value["Fn::GetAtt"].is_array() => {
            let attribute = &value["Fn::GetAtt"];
            format!(
                "${{{}.{}}}",
                attribute[0].as_str().unwrap(),
                attribute[1].as_str().unwrap()
            )
        }
        Value::Object(_) if value["Fn::If"].is_array() => text(&value["Fn::If"][1]),
        Value::Object(_) if value["Fn::Sub"].is_string() => value["Fn::Sub"].as_str().unwrap().to_owned(),
        Value::Object(_) if value["Fn::Sub"].is_array() => {
            let mut whole = value["Fn::Sub"][0].as_str().unwrap().to_owned();
            for (name, part) in value["Fn::Sub"][1].as_object().unwrap() {
                whole = whole.replace(&format!("${{{name}}}"), &text(part));
            }
            whole
        }
        Value::Object(_) if value["Fn::Select"].is_array() => {
            let from = &value["Fn::Select"][1];
            let from = from["Fn::Split"].get(1).unwrap_or(from);
            format!("part of {}", text(from))
        }
        other => other.to_string(),
    };
    ["dynamodb", "ses", "events", "logs", "sqs", "sns"]
        .iter()
        .map(|service| format!("arn:${{AWS::Partition}}:{service}:${{AWS::Region}}:${{AWS::AccountId}}:"))
        .find_map(|head| whole.strip_prefix(&head).map(str::to_owned))
        .unwrap_or(whole)
}

/// One value or a list of them, as a list.
pub(crate) fn list(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(all) => all.iter().collect(),
        Value::Null => Vec::new(),
        one => vec![one],
    }
}
