//! The normalised copy of a text: NFKC, no invisible characters, look-alikes folded, spaced letters joined.

use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::{compose, is_combining_mark};
use unicode_security::skeleton;

use super::spaced;

/// A part of the given text that is no text of its own: the mark of a quoted line, a placeholder. A byte range, perhaps empty.
#[derive(Clone, Copy, Debug)]
pub(in crate::domain::screening) struct Skip {
    pub(in crate::domain::screening) start: usize,
    pub(in crate::domain::screening) end: usize,
    /// What the copy has in its place.
    pub(in crate::domain::screening) instead: Option<char>,
}

/// In the copy: a placeholder stood here. It parts words and belongs to no address.
pub(in crate::domain::screening) const PLACEHOLDER: char = '\u{1}';
/// In the copy: a quotation begins or ends here. It ends a sentence.
pub(in crate::domain::screening) const QUOTATION: char = '\u{2}';

/// A text as a reader sees it. Every byte knows which character of the given text it stands for.
pub(in crate::domain::screening) struct Clean {
    pub(in crate::domain::screening) text: String,
    /// For each byte of `text` the index of the character it came from; one more entry at the end. Empty where every byte
    /// is its own character, as in plain ASCII.
    from: Vec<u32>,
    /// Byte ranges whose letters were look-alikes from another script.
    disguised: Vec<(usize, usize)>,
    /// Byte ranges whose letters stood apart: `c o u p o n`.
    joined: Vec<(usize, usize)>,
    /// Was the last character a letter in a circle or box?
    after_boxed: bool,
}

impl Clean {
    pub(in crate::domain::screening) fn new(given: &str) -> Self {
        Self::without(given, &[])
    }

    /// The same without some parts; they are in order and do not overlap.
    pub(in crate::domain::screening) fn without(given: &str, skips: &[Skip]) -> Self {
        let mut clean = Self {
            text: String::with_capacity(given.len()),
            from: Vec::new(),
            disguised: Vec::new(),
            joined: Vec::new(),
            after_boxed: false,
        };
        let strange = if given.is_ascii() && skips.is_empty() {
            clean.text.push_str(given);
            false
        } else {
            clean.normalise_around(given, skips)
        };
        if strange {
            clean.fold_look_alikes();
        }
        if let Some(runs) = spaced::runs(&clean.text) {
            if clean.from.is_empty() {
                clean.from.extend(0..=number(clean.text.len()));
            }
            clean.join(&runs);
        }
        clean
    }

    /// Fills the copy; returns whether it may hold look-alikes of Latin letters.
    fn normalise_around(&mut self, given: &str, skips: &[Skip]) -> bool {
        self.from.reserve(given.len() + 1);
        let (mut strange, mut at, mut index) = (false, 0, 0);
        for skip in skips {
            (strange, index) = self.normalise(&given[at..skip.start], index, strange);
            if let Some(instead) = skip.instead {
                self.push(instead, index);
            }
            index += given[skip.start..skip.end].chars().count();
            at = skip.end;
        }
        (strange, index) = self.normalise(&given[at..], index, strange);
        self.from.push(number(index));
        strange
    }

    /// Appends a piece whose first character has this index; returns whether the copy may hold look-alikes, and the index
    /// behind the piece.
    fn normalise(&mut self, piece: &str, mut index: usize, mut strange: bool) -> (bool, usize) {
        let mut rest = piece;
        while !rest.is_empty() {
            let plain = rest.bytes().position(|byte| byte >= 0x80).unwrap_or(rest.len());
            let (ascii, other) = rest.split_at(plain);
            self.text.push_str(ascii);
            self.from.extend(number(index)..number(index + plain));
            self.after_boxed &= ascii.is_empty();
            index += plain;
            let mut chars = other.chars();
            if let Some(c) = chars.next() {
                if circled_a(c) && !boxed_letter(chars.clone().next()) {
                    self.push(if self.after_boxed { 'a' } else { '@' }, index);
                } else if !invisible(c) {
                    strange |= self.push_beyond_ascii(c, index);
                }
                self.after_boxed = boxed_letter(Some(c));
                index += 1;
            }
            rest = chars.as_str();
        }
        (strange, index)
    }

