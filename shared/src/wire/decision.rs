//! What people decide about a thread.

use serde::{Deserialize, Serialize};

use super::given;

/// Who takes care of it.
#[derive(Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct AssigneeIn {
    pub to: String,
}

/// Labels that come and go.
#[derive(Clone, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct TagsIn {
    #[serde(default, deserialize_with = "given::value", skip_serializing_if = "Option::is_none")]
    pub add: Option<Vec<String>>,
    #[serde(default, deserialize_with = "given::value", skip_serializing_if = "Option::is_none")]
    pub remove: Option<Vec<String>>,
}
