//! Noticing that an agent wrote something, within a fraction of a second.
//!
//! The system tells of changes below each root. What it can't tell of (roots that do not exist yet, network homes, a
//! system out of watches) is found by the poll every [`POLL_INTERVAL`], which looks at sizes and times only.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use file_id::FileId;
use notify::event::{AccessKind, AccessMode};
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};

use super::ALL;
use crate::places::Places;

/// How often sources are read even if nothing was noticed.
pub const POLL_INTERVAL: Duration = Duration::from_secs(30);

/// How long to wait for more to be written. An agent writes a response in several steps within milliseconds.
const DEBOUNCE: Duration = Duration::from_millis(150);

/// Watches the roots of all sources while it lives.
#[derive(Debug)]
pub struct Watch {
    watcher: Option<RecommendedWatcher>,
    watched: BTreeMap<PathBuf, Watching>,
}

/// How changes below a root are noticed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Watching {
    /// The system tells, of this very folder: another one at the same path has to be watched anew.
    Live(FileId),
    /// It does not exist. It is looked for at every poll.
    Absent,
    /// The system refuses to tell, for this reason. It is read at every poll.
    Polled(String),
}

impl Watch {
    /// Begins to watch. `on_change` is called from a thread of its own, once per burst of changes.
    pub fn start(places: &Places, on_change: impl Fn() + Send + 'static) -> Self {
        let (told, changes) = mpsc::channel();
        let tell = move |event: notify::Result<Event>| {
            // An error may mean that events were lost, so it counts as a change.
            if event.as_ref().map_or(true, is_change) {
                let _ = told.send(());
            }
        };
        let mut watch = Self { watcher: notify::recommended_watcher(tell).ok(), watched: BTreeMap::new() };
        thread::spawn(move || once_per_burst(&changes, on_change));
        watch.follow(places);
        watch
    }

    /// Looks again which roots exist. Call it at every poll: agents are installed while we run.
    pub fn follow(&mut self, places: &Places) {
        for root in ALL.iter().flat_map(|source| source.roots(places)) {
            let identity = file_id::get_file_id(&root).ok().filter(|_| root.is_dir());
            let watching = match (self.watched.get(&root), identity) {
                (Some(Watching::Live(known)), Some(found)) if *known == found => continue,
                (_, None) => Watching::Absent,
                (_, Some(found)) => self.watch(&root, found),
            };
            self.watched.insert(root, watching);
        }
    }

    /// Every root and how changes below it are noticed.
    pub fn roots(&self) -> &BTreeMap<PathBuf, Watching> {
        &self.watched
    }

    fn watch(&mut self, root: &Path, identity: FileId) -> Watching {
        let Some(watcher) = &mut self.watcher else {
            return Watching::Polled("this system offers no notification of changes".into());
        };
        match watcher.watch(root, RecursiveMode::Recursive) {
            Ok(()) => Watching::Live(identity),
            Err(cause) => Watching::Polled(cause.to_string()),
        }
    }
}

/// Whether something was written. Reading is no change: we read ourselves, and would wake ourselves for ever.
fn is_change(event: &Event) -> bool {
    !matches!(event.kind, EventKind::Access(kind) if kind != AccessKind::Close(AccessMode::Write))
}

/// Calls `on_change` when `changes` pause, until the watch is dropped.
fn once_per_burst(changes: &Receiver<()>, on_change: impl Fn()) {
    while changes.recv().is_ok() {
        thread::sleep(DEBOUNCE);
        while changes.try_recv().is_ok() {}
        on_change();
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::sync::mpsc;

    use super::*;

    #[test]
    fn an_appended_line_is_noticed_and_so_is_a_root_that_appears_later() {
        let home = tempfile::tempdir().unwrap();
        let variables = [("HOME".into(), home.path().into())];
        let places = Places::of_user(variables, None, None).unwrap();
        let log = home.path().join(".claude/projects/p/s.jsonl");
        fs::create_dir_all(log.parent().unwrap()).unwrap();
        fs::write(&log, "").unwrap();
        let (told, changes) = mpsc::channel();
        let mut watch = Watch::start(&places, move || _ = told.send(()));
        fs::write(&log, "{}\n").unwrap();
        changes.recv_timeout(Duration::from_secs(10)).expect("the append is noticed");

        let rollouts = home.path().join(".codex/sessions");
        assert_eq!(watch.roots()[&rollouts], Watching::Absent);
        fs::create_dir_all(&rollouts).unwrap();
        watch.follow(&places);
        assert!(matches!(watch.roots()[&rollouts], Watching::Live(_)));
        while changes.try_recv().is_ok() {}
        fs::write(rollouts.join("r.jsonl"), "{}\n").unwrap();
        changes.recv_timeout(Duration::from_secs(10)).expect("the new root is watched");
    }

    #[test]
    fn t13_reading_is_not_noticed_as_a_change() {
        let home = tempfile::tempdir().unwrap();
        let places = Places::of_user([("HOME".into(), home.path().into())], None, None).unwrap();
        let log = home.path().join(".claude/projects/p/s.jsonl");
        fs::create_dir_all(log.parent().unwrap()).unwrap();
        fs::write(&log, "{}\n").unwrap();
        let (told, changes) = mpsc::channel();
        let _watch = Watch::start(&places, move || _ = told.send(()));
        for _ in 0..5 {
            assert_eq!(fs::read_dir(log.parent().unwrap()).unwrap().count(), 1);
            assert_eq!(fs::read(&log).unwrap(), b"{}\n");
        }
        // Long enough for what would be told to be told.
        assert!(changes.recv_timeout(DEBOUNCE * 6).is_err(), "reading woke the watch");
        fs::write(&log, "{}\n{}\n").unwrap();
        changes.recv_timeout(Duration::from_secs(10)).expect("it is alive");
    }

    #[test]
    fn a_root_that_is_removed_and_made_again_is_watched_again() {
        let home = tempfile::tempdir().unwrap();
        let places = Places::of_user([("HOME".into(), home.path().into())], None, None).unwrap();
        let root = home.path().join(".claude/projects");
        fs::create_dir_all(&root).unwrap();
        let (told, changes) = mpsc::channel();
        let mut watch = Watch::start(&places, move || _ = told.send(()));
        // Another folder in its place, made before the old one goes, so that it is surely another one.
        let other = home.path().join("other");
        fs::create_dir(&other).unwrap();
        fs::remove_dir(&root).unwrap();
        fs::rename(&other, &root).unwrap();
        watch.follow(&places);
        while changes.recv_timeout(DEBOUNCE * 6).is_ok() {}
        fs::write(root.join("s.jsonl"), "{}\n").unwrap();
        changes.recv_timeout(Duration::from_secs(10)).expect("the new folder is watched");
    }
}
