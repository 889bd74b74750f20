//! In place of the event bus and the operator's topic: a file of events, a folder of mails.
//!
//! Published events also go to the queue of calls to endpoints, as the rule of a deployed stack brings them.

use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Value, json};
use within24::adapters::event_detail;
use within24::domain::alert::AlertMail;
use within24::domain::event::Event;
use within24::domain::key::Key;
use within24::lambda::clock;
use within24::ports::{PortError, Ported, PublishEvents, TellOperator};

use super::{durable, sent};
use crate::endpoints::Outgoing;

/// The board.
pub struct Board {
    events: PathBuf,
    alerts: PathBuf,
    calls: Arc<Calling>,
}

/// The queue of calls to endpoints, on the real clock.
pub type Calling = Outgoing<fn() -> Timestamp>;

impl Board {
    /// A board that writes events into this file, and the operator's mails into this folder.
    pub fn new(events: PathBuf, alerts: PathBuf, calls: Arc<Calling>) -> Self {
        Self { events, alerts, calls }
    }

    /// The event as EventBridge would bring it.
    fn line(event: &Event) -> String {
        let (kind, detail) = event_detail::write(&event.told());
        let detail: Value = serde_json::from_str(&detail).expect("it was written as JSON");
        let line = json!({"source": event_detail::SOURCE, "detail-type": kind, "time": event.at, "detail": detail});
        line.to_string()
    }
}

fn unavailable(service: &'static str, error: &std::io::Error) -> PortError {
    PortError::Unavailable {
        service,
        code: error.kind().to_string(),
    }
}

impl PublishEvents for Board {
    async fn publish(&self, events: &[Event]) -> Ported<Vec<Key>> {
        let lines: Vec<String> = events.iter().map(Self::line).collect();
        if !lines.is_empty() {
            durable::add_line(&self.events, &lines.join("\n")).map_err(|error| unavailable("events", &error))?;
        }
        self.calls.publish(events).await
    }
}

impl TellOperator for Board {
    async fn tell(&self, mail: &AlertMail) -> Ported<()> {
        let file = self.alerts.join(format!("{}.txt", sent::timed_name(clock::now())));
        let text = format!("Subject: {}\n\n{}", mail.subject, mail.text);
        durable::keep(&file, text.as_bytes()).map_err(|error| unavailable("alerts", &error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use within24::domain::store::StoreId;
    use within24::domain::trust::Quarantine;

    #[tokio::test]
    async fn events_are_lines_and_mails_are_files() {
        let home = tempfile::tempdir().unwrap();
        let calls = Arc::new(Calling::new(clock::now));
        let board = Board::new(
            home.path().join("events.jsonl"),
            home.path().to_owned(),
            Arc::clone(&calls),
        );
        let at = "2026-03-02T09:00:00Z".parse().unwrap();
        let event = Event::quarantined(&StoreId::parse("de").unwrap(), Quarantine::Virus, "m1", at);
        for _ in 0..2 {
            let taken = board.publish(std::slice::from_ref(&event)).await.unwrap();
            assert_eq!(taken, std::slice::from_ref(&event.key));
        }
        let text = std::fs::read_to_string(home.path().join("events.jsonl")).unwrap();
        let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(
            (lines.len(), &lines[1]["detail-type"]),
            (2, &json!("MailQuarantined.v1"))
        );
        assert_eq!(lines[0]["detail"]["mail"], "m1");
        assert!(calls.next().is_some(), "endpoints are told too");

        let mail = AlertMail {
            subject: "within24: 1 critical".to_owned(),
            text: "Buyer messages".to_owned(),
        };
        board.tell(&mail).await.unwrap();
        let mails = home.path().read_dir().unwrap().map(|entry| entry.unwrap().path());
        let mut mails = mails.filter(|path| path.extension().is_some_and(|ending| ending == "txt"));
        let text = std::fs::read_to_string(mails.next().unwrap()).unwrap();
        assert_eq!(text, "Subject: within24: 1 critical\n\nBuyer messages");
    }
}
