//! The whole system around one data folder: the functions' own handlers, on the embedded database, on the real clock.

use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, Result};
use dynoxide::types::Item;
use within24::adapters::dynamodb::Table;
use within24::adapters::https::{Caller, SystemResolver};
use within24::adapters::webhook_message::{self, Written};
use within24::app::announce::Announcing;
use within24::domain::alert::OperatorLanguage;
use within24::domain::webhook::Told;
use within24::lambda::clock;
use within24::ports::{FindStore, KeepAttachment, ListStores, PortError, Ported, QueueWebhook};

use super::board::{Board, Calling};
use super::folder::DataFolder;
use super::pending::Pending;
use super::queue::{Failed, Queue, Whose};
use super::rollups::RollUps;
use super::secrets::SecretsFile;
use super::sent::{SentFolder, timed_name};
use super::{durable, left_over};
use crate::embedded::{Embedded, Watch};
use crate::sink::Folder;
use crate::{recipients, ses};

/// The system.
pub struct Site {
    pub(super) data: DataFolder,
    pub(super) table: Table,
    pub(super) sent: SentFolder,
    pub(super) pending: Arc<Pending>,
    rollups: Arc<RollUps>,
    pub(super) queue: Queue,
    embedded: Embedded,
    mails: Folder,
    board: Board,
    calls: Arc<Calling>,
    /// `None`: this machine knows no root certificates.
    caller: Option<Caller<SystemResolver>>,
    secrets: SecretsFile,
    language: OperatorLanguage,
    /// Who sends, sends alone.
    sending: tokio::sync::Mutex<()>,
}

/// What became of a message, after its first turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dealt {
    /// It is done.
    Done,
    /// It is kept, and comes again.
    Kept,
}

/// A mail that was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TakenMail {
    /// Its name in the folder of raw mail.
    pub place: String,
    /// Whether it is in a thread already.
    pub dealt: Dealt,
}

impl Site {
    /// Opens the folder, which must be this process's alone, and takes up what an earlier process left.
    ///
    /// # Errors
    /// Where this machine fails.
    pub async fn open(data: &DataFolder, language: OperatorLanguage) -> Result<Self> {
        data.make()?;
        let (pending, rollups) = (Arc::new(Pending::default()), Arc::new(RollUps::default()));
        let watch = Watching(Arc::clone(&pending), Arc::clone(&rollups));
        let embedded = Embedded::open(&data.database(), Arc::new(watch)).await?;
        let calls = Arc::new(Calling::new(clock::now));
        let queue = Queue::open(data.queue(), data.dead_letters(), clock::now());
        let site = Self {
            table: embedded.table(),
            sent: SentFolder::new(data.sent()),
            pending,
            rollups,
            queue: queue.context("the queue cannot be read")?,
            embedded,
            mails: Folder::new(&data.mail()),
            board: Board::new(data.events(), data.alerts(), Arc::clone(&calls)),
            caller: Caller::new()
                .inspect_err(|error| tracing::warn!(%error, "endpoints are not called"))
                .ok(),
            calls,
            secrets: SecretsFile::new(data.secrets()),
            language,
            sending: tokio::sync::Mutex::default(),
            data: data.clone(),
        };
        left_over::take_up(&site).await?;
        Ok(site)
    }

    /// What stands in for the bucket: raw mail, files of answers, large calls.
    pub fn files(&self) -> &Folder {
        &self.mails
    }

    /// The queue of calls to endpoints.
    pub fn calls(&self) -> Arc<Calling> {
        Arc::clone(&self.calls)
    }

    /// The table.
    pub fn table(&self) -> &Table {
        &self.table
    }

    /// The folder.
    pub fn data(&self) -> &DataFolder {
        &self.data
    }

    /// A mail arrives: it is kept, then taken in. Its recipients are those that the mail names where nobody says them. After `Ok`
    /// it is not lost.
    ///
    /// # Errors
    /// Where it could not be kept.
    pub async fn take_mail(&self, raw: Vec<u8>, envelope: Vec<String>) -> Result<TakenMail> {
        let envelope = if envelope.is_empty() {
            self.recipients_of(&raw).await?
        } else {
            envelope
        };
        self.receive(&envelope, move |place| durable::keep(place, &raw)).await
    }

