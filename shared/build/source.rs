//! Reads the phrase files.

use super::fold::fold;
use super::pattern::{Names, Pattern, parse};

/// A word or phrase of a list.
pub(crate) struct Row {
    pub(crate) key: String,
    pub(crate) language: usize,
    pub(crate) class: u16,
    /// May the word go on after the entry?
    pub(crate) open_end: bool,
}

/// Everything the phrase files say.
#[derive(Default)]
pub(crate) struct Source {
    pub(crate) names: Names,
    /// Entries that start where a word starts.
    pub(crate) words: Vec<Row>,
    /// Entries that may start inside a word.
    pub(crate) inner: Vec<Row>,
    /// The patterns of each file.
    pub(crate) patterns: Vec<Vec<Pattern>>,
    pub(crate) faults: Vec<String>,
}

impl Source {
    /// Reads the file of one language after the other.
    pub(crate) fn read(&mut self, name: &str, text: &str) {
        let language = self.patterns.len();
        let mut own = Vec::new();
        let mut class = None;
        let Self {
            names,
            words,
            inner,
            faults,
            ..
        } = self;
        let mut lists = Lists {
            language,
            tag: name,
            words,
            inner,
        };
        let lines = text.lines().map(str::trim);
        for line in lines.filter(|line| !line.is_empty() && !line.starts_with('#')) {
            if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
                class = Some(names.class(name));
            } else if let Some(line) = line.strip_prefix('>') {
                let mut literal = |entries: &[String], names: &mut Names| {
                    let class = names.class(&format!("{name}:{}", entries.join("|")));
                    for entry in entries {
                        lists.add(entry, class);
                    }
                    class
                };
                match parse(line, names, &mut literal) {
                    Ok(pattern) => own.push(pattern),
                    Err(fault) => faults.push(format!("{name}: {fault}")),
                }
            } else if let Some(class) = class {
                let entries = line.split(['،', ',']).map(str::trim);
                entries
                    .filter(|entry| !entry.is_empty())
                    .for_each(|entry| lists.add(entry, class));
            } else {
                faults.push(format!("{name}: words before the first [class]: {line}"));
            }
        }
        self.patterns.push(own);
    }
}

struct Lists<'a> {
    language: usize,
    tag: &'a str,
    words: &'a mut Vec<Row>,
    inner: &'a mut Vec<Row>,
}

impl Lists<'_> {
    fn add(&mut self, entry: &str, class: u16) {
        let (entry, open_start) = entry.strip_prefix('*').map_or((entry, false), |rest| (rest, true));
        let (entry, open_end) = entry.strip_suffix('*').map_or((entry, false), |rest| (rest, true));
        // German without umlauts on the keyboard.
        if self.tag == "de" && entry.contains(['ä', 'ö', 'ü']) {
            let spelled = entry.replace('ä', "ae").replace('ö', "oe").replace('ü', "ue");
            self.put(fold(&spelled), class, open_start, open_end);
        }
        self.put(fold(entry), class, open_start, open_end);
    }

    fn put(&mut self, key: String, class: u16, open_start: bool, open_end: bool) {
        if key.is_empty() {
            return;
        }
        let row = |key| Row {
            key,
            language: self.language,
            class,
            open_end: open_end || matches!(self.tag, "ja" | "zh"),
        };
        // Arabic prefixes are looked behind one by one instead.
        if open_start && self.tag != "ar" {
            self.inner.push(row(key.clone()));
        }
        self.words.push(row(key));
    }
}
