//! Writes: each change becomes one action of one transaction, with its condition.

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    AttributeValue, CancellationReason, Put, ReturnConsumedCapacity, TransactWriteItem, Update,
};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use super::super::sdk_error::by_code;
use super::row::{Row, unreadable};
use super::{SERVICE, Table, access, back_off, failed, keys, records};
use crate::domain::clock;
use crate::domain::key::Key;
use crate::domain::message::Fact;
use crate::domain::metrics;
use crate::domain::recent_mails;
use crate::domain::report::Report;
use crate::domain::store::StoreId;
use crate::ports::{Change, Commit, CommitError, PortError, Ported, Refusal, RegistryChange};

/// How often a write is tried that met another one at the same moment.
const CONFLICT_ATTEMPTS: u32 = 5;

/// How long a day's budget is kept.
const BUDGET_DAYS: i64 = 7;

/// How long a report is kept.
const REPORT_DAYS: i64 = 400;

/// How long a webhook is not believed again: longer than any helpdesk tries.
const BELIEVED_DAYS: i64 = 3;

pub(super) const ABSENT: &str = "attribute_not_exists(pk)";
/// The reason of an action that alone would have happened.
const NO_REASON: &str = "None";
/// The reason of an action that met another write of the same item.
const CONFLICT: &str = "TransactionConflict";

const PRESENT: &str = "attribute_exists(pk)";
const SAME_VERSION: &str = "version = :version";

impl Commit for Table {
    async fn commit(&self, changes: Vec<Change>) -> Result<(), CommitError> {
        let (mut actions, mut refusals) = (Vec::new(), Vec::new());
        for change in changes {
            let refusal = refusal(&change);
            if let Some(fact) = self.fact_that_stays(&change) {
                actions.push(fact?);
                refusals.push(refusal);
            }
            actions.push(self.action(change)?);
            refusals.push(refusal);
        }
        for attempt in 1.. {
            let call = self
                .client
                .transact_write_items()
                .set_transact_items(Some(actions.clone()));
            let call = call.return_consumed_capacity(ReturnConsumedCapacity::Total);
            let error = match call.send().await {
                Ok(done) => {
                    done.consumed_capacity().iter().for_each(|used| self.meter.write(used));
                    return Ok(());
                }
                Err(error) => error,
            };
            match why(&error, &refusals) {
                Why::Refused(refusal) => return Err(CommitError::Refused(refusal)),
                Why::Conflict if attempt < CONFLICT_ATTEMPTS => tokio::time::sleep(back_off(attempt)).await,
                Why::Conflict => return Err(by_code(SERVICE, CONFLICT).into()),
                Why::Failed(error) => return Err(error.into()),
            }
        }
        Err(unreadable("attempts").into())
    }
}

/// What a failed condition of this change means.
fn refusal(change: &Change) -> Refusal {
    match change {
        Change::Message(..)
        | Change::Seen { .. }
        | Change::Believed { .. }
        | Change::Outgoing(_)
        | Change::Registry(RegistryChange::Takes { .. } | RegistryChange::TokenMade(_)) => Refusal::Duplicate,
        Change::Spend { .. } => Refusal::Spent,
        Change::Event(_) => Refusal::Raised,
        _ => Refusal::Stale,
    }
}

enum Why {
    /// A condition did not hold.
    Refused(Refusal),
    /// Another write touched the same items at the same moment.
    Conflict,
    /// Anything else.
    Failed(PortError),
}

/// Why a transaction did not happen. Of a cancelled one the reasons stand in the order of its actions: what a failed condition
/// means goes by its place. A reason that no later attempt mends tells more than one that may pass.
fn why(error: &SdkError<TransactWriteItemsError, HttpResponse>, refusals: &[Refusal]) -> Why {
    let Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) = error.as_service_error() else {
        return Why::Failed(failed(error));
    };
    let codes: Vec<&str> = cancelled
        .cancellation_reasons()
        .iter()
        .map(|r: &CancellationReason| r.code().unwrap_or(NO_REASON))
        .collect();
    let refused = codes
        .iter()
        .zip(refusals)
        .filter(|(code, _)| **code == "ConditionalCheckFailed")
        .map(|(_, why)| *why);
    if let Some(refusal) = refused.min() {
        return Why::Refused(refusal);
    }
    let failures = codes.iter().filter(|code| ![NO_REASON, CONFLICT].contains(code));
    let failures = failures.map(|code| by_code(SERVICE, code));
    match failures.min_by_key(PortError::retry) {
        Some(failure) if !failure.retry() => Why::Failed(failure),
        _ if codes.contains(&CONFLICT) => Why::Conflict,
        Some(failure) => Why::Failed(failure),
        None => Why::Failed(failed(error)),
    }
}

