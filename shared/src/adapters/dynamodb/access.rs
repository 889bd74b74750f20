//! Stores and tokens as people change them, and the trace of what people did: their rows, reads and writes.

use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem};
use jiff::SignedDuration;

use super::row::{Row, unreadable};
use super::write::{ABSENT, built};
use super::{Query, Table, keys, records};
use crate::domain::clock;
use crate::domain::deed::{By, Deed, Did};
use crate::domain::key::Key;
use crate::domain::personal::Personal;
use crate::domain::store::StoreId;
use crate::domain::thread::ThreadId;
use crate::domain::token::{Reach, Role, Scopes, SecretHash, Token, TokenId};
use crate::ports::{FindTokens, Place, Ported, ReadDeeds, RegistryChange};

/// How long the trace of a deed is kept, and a token that opens nothing any more: as long as raw mail and reports, to which
/// deeds belong. Names of people are not kept for ever.
const KEPT: SignedDuration = SignedDuration::from_hours(24 * 400);

fn token_row(token: &Token) -> Row {
    let scopes = token.scopes.iter();
    let row = Row::keyed(keys::TOKENS.to_owned(), token.id.as_str().to_owned())
        .text("name", token.name.expose())
        .list(
            "scopes",
            scopes.map(|(reach, role)| format!("{}={}", reach.as_str(), role.as_str())),
        )
        .bytes("hash", token.hash.bytes())
        .time("made", token.made_at)
        .text("made_by", token.made_by.expose())
        .time_if("ends", token.ends_at)
        .time_if("revoked", token.revoked_at)
        .text_if("used", token.used_on.map(|day| day.to_string()));
    match token.revoked_at.or(token.ends_at) {
        Some(end) => row.number("expires", clock::shift(end, KEPT).as_second()),
        None => row,
    }
}

fn token(row: &Row) -> Ported<Token> {
    let scope = |text: &str| {
        let (reach, role) = text.split_once('=')?;
        Some((Reach::parse(reach)?, Role::parse(role)?))
    };
    let scopes = row
        .texts("scopes")
        .map(|text| scope(text).ok_or_else(|| unreadable("scopes")));
    Ok(Token {
        id: TokenId::parse(row.get("sk")?).ok_or_else(|| unreadable("sk"))?,
        name: row.get("name")?.into(),
        scopes: scopes.collect::<Ported<Scopes>>()?,
        hash: row
            .find_bytes("hash")
            .and_then(SecretHash::kept)
            .ok_or_else(|| unreadable("hash"))?,
        made_at: row.get_time("made")?,
        made_by: row.get("made_by")?.into(),
        ends_at: row.find_time("ends")?,
        revoked_at: row.find_time("revoked")?,
        used_on: row.find("used").and_then(|day| day.parse().ok()),
    })
}

impl FindTokens for Table {
    async fn token(&self, id: &TokenId) -> Ported<Option<Token>> {
        let row = self.get(keys::TOKENS.to_owned(), id.as_str().to_owned(), false).await?;
        row.as_ref().map(token).transpose()
    }

    async fn tokens(&self) -> Ported<Vec<Token>> {
        let rows = self.query(Query::partition(keys::TOKENS.to_owned())).await?;
        rows.iter().map(token).collect()
    }
}

pub(super) fn deed_row(did: &Did) -> Row {
    let sk = keys::timed(did.at, &did.key);
    Row::keyed(keys::deeds(did.store.as_ref()), sk)
        .time("at", did.at)
        .text("what", did.what.as_str())
        .text("by", did.by.name.expose())
        .text_if("token", did.by.token.as_ref().map(TokenId::as_str))
        .text_if("thread", did.thread.as_ref().map(ThreadId::as_str))
        .text_if("about", did.about.as_ref().map(Personal::expose))
        .number("expires", clock::shift(did.at, KEPT).as_second())
}

