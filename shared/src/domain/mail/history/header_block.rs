//! The header of an older mail written out: `From:`, `Sent:`, `To:`, `Subject:`, one a line.
//!
//! Buyers write such lines too: gift cards, engravings, flights, forms. The header of a mail has a subject, and a clock
//! time or an address; or, below a rule or in bold, all of its labels in the order of a mail program.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::DATA;
use super::attribution::{has_address, names_time};
use crate::domain::mail::data::{fold, rows};

/// Longest label, in bytes.
pub(super) const LONGEST_LABEL: usize = 60;
/// Lines below the first that are looked at.
const MOST_LINES: usize = 8;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Label {
    From,
    Date,
    To,
    Subject,
}

static LABELS: LazyLock<HashMap<String, Vec<Label>>> = LazyLock::new(|| {
    let mut labels: HashMap<String, Vec<Label>> = HashMap::new();
    for cells in rows(DATA).filter(|cells| cells.len() > 1) {
        let label = match cells[0] {
            "from" => Label::From,
            "date" => Label::Date,
            "to" => Label::To,
            "subject" => Label::Subject,
            _ => continue,
        };
        let known = labels.entry(fold(cells[1])).or_default();
        if !known.contains(&label) {
            known.push(label);
        }
    }
    labels
});

/// What the lines of a block are, and what speaks for it.
#[derive(Debug, Default)]
struct Block {
    labels: Vec<Label>,
    address: bool,
    clock: bool,
    /// The first label is in bold, or a rule stands above it: a program's work.
    set: bool,
}

/// True if the header of an older mail begins with the first line; `ruled`: a rule parts it off above.
pub(super) fn begins(lines: &[&str], ruled: bool) -> bool {
    Block::read(lines).is_some_and(|mut block| {
        block.set |= ruled;
        block.is_mail()
    })
}

/// The same where a line above has announced it ("Begin forwarded message:"): the labels alone are enough.
pub(super) fn is_announced(lines: &[&str]) -> bool {
    Block::read(lines).is_some_and(|block| block.has(Label::From) && block.labels.len() > 2)
}

/// True if the line begins with the label of a sender.
pub(super) fn is_from(line: &str) -> bool {
    labelled(line).is_some_and(|(labels, _)| labels.contains(&Label::From))
}

impl Block {
    fn read(lines: &[&str]) -> Option<Self> {
        // Most lines end here: no short label, or none that is known.
        let (first, value) = labelled(lines[0])?;
        let opens = |label: &&Label| matches!(label, Label::From | Label::Date | Label::Subject);
        let first = first.iter().find(opens)?;
        let mut block = Self {
            set: lines[0].trim_start().starts_with('*'),
            ..Self::default()
        };
        block.add(*first, value);
        let mut open = value.is_empty() || !value.contains('@');
        for line in lines[1..]
            .iter()
            .filter(|line| !line.trim().is_empty())
            .take(MOST_LINES)
        {
            if let Some((labels, value)) = labelled(line) {
                let new = labels.iter().find(|label| **label == Label::To || !block.has(**label));
                block.add(*new?, value);
                open = value.is_empty() || !value.contains('@');
            } else if open && has_address(line) {
                // A long value went over to the next line.
                block.address = true;
                open = false;
            } else {
                break;
            }
        }
        Some(block)
    }

    fn add(&mut self, label: Label, value: &str) {
        self.labels.push(label);
        match label {
            Label::From | Label::To => self.address |= has_address(value),
            Label::Date => self.clock |= names_time(value),
            Label::Subject => {}
        }
    }

    fn has(&self, label: Label) -> bool {
        self.labels.contains(&label)
    }

    fn is_mail(&self) -> bool {
        use Label::{Date, From, Subject, To};
        if !self.has(From) || self.labels.len() < 3 {
            return false;
        }
        let proof = self.address || self.clock;
        let mut order = self.labels.clone();
        order.dedup();
        let complete = [
            &[From, Date, To, Subject][..],
            &[From, To, Date, Subject],
            &[From, Subject, Date, To],
            &[Date, From, To, Subject],
        ];
        let opens = order.starts_with(&[From, Date, To]) || order.starts_with(&[Date, From, To]);
        proof && (self.has(Subject) || opens) || self.set && complete.contains(&order.as_slice())
    }
}

/// What the label of a line can be, and what stands behind its colon.
fn labelled(line: &str) -> Option<(&'static [Label], &str)> {
    let line = line.trim_start().trim_start_matches(['*', '_']).trim_start();
    let colon = line.bytes().take(LONGEST_LABEL).position(|b| b == b':' || b == 0xef)?;
    let (label, value) = line.get(..colon).zip(line.get(colon..))?;
    let value = value.strip_prefix(':').or_else(|| value.strip_prefix('：'))?;
    let label = label.trim_end_matches(['*', '_', ' ', '\u{a0}', '\t', '\u{3000}']);
    let labels = LABELS.get(&fold(label))?;
    Some((
        labels.as_slice(),
        value.trim_matches(['*', '_', ' ', '\t', '\u{a0}', '\r']),
    ))
}
