//! Alarms that can fire, and a dashboard that shows something: their metrics and dimensions exist.

use std::collections::BTreeSet;

use serde_json::Value;
use within24::app::deliver::Delivery;
use within24::lambda::emf::{self, Metric};

use crate::template::{Template, file, list, text};

/// Metrics that AWS publishes: namespace, metric, dimension, and what the dimension names.
const AWS: &[(&str, &str, &str, &str)] = &[
    (
        "AWS/SQS",
        "ApproximateAgeOfOldestMessage",
        "QueueName",
        "AWS::SQS::Queue",
    ),
    (
        "AWS/SQS",
        "ApproximateNumberOfMessagesVisible",
        "QueueName",
        "AWS::SQS::Queue",
    ),
    ("AWS/SQS", "NumberOfMessagesDeleted", "QueueName", "AWS::SQS::Queue"),
    ("AWS/SNS", "NumberOfNotificationsFailed", "TopicName", "AWS::SNS::Topic"),
    ("AWS/SES", "PublishExpired", "RuleName", "AWS::SES::ReceiptRule"),
    (
        "AWS/SES",
        "Reputation.BounceRate",
        "ses:configuration-set",
        "AWS::SES::ConfigurationSet",
    ),
    (
        "AWS/SES",
        "Reputation.ComplaintRate",
        "ses:configuration-set",
        "AWS::SES::ConfigurationSet",
    ),
    ("AWS/Lambda", "Invocations", "FunctionName", "AWS::Serverless::Function"),
    ("AWS/Lambda", "Duration", "FunctionName", "AWS::Serverless::Function"),
    ("AWS/Lambda", "Errors", "FunctionName", "AWS::Serverless::Function"),
    ("AWS/Lambda", "Throttles", "FunctionName", "AWS::Serverless::Function"),
    ("AWS/Lambda", "IteratorAge", "FunctionName", "AWS::Serverless::Function"),
    ("AWS/ApiGateway", "Count", "ApiId", "AWS::ApiGatewayV2::Api"),
    ("AWS/ApiGateway", "4xx", "ApiId", "AWS::ApiGatewayV2::Api"),
    ("AWS/ApiGateway", "5xx", "ApiId", "AWS::ApiGatewayV2::Api"),
    (
        "AWS/DynamoDB",
        "ConsumedReadCapacityUnits",
        "TableName",
        "AWS::DynamoDB::Table",
    ),
    (
        "AWS/DynamoDB",
        "ConsumedWriteCapacityUnits",
        "TableName",
        "AWS::DynamoDB::Table",
    ),
    ("AWS/Events", "FailedInvocations", "RuleName", "AWS::Events::Rule"),
];

/// What a filter over the logs counts: the name of its metric.
fn filtered(template: &Template) -> BTreeSet<(String, String)> {
    template
        .resources("AWS::Logs::MetricFilter")
        .values()
        .flat_map(|filter| list(&filter["Properties"]["MetricTransformations"]))
        .map(|metric| (text(&metric["MetricNamespace"]), text(&metric["MetricName"])))
        .collect()
}

/// Whether the logical id that a dimension's value names has this type: by its reference, a parameter or a fixed name.
fn names(template: &Template, value: &str, kind: &str) -> bool {
    let inner = value.trim_start_matches("${").trim_end_matches('}');
    let id = inner.split('.').next().unwrap();
    let resource = template.at(&["Resources", id]);
    if resource.is_object() {
        return resource["Type"] == kind;
    }
    let all = template.resources(kind);
    match kind {
        "AWS::DynamoDB::Table" => all
            .values()
            .any(|table| text(&table["Properties"]["TableName"]) == value),
        "AWS::SES::ReceiptRule" => all
            .values()
            .any(|rule| text(&rule["Properties"]["Rule"]["Name"]) == value),
        _ => false,
    }
}