    /// The characters of the given text behind a byte range of the copy.
    pub(in crate::domain::screening) fn given(&self, start: usize, end: usize) -> (usize, usize) {
        let end = end.max(start + 1).min(self.text.len());
        let start = start.min(end.saturating_sub(1));
        match end.checked_sub(1) {
            Some(last) if self.from.is_empty() => (start, last + 1),
            Some(last) => (self.from[start] as usize, self.from[last] as usize + 1),
            None => (0, 0),
        }
    }

    /// The byte of the copy that stands for a character of the given text, or the first one behind it.
    pub(in crate::domain::screening) fn place(&self, index: usize) -> usize {
        if self.from.is_empty() {
            return index.min(self.text.len());
        }
        let place = self.from.partition_point(|&from| (from as usize) < index);
        self.text.floor_char_boundary(place)
    }

    /// Were letters of this range look-alikes from another script?
    pub(in crate::domain::screening) fn is_disguised(&self, start: usize, end: usize) -> bool {
        touches(&self.disguised, start, end)
    }

    /// Did letters of this range stand apart?
    pub(in crate::domain::screening) fn is_joined(&self, start: usize, end: usize) -> bool {
        !self.joined.is_empty() && touches(&self.joined, start, end)
    }

    fn push(&mut self, c: char, index: usize) {
        self.text.push(c);
        self.from.resize(self.text.len(), number(index));
    }

    /// Returns whether the character may be a look-alike of a Latin letter.
    fn push_beyond_ascii(&mut self, c: char, index: usize) -> bool {
        if is_combining_mark(c) || matches!(c, '\u{ff9e}' | '\u{ff9f}') {
            let mark = std::iter::once(c).nfkc().next().unwrap_or(c);
            let composed = self
                .text
                .chars()
                .next_back()
                .and_then(|last| Some((last, compose(last, mark)?)));
            if let Some((last, whole)) = composed {
                let first = self.from[self.text.len() - last.len_utf8()] as usize;
                self.text.pop();
                self.from.truncate(self.text.len());
                self.push(whole, first);
            }
            return false;
        }
        // A ligature of a whole phrase (U+FDFA has 18 letters) stays one character: nothing hides in it, and text must not swell.
        if matches!(c, '\u{fdfa}' | '\u{fdfb}') {
            self.push(c, index);
            return false;
        }
        if is_plain(c) {
            self.push(c, index);
            return false;
        }
        let mut strange = false;
        for c in std::iter::once(c).nfkc() {
            let c = digit(c).or_else(|| boxed(c)).unwrap_or(c);
            strange |= !c.is_ascii() && may_look_latin(c);
            self.push(c, index);
        }
        strange
    }

    fn fold_look_alikes(&mut self) {
        let text = std::mem::take(&mut self.text);
        let from = std::mem::take(&mut self.from);
        self.text.reserve(text.len());
        let own_script = is_in_own_script(&text);
        let mut at = 0;
        while at < text.len() {
            let rest = &text[at..];
            let run = rest.find(|c: char| !c.is_alphabetic()).unwrap_or(rest.len());
            if run == 0 {
                let c = rest.chars().next().unwrap_or(' ');
                self.push(c, from[at] as usize);
                at += c.len_utf8();
                continue;
            }
            let word = &rest[..run];
            let fold = should_fold(word, own_script);
            let start = self.text.len();
            let mut changed = false;
            for (offset, c) in word.char_indices() {
                let latin = if fold && !c.is_ascii() { look_alike(c) } else { None };
                changed |= latin.is_some();
                self.push(latin.unwrap_or(c), from[at + offset] as usize);
            }
            if changed {
                self.disguised.push((start, self.text.len()));
            }
            at += run;
        }
        self.from.push(from[text.len()]);
    }

