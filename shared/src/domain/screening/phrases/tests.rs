use super::super::text::{Clean, Words};
use super::lexicon::LEXICON;
use super::{Marks, Phrases, hits};

/// Prints what the lists see in a text: `TRACE="…" cargo test -p within24 trace -- --nocapture`.
#[test]
fn trace() {
    let Some(text) = option_env!("TRACE_FILE").and_then(|path| std::fs::read_to_string(path).ok()) else {
        return;
    };
    for line in text.lines() {
        let clean = Clean::new(line);
        let words = Words::new(&clean);
        eprintln!("{line}\n  {}", words.folded.replace('\n', " / "));
        for hit in hits(&words) {
            let text: Vec<&str> = (hit.start..hit.end).map(|token| words.text(token as usize)).collect();
            let name = LEXICON.names.name(hit.class);
            if name != "stop" {
                eprint!(
                    "  {}:{}={:?}",
                    super::lexicon::tag_of(usize::from(hit.language)),
                    name,
                    text.join(" ")
                );
            }
        }
        eprintln!();
        let mut phrases = Phrases::new(&words, hits(&words), &Marks::default());
        for act in phrases.acts() {
            let text: Vec<&str> = (act.start..act.end).map(|token| words.text(token as usize)).collect();
            eprintln!("  act {:?} {:?} {:?}", act.rule, act.shade, text.join(" "));
        }
    }
}

#[test]
fn the_phrase_files_have_no_faults() {
    assert_eq!(LEXICON.faults, Vec::<String>::new());
}