/// What is wrong with a metric as an alarm or a widget names it.
fn wrong(template: &Template, namespace: &str, metric: &str, dimensions: &[(String, String)]) -> Option<String> {
    let known = if namespace == emf::NAMESPACE {
        Metric::ALL.iter().any(|one| {
            let wanted: Vec<&str> = one.dimensions().iter().map(|dimension| dimension.name()).collect();
            let given: Vec<&str> = dimensions.iter().map(|(name, _)| name.as_str()).collect();
            one.name() == metric && wanted == given
        })
    } else if filtered(template).contains(&(namespace.to_owned(), metric.to_owned())) {
        dimensions.is_empty()
    } else {
        let [(name, value)] = dimensions else {
            return Some(format!("{namespace} {metric} comes with one dimension"));
        };
        AWS.iter().any(|(space, of, by, kind)| {
            *space == namespace && *of == metric && by == name && names(template, value, kind)
        })
    };
    (!known).then(|| format!("{namespace} {metric} by {dimensions:?} is published by nobody"))
}

#[test]
fn every_alarm_watches_a_metric_that_exists() {
    let template = Template::load();
    let alarms = template.resources("AWS::CloudWatch::Alarm");
    assert!(alarms.len() >= 10);
    for (id, alarm) in alarms {
        let alarm = &alarm["Properties"];
        let dimensions: Vec<(String, String)> = list(&alarm["Dimensions"])
            .into_iter()
            .map(|dimension| (text(&dimension["Name"]), text(&dimension["Value"])))
            .collect();
        let wrong = wrong(
            &template,
            &text(&alarm["Namespace"]),
            &text(&alarm["MetricName"]),
            &dimensions,
        );
        assert_eq!(wrong, None, "{id}");
    }
}

#[test]
fn every_alarm_reaches_a_person_and_says_what_to_do() {
    for (id, alarm) in Template::load().resources("AWS::CloudWatch::Alarm") {
        let alarm = &alarm["Properties"];
        for actions in ["AlarmActions", "OKActions"] {
            assert_eq!(alarm[actions][0]["Ref"], "AlertTopic", "{id}: {actions}");
        }
        assert!(alarm["TreatMissingData"].is_string(), "{id}: silence has a meaning");
        assert!(
            alarm["AlarmDescription"]
                .as_str()
                .unwrap()
                .ends_with(" See infra/docs/runbook.md."),
            "{id}"
        );
    }
}

/// What each function and each queue of failures has an alarm for.
#[test]
fn nothing_fails_in_silence() {
    let template = Template::load();
    let watched: BTreeSet<(String, String)> = template
        .resources("AWS::CloudWatch::Alarm")
        .values()
        .flat_map(|alarm| {
            let metric = text(&alarm["Properties"]["MetricName"]);
            list(&alarm["Properties"]["Dimensions"])
                .into_iter()
                .map(move |dimension| (metric.clone(), text(&dimension["Value"])))
        })
        .collect();
    let has = |metric: &str, value: String| watched.contains(&(metric.to_owned(), value));
    for function in template.functions() {
        for metric in ["Errors", "Throttles"] {
            assert!(
                has(metric, format!("${{{}}}", function.id)),
                "{metric} of {}",
                function.id
            );
        }
        for (_, kind, source) in function.events() {
            let reference = format!("${{{}}}", function.id);
            assert!(kind != "DynamoDB" || has("IteratorAge", reference), "{}", function.id);
            if kind == "SQS" {
                let (queue, _) = template.target(&source["Queue"]);
                let name = format!("${{{queue}.QueueName}}");
                assert!(has("ApproximateAgeOfOldestMessage", name), "{queue}");
            }
        }
    }
    let fed: BTreeSet<String> = template
        .functions()
        .iter()
        .flat_map(|function| {
            function
                .events()
                .into_iter()
                .filter(|(_, kind, _)| *kind == "SQS")
                .map(|(_, _, source)| template.target(&source["Queue"]).0)
                .collect::<Vec<_>>()
        })
        .collect();
    for queue in template
        .resources("AWS::SQS::Queue")
        .keys()
        .filter(|queue| !fed.contains(**queue))
    {
        assert!(
            has("ApproximateNumberOfMessagesVisible", format!("${{{queue}.QueueName}}")),
            "{queue}"
        );
    }
}

