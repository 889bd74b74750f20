//! A prefix tree over folded words: the fastest thing to build that is still linear to search.
//!
//! Measured against alternatives on the same ~8,000 entries: an Aho-Corasick automaton takes several times as long to build and
//! is not needed, since entries start where words start. Nodes lie in breadth-first order, so a node's children are one
//! slice and need no pointers.

use std::ops::Range;

pub(super) struct Trie {
    labels: Vec<u8>,
    /// For each node its first child; one more entry at the end.
    children: Vec<u32>,
    /// For each node the keys that end there.
    values: Vec<(u32, u32)>,
    /// The children of the root by byte, 0 for none.
    root: [u32; 256],
}

impl Trie {
    /// `keys` sorted; equal keys next to each other. Values are the indices of the keys.
    pub(super) fn new(keys: &[&str]) -> Self {
        let mut trie = Self {
            labels: vec![0],
            children: Vec::new(),
            values: Vec::new(),
            root: [0; 256],
        };
        let mut level = vec![(0, keys.len())];
        let mut depth = 0;
        while !level.is_empty() {
            let mut next = Vec::new();
            for &(from, to) in &level {
                // Keys that end here come first among those that share the prefix.
                let ended = keys[from..to].iter().take_while(|key| key.len() == depth).count();
                trie.values.push((number(from), number(from + ended)));
                trie.children.push(number(trie.labels.len()));
                let mut start = from + ended;
                while start < to {
                    let label = keys[start].as_bytes()[depth];
                    let same = keys[start..to]
                        .iter()
                        .take_while(|key| key.as_bytes()[depth] == label)
                        .count();
                    if depth == 0 {
                        trie.root[usize::from(label)] = number(trie.labels.len());
                    }
                    trie.labels.push(label);
                    next.push((start, start + same));
                    start += same;
                }
            }
            level = next;
            depth += 1;
        }
        trie.children.push(number(trie.labels.len()));
        trie
    }

    /// Calls `found(length, indices of the equal keys)` for every key that `text` starts with.
    #[inline]
    pub(super) fn walk(&self, text: &[u8], mut found: impl FnMut(usize, Range<usize>)) {
        let Some(&first) = text.first() else { return };
        let mut node = self.root[usize::from(first)] as usize;
        if node == 0 {
            return;
        }
        let mut depth = 1;
        loop {
            let (from, to) = self.values[node];
            if from < to {
                found(depth, from as usize..to as usize);
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

fn number(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}
