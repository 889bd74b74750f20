//! Patterns over the hits of a text.

use std::ops::Range;

use super::super::rule::{Rule, Shade};
use super::super::text::Words;
use super::compose::{begun, tidy};
use super::hits::{Hit, Marks, evidence, mark, plausible};
use super::lexicon::compiled::{self as class, JUDGE, PATTERNS};
use super::lexicon::{COMMON, Known, LANGUAGES};
use super::pattern::{Chain, Gives, Link, Pattern};

/// An act found: which rule, which tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::domain::screening) struct Act {
    pub(in crate::domain::screening) rule: Rule,
    pub(in crate::domain::screening) shade: Shade,
    pub(in crate::domain::screening) start: u32,
    pub(in crate::domain::screening) end: u32,
    pub(in crate::domain::screening) sentence: u32,
}

/// Acts of one kind that are looked for: of the findings in a text with more, some hundreds are reported.
const MOST_ACTS: usize = 1_000;

/// The words of one sentence that one language knows.
pub(super) struct Group {
    pub(super) sentence: usize,
    pub(super) language: usize,
    /// In `Phrases::hits`.
    pub(super) hits: Range<usize>,
}

/// The words of a text that stand in a list, by sentence and language.
pub(in crate::domain::screening) struct Phrases<'a> {
    words: &'a Words,
    /// The hits of all groups, those of `common` in each of them, in order of position.
    pub(super) hits: Vec<Hit>,
    pub(super) groups: Vec<Group>,
    /// For each sentence its first group; one more entry at the end.
    first: Vec<usize>,
}

impl<'a> Phrases<'a> {
    pub(in crate::domain::screening) fn new(
        words: &'a Words,
        mut all: Vec<Hit>,
        marks: &Marks,
        known: Option<Known>,
    ) -> Self {
        mark(&mut all, words, marks);
        let count = words.sentence_count();
        let mut phrases = Self {
            words,
            hits: Vec::with_capacity(all.len() * 2),
            groups: Vec::with_capacity(count * 2),
            first: Vec::with_capacity(count + 1),
        };
        let mut at = 0;
        for sentence in 0..count {
            let until = words.sentences[sentence + 1];
            let len = all[at..].iter().take_while(|hit| hit.start < until).count();
            phrases.first.push(phrases.groups.len());
            phrases.sentence(sentence, &all[at..at + len], known);
            at += len;
        }
        phrases.first.push(phrases.groups.len());
        phrases
    }

    /// Sorts the hits of a sentence by the languages it may be in.
    fn sentence(&mut self, sentence: usize, all: &[Hit], known: Option<Known>) {
        if all.iter().all(|hit| hit.class == class::STOP) {
            return;
        }
        let (counted, stops) = evidence(all, class::STOP);
        let kana = self.words.tokens[self.words.sentence(sentence)]
            .iter()
            .any(|token| token.kana);
        let mut may = plausible(&counted, &stops, known);
        super::lexicon::settle_east(&mut may, kana);
        for language in (1..LANGUAGES).filter(|&language| may[language]) {
            let from = self.hits.len();
            let own = |hit: &&Hit| {
                (hit.language == COMMON || usize::from(hit.language) == language) && hit.class != class::STOP
            };
            self.hits.extend(all.iter().filter(own));
            tidy(&mut self.hits, from);
            if self.hits.len() > from {
                self.groups.push(Group {
                    sentence,
                    language,
                    hits: from..self.hits.len(),
                });
            }
        }
    }

    /// Does a sentence have a word of a class in any plausible language?
    pub(in crate::domain::screening) fn has(&self, sentence: usize, class: u16) -> bool {
        let groups = &self.groups[self.first[sentence]..self.first[sentence + 1]];
        groups
            .iter()
            .any(|group| self.hits[group.hits.clone()].iter().any(|hit| hit.class == class))
    }

