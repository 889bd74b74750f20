//! A prefix tree over folded words, laid out breadth first by the build script: a node's children are one slice.
//!
//! An Aho-Corasick automaton over the same entries finds them inside words too, which no rule wants: entries start where
//! words start, but for the few of their own tree.

use super::lexicon::Entry;

pub(super) struct Trie {
    pub(super) labels: &'static [u8],
    /// For each node its first child; one more entry at the end.
    pub(super) children: &'static [u32],
    /// For each node its first entry; one more at the end.
    pub(super) values: &'static [u32],
    /// Language, class and open end in one number.
    pub(super) entries: &'static [u32],
    /// The children of the root by byte, 0 for none.
    pub(super) root: [u32; 256],
}

impl Trie {
    /// Calls `found(length, entry)` for every entry that `text` starts with.
    #[inline]
    pub(super) fn walk(&self, text: &[u8], mut found: impl FnMut(usize, Entry)) {
        let Some(&first) = text.first() else { return };
        let mut node = self.root[usize::from(first)] as usize;
        if node == 0 {
            return;
        }
        let mut depth = 1;
        loop {
            let (from, to) = (self.values[node] as usize, self.values[node + 1] as usize);
            for &packed in &self.entries[from..to] {
                found(depth, Entry::unpack(packed));
            }
            let Some(&byte) = text.get(depth) else { return };
            let (from, to) = (self.children[node] as usize, self.children[node + 1] as usize);
            let Some(step) = self.labels[from..to].iter().position(|&label| label == byte) else {
                return;
            };
            node = from + step;
            depth += 1;
        }
    }
}
