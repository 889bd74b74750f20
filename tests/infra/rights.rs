//! What each function may do: the actions of its ports on the resources they work on, and those of what feeds it.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::template::{Function, Template, file, list, root, text};

/// The table, and what belongs to it.
const TABLE: &str = "table/${TableName}";
const DUE: &str = "table/${TableName}/index/due";
const FACTS: &str = "table/${TableName}/index/facts";
const WAITING: &str = "table/${TableName}/index/waiting";
const STREAM: &str = "table/${TableName}/stream/*";
/// The bucket, and in it the mail, the files of answers, and the calls that their queue has no room for.
const BUCKET: &str = "arn:${AWS::Partition}:s3:::${MailBucket}";
const MAIL: &str = "arn:${AWS::Partition}:s3:::${MailBucket}/mail/*";
const ANSWERS: &str = "arn:${AWS::Partition}:s3:::${MailBucket}/answers/*";
const LARGE_CALLS: &str = "arn:${AWS::Partition}:s3:::${MailBucket}/calls/*";
/// The bus, and the topic of the operator's mail.
const BUS: &str = "event-bus/${EventBusName}";
const ALERTS: &str = "${AlertTopic}";
/// The queue of believed calls, and the secret that holds the stores' webhook secrets.
const CALLS: &str = "${WebhookQueue.Arn}";
const SECRETS: &str = "${WebhookSecrets}";
/// The queue of calls to endpoints.
const OUTGOING: &str = "${OutgoingQueue.Arn}";
/// What SES weighs when a mail is sent: the address or its domain, and the configuration set.
const ADDRESSES: &str = "identity/*@part of part of ${SendingAddress}";
const DOMAIN: &str = "identity/part of part of ${SendingAddress}";
const EVENTS: &str = "configuration-set/${ConfigurationSet}";

/// Each port of `shared/src/ports.rs` and `shared/src/ports/`, and the actions of its adapter.
const PORTS: &[(&str, &[(&str, &str)])] = &[
    (
        "FindStore",
        &[("dynamodb:GetItem", TABLE), ("dynamodb:BatchGetItem", TABLE)],
    ),
    (
        "ReadBuyer",
        &[("dynamodb:Query", TABLE), ("dynamodb:BatchGetItem", TABLE)],
    ),
    (
        "FindThreads",
        &[("dynamodb:Query", TABLE), ("dynamodb:BatchGetItem", TABLE)],
    ),
    ("FindCopies", &[("dynamodb:Query", TABLE)]),
    ("ReadOutbox", &[("dynamodb:GetItem", TABLE)]),
    ("FindHeld", &[("dynamodb:Query", DUE), ("dynamodb:BatchGetItem", TABLE)]),
    ("FindDue", &[("dynamodb:Query", DUE), ("dynamodb:BatchGetItem", TABLE)]),
    ("ListThreads", &[("dynamodb:Query", FACTS), ("dynamodb:Query", WAITING)]),
    (
        "ReadEvents",
        &[("dynamodb:Query", DUE), ("dynamodb:BatchGetItem", TABLE)],
    ),
    ("PublishEvents", &[("events:PutEvents", BUS)]),
    ("TellOperator", &[("sns:Publish", ALERTS)]),
    ("ReadFacts", &[("dynamodb:Query", FACTS)]),
    ("ListStores", &[("dynamodb:Query", TABLE)]),
    ("FindTokens", &[("dynamodb:GetItem", TABLE), ("dynamodb:Query", TABLE)]),
    ("ReadDeeds", &[("dynamodb:Query", TABLE)]),
    (
        "ReadHoldings",
        &[
            ("dynamodb:Query", TABLE),
            ("dynamodb:Query", FACTS),
            ("dynamodb:BatchGetItem", TABLE),
        ],
    ),
    (
        "EraseMail",
        &[
            ("s3:ListBucketVersions", BUCKET),
            ("s3:DeleteObject", MAIL),
            ("s3:DeleteObjectVersion", MAIL),
            ("s3:DeleteObject", ANSWERS),
            ("s3:DeleteObjectVersion", ANSWERS),
        ],
    ),
    ("ReadReports", &[("dynamodb:Query", TABLE)]),
    ("ShowThreads", &[("dynamodb:GetItem", TABLE), ("dynamodb:Query", TABLE)]),
    ("ReadRollups", &[("dynamodb:Query", TABLE), ("dynamodb:GetItem", TABLE)]),
    // A transaction is no action of its own: each part is weighed as what it does.
    ("Commit", &[("dynamodb:PutItem", TABLE), ("dynamodb:UpdateItem", TABLE)]),
    ("ReadSecrets", &[("secretsmanager:GetSecretValue", SECRETS)]),
    (
        "QueueWebhook",
        &[("sqs:SendMessage", CALLS), ("s3:PutObject", LARGE_CALLS)],
    ),
    ("FetchCall", &[("s3:GetObject", LARGE_CALLS), ("s3:ListBucket", BUCKET)]),
    ("KeepAttachment", &[("s3:PutObject", ANSWERS)]),
    (
        "FetchAttachment",
        &[("s3:GetObject", ANSWERS), ("s3:ListBucket", BUCKET)],
    ),
    ("FindEvent", &[("dynamodb:GetItem", TABLE)]),
    (
        "FindEndpoints",
        &[("dynamodb:Query", TABLE), ("dynamodb:GetItem", TABLE)],
    ),
    ("ReadSigningKeys", &[("dynamodb:GetItem", TABLE)]),
    ("FindCalls", &[("dynamodb:GetItem", TABLE)]),
    (
        "FindDueCalls",
        &[("dynamodb:Query", DUE), ("dynamodb:BatchGetItem", TABLE)],
    ),
    ("ListCalls", &[("dynamodb:Query", TABLE)]),
    ("QueueCall", &[("sqs:SendMessage", OUTGOING)]),
    // The public internet asks for no right.
    ("CallEndpoint", &[]),
    ("FetchMail", &[("s3:GetObject", MAIL), ("s3:ListBucket", BUCKET)]),
    (
        "SendMail",
        &[
            ("ses:SendEmail", ADDRESSES),
            ("ses:SendEmail", DOMAIN),
            ("ses:SendEmail", EVENTS),
            ("ses:SendRawEmail", ADDRESSES),
            ("ses:SendRawEmail", DOMAIN),
            ("ses:SendRawEmail", EVENTS),
        ],
    ),
];

