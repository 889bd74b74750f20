//! Endpoints of others, their secrets, and the calls to them.

use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem};
use jiff::{SignedDuration, Timestamp};

use super::row::{Row, unreadable};
use super::write::{built, expected};
use super::{Query, Table, keys, records};
use crate::domain::clock;
use crate::domain::endpoint::{
    Call, CallId, Ended, Endpoint, EndpointId, EndpointUrl, KEPT, Last, OVERLAP, Progress, SigningKeys, SigningSecret,
    Wanted, WhyDisabled,
};
use crate::domain::event::Event;
use crate::domain::key::Key;
use crate::domain::store::StoreId;
use crate::ports::{
    EndpointChange, FindCalls, FindDueCalls, FindEndpoints, FindEvent, ListCalls, Ported, ReadSigningKeys,
};

/// How long the row of an endpoint that is no more is kept: longer than any call to it waits.
const DELETED_KEPT: SignedDuration = SignedDuration::from_hours(24 * 7);

fn endpoint_row(endpoint: &Endpoint) -> Row {
    let row = Row::keyed(keys::endpoints(&endpoint.store), endpoint.id.as_str().to_owned())
        .number("version", endpoint.version + 1)
        .text("url", endpoint.url.expose())
        .list("wanted", endpoint.wanted.names().map(str::to_owned))
        .time("created", endpoint.created_at)
        .time_if("rotated", endpoint.rotated_at);
    match endpoint.disabled {
        None => row,
        Some((at, why)) => row.time("disabled", at).text("why", why.as_str()),
    }
}

fn endpoint(row: &Row, store: &StoreId) -> Ported<Endpoint> {
    let why = || row.find("why").and_then(WhyDisabled::parse);
    let disabled = row.find_time("disabled")?;
    Ok(Endpoint {
        id: EndpointId::parse(row.get("sk")?).ok_or_else(|| unreadable("sk"))?,
        store: store.clone(),
        url: EndpointUrl::parse(row.get("url")?).map_err(|_| unreadable("url"))?,
        wanted: Wanted::stored(row.texts("wanted").map(str::to_owned)),
        created_at: row.get_time("created")?,
        rotated_at: row.find_time("rotated")?,
        disabled: match disabled {
            None => None,
            Some(at) => Some((at, why().ok_or_else(|| unreadable("why"))?)),
        },
        version: row.get_number("version")?,
    })
}

fn signing_keys(row: &Row) -> Ported<SigningKeys> {
    let secret = |name| SigningSecret::parse(row.get(name)?).map_err(|_| unreadable(name));
    let previous = match row.find_time("until")? {
        None => None,
        Some(until) => Some((secret("previous")?, until)),
    };
    Ok(SigningKeys {
        current: secret("current")?,
        previous,
    })
}

fn call_row(call: &Call, at: Timestamp) -> Row {
    let id = &call.id;
    let expires = clock::shift(at, KEPT).as_second();
    let row = Row::keyed(keys::calls(&id.store, &id.endpoint), keys::call_place(id))
        .number("version", call.version + 1)
        .text("event", id.event.as_str())
        .time("event_at", id.event_at)
        .text("type", call.event_type.as_str())
        .number("attempts", call.attempts)
        .text_if("answer", call.last.as_ref().map(|last| last.answer.as_str()))
        .time_if("answered", call.last.as_ref().map(|last| last.at))
        .number("expires", expires);
    match call.progress {
        Progress::Delivered => row.text("state", "delivered"),
        Progress::Ended(why) => row.text("state", "ended").text("why", why.as_str()),
        Progress::Waiting { next_at, look_at } => row
            .text("state", "waiting")
            .time("next", next_at)
            .time("look", look_at)
            .text("due_pk", keys::CALLS)
            .text("due_sk", due_place(id, look_at)),
    }
}

fn due_place(id: &CallId, look_at: Timestamp) -> String {
    let CallId {
        store, endpoint, event, ..
    } = id;
    let look = keys::sortable(look_at);
    format!("{look}#{}#{}#{}", store.as_str(), endpoint.as_str(), event.as_str())
}

fn call(row: &Row) -> Ported<Call> {
    let (store, endpoint) = keys::parse_calls(row.get("pk")?).ok_or_else(|| unreadable("pk"))?;
    let progress = match row.get("state")? {
        "waiting" => Progress::Waiting {
            next_at: row.get_time("next")?,
            look_at: row.get_time("look")?,
        },
        "delivered" => Progress::Delivered,
        "ended" => Progress::Ended(
            row.find("why")
                .and_then(Ended::parse)
                .ok_or_else(|| unreadable("why"))?,
        ),
        _ => return Err(unreadable("state")),
    };
    let last = match row.find_time("answered")? {
        None => None,
        Some(at) => Some(Last {
            at,
            answer: row.get("answer")?.to_owned(),
        }),
    };
    Ok(Call {
        id: CallId {
            store,
            endpoint,
            event_at: row.get_time("event_at")?,
            event: Key::parse(row.get("event")?).ok_or_else(|| unreadable("event"))?,
        },
        event_type: row.get("type")?.to_owned(),
        attempts: u32::try_from(row.get_number("attempts")?).map_err(|_| unreadable("attempts"))?,
        progress,
        last,
        version: row.get_number("version")?,
    })
}

impl FindEvent for Table {
    async fn event(&self, store: &StoreId, key: &Key) -> Ported<Option<Event>> {
        let row = self.get(keys::event(store), key.as_str().to_owned(), true).await?;
        row.as_ref().map(records::event).transpose()
    }
}

