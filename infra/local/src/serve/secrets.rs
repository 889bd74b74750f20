//! In place of Secrets Manager: the stores' webhook secrets in a file, in the same form.

use std::io::ErrorKind;
use std::path::PathBuf;
use std::sync::Arc;

use within24::domain::webhook::Secrets;
use within24::ports::{PortError, Ported, ReadSecrets};

/// The file. It is read anew for each call: what is changed holds at once.
#[derive(Clone, Debug)]
pub(super) struct SecretsFile(PathBuf);

impl SecretsFile {
    /// The file at this path.
    pub(super) fn new(path: PathBuf) -> Self {
        Self(path)
    }
}

impl ReadSecrets for SecretsFile {
    async fn webhook_secrets(&self) -> Ported<Arc<Secrets>> {
        let broken = |code: String| PortError::Broken {
            service: "secrets.json",
            code,
        };
        let text = match std::fs::read_to_string(&self.0) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Arc::default()),
            Err(error) => return Err(broken(error.kind().to_string())),
        };
        let secrets = Secrets::from_json(&text).map_err(|error| broken(error.to_string()))?;
        Ok(Arc::new(secrets))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use within24::domain::store::StoreId;
    use within24::domain::webhook::Source;

    #[tokio::test]
    async fn what_is_changed_holds_at_once_and_what_cannot_be_read_is_said() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("secrets.json");
        let file = SecretsFile::new(path.clone());
        assert_eq!(*file.webhook_secrets().await.unwrap(), Secrets::default());
        std::fs::write(&path, r#"{"de": {"zendesk": "hush"}}"#).unwrap();
        let mut wanted = Secrets::default();
        wanted.add(StoreId::parse("de").unwrap(), Source::Zendesk, "hush");
        assert_eq!(*file.webhook_secrets().await.unwrap(), wanted);
        std::fs::write(&path, r#"{"de": {"zendisk": "hush"}}"#).unwrap();
        let error = file.webhook_secrets().await.unwrap_err().to_string();
        assert!(
            error.contains("unknown source: \"zendisk\"") && !error.contains("hush"),
            "{error}"
        );
    }
}
