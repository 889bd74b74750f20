//! Who is calling: a bearer token held against what is kept of it.

use jiff::Timestamp;

use crate::domain::metrics::day;
use crate::domain::token::{Bearer, Token, opens};
use crate::ports::{Change, Commit, CommitError, FindTokens, Ported, RegistryChange};

/// The token that this text holds, if it opens anything at `now`; notes once a day that it was used. What is no token, unknown,
/// wrong, at its end or revoked is `None` alike.
///
/// # Errors
/// Where the token cannot be looked up.
pub async fn opened<W>(world: &W, text: &str, now: Timestamp) -> Ported<Option<Token>>
where
    W: FindTokens + Commit,
{
    let Some(bearer) = Bearer::parse(text) else {
        return Ok(None);
    };
    let kept = world.token(bearer.id()).await?;
    if !opens(kept.as_ref(), &bearer, now) {
        return Ok(None);
    }
    if let Some(token) = &kept
        && token.used_on.is_none_or(|used| used < day(now))
    {
        let used = RegistryChange::TokenUsed {
            id: token.id.clone(),
            day: day(now),
        };
        // A note that is not taken must not stop the work.
        if let Err(CommitError::Port(error)) = world.commit(vec![Change::Registry(used)]).await {
            tracing::warn!(%error, token.id = token.id.as_str(), "the use of a token is not noted");
        }
    }
    Ok(kept)
}
