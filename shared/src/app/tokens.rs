//! Tokens are made, listed and revoked: by the command with all rights, by the API with those of a token.

use jiff::Timestamp;

use crate::domain::deed::{By, Deed, Did};
use crate::domain::personal::Personal;
use crate::domain::store::StoreId;
use crate::domain::token::{Bearer, RANDOM_BYTES, Reach, Scopes, Token, TokenId};
use crate::ports::{Change, Commit, CommitError, FindTokens, ListStores, PortError, Ported, Refusal, RegistryChange};

/// The longest name, in characters.
pub const MAX_NAME: usize = 100;

/// The most places one token holds in; who needs more takes `*`. Each leaves a trace in the write that makes the token.
pub const MAX_SCOPES: usize = 20;

/// A token to be made.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Who uses it: a person, or a system.
    pub name: Personal,
    /// What he may do, and where.
    pub scopes: Scopes,
    /// From then on it opens nothing.
    pub ends_at: Option<Timestamp>,
}

/// A token was not made or revoked.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// Nobody would know whose it is.
    #[error("a name has 1 to {MAX_NAME} characters, none of them a control character")]
    Name,
    /// It would hold nowhere, or in too many places.
    #[error("a token holds in 1 to {MAX_SCOPES} places; for all stores give the scope *")]
    Scopes,
    /// It would have ended before it is made.
    #[error("the end lies in the past")]
    Ended,
    /// There is no such store.
    #[error("there is no store {}", .0.as_str())]
    NoStore(StoreId),
    /// Who asks is not admin wherever the token holds.
    #[error("only who is admin of all its stores gives or takes a token; for the scope * he is admin of *")]
    NotYours,
    /// There is no such token, or none that who asks may know of.
    #[error("no such token")]
    NoToken,
    /// The world did not answer.
    #[error(transparent)]
    Port(#[from] PortError),
}

/// Makes a token and gives it with its secret, which is kept nowhere. `giver` is what who asks may do himself; `random` must
/// come from a source that nobody can guess.
///
/// # Errors
/// See [`TokenError`]; nothing was made.
pub async fn make<W>(
    world: &W,
    wanted: Wanted,
    giver: &Scopes,
    by: &By,
    random: &[u8; RANDOM_BYTES],
    now: Timestamp,
) -> Result<(Token, Bearer), TokenError>
where
    W: ListStores + Commit,
{
    let name = wanted.name.expose().trim();
    if name.is_empty() || name.chars().count() > MAX_NAME || name.chars().any(char::is_control) {
        return Err(TokenError::Name);
    }
    if wanted.scopes.is_empty() || wanted.scopes.len() > MAX_SCOPES {
        return Err(TokenError::Scopes);
    }
    if wanted.ends_at.is_some_and(|end| end <= now) {
        return Err(TokenError::Ended);
    }
    if !giver.may_give(&wanted.scopes) {
        return Err(TokenError::NotYours);
    }
    let known = world.stores().await?;
    for (reach, _) in wanted.scopes.iter() {
        if let Reach::Store(store) = reach
            && !known.contains(store)
        {
            return Err(TokenError::NoStore(store.clone()));
        }
    }
    let bearer = Bearer::new(random);
    let token = Token {
        id: bearer.id().clone(),
        name: Personal::new(name),
        scopes: wanted.scopes,
        hash: bearer.hash(),
        made_at: now,
        made_by: by.name.clone(),
        ends_at: wanted.ends_at,
        revoked_at: None,
        used_on: None,
    };
    let mut changes = vec![Change::Registry(RegistryChange::TokenMade(Box::new(token.clone())))];
    changes.extend(traces(&token, by, Deed::TokenMade, now));
    match world.commit(changes).await {
        Ok(()) => Ok((token, bearer)),
        Err(CommitError::Port(error)) => Err(error.into()),
        Err(CommitError::Refused(_)) => Err(PortError::Broken {
            service: "random",
            code: "repeats itself".to_owned(),
        }
        .into()),
    }
}

/// Revokes a token: it opens nothing any more. One that was revoked before stays as it is.
///
/// # Errors
/// See [`TokenError`]; nothing was changed.
pub async fn revoke<W>(world: &W, id: &TokenId, giver: &Scopes, by: &By, now: Timestamp) -> Result<(), TokenError>
where
    W: FindTokens + Commit,
{
    let token = world.token(id).await?.filter(|token| giver.may_give(&token.scopes));
    let token = token.ok_or(TokenError::NoToken)?;
    if token.revoked_at.is_some() {
        return Ok(());
    }
    let revoked = RegistryChange::TokenRevoked {
        id: id.clone(),
        at: now,
    };
    let mut changes = vec![Change::Registry(revoked)];
    changes.extend(traces(&token, by, Deed::TokenRevoked, now));
    match world.commit(changes).await {
        // Somebody else was first.
        Ok(()) | Err(CommitError::Refused(Refusal::Stale)) => Ok(()),
        Err(CommitError::Refused(_)) => Err(super::retry::contended().into()),
        Err(CommitError::Port(error)) => Err(error.into()),
    }
}

/// The tokens that who asks may give and take, the latest made first; also those that open nothing any more.
///
/// # Errors
/// Where the world fails.
pub async fn known<W: FindTokens>(world: &W, giver: &Scopes) -> Ported<Vec<Token>> {
    let mut tokens = world.tokens().await?;
    tokens.retain(|token| giver.may_give(&token.scopes));
    tokens.sort_by(|a, b| (b.made_at, &b.id).cmp(&(a.made_at, &a.id)));
    Ok(tokens)
}

/// What was done to a token is seen wherever it holds.
fn traces(token: &Token, by: &By, what: Deed, now: Timestamp) -> impl Iterator<Item = Change> {
    token.scopes.iter().map(move |(reach, _)| {
        let store = match reach {
            Reach::Everywhere => None,
            Reach::Store(store) => Some(store),
        };
        let about = Some(Personal::new(token.id.as_str()));
        Change::Did(Box::new(Did::new(store, now, by, what, None, about)))
    })
}