impl FindEndpoints for Table {
    async fn endpoints(&self, store: &StoreId) -> Ported<Vec<Endpoint>> {
        let rows = self.query(Query::partition(keys::endpoints(store))).await?;
        let standing = rows.iter().filter(|row| !row.is("deleted"));
        let mut all = standing.map(|row| endpoint(row, store)).collect::<Ported<Vec<_>>>()?;
        all.sort_by(|a, b| (a.created_at, &a.id).cmp(&(b.created_at, &b.id)));
        Ok(all)
    }

    async fn endpoint(&self, store: &StoreId, id: &EndpointId) -> Ported<Option<Endpoint>> {
        let row = self.get(keys::endpoints(store), id.as_str().to_owned(), true).await?;
        let standing = row.filter(|row| !row.is("deleted"));
        standing.as_ref().map(|row| endpoint(row, store)).transpose()
    }
}

impl ReadSigningKeys for Table {
    async fn signing_keys(&self, store: &StoreId, id: &EndpointId) -> Ported<Option<SigningKeys>> {
        let row = self
            .get(keys::signing_keys(store), id.as_str().to_owned(), true)
            .await?;
        let standing = row.filter(|row| !row.is("deleted"));
        standing.as_ref().map(signing_keys).transpose()
    }
}

impl FindCalls for Table {
    async fn call(&self, id: &CallId) -> Ported<Option<Call>> {
        let pk = keys::calls(&id.store, &id.endpoint);
        let row = self.get(pk, keys::call_place(id), true).await?;
        row.as_ref().map(call).transpose()
    }
}

impl FindDueCalls for Table {
    async fn due_calls(&self, by: Timestamp, limit: usize) -> Ported<Vec<Call>> {
        let query = Query {
            index: Some(keys::DUE_INDEX),
            condition: "due_pk = :pk AND due_sk < :until",
            // After `#`, so that a call at this very moment is in.
            values: vec![
                (":pk", keys::CALLS.to_owned()),
                (":until", format!("{}$", keys::sortable(by))),
            ],
            limit: Some(limit),
            ..Query::partition(String::new())
        };
        let named = self.query(query).await?;
        let rows = self.get_all(named.iter().filter_map(Row::key).collect(), true).await?;
        let calls = rows.iter().map(call).collect::<Ported<Vec<_>>>()?;
        // The index may lag: what was changed meanwhile may have time.
        let due = |call: Call| match call.progress {
            Progress::Waiting { look_at, .. } if look_at <= by => Some((look_at, call)),
            _ => None,
        };
        let mut due: Vec<(Timestamp, Call)> = calls.into_iter().filter_map(due).collect();
        due.sort_by(|(a, one), (b, other)| (a, &one.id).cmp(&(b, &other.id)));
        Ok(due.into_iter().map(|(_, call)| call).collect())
    }
}

impl ListCalls for Table {
    async fn calls(
        &self,
        store: &StoreId,
        endpoint: &EndpointId,
        after: Option<&CallId>,
        limit: usize,
    ) -> Ported<Vec<Call>> {
        // All places begin with a year: they sort before `~`.
        let before = after.map_or_else(|| "~".to_owned(), keys::call_place);
        let query = Query {
            condition: "pk = :pk AND sk < :before",
            values: vec![(":pk", keys::calls(store, endpoint)), (":before", before)],
            newest_first: true,
            limit: Some(limit),
            ..Query::partition(String::new())
        };
        self.query(query).await?.iter().take(limit).map(call).collect()
    }
}

impl Table {
    pub(super) fn endpoint_change(&self, change: EndpointChange) -> Ported<TransactWriteItem> {
        match change {
            EndpointChange::Put(endpoint) => self.put_version(endpoint_row(&endpoint), endpoint.version),
            // No function may delete: the rows are left to expire, the secret is gone at once.
            EndpointChange::Delete(endpoint, at) => {
                let expires = clock::shift(at, DELETED_KEPT).as_second();
                let row = endpoint_row(&endpoint).flag("deleted", true).number("expires", expires);
                self.put_version(row, endpoint.version)
            }
            EndpointChange::FirstKey(store, id, secret) => {
                let row = Row::keyed(keys::signing_keys(&store), id.as_str().to_owned());
                self.put(row.text("current", secret.expose()), None, None)
            }
            EndpointChange::NextKey(store, id, secret, at) => self.next_key(&store, &id, &secret, at),
            EndpointChange::DeleteKeys(store, id, at) => {
                let expires = clock::shift(at, DELETED_KEPT).as_second();
                let row = Row::keyed(keys::signing_keys(&store), id.as_str().to_owned());
                self.put(row.flag("deleted", true).number("expires", expires), None, None)
            }
            EndpointChange::Call(call, at) => self.put_version(call_row(&call, at), call.version),
        }
    }

    /// The old secret is moved within the table: who rotates need not be able to read it.
    fn next_key(
        &self,
        store: &StoreId,
        id: &EndpointId,
        secret: &SigningSecret,
        at: Timestamp,
    ) -> Ported<TransactWriteItem> {
        let until = clock::shift(at, OVERLAP).to_string();
        let update = self
            .update(keys::signing_keys(store), id.as_str().to_owned())
            .update_expression("SET previous = #current, #until = :until, #current = :secret")
            .condition_expression("attribute_exists(#current)")
            .expression_attribute_names("#current", "current")
            .expression_attribute_names("#until", "until")
            .expression_attribute_values(":until", AttributeValue::S(until))
            .expression_attribute_values(":secret", AttributeValue::S(secret.expose()));
        built(update)
    }

    fn put_version(&self, row: Row, version: u64) -> Ported<TransactWriteItem> {
        self.put(row, Some(expected(version)), Some(version))
    }
}