/// Wildcards that are as narrow as AWS allows: part of a resource's own name.
const WILDCARDS: &[(&str, &str)] = &[
    (STREAM, "the stream's name is the time at which it was switched on"),
    (MAIL, "each mail has a name of its own"),
    (ANSWERS, "each file has a place of its own"),
    (LARGE_CALLS, "each call has a place of its own"),
    (
        ADDRESSES,
        "a store may send from any address of the sending domain that the parameter names",
    ),
    (
        "receipt-rule-set/${AWS::StackName}:receipt-rule/*",
        "the rule is made after what it may use",
    ),
    (
        "arn:${AWS::Partition}:cloudwatch:${AWS::Region}:${AWS::AccountId}:alarm:*",
        "every alarm may say so",
    ),
];

type Rights = BTreeSet<(String, String)>;

fn right(action: &str, resource: impl Into<String>) -> (String, String) {
    (action.to_owned(), resource.into())
}

fn statements(role: &Value) -> Vec<&Value> {
    list(&role["Properties"]["Policies"])
        .into_iter()
        .flat_map(|policy| list(&policy["PolicyDocument"]["Statement"]))
        .collect()
}

fn role<'a>(template: &'a Template, function: &Function) -> &'a Value {
    let (id, role) = template.target(&function.properties["Role"]);
    assert_eq!(id, format!("{}Role", function.id), "a role of its own");
    role
}

/// What a role allows.
fn granted(role: &Value) -> Rights {
    let mut rights = Rights::new();
    for statement in statements(role) {
        assert_eq!(statement["Effect"], "Allow");
        for action in list(&statement["Action"]) {
            for resource in list(&statement["Resource"]) {
                rights.insert(right(action.as_str().unwrap(), text(resource)));
            }
        }
    }
    rights
}

