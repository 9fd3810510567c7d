//! Watching on macOS and Windows: the system watches whole trees, whatever their size.
//!
//! It does not follow links inside of a tree. A tree with one that leads out of it is polled.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::{io, mem};

use file_id::FileId;
use notify::event::{AccessKind, AccessMode};
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use walkdir::WalkDir;

use super::{Changes, GATHERED_FOR, OnChange, Watching};
use crate::sources::is_ours;

/// The trees below all roots.
#[derive(Debug)]
pub(super) struct Trees {
    watcher: notify::Result<RecommendedWatcher>,
    roots: BTreeMap<PathBuf, Root>,
    gathered: Arc<Mutex<Gathered>>,
    /// Passes on what was gathered.
    teller: io::Result<JoinHandle<()>>,
}

#[derive(Debug)]
struct Root {
    /// Another folder at the same path has to be watched anew.
    identity: Option<FileId>,
    /// By the system.
    watching: Watching,
    /// A link in there leads out of it.
    leads_out: bool,
}

/// What was told and not yet passed on.
#[derive(Debug, Default)]
struct Gathered {
    changes: Changes,
    /// Something happened to a link.
    links: bool,
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
        let teller = thread::Builder::new().name("watch".into()).spawn(move || tell(&rung, &told, &on_change));
        Self { watcher, roots: BTreeMap::new(), gathered, teller }
    }

    pub(super) fn follow(&mut self, roots: Vec<PathBuf>) -> bool {
        let mut found = false;
        let links = mem::take(&mut lock(&self.gathered).links);
        for path in roots {
            let identity = file_id::get_file_id(&path).ok().filter(|_| path.exists());
            let known = self.roots.get_mut(&path);
            if let Some(root) = known
                && root.watching == Watching::Live
                && root.identity == identity
            {
                // One that goes is told by a name at which nothing is.
                root.leads_out = (links || root.leads_out) && leads_out(&path);
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
            let leads_out = watching == Watching::Live && leads_out(&path);
            self.roots.insert(path, Root { identity, watching, leads_out });
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
        let polled = |reason: &str| Watching::Polled { watched: 0, polled: 1, reason: reason.into() };
        let is_told = self.teller.as_ref().is_ok_and(|teller| !teller.is_finished());
        let watching = |root: &Root| match &root.watching {
            Watching::Live if !is_told => polled("nobody listens to the system any more; start Spendmeter anew"),
            Watching::Live if root.leads_out => {
                polled("a link in there leads elsewhere, and the system tells nothing of what is there")
            }
            other => other.clone(),
        };
        self.roots.iter().map(|(path, root)| (path.clone(), watching(root))).collect()
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
                    gathered.links |= path.is_symlink();
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

/// Whether a link below `root` leads to something that is not in there, or to nothing yet.
fn leads_out(root: &Path) -> bool {
    let Ok(real) = root.canonicalize() else { return false };
    let entries = WalkDir::new(root).min_depth(1).into_iter().filter_entry(|entry| is_ours(entry.file_name()));
    let mut links = entries.flatten().filter(walkdir::DirEntry::path_is_symlink);
    links.any(|link| !link.path().canonicalize().is_ok_and(|target| target.starts_with(&real)))
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
    #[cfg(unix)]
    fn t25_a_tree_with_a_link_that_leads_out_of_it_is_polled_while_it_does() {
        use std::os::unix::fs::symlink;
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("root");
        fs::create_dir_all(root.join("p")).unwrap();
        for file in ["elsewhere.jsonl", "root/s.jsonl"] {
            fs::write(folder.path().join(file), "").unwrap();
        }
        symlink(root.join("s.jsonl"), root.join("p/inside.jsonl")).unwrap();
        symlink(folder.path().join("elsewhere.jsonl"), root.join("p/outside.jsonl")).unwrap();
        let (mut trees, told) = watch(&root);
        let reason = |trees: &Trees| match &trees.watching()[&root] {
            Watching::Polled { reason, .. } => reason.clone(),
            other => format!("{other:?}"),
        };
        assert!(reason(&trees).contains("a link in there leads elsewhere"), "{}", reason(&trees));
        fs::remove_file(root.join("p/outside.jsonl")).unwrap();
        trees.follow(vec![root.clone()]);
        assert_eq!(reason(&trees), "Live");
        while told.recv_timeout(GATHERED_FOR * 6).is_ok() {}
        // One that appears later.
        symlink(folder.path().join("elsewhere.jsonl"), root.join("later.jsonl")).unwrap();
        told.recv_timeout(PATIENCE).unwrap();
        trees.follow(vec![root.clone()]);
        assert!(reason(&trees).contains("a link in there leads elsewhere"), "{}", reason(&trees));
    }

    #[test]
    fn a_thread_that_is_gone_does_not_leave_its_trees_as_live() {
        let folder = tempfile::tempdir().unwrap();
        let mut trees = Trees::new(Box::new(|_| panic!("a mistake, as the test wants it")));
        trees.follow(vec![folder.path().to_owned()]);
        assert_eq!(trees.watching()[folder.path()], Watching::Live);
        fs::write(folder.path().join("s.jsonl"), "").unwrap();
        let deadline = std::time::Instant::now() + PATIENCE;
        while trees.watching()[folder.path()] == Watching::Live && std::time::Instant::now() < deadline {
            thread::sleep(Duration::from_millis(15));
        }
        assert!(matches!(&trees.watching()[folder.path()], Watching::Polled { reason, .. } if reason.contains("anew")));
    }

    #[test]
    fn paths_are_told_as_we_call_them_though_the_system_resolves_links() {
        let real = [(PathBuf::from("/private/var/logs"), PathBuf::from("/var/logs"))];
        let told = |path: &str| as_we_call_it(path.into(), &real);
        assert_eq!(told("/private/var/logs/p/s.jsonl"), PathBuf::from("/var/logs/p/s.jsonl"));
        assert_eq!(told("/elsewhere/s.jsonl"), PathBuf::from("/elsewhere/s.jsonl"));
    }
}
