//! Tokens: made, listed, revoked.

use axum::http::StatusCode;
use axum::response::Response;
use within24::app::tokens::{TokenError, Wanted, known, make, revoke};
use within24::domain::token::{RANDOM_BYTES, Reach, TokenId};
use within24::lambda::api::{Call, Problem, created, json, no_content};
use within24::wire::problem::Invalid;
use within24::wire::token::{NewToken, TokenIn, TokenOut, Tokens};

use crate::World;

pub(crate) async fn list<W: World>(call: Call<W>) -> Result<Response, Problem> {
    let tokens = known(&*call.world, call.scopes()).await?;
    let tokens = Tokens {
        tokens: tokens.iter().map(TokenOut::of).collect(),
    };
    json(StatusCode::OK, &tokens)
}

pub(crate) async fn make_one<W: World>(call: Call<W>) -> Result<Response, Problem> {
    let wanted = read(call.object()?).map_err(|wrong| Problem::invalid(&[wrong]))?;
    let mut random = [0; RANDOM_BYTES];
    (call.random)(&mut random);
    let made = make(&*call.world, wanted, call.scopes(), &call.by(), &random, call.now).await;
    let (token, bearer) = made.map_err(problem)?;
    let place = format!("/v1/tokens/{}", token.id.as_str());
    let shown = NewToken {
        token: bearer.reveal(),
        kept: TokenOut::of(&token),
    };
    created(&place, &shown)
}

/// The token that is wanted, or what cannot be used of it.
fn read(given: TokenIn) -> Result<Wanted, Invalid> {
    let wrong = || Invalid {
        pointer: "/scopes".to_owned(),
        detail: "name stores by their ids, or * for all".to_owned(),
    };
    let mut scopes = Vec::new();
    for (reach, role) in given.scopes {
        scopes.push((Reach::parse(&reach).ok_or_else(wrong)?, role.into()));
    }
    Ok(Wanted {
        name: given.name.into(),
        scopes: scopes.into_iter().collect(),
        ends_at: given.expires_at,
    })
}

fn no_such_token() -> Problem {
    Problem::not_found("no such token among those that you may give and take")
}

pub(crate) async fn revoke_one<W: World>(call: Call<W>) -> Result<Response, Problem> {
    let id = TokenId::parse(call.path("token")).ok_or_else(no_such_token)?;
    let revoked = revoke(&*call.world, &id, call.scopes(), &call.by(), call.now).await;
    revoked.map_err(problem)?;
    Ok(no_content())
}

fn problem(error: TokenError) -> Problem {
    let field = |pointer: &str| Problem::invalid_at(pointer, error.to_string());
    match error {
        TokenError::Name => field("/name"),
        TokenError::Scopes | TokenError::NoStore(_) => field("/scopes"),
        TokenError::Ended => field("/expires_at"),
        TokenError::NotYours => Problem::forbidden(error.to_string()),
        TokenError::NoToken => no_such_token(),
        TokenError::Port(error) => error.into(),
    }
}
