//! Files that are whole or not there, whenever the process or the machine dies.

use std::fs::{File, OpenOptions, create_dir_all, remove_file, rename};
use std::io::{self, Write};
use std::path::Path;

use within24::domain::key::Key;
use within24::lambda::random;

/// What a file is called while it is written. Leading dot: nobody takes it for a mail.
const UNFINISHED: &str = ".unfinished-";

/// A name that no other file has.
pub(super) fn new_name() -> String {
    let mut bytes = [0; 16];
    random::fill(&mut bytes);
    Key::of(&[bytes]).as_str().to_owned()
}

/// Writes a file that nobody but this user reads. When it is done the file is on the disk under its name, with all of its
/// content; before, there is none of that name, or the one there was.
///
/// # Errors
/// Where the file system fails; nothing was written under the name.
pub(super) fn keep(path: &Path, content: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let unfinished = folder.join(format!("{UNFINISHED}{}", new_name()));
    let written = private(&unfinished).and_then(|mut file| {
        file.write_all(content)?;
        file.sync_all()
    });
    if let Err(error) = written.and_then(|()| rename(&unfinished, path)) {
        let _ = remove_file(&unfinished);
        return Err(error);
    }
    sync(folder)
}

/// Moves a file within the same file system; when it is done it is on the disk under the new name.
///
/// # Errors
/// Where the file system fails.
pub(super) fn shift(from: &Path, to: &Path) -> io::Result<()> {
    rename(from, to)?;
    sync(to.parent().unwrap_or(Path::new(".")))
}

/// Removes a file; when it is done it is gone from the disk. Gives whether it was there.
///
/// # Errors
/// Where the file system fails.
pub(super) fn take_away(path: &Path) -> io::Result<bool> {
    match remove_file(path) {
        Ok(()) => sync(path.parent().unwrap_or(Path::new("."))).map(|()| true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// Adds a line at the end of a file; when it is done it is on the disk.
///
/// # Errors
/// Where the file system fails.
pub(super) fn add_line(path: &Path, line: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    let mut file = mine(options.create(true).append(true)).open(path)?;
    file.write_all(format!("{line}\n").as_bytes())?;
    file.sync_data()
}

/// Makes a folder that nobody but this user looks into, with those above it, and clears away what was not finished in it.
///
/// # Errors
/// Where the file system fails.
pub(super) fn folder(path: &Path) -> io::Result<()> {
    if !path.is_dir() {
        create_dir_all(path)?;
        lock_out_others(path)?;
    }
    for entry in path.read_dir()? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with(UNFINISHED) {
            remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// Opens a new file that nobody but this user reads.
fn private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    mine(options.write(true).create_new(true)).open(path)
}

#[cfg(unix)]
pub(super) fn mine(options: &mut OpenOptions) -> &mut OpenOptions {
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600)
}

#[cfg(not(unix))]
pub(super) fn mine(options: &mut OpenOptions) -> &mut OpenOptions {
    options
}

#[cfg(unix)]
fn lock_out_others(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o700))
}

#[cfg(not(unix))]
fn lock_out_others(_: &Path) -> io::Result<()> {
    Ok(())
}

/// A name is on the disk once its folder is.
#[cfg(unix)]
fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Windows opens no folder; its file system writes names ahead by itself.
#[cfg(not(unix))]
fn sync(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_whole_and_private_and_leaves_nothing_behind() {
        let home = tempfile::tempdir().unwrap();
        let inner = home.path().join("a/b");
        folder(&inner).unwrap();
        let file = inner.join("x.txt");
        for content in ["first", "second"] {
            keep(&file, content.as_bytes()).unwrap();
            assert_eq!(std::fs::read_to_string(&file).unwrap(), content);
        }
        std::fs::write(inner.join(format!("{UNFINISHED}1")), "torn").unwrap();
        folder(&inner).unwrap();
        let names: Vec<_> = inner
            .read_dir()
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        assert_eq!(names, ["x.txt"]);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
            assert_eq!((mode(&file), mode(&inner)), (0o600, 0o700));
        }
        assert!(keep(&home.path().join("nowhere/x.txt"), b"").is_err());
    }

    #[test]
    fn lines_are_added_and_files_are_moved() {
        let home = tempfile::tempdir().unwrap();
        let (from, to) = (home.path().join("from"), home.path().join("to"));
        add_line(&from, "one").unwrap();
        add_line(&from, "two").unwrap();
        shift(&from, &to).unwrap();
        assert!(!from.exists());
        assert_eq!(std::fs::read_to_string(&to).unwrap(), "one\ntwo\n");
        assert!(take_away(&to).unwrap() && !take_away(&to).unwrap());
    }
}
