//! Nothing is lost on the way: what feeds a function, what it may cost, and where its failures go.

use std::collections::BTreeSet;

use serde_json::Value;
use within24::adapters::call_message::{self, Asked};
use within24::adapters::webhook_message::{self, CALLS};
use within24::domain::attachment::PLACES;

use crate::template::{Function, Template, list, text};

/// The most that a queue keeps: what nobody has looked at for so long is gone.
const DEAD_LETTER_SECONDS: u64 = 14 * 24 * 3600;

fn timeout(function: &Function) -> u64 {
    function.properties["Timeout"].as_u64().unwrap()
}

/// Every event source of this kind, with its function.
fn sources(kind: &str) -> Vec<(Function, Value)> {
    let of = |function: Function| {
        let events = function.events().into_iter().filter(|(_, of, _)| *of == kind);
        let found: Vec<Value> = events.map(|(_, _, properties)| properties.clone()).collect();
        found.into_iter().map(move |source| (function.clone(), source))
    };
    Template::load().functions().into_iter().flat_map(of).collect()
}

#[test]
fn a_batch_that_fails_in_part_is_tried_again_in_part() {
    let batches: Vec<_> = ["SQS", "DynamoDB"].into_iter().flat_map(sources).collect();
    assert!(!batches.is_empty());
    for (function, source) in batches {
        let kinds = source["FunctionResponseTypes"].as_array();
        let partial = kinds.is_some_and(|kinds| kinds.iter().any(|kind| kind == "ReportBatchItemFailures"));
        assert!(partial, "{} answers for each record", function.id);
        assert!(source["BatchSize"].is_u64(), "{} has a batch size", function.id);
    }
}

#[test]
fn a_queue_hides_a_message_six_times_as_long_as_its_function_may_take() {
    let template = Template::load();
    for (function, source) in sources("SQS") {
        let (id, queue) = template.target(&source["Queue"]);
        let hidden = queue["Properties"]["VisibilityTimeout"].as_u64().unwrap();
        assert!(hidden >= 6 * timeout(&function), "{id} and {}", function.id);
        assert!(
            source["ScalingConfig"]["MaximumConcurrency"].is_u64(),
            "{id} is bounded"
        );
    }
}

#[test]
fn a_queue_that_feeds_a_function_has_a_dead_letter_queue() {
    let template = Template::load();
    for (_, source) in sources("SQS") {
        let (id, queue) = template.target(&source["Queue"]);
        let redrive = &queue["Properties"]["RedrivePolicy"];
        let tries = redrive["maxReceiveCount"].as_u64().unwrap();
        assert!((3..=10).contains(&tries), "{id}: {tries}");
        let (dead, letters) = template.target(&redrive["deadLetterTargetArn"]);
        assert_eq!(
            letters["Properties"]["MessageRetentionPeriod"], DEAD_LETTER_SECONDS,
            "{dead}"
        );
        // The time in the first queue counts.
        let kept = queue["Properties"]["MessageRetentionPeriod"].as_u64().unwrap();
        assert!(kept < DEAD_LETTER_SECONDS, "{id}");
    }
}

#[test]
fn what_a_stream_cannot_bring_is_set_aside() {
    let template = Template::load();
    let streams = sources("DynamoDB");
    for (function, source) in &streams {
        let (id, queue) = template.target(&source["DestinationConfig"]["OnFailure"]["Destination"]);
        assert_eq!(
            queue["Properties"]["MessageRetentionPeriod"], DEAD_LETTER_SECONDS,
            "{id}"
        );
        assert_eq!(source["BisectBatchOnFunctionError"], true, "{}", function.id);
        let oldest = source["MaximumRecordAgeInSeconds"].as_u64().unwrap();
        assert!((600..86_400).contains(&oldest), "{} lets go in the end", function.id);
        // What is written while the mapping is made is not missed.
        assert_eq!(source["StartingPosition"], "TRIM_HORIZON", "{}", function.id);
    }
    assert!(streams.len() <= 2, "a shard of a stream has two readers at most");
}

/// What the rules of the bus call.
fn rule_targets(template: &Template) -> Vec<(&str, &Value)> {
    let rules = template.resources("AWS::Events::Rule").into_iter();
    rules
        .flat_map(|(id, rule)| {
            list(&rule["Properties"]["Targets"])
                .into_iter()
                .map(move |target| (id, target))
        })
        .collect()
}

/// What the schedule puts into a queue is a message that its function knows.
#[test]
fn what_the_schedule_puts_into_a_queue_is_known_there() {
    let template = Template::load();
    let mut seen = 0;
    for (id, schedule) in template.resources("AWS::Scheduler::Schedule") {
        let target = &schedule["Properties"]["Target"];
        let (queue, resource) = template.target(&target["Arn"]);
        if resource["Type"] == "AWS::SQS::Queue" {
            assert_eq!(queue, "OutgoingQueue", "{id}");
            let message = target["Input"].as_str().unwrap();
            assert_eq!(message, call_message::bring(), "{id}");
            assert_eq!(call_message::read(message), Some(Asked::Bring), "{id}");
            seen += 1;
        }
    }
    assert_eq!(seen, 1);
}

