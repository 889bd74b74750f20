//! What an endpoint is told: an event as the body of a Standard Webhook.
//!
//! `{"type":"ThreadOverdue.v1","timestamp":"2026-03-02T09:15:00Z","data":{…}}`: the type of the event, when it happened (not
//! when it is told), and the fields of [`super::event_detail`]. Ids, levels and times, less than 20 kB, never a buyer's word,
//! name or address.

use super::event_detail;
use crate::domain::event::Event;

/// The body; the same for every attempt.
pub fn write(event: &Event) -> String {
    let (name, detail) = event_detail::write(&event.told());
    format!(r#"{{"type":"{name}","timestamp":"{}","data":{detail}}}"#, event.at)
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use serde_json::{Value, json};

    use super::*;
    use crate::domain::alias::Alias;
    use crate::domain::clock::Level;
    use crate::domain::key::Key;
    use crate::domain::order_id::OrderId;
    use crate::domain::outgoing::Outgoing;
    use crate::domain::screening::{Draft, Rule, Settings, screen};
    use crate::domain::store::StoreId;
    use crate::domain::thread::Thread;

    fn thread(orders: usize) -> Thread {
        let at: Timestamp = "2026-03-02T09:15:00Z".parse().unwrap();
        let alias = Alias::parse("a1b2c3d4e5f6g7@marketplace.amazon.de").unwrap();
        let mut thread = Thread::open(StoreId::parse("de").unwrap(), alias, &Key::of(&["t"]), at);
        thread.buyer_name = Some("Vera Muster".into());
        thread.subject = Some("Wo ist mein Paket".into());
        thread.order_ids = (0..orders)
            .filter_map(|number| OrderId::parse(&format!("302-1234567-{number:07}")))
            .collect();
        assert_eq!(thread.order_ids.len(), orders);
        thread
    }

    #[test]
    fn an_overdue_thread_reads_as_documented() {
        let thread = thread(1);
        let event = Event::alert(
            &thread,
            Level::Overdue,
            thread.opened_at,
            thread.opened_at,
            thread.opened_at,
        );
        let body: Value = serde_json::from_str(&write(&event)).unwrap();
        let data = json!({
            "id": event.key.as_str(), "store": "de", "at": "2026-03-02T09:15:00Z", "thread": thread.id.as_str(),
            "marketplace": "DE", "order_ids": ["302-1234567-0000000"], "level": "overdue",
            "waiting_since": "2026-03-02T09:15:00Z", "due_at": "2026-03-02T09:15:00Z",
        });
        let wanted = json!({"type": "ThreadOverdue.v1", "timestamp": "2026-03-02T09:15:00Z", "data": data});
        assert_eq!(body, wanted);
    }

    #[test]
    fn the_largest_body_is_below_20_kb_and_holds_nothing_of_the_buyer() {
        let thread = thread(5000);
        let mut item = Outgoing::order_id_request(
            &thread,
            crate::domain::language::Language::parse("de").unwrap(),
            None,
            thread.opened_at,
        );
        item.findings = Rule::ALL.iter().map(|rule| rule.id().to_owned()).collect();
        // More than any draft breaks: each of the rules hundreds of times.
        let draft = Draft {
            text: "Paket: https://shop.example, shop@mail.example, WhatsApp, Rabatt. "
                .repeat(300)
                .into(),
            ..Draft::default()
        };
        let screened = screen(&draft, &Settings::default());
        assert!(screened.findings.len() > 300);
        let alert = Event::alert(
            &thread,
            Level::Overdue,
            thread.opened_at,
            thread.opened_at,
            thread.opened_at,
        );
        for event in [
            Event::opened(&thread),
            Event::blocked(&thread, &item, &screened, thread.opened_at),
            alert,
        ] {
            let body = write(&event);
            assert!(body.len() < 20_000, "{} bytes", body.len());
            for word in ["a1b2c3d4e5f6g7", "Vera", "Paket"] {
                assert!(!body.contains(word), "{word}");
            }
        }
    }
}
