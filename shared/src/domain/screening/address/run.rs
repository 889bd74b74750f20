//! Runs of digits and the marks that people put between them.

pub(super) struct Run {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) digits: String,
    /// The lengths of the groups of digits.
    pub(super) groups: Vec<usize>,
    pub(super) plus: bool,
    /// Digits of the bracketed area code at the front.
    pub(super) area: Option<usize>,
    /// What stands between the groups.
    pub(super) marks: String,
}

/// The next run at or behind a byte.
pub(super) fn next_run(text: &str, from: usize) -> Option<Run> {
    let bytes = text.as_bytes();
    let mut at = from;
    loop {
        let offset = bytes[at.min(bytes.len())..]
            .iter()
            .position(|byte| byte.is_ascii_digit() || matches!(byte, b'+' | b'('))?;
        at += offset;
        let glued = at > 0
            && (text[..at]
                .chars()
                .next_back()
                .is_some_and(|c| c.is_alphabetic() && c.is_ascii())
                || matches!(bytes[at - 1], b'_' | b'-' | b'#' | b'/' | b'.' | b'0'..=b'9'));
        if let Some(run) = (!glued || bytes[at] == b'(').then(|| run_at(text, at)).flatten() {
            return Some(run);
        }
        // Skip the whole number: no number starts inside another.
        at += 1;
        while at < bytes.len() && bytes[at - 1].is_ascii_digit() && bytes[at].is_ascii_digit() {
            at += 1;
        }
    }
}

fn run_at(text: &str, start: usize) -> Option<Run> {
    let bytes = text.as_bytes();
    let plus = bytes[start] == b'+';
    let bracket = bytes[start] == b'(';
    let before = text[..start].chars().next_back();
    if plus && before.is_some_and(|c| c.is_ascii_alphanumeric() || c == ')') {
        return None;
    }
    let mut run = Run {
        start,
        end: start,
        digits: String::new(),
        groups: Vec::new(),
        plus,
        area: None,
        marks: String::new(),
    };
    let mut at = start + usize::from(plus);
    let (mut group, mut blanks, mut open) = (0, 0, false);
    let mut kept = (0, 0, 0, 0);
    while at < bytes.len() && run.digits.len() <= 24 {
        let c = if bytes[at] < 0x80 {
            char::from(bytes[at])
        } else {
            text[at..].chars().next().unwrap_or('x')
        };
        if c.is_ascii_digit() {
            run.digits.push(c);
            group += 1;
            blanks = 0;
            run.end = at + 1;
            at += 1;
            continue;
        }
        if group > 0 {
            run.groups.push(group);
            group = 0;
            kept = (run.groups.len(), run.digits.len(), run.end, run.marks.len());
        }
        match c {
            '(' if !open => open = true,
            ')' if open => {
                open = false;
                // "(206) 555-0147", "1 (800) 555-0147", "0 (20) 7946 0958".
                let lead = run
                    .groups
                    .split_last()
                    .is_some_and(|(_, lead)| lead.iter().sum::<usize>() <= 1);
                if run.area.is_none() && lead {
                    run.area = run.groups.last().copied();
                }
            }
            ' ' | '\u{a0}' | '-' | '.' | '/' | '\u{2013}' | '\u{2011}' => run.marks.push(c),
            '\n' if plus => {}
            _ => break,
        }
        blanks += 1;
        if blanks > 3 || (run.digits.is_empty() && blanks > 2) {
            break;
        }
        at += c.len_utf8();
    }
    if group > 0 {
        run.groups.push(group);
    } else {
        run.digits.truncate(kept.1);
        run.groups.truncate(kept.0);
        run.end = kept.2.max(start);
        run.marks.truncate(kept.3);
    }
    finished(text, run, bracket)
}

/// The run, if it is one.
fn finished(text: &str, mut run: Run, bracket: bool) -> Option<Run> {
    // A letter right after the digits: "230V", "12a3".
    let follows = text[run.end..].chars().next();
    let lettered = follows.is_some_and(|c| c.is_ascii_alphabetic() || c == '_') && !run.plus;
    if run.digits.is_empty() || lettered || (bracket && run.area.is_none()) {
        return None;
    }
    if run.plus {
        shorten(text, &mut run);
    }
    Some(run)
}

/// Gives back groups that follow a whole number: "+49 211 5550199 14 Uhr".
fn shorten(text: &str, run: &mut Run) {
    while run.digits.len() > 15 && run.groups.len() > 1 {
        let last = run.groups.pop().unwrap_or(0);
        run.digits.truncate(run.digits.len() - last);
        let mut left = run.digits.len();
        let end = text[run.start..].char_indices().find(|(_, c)| {
            left = left.saturating_sub(usize::from(c.is_ascii_digit()));
            left == 0
        });
        run.end = run.start + end.map_or(0, |(at, c)| at + c.len_utf8());
    }
}
