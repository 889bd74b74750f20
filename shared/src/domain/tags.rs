//! Labels that come and go by events in any order: of each label, the latest word counts.
//!
//! Labels that nothing was ever said of (`imported`, `spam`) are ours: no helpdesk's list takes them away.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::thread::Thread;

/// What was said when of a thread's labels.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TagHistory {
    /// When each label last came or went.
    pub changes: BTreeMap<String, Timestamp>,
    /// When all labels were last listed: nothing older counts.
    pub listed_at: Option<Timestamp>,
}

impl TagHistory {
    /// When something was last said of this label.
    fn known(&self, tag: &str) -> Option<Timestamp> {
        self.changes.get(tag).copied().max(self.listed_at)
    }
}

impl Thread {
    /// Labels came and went at this time. What comes and goes at once is there.
    pub fn tag(&mut self, add: &[String], remove: &[String], at: Timestamp) {
        let clean = |tags: &[String]| -> Vec<String> {
            let trimmed = tags.iter().map(|tag| tag.trim().to_owned());
            trimmed.filter(|tag| !tag.is_empty()).collect()
        };
        for tag in clean(remove) {
            if self.tag_history.known(&tag).is_none_or(|known| known < at) {
                self.tags.remove(&tag);
                self.tag_history.changes.insert(tag, at);
            }
        }
        for tag in clean(add) {
            if self.tag_history.known(&tag).is_none_or(|known| known <= at) {
                self.tags.insert(tag.clone());
                self.tag_history.changes.insert(tag, at);
            }
        }
    }

    /// These were all labels of the helpdesk's ticket at this time.
    pub fn tags_are(&mut self, tags: &[String], at: Timestamp) {
        if self.tag_history.listed_at.is_some_and(|listed| listed > at) {
            return;
        }
        let gone: Vec<String> = self
            .tag_history
            .changes
            .keys()
            .filter(|tag| !tags.contains(tag))
            .cloned()
            .collect();
        self.tag(tags, &gone, at);
        self.tag_history.listed_at = Some(at);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::alias::Alias;
    use crate::domain::key::Key;
    use crate::domain::store::StoreId;

    fn thread() -> Thread {
        let alias = Alias::parse("a1b2c3d4e5f6g7h@marketplace.amazon.de").unwrap();
        Thread::open(StoreId::parse("de").unwrap(), alias, &Key::of(&["m"]), at(0))
    }

    fn at(minute: i64) -> Timestamp {
        Timestamp::from_second(1_772_442_000 + 60 * minute).unwrap()
    }

    fn tags(tags: &[&str]) -> Vec<String> {
        tags.iter().map(|tag| (*tag).to_owned()).collect()
    }

    /// Something said of labels: all of them, or what came and went.
    type Said = (i64, Option<Vec<String>>, Vec<String>, Vec<String>);

    fn say(thread: &mut Thread, (minute, all, add, remove): &Said) {
        match all {
            Some(all) => thread.tags_are(all, at(*minute)),
            None => thread.tag(add, remove, at(*minute)),
        }
    }

    #[test]
    fn the_latest_word_on_a_label_counts_in_whatever_order_it_comes() {
        let said: Vec<Said> = vec![
            (1, None, tags(&["a", "b"]), Vec::new()),
            (2, Some(tags(&["a", "c"])), Vec::new(), Vec::new()),
            (3, None, tags(&["d"]), tags(&["a"])),
            (4, None, tags(&["b"]), tags(&["c"])),
        ];
        let mut orders = vec![vec![]];
        for _ in 0..said.len() {
            orders = orders
                .into_iter()
                .flat_map(|order: Vec<usize>| {
                    let left = (0..said.len()).filter(|n| !order.contains(n)).collect::<Vec<_>>();
                    left.into_iter().map(move |n| [order.clone(), vec![n]].concat())
                })
                .collect();
        }
        assert_eq!(orders.len(), 24);
        for order in orders {
            let mut thread = thread();
            thread.tags.insert("imported".to_owned());
            for n in &order {
                say(&mut thread, &said[*n]);
                say(&mut thread, &said[*n]);
            }
            assert_eq!(
                thread.tags,
                tags(&["b", "d", "imported"]).into_iter().collect(),
                "{order:?}"
            );
        }
    }

    #[test]
    fn the_latest_assignment_counts() {
        let mut thread = thread();
        thread.assign(Some("mara".into()), at(2));
        thread.assign(Some("jonna".into()), at(1));
        assert_eq!(thread.assignee, Some("mara".into()));
        thread.assign(None, at(3));
        assert_eq!(thread.assignee, None);
    }
}
