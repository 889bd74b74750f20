//! Words put together before anything is judged: composed classes, and what is innocent.

use super::hits::Hit;
use super::lexicon::compiled::{self as class, COMPOSE, KEEP_NEG, PATTERNS};
use super::matcher::{Group, Phrases};
use super::pattern::{Classes, Gives, Pattern, Set};

impl Phrases<'_> {
    /// Adds the composed classes and takes out what is innocent.
    pub(super) fn compose(&mut self) {
        let before = std::mem::take(&mut self.hits);
        let mut after = Vec::with_capacity(before.len() + 16);
        for index in 0..self.groups.len() {
            let Group {
                sentence,
                language,
                ref hits,
            } = self.groups[index];
            let (here, common) = begun(&before[hits.clone()], &COMPOSE);
            let mut own = PATTERNS[language].iter();
            if common.is_empty() && !own.any(|pattern| pattern.composes() && pattern.begins(&here)) {
                let from = after.len();
                after.extend_from_slice(&before[hits.clone()]);
                self.groups[index].hits = from..after.len();
                continue;
            }
            let mut composer = Composer {
                phrases: self,
                sentence,
                language: u8::try_from(language).unwrap_or(0),
                hits: before[hits.clone()].to_vec(),
                here,
                common,
            };
            // A language's own compositions first: common ones build on them.
            for pattern in PATTERNS[language] {
                composer.run(pattern);
            }
            // What comes earlier in the file never builds on what comes later.
            let mut place = 0;
            while let Some(next) = composer.common.next(place) {
                composer.run(&PATTERNS[0][next]);
                place = next + 1;
            }
            let from = after.len();
            after.append(&mut composer.hits);
            self.groups[index].hits = from..after.len();
        }
        self.hits = after;
    }
}

/// Drops what a longer entry explains away: words inside `innocent` ones, negations that are none, parts of phrases.
pub(super) fn tidy(list: &mut Vec<Hit>, from: usize) {
    let covering: Vec<Hit> = list[from..]
        .iter()
        .copied()
        .filter(|hit| hit.class == class::INNOCENT || hit.end - hit.start > 1)
        .collect();
    if covering.is_empty() {
        return;
    }
    let mut kept = from;
    for index in from..list.len() {
        let hit = list[index];
        let hidden = covering.iter().any(|cover| {
            let inside = cover.start <= hit.start && hit.end <= cover.end && *cover != hit;
            let longer = cover.end - cover.start > hit.end - hit.start;
            inside
                && ((cover.class == class::INNOCENT
                    && !matches!(hit.class, class::NEG | class::INNOCENT | class::FREESHIP))
                    || (longer && hit.class == class::NEG && !KEEP_NEG.contains(cover.class))
                    || (longer && hit.class == class::BREAK)
                    || (longer && hit.class == class::WE && matches!(cover.class, class::REVIEW | class::AMAZONPLACE)))
        });
        if !hidden {
            list[kept] = hit;
            kept += 1;
        }
    }
    list.truncate(kept);
}

/// The classes of some hits, and the common patterns that may begin with one of them.
pub(super) fn begun(hits: &[Hit], starts: &[Set]) -> (Classes, Set) {
    let (mut here, mut patterns) = (Classes::default(), Set::default());
    for hit in hits {
        here.insert(hit.class);
        patterns.add(starts[usize::from(hit.class)]);
    }
    (here, patterns)
}

/// One sentence in one language while its words are put together.
struct Composer<'a> {
    phrases: &'a Phrases<'a>,
    sentence: usize,
    language: u8,
    hits: Vec<Hit>,
    here: Classes,
    /// The common compositions that may begin with a word of the sentence.
    common: Set,
}

impl Composer<'_> {
    fn run(&mut self, pattern: &Pattern) {
        if !pattern.composes() || !pattern.possible(&self.here) {
            return;
        }
        let mut found = Vec::new();
        self.phrases
            .matches(pattern, &self.hits, self.sentence, |own, all| found.push((own, all)));
        if found.is_empty() {
            return;
        }
        match pattern.gives {
            Gives::Class(class) => {
                for (_, (start, end)) in found {
                    let hit = Hit {
                        start,
                        end,
                        class,
                        language: self.language,
                    };
                    let place = self
                        .hits
                        .partition_point(|other| (other.start, other.end) < (start, end));
                    self.hits.insert(place, hit);
                }
            }
            Gives::Innocent => {
                let links = pattern.chains[0].links;
                self.hits.retain(|hit| {
                    let inside = found
                        .iter()
                        .any(|&(_, (start, end))| start <= hit.start && hit.start < end);
                    !(inside && links.iter().any(|link| link.classes.contains(hit.class)))
                });
            }
            Gives::Harmless => self.hits.retain(|hit| {
                let kept = matches!(hit.class, class::NEG | class::CONTRAST | class::FREESHIP);
                let inside = |&((start, end), _): &((u32, u32), _)| start <= hit.start && hit.end <= end;
                kept || !found.iter().any(inside)
            }),
            Gives::Act(..) => {}
        }
        (self.here, self.common) = begun(&self.hits, &COMPOSE);
    }
}
