//! Addresses spelled out or taken apart: `example (dot) com`, `name chiocciola shop punto it`, `www . shop . fr`.

use super::super::text::{Clean, folded, is_cjk};
use super::hosts::is_tld;
use super::links::Address;
use super::separators::{Kind, SEPARATORS, bracketed, is_everyday_ending, is_of_one_case, spelled, suspicious, word};

/// Labels of a host or name that are looked at in either direction: more are no address that a reader would follow.
const MOST_LABELS: usize = 8;

#[derive(Clone, Copy, Debug)]
struct Piece {
    kind: Kind,
    start: usize,
    end: usize,
    /// Blanks before it.
    apart: bool,
    /// In brackets: meant as a sign beyond doubt.
    sure: bool,
    /// A word, not a sign.
    spelled: bool,
}

/// Every disguised link or e-mail address.
pub(super) fn addresses(clean: &Clean) -> Vec<Address> {
    if !suspicious(&clean.text) {
        return Vec::new();
    }
    let pieces = pieces(&clean.text);
    let mut found: Vec<Address> = Vec::new();
    let reader = Reader {
        text: &clean.text,
        pieces: &pieces,
    };
    let mut until = 0;
    let inner = pieces.len().saturating_sub(1);
    for (at, piece) in pieces.iter().enumerate().take(inner).skip(1) {
        if piece.start < until || !matches!(piece.kind, Kind::Dot | Kind::At) || !reader.is_disguised(at) {
            continue;
        }
        if let Some(address) = reader.address(at) {
            until = address.end;
            found.push(address);
        }
    }
    found
}

fn pieces(text: &str) -> Vec<Piece> {
    let separators = &*SEPARATORS;
    let mut pieces = Vec::with_capacity(text.len() / 5);
    let bytes = text.as_bytes();
    let (mut at, mut apart) = (0, true);
    while at < bytes.len() {
        let c = if bytes[at] < 0x80 {
            char::from(bytes[at])
        } else {
            text[at..].chars().next().unwrap_or(' ')
        };
        if c.is_whitespace() {
            apart = true;
            at += c.len_utf8();
            continue;
        }
        let (kind, end, sure, spelled) = match c {
            '.' => (Kind::Dot, at + 1, false, false),
            '。' if bytes.get(at + 3).is_some_and(u8::is_ascii_alphanumeric) => (Kind::Dot, at + 3, false, false),
            '@' => (Kind::At, at + 1, false, false),
            '(' | '[' | '{' | '<' | '*' => match bracketed(text, at, separators) {
                Some((kind, end)) => (kind, end, true, true),
                None => (Kind::Other, at + 1, false, false),
            },
            _ if word(c) => {
                let end = text[at..]
                    .find(|d: char| !word(d) || is_cjk(d) != is_cjk(c))
                    .map_or(text.len(), |len| at + len);
                let kind = spelled(&text[at..end], separators);
                (kind, end, false, kind != Kind::Word)
            }
            _ => (Kind::Other, at + c.len_utf8(), false, false),
        };
        pieces.push(Piece {
            kind,
            start: at,
            end,
            apart,
            sure,
            spelled,
        });
        apart = false;
        at = end;
    }
    pieces
}

struct Reader<'a> {
    text: &'a str,
    pieces: &'a [Piece],
}

