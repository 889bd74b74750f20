//! A row: attribute values by name, with the few types the table uses.

use std::collections::HashMap;

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;

use crate::ports::PortError;

/// An item of the table.
#[derive(Debug, Default, Clone)]
pub(super) struct Row(pub(super) HashMap<String, AttributeValue>);

/// An item that cannot be read: which attribute.
pub(super) fn unreadable(attribute: &str) -> PortError {
    PortError::Broken {
        service: "table",
        code: format!("unreadable attribute {attribute}"),
    }
}

/// Longer texts are stored compressed (raw DEFLATE) where that is smaller: write units are counted by the kilobyte.
const COMPRESS_FROM: usize = 256;

impl Row {
    pub(super) fn keyed(pk: String, sk: String) -> Self {
        Self::default().text("pk", pk).text("sk", sk)
    }

    pub(super) fn text(mut self, name: &str, value: impl Into<String>) -> Self {
        self.0.insert(name.to_owned(), AttributeValue::S(value.into()));
        self
    }

    pub(super) fn text_if(self, name: &str, value: Option<impl Into<String>>) -> Self {
        match value {
            Some(value) => self.text(name, value),
            None => self,
        }
    }

    pub(super) fn number(mut self, name: &str, value: impl Into<i128>) -> Self {
        self.0
            .insert(name.to_owned(), AttributeValue::N(value.into().to_string()));
        self
    }

    pub(super) fn flag(mut self, name: &str, value: bool) -> Self {
        if value {
            self.0.insert(name.to_owned(), AttributeValue::Bool(true));
        }
        self
    }

    pub(super) fn time(self, name: &str, value: Timestamp) -> Self {
        self.text(name, value.to_string())
    }

    pub(super) fn time_if(self, name: &str, value: Option<Timestamp>) -> Self {
        self.text_if(name, value.map(|at| at.to_string()))
    }

    pub(super) fn list(mut self, name: &str, values: impl Iterator<Item = String>) -> Self {
        let values: Vec<_> = values.map(AttributeValue::S).collect();
        if !values.is_empty() {
            self.0.insert(name.to_owned(), AttributeValue::L(values));
        }
        self
    }

    pub(super) fn bytes(mut self, name: &str, value: &[u8]) -> Self {
        self.0.insert(name.to_owned(), AttributeValue::B(Blob::new(value)));
        self
    }

    /// A long text, compressed where that pays.
    pub(super) fn long_text(mut self, name: &str, value: Option<&str>) -> Self {
        let Some(value) = value else { return self };
        if value.len() >= COMPRESS_FROM {
            let packed = miniz_oxide::deflate::compress_to_vec(value.as_bytes(), 6);
            if packed.len() < value.len() {
                self.0.insert(name.to_owned(), AttributeValue::B(Blob::new(packed)));
                return self;
            }
        }
        self.text(name, value)
    }

    /// Its partition and its place there.
    pub(super) fn key(&self) -> Option<(String, String)> {
        Some((self.find("pk")?.to_owned(), self.find("sk")?.to_owned()))
    }

    pub(super) fn find(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_s().ok().map(String::as_str)
    }

    pub(super) fn find_bytes(&self, name: &str) -> Option<&[u8]> {
        self.0.get(name)?.as_b().ok().map(AsRef::as_ref)
    }

    pub(super) fn get(&self, name: &str) -> Result<&str, PortError> {
        self.find(name).ok_or_else(|| unreadable(name))
    }

    pub(super) fn get_time(&self, name: &str) -> Result<Timestamp, PortError> {
        self.get(name)?.parse().map_err(|_| unreadable(name))
    }

    pub(super) fn find_time(&self, name: &str) -> Result<Option<Timestamp>, PortError> {
        self.find(name)
            .map(|text| text.parse().map_err(|_| unreadable(name)))
            .transpose()
    }

    pub(super) fn get_number(&self, name: &str) -> Result<u64, PortError> {
        let value = self.0.get(name).and_then(|value| value.as_n().ok());
        value
            .and_then(|number| number.parse().ok())
            .ok_or_else(|| unreadable(name))
    }

    pub(super) fn find_number(&self, name: &str) -> u64 {
        self.get_number(name).unwrap_or(0)
    }

    pub(super) fn is(&self, name: &str) -> bool {
        self.0
            .get(name)
            .and_then(|value| value.as_bool().ok())
            .copied()
            .unwrap_or(false)
    }

    pub(super) fn texts(&self, name: &str) -> impl Iterator<Item = &str> {
        let values = self
            .0
            .get(name)
            .and_then(|value| value.as_l().ok())
            .map_or(&[][..], Vec::as_slice);
        values.iter().filter_map(|value| value.as_s().ok().map(String::as_str))
    }

    /// A set of texts; missing is empty.
    pub(super) fn set(&self, name: &str) -> impl Iterator<Item = &str> {
        let values = self.0.get(name).and_then(|value| value.as_ss().ok());
        values.into_iter().flatten().map(String::as_str)
    }

    pub(super) fn find_long_text(&self, name: &str) -> Result<Option<String>, PortError> {
        match self.0.get(name) {
            Some(AttributeValue::B(packed)) => {
                let bytes = miniz_oxide::inflate::decompress_to_vec(packed.as_ref()).map_err(|_| unreadable(name))?;
                String::from_utf8(bytes).map(Some).map_err(|_| unreadable(name))
            }
            _ => Ok(self.find(name).map(str::to_owned)),
        }
    }
}