    fn join(&mut self, runs: &[spaced::Run]) {
        let text = std::mem::take(&mut self.text);
        let from = std::mem::take(&mut self.from);
        let disguised = std::mem::take(&mut self.disguised);
        let mut moved = Vec::new();
        let mut at = 0;
        for run in runs {
            self.copy(&text, &from, at, run.start, &mut moved);
            let start = self.text.len();
            for &element in &run.elements {
                let end = element + text[element..].chars().next().map_or(1, char::len_utf8);
                self.copy(&text, &from, element, end, &mut moved);
            }
            self.joined.push((start, self.text.len()));
            at = run.end;
        }
        self.copy(&text, &from, at, text.len(), &mut moved);
        self.from.push(from[text.len()]);
        // Where an old byte went: `moved` holds (old start, new start) of every copied piece.
        let new = |old: usize| {
            let piece = moved
                .partition_point(|&(from, _)| from <= old)
                .checked_sub(1)
                .map(|i| moved[i]);
            piece.map_or(old, |(from, to)| to + (old - from))
        };
        let len = self.text.len();
        self.disguised = disguised
            .iter()
            .map(|&(start, end)| (new(start), (new(end - 1) + 1).min(len)))
            .collect();
    }

    fn copy(&mut self, text: &str, from: &[u32], start: usize, end: usize, moved: &mut Vec<(usize, usize)>) {
        moved.push((start, self.text.len()));
        self.text.push_str(&text[start..end]);
        self.from.extend_from_slice(&from[start..end]);
    }
}

fn touches(ranges: &[(usize, usize)], start: usize, end: usize) -> bool {
    let first = ranges.partition_point(|&(_, until)| until <= start);
    ranges.get(first).is_some_and(|&(from, _)| from < end)
}

fn number(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

/// Characters that take no room on the screen: zero-width, bidi controls, soft hyphen, variation selectors, tags.
fn invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// Common letters that NFKC leaves as they are and that look like no others: accented Latin, Arabic, kana, Chinese.
fn is_plain(c: char) -> bool {
    matches!(c, '\u{c0}'..='\u{131}' | '\u{134}'..='\u{13e}' | '\u{141}'..='\u{148}' | '\u{14a}'..='\u{17e}'
        | '\u{2013}' | '\u{2014}' | '\u{2018}'..='\u{201f}' | '\u{3001}'..='\u{3003}' | '\u{3008}'..='\u{3011}'
        | '\u{60c}' | '\u{61b}' | '\u{61f}' | '\u{621}'..='\u{64a}' | '\u{3041}'..='\u{3096}' | '\u{30a1}'..='\u{30fe}' | '\u{4e00}'..='\u{9fff}')
}

/// Decimal digits of other scripts as ASCII ones.
fn digit(c: char) -> Option<char> {
    const ZEROS: [u32; 12] = [
        0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xe50, 0xed0,
    ];
    let code = u32::from(c);
    let zero = ZEROS.into_iter().find(|&zero| (zero..zero + 10).contains(&code))?;
    char::from_digit(code - zero, 10)
}

/// White letters on black circles and squares, which NFKC leaves alone.
fn boxed(c: char) -> Option<char> {
    let offset = match c {
        '\u{1f150}'..='\u{1f169}' => u32::from(c) - 0x1f150,
        '\u{1f170}'..='\u{1f189}' => u32::from(c) - 0x1f170,
        _ => return None,
    };
    char::from_u32(u32::from('A') + offset)
}

/// A letter in a circle or box.
fn boxed_letter(c: Option<char>) -> bool {
    matches!(
        c,
        Some(
            '\u{24b6}'..='\u{24e9}' | '\u{1f130}'..='\u{1f149}' | '\u{1f150}'..='\u{1f169}' | '\u{1f170}'..='\u{1f189}',
        )
    )
}

/// An A in a circle or box: alone it is drawn for @.
fn circled_a(c: char) -> bool {
    matches!(c, 'ⓐ' | 'Ⓐ' | '\u{1f130}' | '\u{1f150}' | '\u{1f170}')
}

/// Scripts that have letters drawn like Latin ones; phonetic letters too.
fn may_look_latin(c: char) -> bool {
    matches!(c,
        '\u{250}'..='\u{2af}' | '\u{370}'..='\u{58f}' | '\u{10a0}'..='\u{10ff}' | '\u{13a0}'..='\u{13ff}'
        | '\u{1d00}'..='\u{1dbf}' | '\u{2c60}'..='\u{2cff}' | '\u{a4d0}'..='\u{a4ff}' | '\u{a640}'..='\u{a69f}'
        | '\u{a720}'..='\u{a7ff}' | '\u{ab30}'..='\u{abbf}' | '\u{10280}'..='\u{1044f}')
}

/// A word is folded where it mixes scripts, or where each of its (three or more) letters has a Latin twin.
fn should_fold(word: &str, own_script: bool) -> bool {
    if !word.chars().any(may_look_latin) {
        return false;
    }
    let latin = word
        .chars()
        .any(|c| c.is_ascii_alphabetic() || matches!(c, '\u{c0}'..='\u{2af}' | '\u{1d00}'..='\u{1dbf}'));
    let pretends = || word.chars().nth(2).is_some() && word.chars().all(|c| look_alike(c).is_some());
    latin || (!own_script && pretends())
}

/// Is most of a text written in the script that has the look-alikes? Russian "нас" is no Latin word in disguise there.
fn is_in_own_script(text: &str) -> bool {
    let words = text.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty());
    let (mut foreign, mut latin) = (0_usize, 0_usize);
    for word in words {
        if word.chars().any(|c| c.is_ascii_alphabetic()) {
            latin += 1;
        } else if word
            .chars()
            .any(|c| matches!(c, '\u{370}'..='\u{58f}') && look_alike(c).is_none())
        {
            foreign += 1;
        }
    }
    foreign > 0 && foreign >= latin
}

