//! The folders below the roots, and which of them have a watch.
//!
//! Each real folder is here once, by device and inode, at the path by which it was met first; so links are followed and
//! cannot lead in circles. It knows nothing of threads and of when to look.

use std::collections::{BTreeMap, HashMap};
use std::fs::{self, DirEntry, Metadata};
use std::mem;
use std::ops::Bound;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustix::fs::inotify::ReadFlags;
use rustix::io::Errno;

use super::filesystem;
use super::for_files::ForFiles;
use super::inotify::{Inotify, Told, WatchNumber};
use super::links::Links;
use super::ranking::{Candidate, latest_first};
use super::reason::Reason;
use super::watches::Watches;
use crate::sources::is_ours;
use crate::sources::watch::{Changes, Watching};

/// Device and inode.
pub(super) type Identity = (u64, u64);

/// Buffers of events that are read before anything else is done, so that a writer faster than us does not hold us up.
const BUFFERS: usize = 64;

/// What is known of the folders.
#[derive(Debug)]
pub(super) struct Tree {
    watches: Watches,
    roots: Vec<PathBuf>,
    for_files: ForFiles,
    /// In this order, what is below a folder comes right after it.
    folders: BTreeMap<Arc<Path>, Folder>,
    by_identity: HashMap<Identity, Arc<Path>>,
    links: Links,
    /// By device: what its file system is called, if others write to it too.
    shared: HashMap<u64, Option<&'static str>>,
    /// A folder was met that has no watch, and may be worth another's.
    wanting: bool,
    /// Folders may have come or gone without us being told.
    lost: bool,
    /// There are files of which nobody was told.
    found: bool,
}

#[derive(Debug)]
struct Folder {
    identity: Identity,
    watch: Result<WatchNumber, Reason>,
    /// Its path is a link. What it leads to may be known by another one, too.
    linked: bool,
    /// When something in it last changed, in nanoseconds since 1970, as far as it was looked at.
    last_change: i64,
    /// Something was told of it since it was looked at.
    touched: bool,
}

impl Tree {
    pub(super) fn new() -> Self {
        Self {
            watches: Watches::none(),
            roots: Vec::new(),
            for_files: ForFiles::default(),
            folders: BTreeMap::new(),
            by_identity: HashMap::new(),
            links: Links::default(),
            shared: HashMap::new(),
            wanting: false,
            lost: false,
            found: false,
        }
    }

    /// Asks here for watches from now on.
    pub(super) fn begin(&mut self, inotify: Arc<Inotify>) {
        self.watches.begin(inotify);
    }

    /// Whether somebody hears what the system tells.
    pub(super) fn is_listened_to(&self) -> bool {
        self.watches.inotify().is_some()
    }

    /// Nobody listens to `inotify` any more, for this reason: none of its watches is worth anything.
    pub(super) fn end(&mut self, inotify: &Arc<Inotify>, reason: Reason) {
        if self.watches.end(inotify, reason) {
            self.folders.values_mut().for_each(|folder| folder.watch = Err(reason));
            self.links.end(reason);
        }
    }

    /// Makes sure that what is below `roots` is known, and watched as far as it can be. What is found is not told: read
    /// the sources afterwards, if it says that there was something.
    pub(super) fn follow(&mut self, roots: Vec<PathBuf>) -> bool {
        self.found = false;
        self.roots = roots;
        self.look();
        if mem::take(&mut self.lost) {
            self.clear();
            self.look();
        }
        self.found
    }

    fn look(&mut self) {
        self.watches.look();
        self.follow_roots();
        if self.folders.values().any(|folder| folder.watch.is_err()) {
            // What has no watch tells nothing by itself: it may be in use by now.
            self.inspect(|folder| folder.touched || folder.watch.is_err(), &mut Changes::Anything);
            self.hand_out_watches(&mut Changes::Anything);
        }
        self.look_at_links(&mut Changes::Anything);
        self.wanting = false;
    }

    fn follow_roots(&mut self) {
        let known = mem::replace(&mut self.for_files, ForFiles::of(&self.roots));
        // What is in there is not ours any more, or all of it is.
        self.lost |= known.folders().any(|folder| !self.for_files.contains(folder));
        self.found |= self.for_files.wants_others_than(&known);
        let folders = self.roots.iter().filter(|root| !root.is_file()).chain(self.for_files.folders());
        for root in folders.cloned().collect::<Vec<_>>() {
            let found = identity_of(&root);
            if self.folders.get(root.as_path()).is_some_and(|folder| Some(folder.identity) != found) {
                self.forget(&root);
            }
            if found.is_some() {
                self.adopt(vec![root], &mut Changes::Anything);
            }
        }
    }

