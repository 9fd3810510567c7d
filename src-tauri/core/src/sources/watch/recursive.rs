//! Watching on macOS and Windows: the system watches whole trees, whatever their size.
//!
//! It does not follow links inside of a tree; what they lead to is found when the app looks at everything now and then.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::{mem, thread};

use file_id::FileId;
use notify::event::{AccessKind, AccessMode};
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};

use super::{Changes, GATHERED_FOR, OnChange, Watching};

/// The trees below all roots.
#[derive(Debug)]
pub(super) struct Trees {
    watcher: notify::Result<RecommendedWatcher>,
    roots: BTreeMap<PathBuf, Root>,
    gathered: Arc<Mutex<Gathered>>,
}

#[derive(Debug)]
struct Root {
    /// Another folder at the same path has to be watched anew.
    identity: Option<FileId>,
    watching: Watching,
}

/// What was told and not yet passed on.
#[derive(Debug, Default)]
struct Gathered {
    changes: Changes,
    /// Where roots really are, and what we call them: macOS tells of the former.
    real: Vec<(PathBuf, PathBuf)>,
}

impl Trees {
    pub(super) fn new(on_change: OnChange) -> Self {
        let gathered = Arc::new(Mutex::new(Gathered::default()));
        // Rung once per burst, however much is told.
        let (bell, rung) = mpsc::sync_channel(1);
        let watcher = notify::recommended_watcher(take_in(Arc::clone(&gathered), bell));
        let told = Arc::clone(&gathered);
        thread::spawn(move || tell(&rung, &told, &on_change));
        Self { watcher, roots: BTreeMap::new(), gathered }
    }

    pub(super) fn follow(&mut self, roots: Vec<PathBuf>) -> bool {
        let mut found = false;
        for path in roots {
            let identity = file_id::get_file_id(&path).ok().filter(|_| path.exists());
            let known = self.roots.get(&path);
            if known.is_some_and(|root| root.watching == Watching::Live && root.identity == identity) {
                continue;
            }
            let watching = match identity {
                None => Watching::Absent,
                Some(_) if path.is_file() => {
                    let reason = "the system is asked to watch folders, and this is a file".into();
                    Watching::Polled { watched: 0, polled: 1, reason }
                }
                Some(_) => self.watch(&path),
            };
            found |= watching != Watching::Absent;
            self.roots.insert(path, Root { identity, watching });
        }
        let real = self.roots.keys().filter_map(|root| Some((root.canonicalize().ok()?, root.clone())));
        lock(&self.gathered).real = real.collect();
        found
    }

    pub(super) fn renew(&mut self, roots: Vec<PathBuf>) {
        if let Ok(watcher) = &mut self.watcher {
            for root in mem::take(&mut self.roots).into_keys() {
                // It may have ended by itself, which is why it is renewed.
                let _ = watcher.unwatch(&root);
            }
        }
        self.follow(roots);
    }

    pub(super) fn watching(&self) -> BTreeMap<PathBuf, Watching> {
        self.roots.iter().map(|(path, root)| (path.clone(), root.watching.clone())).collect()
    }

    fn watch(&mut self, root: &Path) -> Watching {
        let outcome = match &mut self.watcher {
            Ok(watcher) => watcher.watch(root, RecursiveMode::Recursive).map_err(|cause| cause.to_string()),
            Err(cause) => Err(cause.to_string()),
        };
        match outcome {
            Ok(()) => Watching::Live,
            Err(cause) => {
                Watching::Polled { watched: 0, polled: 1, reason: format!("the system refuses to watch it ({cause})") }
            }
        }
    }
}

/// What to do when the system tells something.
fn take_in(gathered: Arc<Mutex<Gathered>>, bell: SyncSender<()>) -> impl Fn(notify::Result<Event>) {
    move |event| {
        let mut gathered = lock(&gathered);
        match event {
            Ok(event) if event.need_rescan() => gathered.changes = Changes::Anything,
            Ok(event) if is_change(&event) => {
                for path in event.paths {
                    let path = as_we_call_it(path, &gathered.real);
                    gathered.changes.add(|| path);
                }
            }
            Ok(_) => return,
            // Something may have been lost.
            Err(_) => gathered.changes = Changes::Anything,
        }
        // Full: it has been rung already.
        let _ = bell.try_send(());
    }
}