    /// The same, of a mail that lies in a file on the same disk, and moves.
    ///
    /// # Errors
    /// Where it could not be kept: the file stays where it is.
    pub async fn take_file(&self, file: &Path, envelope: Vec<String>) -> Result<TakenMail> {
        let envelope = if envelope.is_empty() {
            self.recipients_of(&std::fs::read(file)?).await?
        } else {
            envelope
        };
        let file = file.to_owned();
        let moved = move |place: &Path| {
            std::fs::File::open(&file)?.sync_all()?;
            durable::shift(&file, place)
        };
        self.receive(&envelope, moved).await
    }

    /// The receipt goes first: it means nothing without its mail, and a mail that is there has one.
    async fn receive(
        &self,
        envelope: &[String],
        keep: impl FnOnce(&Path) -> io::Result<()> + Send + 'static,
    ) -> Result<TakenMail> {
        let now = clock::now();
        let place = timed_name(now);
        let passed = ses::CHECKS.map(|check| (check, "PASS"));
        let receipt = ses::receipt(&place, now, envelope, passed);
        let name = Whose::Mail.name(&place);
        self.queue.put(&name, &receipt, now)?;
        let path = self.data.mail().join(&place);
        let kept = tokio::task::spawn_blocking(move || keep(&path)).await?;
        if let Err(error) = kept {
            self.queue.done(&name)?;
            return Err(error).context("the mail could not be kept");
        }
        let dealt = self.deal(&name).await;
        Ok(TakenMail { place, dealt })
    }

    async fn recipients_of(&self, raw: &[u8]) -> Ported<Vec<String>> {
        let mut stores = Vec::new();
        for id in self.table.stores().await? {
            stores.extend(self.table.store(&id).await?);
        }
        Ok(recipients::named(raw, &stores))
    }

    /// A helpdesk calls: `event` is the request as API Gateway gives it. What is believed is kept, then applied.
    pub async fn take_call(&self, event: &serde_json::Value) -> serde_json::Value {
        let calls = Calls {
            queue: &self.queue,
            bodies: &self.mails,
            names: Mutex::default(),
        };
        let answer = helpdesk_webhook::handler(&self.secrets, &calls, event, clock::now(), |_| {}).await;
        let names = calls.names.into_inner().unwrap_or_else(PoisonError::into_inner);
        for name in names {
            self.deal(&name).await;
        }
        answer
    }

    /// Gives a message of the queue, which is in our hands, to its function.
    pub(super) async fn deal(&self, name: &str) -> Dealt {
        let done = match self.queue.body(name) {
            Ok(body) => self.call(name, &body).await,
            Err(error) => {
                tracing::error!(error = %error.kind(), message.name = name, "a message cannot be read");
                false
            }
        };
        let settled = if done {
            self.queue.done(name).map(|()| None)
        } else {
            self.queue.failed(name, clock::now()).map(Some)
        };
        match settled {
            Ok(Some(Failed::Dead)) => tracing::error!(message.name = name, "a message went to the dead letters"),
            Ok(_) => {}
            Err(error) => tracing::error!(error = %error.kind(), message.name = name, "the queue cannot be written"),
        }
        if done { Dealt::Done } else { Dealt::Kept }
    }

    async fn call(&self, name: &str, body: &str) -> bool {
        let Ok(event) = ses::batch(name, body) else {
            return false;
        };
        match Whose::of(name) {
            Some((Whose::Mail, _)) => {
                let world = Announcing::new(&self.table, &self.board);
                let work = receive_mail::handler(&world, &self.mails, event, clock::now);
                Box::pin(work).await.batch_item_failures.is_empty()
            }
            Some((Whose::Call, _)) => {
                let work = apply_webhook::handler(&self.table, &self.mails, &self.mails, event, clock::now, |_| {});
                Box::pin(work).await.batch_item_failures.is_empty()
            }
            None => false,
        }
    }

    /// Gives every message whose turn it is to its function.
    pub async fn deal_with_due(&self) {
        for name in self.queue.take_due(clock::now()) {
            self.deal(&name).await;
        }
    }