/// Invoked without anybody waiting: the schedule or rule keeps what it cannot deliver, Lambda what fails.
#[test]
fn what_nobody_waits_for_has_a_place_for_its_failures() {
    let template = Template::load();
    let mut started = Vec::new();
    for (id, schedule) in template.resources("AWS::Scheduler::Schedule") {
        let target = &schedule["Properties"]["Target"];
        assert!(
            target["RetryPolicy"]["MaximumRetryAttempts"].is_u64(),
            "{id} tries again"
        );
        let (queue, _) = template.target(&target["DeadLetterConfig"]["Arn"]);
        assert_eq!(template.resource(&queue)["Type"], "AWS::SQS::Queue", "{id}");
        started.push(template.target(&target["Arn"]).0);
    }
    for (id, target) in rule_targets(&template) {
        assert!(
            target["RetryPolicy"]["MaximumRetryAttempts"].is_u64(),
            "{id} tries again"
        );
        let (queue, _) = template.target(&target["DeadLetterConfig"]["Arn"]);
        assert_eq!(template.resource(&queue)["Type"], "AWS::SQS::Queue", "{id}");
        let (target, resource) = template.target(&target["Arn"]);
        // A queue keeps what its function cannot do.
        if resource["Type"] != "AWS::SQS::Queue" {
            started.push(target);
        }
    }
    assert!(!started.is_empty());
    // What is put into a queue is tried again there, and set aside there.
    started.retain(|id| {
        let queue = template.resource(id);
        let queued = queue["Type"] == "AWS::SQS::Queue";
        assert!(
            !queued || queue["Properties"]["RedrivePolicy"]["deadLetterTargetArn"].is_object(),
            "{id} has dead letters"
        );
        !queued
    });
    let configs = template.resources("AWS::Lambda::EventInvokeConfig");
    for function in started {
        let mut of = configs.values().map(|config| &config["Properties"]);
        let config = of.find(|config| config["FunctionName"]["Ref"] == function.as_str());
        let config = config.unwrap_or_else(|| panic!("{function} says what becomes of its failures"));
        assert!(config["MaximumRetryAttempts"].is_u64(), "{function}");
        let (queue, letters) = template.target(&config["DestinationConfig"]["OnFailure"]["Destination"]);
        assert_eq!(
            letters["Properties"]["MessageRetentionPeriod"], DEAD_LETTER_SECONDS,
            "{queue}"
        );
    }
}

#[test]
fn every_function_is_called_by_something() {
    let template = Template::load();
    let scheduled = template.resources("AWS::Scheduler::Schedule");
    let routed = template.resources("AWS::ApiGatewayV2::Integration");
    for function in template.functions() {
        let starts = |schedule: &&Value| template.target(&schedule["Properties"]["Target"]["Arn"]).0 == function.id;
        let serves = |route: &&Value| template.target(&route["Properties"]["IntegrationUri"]).0 == function.id;
        let hears = rule_targets(&template)
            .iter()
            .any(|(_, target)| template.target(&target["Arn"]).0 == function.id);
        let called =
            !function.events().is_empty() || hears || scheduled.values().any(starts) || routed.values().any(serves);
        assert!(called, "{}", function.id);
    }
}

/// API Gateway may call a function through the route that is meant for it, and through no other.
#[test]
fn every_route_reaches_its_function_and_is_guarded() {
    let template = Template::load();
    let permissions = template.resources("AWS::Lambda::Permission");
    for (id, route) in template.resources("AWS::ApiGatewayV2::Route") {
        let route = &route["Properties"];
        let integration = text(&route["Target"]);
        let integration = integration
            .strip_prefix("integrations/${")
            .unwrap()
            .trim_end_matches('}');
        let integration = &template.resource(integration)["Properties"];
        let (function, _) = template.target(&integration["IntegrationUri"]);
        let path = text(&route["RouteKey"]).replacen(' ', "", 1);
        let may_call = permissions.values().any(|permission| {
            let permission = &permission["Properties"];
            let place = text(&permission["SourceArn"]);
            let star = path.split('{').next().unwrap().replace("ANY/", "*/");
            template.target(&permission["FunctionName"]).0 == function && place.contains(&format!("/$default/{star}"))
        });
        assert!(may_call, "{id}: {path}");
        assert!(route["AuthorizationType"].is_string(), "{id} says who may call");
        let function = template.functions().into_iter().find(|one| one.id == function).unwrap();
        let waits = integration["TimeoutInMillis"].as_u64().unwrap();
        assert!(
            waits > 1000 * timeout(&function) && waits <= 30_000,
            "{id} waits for its function"
        );
    }
}

