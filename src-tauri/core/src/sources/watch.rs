//! Noticing that an agent wrote something, within a fraction of a second, and where.
//!
//! The system tells of changes in the folders below each root. Where it tells nothing (roots that do not exist yet,
//! writers on other machines, a system out of watches), changes are found by the poll every [`POLL_INTERVAL`], which
//! looks at sizes and times only. What the system should have told and did not (a disk that was mounted over a folder) is
//! found when the app looks at everything now and then. So a watch that is missing costs time and never a call.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use super::ALL;
use crate::places::Places;

mod changes;
#[cfg(target_os = "linux")]
mod linux;
#[cfg(any(not(target_os = "linux"), test))]
mod recursive;

pub use changes::Changes;
#[cfg(target_os = "linux")]
use linux::Folders as System;
#[cfg(not(target_os = "linux"))]
use recursive::Trees as System;

/// How often roots are looked for, and what the system does not tell everything of is read even if nothing was noticed.
pub const POLL_INTERVAL: Duration = Duration::from_secs(30);

/// How long changes are gathered before they are told. An agent writes a response in several steps within milliseconds.
const GATHERED_FOR: Duration = Duration::from_millis(150);

/// Called with what changed.
type OnChange = Box<dyn Fn(Changes) + Send>;

/// Watches the roots of all sources while it lives.
#[derive(Debug)]
pub struct Watch {
    system: System,
}

/// How changes below a root are noticed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Watching {
    /// The system tells of every change; or another root led to the same folder before, and it is told of there.
    Live,
    /// It does not exist. It is looked for at every poll.
    Absent,
    /// At least some of it is read at every poll only.
    Polled {
        /// Folders of which the system tells all the same.
        watched: u64,
        /// Folders of which it does not tell, or not of everything.
        polled: u64,
        /// Why, for most of these, and what can be done about it.
        reason: String,
    },
}

impl Watch {
    /// Begins to watch. `on_change` is called from a thread of its own, once per burst of changes and, in one that never
    /// ends, again and again.
    pub fn start(places: &Places, on_change: impl Fn(Changes) + Send + 'static) -> Self {
        let mut watch = Self { system: System::new(Box::new(on_change)) };
        watch.follow(places);
        watch
    }

    /// Looks again which roots there are, and which folders are worth a watch. Call it at every poll, before the sources
    /// are read: agents are installed while we run. Says whether it found folders of whose files nobody was told.
    pub fn follow(&mut self, places: &Places) -> bool {
        self.system.follow(roots(places))
    }

    /// Watches everything anew. Call it instead of [`Self::follow`] after the machine slept: disks may have come and gone.
    pub fn renew(&mut self, places: &Places) {
        self.system.renew(roots(places));
    }

    /// Whether the system tells of every change, so that looking would find nothing.
    pub fn tells_everything(&self) -> bool {
        self.roots().values().all(|watching| !matches!(watching, Watching::Polled { .. }))
    }

    /// Every root and how changes below it are noticed.
    pub fn roots(&self) -> BTreeMap<PathBuf, Watching> {
        self.system.watching()
    }
}

fn roots(places: &Places) -> Vec<PathBuf> {
    ALL.iter().flat_map(|source| source.roots(places)).collect()
}

#[cfg(test)]
mod tests;
