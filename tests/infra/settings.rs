//! What the template sets, and what the functions read.

use std::cell::RefCell;
use std::collections::BTreeSet;

use within24::lambda::env::VARIABLES;
use within24_tests::functions::read_settings;

use crate::template::Template;

/// Lambda sets it; the template must not.
const SET_BY_LAMBDA: &str = "AWS_REGION";

#[test]
fn each_function_is_given_what_it_reads_and_nothing_else() {
    for function in Template::load().functions() {
        let asked = RefCell::new(BTreeSet::new());
        let _ = read_settings(&function.name, &|name| {
            asked.borrow_mut().insert(name.to_owned());
            None
        });
        let mut asked = asked.into_inner();
        asked.remove(SET_BY_LAMBDA);
        let given = function.properties["Environment"]["Variables"].as_object().unwrap();
        let given: BTreeSet<String> = given.keys().cloned().collect();
        assert_eq!(given, asked, "{}", function.name);
    }
}

#[test]
fn what_each_function_is_given_is_enough() {
    let template = Template::load();
    for function in template.functions() {
        let given = &function.properties["Environment"]["Variables"];
        let lookup = |name: &str| {
            let known = given[name].is_object() || name == SET_BY_LAMBDA;
            // A parameter's default, else any text.
            let default = template.at(&["Parameters", given[name]["Ref"].as_str().unwrap_or_default(), "Default"]);
            known.then(|| default.as_str().unwrap_or(name).to_owned())
        };
        read_settings(&function.name, &lookup).unwrap_or_else(|error| panic!("{}: {error}", function.name));
    }
}

#[test]
fn every_variable_of_the_template_is_documented() {
    for function in Template::load().functions() {
        for name in function.properties["Environment"]["Variables"]
            .as_object()
            .unwrap()
            .keys()
        {
            assert!(VARIABLES.iter().any(|(known, _)| known == name), "{name}");
        }
    }
}
