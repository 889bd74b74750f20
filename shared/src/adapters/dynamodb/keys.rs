//! Every key of the table, in one place.
//!
//! | item | pk | sk |
//! |---|---|---|
//! | buyer's own record | `BUYER#<store>#<buyer>` | `THREAD#~` (sorts after his threads: read first, in one query with them) |
//! | thread | `BUYER#<store>#<buyer>` | `THREAD#<id>` |
//! | message, and fact of the metric | `BUYER#<store>#<buyer>` | `MSG#<key>` |
//! | older mails of a thread, eight marks of Message-IDs | `BUYER#<store>#<buyer>` | `MIDS#<first mark>` |
//! | outbox | `BUYER#<store>#<buyer>` | `OUT#<key>` |
//! | mail that belongs to no buyer | `MAIL#<store>#<key>` | `MAIL` |
//! | webhook that is believed | `WEBHOOK#<key>` | `WEBHOOK` |
//! | copy that waits for its question | `COPY#<store>#<kind>#<value>` | `<key>` |
//! | handle: thread by id, case, order, name, sent mail, ticket | `FIND#<store>#<kind>#<value>` | `<thread>#<buyer>` |
//! | fact of the metric whose buyer was erased | `ERASED#<store>` | `<key>` |
//! | budget of a day | `STORE#<store>` | `BUDGET#<day>` |
//! | settings of a store | `STORE#<store>` | `STORE` |
//! | store by recipient | `RECIPIENT#<address>` | `RECIPIENT` |
//! | token | `TOKENS` | `<id>` |
//! | what somebody did | `DEED#<store or *>` | `<time>#<key>` |
//! | report | `REPORT#<store>` | `<time>#<key>` |
//! | event | `EVENT#<store>` | `<key>` |
//! | list of stores | `STORES` | `<store>` |
//! | endpoint of others | `ENDPOINT#<store>` | `<id>` |
//! | its secrets: read by none but who signs | `SECRET#<store>` | `<id>` |
//! | call to an endpoint | `CALL#<store>#<endpoint>` | `<event's time>#<event>` |
//! | how far a store's rollups have come | `METRICS#<store>` | `ROLLED` |
//! | day before yesterday whose facts changed | `METRICS#<store>` | `CHANGED#<day>` |
//! | rollup of a day | `METRICS#<store>#<marketplace or all>` | `DAY#<day>` |
//! | windows as last rolled up | `METRICS#<store>#<marketplace or all>` | `WINDOWS` |
//!
//! All that is kept of one buyer is one partition: his threads are read in one strongly consistent query, a new thread is
//! guarded against a twin by one version, and all that is kept of him is erased with one partition and his handles, which name
//! him in their sort keys: the `facts` index finds them at `HANDLES#<store>#<buyer>`.
//!
//! Three sparse indexes. `due` (`due_pk`, `due_sk`) holds waiting threads at `DUE#<shard>` by their next alert, then by their
//! deadline; held mail at `HELD` by day; events that nobody was told of yet at `EVENT` by time; calls to endpoints at `CALL` by the
//! time at which somebody has to look after them. `facts` (`fact_pk`,
//! `fact_sk`) holds what the metric counts, by store and day, and lists the threads of a store at `LIST#<store>` by their
//! opening. `waiting` (`wait_pk`, `wait_sk`) lists those that wait at `WAIT#<store>` by their deadline. Both lists carry what
//! [`Listed`](crate::domain::listing::Listed) shows, which a further message of a waiting thread leaves as it is.

use jiff::Timestamp;
use jiff::civil::Date;

use crate::domain::alias::Buyer;
use crate::domain::endpoint::{CallId, EndpointId};
use crate::domain::key::Key;
use crate::domain::marketplace::Marketplace;
use crate::domain::outgoing::Outgoing;
use crate::domain::store::StoreId;
use crate::domain::thread::ThreadId;
use crate::ports::Handle;

/// Partition key.
pub(super) const PK: &str = "pk";
/// Sort key.
pub(super) const SK: &str = "sk";
/// The index of what is due.
pub const DUE_INDEX: &str = "due";
/// The index of what the metric counts.
pub const FACTS_INDEX: &str = "facts";
/// The index of the threads that wait.
pub const WAITING_INDEX: &str = "waiting";
/// Partitions of the due index: a sweep asks each.
pub const DUE_SHARDS: u8 = 4;
/// Where alerts are all raised, the thread still stands in the due index: at the end of time.
pub(super) const NEVER: &str = "9999";
/// Sort key of a buyer's own record.
pub(super) const BUYER_SK: &str = "THREAD#~";

