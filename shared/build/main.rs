//! Compiles the phrase files of the screen into constants, so that a cold start pays nothing for them.
//!
//! What is wrong in the files becomes the constant `FAULTS`, which a test of the library holds empty; only a rule that does
//! not exist fails the build itself.

mod emit;
#[path = "../src/domain/screening/text/fold.rs"]
mod fold;
mod pattern;
mod source;
mod trie;

use std::path::Path;

const FOLDER: &str = "src/domain/screening/phrases/data";
/// The languages with phrase files; `common` (index 0) holds what is the same in all of them.
const FILES: [&str; 20] = [
    "common", "en", "de", "fr", "it", "es", "pt", "nl", "sv", "pl", "tr", "ar", "ja", "zh", "ko", "cs", "ru", "uk",
    "hu", "vi",
];

#[expect(clippy::print_stdout, reason = "cargo reads what a build script prints")]
fn main() -> std::io::Result<()> {
    println!("cargo::rerun-if-changed={FOLDER}");
    println!("cargo::rerun-if-changed=src/domain/screening/text/fold.rs");
    println!("cargo::rerun-if-changed=build");
    let mut source = source::Source::default();
    for name in FILES {
        source.read(name, &std::fs::read_to_string(format!("{FOLDER}/{name}.txt"))?);
    }
    #[expect(
        clippy::disallowed_methods,
        reason = "cargo tells a build script where to write in no other way"
    )]
    let folder = std::env::var("OUT_DIR").map_err(std::io::Error::other)?;
    std::fs::write(Path::new(&folder).join("phrases.rs"), emit::rust(source))
}
