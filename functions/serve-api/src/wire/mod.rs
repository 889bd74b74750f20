//! What goes over the line, in and out: the schemas of `infra/openapi.yaml`. Absent is null, times are RFC 3339 in UTC.

pub(crate) mod thread;
