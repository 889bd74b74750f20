//! The table of the template, and the one that tests and the local command make.

use std::collections::{BTreeSet, HashMap};

use aws_sdk_dynamodb::types::{AttributeDefinition, AttributeValue};
use serde_json::{Value, json};
use within24::adapters::dynamodb::Table;
use within24::domain::endpoint::{Endpoint, EndpointId, EndpointUrl, SigningSecret, Wanted};
use within24::domain::store::StoreId;
use within24::ports::{Change, Commit, EndpointChange};

use crate::database;
use crate::template::{Template, file};

/// The table that `Table::create` makes, as the template would say it.
async fn created() -> Value {
    let client = database::client().await;
    Table::new(client.clone(), "within24").create().await.unwrap();
    let described = client.describe_table().table_name("within24").send().await.unwrap();
    let table = described.table().unwrap();
    let keys = |schema: &[aws_sdk_dynamodb::types::KeySchemaElement]| -> Value {
        schema
            .iter()
            .map(|key| json!({"AttributeName": key.attribute_name(), "KeyType": key.key_type().as_str()}))
            .collect()
    };
    let attributes: BTreeSet<&str> = table
        .attribute_definitions()
        .iter()
        .map(AttributeDefinition::attribute_name)
        .collect();
    let indexes = table.global_secondary_indexes().iter().map(|index| {
        let projection = index.projection().unwrap();
        let mut shape = json!({"ProjectionType": projection.projection_type().unwrap().as_str()});
        if !projection.non_key_attributes().is_empty() {
            shape["NonKeyAttributes"] = json!(projection.non_key_attributes());
        }
        json!({"IndexName": index.index_name(), "KeySchema": keys(index.key_schema()), "Projection": shape})
    });
    let mut indexes: Vec<Value> = indexes.collect();
    indexes.sort_by_key(|index| index["IndexName"].to_string());
    json!({
        "attributes": attributes,
        "keys": keys(table.key_schema()),
        "indexes": indexes,
        "stream": table.stream_specification().unwrap().stream_view_type().unwrap().as_str(),
        "billing": table.billing_mode_summary().unwrap().billing_mode().unwrap().as_str(),
    })
}

#[tokio::test]
async fn the_table_is_the_one_that_the_code_creates() {
    let template = Template::load();
    let table = &template.resource("Table")["Properties"];
    let attributes: BTreeSet<&str> = table["AttributeDefinitions"]
        .as_array()
        .unwrap()
        .iter()
        .inspect(|definition| assert_eq!(definition["AttributeType"], "S"))
        .map(|definition| definition["AttributeName"].as_str().unwrap())
        .collect();
    let mut indexes = table["GlobalSecondaryIndexes"].as_array().unwrap().clone();
    indexes.sort_by_key(|index| index["IndexName"].to_string());
    let written = json!({
        "attributes": attributes,
        "keys": table["KeySchema"],
        "indexes": indexes,
        "stream": table["StreamSpecification"]["StreamViewType"],
        "billing": table["BillingMode"],
    });
    assert_eq!(written, created().await);
}

/// Time to live is set outside `create`: the attribute is the one that rows are given.
#[test]
fn rows_that_expire_do() {
    let template = Template::load();
    let expiry = &template.resource("Table")["Properties"]["TimeToLiveSpecification"];
    assert_eq!(expiry["Enabled"], true);
    let name = expiry["AttributeName"].as_str().unwrap();
    assert!(file("shared/src/adapters/dynamodb/write.rs").contains(&format!(".number(\"{name}\", expires)")));
}

#[test]
fn the_table_can_be_brought_back_to_any_second_and_is_not_deleted_by_mistake() {
    let template = Template::load();
    let table = &template.resource("Table")["Properties"];
    assert_eq!(
        table["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"],
        true
    );
    assert_eq!(table["DeletionProtectionEnabled"]["Ref"], "ProtectTable");
    assert_eq!(template.at(&["Parameters", "ProtectTable", "Default"]), "true");
}

/// The rows that a part of infra/README.md writes, with these words in place of the shell's.
fn rows_in_the_readme(file_name: &str, words: &[(&str, &str)]) -> BTreeSet<String> {
    let readme = file("infra/README.md");
    let written = readme
        .split(&format!("{file_name} <<JSON\n"))
        .nth(1)
        .unwrap()
        .split("\nJSON\n")
        .next()
        .unwrap();
    let mut written = written.replace("$(output TableName)", "table");
    for (word, value) in words {
        assert!(written.contains(word), "{word}");
        written = written.replace(word, value);
    }
    let written: Value = serde_json::from_str(&written).unwrap();
    let rows = written["table"].as_array().unwrap();
    rows.iter().map(|row| row["PutRequest"]["Item"].to_string()).collect()
}

/// A value as the command line writes it.
fn plain(value: &AttributeValue) -> Value {
    match value {
        AttributeValue::S(text) => json!({"S": text}),
        AttributeValue::N(number) => json!({"N": number}),
        AttributeValue::L(values) => json!({"L": values.iter().map(plain).collect::<Vec<_>>()}),
        other => panic!("{other:?}"),
    }
}

async fn all_rows(client: &aws_sdk_dynamodb::Client) -> BTreeSet<String> {
    let scanned = client.scan().table_name("within24").send().await.unwrap();
    let row = |row: HashMap<String, AttributeValue>| -> Value {
        row.iter().map(|(name, value)| (name.clone(), plain(value))).collect()
    };
    scanned
        .items
        .unwrap()
        .into_iter()
        .map(|one| row(one).to_string())
        .collect()
}

/// What people are told to write by hand is what the code writes.
#[tokio::test]
async fn the_rows_of_an_endpoint_in_the_readme_are_those_that_the_code_writes() {
    let made = "2026-03-02T09:15:00Z";
    let secret = SigningSecret::of(&[7; 32]).unwrap();
    let words = [
        ("$STORE", "lampen"),
        ("$ENDPOINT", "https://hooks.example.com/within24"),
        ("$SECRET", &secret.expose()),
        ("$(date -u +%Y-%m-%dT%H:%M:%SZ)", made),
    ];
    let url = EndpointUrl::parse("https://hooks.example.com/within24").unwrap();
    let wanted = Wanted::parse(["ThreadCritical.v1", "ThreadOverdue.v1"]).unwrap();
    let store = StoreId::parse("lampen").unwrap();
    let endpoint = Endpoint {
        id: EndpointId::parse("crm").unwrap(),
        ..Endpoint::new(store.clone(), url, wanted, made.parse().unwrap())
    };
    let client = database::client().await;
    let table = Table::new(client.clone(), "within24");
    table.create().await.unwrap();
    let key = EndpointChange::FirstKey(store, endpoint.id.clone(), secret.clone());
    let changes = [EndpointChange::Put(Box::new(endpoint)), key].map(Change::Endpoint);
    table.commit(changes.into()).await.unwrap();
    assert_eq!(rows_in_the_readme("endpoint.json", &words), all_rows(&client).await);
}
