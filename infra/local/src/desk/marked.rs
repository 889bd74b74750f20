//! A draft with what the screen found marked in it, and beneath which rule it breaks and why.

use std::fmt::Write as _;

use within24::wire::screen::{FindingOut, ScreenReport};

use crate::pretty::printable;

/// The page: each find stands in ⟦brackets⟧ with its number; what concerns the draft as a whole has a number alone.
pub(crate) fn page(draft: &str, report: &ScreenReport) -> String {
    let mut page = String::new();
    for line in marked(draft, &report.findings).lines() {
        let _ = writeln!(page, "{}", format!("  | {line}").trim_end());
    }
    page.push('\n');
    for (number, finding) in (1..).zip(&report.findings) {
        let place = match (&finding.excerpt, finding.start) {
            (_, Some(_)) => String::new(),
            (Some(excerpt), None) => format!(" “{}”", printable(excerpt)),
            (None, None) => " (the whole draft)".to_owned(),
        };
        let quoted = if finding.quoted { " (quoted)" } else { "" };
        let _ = writeln!(
            page,
            "  {number}  {:<5}  {}{place}{quoted}",
            finding.severity, finding.rule
        );
        let _ = writeln!(page, "            {}", printable(&finding.why));
    }
    page
}

/// The draft with its marks. Spans are in characters; they may overlap.
fn marked(draft: &str, findings: &[FindingOut]) -> String {
    let spans = |at: usize| {
        let numbered = (1_usize..).zip(findings);
        numbered.filter_map(move |(number, finding)| {
            let (start, end) = finding.start.zip(finding.end)?;
            Some((number, start == at, end == at))
        })
    };
    let mut text = String::new();
    for (at, c) in draft.chars().map(Some).chain([None]).enumerate() {
        for (number, _, ends) in spans(at) {
            if ends {
                text.push('⟧');
                text.extend(raised(number));
            }
        }
        for (_, starts, _) in spans(at) {
            if starts {
                text.push('⟦');
            }
        }
        text.extend(c);
    }
    printable(&text)
}

/// The number in raised digits.
fn raised(number: usize) -> impl Iterator<Item = char> {
    let digits: Vec<char> = number.to_string().chars().collect();
    digits.into_iter().map(|digit| match digit {
        '0' => '⁰',
        '1' => '¹',
        '2' => '²',
        '3' => '³',
        '4' => '⁴',
        '5' => '⁵',
        '6' => '⁶',
        '7' => '⁷',
        '8' => '⁸',
        _ => '⁹',
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(rule: &str, severity: &str, span: Option<(usize, usize)>) -> FindingOut {
        FindingOut {
            rule: rule.to_owned(),
            severity: severity.to_owned(),
            start: span.map(|span| span.0),
            end: span.map(|span| span.1),
            excerpt: None,
            why: format!("why {rule}"),
            part: "text".to_owned(),
            quoted: false,
            by: "rule".to_owned(),
        }
    }

    #[test]
    fn finds_are_marked_in_their_place_and_explained_beneath() {
        let draft = "Grüße! Write to shop@gmail.com\nor call +49 30 123456.";
        let report = ScreenReport {
            id: None,
            verdict: "block".to_owned(),
            findings: vec![
                finding("contact-email", "block", Some((16, 30))),
                finding("contact-phone", "block", Some((39, 52))),
                finding("wrong-language", "warn", None),
            ],
            findings_left_out: None,
        };
        let wanted = "  | Grüße! Write to ⟦shop@gmail.com⟧¹\n  | or call ⟦+49 30 123456⟧².\n\n  1  block  contact-email\n            why \
            contact-email\n  2  block  contact-phone\n            why contact-phone\n  3  warn   wrong-language (the whole \
            draft)\n            why wrong-language\n";
        assert_eq!(page(draft, &report), wanted);
    }

    #[test]
    fn finds_outside_the_text_show_their_piece_and_quoted_ones_say_so() {
        let mut html = finding("contact-email", "block", None);
        html.excerpt = Some("a@b.de".to_owned());
        let mut quoted = finding("emoji", "note", Some((0, 1)));
        quoted.quoted = true;
        let report = ScreenReport {
            id: None,
            findings_left_out: None,
            verdict: "block".to_owned(),
            findings: vec![html, quoted],
        };
        let page = page("a", &report);
        assert!(
            page.contains("contact-email “a@b.de”\n") && page.contains("emoji (quoted)\n"),
            "{page}"
        );
    }

    #[test]
    fn finds_that_overlap_keep_their_numbers_and_one_at_the_end_is_closed() {
        let findings = [finding("a", "warn", Some((0, 4))), finding("b", "warn", Some((2, 6)))];
        assert_eq!(marked("abcdef", &findings), "⟦ab⟦cd⟧¹ef⟧²");
        assert_eq!(raised(120).collect::<String>(), "¹²⁰");
    }
}
