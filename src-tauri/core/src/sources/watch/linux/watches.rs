//! Watches: the folders that have one, and whether there is another to be had.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use rustix::io::Errno;

use super::inotify::{Inotify, WatchNumber};
use super::limits::Limit;
use super::reason::Reason;

#[derive(Debug)]
pub(super) struct Watches {
    /// What is asked for watches and listened to, or why there is nothing.
    inotify: Result<Arc<Inotify>, Reason>,
    pub(super) limit_now: fn() -> Limit,
    /// As it was when it was last looked at.
    limit: Limit,
    /// The system has no further watches for us. It is asked again at the next poll.
    exhausted: bool,
    folders: HashMap<WatchNumber, Arc<Path>>,
}

impl Watches {
    pub(super) fn none() -> Self {
        Self {
            inotify: Err(Reason::NoInstance),
            limit_now: Limit::watches,
            limit: Limit::watches(),
            exhausted: false,
            folders: HashMap::new(),
        }
    }

    /// Asks here for watches from now on.
    pub(super) fn begin(&mut self, inotify: Arc<Inotify>) {
        self.inotify = Ok(inotify);
    }

    /// What tells of changes, while somebody listens to it.
    pub(super) fn inotify(&self) -> Option<&Arc<Inotify>> {
        self.inotify.as_ref().ok()
    }

    /// Nobody listens to `inotify` any more, for this reason. Says whether these watches were asked for there: then none
    /// of them is worth anything.
    pub(super) fn end(&mut self, inotify: &Arc<Inotify>, reason: Reason) -> bool {
        let ours = self.inotify().is_some_and(|current| Arc::ptr_eq(current, inotify));
        if ours {
            self.inotify = Err(reason);
            self.folders.clear();
        }
        ours
    }

    /// Looks how many there may be by now.
    pub(super) fn look(&mut self) {
        self.limit = (self.limit_now)();
        self.exhausted = false;
    }

    pub(super) const fn limit(&self) -> Limit {
        self.limit
    }

    /// Folders that have one.
    #[cfg(test)]
    pub(super) fn folders(&self) -> usize {
        self.folders.len()
    }

    /// The folder that is watched so; `None` for that of a file, or one that was given back.
    pub(super) fn folder(&self, watch: WatchNumber) -> Option<&Arc<Path>> {
        self.folders.get(&watch)
    }

    /// Asks for one of `folder`, beside those that `files` have.
    pub(super) fn ask_for_folder(&mut self, folder: &Arc<Path>, files: usize) -> Result<WatchNumber, Reason> {
        let watch = self.ask(files, |inotify| inotify.watch(folder))?;
        self.folders.insert(watch, Arc::clone(folder));
        Ok(watch)
    }

    /// Asks for one of the file to which `link` leads, beside those that other `files` have.
    pub(super) fn ask_for_file(&mut self, link: &Path, files: usize) -> Result<WatchNumber, Reason> {
        self.ask(files, |inotify| inotify.watch_file(link))
    }

    fn ask(
        &mut self,
        files: usize,
        ask: impl FnOnce(&Inotify) -> Result<WatchNumber, Errno>,
    ) -> Result<WatchNumber, Reason> {
        let inotify = self.inotify.as_ref().map_err(|reason| *reason)?;
        if self.exhausted {
            return Err(Reason::Exhausted);
        }
        if (self.folders.len() + files) as u64 >= self.limit.budget() {
            return Err(Reason::Share);
        }
        ask(inotify).map_err(|cause| {
            if cause == Errno::NOSPC {
                self.exhausted = true;
                return Reason::Exhausted;
            }
            Reason::Refused(cause.raw_os_error())
        })
    }

    /// Gives one of a folder back, if it has it still, so that another may have it.
    pub(super) fn free(&mut self, watch: Option<WatchNumber>) {
        self.give_back(watch);
        self.exhausted = false;
    }

    /// Gives these back.
    pub(super) fn give_back(&mut self, watches: impl IntoIterator<Item = WatchNumber>) {
        for watch in watches {
            self.folders.remove(&watch);
            if let Ok(inotify) = &self.inotify {
                inotify.release(watch);
            }
        }
    }

    /// Gives those of all folders back.
    pub(super) fn clear(&mut self) {
        let all: Vec<_> = self.folders.keys().copied().collect();
        self.give_back(all);
    }
}