    /// Runs every pattern over every sentence.
    pub(in crate::domain::screening) fn acts(&mut self) -> Vec<Act> {
        self.compose();
        let mut acts = Vec::new();
        let mut counts = [[0_usize; 4]; Rule::ALL.len()];
        for group in &self.groups {
            let hits = &self.hits[group.hits.clone()];
            let (here, common) = begun(hits, &JUDGE);
            let mut judge = |pattern: &'static Pattern| {
                if let Gives::Act(rule, shade) = pattern.gives
                    && counts[rule as usize][shade as usize] < MOST_ACTS
                    && pattern.possible(&here)
                {
                    self.judge(pattern, group, |start, end| {
                        counts[rule as usize][shade as usize] += 1;
                        acts.push(Act {
                            rule,
                            shade,
                            start,
                            end,
                            sentence: u32::try_from(group.sentence).unwrap_or(0),
                        });
                    });
                }
            };
            let mut place = 0;
            while let Some(next) = common.next(place) {
                judge(&PATTERNS[0][next]);
                place = next + 1;
            }
            let own = PATTERNS[group.language].iter();
            own.filter(|pattern| pattern.begins(&here)).for_each(&mut judge);
        }
        acts
    }

    fn judge(&self, pattern: &Pattern, group: &Group, mut found: impl FnMut(u32, u32)) {
        let hits = &self.hits[group.hits.clone()];
        self.matches(pattern, hits, group.sentence, |_, (start, end)| {
            let beside = |chain: &Chain| {
                let first = self.first[group.sentence.saturating_sub(1)];
                let last = self.first[(group.sentence + 2).min(self.first.len() - 1)];
                let mut groups = self.groups[first..last]
                    .iter()
                    .filter(|other| other.language == group.language);
                groups.any(|other| {
                    let hits = &self.hits[other.hits.clone()];
                    (0..hits.len()).any(|index| self.chain(chain.links, hits, index).is_some())
                })
            };
            if pattern.chains.iter().filter(|chain| chain.near).all(beside) {
                found(start, end);
            }
        });
    }

    /// Every match of the chains in one sentence that no guard forbids: the words of the first chain, those of all.
    pub(super) fn matches(
        &self,
        pattern: &Pattern,
        hits: &[Hit],
        sentence: usize,
        mut found: impl FnMut((u32, u32), (u32, u32)),
    ) {
        let first = pattern.chains[0].links;
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
            for chain in pattern.chains[1..].iter().filter(|chain| !chain.near) {
                match self.nearest(chain.links, hits, own) {
                    Some((from, to)) => (start, end) = (start.min(from), end.max(to)),
                    None => all = false,
                }
            }
            if all && !self.forbidden(pattern, hits, start, end, sentence) {
                found(own, (start, end));
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
                .any(|hit| hit.class == class::BREAK && hit.start >= from && hit.end <= to)
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
            .filter(|hit| hit.class == class::CONTRAST && hit.end <= start)
            .map(|hit| hit.end)
            .max();
        let until = hits
            .iter()
            .filter(|hit| hit.class == class::CONTRAST && hit.start >= end)
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
        let near = |hit: &&Hit| tokens[hit.start as usize].clause == clause;
        let before = hits
            .iter()
            .filter(|hit| hit.class == class::WE && hit.end <= start)
            .filter(near)
            .map(|hit| hit.end)
            .max();
        // "Pourriez-vous nous envoyer": the word for us stands right behind the one for the buyer and is no doer.
        let asked = |we: u32| {
            hits.iter().any(|hit| {
                let object = super::lexicon::puts_us_before_verbs(hit.language) && hit.end + 1 == we;
                hit.class == class::YOU && (object || (hit.start >= we && hit.end <= start + 1))
            })
        };
        // German, Dutch and Swedish put the doer behind the verb: "stornieren wir".
        let after = hits.iter().any(|hit| {
            hit.class == class::WE
                && hit.start > start
                && hit.start <= start + 2
                && super::lexicon::inverts(hit.language)
        });
        before.is_some_and(|we| start - we <= 8 && !asked(we)) || after
    }
}
