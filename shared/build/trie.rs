//! Prefix trees over folded words, laid out breadth first: a node's children are one slice and need no pointers.

#[derive(Default)]
pub(crate) struct Trie {
    pub(crate) labels: Vec<u8>,
    /// For each node its first child; one more entry at the end.
    pub(crate) children: Vec<usize>,
    /// For each node the first of the keys that end there; one more entry at the end.
    pub(crate) values: Vec<usize>,
    /// The keys in the order of `values`.
    pub(crate) order: Vec<usize>,
}

impl Trie {
    /// `keys` sorted; equal keys next to each other.
    pub(crate) fn new(keys: &[&str]) -> Self {
        let mut trie = Self {
            labels: vec![0],
            ..Self::default()
        };
        let mut level = vec![(0, keys.len())];
        let mut depth = 0;
        while !level.is_empty() {
            let mut next = Vec::new();
            for &(from, to) in &level {
                // Keys that end here come first among those that share the prefix.
                let ended = keys[from..to].iter().take_while(|key| key.len() == depth).count();
                trie.values.push(trie.order.len());
                trie.order.extend(from..from + ended);
                trie.children.push(trie.labels.len());
                let mut start = from + ended;
                while start < to {
                    let label = keys[start].as_bytes()[depth];
                    let same = keys[start..to]
                        .iter()
                        .take_while(|key| key.as_bytes()[depth] == label)
                        .count();
                    trie.labels.push(label);
                    next.push((start, start + same));
                    start += same;
                }
            }
            level = next;
            depth += 1;
        }
        trie.values.push(trie.order.len());
        trie.children.push(trie.labels.len());
        trie
    }

    /// The child of the root by first byte, 0 for none.
    pub(crate) fn root(&self) -> Vec<usize> {
        let mut root = vec![0; 256];
        for node in self.children[0]..self.children[1] {
            root[usize::from(self.labels[node])] = node;
        }
        root
    }
}
