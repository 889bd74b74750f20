//! What a store may change about the screen.

use std::collections::BTreeMap;

use super::rule::{Rule, Severity};

/// What a store wants done with a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Override {
    /// Findings have this severity, whatever the kind of draft.
    Severity(Severity),
    /// No findings.
    Off,
}

/// A store's own settings. The default changes nothing.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    overrides: BTreeMap<Rule, Override>,
    phrases: Vec<(Rule, OwnPhrase)>,
    allowed_hosts: Vec<String>,
    i_accept_the_risk: bool,
}

/// Why a store's own phrase cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PhraseError {
    /// Nothing but marks and blanks.
    #[error("the phrase has no word")]
    Empty,
    /// A gap that is no number of words from 0 to 20.
    #[error("the gap {0:?} is no number of words from 0 to 20")]
    Gap(String),
}

/// Words in order; `*` at the end of a word stands for any ending, `..3` for up to three words between.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnPhrase {
    /// Folded word, open end, words that may stand before it.
    pub(super) words: Vec<(String, bool, usize)>,
}

impl OwnPhrase {
    /// Reads a phrase.
    ///
    /// # Errors
    /// [`PhraseError`] where it has no word or a gap that is no number.
    pub fn parse(text: &str) -> Result<Self, PhraseError> {
        let mut words = Vec::new();
        let mut gap = 0;
        for word in text.split_whitespace() {
            if let Some(number) = word.strip_prefix("..") {
                gap = number
                    .parse()
                    .ok()
                    .filter(|gap| *gap <= 20)
                    .ok_or_else(|| PhraseError::Gap(word.to_owned()))?;
                continue;
            }
            let (word, open) = word.strip_suffix('*').map_or((word, false), |word| (word, true));
            let folded = super::text::fold(word);
            let last = folded.split(' ').count();
            for (index, part) in folded.split(' ').filter(|part| !part.is_empty()).enumerate() {
                words.push((part.to_owned(), open && index + 1 == last, std::mem::take(&mut gap)));
            }
        }
        if words.is_empty() {
            Err(PhraseError::Empty)
        } else {
            Ok(Self { words })
        }
    }
}

impl Settings {
    /// Changes a rule's severity or switches it off. A protected rule is weakened only with [`Self::accept_the_risk`].
    #[must_use]
    pub fn with_rule(mut self, rule: Rule, change: Override) -> Self {
        self.overrides.insert(rule, change);
        self
    }

    /// Adds a phrase of the store's own to a rule.
    #[must_use]
    pub fn with_phrase(mut self, rule: Rule, phrase: OwnPhrase) -> Self {
        self.phrases.push((rule, phrase));
        self
    }

    /// Lets links to a host and its subdomains pass.
    #[must_use]
    pub fn with_allowed_host(mut self, host: &str) -> Self {
        self.allowed_hosts
            .push(host.trim().trim_matches('.').to_ascii_lowercase());
        self.allowed_hosts.retain(|host| !host.is_empty());
        self
    }

    /// `i_accept_the_risk`: lets settings weaken even what Amazon suspends accounts for. Every report then names it.
    #[must_use]
    pub fn accept_the_risk(mut self) -> Self {
        self.i_accept_the_risk = true;
        self
    }

    pub(super) fn allowed_hosts(&self) -> &[String] {
        &self.allowed_hosts
    }

    pub(super) fn phrases(&self) -> &[(Rule, OwnPhrase)] {
        &self.phrases
    }

    /// The severity of a finding under these settings; `None` for no finding.
    pub(super) fn severity(&self, rule: Rule, usual: Severity) -> Option<Severity> {
        let wanted = match self.overrides.get(&rule) {
            None => return Some(usual),
            Some(Override::Off) => None,
            Some(Override::Severity(severity)) => Some(*severity),
        };
        if rule.protected() && !self.i_accept_the_risk {
            wanted.max(Some(usual))
        } else {
            wanted
        }
    }

    /// Protected rules that a setting weakens under an accepted risk, and those where it is ignored for want of it.
    pub(super) fn weakened(&self) -> (Vec<Rule>, Vec<Rule>) {
        let weak = |change: &Override| !matches!(change, Override::Severity(Severity::Block));
        let rules = self
            .overrides
            .iter()
            .filter(|(rule, change)| rule.protected() && weak(change))
            .map(|(rule, _)| *rule);
        if self.i_accept_the_risk {
            (rules.collect(), Vec::new())
        } else {
            (Vec::new(), rules.collect())
        }
    }
}
