//! Files named on the command line: themselves, or those in a folder and below it.

use std::path::{Path, PathBuf};

/// The file itself, or every file in the folder and below it that is `wanted`, in order.
///
/// # Errors
/// Where the path or a folder below it cannot be read.
pub fn named(path: &Path, wanted: &dyn Fn(&Path) -> bool) -> std::io::Result<Vec<PathBuf>> {
    if !std::fs::metadata(path)?.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let entries = std::fs::read_dir(path)?.map(|entry| entry.map(|entry| entry.path()));
    let mut entries = entries.collect::<std::io::Result<Vec<_>>>()?;
    entries.sort();
    let mut files = Vec::new();
    for entry in entries {
        if entry.is_dir() {
            files.extend(named(&entry, wanted)?);
        } else if wanted(&entry) {
            files.push(entry);
        }
    }
    Ok(files)
}

/// Whether the name ends in one of these, in any case.
pub fn has_ending(path: &Path, endings: &[&str]) -> bool {
    path.extension()
        .is_some_and(|found| endings.iter().any(|ending| found.eq_ignore_ascii_case(ending)))
}
