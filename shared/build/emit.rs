//! The phrases as Rust constants.

use std::fmt::Write as _;

use super::FILES;
use super::pattern::{Classes, Gives, Pattern};
use super::source::{Row, Source};
use super::trie::Trie;

/// Classes a set has room for, as the library's type has.
const MOST_CLASSES: usize = 1024;
/// Patterns of one file, as the library's sets of them have room for.
const MOST_PATTERNS: usize = 384;

/// Who sees the constants.
const SCREENING: &str = "pub(in crate::domain::screening)";
const PHRASES: &str = "pub(in crate::domain::screening::phrases)";

/// Classes the library's code asks for by name.
const KNOWN: [&str; 26] = [
    "stop",
    "neg",
    "innocent",
    "break",
    "contrast",
    "we",
    "review",
    "amazonplace",
    "freeship",
    "you",
    "link",
    "phone",
    "email",
    "phoneword",
    "reachat",
    "messenger",
    "idlabel",
    "textword",
    "thirdparty",
    "responsible",
    "here",
    "purpose",
    "confirm",
    "thanks",
    "greet",
    "checkin",
];
/// Classes whose phrases leave a negation inside them standing.
const KEEP_NEG: [&str; 20] = [
    "neg",
    "innocent",
    "stop",
    "break",
    "confirm",
    "purpose",
    "greet",
    "thanks",
    "here",
    "checkin",
    "reported",
    "refused",
    "you",
    "we",
    "wantcancel",
    "withhold",
    "dontleave",
    "stockout",
    "badthing",
    "noword",
];

/// The source of the library's module `compiled`.
pub(crate) fn rust(mut source: Source) -> String {
    let mut out = String::new();
    tree(&mut out, "WORDS", &mut source.words);
    tree(&mut out, "INNER", &mut source.inner);
    let mut grams = [0_u64; 1024];
    for row in &source.inner {
        match row.key.as_bytes() {
            [a, b, c, ..] => {
                let gram = gram(*a, *b, *c);
                grams[gram / 64] |= 1 << (gram % 64);
            }
            _ => source
                .faults
                .push(format!("{}: too short to start inside a word", row.key)),
        }
    }
    let grams: Vec<String> = grams.iter().map(|bits| format!("{bits:#x}")).collect();
    line(
        &mut out,
        &format!("{PHRASES} static INNER_GRAMS: [u64; 1024] = [{}];", grams.join(",")),
    );
    known(&mut out, &mut source);
    for (name, patterns) in FILES.iter().zip(&source.patterns) {
        if patterns.len() > MOST_PATTERNS {
            source.faults.push(format!("{name}: at most {MOST_PATTERNS} patterns"));
        }
    }
    if source.names.len() > MOST_CLASSES {
        source
            .faults
            .push(format!("{} classes: at most {MOST_CLASSES}", source.names.len()));
    }
    starts(&mut out, &source);
    line(
        &mut out,
        &format!("{PHRASES} static PATTERNS: [&[Pattern]; {}] = [", FILES.len()),
    );
    for patterns in &source.patterns {
        let patterns: Vec<String> = patterns.iter().map(pattern).collect();
        line(&mut out, &format!("&[{}],", patterns.join(",\n")));
    }
    line(&mut out, "];");
    line(
        &mut out,
        &format!("{PHRASES} const TAGS: [&str; {}] = {FILES:?};", FILES.len()),
    );
    line(&mut out, "#[cfg(test)]");
    line(
        &mut out,
        &format!("{PHRASES} const FAULTS: &[&str] = &{:?};", source.faults),
    );
    out
}

/// The numbers of the classes that code asks for.
fn known(out: &mut String, source: &mut Source) {
    for name in KNOWN {
        let class = source.names.class(name);
        line(
            out,
            &format!("{SCREENING} const {}: u16 = {class};", name.to_uppercase()),
        );
    }
    let keep: Classes = KEEP_NEG.iter().map(|name| source.names.class(name)).collect();
    line(out, &format!("{PHRASES} const KEEP_NEG: Classes = {};", set(&keep)));
}

