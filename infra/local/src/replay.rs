//! `within24 replay`: a timeline against the whole system on a simulated clock.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Result;
use jiff::{SignedDuration, Timestamp};
use within24::app::answer::{Answer, HandInError, hand_in};
use within24::app::find::selected;
use within24::app::mark::{Mark, MarkError, mark};
use within24::domain::alert::OperatorLanguage;
use within24::domain::clock::shift;
use within24::domain::deed::By;
use within24::domain::marketplace::Marketplace;
use within24::domain::quiet_hours::QuietHours;
use within24::domain::store::{AskOrderId, Store, StoreId};
use within24::domain::thread::Thread;

use crate::attachments::AttachmentError;
use crate::helpdesk::{self, KnownSecrets};
use crate::machine::Machine;
use crate::output::{self, Output, Refused, ThreadLine};
use crate::recipients;
use crate::screen_settings::ScreenSettings;
use crate::threads::Wanted;
use crate::timeline::{Delivery, Event, Reply, Select, StoreSettings, Verdicts, Webhook, Wrong};

/// How often the scheduler sweeps, in seconds.
const SWEEP_EVERY: i64 = 300;

/// A replay under way.
pub struct Replay {
    machine: Machine,
    stores: BTreeMap<StoreId, Store>,
    secrets: KnownSecrets,
    refused: Vec<Refused>,
    unreadable: Vec<String>,
    mails: u64,
    rolled_up: bool,
}

/// What a replay comes to.
pub struct Replayed {
    /// What it prints.
    pub output: Output,
    /// The threads that were asked for, without their messages.
    pub listed: Option<Vec<ThreadLine>>,
    /// Files that could not be read, each with the reason.
    pub unreadable: Vec<String>,
    /// The machine as it stands at the end.
    pub machine: Machine,
}

/// Runs the timeline; mail files are relative to `base`, raw mail is kept in `folder`.
///
/// # Errors
/// Where this machine fails; nothing in a mail or an event is an error.
pub async fn run(events: Vec<Event>, base: &Path, folder: &Path) -> Result<Replayed> {
    run_and_list(events, base, folder, None).await
}

/// The same, with a list of the threads that are wanted at its end.
///
/// # Errors
/// As [`run`]; also where a wish cannot be read.
pub async fn run_and_list(events: Vec<Event>, base: &Path, folder: &Path, wanted: Option<&Wanted>) -> Result<Replayed> {
    let start = events.first().map_or(Timestamp::UNIX_EPOCH, |event| event.at);
    let machine = Machine::start(folder, start).await?;
    let mut replay = Replay {
        machine,
        stores: BTreeMap::new(),
        secrets: KnownSecrets::default(),
        refused: Vec::new(),
        unreadable: Vec::new(),
        mails: 0,
        rolled_up: true,
    };
    for event in events {
        replay.run_until(event.at).await?;
        let over = event.end == Some(true);
        Box::pin(replay.happen(event, base)).await?;
        replay.machine.settle().await?;
        replay.rolled_up = false;
        if over {
            break;
        }
    }
    replay.machine.roll_up().await?;
    let listed = match wanted {
        None => None,
        Some(wanted) => {
            let stores: Vec<StoreId> = replay.stores.keys().cloned().collect();
            let now = replay.machine.now();
            let found = wanted.find(replay.machine.table(), &stores, now).await?;
            let lines = found.iter().map(|thread| output::thread_line(thread, Vec::new()));
            Some(lines.collect())
        }
    };
    let output = output::collect(&mut replay.machine, &replay.stores, replay.refused).await?;
    Ok(Replayed {
        output,
        listed,
        unreadable: replay.unreadable,
        machine: replay.machine,
    })
}

/// The first tick of the scheduler that is not before `at`.
fn tick(at: Timestamp) -> Timestamp {
    let whole = shift(at, SignedDuration::from_nanos(999_999_999)).as_second();
    let tick = whole.div_euclid(SWEEP_EVERY) * SWEEP_EVERY;
    let tick = if tick < whole { tick + SWEEP_EVERY } else { tick };
    Timestamp::from_second(tick).unwrap_or(Timestamp::MAX)
}

impl Replay {
    /// Moves the clock with all that the schedules do on the way. Rollups run at full hours; hours in which nothing happened
    /// are passed over, since a rollup would find what the last one found.
    async fn run_until(&mut self, to: Timestamp) -> Result<()> {
        let hour = self.machine.now().as_second().div_euclid(3600) + 1;
        let hour = Timestamp::from_second(hour * 3600).unwrap_or(Timestamp::MAX);
        if !self.rolled_up && hour <= to {
            self.advance(hour).await?;
            self.machine.roll_up().await?;
            self.rolled_up = true;
        }
        self.advance(to).await
    }

