//! Noticing that an agent wrote something, within a fraction of a second.
//!
//! The system tells of changes below each root. What it can't tell of (roots that do not exist yet, network homes, a
//! system out of watches) is found by the poll every [`POLL_INTERVAL`], which looks at sizes and times only.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use notify::{RecommendedWatcher, RecursiveMode};
use notify_debouncer_mini::{DebounceEventResult, Debouncer, new_debouncer};

use super::ALL;
use crate::places::Places;

/// How often sources are read even if nothing was noticed.
pub const POLL_INTERVAL: Duration = Duration::from_secs(30);

/// How long to wait for more to be written. An agent writes a response in several steps within milliseconds.
const DEBOUNCE: Duration = Duration::from_millis(150);

/// Watches the roots of all sources while it lives.
#[derive(Debug)]
pub struct Watch {
    debouncer: Option<Debouncer<RecommendedWatcher>>,
    watched: BTreeMap<PathBuf, Watching>,
}

/// How changes below a root are noticed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Watching {
    /// The system tells.
    Live,
    /// It does not exist. It is looked for at every poll.
    Absent,
    /// The system refuses to tell, for this reason. It is read at every poll.
    Polled(String),
}

impl Watch {
    /// Begins to watch. `on_change` is called from a thread of its own, once per burst of changes.
    pub fn start(places: &Places, on_change: impl Fn() + Send + 'static) -> Self {
        let told = move |events: DebounceEventResult| {
            // An error may mean that events were lost, so it counts as a change.
            if events.map_or(true, |events| !events.is_empty()) {
                on_change();
            }
        };
        let mut watch = Self { debouncer: new_debouncer(DEBOUNCE, told).ok(), watched: BTreeMap::new() };
        watch.follow(places);
        watch
    }

    /// Looks again which roots exist. Call it at every poll: agents are installed while we run.
    pub fn follow(&mut self, places: &Places) {
        for root in ALL.iter().flat_map(|source| source.roots(places)) {
            let exists = root.is_dir();
            let watching = match (self.watched.get(&root), exists) {
                (Some(Watching::Live), true) => continue,
                (_, false) => Watching::Absent,
                (_, true) => self.watch(&root),
            };
            self.watched.insert(root, watching);
        }
    }

    /// Every root and how changes below it are noticed.
    pub fn roots(&self) -> &BTreeMap<PathBuf, Watching> {
        &self.watched
    }

    fn watch(&mut self, root: &std::path::Path) -> Watching {
        let Some(debouncer) = &mut self.debouncer else {
            return Watching::Polled("this system offers no notification of changes".into());
        };
        match debouncer.watcher().watch(root, RecursiveMode::Recursive) {
            Ok(()) => Watching::Live,
            Err(cause) => Watching::Polled(cause.to_string()),
        }
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
        assert_eq!(watch.roots()[&rollouts], Watching::Live);
        while changes.try_recv().is_ok() {}
        fs::write(rollouts.join("r.jsonl"), "{}\n").unwrap();
        changes.recv_timeout(Duration::from_secs(10)).expect("the new root is watched");
    }
}
