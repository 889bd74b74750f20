//! What is to be sent, in place of the stream's mapping: rows of the outbox as they are written, by the function that sends
//! them, until that function has dealt with them.
//!
//! The list is in memory. What a process that dies had on it is read from the table at the next start.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use aws_lambda_events::dynamodb::Event;
use dynoxide::types::{AttributeValue, Item};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use tokio::sync::Notify;
use within24::adapters::dynamodb::keys;
use within24::domain::clock::shift;
use within24::domain::outgoing::Outgoing;

use crate::embedded::Watch;
use crate::sink::REGION;

/// The most rows of one batch.
const BATCH: usize = 10;

/// The longest pause before a row is tried again.
const LONGEST_PAUSE: SignedDuration = SignedDuration::from_mins(1);

/// A row of the outbox.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Row {
    kind: String,
    pk: String,
    sk: String,
}

/// When it is tried, and how often it was.
#[derive(Clone, Copy, Debug, Default)]
struct Turn {
    tries: u32,
    due: Option<Timestamp>,
}

/// Rows of one kind.
#[derive(Debug)]
pub(super) struct Batch {
    /// The kind.
    pub kind: String,
    rows: Vec<(Row, Turn)>,
}

impl Batch {
    /// The event of the stream with these rows.
    ///
    /// # Errors
    /// Never in practice: the form is the stream's.
    pub(super) fn event(&self) -> serde_json::Result<Event> {
        let text = |text: &str| json!({"S": text});
        let record = |(number, (row, _)): (usize, &(Row, Turn))| {
            let image = json!({
                "pk": text(&row.pk), "sk": text(&row.sk), "kind": text(&row.kind), "state": text("pending"),
            });
            json!({
                "eventID": number.to_string(),
                "eventName": "MODIFY",
                "awsRegion": REGION,
                "dynamodb": {
                    "ApproximateCreationDateTime": 0,
                    "Keys": {},
                    "NewImage": image,
                    "SequenceNumber": number.to_string(),
                    "SizeBytes": 0,
                    "StreamViewType": "NEW_IMAGE",
                },
            })
        };
        serde_json::from_value(json!({"Records": self.rows.iter().enumerate().map(record).collect::<Vec<_>>()}))
    }

    /// The numbers of all its records.
    pub(super) fn numbers(&self) -> Vec<String> {
        (0..self.rows.len()).map(|number| number.to_string()).collect()
    }
}

/// The list.
#[derive(Debug, Default)]
pub(super) struct Pending {
    rows: Mutex<BTreeMap<Row, Turn>>,
    /// Rings when something comes.
    pub bell: Notify,
}

impl Pending {
    fn rows(&self) -> MutexGuard<'_, BTreeMap<Row, Turn>> {
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&self, row: Row) {
        self.rows().insert(row, Turn::default());
        self.bell.notify_one();
    }

    /// An item that an earlier process left.
    pub(super) fn put(&self, item: &Outgoing) {
        let (pk, sk) = keys::of_outgoing(item);
        let kind = item.content.kind().to_owned();
        self.add(Row { kind, pk, sk });
    }

    /// The next rows whose turn it is, of one kind.
    pub(super) fn take(&self, now: Timestamp) -> Option<Batch> {
        let mut rows = self.rows();
        let due = |turn: &Turn| turn.due.is_none_or(|due| due <= now);
        let kind = rows.iter().find(|(_, turn)| due(turn))?.0.kind.clone();
        let wanted = rows.iter().filter(|(row, turn)| row.kind == kind && due(turn));
        let taken: Vec<(Row, Turn)> = wanted.take(BATCH).map(|(row, turn)| (row.clone(), *turn)).collect();
        for (row, _) in &taken {
            rows.remove(row);
        }
        Some(Batch { kind, rows: taken })
    }

    /// These of a batch, by the numbers of their records, come again after a while.
    pub(super) fn again(&self, batch: &Batch, failed: &[String], now: Timestamp) {
        let mut rows = self.rows();
        for number in failed {
            let row = number.parse().ok().and_then(|number: usize| batch.rows.get(number));
            let Some((row, turn)) = row else { continue };
            let tries = turn.tries + 1;
            let pause = SignedDuration::from_secs(1 << tries.min(6)).min(LONGEST_PAUSE);
            let turn = Turn {
                tries,
                due: Some(shift(now, pause)),
            };
            // What was written meanwhile has its turn at once.
            rows.entry(row.clone()).or_insert(turn);
        }
    }

    /// Whether nothing is to be sent.
    pub(super) fn is_empty(&self) -> bool {
        self.rows().is_empty()
    }
}

/// The filter of the stream's mappings.
impl Watch for Pending {
    fn written(&self, row: &Item) {
        let text = |name: &str| match row.get(name) {
            Some(AttributeValue::S(text)) => Some(text.clone()),
            _ => None,
        };
        if text("state").as_deref() != Some("pending") {
            return;
        }
        if let (Some(kind), Some(pk), Some(sk)) = (text("kind"), text("pk"), text("sk"))
            && keys::parse_outgoing(&pk, &sk).is_some()
        {
            self.add(Row { kind, pk, sk });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use within24::domain::alias::Alias;
    use within24::domain::key::Key;
    use within24::domain::store::StoreId;
    use within24::domain::thread::Thread;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_772_442_000 + second).unwrap()
    }

    fn row(state: &str, kind: &str, wish: &str) -> Item {
        let item = reply(wish);
        let (pk, sk) = keys::of_outgoing(&item);
        let text = |(name, value): (&str, &str)| (name.to_owned(), AttributeValue::S(value.to_owned()));
        [("pk", pk.as_str()), ("sk", &sk), ("state", state), ("kind", kind)]
            .map(text)
            .into()
    }

    fn reply(wish: &str) -> Outgoing {
        let alias = Alias::parse("a1b2c3d4e5f6g7h@marketplace.amazon.de").unwrap();
        let thread = Thread::open(StoreId::parse("de").unwrap(), alias, &Key::of(&["m"]), at(0));
        Outgoing::reply(&thread, "x".into(), "Mara".into(), false, wish, at(0))
    }

    #[test]
    fn what_is_written_to_be_sent_is_on_the_list_once_and_nothing_else_is() {
        let pending = Pending::default();
        pending.written(&row("pending", "reply", "a"));
        pending.put(&reply("a"));
        pending.written(&row("sent", "reply", "b"));
        pending.written(&row("pending", "order-id-request", "c"));
        let mut no_item = row("pending", "reply", "d");
        no_item.insert("sk".to_owned(), AttributeValue::S("THREAD#x".to_owned()));
        pending.written(&no_item);
        let mut kinds = Vec::new();
        while let Some(batch) = pending.take(at(0)) {
            kinds.push((batch.kind.clone(), batch.event().unwrap().records.len()));
        }
        assert_eq!(kinds, [("order-id-request".to_owned(), 1), ("reply".to_owned(), 1)]);
    }

    #[test]
    fn what_fails_comes_again_later_unless_it_is_written_anew() {
        let pending = Pending::default();
        pending.written(&row("pending", "reply", "a"));
        let batch = pending.take(at(0)).unwrap();
        pending.again(&batch, &["0", "7", "x"].map(str::to_owned), at(0));
        assert!(pending.take(at(1)).is_none());
        let batch = pending.take(at(2)).unwrap();
        pending.written(&row("pending", "reply", "a"));
        pending.again(&batch, &batch.numbers(), at(2));
        assert!(pending.take(at(2)).is_some());
        assert!(pending.take(at(99)).is_none(), "once");
    }
}
