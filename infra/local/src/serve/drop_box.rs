//! The drop folder: whatever `*.eml` is put there is taken in as mail.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::site::Site;
use crate::files::has_ending;

/// Size and time of a file: while it is written, they change.
type Look = (u64, Option<SystemTime>);

/// What was seen in the folder the last time.
#[derive(Debug, Default)]
pub(super) struct DropBox {
    seen: BTreeMap<PathBuf, Look>,
}

impl DropBox {
    /// Takes in what has lain there unchanged since the last look. In a sub-folder it is for the recipient that the sub-folder is
    /// called; else for those that the mail names.
    pub(super) async fn look(&mut self, site: &Site) {
        let found = match listed(&site.data().drop()) {
            Ok(found) => found,
            Err(error) => {
                tracing::warn!(error = %error.kind(), "the drop folder cannot be read");
                return;
            }
        };
        let mut now = BTreeMap::new();
        for (path, recipient, look) in found {
            if self.seen.get(&path) == Some(&look) {
                let taken = site.take_file(&path, recipient.into_iter().collect()).await;
                if taken.is_ok() {
                    continue;
                }
                // Names of files may be a buyer's.
                tracing::warn!("a dropped mail could not be taken in: it is tried again");
            }
            now.insert(path, look);
        }
        self.seen = now;
    }
}

/// The mails in the folder and in those below it, each with the recipient that its folder names.
fn listed(folder: &Path) -> io::Result<Vec<(PathBuf, Option<String>, Look)>> {
    let mut found = Vec::new();
    for entry in folder.read_dir()? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            let recipient = entry.file_name().to_string_lossy().into_owned();
            for inner in entry.path().read_dir()? {
                mail(&inner?, Some(&recipient), &mut found)?;
            }
        } else {
            mail(&entry, None, &mut found)?;
        }
    }
    Ok(found)
}

fn mail(
    entry: &std::fs::DirEntry,
    recipient: Option<&str>,
    found: &mut Vec<(PathBuf, Option<String>, Look)>,
) -> io::Result<()> {
    let path = entry.path();
    let hidden = entry.file_name().to_string_lossy().starts_with('.');
    if hidden || !has_ending(&path, &["eml"]) || !entry.file_type()?.is_file() {
        return Ok(());
    }
    // Gone again: moved away, or a name that an editor used for a moment.
    let Ok(data) = entry.metadata() else { return Ok(()) };
    found.push((path, recipient.map(str::to_owned), (data.len(), data.modified().ok())));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mails_are_found_with_the_recipient_that_their_folder_names() {
        let home = tempfile::tempdir().unwrap();
        let inner = home.path().join("shop@inbox.example");
        std::fs::create_dir(&inner).unwrap();
        for file in ["a.eml", ".b.eml", "c.txt", "shop@inbox.example/d.EML"] {
            std::fs::write(home.path().join(file), file).unwrap();
        }
        let mut found = listed(home.path()).unwrap();
        found.sort();
        let found = found.iter().map(|(path, recipient, look)| {
            (
                path.file_name().unwrap().to_str().unwrap(),
                recipient.as_deref(),
                look.0,
            )
        });
        let found: Vec<_> = found.collect();
        assert_eq!(found, [("a.eml", None, 5), ("d.EML", Some("shop@inbox.example"), 24)]);
    }
}