    /// Begins anew: watches may have ended without us being told.
    pub(super) fn renew(&mut self, roots: Vec<PathBuf>) {
        self.clear();
        self.follow(roots);
    }

    /// How each root is watched.
    pub(super) fn watching(&self) -> BTreeMap<PathBuf, Watching> {
        self.roots.iter().map(|root| (root.clone(), self.watching_of(root))).collect()
    }

    fn watching_of(&self, root: &Path) -> Watching {
        if root.is_file() {
            return root.parent().map_or(Watching::Absent, |folder| self.watching_of(folder));
        }
        let known = identity_of(root).and_then(|identity| self.by_identity.get(&identity));
        match known {
            None => return Watching::Absent,
            Some(path) if **path != *root => return Watching::Live,
            Some(_) => {}
        }
        let mut watched = 0;
        let mut polled = BTreeMap::<_, u64>::new();
        let links = self.links.untold_below(root);
        for (path, folder) in self.below(root) {
            let shared = self.shared.get(&folder.identity.0).copied().flatten().map(Reason::Shared);
            match shared.or(folder.watch.err()).or(links.get(&**path).copied()) {
                None => watched += 1,
                Some(reason) => *polled.entry(reason).or_default() += 1,
            }
        }
        match polled.iter().max_by_key(|(_, folders)| **folders) {
            None => Watching::Live,
            Some((reason, _)) => {
                let reason = reason.in_words(self.watches.limit());
                Watching::Polled { watched, polled: polled.values().sum(), reason }
            }
        }
    }

    /// Takes in what the system told since the last time.
    ///
    /// # Errors
    /// When there is no listening to it.
    pub(super) fn listen(&mut self, changes: &mut Changes) -> Result<(), Errno> {
        let Some(inotify) = self.watches.inotify().cloned() else { return Ok(()) };
        for _ in 0..BUFFERS {
            let told = inotify.told()?;
            if told.is_empty() {
                break;
            }
            for told in told {
                self.hear(&told, changes);
            }
        }
        Ok(())
    }

    /// Puts right what a burst of changes left behind. Call it when the burst is over.
    pub(super) fn settle(&mut self, changes: &mut Changes) {
        if mem::take(&mut self.lost) {
            self.renew(self.roots.clone());
            *changes = Changes::Anything;
        }
        if self.links.have_moved() {
            self.look_at_links(changes);
        }
        if mem::take(&mut self.wanting) {
            self.inspect(|folder| folder.touched, changes);
            self.hand_out_watches(changes);
        }
    }

    fn hear(&mut self, told: &Told, changes: &mut Changes) {
        if told.what.contains(ReadFlags::QUEUE_OVERFLOW) {
            self.lost = true;
            *changes = Changes::Anything;
            return;
        }
        // That of a file, or unknown: it was released while there was still something to tell of it.
        let Some(folder) = self.watches.folder(told.watch).cloned() else {
            self.links.hear(told.watch, told.what, changes);
            return;
        };
        let Some(name) = &told.name else {
            let is_gone = told.what.intersects(ReadFlags::IGNORED | ReadFlags::DELETE_SELF | ReadFlags::UNMOUNT);
            if is_gone || (told.what.contains(ReadFlags::MOVE_SELF) && !self.is_still_at(&folder)) {
                self.forget(&folder);
            }
            // Below what was mounted, another folder comes to light.
            self.lost |= told.what.contains(ReadFlags::UNMOUNT);
            return;
        };
        if let Some(folder) = self.folders.get_mut(&folder) {
            folder.touched = true;
        }
        if !is_ours(name) {
            return;
        }
        let path = folder.join(name);
        if let Some(wanted) = self.for_files.wants(&folder, name) {
            if wanted {
                self.hear_of_file(path, told.what, changes);
            }
            return;
        }
        let is_folder = told.what.contains(ReadFlags::ISDIR);
        let is_gone = told.what.intersects(ReadFlags::MOVED_FROM | ReadFlags::DELETE);
        if is_gone && self.folders.contains_key(path.as_path()) {
            if is_folder {
                self.forget(&path);
            } else {
                // A link. What it led to may be known by another one, too.
                self.lost = true;
            }
        }
        if told.what.intersects(ReadFlags::CREATE | ReadFlags::MOVED_TO) && (is_folder || path.is_dir()) {
            self.adopt(vec![path], changes);
        } else if !is_folder {
            self.hear_of_file(path, told.what, changes);
        }
    }

