//! Watching against the real limits of Linux. Each test runs once more in a user namespace of its own, in which it is
//! root and sets them for itself alone.
//!
//! What we make of a limit is checked without any namespace, beside the code. That the kernel keeps to what we take for
//! its limits is checked only here, so a machine without namespaces fails these tests, and says how to get them: a check
//! that is skipped looks like one that passed.

use std::collections::HashSet;
use std::fs;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant, SystemTime};

use rustix::fs::inotify;
use spendmeter_core::places::Places;
use spendmeter_core::sources::watch::{Changes, Watch, Watching};
use tempfile::TempDir;

const PATIENCE: Duration = Duration::from_secs(30);
/// Long enough for what would be told to be told.
const A_WHILE: Duration = Duration::from_millis(900);

/// Set for the test that runs inside of the namespace.
const INSIDE: &str = "SPENDMETER_TEST_IS_INSIDE";

/// Runs `test` of this file once more, in a user namespace, after the shell command `prepare`; true in there.
#[expect(clippy::disallowed_methods, reason = "the test tells itself where it runs")]
fn inside(test: &str, prepare: &str) -> bool {
    if std::env::var_os(INSIDE).is_some() {
        return true;
    }
    let namespace = |script: &str| {
        let mut unshare = Command::new("unshare");
        unshare.args(["--user", "--map-root-user", "--mount", "--", "sh", "-ec", script]);
        unshare
    };
    let refused = match namespace(prepare).output() {
        Ok(output) if output.status.success() => None,
        Ok(output) => Some(String::from_utf8_lossy(&output.stderr).trim().to_owned()),
        Err(cause) => Some(format!("cannot run `unshare`, which is in the package util-linux: {cause}")),
    };
    if let Some(refused) = refused {
        panic!(
            "this test needs a user namespace and got none: {refused}. {}",
            why_no_namespace(Path::new("/proc/sys"))
        );
    }
    let again = namespace(&format!("{prepare}; exec \"$0\" \"$@\""))
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", &format!("watch::{test}"), "--nocapture"])
        .env(INSIDE, "yes")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&again.stdout);
    assert!(again.status.success() && said.contains("1 passed"), "{said}{}", String::from_utf8_lossy(&again.stderr));
    false
}

/// What keeps user namespaces from people, as the kernel's `settings` say, and what to do about it.
fn why_no_namespace(settings: &Path) -> String {
    let is = |name: &str, value: &str| {
        fs::read_to_string(settings.join(name.replace('.', "/"))).is_ok_and(|text| text.trim() == value)
    };
    for (name, forbids, permits) in [
        ("user.max_user_namespaces", "0", "10000"),
        ("kernel.unprivileged_userns_clone", "0", "1"),
        ("kernel.apparmor_restrict_unprivileged_userns", "1", "0"),
    ] {
        if is(name, forbids) {
            return format!("The kernel's setting {name} = {forbids} forbids it: `sudo sysctl {name}={permits}`");
        }
    }
    "No setting of the kernel forbids it, so it is the container: start it with `--security-opt seccomp=unconfined \
     --security-opt systempaths=unconfined`, or with `--privileged`"
        .into()
}

#[test]
fn a_machine_without_namespaces_says_how_to_get_them() {
    let settings = tempfile::tempdir().unwrap();
    for folder in ["user", "kernel"] {
        fs::create_dir(settings.path().join(folder)).unwrap();
    }
    fs::write(settings.path().join("user/max_user_namespaces"), "96364\n").unwrap();
    assert!(why_no_namespace(settings.path()).contains("it is the container"));
    fs::write(settings.path().join("kernel/apparmor_restrict_unprivileged_userns"), "1\n").unwrap();
    let said = why_no_namespace(settings.path());
    assert!(said.ends_with("`sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0`"), "{said}");
    fs::write(settings.path().join("user/max_user_namespaces"), "0\n").unwrap();
    assert!(why_no_namespace(settings.path()).contains("sysctl user.max_user_namespaces="));
}