impl Reader<'_> {
    fn str(&self, index: usize) -> &str {
        let piece = self.pieces[index];
        &self.text[piece.start..piece.end]
    }

    fn is_disguised(&self, at: usize) -> bool {
        let piece = self.pieces[at];
        piece.spelled || piece.apart || self.pieces[at + 1].apart || self.str(at) == "。"
    }

    /// May this piece join two labels of a host?
    fn joins(&self, at: usize) -> bool {
        self.pieces[at].kind == Kind::Dot
    }

    fn is_label(&self, at: usize) -> bool {
        self.pieces[at].kind == Kind::Word || (self.pieces[at].spelled && !self.pieces[at].sure)
    }

    fn address(&self, at: usize) -> Option<Address> {
        let piece = self.pieces[at];
        if !self.is_label(at - 1) || !self.is_label(at + 1) {
            return None;
        }
        let (first, last) = match piece.kind {
            Kind::Dot => (self.leftmost(at - 1), self.rightmost(at + 1)?),
            _ => (at + 1, self.rightmost(at + 1)?),
        };
        if piece.kind == Kind::At {
            if last == at + 1 {
                return None;
            }
            return self.email(at, at + 1, last);
        }
        if !self.credible(at, first, last) {
            return None;
        }
        if first >= 2
            && self.pieces[first - 1].kind == Kind::At
            && self.is_label(first - 2)
            && let Some(address) = self.email(first - 1, first, last)
        {
            return Some(address);
        }
        Some(self.made(first, first, last, None))
    }

    /// Is the dot at `at` one of an address, not a word or mark of a sentence?
    fn credible(&self, at: usize, first: usize, last: usize) -> bool {
        let piece = self.pieces[at];
        let separators = &*SEPARATORS;
        let www = self.str(first).eq_ignore_ascii_case("www");
        let tld = self.str(last).to_lowercase();
        if piece.sure || www {
            return true;
        }
        let name = folded(self.str(at - 1));
        if piece.spelled {
            let dot = folded(self.str(at));
            let ends = self.text[self.pieces[last].end..]
                .chars()
                .next()
                .is_none_or(|c| !c.is_alphanumeric() || is_cjk(c));
            let fits = separators
                .dots
                .iter()
                .any(|(word, tlds)| *word == dot && tlds.contains(&tld.as_str()));
            return fits && ends && name.chars().count() >= 2 && !separators.labels.contains(&name);
        }
        // A dot with blanks: both sides, or before a plain ending at the end of a sentence.
        let both = piece.apart && self.pieces[at + 1].apart;
        let alone = !self.pieces.get(last + 1).is_some_and(|next| {
            next.kind == Kind::Word && next.apart && !is_cjk(self.text[next.start..].chars().next().unwrap_or(' '))
        });
        let hinted = name.contains('-') || alone;
        if !is_of_one_case(self.str(last)) || name.chars().count() < 2 || name.bytes().all(|b| b.is_ascii_digit()) {
            return false;
        }
        if self.str(at) == "。" {
            return self.text[self.pieces[at - 1].start..].starts_with(|c: char| c.is_ascii());
        }
        // "Names that end in .com": the word before is none of a site.
        if !both && (name.chars().count() < 3 || separators.labels.contains(&name)) {
            return false;
        }
        if both || piece.apart {
            return !is_everyday_ending(&tld) || hinted;
        }
        ["com", "net", "org"].contains(&tld.as_str()) && alone
    }

    fn leftmost(&self, mut label: usize) -> usize {
        let floor = label.saturating_sub(2 * MOST_LABELS);
        while label >= floor + 2 && self.joins(label - 1) && self.is_label(label - 2) {
            let dot = self.pieces[label - 1];
            // A full stop of the sentence before is no part of the host.
            if !dot.spelled
                && !dot.apart
                && self.pieces[label].apart
                && !self.str(label - 2).eq_ignore_ascii_case("www")
            {
                break;
            }
            label -= 2;
        }
        label
    }

    /// The last label of the longest host that starts here, if it ends in an ending that exists.
    fn rightmost(&self, label: usize) -> Option<usize> {
        let mut best = is_tld(self.str(label)).then_some(label);
        let mut at = label;
        let most = self.pieces.len().min(label + 2 * MOST_LABELS);
        while at + 2 < most && self.joins(at + 1) && self.is_label(at + 2) {
            let dot = self.pieces[at + 1];
            let stop = !dot.spelled && !dot.apart && self.pieces[at + 2].apart;
            if stop {
                break;
            }
            at += 2;
            if is_tld(self.str(at)) {
                best = Some(at);
            }
        }
        best
    }

    fn email(&self, at: usize, first: usize, last: usize) -> Option<Address> {
        let separators = &*SEPARATORS;
        let mut start = at.checked_sub(1)?;
        if !self.is_label(start) {
            return None;
        }
        let floor = start.saturating_sub(2 * MOST_LABELS);
        while start >= floor + 2
            && self.joins(start - 1)
            && self.is_label(start - 2)
            && (!self.pieces[start].apart || self.pieces[start - 1].spelled)
        {
            start -= 2;
        }
        let sign = self.pieces[at];
        let word = folded(self.str(at));
        // "ät" is the sign itself and no word of German, though it folds to one of English.
        let umlaut = self.str(at).contains(['ä', 'Ä']);
        let everyday = !sign.sure && !umlaut && separators.ats.iter().any(|(name, maybe)| *maybe && *name == word);
        if everyday {
            let name = folded(self.str(first));
            let local = folded(self.str(at - 1));
            let mailbox = separators.mailboxes.contains(&local)
                || local.bytes().any(|b| b.is_ascii_digit() || b == b'_')
                || start < at - 1;
            let provider = separators.providers.contains(&name)
                && !["in", "works", "is", "are", "account", "us"].contains(&local.as_str());
            if !(mailbox || provider || self.is_led_in(start)) {
                return None;
            }
        }
        let address = self.made(start, first, last, Some(at));
        Some(address)
    }

    /// Does a colon or a word of writing stand before a name: "drop them a line: repairs at …", "write to repairs at …"?
    fn is_led_in(&self, start: usize) -> bool {
        let before = |back: usize| start.checked_sub(back).map(|at| folded(self.str(at)));
        let local = folded(self.str(start));
        let us = [
            "us", "me", "them", "it", "is", "look", "see", "find", "guide", "shop", "store", "site", "page", "here",
        ];
        if us.contains(&local.as_str()) {
            return false;
        }
        let colon = before(1).is_some_and(|mark| mark == ":");
        let writing = [
            "write", "writing", "mail", "email", "e-mail", "line", "message", "reach", "contact", "address",
        ];
        let word = |back| before(back).is_some_and(|word| writing.contains(&word.as_str()));
        let linked = before(1).is_some_and(|word| ["to", "is", "an", "at"].contains(&word.as_str()));
        colon || word(1) || linked && (2..=4).any(word)
    }

    fn made(&self, start: usize, first: usize, last: usize, at: Option<usize>) -> Address {
        let join = |from: usize, to: usize| -> String {
            (from..=to)
                .map(|index| {
                    if self.pieces[index].kind == Kind::Dot {
                        "."
                    } else {
                        self.str(index)
                    }
                })
                .collect()
        };
        let host = join(first, last);
        let plain = match at {
            Some(at) => format!("{}@{host}", join(start, at - 1)),
            None => host,
        };
        let mut end = self.pieces[last].end;
        // The path of a spelled-out link.
        let rest = &self.text[end..];
        if rest.starts_with('/') {
            end += rest
                .find(|c: char| c.is_whitespace() || is_cjk(c))
                .unwrap_or(rest.len());
        }
        Address {
            start: self.pieces[start].start,
            end,
            plain,
            email: at.is_some(),
            disguised: true,
        }
    }
}
