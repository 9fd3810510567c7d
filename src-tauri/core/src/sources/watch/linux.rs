//! Watching on Linux: folder by folder, within what is ours of the system's watches.
//!
//! One thread waits for the system and takes in what it tells; the tree of folders is shared with whoever calls
//! [`Folders::follow`].

mod filesystem;
mod inotify;
mod limits;
mod ranking;
mod reason;
mod tree;

use std::collections::BTreeMap;
use std::io::{self, PipeReader, PipeWriter};
use std::os::fd::AsFd;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use std::{fmt, thread};

use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;

use self::inotify::Inotify;
use self::tree::Tree;
use super::{Changes, GATHERED_FOR, OnChange, Watching};

/// How often a burst is listened to: often enough that the system's queue cannot fill, and that a new folder is watched
/// before much is written into it.
const LISTEN_EVERY: Duration = Duration::from_millis(15);

/// The folders below all roots.
pub(super) struct Folders {
    tree: Arc<Mutex<Tree>>,
    /// Until the thread has it.
    on_change: Option<OnChange>,
    /// The thread ends when this is dropped.
    running: Option<PipeWriter>,
}

impl Folders {
    pub(super) fn new(on_change: OnChange) -> Self {
        Self { tree: Arc::new(Mutex::new(Tree::new())), on_change: Some(on_change), running: None }
    }

    pub(super) fn follow(&mut self, roots: Vec<PathBuf>) -> bool {
        self.begin();
        lock(&self.tree).follow(roots)
    }

    pub(super) fn renew(&mut self, roots: Vec<PathBuf>) {
        self.begin();
        lock(&self.tree).renew(roots);
    }

    pub(super) fn watching(&self) -> BTreeMap<PathBuf, Watching> {
        lock(&self.tree).watching()
    }

    /// Starts the thread, unless it runs or the system has nothing to ask. Then it may have at the next poll.
    fn begin(&mut self) {
        if self.running.is_some() {
            return;
        }
        let Ok(inotify) = Inotify::new().map(Arc::new) else { return };
        let Ok((stop, running)) = io::pipe() else { return };
        let Some(on_change) = self.on_change.take() else { return };
        lock(&self.tree).begin(Arc::clone(&inotify));
        self.running = Some(running);
        let tree = Arc::clone(&self.tree);
        thread::spawn(move || tell(&inotify, &stop, &tree, &on_change));
    }
}

impl fmt::Debug for Folders {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Folders").field("watching", &self.watching()).finish_non_exhaustive()
    }
}

/// Tells of each burst of changes once it was gathered. A writer that never pauses is told of again and again.
fn tell(inotify: &Inotify, stop: &PipeReader, tree: &Mutex<Tree>, on_change: &OnChange) {
    while wait(inotify, stop) {
        let mut changes = Changes::default();
        let mut gathered = Duration::ZERO;
        while gathered < GATHERED_FOR {
            lock(tree).listen(&mut changes);
            thread::sleep(LISTEN_EVERY);
            gathered += LISTEN_EVERY;
        }
        lock(tree).settle(&mut changes);
        if !changes.is_empty() {
            on_change(changes);
        }
    }
}

/// Waits until there is something to listen to; false when it is time to stop.
fn wait(inotify: &Inotify, stop: &PipeReader) -> bool {
    loop {
        let mut sources = [PollFd::from_borrowed_fd(inotify.as_fd(), PollFlags::IN), PollFd::new(stop, PollFlags::IN)];
        match poll(&mut sources, None) {
            Ok(_) => return sources[1].revents().is_empty(),
            Err(Errno::INTR) => {}
            // Without being told, the poll is what is left.
            Err(_) => return false,
        }
    }
}

fn lock(tree: &Mutex<Tree>) -> MutexGuard<'_, Tree> {
    tree.lock().unwrap_or_else(PoisonError::into_inner)
}
