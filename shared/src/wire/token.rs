//! Tokens. The secret goes over the wire once, to whom it is given.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::domain::token::{Role, Token};

/// A role, as a request names it.
#[derive(Clone, Copy, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum RoleIn {
    Agent,
    Lead,
    Admin,
}

impl From<RoleIn> for Role {
    fn from(role: RoleIn) -> Self {
        match role {
            RoleIn::Agent => Self::Agent,
            RoleIn::Lead => Self::Lead,
            RoleIn::Admin => Self::Admin,
        }
    }
}

impl From<Role> for RoleIn {
    fn from(role: Role) -> Self {
        match role {
            Role::Agent => Self::Agent,
            Role::Lead => Self::Lead,
            Role::Admin => Self::Admin,
        }
    }
}

/// A token to be made.
#[derive(Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct TokenIn {
    pub name: String,
    pub scopes: BTreeMap<String, RoleIn>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
}

/// A token without its secret.
#[derive(Clone, Deserialize, Serialize)]
pub struct TokenOut {
    pub id: String,
    pub name: String,
    pub scopes: BTreeMap<String, String>,
    pub created_at: Timestamp,
    pub created_by: String,
    pub expires_at: Option<Timestamp>,
    pub revoked_at: Option<Timestamp>,
    pub last_used_on: Option<Date>,
}

impl TokenOut {
    /// The token as it is shown.
    pub fn of(token: &Token) -> Self {
        let scopes = token.scopes.iter();
        Self {
            id: token.id.as_str().to_owned(),
            name: token.name.expose().to_owned(),
            scopes: scopes
                .map(|(reach, role)| (reach.as_str().to_owned(), role.as_str().to_owned()))
                .collect(),
            created_at: token.made_at,
            created_by: token.made_by.expose().to_owned(),
            expires_at: token.ends_at,
            revoked_at: token.revoked_at,
            last_used_on: token.used_on,
        }
    }
}

/// Tokens.
#[derive(Clone, Deserialize, Serialize)]
pub struct Tokens<T = TokenOut> {
    pub tokens: Vec<T>,
}

/// A token with its secret.
#[derive(Clone, Deserialize, Serialize)]
pub struct NewToken {
    pub token: String,
    #[serde(flatten)]
    pub kept: TokenOut,
}
