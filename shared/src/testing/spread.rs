//! JSON as snapshots hold it.

use std::collections::BTreeMap;

use serde_json::Value;

/// JSON by name, so that neither the order of fields in the code nor in a map of `serde_json` counts; what is short stands in one line.
pub fn spread(value: &Value, indent: usize) -> String {
    let parts: Vec<(String, &Value)> = match value {
        Value::Array(all) => all.iter().map(|one| (String::new(), one)).collect(),
        Value::Object(fields) => {
            let fields: BTreeMap<&String, &Value> = fields.iter().collect();
            let named = |(name, one): (&String, _)| (format!("{}: ", Value::from(name.as_str())), one);
            fields.into_iter().map(|(name, one)| named((name, one))).collect()
        }
        other => return other.to_string(),
    };
    let (open, close) = if value.is_array() { ('[', ']') } else { ('{', '}') };
    let written: Vec<String> = parts
        .iter()
        .map(|(name, one)| format!("{name}{}", spread(one, indent + 2)))
        .collect();
    let line = format!("{open}{}{close}", written.join(", "));
    if line.chars().count() + indent <= 120 && !line.contains('\n') {
        return line;
    }
    let start = " ".repeat(indent + 2);
    let lines: Vec<String> = written.iter().map(|one| format!("{start}{one}")).collect();
    format!("{open}\n{}\n{}{close}", lines.join(",\n"), " ".repeat(indent))
}
