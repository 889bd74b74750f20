//! Where a text shows an older one, for those who judge what its writer wrote.

use std::ops::Range;

use super::attribution::{self, Attribution};
use super::{MOST_INTRODUCTIONS, ends_at, is_comparison, is_quoted, next_line, split_lines};

/// Where a text quotes an older one, as byte ranges of whole lines: lines behind `>`, and all below an attribution or a
/// separator whose lines have no such mark. A signature is the writer's own.
pub(in crate::domain) fn quoted(text: &str) -> Vec<Range<usize>> {
    let lines = split_lines(text);
    let mut found: Vec<Range<usize>> = Vec::new();
    let mut budget = MOST_INTRODUCTIONS;
    let several = lines.iter().filter(|line| is_quoted(line)).take(2).count() > 1;
    let last_marked = lines.iter().rposition(|line| is_quoted(line)).unwrap_or(0);
    let (mut start, mut floor) = (0, 0);
    for (at, line) in lines.iter().enumerate() {
        let end = (start + line.len() + 1).min(text.len());
        if is_quoted(line) && (several || !is_comparison(line)) {
            floor = at + 1;
            match found.last_mut() {
                Some(last) if last.end == start => last.end = end,
                _ => found.push(start..end),
            }
        } else if last_marked <= at {
            if announces(&lines, at, floor, &mut budget) {
                if end < text.len() {
                    found.push(end..text.len());
                }
                break;
            }
            if ends_at(&lines, at).is_some() {
                found.push(start..text.len());
                break;
            }
        }
        start = end;
    }
    found
}

/// Whether a mail program's attribution ends with this line: the rest is an older mail.
fn announces(lines: &[&str], at: usize, floor: usize, budget: &mut usize) -> bool {
    attribution::may_end(lines[at]) && {
        let marked = is_quoted(next_line(lines, at + 1));
        let ending = attribution::ending_at(lines, at, floor, marked, budget);
        matches!(ending, Some(Attribution::Sure { .. }))
    }
}

#[cfg(test)]
mod tests {
    use super::quoted;

    fn shown(text: &str) -> Vec<&str> {
        quoted(text).into_iter().map(|range| &text[range]).collect()
    }

    #[test]
    fn marked_lines_are_quoted_wherever_they_stand() {
        assert_eq!(shown("> a\n> b\nYes.\n> c"), ["> a\n> b\n", "> c"]);
        assert_eq!(shown("> 5 kg is too much"), [""; 0]);
    }

    #[test]
    fn what_stands_below_an_attribution_is_quoted() {
        for (above, attribution) in [
            (
                "Yes.\n\n",
                "On Nov 16, 2026, at 9:12 AM, Anna <anna@example.org> wrote:\n",
            ),
            ("Ja.\n\n", "Am 16.11.2026 um 09:12 schrieb Anna <anna@example.org>:\n"),
        ] {
            let text = format!("{above}{attribution}where is it?");
            assert_eq!(shown(&text), ["where is it?"], "{text}");
        }
    }

    #[test]
    fn what_stands_below_a_separator_is_quoted() {
        let text = "Yes.\n-----Original Message-----\nwhere is it?";
        assert_eq!(shown(text), ["-----Original Message-----\nwhere is it?"]);
    }

    #[test]
    fn words_without_a_mark_are_the_writers() {
        assert_eq!(shown("The carrier wrote at 10:30:\nparcel delivered."), [""; 0]);
        assert_eq!(shown(""), [""; 0]);
    }
}