/// Sets a limit of the namespace.
fn limit(name: &str, value: u32) -> String {
    format!("echo {value} > /proc/sys/user/max_inotify_{name}")
}

struct Watched {
    home: TempDir,
    places: Places,
    watch: Watch,
    told: Receiver<Changes>,
}

impl Watched {
    fn after(prepare: impl FnOnce(&Path)) -> Self {
        let home = tempfile::tempdir().unwrap();
        let places = Places::of_user([("HOME".into(), home.path().into())], None, None).unwrap();
        prepare(&home.path().join(".claude/projects"));
        let (tell, told) = mpsc::channel();
        let watch = Watch::start(&places, move |changes| drop(tell.send(changes)));
        Self { home, places, watch, told }
    }

    fn root(&self) -> PathBuf {
        self.home.path().join(".claude/projects")
    }

    fn watching(&self) -> Watching {
        self.watch.roots()[&self.root()].clone()
    }

    fn follow(&mut self) {
        self.watch.follow(&self.places);
    }

    /// Writes into a file and waits until it is told.
    fn is_told_of(&self, file: &str) {
        let file = self.root().join(file);
        fs::write(&file, "{}\n").unwrap();
        let is_it = |changes: &Changes| matches!(changes, Changes::Paths(paths) if paths.contains(&file));
        while !is_it(&self.told.recv_timeout(PATIENCE).expect("the change is told")) {}
    }

    /// Writes into a file and makes sure that it is not told.
    fn is_not_told_of(&self, file: &str) {
        let file = self.root().join(file);
        fs::write(&file, "{}\n").unwrap();
        while let Ok(changes) = self.told.recv_timeout(A_WHILE) {
            assert!(matches!(&changes, Changes::Paths(paths) if !paths.contains(&file)), "{changes:?}");
        }
    }
}

/// Project folders with a log in each, number 0 the one that changed longest ago.
fn projects(root: &Path, count: u64) {
    for number in 0..count {
        let folder = root.join(format!("p{number}"));
        fs::create_dir_all(&folder).unwrap();
        let changed = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000 + number);
        let log = fs::File::create(folder.join("s.jsonl")).unwrap();
        log.set_modified(changed).unwrap();
        fs::File::open(&folder).unwrap().set_modified(changed).unwrap();
    }
}

/// Watches that this process holds, as the kernel lists them.
fn held() -> u64 {
    let files = fs::read_dir("/proc/self/fdinfo").unwrap().flatten();
    let lists = files.filter_map(|file| fs::read_to_string(file.path()).ok());
    lists.map(|list| list.lines().filter(|line| line.starts_with("inotify wd:")).count() as u64).sum()
}

/// Another program of the same user, say an editor, that holds `count` watches while it lives.
fn neighbour(folder: &Path, count: u64) -> OwnedFd {
    let neighbour = inotify::init(inotify::CreateFlags::CLOEXEC).unwrap();
    for number in 0..count {
        let own = folder.join(format!("editor-{number}"));
        fs::create_dir_all(&own).unwrap();
        inotify::add_watch(&neighbour, own, inotify::WatchFlags::DELETE_SELF).unwrap();
    }
    neighbour
}

