//! How much one token may ask of one process.
//!
//! A bucket for each token, in memory. On one machine that is the limit. In Lambda each copy of a function serves one request at
//! a time and knows of no other, so it only slows down a caller who has found one fast copy; what holds there are the limits of
//! API Gateway, for all callers together.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;

use crate::domain::token::TokenId;

/// Requests with one token.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limit {
    /// On average.
    pub a_second: f64,
    /// At once.
    pub at_once: f64,
}

impl Default for Limit {
    fn default() -> Self {
        Self {
            a_second: 10.0,
            at_once: 50.0,
        }
    }
}

/// What each token has left. There are as many as tokens are in use: only those that open something come here.
#[derive(Debug, Default)]
pub(super) struct Buckets(Mutex<HashMap<TokenId, (f64, Timestamp)>>);

impl Buckets {
    /// Takes one request; else the seconds until there is one.
    pub(super) fn take(&self, id: &TokenId, limit: Limit, now: Timestamp) -> Result<(), f64> {
        let mut buckets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (left, at) = buckets.entry(id.clone()).or_insert((limit.at_once, now));
        let passed = now.duration_since(*at).as_secs_f64().max(0.0);
        *left = (*left + passed * limit.a_second).min(limit.at_once);
        *at = now.max(*at);
        if *left < 1.0 {
            return Err((1.0 - *left) / limit.a_second);
        }
        *left -= 1.0;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::token::{Bearer, RANDOM_BYTES};

    #[test]
    fn a_token_may_ask_so_much_at_once_and_then_as_time_goes_on() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let limit = Limit {
            a_second: 2.0,
            at_once: 3.0,
        };
        let [one, other] = [1, 2].map(|byte| Bearer::new(&[byte; RANDOM_BYTES]).id().clone());
        let buckets = Buckets::default();
        let now = at("2026-03-02T09:00:00Z");
        for _ in 0..3 {
            assert_eq!(buckets.take(&one, limit, now), Ok(()));
        }
        assert_eq!(buckets.take(&one, limit, now), Err(0.5));
        assert_eq!(buckets.take(&other, limit, now), Ok(()), "each token for itself");
        assert_eq!(buckets.take(&one, limit, at("2026-03-02T09:00:00.5Z")), Ok(()));
        assert!(
            buckets.take(&one, limit, now).is_err(),
            "a clock that goes back gives nothing"
        );
        let later = at("2026-03-02T10:00:00Z");
        assert_eq!((0..9).filter(|_| buckets.take(&one, limit, later).is_ok()).count(), 3);
    }
}