/// By class, the common patterns that may begin with a word of it: compositions, and acts.
fn starts(out: &mut String, source: &Source) {
    let first = &source.patterns[0];
    for (name, acts) in [("COMPOSE", false), ("JUDGE", true)] {
        let starts = (0..source.names.len()).map(|class| {
            let bits = first.iter().enumerate().filter(|(_, pattern)| {
                matches!(pattern.gives, Gives::Act(..)) == acts
                    && pattern.chains[0].1[0]
                        .classes
                        .iter()
                        .any(|&of| usize::from(of) == class)
            });
            bits.fold([0_u128; MOST_PATTERNS / 128], |mut bits, (index, _)| {
                bits[index / 128 % (MOST_PATTERNS / 128)] |= 1 << (index % 128);
                bits
            })
        });
        let starts: Vec<String> = starts
            .map(|[low, middle, high]| format!("Set([{low:#x},{middle:#x},{high:#x}])"))
            .collect();
        let head = format!("{PHRASES} static {name}: [Set; {}] = [", starts.len());
        line(out, &(head + &starts.join(",") + "];"));
    }
}

/// The place of three bytes in the set of beginnings; the library has the same function.
fn gram(a: u8, b: u8, c: u8) -> usize {
    (usize::from(a) << 10 ^ usize::from(b) << 5 ^ usize::from(c)) & 0xffff
}

fn tree(out: &mut String, name: &str, rows: &mut [Row]) {
    rows.sort_by(|a, b| a.key.cmp(&b.key));
    let keys: Vec<&str> = rows.iter().map(|row| row.key.as_str()).collect();
    let trie = Trie::new(&keys);
    let entries = trie.order.iter().map(|&index| {
        let row = &rows[index];
        row.language << 16 | usize::from(row.class) << 1 | usize::from(row.open_end)
    });
    let entries: Vec<usize> = entries.collect();
    let labels: Vec<usize> = trie.labels.iter().map(|&label| usize::from(label)).collect();
    line(out, &format!("{PHRASES} static {name}: Trie = Trie {{"));
    line(out, &format!("labels: &{},", numbers(&labels)));
    let nodes = trie.children.iter().zip(&trie.values).zip(&trie.tails);
    let nodes: Vec<String> = nodes
        .map(|((child, value), tail)| format!("({child},{value},{tail})"))
        .collect();
    let tail: Vec<usize> = trie.tail.iter().map(|&byte| usize::from(byte)).collect();
    line(out, &format!("tail: &{},", numbers(&tail)));
    line(out, &format!("nodes: &[{}],", nodes.join(",")));
    line(out, &format!("entries: &{},", numbers(&entries)));
    line(out, &format!("root: {},", numbers(&trie.root())));
    line(out, "};");
}

fn pattern(pattern: &Pattern) -> String {
    let gives = match &pattern.gives {
        Gives::Class(class) => format!("Gives::Class({class})"),
        Gives::Innocent => "Gives::Innocent".to_owned(),
        Gives::Harmless => "Gives::Harmless".to_owned(),
        Gives::Act(id, shade) => format!("Gives::Act(Rule::{}, Shade::{shade})", variant(id)),
    };
    let chains = pattern.chains.iter().map(|(near, links)| {
        let links = links.iter().map(|link| {
            let classes = set(&link.classes);
            format!(
                "Link {{ classes: {classes}, gap: {}, tight: {} }}",
                link.gap, link.tight
            )
        });
        let links: Vec<String> = links.collect();
        format!("Chain {{ near: {near}, links: &[{}] }}", links.join(","))
    });
    let guards = pattern.guards.iter().map(|guard| {
        let classes = set(&guard.classes);
        format!("Guard {{ classes: {classes}, sentence: {} }}", guard.sentence)
    });
    format!(
        "Pattern {{ gives: {gives}, chains: &[{}], guards: &[{}], not_we: {} }}",
        chains.collect::<Vec<_>>().join(","),
        guards.collect::<Vec<_>>().join(","),
        pattern.not_we
    )
}

/// The name of a rule's variant: `external-link` is `ExternalLink`.
fn variant(id: &str) -> String {
    let words = id.split('-').filter_map(|word| word.split_at_checked(1));
    words.map(|(first, rest)| first.to_uppercase() + rest).collect()
}

fn set(classes: &Classes) -> String {
    let mut bits = [0_u64; MOST_CLASSES / 64];
    for &class in classes {
        bits[usize::from(class >> 6) % bits.len()] |= 1 << (class & 63);
    }
    let bits: Vec<String> = bits.iter().map(|bits| format!("{bits:#x}")).collect();
    format!("Classes([{}])", bits.join(","))
}

fn numbers(numbers: &[usize]) -> String {
    let numbers: Vec<String> = numbers.iter().map(usize::to_string).collect();
    format!("[{}]", numbers.join(","))
}

fn line(out: &mut String, text: &str) {
    // Writing to a `String` cannot fail.
    let _ = writeln!(out, "{text}");
}