    /// Takes in what was told of a file, or of a link to one.
    fn hear_of_file(&mut self, path: PathBuf, what: ReadFlags, changes: &mut Changes) {
        self.links.touch(&path);
        if what.intersects(ReadFlags::CREATE | ReadFlags::MOVED_TO) && path.is_symlink() {
            self.links.meet(path.clone());
        }
        changes.add(|| path);
    }

    /// Watches the files that links lead to, and tells of those that nobody was told of.
    fn look_at_links(&mut self, changes: &mut Changes) {
        let mut files = self.links.watches();
        // Beside a database is what was written to it last: where the link leads, not where it is.
        let is_database = |link: &Path| link.parent().is_some_and(|folder| self.for_files.contains(folder));
        let moved = self.links.look(
            |link| {
                let watch = self.watches.ask_for_file(link, files);
                files += usize::from(watch.is_ok());
                watch
            },
            |link| filesystem::shared(link).map(Reason::Shared).or_else(|| is_database(link).then_some(Reason::Beside)),
        );
        self.watches.give_back(moved.unneeded);
        self.found |= !moved.to_files.is_empty();
        moved.to_files.into_iter().for_each(|path| changes.add(|| path));
        self.adopt(moved.to_folders, changes);
        // What was a link to nothing may be one to a folder with links by now.
        if self.links.have_moved() {
            self.look_at_links(changes);
        }
    }

    /// Takes in these folders and all below them, as far as they are not known yet, and tells of the files in there: they
    /// may have been written before there was a watch.
    fn adopt(&mut self, folders: Vec<PathBuf>, changes: &mut Changes) {
        let mut ahead = folders;
        while let Some(path) = ahead.pop() {
            let Ok(metadata) = fs::metadata(&path) else { continue };
            let identity = identity(&metadata);
            if let Some(known) = self.by_identity.get(&identity).cloned() {
                if self.is_still_at(&known) {
                    continue;
                }
                self.forget(&known);
            }
            // Another folder in its place.
            self.forget(&path);
            self.shared.entry(identity.0).or_insert_with(|| filesystem::shared(&path));
            let path: Arc<Path> = path.into();
            // First the watch, then the look: what comes in between is met twice and not missed.
            let watch = self.watch(&path);
            self.wanting |= watch.is_err();
            let linked = path.is_symlink();
            let folder = Folder { identity, watch, linked, last_change: modified(&metadata), touched: true };
            self.folders.insert(Arc::clone(&path), folder);
            self.found = true;
            self.by_identity.insert(identity, Arc::clone(&path));
            ahead.extend(self.take_in(&path, changes));
        }
    }

    /// Tells of the files in `folder`, remembers the links among them, and gives its folders.
    fn take_in(&mut self, folder: &Path, changes: &mut Changes) -> Vec<PathBuf> {
        let mut links = Vec::new();
        let folders = self.entries(folder, |file| {
            changes.add(|| file.path());
            if file.file_type().is_ok_and(|kind| kind.is_symlink()) {
                links.push(file.path());
            }
        });
        for link in links {
            self.links.meet(link);
        }
        folders
    }

    /// Drops the folder at `path` and all below it.
    fn forget(&mut self, path: &Path) {
        let gone: Vec<_> = self.below(path).map(|(path, _)| Arc::clone(path)).collect();
        for path in gone {
            if let Some(folder) = self.folders.remove(&path) {
                self.watches.give_back(folder.watch);
                self.by_identity.remove(&folder.identity);
                self.lost |= folder.linked;
            }
        }
        self.watches.give_back(self.links.forget(path));
    }

    fn clear(&mut self) {
        self.watches.give_back(self.links.clear());
        self.watches.clear();
        self.folders.clear();
        self.by_identity.clear();
        self.shared.clear();
    }

    /// Looks when something in the folders of this kind changed last, and what is new in there.
    fn inspect(&mut self, kind: impl Fn(&Folder) -> bool, changes: &mut Changes) {
        let chosen = self.folders.iter().filter(|(_, folder)| kind(folder)).map(|(path, _)| Arc::clone(path));
        for path in chosen.collect::<Vec<_>>() {
            if !self.is_still_at(&path) {
                self.forget(&path);
                continue;
            }
            let mut last_change = fs::metadata(&path).map_or(i64::MIN, |metadata| modified(&metadata));
            let below = self.entries(&path, |file| {
                last_change = last_change.max(file.metadata().map_or(i64::MIN, |metadata| modified(&metadata)));
            });
            if let Some(folder) = self.folders.get_mut(&path) {
                folder.last_change = last_change;
                folder.touched = false;
            }
            self.adopt(below, changes);
        }
    }

