//! The shape of the table, as tests and the local command create it.

use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection, ProjectionType,
    ScalarAttributeType, StreamSpecification, StreamViewType,
};

use super::{Table, failed, keys};
use crate::ports::{PortError, Ported};

/// What the facts index carries of a fact beside the keys.
const FACT: [&str; 2] = ["fact", "fact_at"];

/// What both lists of threads carry beside the keys.
const LISTED: [&str; 13] = [
    "alias", "case_id", "orders", "name", "subject", "lang", "opened", "status", "waiting", "quiet", "assignee",
    "tags", "unread",
];

impl Table {
    /// Creates the table.
    ///
    /// # Errors
    /// Where DynamoDB fails, also if the table exists.
    pub async fn create(&self) -> Ported<()> {
        let attribute = |name: &str| {
            AttributeDefinition::builder()
                .attribute_name(name)
                .attribute_type(ScalarAttributeType::S)
                .build()
        };
        let key = |name: &str, kind: KeyType| KeySchemaElement::builder().attribute_name(name).key_type(kind).build();
        let broken = |_| PortError::Broken {
            service: "dynamodb",
            code: "construction".to_owned(),
        };
        let index = |name: &str, pk: &str, sk: &str, projection: Projection| {
            GlobalSecondaryIndex::builder()
                .index_name(name)
                .key_schema(key(pk, KeyType::Hash)?)
                .key_schema(key(sk, KeyType::Range)?)
                .projection(projection)
                .build()
        };
        let keys_only = Projection::builder().projection_type(ProjectionType::KeysOnly).build();
        let with = |names: &[&str]| {
            let names = names.iter().copied().map(str::to_owned).collect();
            Projection::builder()
                .projection_type(ProjectionType::Include)
                .set_non_key_attributes(Some(names))
                .build()
        };
        let facts = with(&[&FACT[..], &LISTED].concat());
        let listed = with(&LISTED);
        let stream = StreamSpecification::builder()
            .stream_enabled(true)
            .stream_view_type(StreamViewType::NewImage);
        let mut call = self
            .client
            .create_table()
            .table_name(&self.name)
            .billing_mode(BillingMode::PayPerRequest)
            .key_schema(key(keys::PK, KeyType::Hash).map_err(broken)?)
            .key_schema(key(keys::SK, KeyType::Range).map_err(broken)?)
            .global_secondary_indexes(index(keys::DUE_INDEX, "due_pk", "due_sk", keys_only).map_err(broken)?)
            .global_secondary_indexes(index(keys::FACTS_INDEX, "fact_pk", "fact_sk", facts).map_err(broken)?)
            .global_secondary_indexes(index(keys::WAITING_INDEX, "wait_pk", "wait_sk", listed).map_err(broken)?)
            .stream_specification(stream.build().map_err(broken)?);
        let attributes = [
            keys::PK,
            keys::SK,
            "due_pk",
            "due_sk",
            "fact_pk",
            "fact_sk",
            "wait_pk",
            "wait_sk",
        ];
        for name in attributes {
            call = call.attribute_definitions(attribute(name).map_err(broken)?);
        }
        call.send().await.map_err(|error| failed(&error))?;
        Ok(())
    }
}
