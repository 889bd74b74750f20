//! The two worlds every contract is held in: the fake in memory, and DynamoDB's own rules on this machine.

use tempfile::TempDir;
use within24::adapters::dynamodb::Table;
use within24::domain::report::Report;
use within24::domain::store::{Store, StoreId};
use within24::ports::{
    Commit, FindCalls, FindCopies, FindDue, FindDueCalls, FindEndpoints, FindEvent, FindHeld, FindStore, FindThreads,
    FindTokens, ListCalls, ListStores, ListThreads, ReadBuyer, ReadDeeds, ReadEvents, ReadFacts, ReadHoldings,
    ReadOutbox, ReadReports, ReadRollups, ReadSigningKeys, ShowThreads,
};
use within24::testing::Memory;
use within24_local::machine::Machine;

/// All that a table does.
pub trait World:
    FindStore
    + ListStores
    + ReadBuyer
    + FindThreads
    + FindCopies
    + FindDue
    + ListThreads
    + ReadOutbox
    + FindHeld
    + ReadEvents
    + ReadFacts
    + ReadRollups
    + ReadHoldings
    + FindTokens
    + ReadDeeds
    + ReadReports
    + ShowThreads
    + FindEvent
    + FindEndpoints
    + ReadSigningKeys
    + FindCalls
    + FindDueCalls
    + ListCalls
    + Commit
{
    /// Registers a store.
    fn register(&self, store: Store) -> impl Future<Output = ()>;

    /// Every report of a store.
    fn reported(&self, store: &StoreId) -> impl Future<Output = Vec<Report>>;
}

impl World for Memory {
    async fn register(&self, store: Store) {
        self.put_store(store);
    }

    async fn reported(&self, store: &StoreId) -> Vec<Report> {
        self.reports()
            .into_iter()
            .filter(|report| report.store == *store)
            .collect()
    }
}

impl World for Table {
    async fn register(&self, store: Store) {
        self.put_store(&store).await.expect("the embedded DynamoDB");
    }

    async fn reported(&self, store: &StoreId) -> Vec<Report> {
        self.reports(store).await.expect("the embedded DynamoDB")
    }
}

/// A machine with an embedded DynamoDB, and the folder it keeps raw mail in.
pub async fn machine(now: &str) -> (Machine, TempDir) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let machine = Machine::start(folder.path(), now.parse().expect("a time"))
        .await
        .expect("a machine");
    (machine, folder)
}