/// The ports that a function's handler names; one that announces its writes publishes events besides.
fn ports(function: &Function) -> Vec<&'static str> {
    let source = |name: &str| file(&format!("functions/{}/src/{name}.rs", function.name));
    let handler = source("lib");
    let imports = handler.split("use within24::ports::").nth(1);
    let names = imports.map_or("", |rest| rest.split(';').next().unwrap());
    let names: BTreeSet<&str> = names.split(|c: char| !c.is_alphanumeric()).collect();
    let announces = source("main").contains("Announcing::new");
    let known = PORTS.iter().map(|(port, _)| *port);
    known
        .filter(|port| names.contains(port) || (announces && *port == "PublishEvents"))
        .collect()
}

/// What the function needs: for its logs, its ports and what feeds it.
fn needed(template: &Template, function: &Function) -> Rights {
    let log = format!("${{{}Log.Arn}}", function.id);
    let mut rights: Rights = ["logs:CreateLogStream", "logs:PutLogEvents"]
        .map(|action| right(action, &log))
        .into();
    if function.name == "erase-buyer" {
        // The one that removes what it reads of a buyer.
        rights.insert(right("dynamodb:DeleteItem", TABLE));
    }
    for port in ports(function) {
        let (_, actions) = PORTS.iter().find(|(name, _)| *name == port).unwrap();
        rights.extend(actions.iter().map(|(action, resource)| right(action, *resource)));
    }
    for (_, kind, source) in function.events() {
        match kind {
            "SQS" => {
                let queue = text(&source["Queue"]);
                let actions = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"];
                rights.extend(actions.map(|action| right(action, &queue)));
            }
            "DynamoDB" => {
                let actions = ["DescribeStream", "GetRecords", "GetShardIterator", "ListStreams"];
                rights.extend(actions.map(|action| right(&format!("dynamodb:{action}"), STREAM)));
                let aside = text(&source["DestinationConfig"]["OnFailure"]["Destination"]);
                rights.insert(right("sqs:SendMessage", aside));
            }
            _ => {}
        }
    }
    // Invoked without anybody waiting.
    for config in template.resources("AWS::Lambda::EventInvokeConfig").values() {
        let config = &config["Properties"];
        if config["FunctionName"]["Ref"] == function.id.as_str() {
            rights.insert(right(
                "sqs:SendMessage",
                text(&config["DestinationConfig"]["OnFailure"]["Destination"]),
            ));
        }
    }
    rights
}

#[test]
fn each_function_may_do_what_its_ports_need_and_nothing_else() {
    let template = Template::load();
    for function in template.functions() {
        assert_eq!(
            granted(role(&template, &function)),
            needed(&template, &function),
            "{}",
            function.name
        );
    }
}

/// Every trait of `ports.rs` and its parts has its row above, and no other.
#[test]
fn every_port_has_its_actions() {
    let parts = std::fs::read_dir(root().join("shared/src/ports")).unwrap();
    let parts = parts.map(|entry| std::fs::read_to_string(entry.unwrap().path()).unwrap());
    let source: String = parts.chain([file("shared/src/ports.rs")]).collect();
    let traits = source.lines().filter_map(|line| line.strip_prefix("pub trait "));
    let traits: BTreeSet<&str> = traits.map(|rest| rest.split(':').next().unwrap()).collect();
    let known: BTreeSet<&str> = PORTS.iter().map(|(port, _)| *port).collect();
    assert_eq!(known, traits);
}

/// Every policy statement of the template: of roles, queues, topics and the bucket.
fn all_statements(template: &Template) -> Vec<(String, Value)> {
    let mut all = Vec::new();
    for (id, resource) in template.at(&["Resources"]).as_object().unwrap() {
        all.extend(statements(resource).into_iter().map(|one| (id.clone(), one.clone())));
        let policy = list(&resource["Properties"]["PolicyDocument"]["Statement"]);
        all.extend(policy.into_iter().map(|one| (id.clone(), one.clone())));
    }
    assert!(all.len() > 20, "{}", all.len());
    all
}

#[test]
fn no_right_is_wider_than_aws_makes_it() {
    for (id, statement) in all_statements(&Template::load()) {
        if statement["Effect"] == "Deny" {
            continue;
        }
        for action in list(&statement["Action"]) {
            assert!(!action.as_str().unwrap().contains('*'), "{id}: {action}");
        }
        for resource in list(&statement["Resource"]) {
            let resource = text(resource);
            let reasoned = WILDCARDS.iter().any(|(known, _)| *known == resource);
            let mail = id == "MailBucketPolicy" && resource == "${MailBucket.Arn}/mail/*";
            assert!(!resource.contains('*') || reasoned || mail, "{id}: {resource}");
        }
        assert!(
            statement["NotAction"].is_null() && statement["NotResource"].is_null(),
            "{id}"
        );
    }
}