    /// Moves the clock; on the way the scheduler sweeps at every five minutes at which there is something to do. A sweep
    /// with nothing to do changes nothing, so days without work pass at once.
    async fn advance(&mut self, to: Timestamp) -> Result<()> {
        let mut last = self.machine.now();
        while let Some(work) = self.machine.table().next_work().await? {
            let tick = tick(work.max(shift(last, SignedDuration::from_secs(1))));
            if tick > to {
                break;
            }
            self.machine.advance(tick);
            self.machine.sweep(OperatorLanguage::En).await?;
            self.machine.settle().await?;
            last = tick;
        }
        self.machine.advance(to);
        Ok(())
    }

    async fn happen(&mut self, event: Event, base: &Path) -> Result<()> {
        if let Some(wrong) = event.wrong {
            self.refuse("event", wrong.reason());
            if let Wrong::NoEvent(reason) = wrong {
                self.unreadable.push(reason);
            }
        }
        if let Some(settings) = event.store {
            self.put_store(settings).await?;
        }
        if let Some(file) = event.mail {
            match std::fs::read(base.join(&file)) {
                Ok(raw) => {
                    self.mail(&raw, event.recipient, event.verdicts.unwrap_or_default())
                        .await?;
                }
                Err(error) => self.unreadable.push(format!("{file}: {error}")),
            }
        }
        if let Some(reply) = event.reply {
            self.reply(reply, base).await?;
        }
        if let Some(on) = event.no_response_needed {
            self.mark("no-response-needed", &on.thread, Mark::NoResponseNeeded)
                .await?;
        }
        if let Some(on) = event.reopen {
            self.mark("reopen", &on.thread, Mark::Reopen).await?;
        }
        if let Some(tag) = event.tag {
            self.mark(
                "tag",
                &tag.thread,
                Mark::Tag {
                    add: tag.add,
                    remove: tag.remove,
                },
            )
            .await?;
        }
        if let Some(assign) = event.assign {
            self.mark("assign", &assign.thread, Mark::Assign(assign.to.map(Into::into)))
                .await?;
        }
        if let Some(webhook) = event.webhook {
            self.webhook(&webhook).await?;
        }
        if let Some(delivery) = event.delivery {
            self.delivery(&delivery).await;
        }
        Ok(())
    }

    fn refuse(&mut self, what: &str, reason: &str) {
        self.refused.push(Refused {
            at: self.machine.now(),
            what: what.to_owned(),
            reason: reason.to_owned(),
        });
    }

    async fn put_store(&mut self, settings: StoreSettings) -> Result<()> {
        let Some(id) = StoreId::parse(&settings.id) else {
            self.refuse(
                "store",
                "a store's id is 1 to 40 letters, digits, dashes and underscores",
            );
            return Ok(());
        };
        let recipient = settings.recipient.as_deref().unwrap_or("*");
        let from = settings
            .from
            .as_deref()
            .or(settings.recipient.as_deref())
            .unwrap_or("answers@store.example");
        let mut store = Store::new(id.clone(), recipient, from);
        for code in &settings.marketplaces {
            match Marketplace::parse(code) {
                Some(marketplace) => store.marketplaces.push(marketplace),
                None => self.refuse("store", "an unknown marketplace was left out"),
            }
        }
        store.daily_orders = settings.daily_orders;
        store.ask_order_id = match settings.ask_order_id.as_deref() {
            Some("always") => AskOrderId::Always,
            Some("never") => AskOrderId::Never,
            _ => AskOrderId::Auto,
        };
        store.nearing_minutes = settings.nearing_minutes.unwrap_or(store.nearing_minutes);
        store.critical_minutes = settings.critical_minutes.unwrap_or(store.critical_minutes);
        if let Some(hours) = &settings.quiet_hours {
            store.quiet_hours = QuietHours::parse(hours);
            if store.quiet_hours.is_none() {
                self.refuse("store", "quiet hours are like 22:00-07:00 Europe/Berlin");
            }
        }
        store.no_response_needed_tag = settings.no_response_needed_tag.unwrap_or(store.no_response_needed_tag);
        if let Some((screen, wrong)) = settings.screen.as_ref().map(ScreenSettings::read) {
            store.screen = screen;
            for error in wrong {
                self.refuse("store", &error.to_string());
            }
        }
        store.closed_needs_no_response = settings.closed_needs_no_response;
        if !self.secrets.learn(&id, settings.webhook_secrets) {
            self.refuse(
                "store",
                "a webhook secret that is empty or of an unknown source was left out",
            );
        }
        self.machine.table().put_store(&store).await?;
        self.stores.insert(id, store);
        Ok(())
    }

