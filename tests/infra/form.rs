//! How the template is written.

use std::collections::BTreeSet;

use crate::template::{Template, file, root, text};

#[test]
fn the_sections_stand_in_the_order_of_the_banner() {
    let template = file("infra/template.yaml");
    let banners: Vec<&str> = template
        .lines()
        .filter_map(|line| line.strip_prefix("# ---- "))
        .map(|line| line.split(" -").next().unwrap())
        .collect();
    let wanted = [
        "Parameters",
        "Globals",
        "Storage",
        "Queues",
        "Functions",
        "Schedules",
        "Mail",
        "Alarms",
        "Outputs",
    ];
    assert_eq!(banners, wanted);
    let alarms = template.find("# ---- Alarms").unwrap();
    let first = template.find("AWS::CloudWatch::Alarm\n").unwrap();
    assert!(first > alarms, "alarms stand in their section");
}

#[test]
fn every_function_of_the_template_is_a_crate_and_every_crate_a_function() {
    let deployed: BTreeSet<String> = Template::load().functions().into_iter().map(|one| one.name).collect();
    let crates = std::fs::read_dir(root().join("functions")).unwrap();
    let crates: BTreeSet<String> = crates
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    assert_eq!(deployed, crates);
}

#[test]
fn functions_are_built_from_their_crate_and_named_after_it() {
    for function in Template::load().functions() {
        let template = Template::load();
        let metadata = &template.resource(&function.id)["Metadata"];
        assert_eq!(metadata["BuildMethod"], "rust-cargolambda", "{}", function.id);
        assert_eq!(metadata["BuildProperties"]["Binary"], function.name.as_str());
        let name = text(&function.properties["FunctionName"]);
        assert_eq!(name, format!("${{AWS::StackName}}-{}", function.name));
        let id = function.name.split('-').map(capital).collect::<String>();
        assert_eq!(function.id, id);
        assert_eq!(function.properties["Runtime"], "provided.al2023");
        assert!(
            function.properties["Timeout"].is_u64(),
            "{} has a time-out of its own",
            function.id
        );
    }
}

fn capital(word: &str) -> String {
    let (first, rest) = word.split_at(1);
    first.to_uppercase() + rest
}

/// A newcomer answers three questions; the rest has defaults.
#[test]
fn three_parameters_have_no_default() {
    let template = Template::load();
    let parameters = template.at(&["Parameters"]).as_object().unwrap();
    let asked: Vec<&str> = parameters
        .iter()
        .filter(|(_, parameter)| parameter.get("Default").is_none())
        .map(|(name, _)| name.as_str())
        .collect();
    assert_eq!(
        asked.into_iter().collect::<BTreeSet<_>>(),
        BTreeSet::from(["AlertEmail", "ReceivingAddress", "SendingAddress"])
    );
}

#[test]
fn every_parameter_is_used() {
    let template = Template::load();
    let whole = file("infra/template.yaml");
    for name in template.at(&["Parameters"]).as_object().unwrap().keys() {
        let used = [format!("!Ref {name}"), format!("${{{name}}}")]
            .iter()
            .any(|words| whole.contains(words.as_str()));
        assert!(used, "{name} is used");
    }
}

/// The handbook's commands ask the stack for its parts by these names.
#[test]
fn the_handbook_names_outputs_that_there_are() {
    let template = Template::load();
    let outputs = template.at(&["Outputs"]).as_object().unwrap();
    let mut named = BTreeSet::new();
    for page in ["deploy", "integrate", "operate", "runbook"] {
        let page = file(&format!("infra/docs/{page}.md"));
        let asked = page.split("$(output ").skip(1);
        let asked: BTreeSet<String> = asked.map(|rest| rest.split(')').next().unwrap().to_owned()).collect();
        assert!(!asked.is_empty(), "every page asks the stack for something");
        named.extend(asked);
    }
    assert!(named.len() > 5, "{named:?}");
    for name in named {
        assert!(outputs.contains_key(&name), "{name}");
    }
}

#[test]
fn data_outlives_the_stack() {
    let template = Template::load();
    for id in ["Table", "MailBucket"] {
        let resource = template.resource(id);
        assert_eq!(resource["DeletionPolicy"], "RetainExceptOnCreate", "{id}");
        assert_eq!(resource["UpdateReplacePolicy"], "Retain", "{id}");
    }
}
