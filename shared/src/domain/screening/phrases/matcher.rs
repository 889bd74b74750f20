//! Patterns over the hits of a text.

use std::ops::Range;

use super::super::rule::{Rule, Shade};
use super::super::text::Words;
use super::hits::{Hit, Marks, evidence, mark, plausible};
use super::lexicon::{COMMON, LANGUAGES, LEXICON, Lexicon};
use super::pattern::{Classes, Gives, Link, Pattern, Where};

/// An act found: which rule, which tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::domain::screening) struct Act {
    pub(in crate::domain::screening) rule: Rule,
    pub(in crate::domain::screening) shade: Shade,
    pub(in crate::domain::screening) start: u32,
    pub(in crate::domain::screening) end: u32,
    pub(in crate::domain::screening) sentence: u32,
}

/// The words of a text that stand in a list, by language and sentence.
pub(in crate::domain::screening) struct Phrases<'a> {
    words: &'a Words,
    lexicon: &'static Lexicon,
    /// For each language its hits, those of `common` among them, in order of position.
    by_language: Vec<Vec<Hit>>,
    /// For each language and sentence the range of its hits; empty where the language is not plausible.
    ranges: Vec<Vec<Range<usize>>>,
}

impl<'a> Phrases<'a> {
    pub(in crate::domain::screening) fn new(words: &'a Words, mut all: Vec<Hit>, marks: &Marks) -> Self {
        let lexicon = &*LEXICON;
        mark(&mut all, words, marks);
        let count = words.sentence_count();
        let mut by_language: Vec<Vec<Hit>> = vec![Vec::new(); LANGUAGES];
        let mut ranges: Vec<Vec<Range<usize>>> = (0..LANGUAGES).map(|_| Vec::with_capacity(count)).collect();
        let mut at = 0;
        for number in 0..count {
            let until = words.sentences[number + 1];
            let len = all[at..].partition_point(|hit| hit.start < until);
            let sentence = &all[at..at + len];
            at += len;
            let (known, counts) = evidence(sentence, lexicon.known.stop);
            let kana = words.tokens[words.sentence(number)].iter().any(|token| token.kana);
            let mut may = plausible(&known, &counts);
            super::lexicon::settle_east(&mut may, kana);
            for language in 0..LANGUAGES {
                let list = &mut by_language[language];
                let from = list.len();
                let own = |hit: &&Hit| hit.language == COMMON || usize::from(hit.language) == language;
                if may[language] {
                    let stop = lexicon.known.stop;
                    list.extend(sentence.iter().filter(own).filter(|hit| hit.class != stop));
                    tidy(list, from, lexicon);
                }
                ranges[language].push(from..list.len());
            }
        }
        Self {
            words,
            lexicon,
            by_language,
            ranges,
        }
    }

    /// Does a sentence have a word of a class in any plausible language?
    pub(in crate::domain::screening) fn has(&self, sentence: usize, class: &str) -> bool {
        let Some(class) = self.lexicon.names.get(class) else {
            return false;
        };
        (0..LANGUAGES).any(|language| {
            let range = self.ranges[language][sentence].clone();
            self.by_language[language][range].iter().any(|hit| hit.class == class)
        })
    }

    /// Runs every pattern over every sentence.
    pub(in crate::domain::screening) fn acts(&mut self) -> Vec<Act> {
        for language in 1..LANGUAGES {
            if !self.by_language[language].is_empty() {
                self.compose(language);
            }
        }
        let mut acts = Vec::new();
        for language in 1..LANGUAGES {
            if self.by_language[language].is_empty() {
                continue;
            }
            for sentence in 0..self.words.sentence_count() {
                let hits = self.hits(language, sentence);
                if hits.is_empty() {
                    continue;
                }
                let here = present(hits);
                for pattern in self.lexicon.patterns[0].iter().chain(&self.lexicon.patterns[language]) {
                    if let Gives::Act(rule, shade) = pattern.gives {
                        self.judge(pattern, language, sentence, here, |start, end| {
                            acts.push(Act {
                                rule,
                                shade,
                                start,
                                end,
                                sentence: u32::try_from(sentence).unwrap_or(0),
                            });
                        });
                    }
                }
            }
        }
        acts
    }

