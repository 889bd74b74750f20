//! The little language of patterns: which classes of words, in which order, how near, and what must not stand beside them.

use std::collections::HashMap;

use super::super::rule::{Rule, Shade};

/// A set of word classes.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Classes([u64; 6]);

pub(super) const MOST_CLASSES: usize = 384;

impl Classes {
    pub(super) fn insert(&mut self, class: u16) {
        self.0[usize::from(class >> 6)] |= 1 << (class & 63);
    }

    #[inline]
    pub(super) fn contains(self, class: u16) -> bool {
        self.0[usize::from(class >> 6)] >> (class & 63) & 1 == 1
    }

    #[inline]
    pub(super) fn meets(self, other: Self) -> bool {
        self.0.iter().zip(other.0).any(|(a, b)| a & b != 0)
    }
}

/// One word of a chain, and how it follows the one before.
pub(super) struct Link {
    pub(super) classes: Classes,
    /// At most so many words between.
    pub(super) gap: u32,
    /// No preposition, conjunction or end of clause between.
    pub(super) tight: bool,
}

/// Where a chain must stand in relation to the first one.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Where {
    Same,
    Near,
}

/// What must not be there.
#[derive(Clone, Copy)]
pub(super) struct Guard {
    pub(super) classes: Classes,
    /// In the whole sentence, not only in the clauses of the match.
    pub(super) sentence: bool,
}

pub(super) enum Gives {
    /// The match counts as a word of this class.
    Class(u16),
    /// Words of the last class in the match count no more.
    Innocent,
    Act(Rule, Shade),
}

pub(super) struct Pattern {
    pub(super) gives: Gives,
    pub(super) chains: Vec<(Where, Vec<Link>)>,
    pub(super) guards: Vec<Guard>,
    /// Not where we ourselves do it.
    pub(super) not_we: bool,
}

/// The names of the classes.
#[derive(Default)]
pub(super) struct Names {
    by_name: HashMap<String, u16>,
}

impl Names {
    pub(super) fn class(&mut self, name: &str) -> u16 {
        if let Some(&class) = self.by_name.get(name) {
            return class;
        }
        let class = u16::try_from(self.by_name.len()).unwrap_or(0);
        self.by_name.insert(name.to_owned(), class);
        class
    }

    pub(super) fn len(&self) -> usize {
        self.by_name.len()
    }

    pub(super) fn get(&self, name: &str) -> Option<u16> {
        self.by_name.get(name).copied()
    }
}

/// Reads one line: `rule: a ~3 b & c !d`, `+class: …`, `innocent: …`. `literal` makes a class of quoted words.
pub(super) fn parse(
    line: &str,
    names: &mut Names,
    literal: &mut impl FnMut(&str, &mut Names) -> u16,
) -> Result<Pattern, String> {
    let (head, body) = line.split_once(':').ok_or_else(|| format!("no colon: {line}"))?;
    let (head, free) = match head.strip_suffix('!') {
        Some(head) => (head.trim(), true),
        None => (head.trim(), false),
    };
    let gives = if head == "innocent" {
        Gives::Innocent
    } else if let Some(class) = head.strip_prefix('+') {
        Gives::Class(names.class(class.trim()))
    } else {
        let (id, shade) = match head.split_once('/') {
            Some((id, "neutral")) => (id, Shade::Neutral),
            Some((id, "biased")) => (id, Shade::Biased),
            Some((_, other)) => return Err(format!("no such shade: {other}")),
            None => (head, Shade::Plain),
        };
        Gives::Act(Rule::parse(id).ok_or_else(|| format!("no such rule: {id}"))?, shade)
    };
    let mut pattern = Pattern {
        gives,
        chains: vec![(Where::Same, Vec::new())],
        guards: Vec::new(),
        not_we: false,
    };
    if matches!(pattern.gives, Gives::Act(..)) && !free {
        pattern.guards.push(Guard {
            classes: one(names.class("neg")),
            sentence: false,
        });
        pattern.guards.push(Guard {
            classes: one(names.class("reported")),
            sentence: false,
        });
        pattern.guards.push(Guard {
            classes: one(names.class("refused")),
            sentence: true,
        });
    }
    let (mut gap, mut tight) = (0, true);
    for word in body.split_whitespace() {
        if word == "&" {
            pattern.chains.push((Where::Same, Vec::new()));
        } else if word == "&&" {
            pattern.chains.push((Where::Near, Vec::new()));
        } else if word == "!we" {
            pattern.not_we = true;
        } else if let Some(names_of) = word.strip_prefix("!!") {
            pattern.guards.push(Guard {
                classes: classes(names_of, names, literal),
                sentence: true,
            });
        } else if let Some(names_of) = word.strip_prefix('!') {
            pattern.guards.push(Guard {
                classes: classes(names_of, names, literal),
                sentence: false,
            });
        } else if let Some(number) = word.strip_prefix('~') {
            (gap, tight) = (number.parse().map_err(|_| format!("bad gap: {word}"))?, true);
        } else if let Some(number) = word.strip_prefix("..") {
            (gap, tight) = (number.parse().map_err(|_| format!("bad gap: {word}"))?, false);
        } else {
            let classes = classes(word, names, literal);
            let chain = pattern.chains.last_mut().ok_or("no chain")?;
            chain.1.push(Link { classes, gap, tight });
            (gap, tight) = (0, true);
        }
    }
    if pattern.chains.iter().any(|(_, chain)| chain.is_empty()) {
        return Err(format!("nothing to look for: {line}"));
    }
    Ok(pattern)
}

fn one(class: u16) -> Classes {
    let mut classes = Classes::default();
    classes.insert(class);
    classes
}

fn classes(text: &str, names: &mut Names, literal: &mut impl FnMut(&str, &mut Names) -> u16) -> Classes {
    let mut classes = Classes::default();
    for name in text.split('|') {
        let class = match name.strip_prefix('\'').and_then(|name| name.strip_suffix('\'')) {
            Some(words) => literal(&words.replace('_', " "), names),
            None => names.class(name),
        };
        classes.insert(class);
    }
    classes
}