impl Table {
    fn action(&self, change: Change) -> Ported<TransactWriteItem> {
        match change {
            Change::Thread(thread) => self.put(
                records::thread_row(&thread),
                Some(expected(thread.version)),
                Some(thread.version),
            ),
            Change::Buyer {
                store,
                buyer,
                version,
                asked_at,
            } => {
                let row = Row::keyed(keys::buyer(&store, &buyer), keys::BUYER_SK.to_owned())
                    .number("version", version + 1)
                    .time_if("asked", asked_at);
                self.put(row, Some(expected(version)), Some(version))
            }
            Change::Message(message, store, buyer) => {
                self.put(records::message_row(&message, &store, &buyer), Some(ABSENT), None)
            }
            Change::Mark {
                store,
                buyer,
                message,
                at: _,
                fact,
                failed,
            } => self.mark(keys::buyer(&store, &buyer), keys::message(&message), fact, failed),
            Change::OlderMails {
                store,
                buyer,
                thread,
                marks,
            } => {
                let marks = recent_mails::bytes(&marks);
                let row = Row::keyed(keys::buyer(&store, &buyer), keys::older_mails(&marks));
                self.put(row.text("thread", thread.as_str()).bytes("marks", &marks), None, None)
            }
            Change::Seen {
                store,
                mail,
                at,
                kind,
                raw,
                thread,
            } => {
                let row = Row::keyed(keys::seen(&store, &mail), "MAIL".to_owned())
                    .time("at", at)
                    .text("kind", kind.as_str())
                    .text("raw", raw)
                    .text_if("thread", thread.as_ref().map(crate::domain::thread::ThreadId::as_str));
                self.put(row, Some(ABSENT), None)
            }
            Change::CopyWaits(handle, copy) => self.copy_waits(&handle, &copy),
            Change::CopyFound(handle, copy) => self.copy_found(&handle, &copy),
            Change::Believed { claim, at } => self.believed(&claim, at),
            Change::Handle(handle, thread) => {
                let pk = keys::handle(&thread.store, &handle);
                let row = Row::keyed(pk.clone(), keys::handle_target(&thread.id, &thread.buyer))
                    .text("fact_pk", keys::handles(&thread.store, &thread.buyer))
                    .text("fact_sk", pk);
                self.put(row, None, None)
            }
            Change::Outgoing(item) => self.put(records::outgoing_row(&item), Some(ABSENT), None),
            Change::Move { item, from } => {
                let put = self
                    .putting(records::outgoing_row(&item))
                    .condition_expression("#state = :from");
                let put = put
                    .expression_attribute_names("#state", "state")
                    .expression_attribute_values(":from", AttributeValue::S(from.as_str().to_owned()));
                put.build()
                    .map(|put| TransactWriteItem::builder().put(put).build())
                    .map_err(|_| unreadable("put"))
            }
            Change::Refund { store, day } => {
                let update = self
                    .update(keys::store(&store), format!("BUDGET#{day}"))
                    .update_expression("ADD sent :back")
                    .expression_attribute_values(":back", AttributeValue::N("-1".to_owned()));
                built(update)
            }
            Change::Spend { store, day, limit } => self.spend(&store, day, limit),
            Change::Event(event) => {
                let condition = event.only_once().then_some(ABSENT);
                self.put(records::event_row(&event), condition, None)
            }
            Change::Told { store, event } => {
                let update = self.update(keys::event(&store), event.as_str().to_owned());
                built(update.update_expression("REMOVE due_pk, due_sk"))
            }
            Change::Rollup(store, change) => self.rollup(&store, change),
            Change::Erase(store, buyer, erasure) => self.erase(&store, &buyer, &erasure),
            Change::Registry(change) => self.registry(change),
            Change::Did(did) => self.put(access::deed_row(&did), None, None),
            Change::Endpoint(change) => self.endpoint_change(change),
            Change::Report(report) => self.report(&report, false),
            Change::Withdraw(report) => self.report(&report, true),
        }
    }

