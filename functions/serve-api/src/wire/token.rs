//! Tokens. The secret goes over the line once, to whom it is given.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use within24::app::tokens::Wanted;
use within24::domain::token::{Reach, Role, Token};
use within24::lambda::api::Invalid;

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum RoleIn {
    Agent,
    Lead,
    Admin,
}

/// A token to be made.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TokenIn {
    name: String,
    scopes: BTreeMap<String, RoleIn>,
    expires_at: Option<Timestamp>,
}

impl TokenIn {
    pub(crate) fn read(self) -> Result<Wanted, Invalid> {
        let scope = |(reach, role): (String, RoleIn)| {
            let role = match role {
                RoleIn::Agent => Role::Agent,
                RoleIn::Lead => Role::Lead,
                RoleIn::Admin => Role::Admin,
            };
            let wrong = || Invalid {
                pointer: "/scopes".to_owned(),
                detail: "name stores by their ids, or * for all".to_owned(),
            };
            Ok((Reach::parse(&reach).ok_or_else(wrong)?, role))
        };
        let scopes = self.scopes.into_iter().map(scope).collect::<Result<_, Invalid>>()?;
        Ok(Wanted {
            name: self.name.into(),
            scopes,
            ends_at: self.expires_at,
        })
    }
}

/// A token without its secret.
#[derive(Serialize)]
pub(crate) struct TokenOut<'a> {
    id: &'a str,
    name: &'a str,
    scopes: BTreeMap<&'a str, &'static str>,
    created_at: Timestamp,
    created_by: &'a str,
    expires_at: Option<Timestamp>,
    revoked_at: Option<Timestamp>,
    last_used_on: Option<Date>,
}

impl<'a> TokenOut<'a> {
    pub(crate) fn of(token: &'a Token) -> Self {
        Self {
            id: token.id.as_str(),
            name: token.name.expose(),
            scopes: token
                .scopes
                .iter()
                .map(|(reach, role)| (reach.as_str(), role.as_str()))
                .collect(),
            created_at: token.made_at,
            created_by: token.made_by.expose(),
            expires_at: token.ends_at,
            revoked_at: token.revoked_at,
            last_used_on: token.used_on,
        }
    }
}

/// Tokens.
#[derive(Serialize)]
pub(crate) struct Tokens<'a> {
    pub(crate) tokens: Vec<TokenOut<'a>>,
}

/// A token with its secret.
#[derive(Serialize)]
pub(crate) struct NewToken<'a> {
    token: &'a str,
    #[serde(flatten)]
    kept: TokenOut<'a>,
}

impl<'a> NewToken<'a> {
    pub(crate) fn of(token: &'a Token, revealed: &'a str) -> Self {
        Self {
            token: revealed,
            kept: TokenOut::of(token),
        }
    }
}
