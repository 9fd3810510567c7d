//! How the app watches for changes, for whoever asks from another process. Only the app's schedule writes it.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions, TryLockError};
use std::path::PathBuf;

use rusqlite::params;
use serde::Serialize;

use super::{Ledger, LedgerError, owner_only};
use crate::sources::watch::Watching;

/// A root of a source below which the system does not tell of every change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PolledRoot {
    /// The folder.
    pub path: String,
    /// Folders of which the system tells.
    pub folders_watched: u64,
    /// Folders that are looked at every [`crate::sources::watch::POLL_INTERVAL`].
    pub folders_polled: u64,
    /// Why, and what can be done about it.
    pub reason: String,
}

impl PolledRoot {
    /// Those of `roots` of which the system does not tell everything.
    pub fn among(roots: &BTreeMap<PathBuf, Watching>) -> Vec<Self> {
        let polled = roots.iter().filter_map(|(path, watching)| match watching {
            Watching::Live | Watching::Absent => None,
            Watching::Polled { watched, polled, reason } => Some(Self {
                path: path.to_string_lossy().into_owned(),
                folders_watched: *watched,
                folders_polled: *polled,
                reason: reason.clone(),
            }),
        });
        polled.collect()
    }
}

/// Says that a process watches, while it lives.
#[derive(Debug)]
pub struct WatchMark {
    _locked: File,
}

impl Ledger {
    /// Remembers which roots are polled. Writes nothing if it is known.
    ///
    /// # Errors
    /// [`LedgerError`] when the ledger cannot be written.
    pub fn set_polled_roots(&mut self, mut roots: Vec<PolledRoot>) -> Result<(), LedgerError> {
        roots.sort_by(|a, b| a.path.cmp(&b.path));
        roots.dedup_by(|a, b| a.path == b.path);
        if self.noted_roots()? == roots {
            return Ok(());
        }
        self.write(|transaction| {
            transaction.execute("DELETE FROM watched_root", [])?;
            let mut insert = transaction.prepare_cached("INSERT INTO watched_root VALUES (?1, ?2, ?3, ?4)")?;
            for root in &roots {
                let (watched, polled) = (root.folders_watched.cast_signed(), root.folders_polled.cast_signed());
                insert.execute(params![root.path, watched, polled, root.reason])?;
            }
            Ok(())
        })
    }

    /// The roots that the running app polls; `None` when no app is running, whatever one noted before.
    ///
    /// # Errors
    /// [`LedgerError`] when the ledger cannot be read.
    pub fn polled_roots(&self) -> Result<Option<Vec<PolledRoot>>, LedgerError> {
        let mark = OpenOptions::new().read(true).open(self.watching_mark());
        // Locked: its holder lives. The kernel lets go of it with the process, however that ends.
        let is_watched = mark.is_ok_and(|mark| matches!(mark.try_lock_shared(), Err(TryLockError::WouldBlock)));
        if is_watched { self.noted_roots().map(Some) } else { Ok(None) }
    }

    /// Says to whoever asks that this process watches, until what is returned is dropped; `None` while another one says
    /// so, or is just asking.
    pub fn announce_watching(&self) -> Option<WatchMark> {
        let mark = owner_only(OpenOptions::new().append(true).create(true)).open(self.watching_mark()).ok()?;
        mark.try_lock().ok()?;
        Some(WatchMark { _locked: mark })
    }

    fn watching_mark(&self) -> PathBuf {
        self.path.with_extension("watching")
    }

    /// In the order of their paths.
    fn noted_roots(&self) -> Result<Vec<PolledRoot>, LedgerError> {
        self.read(|connection| {
            let mut query = connection.prepare_cached(
                "SELECT path, folders_watched, folders_polled, reason FROM watched_root ORDER BY path",
            )?;
            let rows = query.query_map([], |row| {
                Ok(PolledRoot {
                    path: row.get(0)?,
                    folders_watched: row.get::<_, i64>(1)?.cast_unsigned(),
                    folders_polled: row.get::<_, i64>(2)?.cast_unsigned(),
                    reason: row.get(3)?,
                })
            })?;
            rows.collect()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn root(path: &str, folders_polled: u64) -> PolledRoot {
        PolledRoot { path: path.into(), folders_watched: 5, folders_polled, reason: "because".into() }
    }

    #[test]
    fn polled_roots_are_told_while_the_app_that_noted_them_runs() {
        let folder = tempfile::tempdir().unwrap();
        let mut ledger = Ledger::open(&folder.path().join("ledger.db")).unwrap();
        let asked = Ledger::open_reader(&folder.path().join("ledger.db")).unwrap();
        assert_eq!(asked.polled_roots().unwrap(), None, "no app has ever run");
        let running = ledger.announce_watching().unwrap();
        assert_eq!(asked.polled_roots().unwrap(), Some(vec![]), "it runs, and all is live");
        ledger.set_polled_roots(vec![root("/a", 2), root("/b", 1)]).unwrap();
        assert_eq!(asked.polled_roots().unwrap(), Some(vec![root("/a", 2), root("/b", 1)]));
        assert!(asked.announce_watching().is_none(), "one says so already");
        drop(running);
        assert_eq!(asked.polled_roots().unwrap(), None, "what the last run noted need not hold any more");
        assert!(asked.announce_watching().is_some());
    }

    #[test]
    fn only_what_is_polled_is_noted() {
        let polled = Watching::Polled { watched: 5, polled: 2, reason: "because".into() };
        let roots = [("/a", polled), ("/b", Watching::Live), ("/c", Watching::Absent)];
        let roots = roots.into_iter().map(|(path, watching)| (path.into(), watching)).collect();
        assert_eq!(PolledRoot::among(&roots), [root("/a", 2)]);
    }

    #[test]
    fn noting_what_is_known_writes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let mut ledger = Ledger::open(&folder.path().join("ledger.db")).unwrap();
        let written = ledger.rows_written();
        ledger.set_polled_roots(vec![]).unwrap();
        assert_eq!(ledger.rows_written(), written);
        // As folders are ordered, and not as text is.
        let known = [root("/a/b", 2), root("/a-b", 1)];
        ledger.set_polled_roots(known.to_vec()).unwrap();
        let written = ledger.rows_written();
        ledger.set_polled_roots(known.to_vec()).unwrap();
        assert_eq!(ledger.rows_written(), written);
        ledger.set_polled_roots(vec![root("/a", 3)]).unwrap();
        assert_eq!(ledger.noted_roots().unwrap(), [root("/a", 3)]);
        ledger.set_polled_roots(vec![]).unwrap();
        assert_eq!(ledger.noted_roots().unwrap(), []);
    }
}
