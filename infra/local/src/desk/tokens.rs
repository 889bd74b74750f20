//! `within24 token`: who may do what. Through the API; the first one of a deployed stack straight into its table.

use std::collections::BTreeMap;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::{Args, Subcommand};
use comfy_table::ContentArrangement;
use comfy_table::presets::UTF8_HORIZONTAL_ONLY;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use within24::adapters::dynamodb::Table;
use within24::app::tokens::{self, Wanted};
use within24::domain::clock::shift;
use within24::domain::deed::By;
use within24::domain::token::{self as rights, RANDOM_BYTES, Role, Scopes, TokenId};
use within24::lambda::{clients, clock, env, random};
use within24::wire::token::{NewToken, RoleIn, TokenIn, TokenOut, Tokens};

use super::system::{Call, Reach, System};
use super::trouble::Usage;
use super::{now, print, print_json, width};
use crate::pretty::{minute, printable};

/// What to do with tokens.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make a token; it is shown once.
    Make(Make),
    /// List the tokens that yours may give and take, the latest first.
    List {
        #[command(flatten)]
        reach: Reach,
    },
    /// Revoke a token: it opens nothing any more.
    Revoke {
        #[command(flatten)]
        reach: Reach,
        /// Its id, as `token list` shows it.
        id: String,
    },
}

/// A token to be made.
#[derive(Args, Debug)]
pub struct Make {
    #[command(flatten)]
    reach: Reach,
    /// Who uses it: a person, or a system.
    #[arg(long)]
    name: String,
    /// What it may do, and where: a store or * for all, and agent, lead or admin; may be given several times.
    #[arg(long, value_name = "STORE=ROLE", required = true, value_parser = scope)]
    scope: Vec<(String, Role)>,
    /// When it ends: a time (RFC 3339), or days from now like 90d.
    #[arg(long, value_name = "TIME", value_parser = end)]
    expires: Option<End>,
    /// Write it straight into this DynamoDB table, with the AWS credentials of the environment: the first token of a deployed
    /// stack, which nobody could ask its API for.
    #[arg(long, value_name = "TABLE", conflicts_with_all = ["api", "data"])]
    table: Option<String>,
}

/// When a token ends.
#[derive(Clone, Copy, Debug, PartialEq)]
enum End {
    At(Timestamp),
    After(SignedDuration),
}

fn scope(text: &str) -> Result<(String, Role), String> {
    let wrong = || "write a store or *, =, and agent, lead or admin: de=agent, '*=admin'".to_owned();
    let (reach, role) = text.split_once('=').ok_or_else(wrong)?;
    let reach = rights::Reach::parse(reach.trim()).ok_or_else(wrong)?;
    Ok((reach.as_str().to_owned(), Role::parse(role.trim()).ok_or_else(wrong)?))
}

fn end(text: &str) -> Result<End, &'static str> {
    let days: Option<i64> = text.strip_suffix('d').and_then(|days| days.parse().ok());
    match days.filter(|days| (1..=36_500).contains(days)) {
        Some(days) => Ok(End::After(SignedDuration::from_hours(24 * days))),
        None => text
            .parse()
            .map(End::At)
            .map_err(|_| "write a time like 2027-01-01T00:00:00Z, or days like 90d"),
    }
}

impl Make {
    fn scopes(&self) -> Result<BTreeMap<&str, Role>> {
        let mut scopes = BTreeMap::new();
        for (reach, role) in &self.scope {
            if scopes.insert(reach.as_str(), *role).is_some() {
                return Err(Usage(format!("{reach} is named twice: one role holds there")).into());
            }
        }
        Ok(scopes)
    }

    fn ends_at(&self, now: Timestamp) -> Option<Timestamp> {
        self.expires.map(|end| match end {
            End::At(at) => at,
            End::After(after) => shift(now, after),
        })
    }
}

pub(super) fn run(command: &Command) -> Result<ExitCode> {
    match command {
        Command::Make(wanted) => make(wanted),
        Command::List { reach } => list(reach),
        Command::Revoke { reach, id } => revoke(reach, id),
    }
}

fn make(wanted: &Make) -> Result<ExitCode> {
    let (made, whole) = if let Some(table) = &wanted.table {
        let made = into_table(wanted, table)?;
        let whole = serde_json::to_value(&made)?;
        (made, whole)
    } else {
        let scopes = wanted.scopes()?.into_iter();
        let body = TokenIn {
            name: wanted.name.clone(),
            scopes: scopes
                .map(|(reach, role)| (reach.to_owned(), RoleIn::from(role)))
                .collect(),
            expires_at: wanted.ends_at(now()),
        };
        let system = System::reach(&wanted.reach)?;
        system.read(&Call::post("/v1/tokens").with(&body)?)?
    };
    if wanted.reach.json {
        print_json(&whole)?;
        return Ok(ExitCode::SUCCESS);
    }
    let NewToken { token, kept } = made;
    let end = kept
        .expires_at
        .map_or_else(|| "without an end".to_owned(), |at| format!("until {}", minute(at)));
    print(&format!(
        "Token {} for {} ({}), {end}. It is shown only now:\n\n  {token}\n\n",
        kept.id,
        printable(&kept.name),
        held(&kept)
    ))?;
    Ok(ExitCode::SUCCESS)
}

