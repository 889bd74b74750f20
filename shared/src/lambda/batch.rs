//! The batch runner: every record for itself. A record that fails, or panics, is reported back and its neighbours go on;
//! the queue or stream brings it again, then sets it aside in its dead-letter queue.

use std::panic::AssertUnwindSafe;

use futures_util::{FutureExt, StreamExt, stream};
use tracing::{Instrument, error, info_span};

/// A record's failure as the runner sees it.
pub trait Failure: std::error::Error {
    /// Whether trying again later can help. What cannot is logged as an error at once; both are reported back, so that
    /// nothing is lost.
    fn retry(&self) -> bool;
}

/// Runs `work` on every record, at most `at_once` at a time, and gives the names of those that failed, in order.
/// `records` are names (message id, sequence number) with their content.
pub async fn run<R, E, F>(records: Vec<(String, R)>, at_once: usize, work: impl Fn(R) -> F) -> Vec<String>
where
    F: Future<Output = Result<(), E>>,
    E: Failure,
{
    let one = |(name, record): (String, R)| {
        let span = info_span!("record", record.name = %name);
        // The future is made inside the guard: a panic while it is made is a failure of this record too.
        let guarded = AssertUnwindSafe(async { work(record).await }).catch_unwind();
        async move {
            match guarded.await {
                Ok(Ok(())) => None,
                Ok(Err(failure)) => {
                    let chain = chain(&failure);
                    if failure.retry() {
                        tracing::warn!(error = %chain, "will be tried again");
                    } else {
                        error!(error = %chain, "cannot be dealt with");
                    }
                    Some(name)
                }
                Err(_) => {
                    error!("panicked over this record");
                    Some(name)
                }
            }
        }
        .instrument(span)
    };
    let outcomes = stream::iter(records.into_iter().map(one)).buffered(at_once.max(1));
    outcomes.filter_map(|failed| async move { failed }).collect().await
}

/// An error with all that caused it.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.ends_with(&cause_text) {
            text.push_str(": ");
            text.push_str(&cause_text);
        }
        source = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("no")]
    struct No;

    impl Failure for No {
        fn retry(&self) -> bool {
            false
        }
    }

    #[tokio::test]
    async fn a_panic_is_a_failure_of_its_record_alone() {
        let records = ["good", "bad", "panic", "good too"]
            .map(|name| (name.to_owned(), name))
            .to_vec();
        let failed = run(records, 2, |record| async move {
            assert!(record != "panic", "as told");
            if record == "bad" { Err(No) } else { Ok(()) }
        })
        .await;
        assert_eq!(failed, ["bad", "panic"]);
    }
}