#[test]
fn t25_of_thousands_of_folders_an_eighth_of_the_limit_is_watched_where_agents_write() {
    let test = "t25_of_thousands_of_folders_an_eighth_of_the_limit_is_watched_where_agents_write";
    if !inside(test, &limit("watches", 8_000)) {
        return;
    }
    let mut watched = Watched::after(|root| {
        fs::create_dir_all(root.join("p5/below")).unwrap();
        fs::File::open(root.join("p5/below")).unwrap().set_modified(SystemTime::UNIX_EPOCH).unwrap();
        projects(root, 3_000);
    });
    assert_eq!(held(), 1_000, "8,000 ÷ 8");
    let Watching::Polled { watched: live, polled, reason } = watched.watching() else { panic!("not all are watched") };
    assert_eq!((live, polled), (1_000, 2_002), "3,000 projects, one folder below and the one above them");
    assert!(reason.contains("user.max_inotify_watches = 8000"), "{reason}");

    watched.is_told_of("p2999/s.jsonl");
    watched.is_told_of("p2001/s.jsonl");
    watched.is_not_told_of("p2000/s.jsonl");
    // Found by the poll, it has the watch of the one that changed longest ago.
    watched.follow();
    assert_eq!(held(), 1_000);
    watched.is_told_of("p2000/s.jsonl");
    watched.is_told_of("p2001/s.jsonl");
    watched.is_not_told_of("p2002/s.jsonl");

    // A new folder does not wait for the poll.
    fs::create_dir(watched.root().join("new")).unwrap();
    watched.is_told_of("new/s.jsonl");
    while watched.told.recv_timeout(A_WHILE).is_ok() {}
    watched.is_told_of("new/s.jsonl");
    assert_eq!(held(), 1_000);

    // What has no watch is not kept in mind when it is gone: told by the folder above it, or found by the poll.
    let polled = |watched: &Watched| match watched.watching() {
        Watching::Polled { polled, .. } => polled,
        other => panic!("{other:?}"),
    };
    assert_eq!(polled(&watched), 2_003);
    fs::remove_dir_all(watched.root().join("p0")).unwrap();
    while watched.told.recv_timeout(A_WHILE).is_ok() {}
    assert_eq!(polled(&watched), 2_002);
    fs::remove_dir(watched.root().join("p5/below")).unwrap();
    watched.follow();
    assert_eq!((held(), polled(&watched)), (1_000, 2_001));
}

#[test]
fn t25_when_the_system_refuses_what_is_watched_stays_and_the_rest_is_polled() {
    if !inside("t25_when_the_system_refuses_what_is_watched_stays_and_the_rest_is_polled", &limit("watches", 800)) {
        return;
    }
    let elsewhere = tempfile::tempdir().unwrap();
    let editor = neighbour(elsewhere.path(), 760);
    let mut watched = Watched::after(|root| projects(root, 60));
    assert_eq!(held(), 800, "all that there are");
    let Watching::Polled { watched: live, polled, reason } = watched.watching() else { panic!("not all are watched") };
    assert_eq!((live, polled), (40, 21));
    assert!(reason.contains("(user.max_inotify_watches = 800) is reached"), "{reason}");
    watched.is_told_of("p59/s.jsonl");
    watched.is_not_told_of("p3/s.jsonl");
    watched.follow();
    watched.is_told_of("p3/s.jsonl");
    assert_eq!(held(), 800, "it has a watch that was ours, and nobody else's");

    drop(editor);
    watched.follow();
    assert_eq!(watched.watching(), Watching::Live);
    assert_eq!(held(), 61);
    watched.is_told_of("p4/s.jsonl");
}

#[test]
fn t25_without_any_notification_all_is_polled_until_there_is_one() {
    if !inside("t25_without_any_notification_all_is_polled_until_there_is_one", &limit("instances", 0)) {
        return;
    }
    let mut watched = Watched::after(|root| projects(root, 5));
    let Watching::Polled { watched: 0, polled: 6, reason } = watched.watching() else { panic!("none is watched") };
    assert!(reason.contains("user.max_inotify_instances = 0"), "{reason}");
    watched.is_not_told_of("p1/s.jsonl");
    fs::write("/proc/sys/user/max_inotify_instances", "8").unwrap();
    watched.follow();
    assert_eq!(watched.watching(), Watching::Live);
    watched.is_told_of("p1/s.jsonl");
}