/// A service that may be told to act by anyone acts for this account, or this resource, only.
#[test]
fn services_are_trusted_for_this_account_only() {
    let template = Template::load();
    let statements = all_statements(&template);
    let mut seen = 0;
    for (id, statement) in statements {
        if statement["Effect"] == "Deny" || statement["Principal"].is_null() {
            continue;
        }
        seen += 1;
        assert!(
            statement["Principal"]["Service"].is_string(),
            "{id}: a service, not everyone"
        );
        let condition = statement["Condition"].to_string();
        assert!(condition.contains("aws:SourceArn"), "{id}: {condition}");
    }
    assert!(seen >= 4, "{seen}");
}

/// The prefixes that the rights name are those that the code writes to.
#[test]
fn what_lies_in_the_bucket_lies_where_the_rights_say() {
    use within24::adapters::webhook_message::CALLS;
    use within24::domain::attachment::PLACES;
    for (prefix, resource) in [(PLACES, ANSWERS), (CALLS, LARGE_CALLS)] {
        assert!(resource.ends_with(&format!("${{MailBucket}}/{prefix}*")), "{prefix}");
    }
}

#[test]
fn mail_is_sent_from_the_stores_own_addresses_only() {
    let template = Template::load();
    for function in template.functions() {
        let sends = statements(role(&template, &function)).into_iter().filter(|statement| {
            list(&statement["Action"])
                .iter()
                .any(|action| *action == "ses:SendEmail")
        });
        for statement in sends {
            let from = &statement["Condition"]["StringEquals"]["ses:FromAddress"];
            assert_eq!(from["Ref"], "SendingAddress", "{}", function.name);
        }
    }
}

/// The partitions of an index that a port reads.
const PARTITIONS: &[(&str, &str, &str)] = &[
    ("FindDue", DUE, "DUE#*"),
    ("ReadEvents", DUE, "EVENT"),
    ("FindHeld", DUE, "HELD"),
    ("FindDueCalls", DUE, "CALL"),
    ("ReadFacts", FACTS, "FACT#*"),
    ("ListThreads", WAITING, "WAIT#*"),
    ("ListThreads", FACTS, "LIST#*"),
    ("ReadHoldings", FACTS, "HANDLES#*"),
];

#[test]
fn functions_are_kept_to_their_part_of_an_index() {
    let template = Template::load();
    let keys = file("shared/src/adapters/dynamodb/keys.rs");
    for function in template.functions() {
        let ports = ports(&function);
        for index in [DUE, FACTS, WAITING] {
            let wanted: BTreeSet<&str> = PARTITIONS
                .iter()
                .filter(|(port, of, _)| *of == index && ports.contains(port))
                .map(|(_, _, partition)| *partition)
                .inspect(|partition| assert!(keys.contains(&format!("\"{}", partition.trim_end_matches('*')))))
                .collect();
            let granted = statements(role(&template, &function)).into_iter().filter(|statement| {
                list(&statement["Resource"])
                    .iter()
                    .any(|resource| text(resource) == index)
            });
            let granted: BTreeSet<&str> = granted
                .flat_map(|statement| {
                    let condition = statement["Condition"].as_object().unwrap().values().next().unwrap();
                    list(&condition["dynamodb:LeadingKeys"])
                })
                .map(|partition| partition.as_str().unwrap())
                .collect();
            assert_eq!(granted, wanted, "{} in {index}", function.name);
        }
    }
}

/// Whether a statement keeps its function from this partition: it is named among those it may not touch, or not among those
/// it may.
fn kept_from(statement: &Value, partition: &str) -> bool {
    let named = |how: &str| {
        let partitions = list(&statement["Condition"][how]["dynamodb:LeadingKeys"]);
        (!partitions.is_empty()).then(|| partitions.iter().any(|one| *one == partition))
    };
    named("ForAllValues:StringNotLike") == Some(true) || named("ForAllValues:StringLike") == Some(false)
}

