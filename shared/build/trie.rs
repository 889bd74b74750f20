//! Prefix trees over folded words, laid out breadth first: a node's children are one slice and need no pointers.
//!
//! What all keys below a node have in common is kept beside it in one piece, which leaves a quarter of the nodes: the whole
//! tree then stays in the processor's cache.

#[derive(Default)]
pub(crate) struct Trie {
    pub(crate) labels: Vec<u8>,
    /// For each node its first child; one more entry at the end.
    pub(crate) children: Vec<usize>,
    /// For each node the first of the keys that end there; one more entry at the end.
    pub(crate) values: Vec<usize>,
    /// For each node the start of the bytes that follow its label, in `tail`; one more entry at the end.
    pub(crate) tails: Vec<usize>,
    pub(crate) tail: Vec<u8>,
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
        let mut level = vec![(0, keys.len(), 0)];
        while !level.is_empty() {
            let mut next = Vec::new();
            for &(from, to, mut depth) in &level {
                trie.tails.push(trie.tail.len());
                // The root has no label and no tail.
                if depth > 0 {
                    let (first, last) = (keys[from].as_bytes(), keys[to - 1].as_bytes());
                    let shared = first[depth..].iter().zip(&last[depth..]).take_while(|(a, b)| a == b);
                    trie.tail.extend(shared.map(|(a, _)| a));
                    depth += trie.tail.len() - trie.tails[trie.tails.len() - 1];
                }
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
                    next.push((start, start + same, depth + 1));
                    start += same;
                }
            }
            level = next;
        }
        trie.tails.push(trie.tail.len());
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