#[test]
fn t25_a_disk_that_is_unplugged_and_comes_back_is_watched_again() {
    if !inside("t25_a_disk_that_is_unplugged_and_comes_back_is_watched_again", "true") {
        return;
    }
    let disk = tempfile::tempdir().unwrap();
    let run = |command: &str, arguments: &[&str]| {
        let status = Command::new(command).args(arguments).arg(disk.path()).status().unwrap();
        assert!(status.success(), "{command}");
    };
    let plug_in = || {
        run("mount", &["-t", "tmpfs", "disk"]);
        fs::create_dir_all(disk.path().join("projects/p")).unwrap();
    };
    plug_in();
    let mut watched = Watched::after(|root| {
        let claude = root.parent().unwrap();
        fs::create_dir_all(claude).unwrap();
        std::os::unix::fs::symlink(disk.path().join("projects"), root).unwrap();
    });
    watched.is_told_of("p/s.jsonl");
    run("umount", &[]);
    watched.follow();
    assert_eq!(watched.watching(), Watching::Absent);
    plug_in();
    watched.follow();
    assert_eq!(watched.watching(), Watching::Live);
    watched.is_told_of("p/s.jsonl");
    // Between two polls, so that it looks as if it had never been gone.
    run("umount", &[]);
    plug_in();
    while watched.told.recv_timeout(A_WHILE).is_ok() {}
    watched.follow();
    watched.is_told_of("p/s.jsonl");
    run("umount", &[]);
}

#[test]
fn t25_what_comes_to_light_below_a_disk_that_is_unplugged_is_watched() {
    if !inside("t25_what_comes_to_light_below_a_disk_that_is_unplugged_is_watched", "true") {
        return;
    }
    let mut mounted = PathBuf::new();
    let watched = Watched::after(|root| {
        mounted = root.join("p0");
        projects(root, 1);
        let mount = Command::new("mount").args(["-t", "tmpfs", "disk"]).arg(&mounted).status().unwrap();
        assert!(mount.success());
    });
    watched.is_told_of("p0/on-disk.jsonl");
    assert!(Command::new("umount").arg(&mounted).status().unwrap().success());
    while watched.told.recv_timeout(A_WHILE).is_ok() {}
    watched.is_told_of("p0/s.jsonl");
}

#[test]
fn a_storm_of_changes_is_told_once_per_burst() {
    let watched = Watched::after(|root| projects(root, 1));
    let began = Instant::now();
    for number in 0..4_000 {
        fs::write(watched.root().join(format!("p0/{number}.jsonl")), "{}\n").unwrap();
    }
    // And what was under way when the writing ended.
    let bursts = began.elapsed().as_millis() / 150 + 3;
    let mut told = vec![watched.told.recv_timeout(PATIENCE).unwrap()];
    while let Ok(changes) = watched.told.recv_timeout(A_WHILE) {
        told.push(changes);
    }
    assert!(told.len() as u128 <= bursts, "{} for {bursts} bursts", told.len());
}

#[test]
fn t25_every_folder_that_is_within_our_share_has_one_watch_and_is_told_of() {
    if !inside("t25_every_folder_that_is_within_our_share_has_one_watch_and_is_told_of", &limit("watches", 24_008)) {
        return;
    }
    let mut watched = Watched::after(|root| projects(root, 3_000));
    assert_eq!((held(), watched.watching()), (3_001, Watching::Live));
    // Once more is not twice.
    watched.follow();
    assert_eq!((held(), watched.watching()), (3_001, Watching::Live));
    let mut told = HashSet::new();
    // Below the number of files that are told apart.
    for part in 0..6 {
        for number in part * 500..(part + 1) * 500 {
            fs::write(watched.root().join(format!("p{number}/s.jsonl")), "{}\n").unwrap();
        }
        while told.len() < (part + 1) * 500 {
            match watched.told.recv_timeout(PATIENCE).unwrap() {
                Changes::Paths(paths) => told.extend(paths),
                Changes::Anything => panic!("500 files at a time are told apart"),
            }
        }
    }
    let files: HashSet<_> = (0..3_000).map(|number| watched.root().join(format!("p{number}/s.jsonl"))).collect();
    assert_eq!(told, files);
    fs::remove_dir_all(watched.root()).unwrap();
    watched.follow();
    assert_eq!((held(), watched.watching()), (0, Watching::Absent));
}
