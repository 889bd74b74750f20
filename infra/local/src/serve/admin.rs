//! The token of who owns the data folder.

use std::io::ErrorKind;

use anyhow::{Context, Result};
use within24::adapters::dynamodb::Table;
use within24::app::access;
use within24::app::tokens::{Wanted, make};
use within24::domain::deed::By;
use within24::domain::token::{RANDOM_BYTES, Role, Scopes};
use within24::lambda::{clock, random};

use super::durable;
use super::folder::DataFolder;

/// A token that may do everything.
#[derive(Clone)]
pub struct AdminToken {
    /// The token itself.
    pub revealed: String,
    /// It was made just now.
    pub new: bool,
}

/// The token that the folder keeps; a new one where there is none, or where it opens nothing any more.
///
/// # Errors
/// Where this machine fails.
pub async fn token(data: &DataFolder, table: &Table) -> Result<AdminToken> {
    let path = data.admin_token();
    let kept = match std::fs::read_to_string(&path) {
        Ok(text) => text.trim().to_owned(),
        Err(error) if error.kind() == ErrorKind::NotFound => String::new(),
        Err(error) => return Err(error).with_context(|| path.display().to_string()),
    };
    let opened = access::opened(table, &kept, clock::now()).await?;
    if opened.is_some_and(|token| token.scopes.all_over() == Some(Role::Admin)) {
        return Ok(AdminToken {
            revealed: kept,
            new: false,
        });
    }
    let (wanted, all) = (Scopes::everywhere(Role::Admin), Scopes::everywhere(Role::Admin));
    let wanted = Wanted {
        name: "admin of this machine".into(),
        scopes: wanted,
        ends_at: None,
    };
    let by = By {
        token: None,
        name: "within24 serve".into(),
    };
    let mut bytes = [0; RANDOM_BYTES];
    random::fill(&mut bytes);
    let (_, bearer) = make(table, wanted, &all, &by, &bytes, clock::now()).await?;
    let revealed = bearer.reveal();
    durable::keep(&path, format!("{revealed}\n").as_bytes())?;
    Ok(AdminToken { revealed, new: true })
}