pub(super) const THREADS: &str = "THREAD#";
pub(super) const MESSAGES: &str = "MSG#";
pub(super) const OUTBOX: &str = "OUT#";
pub(super) const OLDER_MAILS: &str = "MIDS#";
pub(super) const DAYS: &str = "DAY#";
pub(super) const CHANGED: &str = "CHANGED#";
/// Sort key of what a store's rollups have come to.
pub(super) const ROLLED: &str = "ROLLED";
/// Sort key of the windows.
pub(super) const WINDOWS: &str = "WINDOWS";
/// The one partition of the tokens: few, and listed as a whole.
pub(super) const TOKENS: &str = "TOKENS";
/// The one partition of the list of stores.
pub(super) const STORES: &str = "STORES";

pub(super) fn buyer(store: &StoreId, buyer: &Buyer) -> String {
    format!("BUYER#{}#{}", store.as_str(), buyer.expose())
}

/// Store and buyer out of a partition key.
pub(super) fn parse_buyer(pk: &str) -> Option<(StoreId, Buyer)> {
    let (store, buyer) = pk.strip_prefix("BUYER#")?.split_once('#')?;
    Some((StoreId::parse(store)?, Buyer::parse(buyer)?))
}

/// The item of the outbox that these keys name, if they name one.
pub fn parse_outgoing(pk: &str, sk: &str) -> Option<(StoreId, Buyer, Key)> {
    let (store, buyer) = parse_buyer(pk)?;
    Some((store, buyer, Key::parse(sk.strip_prefix(OUTBOX)?)?))
}

/// The keys of this item of the outbox: what [`parse_outgoing`] reads.
pub fn of_outgoing(item: &Outgoing) -> (String, String) {
    (buyer(&item.store, &item.buyer), outgoing(&item.key))
}

pub(super) fn thread(id: &ThreadId) -> String {
    format!("{THREADS}{}", id.as_str())
}

pub(super) fn message(key: &Key) -> String {
    format!("{MESSAGES}{}", key.as_str())
}

/// Where marks stand that a thread handed over: named by the first of them.
pub(super) fn older_mails(marks: &[u8]) -> String {
    format!("{OLDER_MAILS}{}", hex::encode(marks.get(..8).unwrap_or(marks)))
}

/// Whether this sort key is that of a message: what the metrics count.
pub fn is_fact(sk: &str) -> bool {
    sk.starts_with(MESSAGES)
}

pub(super) fn outgoing(key: &Key) -> String {
    format!("{OUTBOX}{}", key.as_str())
}

pub(super) fn seen(store: &StoreId, mail: &Key) -> String {
    format!("MAIL#{}#{}", store.as_str(), mail.as_str())
}

/// What a copy waits for: as [`handle`], in partitions of its own.
pub(super) fn copy(store: &StoreId, question: &Handle) -> String {
    handle(store, question).replacen("FIND#", "COPY#", 1)
}

pub(super) fn believed(claim: &Key) -> String {
    format!("WEBHOOK#{}", claim.as_str())
}

pub(super) fn handle(store: &StoreId, handle: &Handle) -> String {
    let (kind, value) = match handle {
        Handle::Thread(id) => ("thread", id.as_str().to_owned()),
        Handle::Case(case) => ("case", case.as_str().to_owned()),
        Handle::Order(order) => ("order", order.as_str().to_owned()),
        Handle::Name(name) => ("name", Key::of(&[name]).as_str().to_owned()),
        Handle::Sent(id) => ("sent", Key::of(&[id.expose()]).as_str().to_owned()),
        Handle::Ticket(ticket) => ("ticket", Key::of(&[ticket]).as_str().to_owned()),
    };
    format!("FIND#{}#{kind}#{value}", store.as_str())
}

pub(super) fn handle_target(thread: &ThreadId, buyer: &Buyer) -> String {
    format!("{}#{}", thread.as_str(), buyer.expose())
}

pub(super) fn parse_handle_target(sk: &str) -> Option<(ThreadId, Buyer)> {
    let (thread, buyer) = sk.split_once('#')?;
    Some((ThreadId::parse(thread)?, Buyer::parse(buyer)?))
}

/// Where the facts index names the handles of a buyer: what erasing him has to find.
pub(super) fn handles(store: &StoreId, buyer: &Buyer) -> String {
    format!("HANDLES#{}#{}", store.as_str(), buyer.expose())
}

/// Where a fact stands whose buyer was erased.
pub(super) fn erased(store: &StoreId) -> String {
    format!("ERASED#{}", store.as_str())
}

pub(super) fn store(store: &StoreId) -> String {
    format!("STORE#{}", store.as_str())
}

pub(super) fn recipient(address: &str) -> String {
    format!("RECIPIENT#{address}")
}