fn deed(row: &Row, store: Option<&StoreId>) -> Ported<Did> {
    let key = row.get("sk")?.rsplit('#').next().and_then(Key::parse);
    Ok(Did {
        store: store.cloned(),
        at: row.get_time("at")?,
        key: key.ok_or_else(|| unreadable("sk"))?,
        by: By {
            token: row.find("token").and_then(TokenId::parse),
            name: row.get("by")?.into(),
        },
        what: Deed::parse(row.get("what")?).ok_or_else(|| unreadable("what"))?,
        thread: row.find("thread").and_then(ThreadId::parse),
        about: row.find("about").map(Personal::from),
    })
}

impl ReadDeeds for Table {
    async fn deeds(&self, store: Option<&StoreId>, before: Option<&Place>, limit: usize) -> Ported<Vec<Did>> {
        let rows = self.query(Query::latest(keys::deeds(store), before, limit)).await?;
        rows.iter().map(|row| deed(row, store)).collect()
    }
}

impl Table {
    /// A change of stores or tokens as an action.
    pub(super) fn registry(&self, change: RegistryChange) -> Ported<TransactWriteItem> {
        match change {
            RegistryChange::Store { store, recipient } => {
                let row = records::store_row(&store);
                match recipient {
                    None => self.put(row, Some(ABSENT), None),
                    Some(before) => {
                        let values = [(":before", before)];
                        self.put_if(row, "recipient = :before", values)
                    }
                }
            }
            RegistryChange::Listed(store) => {
                let row = Row::keyed(keys::STORES.to_owned(), store.as_str().to_owned());
                self.put(row, None, None)
            }
            RegistryChange::Takes { store, recipient } => {
                let row = Row::keyed(keys::recipient(&recipient), "RECIPIENT".to_owned()).text("store", store.as_str());
                let values = [(":store", store.as_str().to_owned())];
                self.put_if(row, "attribute_not_exists(#store) OR #store = :store", values)
            }
            // No function may delete: the row names no store any more and is left to expire.
            RegistryChange::Leaves { store, recipient, at } => {
                let update = self
                    .update(keys::recipient(&recipient), "RECIPIENT".to_owned())
                    .update_expression("SET expires = :at REMOVE #store")
                    .condition_expression("#store = :store")
                    .expression_attribute_names("#store", "store")
                    .expression_attribute_values(":store", AttributeValue::S(store.as_str().to_owned()))
                    .expression_attribute_values(":at", AttributeValue::N(at.as_second().to_string()));
                built(update)
            }
            RegistryChange::TokenMade(token) => self.put(token_row(&token), Some(ABSENT), None),
            RegistryChange::TokenRevoked { id, at } => {
                let expires = clock::shift(at, KEPT).as_second();
                let update = self
                    .update(keys::TOKENS.to_owned(), id.as_str().to_owned())
                    .update_expression("SET revoked = :at, expires = :expires")
                    .condition_expression("attribute_exists(pk) AND attribute_not_exists(revoked)")
                    .expression_attribute_values(":at", AttributeValue::S(at.to_string()))
                    .expression_attribute_values(":expires", AttributeValue::N(expires.to_string()));
                built(update)
            }
            RegistryChange::TokenUsed { id, day } => {
                let update = self
                    .update(keys::TOKENS.to_owned(), id.as_str().to_owned())
                    .update_expression("SET used = :day")
                    .condition_expression("attribute_exists(pk) AND (attribute_not_exists(used) OR used < :day)")
                    .expression_attribute_values(":day", AttributeValue::S(day.to_string()));
                built(update)
            }
        }
    }

    /// A row that is put under a condition on texts. `store` is a word of DynamoDB's own: conditions call it `#store`.
    fn put_if<const N: usize>(
        &self,
        row: Row,
        condition: &str,
        values: [(&str, String); N],
    ) -> Ported<TransactWriteItem> {
        let mut put = self.putting(row).condition_expression(condition);
        if condition.contains("#store") {
            put = put.expression_attribute_names("#store", "store");
        }
        for (name, value) in values {
            put = put.expression_attribute_values(name, AttributeValue::S(value));
        }
        let put = put.build().map_err(|_| unreadable("put"))?;
        Ok(TransactWriteItem::builder().put(put).build())
    }
}