    /// Sends what is to be sent now.
    pub async fn send_pending(&self) {
        let _alone = self.sending.lock().await;
        while let Some(batch) = self.pending.take(clock::now()) {
            let failed = match (batch.kind.as_str(), batch.event()) {
                (request_order_id::KIND, Ok(event)) => {
                    let world = Announcing::new(&self.table, &self.board);
                    request_order_id::handler(&world, &self.sent, event, clock::now).await
                }
                (send_reply::KIND, Ok(event)) => {
                    let world = Announcing::new(&self.table, &self.board);
                    send_reply::handler(&world, &self.mails, &self.sent, event, clock::now).await
                }
                (kind, _) => {
                    tracing::error!(outbox.kind = kind, "no function sends this");
                    self.pending.again(&batch, &batch.numbers(), clock::now());
                    continue;
                }
            };
            let failed = failed.batch_item_failures.into_iter();
            let failed: Vec<String> = failed.filter_map(|failure| failure.item_identifier).collect();
            self.pending.again(&batch, &failed, clock::now());
        }
    }

    /// Sweeps once.
    pub async fn sweep(&self) {
        let now = clock::now();
        let times = (now, jiff::Timestamp::MAX);
        let board = &self.board;
        let swept = sweep_sla::handler(&self.table, board, board, self.language, times, clock::now, |_| {}).await;
        if let Err(error) = swept {
            tracing::error!(%error, "could not sweep: the next one does");
        }
    }

    /// Computes the numbers of the days that changed, where it is time to.
    pub async fn roll_up_if_due(&self) {
        if !self.rollups.take_turn(clock::now()) {
            return;
        }
        let world = Announcing::new(&self.table, &self.board);
        if let Err(error) = roll_up_metrics::handler(&world, |_| {}, clock::now()).await {
            tracing::error!(%error, "could not roll up: the next run does");
        }
        self.rollups.done(clock::now());
    }

    /// Ends, with nothing in hand: says so to the next process where nothing is left to be sent.
    pub fn rest(&self) {
        if self.pending.is_empty()
            && let Err(error) = durable::keep(&self.data.at_rest(), b"")
        {
            tracing::warn!(error = %error.kind(), "the next start looks through the whole table");
        }
    }

    /// Tells endpoints of others what they are to be told now.
    pub async fn call_endpoints(&self) {
        if let Some(caller) = &self.caller
            && self.calls.turn(&self.table, caller, |_| {}).await.is_err()
        {
            tracing::error!("endpoints could not be told: the next turn does");
        }
    }

    /// Looks which calls of endpoints are due again.
    pub fn bring_calls(&self) {
        self.calls.tick();
    }

    /// Forgets what has expired.
    pub async fn forget_expired(&self) {
        match self.embedded.forget_expired().await {
            Ok(0) => {}
            Ok(rows) => tracing::info!(rows, "forgot what has expired"),
            Err(_) => tracing::error!("what has expired could not be forgotten"),
        }
    }
}

/// Who is told of what is written.
struct Watching(Arc<Pending>, Arc<RollUps>);

impl Watch for Watching {
    fn written(&self, row: &Item) {
        self.0.written(row);
        self.1.written(row);
    }
}

/// The queue, as `helpdesk-webhook` puts calls into it.
struct Calls<'a> {
    queue: &'a Queue,
    /// Where bodies lie that have no room in a message.
    bodies: &'a Folder,
    names: Mutex<Vec<String>>,
}

impl QueueWebhook for Calls<'_> {
    async fn queue(&self, told: &Told) -> Ported<()> {
        let now = clock::now();
        let name = Whose::Call.name(&timed_name(now));
        let Written { text, body_place } = webhook_message::write(told);
        if let Some(place) = body_place {
            self.bodies.keep(&place, &told.body).await?;
        }
        let kept = self.queue.put(&name, &text, now);
        kept.map_err(|error| PortError::Unavailable {
            service: "queue",
            code: error.kind().to_string(),
        })?;
        self.names.lock().unwrap_or_else(PoisonError::into_inner).push(name);
        Ok(())
    }
}
