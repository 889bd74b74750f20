//! The newest mails of a thread, by a short mark of their Message-ID each, kept with the thread itself: what tells a
//! repetition and finds the thread of an answer without a row, a read or a write of its own.
//!
//! A thread keeps few of them, so that it stays small; older ones move into rows of their own, eight at a time.

use sha2::{Digest, Sha256};

use super::message_id::MessageId;

/// Marks that move out together.
pub const TOGETHER: usize = 8;

/// A Message-ID in eight bytes: 64 bits of its SHA-256. Marks are compared within one buyer only, so two of a thousand mails
/// of one buyer are mistaken for each other once in 10¹³ buyers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MailMark([u8; 8]);

impl MailMark {
    /// The mark of this id.
    pub fn of(id: &MessageId) -> Self {
        let digest = Sha256::digest(id.expose().as_bytes());
        let mut mark = [0; 8];
        mark.copy_from_slice(&digest[..8]);
        Self(mark)
    }
}

/// When marks move out of a thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Room {
    /// The write is cheap: a thread with sixteen hands over eight.
    Ample,
    /// The write has much to do already: only a thread with twenty-four.
    Scarce,
}

/// The newest mails of a thread, in the order they came to be known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RecentMails {
    newest: Vec<MailMark>,
    /// Whether older ones stand in rows of their own.
    older: bool,
}

impl RecentMails {
    /// Out of storage: eight bytes a mark.
    pub fn from_bytes(bytes: &[u8], older: bool) -> Self {
        let newest = bytes.as_chunks().0.iter().copied().map(MailMark).collect();
        Self { newest, older }
    }

    /// For storage: eight bytes a mark.
    pub fn bytes(&self) -> Vec<u8> {
        bytes(&self.newest)
    }

    /// Whether older ones stand in rows of their own.
    pub fn has_older(&self) -> bool {
        self.older
    }

    /// Whether this is one of the newest mails.
    pub fn contains(&self, id: &MessageId) -> bool {
        self.newest.contains(&MailMark::of(id))
    }

    /// One more mail; one that is known already changes nothing.
    pub fn add(&mut self, id: &MessageId) {
        let mark = MailMark::of(id);
        if !self.newest.contains(&mark) {
            self.newest.push(mark);
        }
    }

    /// Hands over the oldest marks where there are too many: they are to be stored in the same write.
    pub fn hand_over(&mut self, room: Room) -> Option<Vec<MailMark>> {
        let most = match room {
            Room::Ample => 2 * TOGETHER,
            Room::Scarce => 3 * TOGETHER,
        };
        if self.newest.len() < most {
            return None;
        }
        self.older = true;
        Some(self.newest.drain(..TOGETHER).collect())
    }
}

/// Marks for storage: eight bytes each.
pub fn bytes(marks: &[MailMark]) -> Vec<u8> {
    marks.iter().flat_map(|mark| mark.0).collect()
}

/// Marks out of storage.
pub fn marks(bytes: &[u8]) -> Vec<MailMark> {
    RecentMails::from_bytes(bytes, false).newest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(number: usize) -> MessageId {
        MessageId::parse(&format!("{number}@x.example")).unwrap()
    }

    #[test]
    fn every_mail_is_either_kept_or_handed_over() {
        let mut recent = RecentMails::default();
        let mut older = Vec::new();
        for number in 0..100 {
            recent.add(&id(number));
            recent.add(&id(number));
            older.extend(recent.hand_over(Room::Ample).into_iter().flatten());
        }
        let kept = |number: &usize| recent.contains(&id(*number)) || older.contains(&MailMark::of(&id(*number)));
        assert!((0..100).all(|number| kept(&number)) && !kept(&100));
        assert!(recent.has_older() && recent.newest.len() < 16);
        assert_eq!(older.len() % TOGETHER, 0);
        assert_eq!(RecentMails::from_bytes(&recent.bytes(), true), recent);
        assert_eq!(marks(&bytes(&older)), older);
    }

    #[test]
    fn a_write_that_has_much_to_do_waits_for_a_cheaper_one() {
        let mut recent = RecentMails::default();
        (0..23).for_each(|number| recent.add(&id(number)));
        assert_eq!(recent.hand_over(Room::Scarce), None);
        recent.add(&id(23));
        assert_eq!(recent.hand_over(Room::Scarce).unwrap().len(), TOGETHER);
        assert_eq!(recent.hand_over(Room::Ample).unwrap().len(), TOGETHER);
        assert_eq!(recent.hand_over(Room::Ample), None);
    }
}
