//! Watching on Linux: folder by folder, within what is ours of the system's watches.
//!
//! One thread waits for the system and takes in what it tells; the tree of folders is shared with whoever calls
//! [`Folders::follow`].

mod filesystem;
mod for_files;
mod inotify;
mod limits;
mod links;
mod ranking;
mod reason;
mod tree;
mod watches;

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
use self::reason::Reason;
use self::tree::Tree;
use super::{Changes, GATHERED_FOR, OnChange, Watching};

/// How often a burst is listened to: often enough that the system's queue cannot fill, and that a new folder is watched
/// before much is written into it.
const LISTEN_EVERY: Duration = Duration::from_millis(15);

/// The folders below all roots.
pub(super) struct Folders {
    tree: Arc<Mutex<Tree>>,
    on_change: Arc<Mutex<OnChange>>,
    /// The thread ends when this is dropped.
    running: Option<PipeWriter>,
}

impl Folders {
    pub(super) fn new(on_change: OnChange) -> Self {
        Self { tree: Arc::new(Mutex::new(Tree::new())), on_change: Arc::new(Mutex::new(on_change)), running: None }
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
        if lock(&self.tree).is_listened_to() {
            return;
        }
        // One ended, and whoever was told of it looks at once. Begun anew now, it might end at once, and so on for ever.
        if self.running.take().is_some() {
            return;
        }
        let Ok(inotify) = Inotify::new() else { return };
        // Without a thread, or a way to end it, the poll is what is left.
        let _ = self.listen(Arc::new(inotify));
    }

    fn listen(&mut self, inotify: Arc<Inotify>) -> io::Result<()> {
        let (stop, running) = io::pipe()?;
        lock(&self.tree).begin(Arc::clone(&inotify));
        let (tree, on_change) = (Arc::clone(&self.tree), Arc::clone(&self.on_change));
        let listener = Listener { inotify, stop, tree, on_change };
        thread::Builder::new().name("watch".into()).spawn(move || listener.run())?;
        self.running = Some(running);
        Ok(())
    }
}

impl fmt::Debug for Folders {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Folders").field("watching", &self.watching()).finish_non_exhaustive()
    }
}

/// What the thread has. However it ends, nobody is to believe that it still listens.
struct Listener {
    inotify: Arc<Inotify>,
    stop: PipeReader,
    tree: Arc<Mutex<Tree>>,
    on_change: Arc<Mutex<OnChange>>,
}

impl Listener {
    fn run(self) {
        if let Err(cause) = self.listen() {
            lock(&self.tree).end(&self.inotify, Reason::Failed(cause.raw_os_error()));
            // Whoever reads the sources now also hears that they are polled.
            self.tell(Changes::Anything);
        }
    }

    /// Tells of each burst of changes once it was gathered, until it is time to stop. A writer that never pauses is told
    /// of again and again.
    fn listen(&self) -> Result<(), Errno> {
        while self.wait()? {
            let mut changes = Changes::default();
            let mut gathered = Duration::ZERO;
            while gathered < GATHERED_FOR {
                lock(&self.tree).listen(&mut changes)?;
                thread::sleep(LISTEN_EVERY);
                gathered += LISTEN_EVERY;
            }
            lock(&self.tree).settle(&mut changes);
            if !changes.is_empty() {
                self.tell(changes);
            }
        }
        Ok(())
    }

    /// Waits until there is something to listen to; false when it is time to stop.
    fn wait(&self) -> Result<bool, Errno> {
        let mut sources =
            [PollFd::from_borrowed_fd(self.inotify.as_fd(), PollFlags::IN), PollFd::new(&self.stop, PollFlags::IN)];
        loop {
            match poll(&mut sources, None) {
                Ok(_) => return Ok(sources[1].revents().is_empty()),
                Err(Errno::INTR) => {}
                Err(cause) => return Err(cause),
            }
        }
    }

    fn tell(&self, changes: Changes) {
        lock(&self.on_change)(changes);
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        lock(&self.tree).end(&self.inotify, Reason::Unheard);
    }
}

fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
