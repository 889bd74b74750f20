//! The little language of patterns: which classes of words, in which order, how near, and what must not stand beside them.

use std::collections::{BTreeSet, HashMap};

/// A set of word classes.
pub(crate) type Classes = BTreeSet<u16>;

/// One word of a chain, and how it follows the one before.
pub(crate) struct Link {
    pub(crate) classes: Classes,
    /// At most so many words between.
    pub(crate) gap: u32,
    /// No preposition, conjunction or end of clause between.
    pub(crate) tight: bool,
}

/// What must not be there.
pub(crate) struct Guard {
    pub(crate) classes: Classes,
    /// In the whole sentence, not only in the clauses of the match.
    pub(crate) sentence: bool,
}

pub(crate) enum Gives {
    /// The match counts as a word of this class.
    Class(u16),
    /// Words of its own classes in the match count no more.
    Innocent,
    /// No word of the match counts any more.
    Harmless,
    /// The id of the rule and the name of the shade.
    Act(String, &'static str),
}

pub(crate) struct Pattern {
    pub(crate) gives: Gives,
    /// True where the chain may stand in the sentence before or after.
    pub(crate) chains: Vec<(bool, Vec<Link>)>,
    pub(crate) guards: Vec<Guard>,
    /// Not where we ourselves do it.
    pub(crate) not_we: bool,
}

/// The names of the classes.
#[derive(Default)]
pub(crate) struct Names {
    by_name: HashMap<String, u16>,
}

impl Names {
    pub(crate) fn class(&mut self, name: &str) -> u16 {
        if let Some(&class) = self.by_name.get(name) {
            return class;
        }
        let class = u16::try_from(self.by_name.len()).unwrap_or(0);
        self.by_name.insert(name.to_owned(), class);
        class
    }

    pub(crate) fn len(&self) -> usize {
        self.by_name.len()
    }
}

/// Reads one line: `rule: a ~3 b & c !d`, `+class: …`, `innocent: …`. `literal` makes one class of all
/// the quoted words of a place.
pub(crate) fn parse(
    line: &str,
    names: &mut Names,
    literal: &mut impl FnMut(&[String], &mut Names) -> u16,
) -> Result<Pattern, String> {
    let (head, body) = line.split_once(':').ok_or_else(|| format!("no colon: {line}"))?;
    let (head, free) = match head.strip_suffix('!') {
        Some(head) => (head.trim(), true),
        None => (head.trim(), false),
    };
    let gives = if head == "innocent" {
        Gives::Innocent
    } else if head == "harmless" {
        Gives::Harmless
    } else if let Some(class) = head.strip_prefix('+') {
        Gives::Class(names.class(class.trim()))
    } else {
        let (id, shade) = match head.split_once('/') {
            Some((id, "neutral")) => (id, "Neutral"),
            Some((id, "biased")) => (id, "Biased"),
            Some((id, "mild")) => (id, "Mild"),
            Some((_, other)) => return Err(format!("no such shade: {other}")),
            None => (head, "Plain"),
        };
        Gives::Act(id.to_owned(), shade)
    };
    let mut pattern = Pattern {
        gives,
        chains: vec![(false, Vec::new())],
        guards: Vec::new(),
        not_we: false,
    };
    if matches!(pattern.gives, Gives::Act(..)) && !free {
        pattern.guards.push(Guard {
            classes: Classes::from([names.class("neg")]),
            sentence: false,
        });
        pattern.guards.push(Guard {
            classes: Classes::from([names.class("reported")]),
            sentence: false,
        });
        pattern.guards.push(Guard {
            classes: Classes::from([names.class("refused")]),
            sentence: true,
        });
    }
    let (mut gap, mut tight) = (0, true);
    for word in body.split_whitespace() {
        if word == "&" {
            pattern.chains.push((false, Vec::new()));
        } else if word == "&&" {
            pattern.chains.push((true, Vec::new()));
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

fn classes(text: &str, names: &mut Names, literal: &mut impl FnMut(&[String], &mut Names) -> u16) -> Classes {
    let mut classes = Classes::default();
    let mut quoted = Vec::new();
    for name in text.split('|') {
        match name.strip_prefix('\'').and_then(|name| name.strip_suffix('\'')) {
            Some(words) => quoted.push(words.replace('_', " ")),
            None => _ = classes.insert(names.class(name)),
        }
    }
    if !quoted.is_empty() {
        classes.insert(literal(&quoted, names));
    }
    classes
}