    /// Adds the composed classes and takes out what is innocent.
    fn compose(&mut self, language: usize) {
        let lexicon = self.lexicon;
        let mut list = Vec::with_capacity(self.by_language[language].len() + 16);
        for sentence in 0..self.words.sentence_count() {
            let range = self.ranges[language][sentence].clone();
            let from = list.len();
            if range.is_empty() {
                self.ranges[language][sentence] = from..from;
                continue;
            }
            let mut hits = self.by_language[language][range].to_vec();
            // A language's own compositions first: common ones build on them.
            for pattern in lexicon.patterns[language].iter().chain(&lexicon.patterns[0]) {
                let here = present(&hits);
                if matches!(pattern.gives, Gives::Act(..))
                    || !pattern
                        .chains
                        .iter()
                        .all(|(_, chain)| chain.iter().all(|link| link.classes.meets(here)))
                {
                    continue;
                }
                let mut found = Vec::new();
                self.matches(pattern, &hits, sentence, |start, end, last| {
                    found.push((start, end, last));
                });
                match pattern.gives {
                    Gives::Class(class) => {
                        for (start, end, _) in found {
                            let hit = Hit {
                                start,
                                end,
                                class,
                                language: u8::try_from(language).unwrap_or(0),
                            };
                            let place = hits.partition_point(|other| (other.start, other.end) < (start, end));
                            hits.insert(place, hit);
                        }
                    }
                    Gives::Innocent => hits.retain(|hit| {
                        !found.iter().any(|&(start, end, _)| {
                            let inside = start <= hit.start && hit.end <= end;
                            inside && pattern.chains[0].1.iter().any(|link| link.classes.contains(hit.class))
                        })
                    }),
                    Gives::Act(..) => {}
                }
            }
            list.append(&mut hits);
            self.ranges[language][sentence] = from..list.len();
        }
        self.by_language[language] = list;
    }

    fn hits(&self, language: usize, sentence: usize) -> &[Hit] {
        &self.by_language[language][self.ranges[language][sentence].clone()]
    }

    fn judge(
        &self,
        pattern: &Pattern,
        language: usize,
        sentence: usize,
        here: Classes,
        mut found: impl FnMut(u32, u32),
    ) {
        let possible = pattern
            .chains
            .iter()
            .all(|(place, chain)| *place == Where::Near || chain.iter().all(|link| link.classes.meets(here)));
        if !possible {
            return;
        }
        let hits = self.hits(language, sentence);
        self.matches(pattern, hits, sentence, |start, end, _| {
            let near = pattern
                .chains
                .iter()
                .filter(|(place, _)| *place == Where::Near)
                .all(|(_, chain)| {
                    let first = sentence.saturating_sub(1);
                    let last = (sentence + 1).min(self.words.sentence_count() - 1);
                    (first..=last).any(|number| {
                        let hits = self.hits(language, number);
                        (0..hits.len()).any(|index| self.chain(chain, hits, index).is_some())
                    })
                });
            if near {
                found(start, end);
            }
        });
    }

    /// Every match of the chains in one sentence that no guard forbids.
    fn matches(&self, pattern: &Pattern, hits: &[Hit], sentence: usize, mut found: impl FnMut(u32, u32, Hit)) {
        let first = &pattern.chains[0].1;
        let mut after = 0;
        for index in 0..hits.len() {
            if hits[index].start < after || !first[0].classes.contains(hits[index].class) {
                continue;
            }
            let Some(last) = self.chain(first, hits, index) else {
                continue;
            };
            let (mut start, mut end) = (hits[index].start, last.end.max(hits[index].end));
            let own = (start, end);
            let mut all = true;
            for (place, chain) in &pattern.chains[1..] {
                if *place == Where::Near {
                    continue;
                }
                match self.nearest(chain, hits, own) {
                    Some((from, to)) => (start, end) = (start.min(from), end.max(to)),
                    None => all = false,
                }
            }
            if all && !self.forbidden(pattern, hits, start, end, sentence) {
                found(start, end, last);
                after = end;
            }
        }
    }

    /// Follows a chain from a hit; the last hit of it.
    fn chain(&self, chain: &[Link], hits: &[Hit], index: usize) -> Option<Hit> {
        let hit = hits[index];
        if !chain.first()?.classes.contains(hit.class) {
            return None;
        }
        let [_, rest @ ..] = chain else { return Some(hit) };
        let Some(link) = rest.first() else { return Some(hit) };
        let tokens = &self.words.tokens;
        let last_token = tokens[hit.end as usize - 1];
        let scale = if last_token.cjk { 3 } else { 1 };
        let limit = hit.end + link.gap * scale;
        for next in index + 1..hits.len() {
            let other = hits[next];
            if other.start > limit {
                break;
            }
            if other.start < hit.end || !link.classes.contains(other.class) {
                continue;
            }
            if link.tight && !self.close(hits, index, next) {
                continue;
            }
            if let Some(last) = self.chain(rest, hits, next) {
                return Some(last);
            }
        }
        None
    }

