//! Tests of all of it together; small parts have theirs beside them.

mod facts;
mod signatures;

use jiff::Timestamp;

use super::*;

/// 2026-01-02T03:04:05Z.
const AT: i64 = 1_767_323_045;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(seconds).unwrap()
}
