//! What the template sets, and what the functions read.

use std::cell::RefCell;
use std::collections::BTreeSet;

use within24::lambda::env::{ConfigError, VARIABLES};
use within24::lambda::outbox;

use crate::template::Template;

/// Lambda sets it; the template must not.
const SET_BY_LAMBDA: &str = "AWS_REGION";

type Lookup<'a> = &'a dyn Fn(&str) -> Option<String>;

/// How each function reads its settings.
fn read(function: &str, lookup: Lookup) -> Result<(), ConfigError> {
    match function {
        "apply-webhook" => apply_webhook::Config::from_lookup(lookup).map(drop),
        "call-webhook" => call_webhook::Config::from_lookup(lookup).map(drop),
        "helpdesk-webhook" => helpdesk_webhook::Config::from_lookup(lookup).map(drop),
        "receive-mail" => receive_mail::Config::from_lookup(lookup).map(drop),
        "request-order-id" => outbox::Config::from_lookup(lookup).map(drop),
        "roll-up-metrics" => roll_up_metrics::Config::from_lookup(lookup).map(drop),
        "screen-reply" => screen_reply::Config::from_lookup(lookup).map(drop),
        "erase-buyer" => erase_buyer::Config::from_lookup(lookup).map(drop),
        "send-reply" => send_reply::Config::from_lookup(lookup).map(drop),
        "serve-api" => serve_api::Config::from_lookup(lookup).map(drop),
        "sweep-sla" => sweep_sla::Config::from_lookup(lookup).map(drop),
        "track-delivery" => track_delivery::Config::from_lookup(lookup).map(drop),
        other => panic!("{other}: say here how it reads its settings"),
    }
}

#[test]
fn each_function_is_given_what_it_reads_and_nothing_else() {
    for function in Template::load().functions() {
        let asked = RefCell::new(BTreeSet::new());
        let _ = read(&function.name, &|name| {
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
        read(&function.name, &lookup).unwrap_or_else(|error| panic!("{}: {error}", function.name));
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
