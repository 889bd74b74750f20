//! What people decide about a thread.

use serde::Deserialize;

use super::given;

/// Who takes care of it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AssigneeIn {
    pub(crate) to: String,
}

/// Labels that come and go.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TagsIn {
    #[serde(default, deserialize_with = "given::value")]
    pub(crate) add: Option<Vec<String>>,
    #[serde(default, deserialize_with = "given::value")]
    pub(crate) remove: Option<Vec<String>>,
}
