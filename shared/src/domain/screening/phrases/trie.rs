//! A prefix tree over folded words, laid out breadth first by the build script: a node's children are one slice.
//!
//! An Aho-Corasick automaton over the same entries finds them inside words too, which no rule wants: entries start where
//! words start, but for the few of their own tree.

use super::lexicon::Entry;

pub(super) struct Trie {
    pub(super) labels: &'static [u8],
    /// For each node its first child, its first entry and the start of its tail; one more node at the end.
    pub(super) nodes: &'static [(u32, u32, u32)],
    /// The bytes that all entries below a node go on with after its label.
    pub(super) tail: &'static [u8],
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
            let [(child, value, tail), (next_child, next_value, next_tail)] = self.nodes[node..node + 2] else {
                return;
            };
            let tail = &self.tail[tail as usize..next_tail as usize];
            // Byte by byte: most tails differ at the first one.
            let rest = &text[depth..];
            if rest.len() < tail.len() || tail.iter().zip(rest).any(|(a, b)| a != b) {
                return;
            }
            depth += tail.len();
            for &packed in &self.entries[value as usize..next_value as usize] {
                found(depth, Entry::unpack(packed));
            }
            let Some(&byte) = text.get(depth) else { return };
            let labels = &self.labels[child as usize..next_child as usize];
            // Nodes of few children are soon looked through; those of Chinese characters have dozens.
            let step = match labels.len() {
                0..8 => labels.iter().position(|&label| label == byte),
                _ => memchr::memchr(byte, labels),
            };
            let Some(step) = step else { return };
            node = child as usize + step;
            depth += 1;
        }
    }
}
