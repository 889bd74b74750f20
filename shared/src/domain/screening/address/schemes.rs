//! Schemes written so that they are not seen: `hxxps://`, `http : //`.

use super::super::text::Clean;
use super::hosts::host_of;
use super::links::Address;

/// `https` with a letter more.
const LONGEST_SCHEME: usize = 6;

/// `hxxps://`, `http : //`, `https:/`: a scheme written so that it is not seen. The host alone may have been found already.
pub(super) fn broken_schemes(clean: &Clean, text: &str, found: &mut Vec<Address>) {
    let mut broken: Vec<Address> = Vec::new();
    let mut whole: Vec<(usize, usize)> = found.iter().map(|address| (address.start, address.end)).collect();
    whole.sort_unstable();
    let mut until = 0;
    for (at, _) in text.match_indices("//") {
        if at < until {
            continue;
        }
        let before = text[until..at].trim_end();
        let Some(before) = before.strip_suffix([':', ';']) else {
            continue;
        };
        let before = before.trim_end();
        let letters = before
            .bytes()
            .rev()
            .take(LONGEST_SCHEME + 1)
            .take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'*')
            .count();
        let from = until + before.len() - letters;
        let scheme = text[from..from + letters].to_ascii_lowercase();
        if !(scheme.starts_with('h') && scheme.len() <= LONGEST_SCHEME && scheme.ends_with(['p', 's', 'x'])) {
            continue;
        }
        let rest = text[at + 2..].trim_start();
        let begin = text.len() - rest.len();
        let len = rest
            .find(|c: char| c.is_whitespace() || matches!(c, '"' | '<' | '>' | ')' | ','))
            .unwrap_or(rest.len());
        until = begin + len;
        let end = begin + rest[..len].trim_end_matches(['.', '!', '?', ';']).len();
        let host = host_of(&text[begin..end]);
        let seen = whole
            .partition_point(|&(start, _)| start <= from)
            .checked_sub(1)
            .is_some_and(|last| whole[last].1 >= end);
        if host.contains('.') && !seen {
            let secure = if scheme.contains('s') { "https" } else { "http" };
            let disguised = clean.is_disguised(begin, end);
            broken.push(Address {
                start: from,
                end,
                plain: format!("{secure}://{}", &text[begin..end]),
                email: false,
                disguised,
            });
        }
    }
    if !broken.is_empty() {
        found.retain(|other| {
            let first = broken.partition_point(|address| address.end <= other.start);
            broken.get(first).is_none_or(|address| address.start >= other.end)
        });
        found.append(&mut broken);
    }
}