/// The statements of a function that allow one of these actions on the table itself.
fn on_the_table<'a>(template: &'a Template, function: &Function, actions: &[&str]) -> Vec<&'a Value> {
    let all = statements(role(template, function)).into_iter();
    let table = all.filter(|statement| {
        list(&statement["Resource"])
            .iter()
            .any(|resource| text(resource).ends_with(TABLE))
    });
    let allows = |statement: &Value, action: &str| {
        let named = format!("dynamodb:{action}");
        list(&statement["Action"]).iter().any(|one| *one == named.as_str())
    };
    table
        .filter(|statement| actions.iter().any(|action| allows(statement, action)))
        .collect()
}

const WRITES: [&str; 4] = ["PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem"];
const READS: [&str; 4] = ["GetItem", "BatchGetItem", "Query", "Scan"];

/// Whose mail an address gets, who may do what, and the secrets of endpoints are for people to change.
const OF_PEOPLE: [&str; 3] = ["RECIPIENT#*", "SECRET#*", "TOKENS"];

/// What erasing a buyer removes (his own partition, what finds him, and copies that answered him), and what it writes in the same
/// transaction: the facts that stay, who had it done, and that his token was used. A condition on keys may see all keys of a
/// transaction, whichever action it is weighed for, so they stand in one statement.
const OF_ERASING: [&str; 6] = ["BUYER#*", "COPY#*", "DEED#*", "ERASED#*", "FIND#*", "TOKENS"];

/// What people change through the API: nothing else is written by it.
const OF_THE_API: [&str; 10] = [
    "BUYER#*",
    "CALL#*",
    "DEED#*",
    "ENDPOINT#*",
    "METRICS#*",
    "RECIPIENT#*",
    "SECRET#*",
    "STORE#*",
    "STORES",
    "TOKENS",
];

#[test]
fn each_function_writes_its_own_part_of_the_table_and_one_alone_deletes() {
    let template = Template::load();
    let keys = file("shared/src/adapters/dynamodb/keys.rs");
    for partition in OF_PEOPLE.iter().chain(&OF_THE_API).chain(&OF_ERASING) {
        assert!(
            keys.contains(&format!("\"{}", partition.trim_end_matches('*'))),
            "{partition}"
        );
    }
    for function in template.functions() {
        for statement in statements(role(&template, &function)) {
            let writes =
                ["PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem"].map(|write| format!("dynamodb:{write}"));
            if list(&statement["Action"])
                .iter()
                .any(|action| writes.iter().any(|write| *action == write))
            {
                let condition = &statement["Condition"];
                let deletes = list(&statement["Action"])
                    .iter()
                    .any(|action| *action == "dynamodb:DeleteItem");
                assert!(!(deletes && function.name != "erase-buyer"), "{}", function.name);
                let like = &condition["ForAllValues:StringLike"];
                let kept = match function.name.as_str() {
                    "serve-api" => (like, OF_THE_API.as_slice()),
                    "erase-buyer" => (like, OF_ERASING.as_slice()),
                    _ => (&condition["ForAllValues:StringNotLike"], OF_PEOPLE.as_slice()),
                };
                assert_eq!(list(&kept.0["dynamodb:LeadingKeys"]), kept.1, "{}", function.name);
            }
        }
    }
}

/// The secrets of endpoints are read by who signs with them, and written by who makes endpoints.
#[test]
fn the_secrets_of_endpoints_are_kept_from_all_who_need_them_not() {
    let template = Template::load();
    assert!(file("shared/src/adapters/dynamodb/keys.rs").contains("\"SECRET#{}\""));
    let mut readers = BTreeSet::new();
    for function in template.functions() {
        let signs = ports(&function).contains(&"ReadSigningKeys");
        for statement in on_the_table(&template, &function, &READS) {
            let kept = kept_from(statement, "SECRET#*");
            assert_eq!(kept, !signs, "{} reads secrets", function.name);
            if !kept {
                readers.insert(function.name.clone());
            }
        }
        let makes =
            function.name == "serve-api" && file("functions/serve-api/src/endpoints.rs").contains("app::endpoints");
        for statement in on_the_table(&template, &function, &WRITES) {
            let kept = kept_from(statement, "SECRET#*");
            assert_eq!(kept, !makes, "{} writes secrets", function.name);
        }
    }
    assert_eq!(readers, BTreeSet::from(["call-webhook".to_owned()]));
}
