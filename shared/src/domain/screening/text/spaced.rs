//! Letters written apart to escape a screen: `c o u p o n`, `t o a s t . c o m`, `c-o-u-p-o-n`.

/// A run of single characters with one separator between each two of them.
pub(super) struct Run {
    /// Byte offset of the first element.
    pub(super) start: usize,
    /// One past the last element.
    pub(super) end: usize,
    /// Byte offsets of the elements.
    pub(super) elements: Vec<usize>,
}

const BLOCK: usize = 64;

/// The runs of a text, or `None` (nearly always) if it has none.
pub(super) fn runs(text: &str) -> Option<Vec<Run>> {
    let bytes = text.as_bytes();
    // Cheap look first: one letter between two equal separators. Whole blocks at once, which compiles to vector code.
    let hint = |block: &[u8]| {
        let pairs = block.iter().zip(&block[2..]);
        let separator = |a: u8| b" ._-*".iter().fold(0, |is, &mark| is | u8::from(a == mark));
        pairs.fold(0, |hint, (&a, &b)| hint | (u8::from(a == b) & separator(a))) != 0
    };
    let near = |w: &[u8]| is_separator(w[1]) && w[1] == w[3] && element(w[2]) && (element(w[0]) || element(w[4]));
    let blocks = (0..bytes.len()).step_by(BLOCK);
    let looks_apart = blocks
        .map(|from| &bytes[from.saturating_sub(2)..(from + BLOCK + 4).min(bytes.len())])
        .any(|block| block.len() >= 5 && hint(block) && block.windows(5).any(near));
    if !looks_apart {
        return None;
    }
    let mut runs = Vec::new();
    let mut at = 0;
    let mut before = b' ';
    while at < bytes.len() {
        let width = text[at..].chars().next().map_or(1, char::len_utf8);
        if !word(before) && letter(bytes, at, width) {
            let (run, enough) = run_at(text, at);
            if enough {
                at = run.end;
                before = b'x';
                runs.push(run);
                continue;
            }
            // What starts inside a run of too few letters has fewer still: only its last element may start another.
            if let Some(&last) = run.elements.last().filter(|&&last| last > at) {
                at = last;
                before = b' ';
                continue;
            }
        }
        // "It's": the letter after an apostrophe belongs to the word before.
        let apostrophe = matches!(&text[at..at + width], "'" | "\u{2019}") && word(before);
        before = if apostrophe { b'x' } else { bytes[at] };
        at += width;
    }
    (!runs.is_empty()).then_some(runs)
}

/// The run from here on, and whether it has enough letters to be a word written apart.
fn run_at(text: &str, start: usize) -> (Run, bool) {
    let bytes = text.as_bytes();
    let width = |at: usize| text[at..].chars().next().map_or(1, char::len_utf8);
    let mut elements = Vec::new();
    let mut end = start + width(start);
    let separator = bytes.get(end).copied().unwrap_or(b'x');
    if !is_separator(separator) {
        return (Run { start, end, elements }, false);
    }
    elements.push(start);
    let mut letters = 1;
    while bytes.get(end) == Some(&separator) {
        let at = end + 1;
        let Some(&byte) = bytes.get(at) else { break };
        let wide = width(at);
        let next = bytes.get(at + wide).copied().unwrap_or(b' ');
        let mark = separator == b' ' && matches!(byte, b'.' | b'@');
        if !(mark || letter(bytes, at, wide)) || (word(next) && next != separator) {
            break;
        }
        letters += usize::from(letter(bytes, at, wide) && !byte.is_ascii_digit());
        elements.push(at);
        end = at + wide;
    }
    // A dot or @ at the end belongs to what follows.
    while elements.last().is_some_and(|&at| matches!(bytes[at], b'.' | b'@')) {
        elements.pop();
        end = elements.last().map_or(start, |&at| at + width(at));
    }
    let enough = match separator {
        b' ' => 3,
        b'.' => 5,
        _ => 4,
    };
    (Run { start, end, elements }, letters >= enough)
}

fn is_separator(byte: u8) -> bool {
    matches!(byte, b' ' | b'.' | b'_' | b'-' | b'*')
}

fn element(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte >= 0x80 || matches!(byte, b'.' | b'@')
}

/// One letter or digit that stands in for a letter; scripts without spaces are left alone.
fn letter(bytes: &[u8], at: usize, width: usize) -> bool {
    match width {
        1 => bytes[at].is_ascii_alphanumeric(),
        2 => true,
        _ => false,
    }
}

fn word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte >= 0x80
}
