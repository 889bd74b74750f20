//! The stores' webhook secrets, as one secret of Secrets Manager: `{store: {source: secret or [secrets]}}`.

use std::sync::{Arc, Mutex, PoisonError};

use aws_sdk_secretsmanager::Client;
use jiff::{SignedDuration, Timestamp};

use super::sdk_error::{permanent, port_error};
use crate::domain::webhook::Secrets;
use crate::ports::{Ported, ReadSecrets};

const SERVICE: &str = "secrets";

/// A secret that was read is used for this long: a new one must be active beside the old one for longer.
const KEPT: SignedDuration = SignedDuration::from_mins(5);

/// The secret, read when it is needed and kept for five minutes.
#[derive(Debug)]
pub struct StoredSecrets {
    client: Client,
    name: String,
    now: fn() -> Timestamp,
    kept: Mutex<Option<(Timestamp, Arc<Secrets>)>>,
}

impl StoredSecrets {
    /// The secret of this name or ARN.
    pub fn new(client: Client, name: impl Into<String>, now: fn() -> Timestamp) -> Self {
        Self {
            client,
            name: name.into(),
            now,
            kept: Mutex::default(),
        }
    }

    /// What was kept, if it is still fresh.
    fn fresh(&self, now: Timestamp) -> Option<Arc<Secrets>> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let (read, secrets) = kept.as_ref()?;
        (now.duration_since(*read) < KEPT).then(|| Arc::clone(secrets))
    }
}

impl ReadSecrets for StoredSecrets {
    async fn webhook_secrets(&self) -> Ported<Arc<Secrets>> {
        let now = (self.now)();
        if let Some(secrets) = self.fresh(now) {
            return Ok(secrets);
        }
        let got = self.client.get_secret_value().secret_id(&self.name).send().await;
        let got = got.map_err(|error| port_error(SERVICE, &error))?;
        let text = got.secret_string().ok_or_else(|| permanent(SERVICE, "no text"))?;
        let secrets = Secrets::from_json(text).map_err(|error| permanent(SERVICE, error.to_string()))?;
        let secrets = Arc::new(secrets);
        *self.kept.lock().unwrap_or_else(PoisonError::into_inner) = Some((now, Arc::clone(&secrets)));
        Ok(secrets)
    }
}