    /// No end of clause and no breaking word between two hits.
    fn close(&self, hits: &[Hit], index: usize, next: usize) -> bool {
        let (from, to) = (hits[index].end, hits[next].start);
        let tokens = &self.words.tokens;
        let clause = |token: u32| tokens[token as usize].clause;
        let same = clause(from - 1) == clause(to);
        let broken = || {
            hits[index + 1..next]
                .iter()
                .any(|hit| hit.class == self.lexicon.known.breaks && hit.start >= from && hit.end <= to)
        };
        same && !broken()
    }

    fn nearest(&self, chain: &[Link], hits: &[Hit], (start, end): (u32, u32)) -> Option<(u32, u32)> {
        let mut best: Option<(u32, (u32, u32))> = None;
        for index in 0..hits.len() {
            if !chain[0].classes.contains(hits[index].class) {
                continue;
            }
            let Some(last) = self.chain(chain, hits, index) else {
                continue;
            };
            let (from, to) = (hits[index].start, last.end);
            // Other words than the first chain's own.
            if from < end && start < to {
                if best.is_none() && (from < start || to > end) {
                    best = Some((1000, (from, to)));
                }
                continue;
            }
            let distance = if to <= start { start - to } else { from - end };
            if best.is_none_or(|(nearest, _)| distance < nearest) {
                best = Some((distance, (from, to)));
            }
        }
        best.map(|(_, span)| span)
    }

    fn forbidden(&self, pattern: &Pattern, hits: &[Hit], start: u32, end: u32, sentence: usize) -> bool {
        let tokens = &self.words.tokens;
        let (first, last) = (tokens[start as usize].clause, tokens[end as usize - 1].clause);
        let contrast = hits
            .iter()
            .filter(|hit| hit.class == self.lexicon.known.contrast && hit.end <= start)
            .map(|hit| hit.end)
            .max();
        let until = hits
            .iter()
            .filter(|hit| hit.class == self.lexicon.known.contrast && hit.start >= end)
            .map(|hit| hit.start)
            .min();
        let whole = self.words.sentence(sentence);
        let reach = |hit: &&Hit| contrast.is_none_or(|at| hit.start >= at) && until.is_none_or(|at| hit.end <= at);
        let inside = |hit: &Hit, wide: bool| {
            let clause = tokens[hit.start as usize].clause;
            (wide && whole.contains(&(hit.start as usize))) || (first..=last).contains(&clause)
        };
        let guarded = pattern.guards.iter().any(|guard| {
            hits.iter()
                .filter(reach)
                .any(|hit| guard.classes.contains(hit.class) && inside(hit, guard.sentence))
        });
        guarded || (pattern.not_we && self.we_do(hits, start, first))
    }

    /// Is the doer of the act we ourselves? "We will cancel your order", "stornieren wir".
    fn we_do(&self, hits: &[Hit], start: u32, clause: u32) -> bool {
        let tokens = &self.words.tokens;
        let known = &self.lexicon.known;
        let near = |hit: &&Hit| tokens[hit.start as usize].clause == clause;
        let before = hits
            .iter()
            .filter(|hit| hit.class == known.we && hit.end <= start)
            .filter(near)
            .map(|hit| hit.end)
            .max();
        let asked = |we: u32| {
            hits.iter()
                .any(|hit| hit.class == known.you && hit.start >= we && hit.end <= start + 1)
        };
        // German, Dutch and Swedish put the doer behind the verb: "stornieren wir".
        let after = hits.iter().any(|hit| {
            hit.class == known.we
                && hit.start > start
                && hit.start <= start + 2
                && super::lexicon::inverts(hit.language)
        });
        before.is_some_and(|we| start - we <= 8 && !asked(we)) || after
    }
}

/// Drops what a longer entry explains away: words inside `innocent` ones, negations that are none, parts of phrases.
fn tidy(list: &mut Vec<Hit>, from: usize, lexicon: &Lexicon) {
    let known = &lexicon.known;
    let covering: Vec<Hit> = list[from..]
        .iter()
        .copied()
        .filter(|hit| hit.class == known.innocent || hit.end - hit.start > 1)
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
                && ((cover.class == known.innocent && hit.class != known.neg && hit.class != known.innocent)
                    || (longer && hit.class == known.neg && !known.keep_neg.contains(&cover.class))
                    || (longer && hit.class == known.breaks))
        });
        if !hidden {
            list[kept] = hit;
            kept += 1;
        }
    }
    list.truncate(kept);
}

fn present(hits: &[Hit]) -> Classes {
    let mut classes = Classes::default();
    for hit in hits {
        classes.insert(hit.class);
    }
    classes
}
