//! What people decide about a thread.

use serde::Deserialize;

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
    pub(crate) add: Option<Vec<String>>,
    pub(crate) remove: Option<Vec<String>>,
}
