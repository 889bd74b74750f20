//! A stack around `call-webhook` with time in its hands: the queue and its delays, the rule on the bus, the schedule.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use aws_lambda_events::sqs::SqsEvent;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use within24::adapters::call_message;
use within24::app::endpoints::{self, Made};
use within24::domain::clock::shift;
use within24::domain::deed::By;
use within24::domain::endpoint::Call;
use within24::domain::event::{Event, WindowCount};
use within24::domain::store::{Store, StoreId};
use within24::lambda::emf::{Measurement, Metric};
use within24::ports::{Change, Commit};
use within24::testing::{Arrived, CallQueue, Memory, Outside};

/// The one store.
pub fn store() -> StoreId {
    StoreId::parse("de").expect("a name")
}

/// Who makes and changes endpoints.
pub fn person() -> By {
    By {
        token: None,
        name: "Mara Lind".into(),
    }
}

/// The stack. Its functions fail as the faults of its parts say.
pub struct Stack {
    /// The table.
    pub world: Memory,
    /// The queue, for calls that are to be made later.
    pub queue: CallQueue,
    /// Who is called.
    pub outside: Outside,
    /// Messages of the bus and the schedule, and those that failed, with the time at which they come (again).
    pub messages: RefCell<Vec<(Timestamp, String)>>,
    measured: RefCell<BTreeMap<Metric, f64>>,
    /// The time.
    pub now: Cell<Timestamp>,
    /// Whether the schedule is on.
    pub ticks: bool,
}

impl Stack {
    /// A stack with one store and nothing else, at this time.
    pub fn new(now: Timestamp) -> Self {
        let world = Memory::default();
        world.put_store(Store::new(store(), "shop@inbox.example", "shop@inbox.example"));
        Self {
            world,
            queue: CallQueue::default(),
            outside: Outside::default(),
            messages: RefCell::default(),
            measured: RefCell::default(),
            now: Cell::new(now),
            ticks: true,
        }
    }

    /// A new endpoint that is told of these.
    pub async fn endpoint(&self, path: &str, events: &[&str]) -> Made {
        let url = format!("https://hooks.example.com/{path}");
        let made = endpoints::create(&self.world, &store(), &url, events, &person(), self.now.get(), &[7; 32]).await;
        made.expect("it is there")
    }

    /// An event, committed and published.
    pub async fn happens(&self, at: Timestamp) -> Event {
        let windows = vec![WindowCount {
            days: 7,
            within: 1,
            late: 0,
        }];
        let event = Event::rolled_up(&store(), windows, at);
        self.world
            .commit(vec![Change::Event(Box::new(event.clone()))])
            .await
            .expect("it is there");
        self.publish(&event);
        event
    }

    /// The bus tells an event, once more.
    pub fn publish(&self, event: &Event) {
        self.messages
            .borrow_mut()
            .push((self.now.get(), call_message::event(event)));
    }

    /// Works through all that has come by now; what fails comes again after the queue's visibility time-out.
    pub async fn work(&self) {
        loop {
            let now = self.now.get();
            let mut come: Vec<String> = self
                .messages
                .borrow_mut()
                .extract_if(.., |(at, _)| *at <= now)
                .map(|(_, message)| message)
                .collect();
            come.extend(self.queue.take(now).iter().map(call_message::attempt));
            if come.is_empty() {
                return;
            }
            for message in come {
                let event = json!({"Records": [{"messageId": "m", "body": message}]});
                let event: SqsEvent = serde_json::from_value(event).expect("it is there");
                let measure = |measured: &Measurement| {
                    for (metric, value) in measured.values() {
                        *self.measured.borrow_mut().entry(*metric).or_default() += value;
                    }
                };
                let done = call_webhook::handler(
                    &self.world,
                    &self.queue,
                    &self.outside,
                    event,
                    || self.now.get(),
                    measure,
                )
                .await;
                if !done.batch_item_failures.is_empty() {
                    self.messages
                        .borrow_mut()
                        .push((shift(now, SignedDuration::from_mins(6)), message));
                }
            }
        }
    }

    /// Lets time pass, with a tick every five minutes.
    pub async fn until(&self, end: Timestamp) {
        self.work().await;
        let mut tick = shift(self.now.get(), SignedDuration::from_mins(5));
        loop {
            let messages = self.messages.borrow().iter().map(|(at, _)| *at).min();
            let next = [messages, self.queue.next(), self.ticks.then_some(tick)]
                .into_iter()
                .flatten()
                .min();
            let Some(next) = next.filter(|next| *next <= end) else {
                break;
            };
            self.now.set(next.max(self.now.get()));
            if next == tick && self.ticks {
                self.messages.borrow_mut().push((tick, call_message::bring()));
                tick = shift(tick, SignedDuration::from_mins(5));
            }
            self.work().await;
        }
        self.now.set(end);
    }

    /// The calls that arrived at this endpoint, in order.
    pub fn arrived(&self, made: &Made) -> Vec<Arrived> {
        let all = self.outside.arrived();
        all.into_iter().filter(|one| one.endpoint == made.endpoint.id).collect()
    }

    /// The calls to this endpoint as the table has them.
    pub fn calls(&self, made: &Made) -> Vec<Call> {
        let all = self.world.all_calls();
        all.into_iter()
            .filter(|call| call.id.endpoint == made.endpoint.id)
            .collect()
    }

    /// The sum of a metric.
    #[expect(clippy::cast_possible_truncation, reason = "counts, and a lag in whole seconds")]
    pub fn measured(&self, metric: Metric) -> i64 {
        self.measured.borrow().get(&metric).copied().unwrap_or_default() as i64
    }

    /// What people were told, and why.
    pub fn reported(&self) -> Vec<(&'static str, String)> {
        let reports = self.world.reports();
        reports
            .into_iter()
            .map(|report| (report.what.as_str(), report.reason))
            .collect()
    }
}
