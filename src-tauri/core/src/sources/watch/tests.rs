use std::collections::HashSet;
use std::fs;
#[cfg(target_os = "linux")]
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver};

use tempfile::TempDir;

use super::*;

/// How long to wait for what is to come.
const PATIENCE: Duration = Duration::from_secs(20);
/// Long enough for what would be told to be told.
const A_WHILE: Duration = Duration::from_millis(900);

struct Watched {
    home: TempDir,
    places: Places,
    watch: Watch,
    told: Receiver<Changes>,
}

impl Watched {
    /// With these folders below home when watching begins.
    fn with(folders: &[&str]) -> Self {
        Self::after(|home| folders.iter().for_each(|folder| fs::create_dir_all(home.join(folder)).unwrap()))
    }

    /// After `prepare` was done with the home folder.
    fn after(prepare: impl FnOnce(&Path)) -> Self {
        let home = tempfile::tempdir().unwrap();
        let places = Places::of_user([("HOME".into(), home.path().into())], None, None).unwrap();
        prepare(home.path());
        let (tell, told) = mpsc::channel();
        let watch = Watch::start(&places, move |changes| drop(tell.send(changes)));
        Self { home, places, watch, told }
    }

    fn path(&self, below: &str) -> PathBuf {
        self.home.path().join(below)
    }

    fn write(&self, below: &str) {
        fs::write(self.path(below), "{}\n").unwrap();
    }

    fn watching(&self, root: &str) -> Watching {
        self.watch.roots()[&self.path(root)].clone()
    }

    /// Waits until all of these were told; gives all that was.
    fn told(&self, files: &[&str]) -> HashSet<PathBuf> {
        let wanted: HashSet<_> = files.iter().map(|file| self.path(file)).collect();
        let mut told = HashSet::new();
        while !wanted.is_subset(&told) {
            match self.told.recv_timeout(PATIENCE) {
                Ok(Changes::Paths(paths)) => told.extend(paths),
                other => panic!("{other:?} instead of {wanted:?}, after {told:?}"),
            }
        }
        told
    }

    fn quiet(&self) {
        while self.told.recv_timeout(A_WHILE).is_ok() {}
    }
}

#[test]
fn an_appended_line_is_told_with_its_file_and_nothing_else() {
    let watched = Watched::with(&[".claude/projects/p", ".claude/projects/q"]);
    watched.write(".claude/projects/p/s.jsonl");
    assert_eq!(watched.told(&[".claude/projects/p/s.jsonl"]), [watched.path(".claude/projects/p/s.jsonl")].into());
    assert_eq!(watched.watching(".claude/projects"), Watching::Live);
}

#[test]
fn a_root_that_appears_later_is_watched_from_the_next_poll_on() {
    let mut watched = Watched::with(&[]);
    assert_eq!(watched.watching(".codex/sessions"), Watching::Absent);
    fs::create_dir_all(watched.path(".codex/sessions")).unwrap();
    watched.watch.follow(&watched.places);
    assert_eq!(watched.watching(".codex/sessions"), Watching::Live);
    watched.write(".codex/sessions/r.jsonl");
    watched.told(&[".codex/sessions/r.jsonl"]);
}

#[test]
fn t13_reading_is_not_noticed_as_a_change() {
    let watched = Watched::after(|home| {
        fs::create_dir_all(home.join(".claude/projects/p")).unwrap();
        fs::write(home.join(".claude/projects/p/s.jsonl"), "{}\n").unwrap();
    });
    let log = watched.path(".claude/projects/p/s.jsonl");
    for _ in 0..5 {
        assert_eq!(fs::read_dir(log.parent().unwrap()).unwrap().count(), 1);
        assert_eq!(fs::read(&log).unwrap(), b"{}\n");
    }
    assert!(watched.told.recv_timeout(A_WHILE).is_err(), "reading woke the watch");
    watched.write(".claude/projects/p/s.jsonl");
    watched.told(&[".claude/projects/p/s.jsonl"]);
}

#[test]
fn a_root_that_is_removed_and_made_again_is_watched_again() {
    let mut watched = Watched::with(&[".claude/projects", "other"]);
    let root = watched.path(".claude/projects");
    // Another folder in its place, made before the old one goes, so that it is surely another one.
    fs::remove_dir(&root).unwrap();
    fs::rename(watched.path("other"), &root).unwrap();
    watched.watch.follow(&watched.places);
    watched.quiet();
    watched.write(".claude/projects/s.jsonl");
    watched.told(&[".claude/projects/s.jsonl"]);
}