#[test]
fn every_function_logs_into_a_group_that_forgets() {
    let template = Template::load();
    for function in template.functions() {
        let (id, group) = template.target(&function.properties["LoggingConfig"]["LogGroup"]);
        let name = text(&group["Properties"]["LogGroupName"]);
        assert_eq!(
            name,
            format!("/aws/lambda/${{AWS::StackName}}-{}", function.name),
            "{id}"
        );
    }
    for (id, group) in template.resources("AWS::Logs::LogGroup") {
        assert_eq!(group["Properties"]["RetentionInDays"]["Ref"], "LogDays", "{id}");
    }
}

#[test]
fn every_queue_is_encrypted() {
    for (id, queue) in Template::load().resources("AWS::SQS::Queue") {
        assert_eq!(queue["Properties"]["SqsManagedSseEnabled"], true, "{id}");
    }
}

#[test]
fn the_bucket_is_closed_versioned_and_encrypted_and_forgets() {
    let template = Template::load();
    let bucket = &template.resource("MailBucket")["Properties"];
    for block in [
        "BlockPublicAcls",
        "BlockPublicPolicy",
        "IgnorePublicAcls",
        "RestrictPublicBuckets",
    ] {
        assert_eq!(bucket["PublicAccessBlockConfiguration"][block], true, "{block}");
    }
    assert_eq!(bucket["VersioningConfiguration"]["Status"], "Enabled");
    let rule = &bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"][0];
    assert_eq!(rule["ServerSideEncryptionByDefault"]["SSEAlgorithm"], "AES256");
    let rules = bucket["LifecycleConfiguration"]["Rules"].as_array().unwrap();
    let days = |prefix: Option<&str>| {
        let rule = rules.iter().find(|rule| rule["Prefix"].as_str() == prefix).unwrap();
        assert_eq!(rule["Status"], "Enabled", "{prefix:?}");
        &rule["ExpirationInDays"]
    };
    assert_eq!(days(None)["Ref"], "RawMailDays");
    assert_eq!(days(Some(PLACES))["Ref"], "AnswerFileDays");
    let two_rounds = 2 * DEAD_LETTER_SECONDS / 86_400;
    assert!(
        days(Some(CALLS)).as_u64().unwrap() > two_rounds,
        "a call outlives its message"
    );
    let waits = DEAD_LETTER_SECONDS / 86_400;
    let least = template.at(&["Parameters", "AnswerFileDays", "MinValue"]).as_u64();
    assert!(least.unwrap() > waits, "a file outlives its answer's wait");
}

/// What a queue takes that says nothing of it. Source: CloudFormation, AWS::SQS::Queue, MaximumMessageSize.
const MESSAGE_BYTES: u64 = 262_144;

/// A message that the code thinks fits into its queue does.
#[test]
fn the_queue_of_calls_takes_the_largest_message() {
    let template = Template::load();
    for id in ["WebhookQueue", "WebhookDeadLetters"] {
        let most = template.resource(id)["Properties"]["MaximumMessageSize"].as_u64();
        assert!(
            most.unwrap_or(MESSAGE_BYTES) >= webhook_message::MOST_BYTES as u64,
            "{id}"
        );
    }
}

/// Mail waits at SES for four hours at most: whatever passes it on says if it cannot.
#[test]
fn a_notification_that_cannot_be_delivered_is_kept() {
    let template = Template::load();
    let subscription = &template.resource("MailSubscription")["Properties"];
    let (id, _) = template.target(&subscription["RedrivePolicy"]["deadLetterTargetArn"]);
    assert_eq!(id, "MailDeadLetters");
    assert_eq!(subscription["RawMessageDelivery"], false);
}

#[test]
fn bucket_queues_and_topics_are_reached_through_tls_only() {
    let template = Template::load();
    let policies = ["S3::BucketPolicy", "SQS::QueuePolicy", "SNS::TopicPolicy"].map(|kind| format!("AWS::{kind}"));
    let mut guarded = BTreeSet::new();
    for kind in &policies {
        for (id, policy) in template.resources(kind) {
            let statements = policy["Properties"]["PolicyDocument"]["Statement"].as_array().unwrap();
            let tls = statements.iter().find(|statement| statement["Sid"] == "TlsOnly");
            let tls = tls.unwrap_or_else(|| panic!("{id} asks for TLS"));
            assert_eq!(
                (tls["Effect"].as_str(), tls["Principal"].as_str()),
                (Some("Deny"), Some("*")),
                "{id}"
            );
            assert_eq!(tls["Condition"]["Bool"]["aws:SecureTransport"], "false", "{id}");
            guarded.extend(
                list(&tls["Resource"])
                    .into_iter()
                    .filter(|one| one["Fn::Sub"].is_null())
                    .map(|one| template.target(one).0),
            );
        }
    }
    for kind in ["S3::Bucket", "SQS::Queue", "SNS::Topic"].map(|kind| format!("AWS::{kind}")) {
        for id in template.resources(&kind).keys() {
            assert!(guarded.contains(*id), "{id}");
        }
    }
}