/// The letters of the scripts that lend themselves best, Greek to Armenian, looked up once.
static NEIGHBOURS: LazyLock<Vec<Option<char>>> =
    LazyLock::new(|| ('\u{370}'..='\u{58f}').map(find_look_alike).collect());

/// The ASCII letter a character is drawn like.
fn look_alike(c: char) -> Option<char> {
    match c {
        '\u{370}'..='\u{58f}' => NEIGHBOURS[c as usize - 0x370],
        _ => find_look_alike(c),
    }
}

fn find_look_alike(c: char) -> Option<char> {
    // Drawn near enough to be read as Latin inside a Latin word, though Unicode's table pairs them with small capitals.
    const NEAR: &str = "тtкkмmвbнhпnгrιiκkνvαaτtρpυuγyηnεeωwσoπnμuзeчyьbТTКKМMВBНH";
    if !may_look_latin(c) {
        return None;
    }
    let mut near = NEAR.chars();
    while let (Some(foreign), Some(latin)) = (near.next(), near.next()) {
        if foreign == c {
            return Some(latin);
        }
    }
    let mut buffer = [0; 4];
    let mut letters = skeleton(c.encode_utf8(&mut buffer));
    let first = letters.next()?;
    let small = match first {
        'ᴀ' => 'a',
        'ʙ' => 'b',
        'ᴄ' => 'c',
        'ᴅ' => 'd',
        'ᴇ' => 'e',
        'ɢ' => 'g',
        'ʜ' => 'h',
        'ɪ' => 'i',
        'ᴊ' => 'j',
        'ᴋ' => 'k',
        'ʟ' => 'l',
        'ᴍ' => 'm',
        'ɴ' => 'n',
        'ᴘ' => 'p',
        'ʀ' => 'r',
        'ᴛ' => 't',
        other => other,
    };
    (letters.next().is_none() && small.is_ascii_alphabetic()).then_some(small)
}
