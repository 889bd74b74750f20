use super::lexicon::LEXICON;

#[test]
fn the_phrase_files_have_no_faults() {
    assert_eq!(LEXICON.faults, Vec::<String>::new());
}