    /// Gives watches to the folders that changed last, taking them from those that did not for longest.
    fn hand_out_watches(&mut self, changes: &mut Changes) {
        let folders = self.folders.iter().map(|(path, folder)| Candidate {
            path: Arc::clone(path),
            last_change: folder.last_change,
            watched: folder.watch.is_ok(),
        });
        let (watched, waiting): (Vec<_>, Vec<_>) =
            latest_first(folders.collect()).into_iter().partition(|candidate| candidate.watched);
        let mut givers = watched.into_iter().rev().peekable();
        for Candidate { path, last_change, .. } in waiting {
            let Some(before) = self.folders.get(&path).map(|folder| folder.watch) else { continue };
            let mut watch = self.watch(&path);
            // What the system refused for itself would take a watch for nothing.
            if let (Err(reason @ (Reason::Share | Reason::Exhausted)), Err(Reason::Share | Reason::Exhausted)) =
                (watch, before)
                && let Some(giver) = givers.next_if(|giver| giver.last_change < last_change)
            {
                self.take_watch_of(&giver.path, reason);
                watch = self.watch(&path);
                if watch == Err(Reason::Exhausted) {
                    // Another program was quicker. It is not to have the rest of ours, too.
                    givers = vec![].into_iter().rev().peekable();
                }
            }
            if let Some(folder) = self.folders.get_mut(&path) {
                folder.watch = watch;
            }
            if watch.is_ok() {
                // What was written since it was last read.
                self.found = true;
                let below = self.take_in(&path, changes);
                self.adopt(below, changes);
            }
        }
    }

    /// Asks for a watch of `folder`, within what is ours.
    fn watch(&mut self, folder: &Arc<Path>) -> Result<WatchNumber, Reason> {
        self.watches.ask_for_folder(folder, self.links.watches())
    }

    /// Takes the watch of `folder` so that another may have it, for this reason.
    fn take_watch_of(&mut self, folder: &Path, reason: Reason) {
        let taken = self.folders.get_mut(folder).and_then(|folder| mem::replace(&mut folder.watch, Err(reason)).ok());
        self.watches.free(taken);
    }

    /// The folder at `path` and all below it.
    fn below<'t>(&'t self, path: &'t Path) -> impl Iterator<Item = (&'t Arc<Path>, &'t Folder)> {
        let from = (Bound::Included(path), Bound::Unbounded);
        self.folders.range::<Path, _>(from).take_while(move |(below, _)| below.starts_with(path))
    }

    /// The folders in `folder` that are ours, linked ones included; `file` is called for every file that is.
    fn entries(&self, folder: &Path, mut file: impl FnMut(&DirEntry)) -> Vec<PathBuf> {
        let mut folders = Vec::new();
        // What cannot be read is told by the source that reads it.
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            if !is_ours(&entry.file_name()) {
                continue;
            }
            let kind = entry.file_type();
            let is_folder = kind.is_ok_and(|kind| kind.is_dir() || kind.is_symlink() && entry.path().is_dir());
            match self.for_files.wants(folder, &entry.file_name()) {
                Some(false) => {}
                None if is_folder => folders.push(entry.path()),
                Some(true) | None => file(&entry),
            }
        }
        folders
    }

    /// Whether the folder known at `path` is what is found there.
    fn is_still_at(&self, path: &Path) -> bool {
        self.folders.get(path).is_some_and(|folder| identity_of(path) == Some(folder.identity))
    }
}

pub(super) fn identity(metadata: &Metadata) -> Identity {
    (metadata.dev(), metadata.ino())
}

/// Of the folder at `path`, if there is one.
fn identity_of(path: &Path) -> Option<Identity> {
    fs::metadata(path).ok().filter(Metadata::is_dir).map(|metadata| identity(&metadata))
}

/// Nanoseconds since 1970.
fn modified(metadata: &Metadata) -> i64 {
    metadata.mtime().saturating_mul(1_000_000_000).saturating_add(metadata.mtime_nsec())
}

#[cfg(test)]
mod tests;
