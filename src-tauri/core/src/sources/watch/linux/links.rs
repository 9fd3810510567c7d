//! Links that lead to files.
//!
//! The system tells of a change where the file is, not where a link to it is. So the file itself has a watch, and what is
//! told of it is told of its links. That a link leads to another file is told if the link or the file was replaced, and
//! found by the poll if something on the way was.

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::ops::Bound;
use std::path::{Path, PathBuf};

use rustix::fs::inotify::ReadFlags;

use super::inotify::WatchNumber;
use super::reason::Reason;
use super::tree::{Identity, identity};
use crate::sources::watch::Changes;

/// Every link below the roots that leads to a file, or to nothing yet.
#[derive(Debug, Default)]
pub(super) struct Links {
    by_path: BTreeMap<PathBuf, Link>,
    /// Some may lead elsewhere than they did.
    moved: bool,
    /// Those that have a watch, each by itself although two may share one.
    watches: usize,
}

#[derive(Debug)]
struct Link {
    /// The file; `None` if it leads to nothing, or was not looked at yet.
    file: Option<Identity>,
    /// That of the file, or why it has none.
    watch: Option<Result<WatchNumber, Reason>>,
    /// Why the watch does not tell of everything.
    untold: Option<Reason>,
}

/// What became of links that lead elsewhere than they did.
#[derive(Debug, Default)]
pub(super) struct Moved {
    /// Those that lead to a file of which nobody was told.
    pub(super) to_files: Vec<PathBuf>,
    /// Those that lead to a folder now.
    pub(super) to_folders: Vec<PathBuf>,
    /// Watches that nobody needs any more.
    pub(super) unneeded: Vec<WatchNumber>,
}

impl Links {
    /// A link was met at `path`. It is looked at when [`Self::look`] is called.
    pub(super) fn meet(&mut self, path: PathBuf) {
        self.moved = true;
        self.by_path.entry(path).or_insert(Link { file: None, watch: None, untold: None });
    }

    /// Something happened to what is at `path`.
    pub(super) fn touch(&mut self, path: &Path) {
        self.moved |= self.by_path.contains_key(path);
    }

    /// Whether something happened since the last look.
    pub(super) const fn have_moved(&self) -> bool {
        self.moved
    }

    /// Watches that links have, one that two of them share counted twice.
    pub(super) const fn watches(&self) -> usize {
        self.watches
    }

    /// Takes in what the system told of a file.
    pub(super) fn hear(&mut self, watch: WatchNumber, what: ReadFlags, changes: &mut Changes) {
        for (path, link) in self.by_path.iter_mut().filter(|(_, link)| link.watch == Some(Ok(watch))) {
            if what.intersects(ReadFlags::MODIFY | ReadFlags::CLOSE_WRITE) {
                changes.add(|| path.clone());
                continue;
            }
            // The file lost a name, or more. Maybe it was ours.
            self.moved = true;
            if what.contains(ReadFlags::IGNORED) {
                (link.file, link.watch) = (None, None);
                self.watches -= 1;
            }
        }
    }

    /// Looks where each link leads, and asks for a watch where there is none.
    pub(super) fn look(
        &mut self,
        mut ask: impl FnMut(&Path) -> Result<WatchNumber, Reason>,
        untold: impl Fn(&Path) -> Option<Reason>,
    ) -> Moved {
        self.moved = false;
        let mut moved = Moved::default();
        let mut released = Vec::new();
        self.by_path.retain(|path, link| {
            let metadata = fs::metadata(path).ok();
            let file = metadata.as_ref().filter(|metadata| metadata.is_file()).map(identity);
            if link.file != file {
                released.extend(link.watch.take().and_then(Result::ok));
                link.file = file;
            }
            if metadata.is_some_and(|metadata| metadata.is_dir()) {
                moved.to_folders.push(path.clone());
                return false;
            }
            if !path.is_symlink() {
                released.extend(link.watch.take().and_then(Result::ok));
                return false;
            }
            if file.is_some() && !matches!(link.watch, Some(Ok(_))) {
                let before = link.watch.replace(ask(path));
                link.untold = untold(path);
                // What could not be watched before either is read at every poll.
                if before.is_none() || link.watch.is_some_and(|watch| watch.is_ok()) {
                    moved.to_files.push(path.clone());
                }
            }
            true
        });
        moved.unneeded = self.without_link(released);
        self.count();
        moved
    }

    /// Drops all links below `path`, and says which watches nobody needs any more.
    pub(super) fn forget(&mut self, path: &Path) -> Vec<WatchNumber> {
        let gone: Vec<_> = self.below(path).map(|(path, _)| path.clone()).collect();
        if gone.is_empty() {
            return Vec::new();
        }
        let released = gone.iter().filter_map(|path| self.by_path.remove(path)?.watch?.ok()).collect();
        self.count();
        self.without_link(released)
    }

    /// Drops all links and says which watches they had.
    pub(super) fn clear(&mut self) -> Vec<WatchNumber> {
        std::mem::take(self).by_path.into_values().filter_map(|link| link.watch?.ok()).collect()
    }

    /// No watch holds any more, for this reason.
    pub(super) fn end(&mut self, reason: Reason) {
        self.by_path.values_mut().for_each(|link| link.watch = link.watch.map(|_| Err(reason)));
        self.watches = 0;
    }

    /// The folders below `path` with a link of whose file the system does not tell everything, and why.
    pub(super) fn untold_below<'l>(&'l self, path: &'l Path) -> BTreeMap<&'l Path, Reason> {
        let untold = self.below(path).filter_map(|(path, link)| {
            let reason = link.watch.and_then(Result::err).or(link.untold)?;
            Some((path.parent()?, reason))
        });
        untold.collect()
    }

    fn below<'l>(&'l self, path: &'l Path) -> impl Iterator<Item = (&'l PathBuf, &'l Link)> {
        let from = (Bound::Included(path), Bound::Unbounded);
        self.by_path.range::<Path, _>(from).take_while(move |(below, _)| below.starts_with(path))
    }

    /// Two links may lead to one file, which has one watch.
    fn without_link(&self, mut released: Vec<WatchNumber>) -> Vec<WatchNumber> {
        if !released.is_empty() {
            let used: HashSet<_> = self.by_path.values().filter_map(|link| link.watch?.ok()).collect();
            released.retain(|number| !used.contains(number));
        }
        released
    }

    fn count(&mut self) {
        self.watches = self.by_path.values().filter(|link| matches!(link.watch, Some(Ok(_)))).count();
    }
}
