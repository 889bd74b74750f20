use super::lexicon::compiled::{FAULTS, TAGS};

#[test]
fn the_phrase_files_have_no_faults() {
    assert_eq!(FAULTS, [""; 0]);
}

#[test]
fn the_languages_that_code_names_are_where_it_looks_for_them() {
    assert_eq!([TAGS[0], TAGS[12], TAGS[13]], ["common", "ja", "zh"]);
}
