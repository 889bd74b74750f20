//! The table's stream, as Lambda reads it.

use std::collections::BTreeMap;

use anyhow::{Result, anyhow};
use dynoxide::Database;
use dynoxide::actions::describe_stream::DescribeStreamRequest;
use dynoxide::actions::get_records::GetRecordsRequest;
use dynoxide::actions::get_shard_iterator::GetShardIteratorRequest;
use dynoxide::actions::list_streams::ListStreamsRequest;
use dynoxide::errors::DynoxideError;
use serde_json::Value;

use super::TABLE;

/// A reader of the stream.
#[derive(Debug, Default)]
pub struct Stream {
    positions: BTreeMap<String, String>,
}

impl Stream {
    /// The records since the last call, as Lambda passes them on.
    pub(super) fn records(&mut self, database: &Database) -> Result<Vec<Value>> {
        let failed = |error: DynoxideError| anyhow!("the stream: {error}");
        let request = ListStreamsRequest {
            table_name: Some(TABLE.to_owned()),
            ..ListStreamsRequest::default()
        };
        let mut records = Vec::new();
        for stream in database.list_streams(request).map_err(failed)?.streams {
            let request = DescribeStreamRequest {
                stream_arn: stream.stream_arn.clone(),
                exclusive_start_shard_id: None,
                limit: None,
            };
            let described = database.describe_stream(request).map_err(failed)?;
            for shard in described.stream_description.shards {
                let position = if let Some(position) = self.positions.get(&shard.shard_id) {
                    Some(position.clone())
                } else {
                    let request = GetShardIteratorRequest {
                        stream_arn: stream.stream_arn.clone(),
                        shard_id: shard.shard_id.clone(),
                        shard_iterator_type: "TRIM_HORIZON".to_owned(),
                        sequence_number: None,
                    };
                    database.get_shard_iterator(request).map_err(failed)?.shard_iterator
                };
                let Some(shard_iterator) = position else { continue };
                let request = GetRecordsRequest {
                    shard_iterator,
                    limit: None,
                };
                let page = database.get_records(request).map_err(failed)?;
                for record in &page.records {
                    records.push(serde_json::to_value(record)?);
                }
                if let Some(next) = page.next_shard_iterator {
                    self.positions.insert(shard.shard_id, next);
                }
            }
        }
        Ok(records)
    }
}

/// The filter of the stream mapping: new or released outbox items of this kind.
pub fn is_pending(record: &Value, kind: &str) -> bool {
    let image = &record["dynamodb"]["NewImage"];
    image["state"]["S"] == "pending" && image["kind"]["S"] == kind
}