    /// A webhook that is not believed again for some days.
    fn believed(&self, claim: &Key, at: Timestamp) -> Ported<TransactWriteItem> {
        let expires = clock::shift(at, SignedDuration::from_hours(24 * BELIEVED_DAYS)).as_second();
        let row = Row::keyed(keys::believed(claim), "WEBHOOK".to_owned()).number("expires", expires);
        self.put(row, Some(ABSENT), None)
    }

    /// A report that stands, or one that came right: it stays for the record, and nobody sees it.
    fn report(&self, report: &Report, withdrawn: bool) -> Ported<TransactWriteItem> {
        let expires = clock::shift(report.at, SignedDuration::from_hours(24 * REPORT_DAYS)).as_second();
        let row = records::report_row(report).number("expires", expires);
        self.put(row.flag("withdrawn", withdrawn), None, None)
    }

    /// One more message of the day, while fewer than `limit` are sent.
    fn spend(&self, store: &StoreId, day: Date, limit: u64) -> Ported<TransactWriteItem> {
        let expires = clock::shift(metrics::midnight(day), SignedDuration::from_hours(24 * BUDGET_DAYS)).as_second();
        let update = self
            .update(keys::store(store), format!("BUDGET#{day}"))
            .update_expression("ADD sent :one SET expires = :expires")
            .condition_expression("attribute_not_exists(sent) OR sent < :limit")
            .expression_attribute_values(":one", AttributeValue::N("1".to_owned()))
            .expression_attribute_values(":expires", AttributeValue::N(expires.to_string()))
            .expression_attribute_values(":limit", AttributeValue::N(limit.to_string()));
        built(update)
    }

    /// The fact of a message, and whether an answer stands.
    fn mark(&self, pk: String, sk: String, fact: Option<Fact>, failed: bool) -> Ported<TransactWriteItem> {
        let mut update = self.update(pk, sk).condition_expression(PRESENT);
        let mut sets = Vec::new();
        let mut removes = "";
        if failed {
            sets.push("failed = :failed");
            update = update.expression_attribute_values(":failed", AttributeValue::Bool(true));
        }
        if let Some((name, at)) = fact.map(records::fact_parts) {
            sets.push("fact = :fact");
            update = update.expression_attribute_values(":fact", AttributeValue::S(name.to_owned()));
            match at {
                Some(at) => {
                    sets.push("fact_at = :at");
                    update = update.expression_attribute_values(":at", AttributeValue::S(at.to_string()));
                }
                None => removes = " REMOVE fact_at",
            }
        }
        built(update.update_expression(format!("SET {}{removes}", sets.join(", "))))
    }

    pub(super) fn putting(&self, row: Row) -> aws_sdk_dynamodb::types::builders::PutBuilder {
        Put::builder().table_name(&self.name).set_item(Some(row.0))
    }

    pub(super) fn put(&self, row: Row, condition: Option<&str>, version: Option<u64>) -> Ported<TransactWriteItem> {
        let mut put = self.putting(row).set_condition_expression(condition.map(str::to_owned));
        if let Some(version) = version.filter(|version| *version > 0) {
            put = put.expression_attribute_values(":version", AttributeValue::N(version.to_string()));
        }
        put.build()
            .map(|put| TransactWriteItem::builder().put(put).build())
            .map_err(|_| unreadable("put"))
    }

    pub(super) fn update(&self, pk: String, sk: String) -> aws_sdk_dynamodb::types::builders::UpdateBuilder {
        let update = Update::builder().table_name(&self.name);
        update
            .key(keys::PK, AttributeValue::S(pk))
            .key(keys::SK, AttributeValue::S(sk))
    }
}

/// The condition that nobody wrote since this version was read.
pub(super) fn expected(version: u64) -> &'static str {
    if version == 0 { ABSENT } else { SAME_VERSION }
}

pub(super) fn built(update: aws_sdk_dynamodb::types::builders::UpdateBuilder) -> Ported<TransactWriteItem> {
    let update = update.build().map_err(|_| PortError::Broken {
        service: "dynamodb",
        code: "construction".to_owned(),
    })?;
    Ok(TransactWriteItem::builder().update(update).build())
}
