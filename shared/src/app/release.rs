//! A new day: what the budget of an earlier day held back is to be sent again.

use jiff::Timestamp;

use super::retry::settled;
use crate::domain::metrics;
use crate::domain::outgoing::{Outgoing, State};
use crate::ports::{Change, Commit, CommitError, FindHeld, PortError};

/// Puts the items of all stores that were held before today (UTC) back to be sent, oldest first, at most `limit`; gives their number.
/// Whether a request is still needed is decided when it is sent.
///
/// # Errors
/// Where the world fails; what was released stays released.
pub async fn release<W>(world: &W, now: Timestamp, limit: usize) -> Result<usize, PortError>
where
    W: FindHeld + Commit,
{
    let mut released = 0;
    for item in world.held_before(metrics::day(now), limit).await? {
        let pending = Outgoing {
            state: State::Pending,
            held_on: None,
            ..item
        };
        match settled(
            world
                .commit(vec![Change::Move {
                    item: Box::new(pending),
                    from: State::Held,
                }])
                .await,
        ) {
            Ok(done) => released += usize::from(done),
            Err(CommitError::Port(error)) => return Err(error),
            Err(CommitError::Refused(_)) => {}
        }
    }
    Ok(released)
}
