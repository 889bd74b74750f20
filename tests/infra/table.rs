//! The table of the template, and the one that tests and the local command make.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::AttributeDefinition;
use serde_json::{Value, json};
use within24::adapters::dynamodb::Table;

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