/// Whether something was written. Reading is no change: we read ourselves, and would wake ourselves for ever.
fn is_change(event: &Event) -> bool {
    !matches!(event.kind, EventKind::Access(kind) if kind != AccessKind::Close(AccessMode::Write))
}

fn as_we_call_it(path: PathBuf, real: &[(PathBuf, PathBuf)]) -> PathBuf {
    let below = real.iter().find_map(|(real, root)| Some(root.join(path.strip_prefix(real).ok()?)));
    below.unwrap_or(path)
}

/// Tells of each burst of changes once it was gathered, until the watch is dropped.
fn tell(rung: &Receiver<()>, gathered: &Mutex<Gathered>, on_change: &OnChange) {
    while rung.recv().is_ok() {
        thread::sleep(GATHERED_FOR);
        let changes = mem::take(&mut lock(gathered).changes);
        if !changes.is_empty() {
            on_change(changes);
        }
    }
}

fn lock(gathered: &Mutex<Gathered>) -> MutexGuard<'_, Gathered> {
    gathered.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::time::Duration;

    use super::*;

    const PATIENCE: Duration = Duration::from_secs(20);

    /// Watches `root`.
    fn watch(root: &Path) -> (Trees, Receiver<Changes>) {
        let (tell, told) = mpsc::channel();
        let mut trees = Trees::new(Box::new(move |changes| drop(tell.send(changes))));
        trees.follow(vec![root.to_owned()]);
        (trees, told)
    }

    #[test]
    fn what_is_written_anywhere_in_a_tree_is_told_and_reading_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("p/q/s.jsonl");
        fs::create_dir_all(log.parent().unwrap()).unwrap();
        fs::write(&log, "{}\n").unwrap();
        let (trees, told) = watch(folder.path());
        assert_eq!(trees.watching()[folder.path()], Watching::Live);
        assert_eq!(fs::read(&log).unwrap(), b"{}\n");
        assert!(told.recv_timeout(GATHERED_FOR * 6).is_err(), "reading woke the watch");
        fs::write(&log, "{}\n{}\n").unwrap();
        assert_eq!(told.recv_timeout(PATIENCE).unwrap(), Changes::Paths([log].into()));
    }

    #[test]
    fn a_root_that_appears_or_is_replaced_is_watched_again() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("root");
        let (mut trees, told) = watch(&root);
        assert_eq!(trees.watching()[&root], Watching::Absent);
        for other in ["one", "another"] {
            // Made before the old one goes, so that it is surely another one.
            fs::create_dir(folder.path().join(other)).unwrap();
            drop(fs::remove_dir_all(&root));
            fs::rename(folder.path().join(other), &root).unwrap();
            trees.follow(vec![root.clone()]);
            while told.recv_timeout(GATHERED_FOR * 6).is_ok() {}
            fs::write(root.join("s.jsonl"), other).unwrap();
            assert_eq!(told.recv_timeout(PATIENCE).unwrap(), Changes::Paths([root.join("s.jsonl")].into()));
        }
        trees.renew(vec![root.clone()]);
        fs::write(root.join("t.jsonl"), "").unwrap();
        assert_eq!(told.recv_timeout(PATIENCE).unwrap(), Changes::Paths([root.join("t.jsonl")].into()));
    }

    #[test]
    fn paths_are_told_as_we_call_them_though_the_system_resolves_links() {
        let real = [(PathBuf::from("/private/var/logs"), PathBuf::from("/var/logs"))];
        let told = |path: &str| as_we_call_it(path.into(), &real);
        assert_eq!(told("/private/var/logs/p/s.jsonl"), PathBuf::from("/var/logs/p/s.jsonl"));
        assert_eq!(told("/elsewhere/s.jsonl"), PathBuf::from("/elsewhere/s.jsonl"));
    }
}
