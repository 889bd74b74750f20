//! The bucket in memory: raw mail, files of answers, large calls.

use std::collections::BTreeMap;
use std::sync::{MutexGuard, PoisonError};

use super::{Memory, Strike, struck};
use crate::ports::{EraseMail, FetchAttachment, FetchCall, FetchMail, KeepAttachment, Ported};

impl Memory {
    fn bucket(&self) -> MutexGuard<'_, BTreeMap<String, Vec<u8>>> {
        self.bucket.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Stores a raw mail.
    pub fn put_mail(&self, place: &str, raw: &[u8]) {
        self.bucket().insert(place.to_owned(), raw.to_vec());
    }

    /// What lies in the bucket under this prefix, by place.
    pub fn objects(&self, prefix: &str) -> BTreeMap<String, Vec<u8>> {
        let bucket = self.bucket();
        let under = bucket.iter().filter(|(place, _)| place.starts_with(prefix));
        under.map(|(place, content)| (place.clone(), content.clone())).collect()
    }

    /// Puts something into the bucket, whatever lies there, or takes it away.
    pub fn put_object(&self, place: &str, content: Option<&[u8]>) {
        match content {
            Some(content) => self.bucket().insert(place.to_owned(), content.to_vec()),
            None => self.bucket().remove(place),
        };
    }

    fn get(&self, place: &str, limit: usize) -> Ported<Option<Vec<u8>>> {
        match self.faults.next() {
            Some(_) => Err(struck()),
            None => Ok(self.bucket().get(place).map(|all| all[..all.len().min(limit)].to_vec())),
        }
    }
}

impl FetchMail for Memory {
    async fn fetch(&self, place: &str, limit: usize) -> Ported<Option<Vec<u8>>> {
        self.get(place, limit)
    }
}

impl KeepAttachment for Memory {
    async fn keep(&self, place: &str, content: &[u8]) -> Ported<()> {
        let strike = self.faults.next();
        if strike != Some(Strike::Before) {
            self.put_object(place, Some(content));
        }
        strike.map_or(Ok(()), |_| Err(struck()))
    }
}

impl FetchAttachment for Memory {
    async fn attachment(&self, place: &str, limit: usize) -> Ported<Option<Vec<u8>>> {
        self.get(place, limit)
    }
}

impl FetchCall for Memory {
    async fn body(&self, place: &str) -> Ported<Option<Vec<u8>>> {
        self.get(place, usize::MAX)
    }
}

impl EraseMail for Memory {
    async fn erase(&self, place: &str) -> Ported<u64> {
        let strike = self.faults.next();
        let there = strike != Some(Strike::Before) && self.bucket().remove(place).is_some();
        strike.map_or(Ok(u64::from(there)), |_| Err(struck()))
    }
}
