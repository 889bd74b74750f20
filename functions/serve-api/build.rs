//! The OpenAPI document is written as YAML, for people, and served as JSON.

use std::path::Path;

fn main() {
    let folder = |name| std::env::var_os(name).expect("cargo names the folder");
    let source = Path::new(&folder("CARGO_MANIFEST_DIR")).join("../../infra/openapi.yaml");
    println!("cargo::rerun-if-changed={}", source.display());
    let yaml = std::fs::read_to_string(&source).expect("infra/openapi.yaml is there");
    let document: serde_json::Value = yaml_serde::from_str(&yaml).expect("infra/openapi.yaml is YAML");
    let written = std::fs::write(Path::new(&folder("OUT_DIR")).join("openapi.json"), document.to_string());
    written.expect("the folder can be written to");
}
