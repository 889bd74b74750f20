//! The secrets by which stores know their helpdesks: several a source, so that one can be replaced without a gap.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::Value;

use super::Source;
use crate::domain::store::StoreId;

/// A secret that is sent along as it is, not used to sign, has at least this many characters.
const LEAST_TOKEN: usize = 16;

/// A shared secret. Cannot be printed.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Secret(String);

impl Secret {
    /// The bytes, for a signature.
    pub(super) fn bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    /// The text, for forms that decode it.
    pub(super) fn text(&self) -> &str {
        &self.0
    }

    /// Whether it is long enough to be sent along instead of signing.
    pub(super) fn is_token(&self) -> bool {
        self.0.len() >= LEAST_TOKEN
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<secret>")
    }
}

/// The active secrets of all stores.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Secrets(BTreeMap<Source, Vec<(StoreId, Secret)>>);

/// Secrets that cannot be read. Nothing of them is in the text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SecretsError {
    /// Not `{store: {source: secret or [secrets]}}`.
    #[error("webhook secrets are no JSON object of stores")]
    Shape,
    /// A store's name is none.
    #[error("webhook secrets name a store that cannot be: {0:?}")]
    Store(String),
    /// No such source.
    #[error("webhook secrets of store {store} name an unknown source: {source_name:?}")]
    Source {
        /// The store.
        store: String,
        /// What stands where a source should.
        source_name: String,
    },
    /// A secret is empty or no text.
    #[error("a webhook secret of store {store} for {source_name} is empty or no text")]
    Secret {
        /// The store.
        store: String,
        /// The source.
        source_name: &'static str,
    },
}

impl Secrets {
    /// Reads `{store: {source: secret}}`; instead of one secret there may be a list of those that are active.
    ///
    /// # Errors
    /// What is wrong first; never with a secret in the text.
    pub fn from_json(text: &str) -> Result<Self, SecretsError> {
        let Ok(Value::Object(stores)) = serde_json::from_str::<Value>(text) else {
            return Err(SecretsError::Shape);
        };
        let mut secrets = Self::default();
        for (store, sources) in &stores {
            let id = StoreId::parse(store).ok_or_else(|| SecretsError::Store(store.clone()))?;
            for (name, value) in sources.as_object().ok_or(SecretsError::Shape)? {
                let source = Source::parse(name).ok_or_else(|| SecretsError::Source {
                    store: store.clone(),
                    source_name: name.clone(),
                })?;
                let listed = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
                for secret in listed {
                    let text = secret.as_str().map(str::trim).filter(|text| !text.is_empty());
                    let text = text.ok_or_else(|| SecretsError::Secret {
                        store: store.clone(),
                        source_name: source.as_str(),
                    })?;
                    secrets.add(id.clone(), source, text);
                }
            }
        }
        Ok(secrets)
    }

    /// One more active secret.
    pub fn add(&mut self, store: StoreId, source: Source, secret: &str) {
        self.0
            .entry(source)
            .or_default()
            .push((store, Secret(secret.to_owned())));
    }

    /// The active secrets of a source, each with its store.
    pub(super) fn of(&self, source: Source) -> &[(StoreId, Secret)] {
        self.0.get(&source).map_or(&[], Vec::as_slice)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_has_one_secret_or_several() {
        let secrets = Secrets::from_json(r#"{"de":{"zendesk":"a","front":["b","c"]},"us":{"zendesk":"d"}}"#).unwrap();
        let texts = |source| -> Vec<(&str, &str)> {
            let all: &[(StoreId, Secret)] = secrets.of(source);
            all.iter()
                .map(|(store, secret)| (store.as_str(), secret.text()))
                .collect()
        };
        assert_eq!(texts(Source::Zendesk), [("de", "a"), ("us", "d")]);
        assert_eq!(texts(Source::Front), [("de", "b"), ("de", "c")]);
        assert!(texts(Source::Gorgias).is_empty());
    }

    #[test]
    fn what_is_wrong_is_said_without_the_secret() {
        let wrong = [
            "[]",
            "{\"de\":\"hush\"}",
            "{\"d e\":{}}",
            "{\"de\":{\"zendisk\":\"hush\"}}",
            "{\"de\":{\"zendesk\":[\"hush\",\"\"]}}",
            "hush",
        ];
        for text in wrong {
            let error = Secrets::from_json(text).unwrap_err().to_string();
            assert!(!error.contains("hush"), "{error}");
        }
        let secrets = Secrets::from_json(r#"{"de":{"zendesk":"hush"}}"#).unwrap();
        assert!(!format!("{secrets:?}").contains("hush"));
    }
}