/// The first token of a stack: who may write its table may do everything anyway.
fn into_table(wanted: &Make, table: &str) -> Result<NewToken> {
    if env::process("AWS_ACCESS_KEY_ID").is_none() {
        let words = "there are no AWS credentials in the environment: eval \"$(aws configure export-credentials --format env)\"";
        return Err(Usage(words.to_owned()).into());
    }
    if env::process("AWS_REGION")
        .or_else(|| env::process("AWS_DEFAULT_REGION"))
        .is_none()
    {
        return Err(Usage("say in which region the table is: export AWS_REGION=eu-west-1".to_owned()).into());
    }
    let scopes = wanted.scopes()?;
    let scopes = scopes
        .iter()
        .filter_map(|(reach, role)| Some((rights::Reach::parse(reach)?, *role)));
    let now = clock::now();
    let wish = Wanted {
        name: wanted.name.as_str().into(),
        scopes: scopes.collect(),
        ends_at: wanted.ends_at(now),
    };
    let by = By {
        token: None,
        name: "command line".into(),
    };
    let mut bytes = [0; RANDOM_BYTES];
    random::fill(&mut bytes);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (made, bearer) = runtime
        .block_on(async {
            let aws = clients::config().await;
            let table = Table::new(aws_sdk_dynamodb::Client::new(&aws), table);
            tokens::make(&table, wish, &Scopes::everywhere(Role::Admin), &by, &bytes, now).await
        })
        .with_context(|| format!("the table {table} did not take it"))?;
    Ok(NewToken {
        token: bearer.reveal(),
        kept: TokenOut::of(&made),
    })
}

fn list(reach: &Reach) -> Result<ExitCode> {
    let (all, _): (Tokens<Value>, _) = System::reach(reach)?.read(&Call::get("/v1/tokens"))?;
    let tokens = System::entries(all.tokens)?;
    if reach.json {
        tokens.iter().try_for_each(|(_, as_it_came)| print_json(as_it_came))?;
    } else {
        let tokens: Vec<TokenOut> = tokens.into_iter().map(|(token, _)| token).collect();
        print(&table(&tokens, now(), width()))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Where it holds.
fn held(token: &TokenOut) -> String {
    let scopes = token.scopes.iter().map(|(reach, role)| format!("{reach}={role}"));
    scopes.collect::<Vec<_>>().join(", ")
}

fn table(tokens: &[TokenOut], now: Timestamp, width: u16) -> String {
    let mut rows = comfy_table::Table::new();
    rows.load_style(UTF8_HORIZONTAL_ONLY)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(width)
        .set_header(["id", "name", "may", "made", "last used", "stands"]);
    for token in tokens {
        let stands = match (token.revoked_at, token.expires_at) {
            (Some(at), _) => format!("revoked {}", minute(at)),
            (None, Some(at)) if at <= now => format!("ended {}", minute(at)),
            (None, Some(at)) => format!("until {}", minute(at)),
            (None, None) => "yes".to_owned(),
        };
        rows.add_row([
            token.id.clone(),
            printable(&token.name),
            held(token),
            format!("{}, by {}", minute(token.created_at), printable(&token.created_by)),
            token
                .last_used_on
                .map_or_else(|| "never".to_owned(), |day| day.to_string()),
            stands,
        ]);
    }
    format!("{rows}\n")
}

fn revoke(reach: &Reach, id: &str) -> Result<ExitCode> {
    let wrong = || Usage("a token's id has 16 letters and digits, as `within24 token list` shows it".to_owned());
    let id = TokenId::parse(id.trim()).ok_or_else(wrong)?;
    System::reach(reach)?.call(&Call::delete(format!("/v1/tokens/{}", id.as_str())))?;
    if reach.json {
        print_json(&json!({"revoked": id.as_str()}))?;
    } else {
        print(&format!("Token {} opens nothing any more.\n", id.as_str()))?;
    }
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_and_ends_are_read_or_it_is_said_what_to_write() {
        assert_eq!(scope("de=agent").unwrap(), ("de".to_owned(), Role::Agent));
        assert_eq!(scope("*=admin").unwrap(), ("*".to_owned(), Role::Admin));
        for wrong in ["de", "de=boss", "d e=agent", "=agent"] {
            assert!(scope(wrong).unwrap_err().contains("de=agent"), "{wrong}");
        }
        assert_eq!(end("90d").unwrap(), End::After(SignedDuration::from_hours(90 * 24)));
        assert_eq!(
            end("2027-01-01T00:00:00Z").unwrap(),
            End::At("2027-01-01T00:00:00Z".parse().unwrap())
        );
        for wrong in ["", "0d", "-1d", "soon", "d"] {
            assert!(end(wrong).unwrap_err().contains("90d"), "{wrong}");
        }
    }

    #[test]
    fn the_list_says_which_tokens_stand() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let token = |name: &str, ends: Option<&str>, revoked: Option<&str>| TokenOut {
            id: "2p8cjq2tqgp0n5th".to_owned(),
            name: name.to_owned(),
            scopes: BTreeMap::from([("de".to_owned(), "agent".to_owned())]),
            created_at: at("2026-03-01T09:00:00Z"),
            created_by: "Mara".to_owned(),
            expires_at: ends.map(at),
            revoked_at: revoked.map(at),
            last_used_on: None,
        };
        let tokens = [
            token("a", None, None),
            token("b", Some("2026-03-02T09:00:00Z"), None),
            token("c", Some("2026-03-09T09:00:00Z"), None),
            token("d", None, Some("2026-03-01T10:00:00Z")),
        ];
        let table = table(&tokens, at("2026-03-05T09:00:00Z"), 160);
        for stands in ["yes", "ended Mon 02 Mar", "until Mon 09 Mar", "revoked Sun 01 Mar"] {
            assert_eq!(table.matches(stands).count(), 1, "{table}");
        }
        assert!(table.contains("de=agent") && table.contains("never"), "{table}");
    }
}