#[test]
fn what_is_written_into_new_folders_at_once_is_told() {
    let watched = Watched::with(&[".codex/sessions"]);
    for day in 0..20 {
        fs::create_dir_all(watched.path(&format!(".codex/sessions/2026/12/{day}"))).unwrap();
        watched.write(&format!(".codex/sessions/2026/12/{day}/r.jsonl"));
    }
    let files: Vec<_> = (0..20).map(|day| format!(".codex/sessions/2026/12/{day}/r.jsonl")).collect();
    watched.told(&files.iter().map(String::as_str).collect::<Vec<_>>());
    watched.quiet();
    watched.write(".codex/sessions/2026/12/7/later.jsonl");
    watched.told(&[".codex/sessions/2026/12/7/later.jsonl"]);
}

#[test]
fn a_folder_that_is_renamed_is_told_and_watched_under_its_new_name() {
    let watched = Watched::with(&[".claude/projects/old/below"]);
    watched.write(".claude/projects/old/below/s.jsonl");
    watched.told(&[".claude/projects/old/below/s.jsonl"]);
    fs::rename(watched.path(".claude/projects/old"), watched.path(".claude/projects/new")).unwrap();
    watched.told(&[".claude/projects/new/below/s.jsonl"]);
    watched.quiet();
    watched.write(".claude/projects/new/below/t.jsonl");
    assert_eq!(
        watched.told(&[".claude/projects/new/below/t.jsonl"]),
        [watched.path(".claude/projects/new/below/t.jsonl")].into()
    );
}

#[test]
fn a_continuous_writer_is_told_of_while_it_writes() {
    let watched = Watched::with(&[".claude/projects/p"]);
    let file = watched.path(".claude/projects/p/s.jsonl");
    let (stop, stopped) = mpsc::channel::<()>();
    let writer = std::thread::spawn(move || {
        let mut lines = 0_u64;
        while stopped.try_recv() == Err(mpsc::TryRecvError::Empty) {
            lines += 1;
            fs::write(&file, lines.to_string()).unwrap();
        }
        lines
    });
    for _ in 0..5 {
        watched.told(&[".claude/projects/p/s.jsonl"]);
    }
    drop(stop);
    let lines = writer.join().unwrap();
    assert!(lines > 100, "{lines} writes were five bursts");
}

#[test]
#[cfg(target_os = "linux")]
fn t25_linked_roots_and_folders_are_watched_through_and_each_once() {
    let watched = Watched::after(|home| {
        fs::create_dir_all(home.join("disk/claude/projects/p")).unwrap();
        fs::create_dir_all(home.join("other-disk/big")).unwrap();
        symlink(home.join("disk/claude"), home.join(".claude")).unwrap();
        symlink(home.join("other-disk/big"), home.join("disk/claude/projects/big")).unwrap();
        // In circles, and to nothing.
        symlink(home.join("disk/claude/projects"), home.join("disk/claude/projects/p/up")).unwrap();
        symlink(home.join("nowhere"), home.join("disk/claude/projects/dangling")).unwrap();
    });
    assert_eq!(watched.watching(".claude/projects"), Watching::Live);
    fs::write(watched.path("other-disk/big/s.jsonl"), "{}\n").unwrap();
    let told = watched.told(&[".claude/projects/big/s.jsonl"]);
    assert_eq!(told, [watched.path(".claude/projects/big/s.jsonl")].into(), "once, as it is called below the root");
    fs::write(watched.path("disk/claude/projects/p/s.jsonl"), "{}\n").unwrap();
    assert_eq!(watched.told(&[".claude/projects/p/s.jsonl"]), [watched.path(".claude/projects/p/s.jsonl")].into());
}

#[test]
#[cfg(target_os = "linux")]
fn t25_a_link_that_appears_and_goes_is_followed_and_dropped() {
    let watched = Watched::with(&[".claude/projects", "elsewhere"]);
    fs::write(watched.path("elsewhere/before.jsonl"), "{}\n").unwrap();
    symlink(watched.path("elsewhere"), watched.path(".claude/projects/link")).unwrap();
    watched.told(&[".claude/projects/link/before.jsonl"]);
    fs::write(watched.path("elsewhere/s.jsonl"), "{}\n").unwrap();
    watched.told(&[".claude/projects/link/s.jsonl"]);
    fs::remove_file(watched.path(".claude/projects/link")).unwrap();
    watched.quiet();
    fs::write(watched.path("elsewhere/s.jsonl"), "{}\n{}\n").unwrap();
    assert!(watched.told.recv_timeout(A_WHILE).is_err(), "what no link leads to is not watched");
}

#[test]
fn t20_after_a_sleep_everything_is_watched_anew() {
    let mut watched = Watched::with(&[".claude/projects/p"]);
    watched.watch.renew(&watched.places);
    watched.write(".claude/projects/p/s.jsonl");
    watched.told(&[".claude/projects/p/s.jsonl"]);
    assert_eq!(watched.watching(".claude/projects"), Watching::Live);
}
