//! Folders that are watched for the sake of a few files. Nothing else in there is ours: beside its database, opencode keeps
//! whole working copies.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// Such folders, with the names of the files.
#[derive(Debug, Default)]
pub(super) struct ForFiles(BTreeMap<PathBuf, Vec<OsString>>);

impl ForFiles {
    /// Those in which roots lie that are files.
    pub(super) fn of(roots: &[PathBuf]) -> Self {
        let mut folders = BTreeMap::<_, Vec<_>>::new();
        for root in roots.iter().filter(|root| root.is_file()) {
            if let (Some(folder), Some(name)) = (root.parent(), root.file_name()) {
                folders.entry(folder.to_owned()).or_default().push(name.to_owned());
            }
        }
        Self(folders)
    }

    pub(super) fn folders(&self) -> impl Iterator<Item = &PathBuf> {
        self.0.keys()
    }

    pub(super) fn contains(&self, folder: &Path) -> bool {
        self.0.contains_key(folder)
    }

    /// Whether what is called `name` in `folder` is ours; `None` if the folder is not watched for the sake of a few files.
    pub(super) fn wants(&self, folder: &Path, name: &OsStr) -> Option<bool> {
        self.0.get(folder).map(|names| is_of_one(name, names))
    }

    /// Whether a folder that `before` knows, too, is watched for other files by now.
    pub(super) fn wants_others_than(&self, before: &Self) -> bool {
        self.0.iter().any(|(folder, names)| before.0.get(folder).is_some_and(|known| known != names))
    }
}

/// Whether a file is one of these or of their kind, such as the database of another channel, or a log that SQLite keeps
/// beside one.
fn is_of_one(name: &OsStr, names: &[OsString]) -> bool {
    let bytes = name.as_encoded_bytes();
    let database = ["-wal", "-shm", "-journal"].iter().find_map(|log| bytes.strip_suffix(log.as_bytes()));
    let database = Path::new(OsStr::from_bytes(database.unwrap_or(bytes)));
    names.iter().map(Path::new).any(|known| {
        let kind = known.extension();
        database == known || kind.is_some() && kind == database.extension()
    })
}