    async fn mail(&mut self, raw: &[u8], recipient: Option<String>, verdicts: Verdicts) -> Result<()> {
        if self.stores.is_empty() {
            self.put_store(StoreSettings {
                id: "default".to_owned(),
                recipient: None,
                from: None,
                marketplaces: Vec::new(),
                daily_orders: 0,
                ask_order_id: None,
                nearing_minutes: None,
                critical_minutes: None,
                quiet_hours: None,
                no_response_needed_tag: None,
                closed_needs_no_response: false,
                webhook_secrets: BTreeMap::new(),
                screen: None,
            })
            .await?;
        }
        let recipients = match recipient {
            Some(recipient) => vec![recipient],
            None => recipients::named(raw, self.stores.values()),
        };
        let pass = |verdict: Option<String>| verdict.unwrap_or_else(|| "PASS".to_owned());
        let verdicts = [
            ("spam", pass(verdicts.spam)),
            ("virus", pass(verdicts.virus)),
            ("spf", pass(verdicts.spf)),
            ("dkim", pass(verdicts.dkim)),
            ("dmarc", pass(verdicts.dmarc)),
        ];
        self.mails += 1;
        let name = format!("mail-{:06}", self.mails);
        if !self.machine.mail_arrives(&name, raw, &recipients, &verdicts).await? {
            self.refuse("mail", "dead-letter");
        }
        Ok(())
    }

    async fn webhook(&mut self, webhook: &Webhook) -> Result<()> {
        let answer = helpdesk::calls(&mut self.machine, &self.secrets, webhook).await?;
        match answer.status {
            200 if answer.applied => {}
            200 => self.refuse("webhook", "dead-letter"),
            401 => self.refuse("webhook", "not-trusted"),
            404 => self.refuse("webhook", "unknown-source"),
            413 => self.refuse("webhook", "too-large"),
            status => self.refuse("webhook", &format!("status {status}")),
        }
        Ok(())
    }

    async fn delivery(&mut self, delivery: &Delivery) {
        let sent = self.machine.sink().sent();
        let mail = match (delivery.message.as_u64(), delivery.message.as_str()) {
            (Some(number), _) => usize::try_from(number).ok().and_then(|number| sent.get(number)),
            (None, Some("last")) => sent.last(),
            _ => None,
        };
        let Some(mail) = mail else {
            return self.refuse("delivery", "no-such-message");
        };
        match helpdesk::ses_tells(&mut self.machine, mail, &delivery.event).await {
            Some(true) => {}
            Some(false) => self.refuse("delivery", "dead-letter"),
            None => self.refuse("delivery", "unknown-event"),
        }
    }

    async fn reply(&mut self, reply: Reply, base: &Path) -> Result<()> {
        let Some(thread) = self.select("reply", &reply.thread).await? else {
            return Ok(());
        };
        let files: Result<Vec<_>, _> = reply.attachments.iter().map(|file| file.read(base)).collect();
        let attachments = match files {
            Ok(attachments) => attachments,
            Err(error) => {
                self.refuse("reply", &error.to_string());
                if let AttachmentError::NoFile(..) = error {
                    self.unreadable.push(error.to_string());
                }
                return Ok(());
            }
        };
        let answer = Answer {
            text: reply.text.into(),
            by: reply.by.into(),
            r#override: reply.r#override,
            attachments,
            idempotency_key: None,
        };
        let Some(store) = self.stores.get(&thread.store).cloned() else {
            return Ok(());
        };
        let by = By {
            token: None,
            name: answer.by.clone(),
        };
        let (folder, now) = (self.machine.folder().clone(), self.machine.now());
        let work = async |table: &_| hand_in(table, &folder, &store, &thread.id, &answer, &by, now).await;
        match self.machine.operate(work).await {
            Ok(_) => {}
            Err(HandInError::Port(error)) => return Err(error.into()),
            Err(HandInError::Blocked(blocked)) => self.refuse("reply", &blocked.rules.join(", ")),
            Err(error) => self.refuse("reply", &error.to_string()),
        }
        Ok(())
    }

    async fn mark(&mut self, what: &str, select: &Select, decision: Mark) -> Result<()> {
        let Some(thread) = self.select(what, select).await? else {
            return Ok(());
        };
        let Some(store) = self.stores.get(&thread.store).cloned() else {
            return Ok(());
        };
        let now = self.machine.now();
        let work = async |table: &_| mark(table, &store, &thread.buyer, &thread.id, &decision, None, now).await;
        match self.machine.operate(work).await {
            Ok(_) => {}
            Err(MarkError::Port(error)) => return Err(error.into()),
            Err(error) => self.refuse(what, &error.to_string()),
        }
        Ok(())
    }

    /// The thread that a selector names: the newest if several fit; refused if none does.
    async fn select(&mut self, what: &str, select: &Select) -> Result<Option<Thread>> {
        let stores: Vec<StoreId> = self.stores.keys().cloned().collect();
        let select = select.read();
        let newest = selected(self.machine.table(), &stores, &select).await?;
        if newest.is_none() {
            self.refuse(what, "no-such-thread");
        }
        Ok(newest)
    }
}