pub(super) fn report(store: &StoreId) -> String {
    format!("REPORT#{}", store.as_str())
}

/// What was done in a store, or in all of them. No store is called `*`.
pub(super) fn deeds(store: Option<&StoreId>) -> String {
    format!("DEED#{}", store.map_or("*", StoreId::as_str))
}

/// A place in a partition that is sorted by time.
pub(super) fn timed(at: Timestamp, key: &Key) -> String {
    format!("{}#{}", sortable(at), key.as_str())
}

pub(super) fn facts(store: &StoreId, day: Date) -> String {
    format!("FACT#{}#{day}", store.as_str())
}

/// Marketplace first: the facts of one stand together.
pub(super) fn fact(marketplace: Marketplace, at: Timestamp, message: &Key) -> String {
    format!("{}#{}#{}", marketplace.code(), sortable(at), message.as_str())
}

/// Marketplace and time out of the sort key of a fact.
pub(super) fn parse_fact(sk: &str) -> Option<(Marketplace, Timestamp)> {
    let mut parts = sk.split('#');
    Some((Marketplace::parse(parts.next()?)?, parts.next()?.parse().ok()?))
}

pub(super) fn rollup_state(store: &StoreId) -> String {
    format!("METRICS#{}", store.as_str())
}

/// Rollups and windows of a marketplace, or of the whole store.
pub(super) fn rollups(store: &StoreId, marketplace: Option<Marketplace>) -> String {
    format!(
        "METRICS#{}#{}",
        store.as_str(),
        marketplace.map_or("all", Marketplace::code)
    )
}

pub(super) fn rolled_up_day(day: Date) -> String {
    format!("{DAYS}{day}")
}

pub(super) fn changed_day(day: Date) -> String {
    format!("{CHANGED}{day}")
}

/// Where the facts index lists the threads of a store. Their place never changes, so a thread that does costs nothing there.
pub(super) fn listed(store: &StoreId) -> String {
    format!("LIST#{}", store.as_str())
}

pub(super) fn listed_place(thread: &ThreadId) -> String {
    thread.as_str().to_owned()
}

/// Where the waiting index lists the threads of a store that wait, by their deadline.
pub(super) fn waiting(store: &StoreId) -> String {
    format!("WAIT#{}", store.as_str())
}

pub(super) fn waiting_place(due: Timestamp, thread: &ThreadId) -> String {
    format!("{}#{}", sortable(due), thread.as_str())
}

/// The shard of the due index a thread belongs to.
pub(super) fn due(thread: &ThreadId) -> String {
    let last = thread.as_str().bytes().last().unwrap_or(0);
    due_shard(last % DUE_SHARDS)
}

/// Where the due index holds mail that waits for another day's budget.
pub(super) const HELD: &str = "HELD";

/// Where the due index holds events that nobody was told of yet.
pub(super) const UNTOLD: &str = "EVENT";

pub(super) fn due_shard(shard: u8) -> String {
    format!("DUE#{shard}")
}

/// A thread's place in its shard of the due index.
pub(super) fn due_place(alert_at: Option<Timestamp>, due_at: Timestamp, thread: &ThreadId) -> String {
    let alert = alert_at.map_or_else(|| NEVER.to_owned(), sortable);
    format!("{alert}#{}#{}", sortable(due_at), thread.as_str())
}

/// Time of the next alert and deadline out of such a place.
pub(super) fn parse_due_place(sk: &str) -> Option<(Timestamp, Timestamp)> {
    let mut parts = sk.split('#');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

pub(super) fn event(store: &StoreId) -> String {
    format!("EVENT#{}", store.as_str())
}

pub(super) fn endpoints(store: &StoreId) -> String {
    format!("ENDPOINT#{}", store.as_str())
}

pub(super) fn signing_keys(store: &StoreId) -> String {
    format!("SECRET#{}", store.as_str())
}

pub(super) fn calls(store: &StoreId, endpoint: &EndpointId) -> String {
    format!("CALL#{}#{}", store.as_str(), endpoint.as_str())
}

pub(super) fn call_place(id: &CallId) -> String {
    format!("{}#{}", sortable(id.event_at), id.event.as_str())
}

/// Store and endpoint out of the partition key of a call.
pub(super) fn parse_calls(pk: &str) -> Option<(StoreId, EndpointId)> {
    let (store, endpoint) = pk.strip_prefix("CALL#")?.split_once('#')?;
    Some((StoreId::parse(store)?, EndpointId::parse(endpoint)?))
}

/// Where the due index holds calls that somebody has to look after.
pub(super) const CALLS: &str = "CALL";

/// A time that sorts as text: always with milliseconds.
pub(super) fn sortable(at: Timestamp) -> String {
    format!("{at:.3}")
}
