//! Linux's own notification of changes, one watch per folder.
//!
//! Not through the crate `notify`, which serves the other systems: it asks to be told of every file that is opened, so
//! that reading some thousand folders ourselves could fill the system's queue and wake us for ever; it tells nothing of
//! watches that ended; and below a link it watches the same folder once per way that leads there.

use std::ffi::{OsStr, OsString};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use rustix::fs::inotify::{self, CreateFlags, ReadFlags, Reader, WatchFlags};
use rustix::io::Errno;

/// What is told: whatever puts something into a file, and folders that come and go. Never that something was read.
const WANTED: WatchFlags = WatchFlags::CREATE
    .union(WatchFlags::MODIFY)
    .union(WatchFlags::CLOSE_WRITE)
    .union(WatchFlags::MOVE)
    .union(WatchFlags::DELETE)
    .union(WatchFlags::DELETE_SELF)
    .union(WatchFlags::MOVE_SELF)
    .union(WatchFlags::ONLYDIR);

/// What is told of a file that a link leads to: also that it may not be that file any more.
const WANTED_OF_FILE: WatchFlags = WatchFlags::MODIFY
    .union(WatchFlags::CLOSE_WRITE)
    .union(WatchFlags::ATTRIB)
    .union(WatchFlags::DELETE_SELF)
    .union(WatchFlags::MOVE_SELF);

/// Something to ask for watches.
#[derive(Debug)]
pub(super) struct Inotify(OwnedFd);

/// A watched folder, as the system numbers it.
pub(super) type WatchNumber = i32;

/// Something the system tells.
#[derive(Debug)]
pub(super) struct Told {
    pub(super) watch: WatchNumber,
    pub(super) what: ReadFlags,
    /// In the watched folder; `None` if it is about the folder itself.
    pub(super) name: Option<OsString>,
}

impl Inotify {
    pub(super) fn new() -> Result<Self, Errno> {
        inotify::init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK).map(Self)
    }

    pub(super) fn watch(&self, folder: &Path) -> Result<WatchNumber, Errno> {
        inotify::add_watch(&self.0, folder, WANTED)
    }

    /// Watches the file to which `link` leads.
    pub(super) fn watch_file(&self, link: &Path) -> Result<WatchNumber, Errno> {
        inotify::add_watch(&self.0, link, WANTED_OF_FILE)
    }

    pub(super) fn release(&self, watch: WatchNumber) {
        // It may have ended by itself, with its folder.
        let _ = inotify::remove_watch(&self.0, watch);
    }

    /// What was told since the last time, at most a buffer of it; empty when there is no more.
    pub(super) fn told(&self) -> Result<Vec<Told>, Errno> {
        let mut buffer = [MaybeUninit::uninit(); 16 * 1024];
        let mut reader = Reader::new(&self.0, &mut buffer);
        let mut told = Vec::new();
        loop {
            match reader.next() {
                Ok(event) => told.push(Told {
                    watch: event.wd(),
                    what: event.events(),
                    name: event.file_name().map(|name| OsStr::from_bytes(name.to_bytes()).to_owned()),
                }),
                Err(Errno::AGAIN) => return Ok(told),
                Err(Errno::INTR) => {}
                Err(cause) => return Err(cause),
            }
            if reader.is_buffer_empty() && !told.is_empty() {
                return Ok(told);
            }
        }
    }
}

#[cfg(test)]
impl Inotify {
    /// One that breaks at the first word: a folder is not read like a file.
    pub(super) fn broken() -> Self {
        Self(std::fs::File::open("/").unwrap().into())
    }
}

impl AsFd for Inotify {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}