/// The filters over the logs look for words that the log really holds.
#[test]
fn filters_over_the_logs_look_for_what_is_logged() {
    let template = Template::load();
    let outbox = file("shared/src/lambda/outbox.rs");
    let outcomes = [Delivery::Unknown, Delivery::Refused].map(|delivery| delivery.as_str().to_owned());
    let filters = template.resources("AWS::Logs::MetricFilter");
    assert!(!filters.is_empty());
    for (id, filter) in filters {
        let pattern = text(&filter["Properties"]["FilterPattern"]);
        let words: Vec<&str> = pattern.split('"').filter(|words| !words.trim().is_empty()).collect();
        let [message, outcome] = words[..] else {
            panic!("{id}: {pattern}");
        };
        assert!(outbox.contains(&format!("\"{message}\"")), "{id}: {message}");
        assert!(outcomes.iter().any(|known| known == outcome), "{id}: {outcome}");
    }
}

#[test]
fn the_dashboard_is_the_file_and_shows_metrics_that_exist() {
    let template = Template::load();
    let written = file("infra/dashboard.json");
    let deployed = text(&template.resource("Dashboard")["Properties"]["DashboardBody"]);
    assert_eq!(deployed, written, "copy infra/dashboard.json into DashboardBody");
    let dashboard: Value = serde_json::from_str(&written).unwrap();
    for widget in dashboard["widgets"].as_array().unwrap() {
        let title = &widget["properties"]["title"];
        for row in widget["properties"]["metrics"].as_array().unwrap() {
            let words: Vec<&str> = row.as_array().unwrap().iter().filter_map(Value::as_str).collect();
            let (head, dimensions) = words.split_at(2);
            let dimensions: Vec<(String, String)> = dimensions
                .chunks(2)
                .map(|pair| (pair[0].to_owned(), pair[1].to_owned()))
                .collect();
            assert_eq!(wrong(&template, head[0], head[1], &dimensions), None, "{title}");
        }
    }
}

/// What somebody sees of a metric: the dashboard or an alarm.
#[test]
fn every_metric_and_every_function_is_watched() {
    let template = Template::load();
    let dashboard: Value = serde_json::from_str(&file("infra/dashboard.json")).unwrap();
    let shown: BTreeSet<Vec<&str>> = dashboard["widgets"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|widget| widget["properties"]["metrics"].as_array().unwrap())
        .map(|row| row.as_array().unwrap().iter().filter_map(Value::as_str).collect())
        .collect();
    for function in template.functions() {
        let name = format!("${{{}}}", function.id);
        for metric in ["Invocations", "Errors", "Throttles", "Duration"] {
            let row = vec!["AWS/Lambda", metric, "FunctionName", &name];
            assert!(shown.contains(&row), "{metric} of {}", function.name);
        }
    }
    let alarms = template.resources("AWS::CloudWatch::Alarm");
    let mut watched: BTreeSet<String> = alarms
        .values()
        .map(|alarm| text(&alarm["Properties"]["MetricName"]))
        .collect();
    watched.extend(shown.iter().map(|row| row[1].to_owned()));
    // Those by store name stores, which the template does not know.
    for metric in Metric::ALL.iter().filter(|metric| metric.dimensions().is_empty()) {
        assert!(watched.contains(metric.name()), "{} is shown nowhere", metric.name());
    }
}

#[test]
fn every_alarm_has_an_entry_in_the_runbook_and_every_entry_an_alarm() {
    let template = Template::load();
    let named: BTreeSet<String> = template
        .resources("AWS::CloudWatch::Alarm")
        .values()
        .map(|alarm| text(&alarm["Properties"]["AlarmName"]).replace("${AWS::StackName}-", ""))
        .collect();
    let runbook = file("infra/docs/runbook.md");
    let entries: Vec<&str> = runbook
        .lines()
        .filter_map(|line| line.strip_prefix("## "))
        .flat_map(|names| names.split(", "))
        .collect();
    let once: BTreeSet<String> = entries.iter().map(|&name| name.to_owned()).collect();
    assert_eq!(once, named);
    assert_eq!(entries.len(), once.len(), "each alarm has one entry");
    let price = format!("| alarms | {} at $0.10 |", named.len());
    let costs = file("infra/docs/operate.md");
    assert!(costs.contains(&price), "the cost of the alarms: {price}");
}
